//! Taking a sheet into its cast: staged beside it, compared, and only then applied, in one transaction.
//!
//! Until [`Import::apply`] returns, the cast is as it was: a refused sheet, a crash or a change of mind leaves no half cast.
//! The rows are staged on disk, so memory does not grow with the sheet; those of a new cast go straight into their place, in
//! the same transaction. The same comparison serves a plan, which is then abandoned.

use super::Sqlite;
use super::batch::{Batch, Form, Target, staging};
use super::enroll;
use super::facts::KNOWN_STATUS;
use super::importing::{Import, Way};
use super::staging::{is_named, tables};
use super::unchanged::Unchanged;
use super::{apply, failed, integer, verdicts};
use crate::domain::alignment::Limits;
use crate::domain::character::CastId;
use crate::domain::comparison::Comparison;
use crate::domain::row::Row;
use crate::domain::verdict::Finished;
use crate::store::{Intake, Sheet, StoreError};
use sqlx::{AssertSqlSafe, query};

impl Sqlite {
    pub(in crate::store) async fn sheet_digest(
        &self,
        cast: &str,
    ) -> Result<Option<(CastId, Vec<u8>)>, StoreError> {
        sqlx::query_as(
            "SELECT id, sheet_digest FROM stored_casts WHERE name = ? AND sheet_digest IS NOT NULL",
        )
        .bind(cast)
        .fetch_optional(&mut *self.reader().await)
        .await
        .map_err(failed("recognise the sheet"))
    }

    /// Begins an import. No other connection can write until it is applied or abandoned.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be written; nothing has changed.
    pub(in crate::store) async fn import(&self, sheet: Sheet) -> Result<Import<'_>, StoreError> {
        self.begin_import(sheet, Way::Short(Limits::default()))
            .await
    }

    /// Begins an import that looks at every row and every character, or only at those that differ.
    pub(super) async fn begin_import(
        &self,
        sheet: Sheet,
        way: Way,
    ) -> Result<Import<'_>, StoreError> {
        let mut writer = self.writer.lock().await;
        let begin = match self.lock {
            Some(_) => "BEGIN IMMEDIATE",
            None => "BEGIN",
        };
        query(begin)
            .execute(&mut *writer)
            .await
            .map_err(failed("begin the import"))?;
        let cast: Option<(CastId, Option<String>)> =
            sqlx::query_as("SELECT id, key_column FROM stored_casts WHERE name = ?")
                .bind(&sheet.cast)
                .fetch_optional(&mut *writer)
                .await
                .map_err(failed("find the cast"))?;
        let (cast, key_before) = cast.unzip();
        let keyed = sheet.key_column.is_some() && Some(&sheet.key_column) == key_before.as_ref();
        let unchanged = match (way, cast) {
            (Way::Short(limits), Some(cast)) if keeps_equal_rows(&sheet, key_before.as_ref()) => {
                Some(Unchanged::new(cast, keyed, limits))
            }
            _ => None,
        };
        let straight = cast.is_none() && self.lock.is_some() && !sheet.have;
        let enrolment = if straight {
            let new = enroll::begin(&mut writer, &sheet).await;
            Some(new.map_err(failed("create the cast"))?)
        } else {
            let sql = tables(cast, unchanged.is_some());
            let staged = query(AssertSqlSafe(sql)).execute(&mut *writer).await;
            staged.map_err(failed("stage the sheet"))?;
            None
        };
        Ok(Import {
            db: self,
            writer,
            sheet,
            cast,
            keyed,
            enrolment,
            unchanged,
        })
    }
}

/// Whether a row that is equal to a character leaves it unchanged. It may not if finished characters are written again or if rows
/// have stories. If the key column changes, no row is equal to any character.
fn keeps_equal_rows(sheet: &Sheet, key_before: Option<&Option<String>>) -> bool {
    !sheet.have && sheet.finished != Finished::Redo && Some(&sheet.key_column) == key_before
}

impl Import<'_> {
    /// Stores the rows of a batch, or finds out that they did not change.
    async fn insert(&mut self, batch: &mut Batch) -> Result<(), sqlx::Error> {
        let tx = &mut *self.writer;
        if let Some(enrolment) = &mut self.enrolment {
            for part in &batch.parts {
                enroll::add(tx, enrolment, part).await?;
            }
            return Ok(());
        }
        let rows = std::mem::take(&mut batch.rows);
        let left_over = match &mut self.unchanged {
            Some(unchanged) => {
                let (found, left_over) = unchanged.divide(tx, rows).await?;
                batch.rows = found;
                left_over
            }
            None => rows,
        };
        batch.parts = staging(left_over);
        for part in &batch.parts {
            part.insert(tx).await?;
        }
        Ok(())
    }

    /// After the last row: notes what was not in the sheet.
    async fn end_of_rows(&mut self) -> Result<(), sqlx::Error> {
        match &mut self.unchanged {
            Some(unchanged) => unchanged.finish(&mut self.writer).await,
            None => Ok(()),
        }
    }
}

