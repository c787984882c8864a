//! Tickets of a CAS server.

use serde_json::json;
use steward::config::SignInFlags;

use super::{app, sign_in, user, users};
use crate::support::app::STAMP;
use crate::support::provider::cas::{SERVICE, cas, cas_flags, failure, success};
use crate::support::provider::{Reply, Server};

#[actix_web::test]
async fn a_ticket_is_answered_as_documented_and_never_cached() {
    let server = cas(&[("ST-1", success("finn", ""))]);
    let app = app(&cas_flags(&server));
    let answer = sign_in(&app, json!({ "cas_ticket": "ST-1" })).await;
    assert_eq!(answer.status, 200, "not 201");
    let token = answer.json()["data"]["attributes"]["json_web_token"].clone();
    let expected = format!(
        "{{\"data\":{{\"id\":\"user::authenticate\",\"type\":\"authenticate\",\"attributes\":{{\"created_at\":\"{STAMP}\",\
         \"json_web_token\":{token},\"updated_at\":null,\"updated_in_db_at\":null}}}}}}"
    );
    assert_eq!(answer.text(), expected);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let service: String = form_urlencoded::byte_serialize(SERVICE.as_bytes()).collect();
    assert_eq!(server.asked(), [format!("/cas/p3/serviceValidate?service={service}&ticket=ST-1")]);
}

#[actix_web::test]
async fn a_refused_ticket_is_401_in_the_words_of_the_server() {
    let server = cas(&[("ST-odd", failure("UNAUTHORIZED_SERVICE", "no &lt;b&gt; for\u{85} you"))]);
    let app = app(&cas_flags(&server));
    let answer = sign_in(&app, json!({ "cas_ticket": "ST-1856" })).await;
    answer.assert_refused(401, &["sign_in_refused"]);
    assert_eq!(answer.error()["detail"], "INVALID_TICKET: Ticket 'ST-1856' not recognized");
    let answer = sign_in(&app, json!({ "cas_ticket": "ST-odd" })).await;
    answer.assert_refused(401, &["sign_in_refused"]);
    assert_eq!(answer.error()["detail"], "UNAUTHORIZED_SERVICE: no <b> for  you", "one line");
    assert_eq!(users(&app), 1, "nobody was made");
}

#[actix_web::test]
async fn a_ticket_can_not_add_parameters_to_the_question() {
    let server = cas(&[("ST-1", success("finn", ""))]);
    let app = app(&cas_flags(&server));
    let ticket = "ST-1&service=https://evil.example&x=#\r\nHost: evil";
    sign_in(&app, json!({ "cas_ticket": ticket })).await.assert_refused(401, &["sign_in_refused"]);
    let asked = server.asked();
    let query = asked[0].split_once('?').expect("a query").1;
    let parameters: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(parameters, [pair("service", SERVICE), pair("ticket", ticket)]);
}

#[actix_web::test]
async fn an_attribute_that_is_named_knows_the_user_and_his_name_never_stands_in_for_it() {
    let guid = "<cas:ssoGuid>F167605D-94A4</cas:ssoGuid><cas:firstName>Finn</cas:firstName>\
                <cas:lastName>Storm</cas:lastName><cas:email>finn@example.com</cas:email>";
    let server = cas(&[
        ("ST-1", success("finn@example.com", guid)),
        ("ST-2", success("new-name@example.com", guid)),
        ("ST-3", success("finn@example.com", "<cas:ssoGuid>another</cas:ssoGuid>")),
        ("ST-4", success("F167605D-94A4", "")),
    ]);
    let app = app(&SignInFlags { cas_subject: Some("ssoGuid".to_owned()), ..cas_flags(&server) });
    let first = user(&app, json!({ "cas_ticket": "ST-1" })).await;
    assert_eq!(first["attributes"]["first_name"], "Finn");
    assert_eq!(first["attributes"]["last_name"], "Storm");
    assert_eq!(user(&app, json!({ "cas_ticket": "ST-2" })).await["id"], first["id"]);
    assert_ne!(user(&app, json!({ "cas_ticket": "ST-3" })).await["id"], first["id"]);
    let answer = sign_in(&app, json!({ "cas_ticket": "ST-4" })).await;
    answer.assert_refused(503, &["provider_unavailable"]);
    assert_eq!(users(&app), 3);
}

