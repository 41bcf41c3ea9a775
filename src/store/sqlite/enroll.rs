//! A new cast's rows, straight into their place: there is nothing that they would have to be compared with.
//!
//! It happens in the import's transaction, so a refused sheet or a crash leaves no half cast. A key that stands twice is found
//! by the unique index, however many rows there are.

use super::apply::remember;
use super::batch::Part;
use super::run::recipe_id;
use super::values::{parts, places};
use super::verdicts::elsewhere;
use super::{count, crash, integer, millis};
use crate::domain::character::CastId;
use crate::domain::comparison::Comparison;
use crate::store::Sheet;
use sqlx::{AssertSqlSafe, SqliteConnection, query, query_scalar};
use std::collections::HashSet;
use std::time::SystemTime;

/// So many repeated keys are remembered; more are not told of anyway.
const REPEATED_MAX: usize = 100;

/// A new cast that is being filled.
pub(super) struct Enrolment {
    pub(super) cast: CastId,
    rows: u64,
    /// Rows that repeat a key: the key, and the line.
    repeated: Vec<(String, u64)>,
    /// How far the lines are ahead of the rows.
    ahead: Option<u64>,
}

/// Makes the cast that `sheet` is taken in as.
pub(super) async fn begin(
    tx: &mut SqliteConnection,
    sheet: &Sheet,
) -> Result<Enrolment, sqlx::Error> {
    query(
        // From each of these rows on, the line is as far ahead of the row as here.
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
        // What is checked is the state of a character, and all of these have the same one, which the table gives them: it was
        // checked for the first. For a million of them it would take a fifth of the time.
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

/// Remembers on which lines rows begin that have a key: wherever a row is on another line than the rows before let expect.
async fn remember_lines(
    tx: &mut SqliteConnection,
    enrolment: &mut Enrolment,
    first: u64,
    keys: &[(u64, String)],
) -> Result<(), sqlx::Error> {
    let mut surprises = Vec::new();
    for (number, (line, _)) in (first..).zip(keys) {
        let ahead = line.checked_sub(number);
        if ahead != enrolment.ahead || ahead.is_none() {
            enrolment.ahead = ahead;
            surprises.push((number, *line));
        }
    }
    for part in parts(&surprises) {
        let sql = format!(
            "INSERT INTO temp.lines (row, line) VALUES {}",
            places(part.len(), 2)
        );
        let mut insert = query(AssertSqlSafe(sql));
        for (number, line) in part {
            insert = insert.bind(integer(*number)).bind(integer(*line));
        }
        insert.execute(&mut *tx).await?;
    }
    Ok(())
}

/// Up to `limit` repeated keys: the key, the line of its first row, and that of the row that repeats it.
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

/// What taking the sheet in does: every row is new.
pub(super) async fn compare(
    tx: &mut SqliteConnection,
    enrolment: &Enrolment,
) -> Result<Comparison, sqlx::Error> {
    let Enrolment { cast, rows, .. } = *enrolment;
    let finished: bool = query_scalar("SELECT EXISTS (SELECT 1 FROM stored_casts WHERE done > 0)")
        .fetch_one(&mut *tx)
        .await?;
    let elsewhere = if finished {
        let incoming = format!(
            "(SELECT row, content FROM stored_characters WHERE cast_id = {})",
            cast.0
        );
        elsewhere(tx, &incoming, rows).await?
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

/// From here on every row is checked, as everywhere else.
pub(super) async fn check_again(tx: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    query("PRAGMA ignore_check_constraints = OFF")
        .execute(tx)
        .await?;
    Ok(())
}
