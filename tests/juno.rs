//! JUNO user data (`juno.md`).

mod ce;
