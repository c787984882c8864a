//! Texts as JUNO's resources keep and compare them.

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

/// Longest text, in characters.
pub(super) const LONGEST: usize = 255;

/// A text without white space around it, composed (NFC); `None` where it has a control character other than a tab or a
/// new line.
pub(super) fn clean(text: &str) -> Option<String> {
    let text = ComposingNormalizerBorrowed::new_nfc().normalize(text.trim()).into_owned();
    let is_odd = |c: char| c.is_control() && !matches!(c, '\t' | '\n');
    (!text.chars().any(is_odd)).then_some(text)
}

/// A clean text as names are compared, whatever their case. Through the upper case, in which `ß` is `SS`.
pub(crate) fn folded(text: &str) -> String {
    let folded = text.to_uppercase().to_lowercase();
    ComposingNormalizerBorrowed::new_nfc().normalize(&folded).into_owned()
}

/// What of a name is left for programs: `Médical School!` → `medical_school`. Begins with a letter.
pub(super) fn key_of(name: &str, longest: usize) -> String {
    let plain = DecomposingNormalizerBorrowed::new_nfkd().normalize(name).to_lowercase();
    let mut key = String::new();
    for c in plain.chars() {
        if c.is_ascii_alphanumeric() {
            key.push(c);
        } else if (c.is_ascii() || c.is_whitespace()) && !key.ends_with('_') && !key.is_empty() {
            key.push('_');
        }
    }
    if !key.starts_with(|c: char| c.is_ascii_lowercase()) {
        key.insert_str(0, "dimension_");
    }
    key.chars().take(longest).collect::<String>().trim_end_matches('_').to_owned()
}
