//! `steward migrate`

use super::{Failure, Store};

/// Applies pending migrations and says which on standard error.
pub(super) fn run(store: &Store) -> Result<(), Failure> {
    let (_, applied) = store.migrate()?;
    match applied.as_slice() {
        [] => log::info!("nothing to migrate"),
        names => log::info!("applied {}", names.join(", ")),
    }
    Ok(())
}
