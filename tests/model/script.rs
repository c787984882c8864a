//! What the users of the devices do, and what the network does to them. A script is made from a seed, and shrunk.

use std::fmt;

use proptest::prelude::*;
use serde_json::{Value, json};

/// Members of the user that are edited, as a conflict names them.
pub const MEMBERS: [&str; 5] =
    ["employer", "gender", "birthday_day", "preferences.locale", "preferences.a/b"];

/// A kind of rows with the attributes that are edited; the first is the one that a row must have.
pub struct Kind {
    pub name: &'static str,
    pub attributes: &'static [&'static str],
    /// Of these the server elects one row, so that an edit of one row changes another.
    pub elected: &'static [&'static str],
}

pub const KINDS: [Kind; 4] = [
    Kind { name: "websites", attributes: &["url", "primary"], elected: &[] },
    Kind {
        name: "email_addresses",
        attributes: &["email", "location", "historic", "primary"],
        elected: &["primary"],
    },
    Kind { name: "twitter_accounts", attributes: &["screen_name", "primary"], elected: &["primary"] },
    Kind { name: "linkedin_accounts", attributes: &["public_url"], elected: &[] },
];

/// Whether the server chooses which row of the kind has it.
pub fn is_elected(kind: &str, attribute: &str) -> bool {
    KINDS.iter().any(|known| known.name == kind && known.elected.contains(&attribute))
}

/// A value of a member or of an attribute of a row. There are few of each, so that devices often agree, and often
/// set what is there already.
pub fn value(name: &str, number: u8) -> Value {
    match name {
        "employer" | "location" if number == 0 => Value::Null,
        "birthday_day" | "preferences.a/b" => json!(number + 1),
        "primary" | "historic" => json!(number % 2 == 1),
        "url" | "public_url" => json!(format!("https://{number}.example")),
        "email" => json!(format!("{number}@example.com")),
        _ => json!(format!("v{number}")),
    }
}

/// A part of an edit. Rows are picked among those that the device shows.
#[derive(Clone, Debug)]
pub enum Part {
    Set { member: usize, value: u8 },
    Make { kind: usize, value: u8 },
    Change { kind: usize, pick: usize, attribute: usize, value: u8 },
    Delete { kind: usize, pick: usize, stamped: bool },
}

/// By which endpoint an edit is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Each resource by its own: one request for the user, one for each row.
    Own,
    /// Rows come nested in a PUT of the user.
    User,
    /// All in `POST /api/v2/operations`.
    Operations,
}

#[derive(Clone, Debug)]
pub struct Edit {
    pub parts: Vec<Part>,
    pub door: Door,
    pub overwrite: bool,
}

/// What the network does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Fine,
    RequestLost,
    AnswerLost,
    /// It arrives at both nodes at once.
    Twice,
    /// It arrives some time later, and nobody hears the answer.
    Late,
}

/// What a device does in a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Its user decides for what he has.
    KeepMine,
    TakeTheirs,
    /// It leaves to the server what does not contradict, and takes theirs where it does.
    Merge,
}

#[derive(Clone, Debug)]
pub struct Habits {
    /// Whether it sends an `Idempotency-Key` with each write.
    pub keyed: bool,
    pub policy: Policy,
    /// By how many seconds its clock is wrong.
    pub clock: i64,
}

/// What one device does at one time.
#[derive(Clone, Debug)]
pub enum Move {
    Edit(Edit),
    Pull,
}

#[derive(Clone, Debug)]
pub enum Step {
    /// An edit, and, where the device is online, an attempt to send what it has queued.
    Edit { device: usize, edit: Edit, online: Option<(usize, Fate)> },
    /// The device comes online: its queue, then a pull.
    Sync { device: usize, node: usize, fate: Fate },
    /// Two devices, each at its node, at once.
    Together { first: usize, moves: [Move; 2] },
    /// What the network has kept arrives, the latest first.
    Arrivals,
    /// The clock of the server is set.
    Clock(i64),
}

#[derive(Clone, Debug)]
pub struct Script {
    pub devices: Vec<Habits>,
    pub steps: Vec<Step>,
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, habits) in self.devices.iter().enumerate() {
            writeln!(f, "  device {number}: {habits:?}")?;
        }
        self.steps.iter().try_for_each(|step| writeln!(f, "  {step:?}"))
    }
}

fn part() -> impl Strategy<Value = Part> {
    let kind = || 0..KINDS.len();
    prop_oneof![
        5 => (0..MEMBERS.len(), 0..3_u8).prop_map(|(member, value)| Part::Set { member, value }),
        2 => (kind(), 0..3_u8).prop_map(|(kind, value)| Part::Make { kind, value }),
        4 => (kind(), 0..3_usize, 0..4_usize, 0..3_u8)
            .prop_map(|(kind, pick, attribute, value)| Part::Change { kind, pick, attribute, value }),
        1 => (kind(), 0..3_usize, any::<bool>())
            .prop_map(|(kind, pick, stamped)| Part::Delete { kind, pick, stamped }),
    ]
}

fn edit() -> impl Strategy<Value = Edit> {
    let door = prop_oneof![4 => Just(Door::Own), 2 => Just(Door::User), 2 => Just(Door::Operations)];
    (prop::collection::vec(part(), 1..4), door, prop::bool::weighted(0.08))
        .prop_map(|(parts, door, overwrite)| Edit { parts, door, overwrite })
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Fine),
        1 => Just(Fate::RequestLost),
        2 => Just(Fate::AnswerLost),
        1 => Just(Fate::Twice),
        1 => Just(Fate::Late),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let device = || 0..5_usize;
    let online = prop::option::weighted(0.6, (0..2_usize, fate()));
    let at_once = || prop_oneof![4 => edit().prop_map(Move::Edit), 1 => Just(Move::Pull)];
    prop_oneof![
        5 => (device(), edit(), online).prop_map(|(device, edit, online)| Step::Edit { device, edit, online }),
        2 => (device(), 0..2_usize, fate()).prop_map(|(device, node, fate)| Step::Sync { device, node, fate }),
        2 => (device(), at_once(), at_once()).prop_map(|(first, a, b)| Step::Together { first, moves: [a, b] }),
        1 => Just(Step::Arrivals),
        1 => (-600..600_i64).prop_map(Step::Clock),
    ]
}

fn habits() -> impl Strategy<Value = Habits> {
    let policy = prop_oneof![Just(Policy::KeepMine), Just(Policy::TakeTheirs), Just(Policy::Merge)];
    (any::<bool>(), policy, -300_000_000..300_000_000_i64).prop_map(|(keyed, policy, clock)| Habits {
        keyed,
        policy,
        clock,
    })
}

/// Mostly two devices and few steps: a defect that needs more is rare, and a run with less is quick.
pub fn script() -> impl Strategy<Value = Script> {
    let number = prop_oneof![6 => Just(2_usize), 2 => Just(3), 1 => Just(4), 1 => Just(5)];
    let all = prop::collection::vec(habits(), 5);
    (number, all, prop::collection::vec(step(), 2..9)).prop_map(|(number, mut devices, steps)| {
        devices.truncate(number);
        Script { devices, steps }
    })
}
