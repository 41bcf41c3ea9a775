//! Reads the state of the runs of any process, for the page.
//!
//! The reads are few and short, and no run waits for them. What a run keeps only in memory, such as its current wait, is not
//! visible here.

use super::session::{Limits, Transaction};
use super::workers::workers;
use super::{Postgres, count};
use crate::domain::character::{CastId, CharacterId};
use crate::store::spans::span_ms;
use crate::store::stored_words::outcome;
use crate::store::{Newest, Setback, Span, StoreError, Watched};
use sqlx::postgres::PgRow;
use sqlx::{Row, query};
use std::time::Duration;

/// How many of the newest takes are searched for those of a cast.
const NEWEST_AMONG: i64 = 20_000;

/// How many letters of a story are read where only its beginning is shown.
const BEGIN_CHARS: i32 = 400;

/// The stories of the runs, grouped by time.
struct Stories {
    /// The length of a span.
    span: Duration,
    spans: Vec<Span>,
    /// When the newest story was finished, in milliseconds since 1970.
    newest: Option<i64>,
}

impl Postgres {
    pub(in crate::store) async fn watched(
        &self,
        cast: Option<CastId>,
    ) -> Result<Option<Watched>, StoreError> {
        let run = query(
            "SELECT r.id, r.cast_id, l.id IS NOT NULL, r.host, r.pid, e.address, r.exit, n.now_ms,
                 CASE WHEN l.id IS NOT NULL THEN n.now_ms WHEN r.exit IS NOT NULL THEN r.ended_ms ELSE r.last_commit_ms END
             FROM runs r
             JOIN endpoints e ON e.id = r.endpoint_id
             CROSS JOIN (SELECT now_ms() AS now_ms) n
             LEFT JOIN z_live_runs l ON l.id = r.id
             WHERE ($1::bigint IS NULL OR r.cast_id = $1) AND (r.requests > 0 OR l.id IS NOT NULL)
             ORDER BY l.id IS NOT NULL DESC, r.id DESC LIMIT 1",
        );
        let mut tx = self.reader.read(Limits::Short).await?;
        let Some(row) = tx.row("read the run", run.bind(cast)).await? else {
            tx.finish().await;
            return Ok(None);
        };
        let (now, until): (i64, Option<i64>) = (row.get(7), row.get(8));
        let watched = watched_runs(&mut tx, &row).await?;
        let took = until
            .unwrap_or(watched.started)
            .saturating_sub(watched.started)
            .max(0);
        let stories = stories(&mut tx, &watched, took).await?;
        let (in_back_off, setback) = setbacks(&mut tx, &watched.runs, now, stories.newest).await?;
        let workers = workers(&mut tx, row.get(1)).await?;
        tx.finish().await;
        let ago = |newest: i64| Duration::from_millis(count(now - newest));
        Ok(Some(Watched {
            cast: row.get(1),
            alive: row.get(2),
            host: row.get(3),
            pid: count(row.get(4)),
            endpoint: row.get(5),
            started_at: watched.started_at,
            exit: row.get(6),
            took: Duration::from_millis(count(took)),
            workers,
            requests: count(watched.requests),
            done: count(watched.done),
            in_back_off,
            setback,
            last_story: stories.newest.map(ago),
            spans: stories.spans,
            span: stories.span,
        }))
    }

    pub(in crate::store) async fn newest(
        &self,
        cast: Option<CastId>,
        limit: u32,
    ) -> Result<Vec<Newest>, StoreError> {
        // By time: identities are given out in blocks to each connection, so they do not say which take is newer.
        let newest = query(
            "SELECT c.id, c.name, left(n.text, $4), n.words, iso(n.finished_ms)
             FROM (SELECT * FROM stored_takes ORDER BY finished_ms DESC LIMIT $3) n
             JOIN stored_characters c ON c.id = n.character_id AND c.take = n.take
             WHERE $1::bigint IS NULL OR c.cast_id = $1
             ORDER BY n.finished_ms DESC, n.id DESC LIMIT $2",
        );
        let newest = newest
            .bind(cast)
            .bind(i64::from(limit))
            .bind(NEWEST_AMONG)
            .bind(BEGIN_CHARS);
        let mut tx = self.reader.read(Limits::Short).await?;
        let rows = tx.rows("read the newest stories", newest).await?;
        tx.finish().await;
        let newest = |row: &PgRow| Newest {
            id: CharacterId(row.get(0)),
            name: row.get(1),
            begin: row.get(2),
            words: count(row.get(3)),
            finished_at: row.get(4),
        };
        Ok(rows.iter().map(newest).collect())
    }
}

