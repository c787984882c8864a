//! Parts of the documentation that tests make, so that they can't go stale.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

static FILES: Mutex<()> = Mutex::new(());

/// Holds `made` against the part `name` of `docs/<file>.md`; writes it there where `STEWARD_WRITE_DOCS` is set.
pub fn check(file: &str, name: &str, made: &str) {
    let _one_at_a_time = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    let path = PathBuf::from(format!("docs/{file}.md"));
    let text = std::fs::read_to_string(&path).expect("the document");
    let begin = format!("<!-- made by a test: {name} -->\n");
    let (before, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("{begin} in {file}"));
    let (written, after) = rest.split_once("<!-- end -->").expect("the end of the part");
    if std::env::var_os("STEWARD_WRITE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{begin}{made}<!-- end -->{after}")).expect("the document");
    } else {
        assert_eq!(written, made, "docs/{file}.md: STEWARD_WRITE_DOCS=1 cargo test writes it anew");
    }
}
