//! What users share: account lists, and the organization accounts by which a list is connected to a donation system.
//! Both are guarded as a row of one person is, each by a stamp of its own. Every change moves the versions of all who
//! share the list (design 3), so that nothing remembered of them is told any more.

pub mod endpoints;
pub mod linkage;
pub mod linkages;
pub mod list;
pub mod organization_account;
pub mod organization_accounts;
pub(crate) mod shared_row;
pub mod store;
