//! The store as a run sees it: commits, counts.

use super::commit::commit;
use super::count;
use super::run::PostgresRun;
use super::session::Limits;
use crate::domain::tally::Counts;
use crate::store::{Committed, Group, Ledger, Part, Standing, StoreError};
use sqlx::{Row, query};

impl Ledger for PostgresRun {
    async fn commit(&self, group: Group<'_>) -> Result<Committed, StoreError> {
        commit(self, group).await
    }

    fn shares_limits(&self) -> bool {
        true
    }

    async fn share(&self, standing: Standing) -> Result<Part, StoreError> {
        self.share_limits(&standing).await
    }

    fn hurry(&self) {
        self.hurry.send_replace(true);
    }

    async fn counts(&self) -> Result<Counts, StoreError> {
        let counts = query(
            "SELECT done, failed, pending, running, gone, flagged FROM z_cast_counts WHERE cast_id = $1",
        );
        let mut tx = self.db.reader.read(Limits::Group).await?;
        let row = tx.row("read the counts", counts.bind(self.cast_id)).await?;
        tx.finish().await;
        let row = row.ok_or(StoreError::Impossible { what: "cast" })?;
        Ok(Counts {
            done: count(row.get(0)),
            failed: count(row.get(1)),
            pending: count(row.get(2)),
            running: count(row.get(3)),
            gone: count(row.get(4)),
            flagged: count(row.get(5)),
        })
    }
}
