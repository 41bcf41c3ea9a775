//! Stores one group in one transaction: settles the ended attempts, claims characters and inserts their attempts, renews the lease.

#![expect(unused_variables, reason = "not written yet")]

use super::run::PostgresRun;
use crate::store::{Committed, Group, StoreError};

/// Stores `group` for `run`, all of it or nothing.
pub(super) async fn commit(run: &PostgresRun, group: Group<'_>) -> Result<Committed, StoreError> {
    todo!()
}
