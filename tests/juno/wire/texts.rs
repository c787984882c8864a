//! Fields that are texts (`juno.md` 1.2).

use serde_json::{Value, json};

use super::with_john;
use crate::juno::{Site, pointers};

async fn takes(site: &Site, field: &str, sent: impl Into<Value>, shown: impl Into<Value>) {
    let (sent, shown) = (sent.into(), shown.into());
    assert_eq!(site.set(json!({ field: sent })).await.assert_ok()[field], shown, "{field}: {sent}");
    assert_eq!(site.flat("juno_users/1").await[field], shown, "{field}: {sent}");
}

async fn refuses(site: &Site, field: &str, sent: impl Into<Value>, code: &str) {
    let sent = sent.into();
    let answer = site.set(json!({ field: sent })).await;
    answer.assert_refused(400, &[code]);
    assert_eq!(pointers(&answer), [format!("/data/attributes/{field}")], "{sent}");
}

#[actix_web::test]
async fn names_are_trimmed_and_composed_and_the_first_is_never_null() {
    let site = with_john().await;
    takes(&site, "first_name", "  Jose\u{301} ", "José").await;
    takes(&site, "first_name", "x".repeat(255), "x".repeat(255)).await;
    refuses(&site, "first_name", "x".repeat(256), "too_long").await;
    refuses(&site, "first_name", "a\u{7}b", "invalid").await;
    refuses(&site, "first_name", json!(null), "blank").await;
    refuses(&site, "first_name", " ", "blank").await;
    refuses(&site, "first_name", json!(1), "wrong_type").await;
    takes(&site, "last_name", " McLane", "McLane").await;
    refuses(&site, "last_name", "x".repeat(256), "too_long").await;
    takes(&site, "last_name", json!(null), json!(null)).await;
}

#[actix_web::test]
async fn texts_are_trimmed_and_composed_a_blank_one_is_null_and_numbers_are_refused() {
    let site = with_john().await;
    for field in [
        "designation",
        "title",
        "job_type",
        "company",
        "address",
        "city",
        "state_province",
        "postal_code",
        "country",
    ] {
        takes(&site, field, " Lt\u{e9} ", "Lté").await;
        refuses(&site, field, json!(90067), "wrong_type").await;
        refuses(&site, field, json!(true), "wrong_type").await;
        refuses(&site, field, "x".repeat(256), "too_long").await;
        takes(&site, field, "", json!(null)).await;
        takes(&site, field, "Lt", "Lt").await;
        takes(&site, field, json!(null), json!(null)).await;
    }
    takes(&site, "postal_code", "00501", "00501").await;
    takes(&site, "address", "2121 Avenue\nof the Stars", "2121 Avenue\nof the Stars").await;
    takes(&site, "country", "Narnia", "Narnia").await;
}

#[actix_web::test]
async fn an_address_has_one_at_sign_and_is_kept_as_it_was_typed() {
    let site = with_john().await;
    takes(&site, "email", " JMcLane@DieHard.com ", "JMcLane@DieHard.com").await;
    for bad in ["jmclane", "a@b@c", "@diehard.com", "jmclane@"] {
        refuses(&site, "email", bad, "invalid").await;
    }
    refuses(&site, "email", format!("a@{}.example", "b".repeat(250)), "too_long").await;
    refuses(&site, "email", json!(null), "blank").await;
    refuses(&site, "email", "", "blank").await;
    refuses(&site, "email", json!(7), "wrong_type").await;
    assert_eq!(site.shown().await["email"], "JMcLane@DieHard.com");
}

#[actix_web::test]
async fn a_phone_number_is_kept_verbatim_and_is_no_json_number() {
    let site = with_john().await;
    for number in ["123-555-4321", "+1 (310) 555.0199 x4", "01234", "ext. 7"] {
        takes(&site, "phone", number, number).await;
    }
    refuses(&site, "phone", json!(1_235_554_321), "wrong_type").await;
    takes(&site, "phone", "1".repeat(64), "1".repeat(64)).await;
    refuses(&site, "phone", "1".repeat(65), "too_long").await;
    takes(&site, "phone", json!(null), json!(null)).await;
}

#[actix_web::test]
async fn urls_are_absolute_ones_of_the_web_and_shown_verbatim() {
    let site = with_john().await;
    for (field, url) in [
        ("avatar", "https://nakatomiplaza.com/avatar.png"),
        ("website", "https://junolive.co"),
        ("linkedin", "https://www.linkedin.com/in/jmclane/"),
        ("twitter", "https://twitter.com/jmclanenypd"),
        ("facebook", "https://www.facebook.com/john.mclane"),
        ("instagram", "https://www.instagram.com/jmclane/"),
    ] {
        takes(&site, field, url, url).await;
        takes(&site, field, "HTTP://elsewhere.example/x?y#z", "HTTP://elsewhere.example/x?y#z").await;
        for bad in ["junolive.co", "ftp://junolive.co", "javascript:alert(1)", "https://", "/x"] {
            refuses(&site, field, bad, "invalid").await;
        }
        refuses(&site, field, format!("https://x.example/{}", "x".repeat(2048)), "too_long").await;
        refuses(&site, field, json!(1), "wrong_type").await;
        takes(&site, field, json!(null), json!(null)).await;
    }
}
