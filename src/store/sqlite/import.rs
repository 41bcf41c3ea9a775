//! Taking a sheet into its cast: staged beside it, compared, and only then applied, in one transaction.
//!
//! Until [`Import::apply`] returns, the cast is as it was: a refused sheet, a crash or a change of mind leaves no half cast.
//! The rows are staged on disk, so memory does not grow with the sheet; those of a new cast go straight into their place, in
//! the same transaction. The same comparison serves a plan, which is then abandoned.

use super::batch::{Batch, Form, Target};
use super::enroll::{self, Enrolment};
use super::values::trimmed;
use super::{Sqlite, apply, failed, integer, verdicts};
use crate::domain::comparison::Comparison;
use crate::domain::recipe::Recipe;
use crate::domain::verdict::Finished;
use crate::store::StoreError;
use sqlx::{AssertSqlSafe, SqlSafeStr, SqliteConnection, query};
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
    /// Whether its rows may bring stories of their own.
    pub have: bool,
    /// How its stories are made.
    pub recipe: Recipe,
    /// The places of the columns, besides those of name and description, that the recipe's prompt names.
    pub told: Vec<usize>,
    /// What is to become of finished characters whose stories would be made otherwise now.
    pub finished: Finished,
}

/// A sheet on its way into its cast.
pub struct Import<'a> {
    pub(super) writer: MutexGuard<'a, SqliteConnection>,
    pub(super) sheet: Sheet,
    /// The cast, if it existed before.
    pub(super) cast: Option<i64>,
    /// Whether the sheet and its cast have the same key column.
    pub(super) keyed: bool,
    /// The cast, if it is new and is filled without staging.
    enrolment: Option<Enrolment>,
}

impl Sqlite {
    /// The cast of that name and the digest that it remembers of its sheet, if it does; see [`Import::apply`].
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    pub async fn sheet_digest(&self, cast: &str) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
        sqlx::query_as(
            "SELECT id, sheet_digest FROM stored_casts WHERE name = ? AND sheet_digest IS NOT NULL",
        )
        .bind(cast)
        .fetch_optional(&mut *self.reader().await)
        .await
        .map_err(failed("recognise the sheet"))
    }

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
            .map_err(failed("begin the import"))?;
        let cast: Option<(i64, Option<String>)> =
            sqlx::query_as("SELECT id, key_column FROM stored_casts WHERE name = ?")
                .bind(&sheet.cast)
                .fetch_optional(&mut *writer)
                .await
                .map_err(failed("find the cast"))?;
        let (cast, key_before) = cast.unzip();
        let keyed = sheet.key_column.is_some() && Some(&sheet.key_column) == key_before.as_ref();
        let straight = cast.is_none() && self.lock.is_some() && !sheet.have;
        let enrolment = if straight {
            let new = enroll::begin(&mut writer, &sheet).await;
            Some(new.map_err(failed("create the cast"))?)
        } else {
            let candidates = AssertSqlSafe(candidates(cast));
            for sql in [STAGING.into_sql_str(), candidates.into_sql_str()] {
                let staged = query(sql).execute(&mut *writer).await;
                staged.map_err(failed("stage the sheet"))?;
            }
            None
        };
        Ok(Import {
            writer,
            sheet,
            cast,
            keyed,
            enrolment,
        })
    }
}

/// Where rows wait to be compared with their cast.
const STAGING: &str = "
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

/// The characters that a row of the sheet may be.
fn candidates(cast: Option<i64>) -> String {
    let characters = match cast {
        Some(cast) => format!("cast_id = {cast}"),
        None => "FALSE".to_owned(),
    };
    format!(
        "DROP VIEW IF EXISTS temp.candidates;
         CREATE TEMP VIEW candidates AS SELECT * FROM stored_characters WHERE {characters}"
    )
}

/// Whether `who.value` names the staged row `i`: as [`Sqlite::find`] understands it.
fn is_named() -> String {
    format!(
        "(who.value = i.name OR {} = {} OR who.value = i.key OR who.value = '#' || i.row)",
        trimmed("i.name"),
        trimmed("who.value")
    )
}

