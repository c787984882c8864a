//! `page[number]` and `page[size]`, or the original's `page` and `per_page` (design 2, decision 14; K75, K77).

use super::fault;
use crate::jsonapi::{Fault, Json};

/// The size of a page where the client does not say (`mpdx-behaviour.md` 3.7).
const DEFAULT_SIZE: u64 = 25;

/// The largest size of a page.
const LARGEST_SIZE: u64 = 10_000;

/// Which page of a collection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Page {
    number: Option<u64>,
    size: Option<u64>,
}

impl Page {
    /// The number of the page, from 1, which is the default.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number.unwrap_or(1)
    }

    /// How many resources a page has: 1 to 10,000, by default 25.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size.unwrap_or(DEFAULT_SIZE)
    }

    /// How many resources lie before the page.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.number().saturating_sub(1).saturating_mul(self.size())
    }

    /// The number, if the client sent one.
    #[must_use]
    pub fn sent_number(&self) -> Option<u64> {
        self.number
    }

    /// The size, if the client sent one.
    #[must_use]
    pub fn sent_size(&self) -> Option<u64> {
        self.size
    }

    /// # Errors
    /// A value that is no positive integer, or a number that was already sent in the other spelling.
    pub(super) fn read_number(&mut self, parameter: &str, value: &str) -> Result<(), Fault> {
        let number = positive(parameter, value)?;
        match self.number.replace(number) {
            Some(_) => Err(fault(parameter, "gives the number of the page a second time")),
            None => Ok(()),
        }
    }

    /// # Errors
    /// As [`Self::read_number`], or a size above the largest, which the fault's `meta` tells as the cursor
    /// pagination profile does (K77).
    pub(super) fn read_size(&mut self, parameter: &str, value: &str) -> Result<(), Fault> {
        let size = positive(parameter, value)?;
        if size > LARGEST_SIZE {
            let largest = Json::Number(LARGEST_SIZE.to_string());
            let page = Json::Object(vec![("maxSize".to_owned(), largest)]);
            return Err(fault(
                parameter,
                &format!("is larger than {LARGEST_SIZE}, the largest size of a page"),
            )
            .with_meta(Json::Object(vec![("page".to_owned(), page)])));
        }
        match self.size.replace(size) {
            Some(_) => Err(fault(parameter, "gives the size of the page a second time")),
            None => Ok(()),
        }
    }
}

fn positive(parameter: &str, value: &str) -> Result<u64, Fault> {
    // Rust's reader also takes a plus sign.
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    let number = value.parse().ok().filter(|number| digits && *number > 0);
    number.ok_or_else(|| fault(parameter, "must be a positive integer"))
}
