//! What a group changes, in one go: what has ended is settled, what is about to begin is claimed and written down.
//!
//! All of it is one text of several statements, because each trip to the thread of `SQLite` costs more than a row does. A
//! statement has places for a power of two of rows, so that a few texts are prepared once and found again; places that are not
//! needed hold nothing and match nobody.
//!
//! Settling and claiming are compare-and-set on the claim number, so a late word from an old claim changes nothing: an attempt
//! without an outcome is one whose claim still holds.

use super::run::Terms;
use super::values::places;
use super::{failed, integer, millis, millis_of};
use crate::domain::character::{CharacterId, Claim, TakeNumber};
use crate::domain::flag::Flags;
use crate::domain::money::Money;
use crate::domain::text;
use crate::store::{Committed, Settled, Settlement, Start, StoreError, Stored};
use futures_util::TryStreamExt;
use sqlx::sqlite::{Sqlite as Driver, SqliteArguments, SqliteConnection, SqliteRow};
use sqlx::{Arguments, AssertSqlSafe, Either, Executor, Row, query_with};
use std::collections::HashMap;
use std::sync::Arc;

/// The most rows of a statement.
const ROWS_MAX: usize = 512;

/// Values of a row in each of the statements that settle: its character, its take, its attempt.
const SETTLING: [usize; 3] = [8, 7, 13];

/// Values of a row in each of the statements that begin: its character, its attempt.
const STARTING: [usize; 2] = [2, 4];

/// Values beside those of the rows.
const TERMS: usize = 8;

/// As much of an attempt's text as is kept when it did not become a take.
const PARTIAL_BYTES_MAX: usize = 64 << 10;

type Query<'q> = sqlx::query::Query<'q, Driver, SqliteArguments>;

/// Carries out settlements and starts under `terms`; both are in the order in which they came.
pub(super) async fn carry_out(
    tx: &mut SqliteConnection,
    terms: &Terms,
    settlements: &[Settlement],
    starts: &[Start],
) -> Result<Committed, StoreError> {
    let mut committed = Committed::default();
    let (mut settlements, mut starts) = (settlements, starts);
    while !(settlements.is_empty() && starts.is_empty()) {
        let (ended, more_ended) = settlements.split_at(settlements.len().min(ROWS_MAX));
        let (begun, more_begun) = starts.split_at(starts.len().min(ROWS_MAX));
        let (takes, claims) = one_trip(tx, terms, ended, begun)
            .await
            .map_err(failed("store a group"))?;
        committed.settled.extend(ended.iter().map(|ended| {
            let take = takes.get(&ended.id);
            match take {
                Some(take) if ended.state == Settled::Done => Stored::Take(*take),
                Some(_) => Stored::NoTake,
                None => Stored::NotOurs,
            }
        }));
        let claim = |begun: &Start| claims.get(&begun.id).copied();
        committed.started.extend(begun.iter().map(claim));
        (settlements, starts) = (more_ended, more_begun);
    }
    Ok(committed)
}

/// Of each settled character how many takes it has, of each claimed one its claim.
type Changed = (
    HashMap<CharacterId, TakeNumber>,
    HashMap<CharacterId, Claim>,
);

async fn one_trip(
    tx: &mut SqliteConnection,
    terms: &Terms,
    ended: &[Settlement],
    begun: &[Start],
) -> Result<Changed, sqlx::Error> {
    let (ended_rows, begun_rows) = (rows(ended.len()), rows(begun.len()));
    let mut sql = String::new();
    if !ended.is_empty() {
        sql.push_str(&settling(ended_rows));
    }
    if !begun.is_empty() {
        sql.push_str(&starting(begun_rows));
    }
    let mut values = SqliteArguments::default();
    values.reserve(
        values_of(ended_rows, &SETTLING) + values_of(begun_rows, &STARTING) + TERMS,
        0,
    );
    let mut trip = query_with(AssertSqlSafe(sql), values);
    if !ended.is_empty() {
        trip = bind_settling(trip, terms, &padded(ended, ended_rows));
    }
    if !begun.is_empty() {
        trip = bind_starting(trip, terms, &padded(begun, begun_rows));
    }
    let (mut takes, mut claims) = (HashMap::new(), HashMap::new());
    let mut statement = 0;
    let mut results = tx.fetch_many(trip);
    while let Some(result) = results.try_next().await? {
        match result {
            Either::Left(_) => statement += 1,
            // Only the first statement of each kind returns rows.
            Either::Right(row) if statement == 0 && !ended.is_empty() => {
                takes.insert(id(&row), TakeNumber(row.get(1)));
            }
            Either::Right(row) => {
                claims.insert(id(&row), Claim(row.get(1)));
            }
        }
    }
    Ok((takes, claims))
}

