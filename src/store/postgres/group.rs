//! A group as values of the function `commit_group`, and what the function answers.
//!
//! Each attempt that has ended is one place in several arrays. Each answer names its run and its group, so that an answer to another
//! client, which a connection pooler may hand over, is never taken for ours.

use super::budget::{Borrowing, pay};
use super::run::PostgresRun;
use super::session::{Statement, Transaction};
use super::values::{bytes, integer, millis, millis_of, storable};
use crate::domain::character::{Character, CharacterId, Claim, Content, TakeNumber};
use crate::domain::flag::Flags;
use crate::domain::money::Money;
use crate::domain::text;
use crate::store::{
    Committed, Group, NextCharacters, Settled, Settlement, Start, StoreError, Stored, lease,
};
use sqlx::postgres::PgRow;
use sqlx::{Row, query};

/// The columns in which a character is read; see [`character`].
pub(super) const CHARACTER: &str =
    "c.id, c.claim, c.tries, c.row, c.key, c.name, c.description, c.content,
    CASE WHEN $2 THEN c.columns END";

/// Stores `group` under this number, but for the end of the transaction.
pub(super) async fn carry_out(
    tx: &mut Transaction<'_>,
    run: &PostgresRun,
    borrowing: &mut Borrowing,
    number: i64,
    group: &Group<'_>,
) -> Result<Committed, StoreError> {
    let doing = "store a group";
    let statement = query(
        "SELECT what, id, claim, n, sheet_row, key, name, description, content, columns, place
         FROM commit_group($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
             $24, $25, $26, $27, $28, $29, $30, $31, $32)",
    );
    let statement = statement
        .bind(run.id.0)
        .bind(number)
        .bind(millis_of(lease::ON_A_SERVER));
    let statement = bind_settlements(statement, &group.settlements);
    let starts = &group.starts;
    let reserved = |start: &Start| start.reserved.map(Money::stored);
    let next = group.next.as_ref();
    let statement = statement
        .bind(starts.iter().map(|it| it.id.0).collect::<Vec<_>>())
        .bind(starts.iter().map(|it| it.claim.0).collect::<Vec<_>>())
        .bind(starts.iter().map(|it| millis(it.at)).collect::<Vec<_>>())
        .bind(starts.iter().map(reserved).collect::<Vec<_>>())
        .bind(next.map_or(0, |next| next.after.0))
        .bind(next.map(|next| integer(next.most)))
        .bind(next.map(|next| millis(next.at)))
        .bind(run.only.clone())
        .bind(next.and_then(excepted))
        .bind(run.needs_columns);
    let rows = tx.rows(doing, statement).await?;
    let (mut committed, part) =
        answer(&rows, group, (run.id.0, number)).ok_or(StoreError::Pooler {
            db: run.db.db.clone(),
        })?;
    pay(tx, run.id, borrowing, group, (&mut committed, part)).await?;
    Ok(committed)
}

/// The characters that are not asked for; `None` if there are none.
pub(super) fn excepted(next: &NextCharacters<'_>) -> Option<Vec<i64>> {
    (!next.except.is_empty()).then(|| next.except.iter().map(|id| id.0).collect())
}

/// Adds the values of the settlements: 19 arrays.
pub(super) fn bind_settlements<'q>(
    statement: Statement<'q>,
    settlements: &[Settlement],
) -> Statement<'q> {
    fn each<T>(settlements: &[Settlement], value: impl Fn(&Settlement) -> T) -> Vec<T> {
        settlements.iter().map(value).collect()
    }
    let of = settlements;
    statement
        .bind(each(of, |it| it.id.0))
        .bind(each(of, |it| it.claim.0))
        .bind(each(of, |it| it.state.word()))
        .bind(each(of, |it| i64::from(it.tries)))
        .bind(each(of, |it| it.ending.outcome.word()))
        .bind(each(of, |it| it.ending.http_status.map(i64::from)))
        .bind(each(of, |it| {
            it.ending
                .error
                .as_deref()
                .map(|it| storable(it).into_owned())
        }))
        .bind(each(of, |it| it.ending.first_text.map(millis_of)))
        .bind(each(of, |it| millis(it.at)))
        .bind(each(of, |it| integer(it.ending.bytes)))
        .bind(each(of, |it| it.ending.tokens.map(|it| integer(it.read))))
        .bind(each(of, |it| {
            it.ending.tokens.map(|it| integer(it.written))
        }))
        .bind(each(of, |it| it.cost.map(|cost| cost.known.stored())))
        .bind(each(of, |it| it.cost.map(|cost| cost.maybe.stored())))
        .bind(each(of, partial))
        .bind(each(of, |it| {
            (it.state == Settled::Done).then(|| storable(&it.ending.text).into_owned())
        }))
        .bind(each(of, |it| integer(it.words)))
        .bind(each(of, |it| flags(it).bits()))
        .bind(each(of, |it| it.content.0.to_vec()))
}

/// Received text that did not become a take: a part of a story, or the thoughts that were removed from a story.
fn partial(settlement: &Settlement) -> Option<String> {
    let kept = match settlement.state {
        Settled::Done => &settlement.ending.thoughts,
        Settled::Pending | Settled::Failed => &settlement.ending.text,
    };
    (!kept.is_empty()).then(|| storable(kept).into_owned())
}

/// All flags of the story: those of the transport, and those that its text gives.
fn flags(settlement: &Settlement) -> Flags {
    let ending = &settlement.ending;
    ending
        .flags
        .union(text::flags(&ending.text, settlement.words))
}

/// What the rows of the function say, with the part of the cast's budget that the run holds; `None` if they answer another
/// question.
fn answer(
    rows: &[PgRow],
    group: &Group<'_>,
    question: (i64, i64),
) -> Option<(Committed, Option<Money>)> {
    let mut committed = Committed {
        settled: vec![Stored::NotOurs; group.settlements.len()],
        started: vec![None; group.starts.len()],
        ..Committed::default()
    };
    let (mut is_ours, mut part) = (false, None);
    for row in rows {
        let place = || place(row.get(10));
        match row.get(0) {
            "s" => *committed.settled.get_mut(place()?)? = stored(row.get(3)),
            "b" => *committed.started.get_mut(place()?)? = Some(Claim(row.get(2))),
            "c" => committed.claimed.push(character(row, 1)),
            _ => {
                is_ours = (row.get(1), row.get(10)) == question;
                committed.is_end = row.get::<i64, _>(3) == 1;
                committed.is_shared = row.get::<i64, _>(2) == 1;
                part = row.get::<Option<i64>, _>(4).map(Money::from_stored);
            }
        }
    }
    is_ours.then_some((committed, part))
}

/// An index from a place in an array of the server, which counts from 1.
pub(super) fn place(place: i64) -> Option<usize> {
    usize::try_from(place).ok()?.checked_sub(1)
}

/// What a settlement has changed, by the number of its take, or 0.
pub(super) fn stored(take: i64) -> Stored {
    if take > 0 {
        Stored::Take(TakeNumber(take))
    } else {
        Stored::NoTake
    }
}

/// The character of a row whose columns from `first` on are those of [`CHARACTER`].
pub(super) fn character(row: &PgRow, first: usize) -> Character {
    Character {
        id: CharacterId(row.get(first)),
        claim: Claim(row.get(first + 1)),
        tries: u32::try_from(row.get::<i64, _>(first + 2)).unwrap_or(u32::MAX),
        row: row.get(first + 3),
        key: row.get(first + 4),
        name: row.get(first + 5),
        description: row.get(first + 6),
        content: Content(bytes(row.get(first + 7))),
        columns: row.get(first + 8),
    }
}