impl Intake for Import<'_> {
    type Form = Form;
    type Batch = Batch;

    fn form(&self) -> Form {
        let target = match &self.enrolment {
            Some(enrolment) => Target::Cast(enrolment.cast),
            None => Target::Staging,
        };
        Form::new(&self.sheet, target)
    }

    fn batch(form: &Form, rows: Vec<Row>) -> Batch {
        form.batch(rows)
    }

    async fn add(&mut self, mut batch: Batch) -> Result<Batch, StoreError> {
        self.insert(&mut batch)
            .await
            .map_err(failed("store the rows of the sheet"))?;
        Ok(batch)
    }

    async fn repeated_keys(&mut self, limit: usize) -> Result<Vec<(String, u64, u64)>, StoreError> {
        if self.sheet.key_column.is_none() {
            return Ok(Vec::new());
        }
        if let Some(enrolment) = &self.enrolment {
            return enroll::repeated_keys(&mut self.writer, enrolment, limit)
                .await
                .map_err(failed("look for repeated keys"));
        }
        self.end_of_rows()
            .await
            .map_err(failed("look for repeated keys"))?;
        let keys = match self.cast.filter(|_| self.unchanged.is_some()) {
            // Of the unchanged rows, those whose key a staged row has, too. Each is looked up by its key.
            Some(CastId(cast)) => format!(
                "SELECT key, line FROM temp.incoming
                 UNION ALL
                 SELECT key, line FROM temp.standing WHERE id IN (
                     SELECT c.id FROM temp.incoming i
                     CROSS JOIN stored_characters c ON c.cast_id = {cast} AND c.key = i.key
                     WHERE c.id NOT IN (SELECT character_id FROM temp.left_over)
                 )"
            ),
            None => "SELECT key, line FROM temp.incoming".to_owned(),
        };
        let sql = format!(
            "SELECT key, first, line FROM (
                 SELECT key, line, min(line) OVER (PARTITION BY key) AS first FROM ({keys})
             ) WHERE line > first ORDER BY line LIMIT ?"
        );
        let rows: Vec<(String, i64, i64)> = sqlx::query_as(AssertSqlSafe(sql))
            .bind(integer(limit))
            .fetch_all(&mut *self.writer)
            .await
            .map_err(failed("look for repeated keys"))?;
        let lines = |(key, first, line)| (key, super::count(first), super::count(line));
        Ok(rows.into_iter().map(lines).collect())
    }

    async fn compare(&mut self) -> Result<Comparison, StoreError> {
        self.end_of_rows()
            .await
            .map_err(failed("compare the sheet with its cast"))?;
        let compared = match &self.enrolment {
            Some(enrolment) => enroll::compare(&mut self.writer, enrolment).await,
            None => verdicts::compare(self).await,
        };
        compared.map_err(failed("compare the sheet with its cast"))
    }

    async fn duplicates(&mut self) -> Result<u64, StoreError> {
        let rows = match &self.enrolment {
            Some(enrolment) => enroll::rows(enrolment),
            None => "temp.sheet_rows".to_owned(),
        };
        let sql = format!("SELECT count(*) - count(DISTINCT content) FROM {rows}");
        let duplicates: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(&mut *self.writer)
            .await
            .map_err(failed("look for equal rows"))?;
        Ok(super::count(duplicates))
    }

    async fn unknown(&mut self, only: &[String]) -> Result<Option<String>, StoreError> {
        let rows = match &self.enrolment {
            Some(enrolment) => enroll::rows(enrolment),
            None => "temp.sheet_rows".to_owned(),
        };
        let sql = format!(
            "SELECT who.value FROM json_each(?) who
             WHERE NOT EXISTS (SELECT 1 FROM {rows} i WHERE {}) LIMIT 1",
            is_named()
        );
        sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(serde_json::json!(only).to_string())
            .fetch_optional(&mut *self.writer)
            .await
            .map_err(failed("find the given rows"))
    }

    async fn wanted(&mut self, only: &[String]) -> Result<u64, StoreError> {
        let without_story = match &self.enrolment {
            Some(enrolment) => enroll::rows(enrolment),
            None => format!(
                "(SELECT i.row, i.key, i.name FROM temp.verdicts v JOIN temp.incoming i USING (row)
                  WHERE v.status = 'pending'
                  UNION ALL
                  SELECT c.new_row, c.key, c.name FROM temp.standing c WHERE {KNOWN_STATUS} = 'pending')"
            ),
        };
        let sql = format!(
            "SELECT count(*) FROM {without_story} i
             WHERE EXISTS (SELECT 1 FROM json_each(?) who WHERE {})",
            is_named()
        );
        let wanted: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(serde_json::json!(only).to_string())
            .fetch_one(&mut *self.writer)
            .await
            .map_err(failed("count the wanted rows"))?;
        Ok(super::count(wanted))
    }

    async fn apply(mut self, digest: Option<[u8; 32]>) -> Result<CastId, StoreError> {
        self.db.check_place()?;
        let imported = match &self.enrolment {
            Some(enrolment) => enroll::finish(&mut self.writer, enrolment, digest)
                .await
                .map(|()| enrolment.cast),
            None => apply::apply(&mut self, digest).await,
        };
        imported.map_err(failed("import the sheet"))
    }

    async fn abandon(mut self) -> Result<(), StoreError> {
        query("ROLLBACK")
            .execute(&mut *self.writer)
            .await
            .map_err(failed("cancel the import"))?;
        enroll::check_again(&mut self.writer)
            .await
            .map_err(failed("cancel the import"))
    }
}
