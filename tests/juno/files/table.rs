//! Tables (CSV).

use std::io::Write as _;
use std::process::Stdio;

use serde_json::json;

use super::Imported;
use crate::juno::Site;
use crate::support::program::steward;

#[actix_web::test]
async fn a_table_has_a_column_for_each_field_dimension_and_the_tags() {
    let site = Site::new();
    site.dimension(json!({ "name": "Medical School" })).await;
    for name in ["Main Stage", "Side Stage"] {
        site.tag(name, "2").await;
    }
    let text = "\u{feff}first_name, email,timezone,banned,points,client_id,postal_code,date_created,tags,dimension:medical_school\r\n\
                John,j@x.co,-25200,TRUE,120,00125,00501,2022-11-03,Main Stage; 2,\"University of Washington, Seattle\"\r\n";
    let imported = site.import(&[], text);
    imported.assert(1, 0, 0, 0);
    let shown = site.flat("juno_users/1").await;
    for (name, expected) in [
        ("timezone", json!(-25200)),
        ("banned", json!(true)),
        ("points", json!(120)),
        ("client_id", json!("00125")),
        ("postal_code", json!("00501")),
        ("date_created", json!("2022-11-03T00:00:00")),
        ("city", json!(null)),
        (
            "dimensions",
            json!([{ "id": 1000, "name": "Medical School", "value": "University of Washington, Seattle" }]),
        ),
    ] {
        assert_eq!(shown[name], expected, "{name}");
    }
    let tags: Vec<_> = shown["tags"].as_array().expect("tags").iter().map(|tag| &tag["name"]).collect();
    assert_eq!(tags, ["Main Stage", "Side Stage"]);
}

#[actix_web::test]
async fn an_empty_cell_says_nothing_and_other_dimensions_keep_their_values() {
    let site = Site::new();
    for name in ["One", "Two"] {
        site.dimension(json!({ "name": name })).await;
    }
    let text = "first_name,email,city,dimension:one,dimension:two\nJohn,j@x.co,Rome,1,2\n";
    site.import(&[], text).assert(1, 0, 0, 0);
    site.import(&["--match=email"], text).assert(0, 0, 1, 0);
    let text = "email,city,tags,dimension:one,dimension:two\nj@x.co,,,,3\n";
    site.import(&["--match=email"], text).assert(0, 1, 0, 0);
    let shown = site.flat("juno_users/1").await;
    assert_eq!(shown["city"], "Rome");
    let values: Vec<_> =
        shown["dimensions"].as_array().expect("values").iter().map(|one| &one["value"]).collect();
    assert_eq!(values, ["1", "3"]);
}

#[actix_web::test]
async fn a_row_that_is_refused_is_told_with_its_line_and_column_and_the_others_go_on() {
    let site = Site::new();
    site.dimension(json!({ "name": "Page", "value_type": "url" })).await;
    let text = b"first_name,email,timezone,tags,dimension:page,address\n\
        A,a@x.co,1,,,\n\
        B,b@x.co,,,,\"1 Street\nTown\"\n\
        C,c@x.co,,Nowhere,,\n\
        D,d@x.co,,,no page,\n\
        E,e@x.co\n\
        F\xff,f@x.co,,,,\n\
        G,g@x.co,,,https://g.example,\n";
    let imported = site.import(&[], text);
    imported.assert(2, 0, 0, 5);
    let told = imported.told();
    assert_eq!(told.len(), 5, "{told:?}");
    for (line, expected) in told.iter().zip([
        "line 2: invalid /timezone: ",
        "line 5: unknown_tag /tags: ",
        "line 6: invalid /dimension:page: ",
        "line 7: invalid: The row has 2 cells and not 6.",
        "line 8: invalid: The row is not valid UTF-8.",
    ]) {
        assert!(line.starts_with(expected), "{expected}: {told:?}");
    }
}

#[actix_web::test]
async fn a_table_with_a_column_that_is_unknown_is_not_begun() {
    let site = Site::new();
    for (header, told) in [
        ("first_name,email,colour", "the column `colour` is no field of a user"),
        ("first_name,email,dimension:x", "the column `dimension:x`: no dimension has the key `x`"),
        ("first_name,email,email", "the column `email` is there twice"),
    ] {
        let failure = site.import(&[], format!("{header}\nA,a@x.co,1\n")).failure();
        assert!(failure.trim_end().ends_with(told), "{failure}");
    }
    assert_eq!(site.get("juno_users").await.json()["meta"]["total"], 0);
}

#[actix_web::test]
async fn standard_input_is_read_where_the_file_is_a_dash() {
    for (flags, text) in [
        (&[][..], "first_name,email\nA,a@x.co\n"),
        (&["--flat"][..], "{ \"first_name\": \"A\", \"email\": \"a@x.co\" }"),
    ] {
        let site = Site::new();
        let mut command = steward(&site.app.place.url());
        let command = command.args(["juno", "import-users"]).args(flags).arg("-");
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        child.stdin.take().expect("its input").write_all(text.as_bytes()).expect("sent");
        Imported(child.wait_with_output().expect("the end")).assert(1, 0, 0, 0);
        assert_eq!(site.flat("juno_users/1").await["first_name"], "A");
    }
}

#[actix_web::test]
async fn what_is_no_text_or_not_named_is_told() {
    let site = Site::new();
    let failure = site.import_flat(&[], b"{ \"first_name\": \"\xff\" }").failure();
    assert!(failure.trim_end().ends_with("is not valid UTF-8 (at byte 17)"), "{failure}");
    for wrong in [&["juno", "import-users"][..], &["juno", "import-users", "a.csv", "--flat", "b.json"]] {
        let output = steward(&site.app.place.url()).args(wrong).output().expect("the program runs");
        assert_eq!(output.status.code(), Some(2), "{output:?}");
    }
}
