//! What JUNO keeps of a user, as a line has it: the user of JUNO that he is, those that he was, and of the site what they
//! need.

mod ce;
mod given;
mod plan;
mod shown;
mod site;

pub(super) use given::Given;
pub(super) use plan::Plan;
pub(super) use shown::members;

/// `data.meta`: the users of JUNO that the user is and was.
pub(super) const JUNO: &str = "juno";
/// `data.meta`: the dimensions, tags and programs that they have.
pub(super) const DEFINITIONS: &str = "juno_definitions";

/// How a user has a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Link {
    score: i32,
    preferred: bool,
    origin: String,
}
