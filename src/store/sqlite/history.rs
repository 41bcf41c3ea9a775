//! Reads the history: the last run of a cast, and the takes and attempts of a character.

use super::Sqlite;
use super::values::{flags, outcome};
use super::{count, failed, millis};
use crate::domain::character::{CastId, CharacterId};
use crate::store::{AttemptRecord, RunRecord, StoreError, TakeRecord};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, query};
use std::time::{Duration, SystemTime};

impl Sqlite {
    pub(in crate::store) async fn last_run(
        &self,
        cast: CastId,
    ) -> Result<Option<RunRecord>, StoreError> {
        let row = query(
            "SELECT
                 strftime('%Y-%m-%d %H:%M', r.started_ms / 1000.0, 'unixepoch'),
                 l.pid,
                 CASE WHEN l.id IS NOT NULL THEN ?2 WHEN r.exit IS NOT NULL THEN r.ended_ms ELSE r.last_commit_ms END - r.started_ms,
                 r.requests,
                 r.done
             FROM runs r LEFT JOIN z_live_runs l ON l.id = r.id
             WHERE r.cast_id = ?1 AND r.requests > 0 ORDER BY r.id DESC LIMIT 1",
        )
        .bind(cast)
        .bind(millis(SystemTime::now()))
        .fetch_optional(&mut *self.reader().await)
        .await
        .map_err(failed("read the last run"))?;
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
        let rows = query(
            "SELECT take, text, words, flags, provider, model, endpoint, finished_at, current
             FROM takes WHERE character_id = ? ORDER BY take",
        )
        .bind(id.0)
        .fetch_all(&mut *self.reader().await)
        .await
        .map_err(failed("read the takes"))?;
        rows.iter()
            .map(|row| {
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
            })
            .collect()
    }

    pub(in crate::store) async fn attempts(
        &self,
        id: CharacterId,
    ) -> Result<Vec<AttemptRecord>, StoreError> {
        let rows = query(
            "SELECT attempt, outcome, http_status, error, started_at, first_text_ms, ended_at, bytes, tokens_in, tokens_out,
                 partial, CAST(round((julianday(ended_at) - julianday(started_at)) * 86400000) AS INTEGER)
             FROM attempts WHERE character_id = ? ORDER BY attempt",
        )
        .bind(id.0)
        .fetch_all(&mut *self.reader().await)
        .await
        .map_err(failed("read the attempts"))?;
        let attempt = |row: &SqliteRow| {
            Ok(AttemptRecord {
                attempt: row.get(0),
                outcome: row.get::<Option<&str>, _>(1).map(outcome).transpose()?,
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
