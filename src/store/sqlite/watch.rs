//! Reads the state of a run of any process from the database, for the page of `view`.
//!
//! The reads are few and short, and delay no run. What a run keeps only in memory, such as its current wait, is not visible
//! here. Visible are the characters that wait for a retry, and the last error since the last story.

use super::lock::end_dead_runs;
use super::{Sqlite, count, failed, millis};
use crate::domain::character::{CastId, CharacterId};
use crate::store::spans::span_ms;
use crate::store::stored_words::outcome;
use crate::store::{Newest, Setback, Span, StoreError, Watched};
use sqlx::{Row, query};
use std::time::{Duration, SystemTime};

/// How many of the newest takes are searched for those of a cast.
const NEWEST_AMONG: i64 = 20_000;

/// How many letters of a story are read where only its beginning is shown.
const BEGIN_CHARS: i64 = 400;

impl Sqlite {
    pub(in crate::store) async fn watched(
        &self,
        cast: Option<CastId>,
    ) -> Result<Option<Watched>, StoreError> {
        end_dead_runs(&self.path, &mut *self.reader().await).await;
        let now = millis(SystemTime::now());
        let row = query(
            "SELECT r.id, r.cast_id, l.id IS NOT NULL, r.host, r.pid, e.address, r.started_ms,
                 strftime('%Y-%m-%dT%H:%M:%fZ', r.started_ms / 1000.0, 'unixepoch'), r.exit, r.requests, r.done,
                 CASE WHEN l.id IS NOT NULL THEN ?2 WHEN r.exit IS NOT NULL THEN r.ended_ms ELSE r.last_commit_ms END
             FROM runs r JOIN endpoints e ON e.id = r.endpoint_id LEFT JOIN z_live_runs l ON l.id = r.id
             WHERE (?1 IS NULL OR r.cast_id = ?1) AND (r.requests > 0 OR l.id IS NOT NULL)
             ORDER BY r.id DESC LIMIT 1",
        )
        .bind(cast)
        .bind(now)
        .fetch_optional(&mut *self.reader().await)
        .await
        .map_err(failed("read the run"))?;
        let Some(row) = row else { return Ok(None) };
        let (run, started, until): (i64, i64, Option<i64>) = (row.get(0), row.get(6), row.get(11));
        let took = until.unwrap_or(started).saturating_sub(started).max(0);
        let (span, spans, newest) = self.spans(run, started, took).await?;
        let (in_back_off, setback) = self.setbacks(run, now, newest).await?;
        Ok(Some(Watched {
            cast: row.get(1),
            alive: row.get(2),
            host: row.get(3),
            pid: count(row.get(4)),
            endpoint: row.get(5),
            started_at: row.get(7),
            exit: row.get(8),
            took: Duration::from_millis(count(took)),
            workers: Vec::new(),
            requests: count(row.get(9)),
            done: count(row.get(10)),
            in_back_off,
            setback,
            last_story: newest.map(|newest| Duration::from_millis(count(now - newest))),
            spans,
            span,
        }))
    }

    pub(in crate::store) async fn newest(
        &self,
        cast: Option<CastId>,
        limit: u32,
    ) -> Result<Vec<Newest>, StoreError> {
        let rows = query(
            "SELECT c.id, c.name, substr(t.text, 1, ?4), t.words,
                 strftime('%Y-%m-%dT%H:%M:%fZ', t.finished_ms / 1000.0, 'unixepoch')
             FROM (SELECT id FROM stored_takes ORDER BY id DESC LIMIT ?3) n
             JOIN stored_takes t ON t.id = n.id
             JOIN stored_characters c ON c.id = t.character_id
             WHERE ?1 IS NULL OR c.cast_id = ?1
             ORDER BY t.id DESC LIMIT ?2",
        )
        .bind(cast)
        .bind(limit)
        .bind(NEWEST_AMONG)
        .bind(BEGIN_CHARS)
        .fetch_all(&mut *self.reader().await)
        .await
        .map_err(failed("read the newest stories"))?;
        let newest = |row: &sqlx::sqlite::SqliteRow| Newest {
            id: CharacterId(row.get(0)),
            name: row.get(1),
            begin: row.get(2),
            words: count(row.get(3)),
            finished_at: row.get(4),
        };
        Ok(rows.iter().map(newest).collect())
    }
}

impl Sqlite {
    /// The length of a span, the spans of a run, and when its newest story was finished.
    async fn spans(
        &self,
        run: i64,
        started: i64,
        took: i64,
    ) -> Result<(Duration, Vec<Span>, Option<i64>), StoreError> {
        let width = span_ms(took);
        let rows = query(
            "SELECT max(0, min(?4, (ended_ms - ?2) / ?3)), count(*), min(first_text_ms), CAST(avg(first_text_ms) AS INTEGER),
                 max(first_text_ms), max(ended_ms)
             FROM stored_attempts WHERE run_id = ?1 AND outcome = 'ok' GROUP BY 1",
        )
        .bind(run)
        .bind(started)
        .bind(width)
        .bind(took / width)
        .fetch_all(&mut *self.reader().await)
        .await
        .map_err(failed("read the run's stories"))?;
        let parts = usize::try_from(took / width).unwrap_or(0) + 1;
        let mut spans = vec![Span::default(); parts];
        let mut newest = None;
        for row in rows {
            let nth = usize::try_from(row.get::<i64, _>(0)).unwrap_or(0);
            let length = |at: usize| row.get::<Option<i64>, _>(at).map(count);
            if let Some(part) = spans.get_mut(nth) {
                part.finished = count(row.get(1));
                part.first_text_ms = length(2)
                    .zip(length(3))
                    .zip(length(4))
                    .map(|((shortest, mean), longest)| (shortest, mean, longest));
            }
            newest = newest.max(row.get(5));
        }
        Ok((Duration::from_millis(count(width)), spans, newest))
    }

    /// How many characters of a run wait for a retry, and its last setback, unless a story was finished after it.
    async fn setbacks(
        &self,
        run: i64,
        now: i64,
        newest: Option<i64>,
    ) -> Result<(u64, Option<Setback>), StoreError> {
        // With a single `max()`, SQLite takes the other columns from the row that has the maximum.
        let row = query(
            "SELECT coalesce(sum(c.claim = a.attempt AND c.status = 'pending' AND c.gone = 0), 0), max(a.ended_ms), a.outcome, a.error
             FROM stored_attempts a JOIN stored_characters c ON c.id = a.character_id
             WHERE a.run_id = ? AND a.outcome NOT IN ('ok', 'refused_row')",
        )
        .bind(run)
        .fetch_one(&mut *self.reader().await)
        .await
        .map_err(failed("read the run's setbacks"))?;
        let at: Option<i64> = row.get(1);
        let since = at.filter(|at| newest.is_none_or(|newest| newest < *at));
        let setback = |at| {
            Ok(Setback {
                outcome: outcome(row.get(2))?,
                error: row.get::<Option<String>, _>(3).unwrap_or_default(),
                ago: Duration::from_millis(count(now - at)),
            })
        };
        Ok((count(row.get(0)), since.map(setback).transpose()?))
    }
}