fn id(row: &SqliteRow) -> CharacterId {
    CharacterId(row.get(0))
}

/// Places for so many rows.
fn rows(many: usize) -> usize {
    many.next_power_of_two()
}

/// Values that so many rows have in all these statements.
fn values_of(rows: usize, statements: &[usize]) -> usize {
    rows * statements.iter().sum::<usize>()
}

/// Each of `items`, and nothing for the places that are left of `rows`.
fn padded<T>(items: &[T], rows: usize) -> Vec<Option<&T>> {
    let nothing = std::iter::repeat_n(None, rows - items.len());
    items.iter().map(Some).chain(nothing).collect()
}

/// The statements that settle: the character, its take where there is one, the attempt. The attempt comes last, because
/// without an outcome it is what tells that the claim still holds.
fn settling(rows: usize) -> String {
    format!(
        "WITH v (id, claim, status, tries, brought, flags, error_kind, error) AS (VALUES {})
         UPDATE stored_characters AS c SET
             status = v.status,
             run_id = NULL,
             tries = v.tries,
             takes = c.takes + v.brought,
             take = CASE WHEN v.brought AND NOT c.picked THEN c.takes + 1 ELSE c.take END,
             flags = CASE WHEN v.brought AND NOT c.picked THEN v.flags ELSE c.flags END,
             error_kind = v.error_kind,
             error = v.error
         FROM v
         WHERE c.id = v.id AND c.claim = v.claim AND c.status = 'running' AND c.run_id = ?
         RETURNING id, takes;
         WITH v (id, claim, text, words, flags, content, finished_ms) AS (VALUES {})
         INSERT INTO stored_takes (character_id, take, text, words, flags, content, recipe_id, provider, model, endpoint,
             attempt, finished_ms)
         SELECT v.id, c.takes, v.text, v.words, v.flags, v.content, ?, ?, ?, ?, v.claim, v.finished_ms
         FROM v CROSS JOIN stored_characters c ON c.id = v.id
         CROSS JOIN stored_attempts a ON a.character_id = v.id AND a.attempt = v.claim
         WHERE a.outcome IS NULL;
         WITH v (id, attempt, outcome, http_status, error, first_text_ms, ended_ms, bytes, tokens_in, tokens_out,
             cost, cost_maybe, partial) AS (VALUES {})
         UPDATE stored_attempts AS a SET
             outcome = v.outcome,
             http_status = v.http_status,
             error = v.error,
             first_text_ms = v.first_text_ms,
             ended_ms = v.ended_ms,
             bytes = v.bytes,
             tokens_in = v.tokens_in,
             tokens_out = v.tokens_out,
             cost = v.cost,
             cost_maybe = v.cost_maybe,
             partial = v.partial
         FROM v
         WHERE a.character_id = v.id AND a.attempt = v.attempt AND a.outcome IS NULL;",
        places(rows, SETTLING[0]),
        places(rows, SETTLING[1]),
        places(rows, SETTLING[2]),
    )
}

fn bind_settling<'q>(
    mut trip: Query<'q>,
    terms: &Terms,
    ended: &[Option<&Settlement>],
) -> Query<'q> {
    for settlement in ended {
        trip = bind_character(trip, *settlement);
    }
    trip = trip.bind(terms.run.0);
    for settlement in ended {
        trip = bind_take(
            trip,
            settlement.filter(|ended| ended.state == Settled::Done),
        );
    }
    trip = trip
        .bind(terms.recipe_id)
        .bind(terms.provider.clone())
        .bind(terms.model.clone())
        .bind(terms.endpoint.clone());
    for settlement in ended {
        trip = bind_attempt(trip, *settlement);
    }
    trip
}

