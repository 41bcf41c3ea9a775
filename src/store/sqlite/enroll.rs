//! Imports a sheet as a new cast: inserts its rows directly, because there are no characters to compare them with.
//!
//! All of it is in the import's transaction, so a rejected sheet or a crash leaves no half cast. The unique index finds
//! repeated keys, for any number of rows.

use super::apply::remember;
use super::batch::Part;
use super::run::recipe_id;
use super::values::{parts, placeholders};
use super::verdicts::elsewhere;
use super::{count, crash, integer, millis};
use crate::domain::character::CastId;
use crate::domain::comparison::Comparison;
use crate::store::Sheet;
use sqlx::{AssertSqlSafe, SqliteConnection, query, query_scalar};
use std::collections::HashSet;
use std::time::SystemTime;

/// At most this many repeated keys are kept. Messages show fewer.
const REPEATED_MAX: usize = 100;

/// A new cast whose rows are being inserted.
pub(super) struct Enrolment {
    pub(super) cast: CastId,
    rows: u64,
    /// Rows that repeat a key: the key, and the line.
    repeated: Vec<(String, u64)>,
    /// The difference between the line and the number of the last row with a key.
    ahead: Option<u64>,
}

/// Creates the cast for `sheet`.
pub(super) async fn begin(
    tx: &mut SqliteConnection,
    sheet: &Sheet,
) -> Result<Enrolment, sqlx::Error> {
    query(
        // Each entry holds until the next one: the difference between line and row stays the same.
        "DROP TABLE IF EXISTS temp.lines;
         CREATE TEMP TABLE lines (row INTEGER PRIMARY KEY, line INTEGER NOT NULL)",
    )
    .execute(&mut *tx)
    .await?;
    let recipe = recipe_id(tx, &sheet.recipe).await?;
    let cast = query_scalar(
        "INSERT INTO stored_casts (name, created_ms, recipe_id, header, key_column) VALUES (?, ?, ?, ?, ?) RETURNING id",
    )
    .bind(&sheet.cast)
    .bind(millis(SystemTime::now()))
    .bind(recipe)
    .bind(serde_json::json!(sheet.columns).to_string())
    .bind(sheet.key_column.as_deref())
    .fetch_one(tx)
    .await?;
    Ok(Enrolment {
        cast,
        rows: 0,
        repeated: Vec::new(),
        ahead: None,
    })
}

/// Adds rows to the cast.
pub(super) async fn add(
    tx: &mut SqliteConnection,
    enrolment: &mut Enrolment,
    part: &Part,
) -> Result<(), sqlx::Error> {
    let numbers = part.numbers.clone();
    remember_lines(tx, enrolment, numbers.start, &part.keys).await?;
    let rows = numbers.end - numbers.start;
    let inserted = part.insert(tx).await?;
    if enrolment.rows == 0 {
        // The CHECKs concern the state of a character. All these rows have the default state, and it was checked with the
        // first part. For a million rows the checks would take a fifth of the time (measured).
        query("PRAGMA ignore_check_constraints = ON")
            .execute(&mut *tx)
            .await?;
    }
    enrolment.rows += rows;
    if inserted == rows {
        return Ok(());
    }
    let stored: Vec<i64> = query_scalar(
        "SELECT row FROM stored_characters WHERE cast_id = ? AND row >= ? AND row < ?",
    )
    .bind(enrolment.cast)
    .bind(integer(numbers.start))
    .bind(integer(numbers.end))
    .fetch_all(tx)
    .await?;
    let stored: HashSet<u64> = stored.into_iter().map(count).collect();
    let repeated = numbers
        .zip(&part.keys)
        .filter(|(number, _)| !stored.contains(number))
        .map(|(_, (line, key))| (key.clone(), *line));
    let room = REPEATED_MAX.saturating_sub(enrolment.repeated.len());
    enrolment.repeated.extend(repeated.take(room));
    Ok(())
}

/// Stores the lines of rows with a key. Only a row whose difference between line and number changes gets an entry.
async fn remember_lines(
    tx: &mut SqliteConnection,
    enrolment: &mut Enrolment,
    first: u64,
    keys: &[(u64, String)],
) -> Result<(), sqlx::Error> {
    let mut changes = Vec::new();
    for (number, (line, _)) in (first..).zip(keys) {
        let ahead = line.checked_sub(number);
        if ahead != enrolment.ahead || ahead.is_none() {
            enrolment.ahead = ahead;
            changes.push((number, *line));
        }
    }
    for part in parts(&changes) {
        let sql = format!(
            "INSERT INTO temp.lines (row, line) VALUES {}",
            placeholders(part.len(), 2)
        );
        let mut insert = query(AssertSqlSafe(sql));
        for (number, line) in part {
            insert = insert.bind(integer(*number)).bind(integer(*line));
        }
        insert.execute(&mut *tx).await?;
    }
    Ok(())
}

/// Up to `limit` repeated keys: the key, the line of its first row, and the line of the row that repeats it.
pub(super) async fn repeated_keys(
    tx: &mut SqliteConnection,
    enrolment: &Enrolment,
    limit: usize,
) -> Result<Vec<(String, u64, u64)>, sqlx::Error> {
    let mut repeated = Vec::new();
    for (key, line) in enrolment.repeated.iter().take(limit) {
        let first: i64 = query_scalar(
            "SELECT l.line + c.row - l.row
             FROM stored_characters c JOIN temp.lines l ON l.row <= c.row
             WHERE c.cast_id = ? AND c.key = ? ORDER BY l.row DESC LIMIT 1",
        )
        .bind(enrolment.cast)
        .bind(key)
        .fetch_one(&mut *tx)
        .await?;
        repeated.push((key.clone(), count(first), *line));
    }
    Ok(repeated)
}

/// SQL for the rows of the sheet. Each of them is a new character without a story.
pub(super) fn rows(enrolment: &Enrolment) -> String {
    let cast = enrolment.cast.0;
    format!("(SELECT row, key, name, content FROM stored_characters WHERE cast_id = {cast})")
}

/// What the import does: every row is new.
pub(super) async fn compare(
    tx: &mut SqliteConnection,
    enrolment: &Enrolment,
) -> Result<Comparison, sqlx::Error> {
    let rows = enrolment.rows;
    let finished: bool = query_scalar("SELECT EXISTS (SELECT 1 FROM stored_casts WHERE done > 0)")
        .fetch_one(&mut *tx)
        .await?;
    let elsewhere = if finished {
        elsewhere(tx, &self::rows(enrolment), rows).await?
    } else {
        None
    };
    Ok(Comparison {
        rows,
        new: rows,
        pending: rows,
        elsewhere,
        ..Comparison::default()
    })
}

/// Commits the cast.
pub(super) async fn finish(
    tx: &mut SqliteConnection,
    enrolment: &Enrolment,
    digest: Option<[u8; 32]>,
) -> Result<(), sqlx::Error> {
    crash::point("importing");
    query("UPDATE stored_casts SET pending = ? WHERE id = ?")
        .bind(integer(enrolment.rows))
        .bind(enrolment.cast)
        .execute(&mut *tx)
        .await?;
    remember(tx, enrolment.cast, digest).await?;
    crash::point("imported");
    query("DROP TABLE temp.lines; COMMIT")
        .execute(&mut *tx)
        .await?;
    check_again(tx).await
}

/// Switches the CHECKs on again.
pub(super) async fn check_again(tx: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    query("PRAGMA ignore_check_constraints = OFF")
        .execute(tx)
        .await?;
    Ok(())
}