/// The runs that are shown as one: the live ones of a cast, or the last one.
struct WatchedRuns {
    runs: Vec<i64>,
    /// When the first of them began, in milliseconds since 1970, and in ISO 8601.
    started: i64,
    started_at: String,
    requests: i64,
    done: i64,
}

/// The runs that are shown with the run in `row`: if it is alive, all live runs of its cast.
async fn watched_runs(tx: &mut Transaction<'_>, row: &PgRow) -> Result<WatchedRuns, StoreError> {
    let (run, cast, is_alive): (i64, CastId, bool) = (row.get(0), row.get(1), row.get(2));
    let all = query(
        "SELECT r.id, r.started_ms, iso(r.started_ms), r.requests, r.done FROM runs r
         WHERE r.id = $1 OR ($3 AND r.cast_id = $2 AND r.id IN (SELECT id FROM z_live_runs))
         ORDER BY r.started_ms, r.id",
    );
    let all = all.bind(run).bind(cast).bind(is_alive);
    let rows = tx.rows("read the runs", all).await?;
    let sum = |at: usize| rows.iter().map(|row| row.get::<i64, _>(at)).sum();
    Ok(WatchedRuns {
        runs: rows.iter().map(|row| row.get(0)).collect(),
        started: rows.first().map_or(0, |row| row.get(1)),
        started_at: rows.first().map_or_else(String::new, |row| row.get(2)),
        requests: sum(3),
        done: sum(4),
    })
}

async fn stories(
    tx: &mut Transaction<'_>,
    watched: &WatchedRuns,
    took: i64,
) -> Result<Stories, StoreError> {
    let width = span_ms(took);
    let stories = query(
        "SELECT greatest(0, least($4, (ended_ms - $2) / $3)), count(*), min(first_text_ms), trunc(avg(first_text_ms))::bigint,
             max(first_text_ms), max(ended_ms)
         FROM stored_attempts
         WHERE run_id = ANY ($1::bigint[]) AND outcome = 'ok' GROUP BY 1",
    );
    let stories = stories
        .bind(&watched.runs)
        .bind(watched.started)
        .bind(width);
    let rows = tx
        .rows("read the run's stories", stories.bind(took / width))
        .await?;
    let parts = usize::try_from(took / width).unwrap_or(0) + 1;
    let mut spans = vec![Span::default(); parts];
    let mut newest = None;
    for row in rows {
        let nth = usize::try_from(row.get::<i64, _>(0)).unwrap_or(0);
        let length = |at: usize| row.get::<Option<i64>, _>(at).map(count);
        if let Some(part) = spans.get_mut(nth) {
            part.finished = count(row.get(1));
            let lengths = length(2).zip(length(3)).zip(length(4));
            part.first_text_ms =
                lengths.map(|((shortest, mean), longest)| (shortest, mean, longest));
        }
        newest = newest.max(row.get(5));
    }
    Ok(Stories {
        span: Duration::from_millis(count(width)),
        spans,
        newest,
    })
}

/// How many characters of these runs wait for a retry, and their last setback, unless a story was finished after it.
async fn setbacks(
    tx: &mut Transaction<'_>,
    runs: &[i64],
    now: i64,
    newest: Option<i64>,
) -> Result<(u64, Option<Setback>), StoreError> {
    let doing = "read the run's setbacks";
    let waiting = query(
        "SELECT count(*) FROM stored_attempts a JOIN stored_characters c ON c.id = a.character_id
         WHERE a.run_id = ANY ($1::bigint[]) AND a.outcome NOT IN ('ok', 'refused_row')
             AND c.claim = a.attempt AND c.status = 'pending' AND NOT c.gone",
    );
    let waiting = tx.value(doing, waiting.bind(runs)).await?;
    let last = query(
        "SELECT ended_ms, outcome, coalesce(error, '') FROM stored_attempts
         WHERE run_id = ANY ($1::bigint[]) AND outcome NOT IN ('ok', 'refused_row') AND ended_ms > $2
         ORDER BY ended_ms DESC, attempt DESC LIMIT 1",
    );
    let last = last.bind(runs).bind(newest.unwrap_or(i64::MIN));
    let last = tx.row(doing, last).await?;
    let setback = |row: PgRow| {
        Ok(Setback {
            outcome: outcome(row.get(1))?,
            error: row.get(2),
            ago: Duration::from_millis(count(now - row.get::<i64, _>(0))),
        })
    };
    Ok((count(waiting.unwrap_or(0)), last.map(setback).transpose()?))
}
