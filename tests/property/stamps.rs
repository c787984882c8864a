//! The reader of times: mpdx-behaviour 2.3.

use chrono::{DateTime, FixedOffset, TimeZone as _, Utc};
use proptest::prelude::*;
use steward::clock::Stamp;
use steward::guard::stamp::{StampError, parse};

use super::cases;
use crate::support::app::{MADE_AT, stamp};

/// Forms of a time with a zone, as chrono formats them; Ruby reads each.
const WITH_ZONE: [&str; 9] = [
    "%Y-%m-%dT%H:%M:%S%:z",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%d %H:%M:%S %z",
    "%Y-%m-%d %H:%M:%S.%3f %:z",
    "%Y-%m-%dT%H:%M:%S,5%:z",
    "%a, %d %b %Y %H:%M:%S %z",
    "%d %B %Y %H:%M:%S %z",
    "%B %-d, %Y %I:%M:%S %p %z",
    "%Y%m%dT%H%M%S%z",
];

/// Forms of a time in UTC.
const IN_UTC: [&str; 12] = [
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%dt%H:%M:%Sz",
    "%Y-%m-%dT%H:%M:%S.999999999Z",
    "%Y-%m-%d %H:%M:%S UTC",
    "%Y-%m-%d %H:%M:%S",
    "%Y/%m/%d %H:%M:%S GMT",
    "%a, %d %b %Y %H:%M:%S GMT",
    "%a %b %e %H:%M:%S %Y",
    "%b %d %Y %H:%M:%S",
    "%Y%m%dT%H%M%SZ",
    "%Y%m%d%H%M%S",
    "  %Y-%m-%dT%H:%M:%SZ  ",
];

fn today() -> Stamp {
    stamp(MADE_AT)
}

/// Four digits of a year, so that no form is ambiguous.
fn moments() -> impl Strategy<Value = DateTime<Utc>> {
    (-30_000_000_000_i64..253_000_000_000)
        .prop_map(|seconds| Utc.timestamp_opt(seconds, 0).single().expect("a time"))
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn the_form_of_documents_is_read_as_its_neighbours_are(
        (year, month, day) in (0..10_000, 0..100, 0..100),
        (hour, minute, second) in (0..30, 0..70, 0..70),
    ) {
        let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
        prop_assert_eq!(parse(&text, today()), parse(&text.replace('Z', "z"), today()), "{}", text);
    }

    #[test]
    fn every_form_of_a_moment_is_read_as_that_moment(moment in moments(), minutes in -14 * 60..14 * 60_i32) {
        let zone = FixedOffset::east_opt(minutes * 60).expect("an offset");
        let local = moment.with_timezone(&zone);
        for form in WITH_ZONE {
            let text = local.format(form).to_string();
            prop_assert_eq!(parse(&text, today()).map(Stamp::moment), Ok(moment), "{}", text);
        }
        for form in IN_UTC {
            let text = moment.format(form).to_string();
            prop_assert_eq!(parse(&text, today()).map(Stamp::moment), Ok(moment), "{}", text);
        }
    }

    #[test]
    fn what_a_stamp_prints_is_read_as_that_stamp(moment in moments()) {
        let stamp = Stamp::new(moment).expect("a stamp");
        let text = stamp.to_string();
        prop_assert_eq!(text.len(), 20);
        prop_assert_eq!(parse(&text, today()), Ok(stamp));
        prop_assert_eq!(DateTime::parse_from_rfc3339(&text).expect("RFC 3339").to_utc(), moment);
    }

    #[test]
    fn no_text_is_a_panic_and_no_error_is_without_its_wording(text in "\\PC{0,40}|[0-9TZ:+. -]{0,30}") {
        match parse(&text, today()) {
            Ok(stamp) => prop_assert_eq!(parse(&stamp.to_string(), today()), Ok(stamp)),
            Err(error) => {
                let told = error.to_string();
                prop_assert!(told.starts_with("no time information in \"") || told == "argument out of range");
            }
        }
    }

    #[test]
    fn a_stamp_strictly_increases_whatever_the_clock_says(before in moments(), now in moments()) {
        let (before, now) = (Stamp::new(before).expect("a stamp"), Stamp::new(now).expect("a stamp"));
        let after = before.next(now);
        prop_assert!(after > before && after >= now);
        prop_assert!(after == now || after.seconds() == before.seconds() + 1);
    }
}