#[actix_web::test]
async fn answers_that_are_none_are_503_and_let_nobody_in() {
    let bomb = "<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">\
                <!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>";
    let file = "<!DOCTYPE a [<!ENTITY a SYSTEM \"file:///etc/hostname\">]>";
    let tickets = [
        ("bomb", format!("{bomb}{}", success("&c;", ""))),
        ("file", format!("{file}{}", success("&a;", ""))),
        ("unknown entity", success("&a;", "")),
        ("deep", "<a>".repeat(15_000)),
        ("many", format!("<a>{}</a>", "<b/>".repeat(10_000))),
        ("large", success(&"a".repeat(70_000), "")),
        ("long name", success(&"a".repeat(300), "")),
        ("no name", success(" ", "")),
        ("a name with a comment in its middle", success("finn<!-- x -->.evil", "")),
        ("neither", "<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\"/>".to_owned()),
        ("another namespace", success("finn", "").replace("www.yale.edu", "evil.example")),
        ("not XML", "yes\nfinn\n".to_owned()),
        ("nothing", String::new()),
        ("its own fault", failure("INTERNAL_ERROR", "the registry is down")),
    ];
    let server = cas(&tickets);
    let app = app(&cas_flags(&server));
    for (ticket, _) in &tickets {
        let answer = sign_in(&app, json!({ "cas_ticket": ticket })).await;
        assert_eq!(answer.status, 503, "{ticket}: {}", answer.text());
        answer.assert_refused(503, &["provider_unavailable"]);
        assert!(answer.header("retry-after").is_some());
        assert!(!answer.text().contains("finn"), "nothing of the answer is told: {}", answer.text());
    }
    assert_eq!(users(&app), 1);
}

#[actix_web::test]
async fn a_success_hidden_in_a_failure_lets_nobody_in() {
    let both = failure("INVALID_TICKET", "no").replace(
        "</cas:serviceResponse>",
        "<cas:authenticationSuccess><cas:user>finn</cas:user></cas:authenticationSuccess></cas:serviceResponse>",
    );
    let nested = failure("INVALID_TICKET", &success("finn", ""));
    let comment = "<!--".to_owned() + &success("finn", "") + "-->" + &failure("INVALID_TICKET", "no");
    let server = cas(&[("both", both), ("nested", nested), ("comment", comment)]);
    let app = app(&cas_flags(&server));
    for ticket in ["both", "nested", "comment"] {
        sign_in(&app, json!({ "cas_ticket": ticket })).await.assert_refused(401, &["sign_in_refused"]);
    }
}

#[actix_web::test]
async fn a_server_that_fails_or_leads_elsewhere_or_is_gone_is_503_with_a_time_to_try_again() {
    let elsewhere = cas(&[("ST-1", success("finn", ""))]);
    let location = format!("Location: {}/cas/p3/serviceValidate?ticket=ST-1\r\n", elsewhere.url);
    for reply in
        [Reply::Empty(302, location.clone()), Reply::Empty(307, location), Reply::Empty(500, String::new())]
    {
        let server = Server::start(move |_| reply.clone());
        let app = app(&cas_flags(&server));
        let answer = sign_in(&app, json!({ "cas_ticket": "ST-1" })).await;
        answer.assert_refused(503, &["provider_unavailable"]);
        assert!(answer.header("retry-after").is_some());
    }
    assert_eq!(elsewhere.asked(), Vec::<String>::new(), "nobody was led there");
    let gone = Server::start(|_| Reply::Never);
    let flags = cas_flags(&gone);
    drop(gone);
    let mut refused = flags.clone();
    // A port on which nobody listens.
    refused.cas_url = Some("http://127.0.0.1:1/cas".to_owned());
    sign_in(&app(&refused), json!({ "cas_ticket": "ST-1" }))
        .await
        .assert_refused(503, &["provider_unavailable"]);
}

#[actix_web::test]
async fn a_server_that_never_answers_is_given_up_and_the_database_is_not_waited_for_meanwhile() {
    let server = Server::start(|_| Reply::Never);
    let app = app(&SignInFlags { sign_in_timeout_ms: 300, ..cas_flags(&server) });
    let answers =
        futures_util::future::join_all((0..4).map(|_| sign_in(&app, json!({ "cas_ticket": "ST-1" }))));
    let (answers, shown) = futures_util::future::join(answers, app.get()).await;
    shown.assert_ok();
    for answer in answers {
        answer.assert_refused(503, &["provider_unavailable"]);
    }
}

#[actix_web::test]
async fn a_ticket_is_good_for_a_user_who_was_disabled_only_after_he_is_enabled_again() {
    use diesel::prelude::*;
    use steward::db::schema::people::dsl::{disabled, people};
    let server = cas(&[("ST-1", success("finn", ""))]);
    let app = app(&cas_flags(&server));
    user(&app, json!({ "cas_ticket": "ST-1" })).await;
    app.change(|connection| diesel::update(people).set(disabled.eq(true)).execute(connection));
    let answer = sign_in(&app, json!({ "cas_ticket": "ST-1" })).await;
    answer.assert_refused(401, &["sign_in_refused"]);
    assert_eq!(answer.error()["detail"], "The user is disabled.");
    app.change(|connection| diesel::update(people).set(disabled.eq(false)).execute(connection));
    user(&app, json!({ "cas_ticket": "ST-1" })).await;
    assert_eq!(users(&app), 2);
}
