//! Carries out the changes of a group: settles ended attempts, claims characters and inserts their attempts.
//!
//! All changes are one text of several statements, because each call to the thread of `SQLite` costs more than a row does. The
//! number of rows in a statement is rounded up to a power of two, so that there are few different texts and each is prepared
//! once. Unused rows are filled with NULL and match no character.
//!
//! Settling and claiming are compare-and-set on the claim number, so a late result of an old claim changes nothing. An attempt
//! has no outcome as long as its claim holds.

use super::run;
use super::terms::Terms;
use super::values::{bind, placeholders};
use super::{failed, integer, millis, millis_of};
use crate::domain::character::{CharacterId, Claim, TakeNumber};
use crate::domain::flag::Flags;
use crate::domain::money::Money;
use crate::domain::text;
use crate::store::{Committed, Settled, Settlement, Start, StoreError, Stored};
use futures_util::TryStreamExt;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{Arguments, AssertSqlSafe, Either, Executor, Row, query_as, query_with};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

/// The most rows of a statement.
const ROWS_MAX: usize = 512;

/// Values for each row in the statements that settle: its character, its take, its attempt.
const SETTLING: [usize; 3] = [8, 7, 13];

/// Values for each row in the statements that start: its character, its attempt.
const STARTING: [usize; 2] = [2, 4];

/// Further values of the statements, which do not belong to a row.
const TERMS: usize = 8;

/// Carries out settlements and starts under `terms`, in their order.
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
        committed.started.extend(claims);
        (settlements, starts) = (more_ended, more_begun);
    }
    Ok(committed)
}

/// The number of takes of each settled character, and the claim of each start, in their order.
type Changed = (HashMap<CharacterId, TakeNumber>, Vec<Option<Claim>>);

async fn one_trip(
    tx: &mut SqliteConnection,
    terms: &Terms,
    ended: &[Settlement],
    begun: &[Start],
) -> Result<Changed, sqlx::Error> {
    let (ended_rows, begun_rows) = (rows(ended.len()), rows(begun.len()));
    let mut values = SqliteArguments::default();
    values.reserve(
        values_of(ended_rows, &SETTLING) + values_of(begun_rows, &STARTING) + TERMS,
        0,
    );
    if ended_rows > 0 {
        bind_settling(&mut values, terms, &padded(ended, ended_rows));
    }
    if begun_rows > 0 {
        bind_starting(&mut values, terms, &padded(begun, begun_rows));
    }
    let mut takes = HashMap::with_capacity(ended.len());
    let mut written = 0;
    let sql = AssertSqlSafe(statements(ended_rows, begun_rows));
    let mut results = tx.fetch_many(query_with(sql, values));
    while let Some(result) = results.try_next().await? {
        match result {
            // The count of the last statement remains: it inserts the new attempts.
            Either::Left(done) => written = done.rows_affected(),
            Either::Right(row) => {
                takes.insert(CharacterId(row.get(0)), TakeNumber(row.get(1)));
            }
        }
    }
    drop(results);
    let claims = if begun.is_empty() || integer(begun.len()) == integer(written) {
        begun.iter().map(|start| Some(start.claim.next())).collect()
    } else {
        claims(tx, terms, begun).await?
    };
    Ok((takes, claims))
}

/// The claims of the starts, read from the database. Needed only where some starts failed, because a character was changed
/// meanwhile; so the usual case needs no extra read.
async fn claims(
    tx: &mut SqliteConnection,
    terms: &Terms,
    begun: &[Start],
) -> Result<Vec<Option<Claim>>, sqlx::Error> {
    let ids: Vec<_> = begun.iter().map(|start| start.id).collect();
    let held: HashSet<(i64, i64)> = query_as(
        "SELECT id, claim FROM stored_characters
         WHERE id IN (SELECT value FROM json_each(?)) AND status = 'running' AND run_id = ?",
    )
    .bind(run::ids(&ids))
    .bind(terms.run.0)
    .fetch_all(tx)
    .await?
    .into_iter()
    .collect();
    let claim = |start: &Start| {
        let claim = start.claim.next();
        held.contains(&(start.id.0, claim.0)).then_some(claim)
    };
    Ok(begun.iter().map(claim).collect())
}