#[test]
fn a_date_is_its_midnight_and_a_time_is_todays() {
    for (text, moment) in [
        ("2022-01-12", "2022-01-12T00:00:00Z"),
        ("20220112", "2022-01-12T00:00:00Z"),
        ("Jan 12 2022", "2022-01-12T00:00:00Z"),
        ("12 Jan 2022", "2022-01-12T00:00:00Z"),
        ("17:18", "2022-01-12T17:18:00Z"),
        ("5:18:09 pm", "2022-01-12T17:18:09Z"),
        ("12:00 am", "2022-01-12T00:00:00Z"),
        ("2022-01-12T24:00:00Z", "2022-01-13T00:00:00Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("2022-01-12T17:18Z", "2022-01-12T17:18:00Z"),
        ("2022-01-12T17:18:09 PST", "2022-01-13T01:18:09Z"),
        ("2022-01-12T17:18:09 EDT", "2022-01-12T21:18:09Z"),
        ("2022-01-12T17:18:09-05", "2022-01-12T22:18:09Z"),
        ("12-Jan-22 17:18:09 GMT", "2022-01-12T17:18:09Z"),
        ("Wed Jan 12 17:18:09 UTC 2022", "2022-01-12T17:18:09Z"),
        ("Wed Jan 12 17:18:09 PST 2022", "2022-01-13T01:18:09Z"),
        ("Wed Jan 12 2022 17:18:09 GMT+0000 (Coordinated Universal Time)", "2022-01-12T17:18:09Z"),
        ("Thu Jan 13 2022 06:18:09 GMT+1300 (NZDT)", "2022-01-12T17:18:09Z"),
    ] {
        assert_eq!(parse(text, today()).map(|stamp| stamp.to_string()), Ok(moment.to_owned()), "{text}");
    }
}

#[test]
fn what_has_the_form_of_a_time_but_names_none_is_out_of_range() {
    for text in [
        "2022-13-01",
        "2022-00-01",
        "2022-02-30",
        "2022-01-32",
        "2022-01-01T25:00:00Z",
        "2022-01-01T24:00:01Z",
        "2022-01-01T00:60:00Z",
        "2022-01-01T00:00:61Z",
        "2022-01-01T00:00:00+24:00",
        "13:00 pm",
        "1642007889",
        "1",
        "99999999",
        "0000-01-01",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
    ] {
        assert_eq!(parse(text, today()), Err(StampError::OutOfRange), "{text}");
    }
}

#[test]
fn what_has_no_form_of_a_time_is_told_back_in_rubys_quotes() {
    for (text, quoted) in [
        ("", r#""""#),
        ("tomorrowish", r#""tomorrowish""#),
        ("a\"b\\c\nd", r#""a\"b\\c\nd""#),
        ("\u{1}", r#""\u0001""#),
        ("2022-01-12T17:18:09 XYZ", r#""2022-01-12T17:18:09 XYZ""#),
        ("2022-01-12T17:18:09Z trailing", r#""2022-01-12T17:18:09Z trailing""#),
        ("2022-01/12", r#""2022-01/12""#),
        ("2022-01-12T", r#""2022-01-12T""#),
        ("2022-01-12T17", r#""2022-01-12T17""#),
        ("2022-01-12T17:18:09.Z", r#""2022-01-12T17:18:09.Z""#),
        ("２０２２-01-12", r#""２０２２-01-12""#),
    ] {
        let told = parse(text, today()).map_err(|error| error.to_string());
        assert_eq!(told, Err(format!("no time information in {quoted}")), "{text}");
    }
    assert!(parse(&"2022-01-12 ".repeat(10), today()).is_err(), "long texts are not looked at");
}
