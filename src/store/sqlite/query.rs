//! Runs one statement that the user typed, and only if it reads.
//!
//! The connection is read-only, and the first word of the statement is checked as well: on a read-only connection, `ATTACH`
//! could still create a file.

use super::Sqlite;
use super::failed;
use super::file::connect;
use crate::store::{StoreError, VIEWS, Value};
use futures_util::TryStreamExt;
use sqlx::{
    AssertSqlSafe, Column, Executor, Row, SqlSafeStr, SqliteConnection, Statement, TypeInfo,
    ValueRef,
};

/// The words that a statement may start with.
const FIRST_WORDS: [&str; 4] = ["SELECT", "WITH", "VALUES", "EXPLAIN"];

impl Sqlite {
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
        allowed(sql)?;
        let wrong = |err: sqlx::Error| {
            let reason = match &err {
                sqlx::Error::Database(err) => err.message().to_owned(),
                err => err.to_string(),
            };
            StoreError::Statement { reason }
        };
        let mut reader = connect(&self.path, true).await?;
        if let Some(cast) = cast {
            narrow(&mut reader, cast)
                .await
                .map_err(failed("choose the cast"))?;
        }
        sqlx::query("PRAGMA query_only = ON")
            .execute(&mut reader)
            .await
            .map_err(failed("make the connection read-only"))?;
        let sql = AssertSqlSafe(sql.to_owned()).into_sql_str();
        let statement = reader.prepare(sql.clone()).await.map_err(wrong)?;
        let columns: Vec<String> = statement
            .columns()
            .iter()
            .map(|column| column.name().to_owned())
            .collect();
        let mut rows = sqlx::query(sql).fetch(&mut reader);
        while let Some(row) = rows.try_next().await.map_err(wrong)? {
            let values = (0..row.len())
                .map(|at| value(&row, at))
                .collect::<Result<_, _>>();
            each(&columns, values?)?;
        }
        Ok(columns)
    }
}

/// Limits the views to one cast, for this connection, by temporary views of the same names.
async fn narrow(reader: &mut SqliteConnection, cast: &str) -> Result<(), sqlx::Error> {
    sqlx::query(
        "CREATE TEMP TABLE chosen (cast_name TEXT); INSERT INTO temp.chosen (cast_name) VALUES (?)",
    )
    .bind(cast)
    .execute(&mut *reader)
    .await?;
    for view in VIEWS {
        let sql = format!(
            "CREATE TEMP VIEW {view} AS SELECT * FROM main.{view}
             WHERE cast_name = (SELECT cast_name FROM temp.chosen)"
        );
        sqlx::query(AssertSqlSafe(sql))
            .execute(&mut *reader)
            .await?;
    }
    Ok(())
}

fn value(row: &sqlx::sqlite::SqliteRow, at: usize) -> Result<Value, StoreError> {
    let reading = failed("read a value");
    let raw = row.try_get_raw(at).map_err(reading)?;
    let kind = raw.type_info().name().to_owned();
    let reading = failed("read a value");
    match kind.as_str() {
        _ if raw.is_null() => Ok(Value::Null),
        "INTEGER" | "BOOLEAN" => row
            .try_get_unchecked(at)
            .map(Value::Integer)
            .map_err(reading),
        "REAL" => row.try_get_unchecked(at).map(Value::Real).map_err(reading),
        "BLOB" => row.try_get_unchecked(at).map(Value::Blob).map_err(reading),
        _ => row.try_get_unchecked(at).map(Value::Text).map_err(reading),
    }
}

/// Checks that there is one statement and that its first word is allowed.
fn allowed(sql: &str) -> Result<(), StoreError> {
    let wrong = |reason: &str| {
        Err(StoreError::Statement {
            reason: reason.to_owned(),
        })
    };
    let (words, statements) = outline(sql);
    let first: String = words
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .collect();
    if !FIRST_WORDS
        .iter()
        .any(|word| first.eq_ignore_ascii_case(word))
    {
        return wrong("it must begin with SELECT, WITH, VALUES or EXPLAIN");
    }
    if statements > 1 {
        return wrong("there is more than one");
    }
    Ok(())
}

/// The text without comments and leading white space, and the number of statements in it.
fn outline(sql: &str) -> (String, usize) {
    let mut plain = String::new();
    let mut rest = sql;
    let (mut statements, mut in_statement) = (0, false);
    while let Some(c) = rest.chars().next() {
        let skipped = skip(rest);
        let (part, behind) = rest.split_at(skipped.unwrap_or(c.len_utf8()));
        rest = behind;
        let is_comment = part.starts_with("--") || part.starts_with("/*");
        if is_comment || (c.is_whitespace() && plain.is_empty()) {
            continue;
        }
        if c == ';' {
            in_statement = false;
        } else if !c.is_whitespace() && !in_statement {
            in_statement = true;
            statements += 1;
        }
        plain.push_str(part);
    }
    (plain, statements)
}

/// The length of the comment, string or quoted name at the start of `sql`.
fn skip(sql: &str) -> Option<usize> {
    let until = |begin: usize, end: &str| {
        let found = sql[begin..].find(end).map(|at| begin + at + end.len());
        Some(found.unwrap_or(sql.len()))
    };
    match sql.as_bytes() {
        [b'-', b'-', ..] => until(2, "\n"),
        [b'/', b'*', ..] => until(2, "*/"),
        [b'\'', ..] => until(1, "'"),
        [b'"', ..] => until(1, "\""),
        [b'`', ..] => until(1, "`"),
        [b'[', ..] => until(1, "]"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_statement_that_reads_is_allowed() {
        for sql in [
            "select 1",
            "  SELECT ';' ; ",
            "-- why\nWITH a AS (SELECT 1) SELECT * FROM a",
            "/* ; */ values (1)",
            "explain query plan select \"a;b\", [c;d], `e;f`, 'it''s;'",
        ] {
            assert!(allowed(sql).is_ok(), "{sql}");
        }
    }

    #[test]
    fn any_other_statement_is_rejected() {
        for sql in [
            "",
            ";",
            "update results set name = 1",
            "drop table x",
            "attach 'x.db' as x",
            "vacuum into 'x.db'",
            "pragma journal_mode = delete",
            "select 1; attach 'x.db' as x",
            "selectx",
            "select 1; -- '\nattach 'x.db' as x",
            "/* */ attach 'x' as x",
        ] {
            assert!(allowed(sql).is_err(), "{sql}");
        }
    }
}
