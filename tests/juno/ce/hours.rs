//! `juno.md` 1.5: hours are read and written exactly.

use proptest::prelude::*;
use steward::jsonapi::{Code, Json};
use steward::juno::ce::{Hours, SomeHours, Status, Total};

use super::{hours, some};
use crate::property::cases;

fn number(text: &str) -> Json {
    Json::Number(text.to_owned())
}

/// How a number and a string of this text are refused: alike.
fn refused(text: &str) -> Code {
    let codes = [number(text), text.into()].map(|sent| Hours::read(&sent).expect_err(text).code);
    assert_eq!(codes[0], codes[1], "{text}");
    codes[0]
}

#[test]
fn every_value_is_written_in_its_shortest_text_and_read_back() {
    for hundredths in 0..=9999 {
        let value = Hours::from_hundredths(hundredths).expect("in range");
        let text = value.to_string();
        assert_eq!(text, (f64::from(hundredths) / 100.0).to_string(), "as other languages write it");
        assert_eq!(Json::from(value), number(&text));
        assert_eq!(Hours::read(&number(&text)), Ok(value));
        assert_eq!(Hours::read(&format!("{}.{:02}", hundredths / 100, hundredths % 100).into()), Ok(value));
    }
}

#[test]
fn numbers_and_numeric_strings_are_read_alike() {
    for (text, hundredths) in
        [("0", 0), ("0.0", 0), ("10", 1000), ("1.5", 150), ("1.50", 150), ("0.05", 5), ("99.99", 9999)]
    {
        for sent in [number(text), text.into()] {
            assert_eq!(Hours::read(&sent).map(Hours::hundredths), Ok(hundredths), "{text}");
        }
    }
}

#[test]
fn more_than_two_decimals_exponents_and_whatever_is_no_number_are_refused() {
    for text in [
        "1.005", "1.500", "1e1", "1E1", "1.5e0", "NaN", "Infinity", "", " 1", "1 ", "+1", "1.", ".5", ".",
        "01", "1,5", "1.5.0", "--1", "0x10", "１",
    ] {
        assert_eq!(refused(text), Code::Invalid, "{text}");
    }
}

#[test]
fn negative_and_too_many_hours_are_refused() {
    for text in ["-1", "-0.01", "-0", "100", "100.00", "2147483648", "99999999999999999999999.5"] {
        assert_eq!(refused(text), Code::OutOfRange, "{text}");
    }
    assert_eq!(Hours::from_hundredths(-1), None);
    assert_eq!(Hours::from_hundredths(10_000), None);
}

#[test]
fn hours_that_are_no_text_and_no_number_are_refused() {
    for sent in [Json::Null, true.into(), Json::Array(vec![number("1")]), Json::Object(vec![])] {
        assert_eq!(Hours::read(&sent).expect_err("refused").code, Code::WrongType, "{sent:?}");
    }
}

#[test]
fn zero_negative_or_huge_activity_hours_are_refused() {
    for text in ["0", "0.00", "-1", "100"] {
        let message = SomeHours::read(&number(text)).expect_err(text);
        assert_eq!(message.code, Code::OutOfRange, "{text}");
    }
    for text in ["0.01", "99.99"] {
        assert_eq!(SomeHours::read(&text.into()), Ok(some(text)));
    }
}

#[test]
fn a_sum_has_no_bound() {
    let sum: Total = std::iter::repeat_n(some("99.99"), 1_000_000).sum();
    assert_eq!(sum.to_string(), "99990000");
    assert_eq!(sum.capped(hours("99.99")), hours("99.99"));
    assert_eq!(sum.above(hours("0.5")).map(|above| above.to_string()).as_deref(), Some("99989999.5"));
    let sum: Total = [some("0.01"), some("0.1")].into_iter().sum();
    assert_eq!((sum.capped(hours("1")), sum.above(hours("0.11"))), (hours("0.11"), None));
}

#[test]
fn null_is_not_the_status_none_and_the_four_texts_are_all() {
    assert_eq!(Status::read(&Json::Null).expect_err("refused").code, Code::WrongType);
    assert_eq!(Status::ALL.map(Status::as_str), ["None", "Open", "Ready", "Done"]);
    for status in Status::ALL {
        assert_eq!(Status::read(&status.into()), Ok(status));
        assert_eq!(Json::from(status), status.as_str().into());
    }
    for text in ["none", "OPEN", "", "null", " Done", "Claimed"] {
        assert_eq!(Status::read(&text.into()).expect_err(text).code, Code::Invalid);
    }
}

proptest! {
    #![proptest_config(cases(2048))]

    #[test]
    fn whatever_is_read_is_what_the_text_says(text in "-?[0-9]{1,3}(\\.[0-9]{0,3})?([eE][0-9])?|\\PC{0,6}") {
        let Ok(value) = Hours::read(&text.as_str().into()) else { return Ok(()) };
        let exact: f64 = text.parse().expect("a number");
        prop_assert_eq!(value.to_string(), exact.to_string());
        prop_assert!(value.hundredths() <= 9999);
    }
}