impl Import<'_> {
    /// What puts the sheet's rows into form for [`Import::add`].
    #[must_use]
    pub fn form(&self) -> Form {
        let target = match &self.enrolment {
            Some(enrolment) => Target::Cast(enrolment.cast),
            None => Target::Staging,
        };
        Form::new(&self.sheet, target)
    }

    /// Stores more rows of the sheet. What is left of them comes back, to be dropped while the next are being stored: that
    /// takes about as long as reading them did.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when there is no room for them.
    pub async fn add(&mut self, batch: Batch) -> Result<Batch, StoreError> {
        for part in &batch.parts {
            let added = match &mut self.enrolment {
                Some(enrolment) => enroll::add(&mut self.writer, enrolment, part).await,
                None => part.insert(&mut self.writer).await.map(drop),
            };
            added.map_err(failed("store the rows of the sheet"))?;
        }
        Ok(batch)
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
        if let Some(enrolment) = &self.enrolment {
            return enroll::repeated_keys(&mut self.writer, enrolment, limit)
                .await
                .map_err(failed("look for repeated keys"));
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
        let compared = match &self.enrolment {
            Some(enrolment) => enroll::compare(&mut self.writer, enrolment).await,
            None => verdicts::compare(self).await,
        };
        compared.map_err(failed("compare the sheet with its cast"))
    }

    /// How many of the sheet's rows are equal to an earlier one.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the staged rows cannot be read.
    pub async fn duplicates(&mut self) -> Result<u64, StoreError> {
        let rows = match &self.enrolment {
            Some(enrolment) => format!("stored_characters WHERE cast_id = {}", enrolment.cast),
            None => "temp.incoming".to_owned(),
        };
        let sql = format!("SELECT count(*) - count(DISTINCT content) FROM {rows}");
        let duplicates: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(&mut *self.writer)
            .await
            .map_err(failed("look for equal rows"))?;
        Ok(super::count(duplicates))
    }

    /// The first of `only` that names none of the compared rows.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the staged rows cannot be read.
    pub async fn unknown(&mut self, only: &[String]) -> Result<Option<String>, StoreError> {
        let sql = format!(
            "SELECT who.value FROM json_each(?) who
             WHERE NOT EXISTS (SELECT 1 FROM temp.incoming i WHERE {}) LIMIT 1",
            is_named()
        );
        sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(serde_json::json!(only).to_string())
            .fetch_optional(&mut *self.writer)
            .await
            .map_err(failed("find the given rows"))
    }

    /// How many of the compared rows that `only` names would stand without a story.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    pub async fn wanted(&mut self, only: &[String]) -> Result<u64, StoreError> {
        let sql = format!(
            "SELECT count(*) FROM temp.verdicts v JOIN temp.incoming i USING (row)
             WHERE v.status = 'pending' AND EXISTS (SELECT 1 FROM json_each(?) who WHERE {})",
            is_named()
        );
        let wanted: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(serde_json::json!(only).to_string())
            .fetch_one(&mut *self.writer)
            .await
            .map_err(failed("count the wanted rows"))?;
        Ok(super::count(wanted))
    }

    /// Takes the compared rows in. Returns the cast, which remembers `digest` until another sheet is taken in:
    /// see [`Sqlite::sheet_digest`].
    ///
    /// # Errors
    ///
    /// [`StoreError`] when nothing was taken in.
    pub async fn apply(mut self, digest: Option<[u8; 32]>) -> Result<i64, StoreError> {
        let taken_in = match &self.enrolment {
            Some(enrolment) => enroll::finish(&mut self.writer, enrolment, digest)
                .await
                .map(|()| enrolment.cast),
            None => apply::apply(&mut self, digest).await,
        };
        taken_in.map_err(failed("import the sheet"))
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
            .map_err(failed("cancel the import"))?;
        enroll::check_again(&mut self.writer)
            .await
            .map_err(failed("cancel the import"))
    }
}
