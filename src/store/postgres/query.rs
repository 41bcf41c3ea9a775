//! Runs one statement that the user typed, and only if it reads.
//!
//! It runs in a transaction that may not write. Before, the server reads it as a part of another statement, which fails where the
//! text is more than one statement: the first of several could end the transaction.

use super::Postgres;
use super::session::{Limits, Transaction};
use crate::store::{StoreError, VIEWS, Value};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Column, Row, TypeInfo, ValueRef, query};
use std::ops::ControlFlow;

/// The words that a statement may start with.
const FIRST_WORDS: [&str; 4] = ["SELECT", "WITH", "VALUES", "EXPLAIN"];

/// The name of the one column of an explanation.
const EXPLANATION: &str = "QUERY PLAN";

/// For the message of an error that is not the statement's.
const DOING: &str = "run the statement";

/// Why no further row is read.
enum Stop<E> {
    Store(StoreError),
    Caller(E),
}

impl<E> From<StoreError> for Stop<E> {
    fn from(err: StoreError) -> Self {
        Self::Store(err)
    }
}

impl Postgres {
    /// Runs one statement that reads, and calls `each` with the names of the columns and the values of each row. With `cast`,
    /// the views hold only that cast. Returns the names of the columns.
    ///
    /// # Errors
    ///
    /// What `each` returns; [`StoreError::Statement`] when the statement does more than read, or has an error.
    pub(in crate::store) async fn query<E: From<StoreError>>(
        &self,
        sql: &str,
        cast: Option<&str>,
        mut each: impl FnMut(&[String], Vec<Value>) -> Result<(), E>,
    ) -> Result<Vec<String>, E> {
        let sql = sql.trim_end().trim_end_matches(';');
        let first = allowed(sql)?;
        let mut tx = match cast {
            None => self.reader.read(Limits::Long).await?,
            Some(cast) => {
                let mut tx = self.writer.write(Limits::Long).await?;
                narrow(&mut tx, cast).await?;
                tx
            }
        };
        if first == "EXPLAIN" {
            let columns = vec![EXPLANATION.to_owned()];
            let explanation = query(AssertSqlSafe(sql.to_owned()));
            let rows = tx.rows(DOING, explanation).await.map_err(wrong)?;
            for row in &rows {
                each(&columns, values(row)?)?;
            }
            tx.finish().await;
            return Ok(columns);
        }
        let columns = columns(&mut tx, sql).await.map_err(wrong)?;
        let done = tx.each_as_text(DOING, sql, |row| {
            each(&columns, values(row)?).map_err(Stop::Caller)?;
            Ok(ControlFlow::Continue(()))
        });
        match done.await {
            Ok(()) => {}
            Err(Stop::Store(err)) => return Err(wrong(err).into()),
            Err(Stop::Caller(err)) => return Err(err),
        }
        tx.finish().await;
        Ok(columns)
    }
}

/// Limits the views to one cast, for this transaction, by temporary views of the same names. Then nothing can be written any more.
async fn narrow(tx: &mut Transaction<'_>, cast: &str) -> Result<(), StoreError> {
    let doing = "choose the cast";
    let chosen = query("SELECT set_config('backstory.cast', $1, true)")
        .bind(super::values::storable(cast).into_owned());
    tx.execute(doing, chosen).await?;
    let views = VIEWS.map(|view| {
        format!(
            "CREATE TEMP VIEW {view} AS SELECT * FROM backstory.{view}
             WHERE cast_name = current_setting('backstory.cast');"
        )
    });
    let sql = format!("{} SET TRANSACTION READ ONLY", views.concat());
    tx.batch(doing, &sql).await
}

/// The names of the columns of a statement. It is an error where the text is more than one statement.
async fn columns(tx: &mut Transaction<'_>, sql: &str) -> Result<Vec<String>, StoreError> {
    // The server sees that no row can match, and does not run the statement. The line break ends a comment.
    let sql = format!("SELECT u.* FROM (SELECT) AS one LEFT JOIN (\n{sql}\n) AS u ON false");
    let row = tx.row(DOING, query(AssertSqlSafe(sql))).await?;
    let columns = row.iter().flat_map(sqlx::Row::columns);
    Ok(columns.map(|column| column.name().to_owned()).collect())
}

/// An error of the statement itself is the user's.
fn wrong(err: StoreError) -> StoreError {
    let (StoreError::Failed { source, .. } | StoreError::Denied { source, .. }) = &err else {
        return err;
    };
    match source.downcast_ref() {
        Some(sqlx::Error::Database(said)) => StoreError::Statement {
            reason: said.message().to_owned(),
        },
        _ => err,
    }
}

/// The values of a row whose columns arrived as texts.
fn values(row: &PgRow) -> Result<Vec<Value>, StoreError> {
    (0..row.len()).map(|at| value(row, at)).collect()
}

fn value(row: &PgRow, at: usize) -> Result<Value, StoreError> {
    let impossible = || StoreError::Impossible { what: "value" };
    let raw = row.try_get_raw(at).map_err(|_| impossible())?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let kind = raw.type_info().name().to_owned();
    let text = raw.as_str().map_err(|_| impossible())?;
    let number = || text.parse().ok().map(Value::Integer);
    let real = || text.parse().ok().map(Value::Real);
    let value = match kind.as_str() {
        "INT2" | "INT4" | "INT8" => number(),
        "FLOAT4" | "FLOAT8" => real(),
        "NUMERIC" => number().or_else(real),
        "BOOL" => Some(Value::Integer(i64::from(text == "t"))),
        "BYTEA" => bytes(text).map(Value::Blob),
        _ => Some(Value::Text(text.to_owned())),
    };
    value.ok_or_else(impossible)
}

/// The bytes that the server writes as `\x` and hexadecimal digits.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("\\x")?.as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.chunks(2).map(byte).collect()
}

/// Checks the first word of a statement, and returns it in upper case.
fn allowed(sql: &str) -> Result<String, StoreError> {
    let mut rest = sql.trim_start();
    loop {
        rest = if let Some(comment) = rest.strip_prefix("--") {
            comment.split_once('\n').map_or("", |(_, behind)| behind)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, behind)| behind)
        } else {
            break;
        }
        .trim_start();
    }
    let first: String = rest.chars().take_while(char::is_ascii_alphabetic).collect();
    let first = first.to_ascii_uppercase();
    if FIRST_WORDS.contains(&first.as_str()) {
        Ok(first)
    } else {
        Err(StoreError::Statement {
            reason: "it must begin with SELECT, WITH, VALUES or EXPLAIN".to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_says_that_a_statement_reads() {
        for (sql, first) in [
            ("select 1", Some("SELECT")),
            (" -- a\n/* b */ With x as (select 1) table x", Some("WITH")),
            ("values (1)", Some("VALUES")),
            ("explain select 1", Some("EXPLAIN")),
            ("", None),
            ("-- select 1", None),
            ("/* select", None),
            ("commit", None),
            ("selectx", None),
            ("do $$ begin end $$", None),
        ] {
            assert_eq!(allowed(sql).ok().as_deref(), first, "{sql}");
        }
    }

    #[test]
    fn bytes_are_read_from_hexadecimal_digits() {
        assert_eq!(bytes("\\x00ff"), Some(vec![0, 255]));
        assert_eq!(bytes("\\x"), Some(vec![]));
        assert_eq!(bytes("00"), None);
    }
}
