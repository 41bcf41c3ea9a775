//! The store as a run sees it: commits, counts.

use super::commit::commit;
use super::run::PostgresRun;
use crate::domain::tally::Counts;
use crate::store::{Committed, Group, Ledger, StoreError};

impl Ledger for PostgresRun {
    async fn commit(&self, group: Group<'_>) -> Result<Committed, StoreError> {
        commit(self, group).await
    }

    async fn counts(&self) -> Result<Counts, StoreError> {
        todo!()
    }
}