fn bind_character<'q>(trip: Query<'q>, settlement: Option<&Settlement>) -> Query<'q> {
    let failed = settlement.filter(|ended| ended.state == Settled::Failed);
    trip.bind(settlement.map(|ended| ended.id.0))
        .bind(settlement.map(|ended| ended.claim.0))
        .bind(settlement.map(|ended| ended.state.word()))
        .bind(settlement.map(|ended| i64::from(ended.tries)))
        .bind(settlement.map(|ended| ended.state == Settled::Done))
        .bind(settlement.map(|ended| flags(ended).bits()))
        .bind(failed.map(|ended| ended.ending.outcome.word()))
        .bind(failed.and_then(|ended| ended.ending.error.clone()))
}

fn bind_take<'q>(trip: Query<'q>, settlement: Option<&Settlement>) -> Query<'q> {
    trip.bind(settlement.map(|ended| ended.id.0))
        .bind(settlement.map(|ended| ended.claim.0))
        .bind(settlement.map(|ended| Arc::clone(&ended.ending.text)))
        .bind(settlement.map(|ended| integer(ended.words)))
        .bind(settlement.map(|ended| flags(ended).bits()))
        .bind(settlement.map(|ended| ended.content.0.to_vec()))
        .bind(settlement.map(|ended| millis(ended.at)))
}

fn bind_attempt<'q>(trip: Query<'q>, settlement: Option<&Settlement>) -> Query<'q> {
    let ending = settlement.map(|ended| &ended.ending);
    let tokens = ending.and_then(|ending| ending.tokens);
    let cost = settlement.and_then(|ended| ended.cost);
    trip.bind(settlement.map(|ended| ended.id.0))
        .bind(settlement.map(|ended| ended.claim.0))
        .bind(ending.map(|ending| ending.outcome.word()))
        .bind(ending.and_then(|ending| ending.http_status).map(i64::from))
        .bind(ending.and_then(|ending| ending.error.clone()))
        .bind(ending.and_then(|ending| ending.first_text).map(millis_of))
        .bind(settlement.map(|ended| millis(ended.at)))
        .bind(ending.map(|ending| integer(ending.bytes)))
        .bind(tokens.map(|tokens| integer(tokens.read)))
        .bind(tokens.map(|tokens| integer(tokens.written)))
        .bind(cost.map(|cost| cost.known.stored()))
        .bind(cost.map(|cost| cost.maybe.stored()))
        .bind(settlement.and_then(partial))
}

/// What had arrived of a story that did not become a take.
fn partial(settlement: &Settlement) -> Option<String> {
    let text = &settlement.ending.text;
    let kept = settlement.state != Settled::Done && !text.is_empty();
    kept.then(|| text[..text.floor_char_boundary(PARTIAL_BYTES_MAX)].to_owned())
}

/// All flags of the story: what the transport noted and what its text shows.
fn flags(settlement: &Settlement) -> Flags {
    let ending = &settlement.ending;
    ending
        .flags
        .union(text::flags(&ending.text, settlement.words))
}

/// The statements that claim those who are still as they were read, and write their attempts down.
fn starting(rows: usize) -> String {
    format!(
        "WITH v (id, claim) AS (VALUES {})
         UPDATE stored_characters AS c SET status = 'running', claim = c.claim + 1, run_id = ?
         FROM v
         WHERE c.id = v.id AND c.claim = v.claim AND c.status = 'pending' AND c.gone = 0
         RETURNING id, claim;
         WITH v (id, claim, started_ms, cost_maybe) AS (VALUES {})
         INSERT INTO stored_attempts (character_id, attempt, run_id, started_ms, cost_maybe)
         SELECT c.id, c.claim, c.run_id, v.started_ms, v.cost_maybe
         FROM v CROSS JOIN stored_characters c ON c.id = v.id
         WHERE c.claim = v.claim + 1 AND c.status = 'running' AND c.run_id = ?;",
        places(rows, STARTING[0]),
        places(rows, STARTING[1]),
    )
}

fn bind_starting<'q>(mut trip: Query<'q>, terms: &Terms, begun: &[Option<&Start>]) -> Query<'q> {
    for start in begun {
        trip = trip
            .bind(start.map(|start| start.id.0))
            .bind(start.map(|start| start.claim.0));
    }
    trip = trip.bind(terms.run.0);
    for start in begun {
        trip = trip
            .bind(start.map(|start| start.id.0))
            .bind(start.map(|start| start.claim.0))
            .bind(start.map(|start| millis(start.at)))
            .bind(start.and_then(|start| start.reserved).map(Money::stored));
    }
    trip.bind(terms.run.0)
}
