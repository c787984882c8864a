//! `juno.md` 3.2 once more, as differently as it can be written: plain numbers and words, a claim's snapshot instead of the
//! program, one list of refusals. It shares no code with `src/`.

use std::collections::BTreeMap;

use super::script::{Asked, Rules, Step};

/// A claim: its hours, its time, and what was when it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    pub hours: i32,
    pub at: i64,
    pub credits: i32,
    pub percent: i32,
    pub earned: i32,
    pub is_void: bool,
}

#[derive(Clone, Debug)]
pub struct Reference {
    pub rules: Rules,
    pub now: i64,
    is_published: bool,
    attended: BTreeMap<u8, i32>,
    taken: Vec<Taken>,
}

/// All that is seen of a record; hours in hundredths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub status: String,
    pub credits: i32,
    pub percent: i32,
    pub required: i32,
    pub earned: i32,
    pub uncounted: String,
    pub claimed: i32,
    pub claimed_at: Option<i64>,
    pub claims: Vec<Taken>,
    pub by_user: bool,
}

impl Reference {
    pub fn new(rules: Rules, is_published: bool) -> Self {
        Self { rules, now: 0, is_published, attended: BTreeMap::new(), taken: Vec::new() }
    }

    fn valid(&self) -> Option<Taken> {
        self.taken.iter().copied().find(|taken| !taken.is_void)
    }

    fn credits(&self) -> i32 {
        self.valid().map_or(self.rules.credits, |taken| taken.credits)
    }

    fn percent(&self) -> i32 {
        self.valid().map_or(self.rules.percent, |taken| taken.percent)
    }

    fn sum(&self) -> i64 {
        self.attended.values().map(|hours| i64::from(*hours)).sum()
    }

    fn earned(&self) -> i32 {
        i32::try_from(self.sum().min(i64::from(self.credits()))).expect("hours")
    }

    /// Whole percents of the credits are enough to compare with whole percents.
    fn is_enough(&self) -> bool {
        self.credits() == 0 || self.earned() * 100 / self.credits() >= self.percent()
    }

    fn is_open_now(&self) -> bool {
        let (opens, closes) = (self.rules.opens.unwrap_or(i64::MIN), self.rules.closes.unwrap_or(i64::MAX));
        (opens..closes).contains(&self.now)
    }

    fn status(&self) -> &'static str {
        match (self.valid().is_some(), self.is_published, self.is_enough() && self.is_open_now()) {
            (true, ..) => "Done",
            (_, false, _) => "None",
            (_, _, true) => "Ready",
            _ => "Open",
        }
    }

    pub fn seen(&self) -> Seen {
        let above = (self.sum() - i64::from(self.credits())).max(0);
        let mut uncounted = format!("{}.{:02}", above / 100, above % 100);
        uncounted.truncate(uncounted.trim_end_matches('0').trim_end_matches('.').len());
        let valid = self.valid();
        Seen {
            status: self.status().to_owned(),
            credits: self.credits(),
            percent: self.percent(),
            required: (0..=self.credits()).nth(self.required()).expect("in range"),
            earned: self.earned(),
            uncounted,
            claimed: valid.map_or(0, |taken| taken.hours),
            claimed_at: valid.map(|taken| taken.at),
            claims: self.taken.clone(),
            by_user: self.status() != "None",
        }
    }

    fn required(&self) -> usize {
        usize::try_from(self.credits() * self.percent()).expect("hours").div_ceil(100)
    }

    /// What the hours of a claim are; `None` where none are named.
    pub fn asked(&self, asked: Asked) -> Option<i32> {
        match asked {
            Asked::Nothing => None,
            Asked::Hundredths(hours) => Some(hours),
            Asked::Beside(more) => Some((self.earned() + more).clamp(0, 9999)),
        }
    }

    /// Does a step, and tells what is answered: a word, or a code.
    pub fn take(&mut self, step: Step) -> &'static str {
        match step {
            Step::Attend { source, hundredths } => self.attend(source, hundredths),
            Step::Delete { source } => {
                if self.attended.remove(&source).is_some() {
                    "deleted"
                } else {
                    "not there"
                }
            }
            Step::Claim { by_user, asked } => self.claim(by_user, self.asked(asked)),
            Step::Reopen => match self.taken.iter_mut().find(|taken| !taken.is_void) {
                Some(taken) => {
                    taken.is_void = true;
                    "reopened"
                }
                None => "ce_invalid_transition",
            },
            Step::Set(to) => self.set(to.as_str()),
            Step::Window(opens, closes) => {
                if let (Some(opens), Some(closes)) = (opens, closes)
                    && opens >= closes
                {
                    return "out_of_range";
                }
                (self.rules.opens, self.rules.closes) = (opens, closes);
                "set"
            }
            Step::Credits(credits) => {
                self.rules.credits = credits;
                "set"
            }
            Step::Percent(percent) => {
                self.rules.percent = percent;
                "set"
            }
            Step::Parts { partial, step } => {
                (self.rules.partial, self.rules.step) = (partial, step);
                "set"
            }
            Step::Clock(now) => {
                self.now = now;
                "set"
            }
        }
    }

    fn attend(&mut self, source: u8, hours: i32) -> &'static str {
        let before = self.attended.get(&source).copied();
        let after = before.unwrap_or_default().max(hours);
        self.attended.insert(source, after);
        match before {
            None => "new",
            Some(before) if before == after => "unchanged",
            Some(_) => "grown",
        }
    }

    fn set(&mut self, to: &str) -> &'static str {
        let from = self.status();
        if from == to || (from, to) == ("Ready", "Open") {
            return "unchanged";
        }
        let is_row = [("None", "Open"), ("Open", "None"), ("Ready", "None")].contains(&(from, to));
        if !is_row {
            return "ce_invalid_transition";
        }
        self.is_published = to == "Open";
        "changed"
    }

    fn claim(&mut self, by_user: bool, asked: Option<i32>) -> &'static str {
        let (status, earned, Rules { credits, percent, partial, step, .. }) =
            (self.status(), self.earned(), self.rules);
        let hours = asked.unwrap_or(earned);
        let refusals = [
            (status == "Done", "ce_already_claimed"),
            (status == "None" && by_user, "not_found"),
            (status == "None" || !self.is_enough(), "ce_not_ready"),
            (status == "Open", "ce_claim_closed"),
            (hours != earned && !partial, "invalid"),
            (hours > earned, "hours_exceed_earned"),
            (hours != earned && hours % step != 0, "invalid"),
            (hours == 0 && credits > 0, "nothing_to_claim"),
        ];
        if let Some((_, code)) = refusals.into_iter().find(|(holds, _)| *holds) {
            return code;
        }
        self.taken.push(Taken { hours, at: self.now, credits, percent, earned, is_void: false });
        "claimed"
    }
}
