//! JUNO user data: the second system whose users Steward keeps (`juno.md`).

pub mod ce;
