//! Reads the history: the last run of a cast, and the takes and attempts of a character.

use super::session::Limits;
use super::{Postgres, count};
use crate::domain::character::{CastId, CharacterId};
use crate::store::stored_words::{flags, outcome};
use crate::store::{AttemptRecord, RunRecord, StoreError, TakeRecord};
use sqlx::postgres::PgRow;
use sqlx::{Row, query};
use std::time::Duration;

impl Postgres {
    pub(in crate::store) async fn last_run(
        &self,
        cast: CastId,
    ) -> Result<Option<RunRecord>, StoreError> {
        let last = query(
            "SELECT
                 to_char(timestamp '1970-01-01' + r.started_ms * interval '1 millisecond', 'YYYY-MM-DD HH24:MI'),
                 l.pid,
                 CASE WHEN l.id IS NOT NULL THEN now_ms() WHEN r.exit IS NOT NULL THEN r.ended_ms ELSE r.last_commit_ms END
                     - r.started_ms,
                 r.requests,
                 r.done
             FROM runs r LEFT JOIN z_live_runs l ON l.id = r.id
             WHERE r.cast_id = $1 AND r.requests > 0 ORDER BY r.id DESC LIMIT 1",
        );
        let mut tx = self.reader.read(Limits::Short).await?;
        let row = tx.row("read the last run", last.bind(cast)).await?;
        tx.finish().await;
        let length = |ms: Option<i64>| Duration::from_millis(count(ms.unwrap_or(0)));
        Ok(row.map(|row| RunRecord {
            started_at: row.get(0),
            pid: row.get::<Option<i64>, _>(1).map(count),
            took: length(row.get(2)),
            requests: count(row.get(3)),
            done: count(row.get(4)),
        }))
    }

    pub(in crate::store) async fn takes(
        &self,
        id: CharacterId,
    ) -> Result<Vec<TakeRecord>, StoreError> {
        let takes = query(
            "SELECT t.take, t.text, t.words, flag_words(f.shown), t.provider, t.model, t.endpoint, iso(t.finished_ms),
                 coalesce(t.take = c.take, false)
             FROM stored_takes t
             JOIN stored_characters c ON c.id = t.character_id
             CROSS JOIN LATERAL (
                 SELECT (t.flags | CASE WHEN t.take = c.take THEN t.review_flags ELSE 0 END) & ~t.dismissed AS shown
             ) f
             WHERE t.character_id = $1 ORDER BY t.take",
        );
        let mut tx = self.reader.read(Limits::Short).await?;
        let rows = tx.rows("read the takes", takes.bind(id.0)).await?;
        tx.finish().await;
        let take = |row: &PgRow| {
            Ok(TakeRecord {
                take: row.get(0),
                text: row.get(1),
                words: row.get(2),
                flags: flags(row.get(3))?,
                provider: row.get(4),
                model: row.get(5),
                endpoint: row.get(6),
                finished_at: row.get(7),
                current: row.get(8),
            })
        };
        rows.iter().map(take).collect()
    }

    pub(in crate::store) async fn attempts(
        &self,
        id: CharacterId,
    ) -> Result<Vec<AttemptRecord>, StoreError> {
        let attempts = query(
            "SELECT attempt, outcome, http_status, error, iso(started_ms), first_text_ms, iso(ended_ms), bytes, tokens_in,
                 tokens_out, partial, ended_ms - started_ms
             FROM stored_attempts WHERE character_id = $1 ORDER BY attempt",
        );
        let mut tx = self.reader.read(Limits::Short).await?;
        let rows = tx.rows("read the attempts", attempts.bind(id.0)).await?;
        tx.finish().await;
        let attempt = |row: &PgRow| {
            let ended: Option<&str> = row.get(1);
            Ok(AttemptRecord {
                attempt: row.get(0),
                outcome: ended.map(outcome).transpose()?,
                http_status: row.get(2),
                error: row.get(3),
                started_at: row.get(4),
                first_text_ms: row.get(5),
                ended_at: row.get(6),
                bytes: row.get(7),
                tokens_in: row.get(8),
                tokens_out: row.get(9),
                partial: row.get(10),
                took_ms: row.get(11),
            })
        };
        rows.iter().map(attempt).collect()
    }
}