/// The number of rows in the statement for `many` items: the next power of two, or 0.
fn rows(many: usize) -> usize {
    if many == 0 {
        0
    } else {
        many.next_power_of_two()
    }
}

/// The text of the statements for these numbers of rows. There are few such texts, and they are long, so each is built once.
fn statements(ended_rows: usize, begun_rows: usize) -> Arc<str> {
    static MADE: Mutex<BTreeMap<(usize, usize), Arc<str>>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let text = || {
        let mut sql = String::new();
        if ended_rows > 0 {
            sql.push_str(&settling(ended_rows));
        }
        if begun_rows > 0 {
            sql.push_str(&starting(begun_rows));
        }
        sql.into()
    };
    let made = made.entry((ended_rows, begun_rows)).or_insert_with(text);
    Arc::clone(made)
}

/// How many values `rows` rows have in all `statements`.
fn values_of(rows: usize, statements: &[usize]) -> usize {
    rows * statements.iter().sum::<usize>()
}

/// All `items`, then `None` up to the length `rows`.
fn padded<T>(items: &[T], rows: usize) -> Vec<Option<&T>> {
    let nothing = std::iter::repeat_n(None, rows - items.len());
    items.iter().map(Some).chain(nothing).collect()
}

/// The statements that settle: they update the character, insert its take if there is one, and update the attempt. The
/// attempt comes last, because the other statements use its missing outcome as the sign that the claim still holds.
fn settling(rows: usize) -> String {
    format!(
        "WITH v (id, claim, status, tries, brought, flags, error_kind, error) AS (VALUES {})
         UPDATE stored_characters AS c SET
             status = CASE WHEN c.is_answered THEN 'done' ELSE v.status END,
             is_answered = 0,
             run_id = NULL,
             tries = v.tries,
             takes = c.takes + v.brought,
             take = CASE WHEN v.brought AND NOT c.picked THEN c.takes + 1 ELSE c.take END,
             flags = CASE WHEN v.brought AND NOT c.picked THEN v.flags ELSE c.flags END,
             error_kind = CASE WHEN NOT c.is_answered THEN v.error_kind END,
             error = CASE WHEN NOT c.is_answered THEN v.error END
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
        placeholders(rows, SETTLING[0]),
        placeholders(rows, SETTLING[1]),
        placeholders(rows, SETTLING[2]),
    )
}

fn bind_settling(values: &mut SqliteArguments, terms: &Terms, ended: &[Option<&Settlement>]) {
    for settlement in ended {
        bind_character(values, *settlement);
    }
    bind(values, terms.run.0);
    for settlement in ended {
        let done = settlement.filter(|ended| ended.state == Settled::Done);
        bind_take(values, done);
    }
    bind(values, terms.recipe_id);
    bind(values, terms.provider.clone());
    bind(values, terms.model.clone());
    bind(values, terms.endpoint.clone());
    for settlement in ended {
        bind_attempt(values, *settlement);
    }
}

fn bind_character(values: &mut SqliteArguments, settlement: Option<&Settlement>) {
    let failed = settlement.filter(|ended| ended.state == Settled::Failed);
    bind(values, settlement.map(|ended| ended.id.0));
    bind(values, settlement.map(|ended| ended.claim.0));
    bind(values, settlement.map(|ended| ended.state.word()));
    bind(values, settlement.map(|ended| i64::from(ended.tries)));
    bind(values, settlement.map(|ended| ended.state == Settled::Done));
    bind(values, settlement.map(|ended| flags(ended).bits()));
    bind(values, failed.map(|ended| ended.ending.outcome.word()));
    bind(values, failed.and_then(|ended| ended.ending.error.clone()));
}

