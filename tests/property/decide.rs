//! The guard's decision by itself: any state, any edit.

use std::collections::BTreeMap;

use proptest::prelude::*;
use steward::clock::Stamp;
use steward::guard::precondition::Conditions;
use steward::guard::{Applied, Base, Claim, Decision, Edit, Guarded, Member, decide};
use steward::jsonapi::{Code, Fault, Json, Pointer};

use super::cases;
use crate::support::app::stamp;

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// The smallest record that can be guarded: four numbers. It shares no code with the user.
#[derive(Clone, Debug, PartialEq)]
struct Record {
    version: i64,
    stamp: i64,
    values: [u8; 4],
    changed: [i64; 4],
}

type Changes = BTreeMap<usize, u8>;

/// A value that no record may have.
const FORBIDDEN: u8 = 7;

impl Guarded for Record {
    type Changes = Changes;

    fn version(&self) -> i64 {
        self.version
    }

    fn stamp(&self) -> Stamp {
        stamp(self.stamp)
    }

    fn shown(&self, member: &str) -> Json {
        let at = NAMES.iter().position(|name| *name == member).expect("a member");
        i32::from(self.values[at]).into()
    }

    fn changed_since(&self, base: Stamp) -> Vec<Member> {
        let newer = (0..4).filter(|at| self.changed[*at] > base.seconds());
        newer.map(|at| Member::Borrowed(NAMES[at])).collect()
    }

    fn written(&self, after: &Self) -> Vec<Member> {
        (0..4)
            .filter(|at| self.values[*at] != after.values[*at])
            .map(|at| Member::Borrowed(NAMES[at]))
            .collect()
    }

    fn changed(&self, after: &Self) -> Vec<Member> {
        self.written(after)
    }

    fn apply(&self, changes: &Changes, _: Stamp) -> Applied<Self> {
        let mut state = self.clone();
        for (at, value) in changes {
            state.values[*at] = *value;
        }
        let faults = changes.iter().filter(|(_, value)| **value == FORBIDDEN);
        let faults = faults
            .map(|(at, _)| Fault::attribute(Code::OutOfRange, NAMES[*at], "is forbidden", Pointer::root()));
        Applied { differs: state != *self, faults: faults.collect(), ignored: Vec::new(), state }
    }

    fn moved(&self, mut after: Self, changed: &[Member], now: Stamp) -> Self {
        after.version = self.version + 1;
        after.stamp = self.stamp().next(now).seconds();
        for member in changed {
            let at = NAMES.iter().position(|name| name == member).expect("a member");
            after.changed[at] = after.stamp;
        }
        after
    }
}

fn records() -> impl Strategy<Value = Record> {
    (1..9_i64, 50..60_i64, any::<[u8; 4]>(), prop::array::uniform4(40..60_i64)).prop_map(
        |(version, stamp, values, changed)| Record {
            version,
            stamp,
            values: values.map(|value| value % 4),
            changed: changed.map(|at| at.min(stamp)),
        },
    )
}

fn edits() -> impl Strategy<Value = Edit<Changes>> {
    let changes =
        prop::collection::btree_map(0..4_usize, prop_oneof![9 => 0..4_u8, 1 => Just(FORBIDDEN)], 0..4);
    let base = prop::option::weighted(0.9, 45..65_i64);
    (base, any::<bool>(), prop::bool::weighted(0.2), changes).prop_map(|(base, merge, overwrite, changes)| {
        Edit {
            claim: Claim {
                base: base.map(|seconds| Base { sent: seconds.to_string(), stamp: stamp(seconds) }),
                overwrite,
            },
            conditions: Conditions::default(),
            merge,
            changes,
            faults: Vec::new(),
            stamp_belongs_in: Pointer::attributes(),
        }
    })
}

/// What others changed after the base, as the design says it in words.
fn changed_by_others(record: &Record, base: i64) -> Vec<usize> {
    (0..4).filter(|at| record.changed[*at] > base).collect()
}

proptest! {
    #![proptest_config(cases(4096))]

    #[test]
    fn an_edit_is_applied_only_on_the_right_base_or_where_it_undoes_nothing(
        record in records(), edit in edits(), now in 40..70_i64,
    ) {
        let base = edit.claim.base.as_ref().map(|base| base.stamp.seconds());
        let current = edit.claim.overwrite || base == Some(record.stamp);
        let mergeable = edit.merge && base.is_some_and(|base| base < record.stamp && {
            let others = changed_by_others(&record, base);
            edit.changes.iter().all(|(at, value)| *value == record.values[*at] || !others.contains(at))
        });
        let valid = !edit.changes.values().any(|value| *value == FORBIDDEN);
        let differs = edit.changes.iter().any(|(at, value)| *value != record.values[*at]);
        match decide(&record, &edit, stamp(now)) {
            Decision::Applied { state, merged, .. } => {
                prop_assert!((current || mergeable) && valid && differs);
                prop_assert_eq!(merged.is_some(), !current);
                prop_assert_eq!(state.version, record.version + 1);
                prop_assert!(state.stamp > record.stamp && state.stamp >= now);
                for at in 0..4 {
                    let wanted = edit.changes.get(&at).copied().unwrap_or(record.values[at]);
                    prop_assert_eq!(state.values[at], wanted);
                    let moved = state.values[at] != record.values[at];
                    prop_assert_eq!(state.changed[at], if moved { state.stamp } else { record.changed[at] });
                }
            }
            Decision::Unchanged { merged, .. } => {
                prop_assert!((current || mergeable) && valid && !differs);
                prop_assert_eq!(merged.is_some(), !current);
            }
            Decision::Invalid(faults) => prop_assert!((current || mergeable) && !valid && !faults.is_empty()),
            Decision::Stale(conflict, faults) => {
                prop_assert!(!current && !mergeable);
                prop_assert_eq!(faults.is_empty(), valid);
                let objects = conflict.stale(&edit.stamp_belongs_in);
                prop_assert_eq!(objects.len(), if base.is_some() { 1 } else { 2 });
                let meta = objects.last().and_then(|object| object.meta.clone()).expect("meta");
                let names = |member: &str| match meta.get(member) {
                    Some(Json::Object(members)) => Some(members.iter().map(|(name, _)| name.clone()).collect()),
                    Some(Json::Array(names)) => {
                        Some(names.iter().filter_map(Json::as_str).map(str::to_owned).collect::<Vec<_>>())
                    }
                    _ => None,
                };
                let known = base.filter(|base| *base <= record.stamp);
                let others = known.map(|base| changed_by_others(&record, base));
                let expected = others.as_ref().map(|others| others.iter().map(|at| NAMES[*at].to_owned()).collect());
                prop_assert_eq!(names("changed"), expected);
                let contradicted = others.map(|others| {
                    let set = edit.changes.iter().filter(|(at, value)| **value != record.values[**at]);
                    set.filter(|(at, _)| others.contains(at)).map(|(at, _)| NAMES[*at].to_owned()).collect()
                });
                prop_assert_eq!(names("conflicting"), contradicted);
            }
            Decision::PreconditionFailed(..) => prop_assert!(false, "there was no condition"),
        }
    }
}
