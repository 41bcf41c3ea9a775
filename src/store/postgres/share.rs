//! A run's part of the limits that all runs with its endpoint and key keep together. The rule is `domain::sharing`; this file reads
//! what the rule is about, under a lock on the row of the endpoint, and writes what it has changed.
//!
//! The lock is one that does not change the identity of the endpoint: a group of results refers to that identity while it holds the row of
//! its run. With a stronger lock, both would wait for each other for ever.
//!
//! It is a transaction of its own, on a connection of its own: within a group the lock would last as long as the group's commit. It
//! commits without waiting for the disk. A crash of the server forgets half a second of starts at most, and no run sends while
//! the server is away.

use super::run::PostgresRun;
use super::session::{Limits, Transaction};
use crate::domain::sharing::{self, Endpoint, Share, Standing, Worker};
use crate::store::{Part, StoreError};
use sqlx::postgres::PgRow;
use sqlx::{Row, query};
use std::time::Duration;

const NANOS_A_MILLI: i64 = 1_000_000;

impl PostgresRun {
    /// Says how this run stands. Returns what it may do.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be reached. The same may be said again.
    pub(super) async fn share_limits(&self, standing: &Standing) -> Result<Part, StoreError> {
        let doing = "share the limits";
        let mut tx = self.db.limits.write(Limits::Group).await?;
        tx.batch(doing, "SET LOCAL synchronous_commit = off")
            .await?;
        let (id, began, mut endpoint, now) = self.endpoint(&mut tx).await?;
        self.clock.learn(now);
        let others = self.others(&mut tx, id).await?;
        let mut me = Worker {
            who: self.id.0,
            began,
            ..Worker::default()
        };
        let share = sharing::share(&mut endpoint, &mut me, &others, standing, now);
        self.store(&mut tx, id, &endpoint, &me).await?;
        tx.commit(doing).await?;
        Ok(self.part(share))
    }

    /// The identity of the endpoint, when this run began, the endpoint with its row locked, and the server's time.
    async fn endpoint(
        &self,
        tx: &mut Transaction<'_>,
    ) -> Result<(i64, i64, Endpoint, i64), StoreError> {
        let statement = query(
            "SELECT e.id, e.next_start_ns, e.paused_until_ms, e.pause_reason, e.probe_run_id, e.halted_ms, e.halt_reason,
                 r.started_ms, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint * 1000
             FROM endpoints e JOIN runs r ON r.endpoint_id = e.id WHERE r.id = $1 FOR NO KEY UPDATE OF e",
        );
        let row = tx.row("lock the endpoint", statement.bind(self.id.0));
        let row = row.await?.ok_or(StoreError::Impossible { what: "run" })?;
        let paused: i64 = row.get(2);
        let why = row.get::<Option<String>, _>(3).unwrap_or_default();
        let halted: Option<i64> = row.get(5);
        let words = row.get::<Option<String>, _>(6).unwrap_or_default();
        let endpoint = Endpoint {
            next_start: row.get(1),
            pause: (paused > 0).then(|| (nanos(paused), why)),
            probe: row.get(4),
            halt: halted.map(|at| (nanos(at), words)),
        };
        Ok((row.get(0), nanos(row.get(7)), endpoint, row.get(8)))
    }

    /// The other runs with the endpoint that are alive.
    async fn others(
        &self,
        tx: &mut Transaction<'_>,
        endpoint: i64,
    ) -> Result<Vec<Worker>, StoreError> {
        let statement = query(
            "SELECT id, started_ms, coalesce(gap_ns, 0), coalesce(concurrency, 0), slots, slots_wanted, in_flight
             FROM runs WHERE endpoint_id = $1 AND id <> $2 AND ended_ms IS NULL AND alive_until_ms > now_ms()",
        );
        let statement = statement.bind(endpoint).bind(self.id.0);
        let rows = tx.rows("read the other runs", statement).await?;
        Ok(rows.iter().map(worker).collect())
    }

    async fn store(
        &self,
        tx: &mut Transaction<'_>,
        id: i64,
        endpoint: &Endpoint,
        me: &Worker,
    ) -> Result<(), StoreError> {
        let gap = i64::try_from(me.gap.as_nanos()).unwrap_or(i64::MAX);
        let statement = query(
            "WITH r AS (
                 UPDATE runs SET gap_ns = nullif($2, 0), concurrency = nullif($3, 0), slots = $4, slots_wanted = $5, in_flight = $6
                 WHERE id = $1
             )
             UPDATE endpoints SET next_start_ns = $8, paused_until_ms = $9, pause_reason = $10, probe_run_id = $11, halted_ms = $12,
                 halt_reason = $13
             WHERE id = $7",
        );
        let pause = endpoint.pause.as_ref();
        let halt = endpoint.halt.as_ref();
        let statement = statement
            .bind(self.id.0)
            .bind(gap)
            .bind(number(me.concurrency))
            .bind(number(me.slots))
            .bind(number(me.wanted))
            .bind(number(me.in_flight))
            .bind(id)
            .bind(endpoint.next_start)
            .bind(pause.map_or(0, |(until, _)| millis(*until).max(1)))
            .bind(pause.map(|(_, why)| why.as_str()))
            .bind(endpoint.probe)
            .bind(halt.map(|(at, _)| millis(*at)))
            .bind(halt.map(|(_, words)| words.as_str()));
        tx.execute("store the limits", statement).await?;
        Ok(())
    }

    fn part(&self, share: Share) -> Part {
        Part {
            concurrency: share.concurrency,
            gap: share.gap,
            starts: share.starts.iter().map(|at| self.clock.ours(*at)).collect(),
            again: share.again,
            pause: share.pause,
            may_probe: share.may_probe,
            halted: share.halted,
        }
    }
}

fn worker(row: &PgRow) -> Worker {
    let size = |place: usize| usize::try_from(row.get::<i64, _>(place)).unwrap_or(0);
    Worker {
        who: row.get(0),
        began: nanos(row.get(1)),
        gap: Duration::from_nanos(u64::try_from(row.get::<i64, _>(2)).unwrap_or(0)),
        concurrency: size(3),
        slots: size(4),
        wanted: size(5),
        in_flight: size(6),
    }
}

fn nanos(millis: i64) -> i64 {
    millis.saturating_mul(NANOS_A_MILLI)
}

/// The next full millisecond, so that no pause ends early.
fn millis(nanos: i64) -> i64 {
    nanos.saturating_add(NANOS_A_MILLI - 1) / NANOS_A_MILLI
}

fn number(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}
