//! Taking a sheet into its cast: staged beside it, compared, and only then applied, in one transaction.
//!
//! Until [`Import::apply`] returns, the cast is as it was: a refused sheet, a crash or a change of mind leaves no half cast.
//! The rows are staged on disk, so memory does not grow with the sheet. The same comparison serves a plan, which is then
//! abandoned.

use super::values::{parts, places};
use super::{Sqlite, apply, failed, integer, matching};
use crate::domain::character::Content;
use crate::domain::recipe::Recipe;
use crate::domain::row::Row;
use crate::domain::text;
use crate::store::StoreError;
use sqlx::{AssertSqlSafe, SqliteConnection, query};
use tokio::sync::MutexGuard;

/// What a sheet is taken in as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The cast's name.
    pub cast: String,
    /// The sheet's columns, in order.
    pub columns: Vec<String>,
    /// The column that identifies its rows, if there is one.
    pub key_column: Option<String>,
    /// How its stories are made.
    pub recipe: Recipe,
    /// The places of the columns, besides those of name and description, that the recipe's prompt names.
    pub told: Vec<usize>,
    /// Whether finished characters of another recipe are to be written anew.
    pub redo: bool,
}

/// What taking the sheet in would do, before anything is done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Rows of the sheet.
    pub rows: u64,
    /// Rows that match no character of the cast.
    pub new: u64,
    /// Characters whose name or description changed.
    pub edited: u64,
    /// Characters as they were.
    pub unchanged: u64,
    /// Characters that would stand without a story.
    pub pending: u64,
    /// Characters that would stand finished.
    pub done: u64,
    /// Characters that would stand failed.
    pub failed: u64,
    /// All characters that would be gone.
    pub gone: u64,
    /// Rows that are equal to an earlier one.
    pub duplicates: u64,
    /// Characters that stand finished now.
    pub finished: u64,
    /// Of those, the ones that would go.
    pub would_go: u64,
    /// Of those, the ones that would be paid again because they were edited.
    pub would_be_paid_again: u64,
    /// The recipe that the cast had, if it was another one and characters stand finished.
    pub recipe_before: Option<Recipe>,
    /// The cast is new, and this other one holds most of its rows finished.
    pub elsewhere: Option<String>,
}

/// A sheet on its way into its cast.
pub struct Import<'a> {
    pub(super) writer: MutexGuard<'a, SqliteConnection>,
    pub(super) sheet: Sheet,
    /// The cast, if it exists already.
    pub(super) cast: Option<i64>,
    heads: Vec<String>,
}

impl Sqlite {
    /// Begins to take a sheet in. Nobody else can write until the import is applied or abandoned.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be written; nothing has changed.
    pub async fn import(&self, sheet: Sheet) -> Result<Import<'_>, StoreError> {
        let mut writer = self.writer.lock().await;
        let begin = match self.lock {
            Some(_) => "BEGIN IMMEDIATE",
            None => "BEGIN",
        };
        query(begin)
            .execute(&mut *writer)
            .await
            .map_err(failed("begin to take the sheet in"))?;
        let staging = "
            DROP TABLE IF EXISTS temp.incoming;
            CREATE TEMP TABLE incoming (
                row INTEGER PRIMARY KEY,
                line INTEGER NOT NULL,
                key TEXT,
                name TEXT NOT NULL,
                description TEXT NOT NULL,
                columns TEXT NOT NULL,
                content BLOB NOT NULL,
                have TEXT,
                have_words INTEGER,
                have_flags INTEGER
            )";
        query(staging)
            .execute(&mut *writer)
            .await
            .map_err(failed("stage the sheet"))?;
        let cast = sqlx::query_scalar("SELECT id FROM stored_casts WHERE name = ?")
            .bind(&sheet.cast)
            .fetch_optional(&mut *writer)
            .await
            .map_err(failed("find the cast"))?;
        let heads = sheet
            .columns
            .iter()
            .map(|column| json(column) + ":")
            .collect();
        Ok(Import {
            writer,
            sheet,
            cast,
            heads,
        })
    }
}

