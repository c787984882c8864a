//! What a program asks for.

use steward::jsonapi::{Code, Json};
use steward::juno::ce::{Record, Status, Threshold, Window};

use super::{at, earned, hours, program, window};

#[test]
fn a_threshold_is_a_whole_number_of_percents() {
    let read = |text: &str| Threshold::read(&Json::Number(text.to_owned()));
    for (text, percent) in [("0", 0), ("60", 60), ("100", 100)] {
        assert_eq!(read(text).map(Threshold::percent), Ok(percent));
        assert_eq!(Json::from(read(text).expect("read")), Json::Number(text.to_owned()));
    }
    for text in ["-1", "101", "99999999999999999999"] {
        assert_eq!(read(text).expect_err(text).code, Code::OutOfRange);
    }
    for text in ["60.0", "0.5", "6e1"] {
        assert_eq!(read(text).expect_err(text).code, Code::Invalid);
    }
    for sent in [Json::Null, "60".into(), true.into()] {
        assert_eq!(Threshold::read(&sent).expect_err("refused").code, Code::WrongType);
    }
}

#[test]
fn the_window_opens_at_its_first_moment_and_closes_before_its_last() {
    let bounded = window(Some(10), Some(12));
    let within: Vec<i64> = (8..15).filter(|second| bounded.contains(at(*second))).collect();
    assert_eq!(within, [10, 11]);
    let from = window(Some(10), None);
    assert!(!from.contains(at(9)) && from.contains(at(10)) && from.contains(at(4_000_000_000)));
    let until = window(None, Some(12));
    assert!(until.contains(at(-4_000_000_000)) && until.contains(at(11)) && !until.contains(at(12)));
    assert!(Window::default().contains(at(0)));
}

#[test]
fn a_window_with_nothing_in_it_is_refused() {
    for closes in [9, 10] {
        let message = Window::new(Some(at(10)), Some(at(closes))).expect_err("refused");
        assert_eq!((message.code, &*message.text), (Code::OutOfRange, "must be later than claim_opens_at"));
    }
    assert!(Window::new(Some(at(10)), Some(at(11))).is_ok());
}

#[test]
fn of_a_fractional_requirement_not_a_hundredth_less_is_enough() {
    let program = program("1.50", 33);
    assert_eq!(earned("0.49").status(&program, at(0)), Status::Open);
    assert_eq!(earned("0.5").status(&program, at(0)), Status::Ready);
    assert_eq!(Record::new(true).required(&program), hours("0.5"), "0.495 is shown rounded up");
}

#[test]
fn what_is_shown_as_required_is_the_least_that_is_enough() {
    for credits in (0..=9999).step_by(7).chain([9999]) {
        for percent in 0..=100 {
            let program = program(&format!("{}.{:02}", credits / 100, credits % 100), percent);
            let (threshold, most) = (program.threshold, program.credits);
            let required = threshold.required(most);
            assert!(required <= most && threshold.is_met(required, most), "{program:?}");
            if let Some(less) = steward::juno::ce::Hours::from_hundredths(required.hundredths() - 1) {
                assert!(!threshold.is_met(less, most), "{program:?}");
            }
        }
    }
}
