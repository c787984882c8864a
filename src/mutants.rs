//! Mutants: defects that a test plants to prove that the model test (`tests/model/`) finds them. Each is a line beside
//! the code that it breaks and a failpoint, so it exists only where the tests turn that feature of the `fail` crate on,
//! and sleeps there until `FAILPOINTS=mutant::<name>=return` wakes it. Nothing of it is in any other build.

/// Leaves the function with a wrong result; or, with `let`, goes on with a wrong value.
#[allow(
    clippy::allow_attributes,
    unused_macro_rules,
    reason = "what stands in a failpoint is nothing where that feature is off"
)]
macro_rules! mutant {
    ($name:literal, let $value:ident = $wrong:expr) => {
        let $value = (|| {
            fail::fail_point!(concat!("mutant::", $name), |_| $wrong);
            $value
        })();
    };
    ($name:literal, $wrong:expr) => {
        fail::fail_point!(concat!("mutant::", $name), |_| $wrong)
    };
    // What was found at this place on the same node when it was last looked for; a node is known by its memory.
    (earlier of $state:expr, $id:expr, $found:expr) => {{
        use std::collections::BTreeMap;
        use std::sync::{Arc, LazyLock, Mutex, PoisonError};
        static EARLIER: LazyLock<Mutex<BTreeMap<(usize, Id), Option<crate::users::store::Status>>>> =
            LazyLock::new(Mutex::default);
        let node = Arc::as_ptr(&$state.people).addr();
        let mut earlier = EARLIER.lock().unwrap_or_else(PoisonError::into_inner);
        earlier.insert((node, $id), $found).unwrap_or($found)
    }};
    // The caller as this node remembers him, where the edit would change nothing of that.
    (remembered of $call:expr, $edit:expr, $now:expr) => {{
        use crate::auth::CurrentUser;
        let last = $call.state.people.last($call.user.id);
        let last =
            last.filter(|last| matches!(decide(&last.person, $edit, $now), Decision::Unchanged { .. }));
        last.map_or($call.user, |last| CurrentUser { version: last.person.version, ..$call.user })
    }};
}

pub(crate) use mutant;