fn bind_take(values: &mut SqliteArguments, settlement: Option<&Settlement>) {
    bind(values, settlement.map(|ended| ended.id.0));
    bind(values, settlement.map(|ended| ended.claim.0));
    bind(
        values,
        settlement.map(|ended| Arc::clone(&ended.ending.text)),
    );
    bind(values, settlement.map(|ended| integer(ended.words)));
    bind(values, settlement.map(|ended| flags(ended).bits()));
    bind(values, settlement.map(|ended| ended.content.0.to_vec()));
    bind(values, settlement.map(|ended| millis(ended.at)));
}

fn bind_attempt(values: &mut SqliteArguments, settlement: Option<&Settlement>) {
    let ending = settlement.map(|ended| &ended.ending);
    let tokens = ending.and_then(|ending| ending.tokens);
    let cost = settlement.and_then(|ended| ended.cost);
    bind(values, settlement.map(|ended| ended.id.0));
    bind(values, settlement.map(|ended| ended.claim.0));
    bind(values, ending.map(|ending| ending.outcome.word()));
    bind(
        values,
        ending.and_then(|ending| ending.http_status).map(i64::from),
    );
    bind(values, ending.and_then(|ending| ending.error.clone()));
    bind(
        values,
        ending.and_then(|ending| ending.first_text).map(millis_of),
    );
    bind(values, settlement.map(|ended| millis(ended.at)));
    bind(values, ending.map(|ending| integer(ending.bytes)));
    bind(values, tokens.map(|tokens| integer(tokens.read)));
    bind(values, tokens.map(|tokens| integer(tokens.written)));
    bind(values, cost.map(|cost| cost.known.stored()));
    bind(values, cost.map(|cost| cost.maybe.stored()));
    bind(values, settlement.and_then(partial));
}

/// Received text that did not become a take: a part of a story, or the thoughts that were removed from a story.
fn partial(settlement: &Settlement) -> Option<Arc<str>> {
    let kept = match settlement.state {
        Settled::Done => &settlement.ending.thoughts,
        _ => &settlement.ending.text,
    };
    (!kept.is_empty()).then(|| Arc::clone(kept))
}

/// All flags of the story: those of the transport, and those that its text gives.
fn flags(settlement: &Settlement) -> Flags {
    let ending = &settlement.ending;
    ending
        .flags
        .union(text::flags(&ending.text, settlement.words))
}

/// The statements that start: they claim the characters that have not changed since they were read, and insert their attempts.
fn starting(rows: usize) -> String {
    format!(
        "WITH v (id, claim) AS (VALUES {})
         UPDATE stored_characters AS c SET status = 'running', claim = c.claim + 1, run_id = ?
         FROM v
         WHERE c.id = v.id AND c.claim = v.claim AND c.status = 'pending' AND c.gone = 0;
         WITH v (id, claim, started_ms, cost_maybe) AS (VALUES {})
         INSERT INTO stored_attempts (character_id, attempt, run_id, started_ms, cost_maybe)
         SELECT c.id, c.claim, c.run_id, v.started_ms, v.cost_maybe
         FROM v CROSS JOIN stored_characters c ON c.id = v.id
         WHERE c.claim = v.claim + 1 AND c.status = 'running' AND c.run_id = ?;",
        placeholders(rows, STARTING[0]),
        placeholders(rows, STARTING[1]),
    )
}

fn bind_starting(values: &mut SqliteArguments, terms: &Terms, begun: &[Option<&Start>]) {
    for start in begun {
        bind(values, start.map(|start| start.id.0));
        bind(values, start.map(|start| start.claim.0));
    }
    bind(values, terms.run.0);
    for start in begun {
        bind(values, start.map(|start| start.id.0));
        bind(values, start.map(|start| start.claim.0));
        bind(values, start.map(|start| millis(start.at)));
        let reserved = start.and_then(|start| start.reserved);
        bind(values, reserved.map(Money::stored));
    }
    bind(values, terms.run.0);
}
