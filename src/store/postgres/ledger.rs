//! The store as a run sees it: the next pending characters, commits, counts.

#![expect(unused_variables, reason = "not written yet")]

use super::commit::commit;
use super::run::PostgresRun;
use crate::domain::character::Character;
use crate::domain::tally::Counts;
use crate::store::{Committed, Cursor, Group, Ledger, StoreError};

impl Ledger for PostgresRun {
    async fn upcoming(&self, cursor: Cursor, limit: usize) -> Result<Vec<Character>, StoreError> {
        todo!()
    }

    async fn commit(&self, group: Group) -> Result<Committed, StoreError> {
        commit(self, &group).await
    }

    async fn counts(&self) -> Result<Counts, StoreError> {
        todo!()
    }
}
