//! Reads the workers of a cast.

use super::session::{Limits, Transaction};
use super::{Postgres, count};
use crate::domain::character::CastId;
use crate::store::{StoreError, Worker};
use sqlx::postgres::PgRow;
use sqlx::{Row, query};
use std::time::Duration;

impl Postgres {
    pub(in crate::store) async fn workers(&self, cast: CastId) -> Result<Vec<Worker>, StoreError> {
        let mut tx = self.reader.read(Limits::Short).await?;
        let workers = workers(&mut tx, cast).await?;
        tx.finish().await;
        Ok(workers)
    }
}

/// The live runs of a cast, the longest first.
pub(super) async fn workers(
    tx: &mut Transaction<'_>,
    cast: CastId,
) -> Result<Vec<Worker>, StoreError> {
    let workers = query(
        "SELECT r.host, r.pid, iso(r.started_ms), now_ms() - r.started_ms, r.requests, r.done, (
             SELECT count(*) FROM stored_characters c WHERE c.run_id = r.id AND c.status = 'running'
         )
         FROM z_live_runs l JOIN runs r ON r.id = l.id
         WHERE r.cast_id = $1 ORDER BY r.started_ms, r.id",
    );
    let rows = tx.rows("read the workers", workers.bind(cast)).await?;
    let worker = |row: &PgRow| Worker {
        host: row.get(0),
        pid: count(row.get(1)),
        started_at: row.get(2),
        took: Duration::from_millis(count(row.get(3))),
        requests: count(row.get(4)),
        done: count(row.get(5)),
        in_flight: count(row.get(6)),
    };
    Ok(rows.iter().map(worker).collect())
}