impl Import<'_> {
    /// Stages more rows of the sheet.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when there is no room for them.
    pub async fn add(&mut self, rows: &[Row]) -> Result<(), StoreError> {
        for part in parts(rows) {
            let sql = format!(
                "INSERT INTO temp.incoming
                     (row, line, key, name, description, columns, content, have, have_words, have_flags)
                 VALUES {}",
                places(part.len(), 10)
            );
            let mut insert = query(AssertSqlSafe(sql));
            for row in part {
                let have = row.have.as_deref();
                insert = insert
                    .bind(integer(row.number))
                    .bind(integer(row.line))
                    .bind(row.key.as_deref().map(|key| key.trim().to_owned()))
                    .bind(row.name.clone())
                    .bind(row.description.clone())
                    .bind(self.columns(&row.cells))
                    .bind(self.content(row).0.to_vec())
                    .bind(row.have.clone())
                    .bind(have.map(|text| integer(text::words(text))))
                    .bind(have.map(|text| text::flags(text).bits()));
            }
            insert
                .execute(&mut *self.writer)
                .await
                .map_err(failed("stage the sheet"))?;
        }
        Ok(())
    }

    /// Up to `limit` keys that stand in several rows: the key, the line of its first row and that of a later one, in the
    /// order of the later lines.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the staged rows cannot be read.
    pub async fn repeated_keys(
        &mut self,
        limit: usize,
    ) -> Result<Vec<(String, u64, u64)>, StoreError> {
        if self.sheet.key_column.is_none() {
            return Ok(Vec::new());
        }
        let rows: Vec<(String, i64, i64)> = sqlx::query_as(
            "SELECT key, first, line FROM (
                 SELECT key, line, min(line) OVER (PARTITION BY key) AS first FROM temp.incoming
             ) WHERE line > first ORDER BY line LIMIT ?",
        )
        .bind(integer(limit))
        .fetch_all(&mut *self.writer)
        .await
        .map_err(failed("look for repeated keys"))?;
        let lines = |(key, first, line)| (key, super::count(first), super::count(line));
        Ok(rows.into_iter().map(lines).collect())
    }

    /// Matches the staged rows to the characters of the cast and says what taking them in would do.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    pub async fn compare(&mut self) -> Result<Comparison, StoreError> {
        matching::compare(self)
            .await
            .map_err(failed("compare the sheet with its cast"))
    }

    /// How many of the compared rows that `only` names would stand without a story.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    pub async fn wanted(&mut self, only: &[String]) -> Result<u64, StoreError> {
        let wanted: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM temp.verdicts v JOIN temp.incoming i USING (row)
             WHERE v.status = 'pending' AND EXISTS (
                 SELECT 1 FROM json_each(?) WHERE value = i.name OR value = i.key OR value = '#' || i.row
             )",
        )
        .bind(serde_json::json!(only).to_string())
        .fetch_one(&mut *self.writer)
        .await
        .map_err(failed("count the wanted rows"))?;
        Ok(super::count(wanted))
    }

    /// Takes the compared rows in. Returns the cast.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when nothing was taken in.
    pub async fn apply(mut self) -> Result<i64, StoreError> {
        apply::apply(&mut self)
            .await
            .map_err(failed("take the sheet in"))
    }

    /// Leaves everything as it was.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be reached; then nothing was taken in either.
    pub async fn abandon(mut self) -> Result<(), StoreError> {
        query("ROLLBACK")
            .execute(&mut *self.writer)
            .await
            .map_err(failed("leave the sheet out"))?;
        Ok(())
    }

    /// What a story of the row is made from.
    fn content(&self, row: &Row) -> Content {
        let told = self.sheet.told.iter().filter_map(|at| row.cells.get(*at));
        Content::with(&row.name, &row.description, told.map(String::as_str))
    }

    /// The cells under the names of their columns, as a JSON object.
    fn columns(&self, cells: &[String]) -> String {
        let mut object = String::from("{");
        for (head, cell) in self.heads.iter().zip(cells) {
            if object.len() > 1 {
                object.push(',');
            }
            object.push_str(head);
            object.push_str(&json(cell));
        }
        object.push('}');
        object
    }
}

pub(super) fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
