//! A sheet that is imported: its rows are copied into a temporary table, compared with their cast, and only then applied, in one
//! transaction.
//!
//! Until [`Import::apply`] returns, the cast is as it was. Two imports of one cast wait for each other: the second one then compares
//! its sheet with what the first one has stored. Runs go on meanwhile. What they changed between the comparison and the end of the
//! import is seen when the import is applied, see `apply.rs`.
//!
//! A zero character, which the server cannot hold, is replaced. The sheet's reader refuses it before.

use super::importing::{Import, Stage};
use super::session::{Limits, Transaction};
use super::staging::{ALL_IN, COPY, TABLES, is_named};
use super::values::{integer, storable};
use super::{Postgres, apply, count, verdicts};
use crate::domain::character::CastId;
use crate::domain::comparison::Comparison;
use crate::domain::row::Row;
use crate::store::{Intake, Sheet, StoreError};
use sqlx::{AssertSqlSafe, Row as _, query};

pub(in crate::store) use super::staging::{Batch, Form};

impl Postgres {
    /// Begins an import; waits until no other import into a cast of this name is in progress.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be written, or when another import takes too long; nothing has changed.
    pub(in crate::store) async fn import(&self, sheet: Sheet) -> Result<Import<'_>, StoreError> {
        let sheet = storable_sheet(sheet);
        let mut tx = self.writer.write(Limits::Long).await?;
        lock_name(&mut tx, &sheet.cast).await?;
        let cast = query("SELECT id, key_column FROM stored_casts WHERE name = $1");
        let found = tx.row("find the cast", cast.bind(&sheet.cast)).await?;
        let cast = found.as_ref().map(|row| row.get(0));
        let key_before = found.and_then(|row| row.get::<Option<String>, _>(1));
        tx.batch("stage the sheet", TABLES).await?;
        Ok(Import {
            tx,
            keyed: sheet.key_column.is_some() && sheet.key_column == key_before,
            sheet,
            db: self.db(),
            cast,
            stage: Stage::Adding,
        })
    }
}

/// Waits until no other transaction imports or stores a cast of this name, and keeps others waiting until this one ends.
pub(super) async fn lock_name(tx: &mut Transaction<'_>, cast: &str) -> Result<(), StoreError> {
    // The name is locked, because the cast may not exist yet. The number is the program's own, apart from other locks.
    let lock = query("SELECT pg_advisory_xact_lock(1651860083, hashtext($1))");
    tx.execute("wait for another import", lock.bind(cast))
        .await?;
    Ok(())
}

/// The sheet with texts that the database can hold.
fn storable_sheet(mut sheet: Sheet) -> Sheet {
    let texts = sheet.columns.iter_mut().chain(&mut sheet.key_column);
    for text in texts.chain([&mut sheet.cast]) {
        *text = storable(text).into_owned();
    }
    sheet
}

impl Import<'_> {
    /// To be called after the last row.
    async fn complete(&mut self) -> Result<(), StoreError> {
        if self.stage == Stage::Adding {
            self.tx.batch("stage the sheet", ALL_IN).await?;
            self.stage = Stage::Complete;
        }
        Ok(())
    }

    async fn counted(
        &mut self,
        doing: &'static str,
        statement: super::session::Statement<'_>,
    ) -> Result<u64, StoreError> {
        let counted: Option<i64> = self.tx.value(doing, statement).await?;
        Ok(count(counted.unwrap_or(0)))
    }
}

impl Intake for Import<'_> {
    type Form = Form;
    type Batch = Batch;

    fn form(&self) -> Form {
        Form::new(&self.sheet)
    }

    fn batch(form: &Form, rows: Vec<Row>) -> Batch {
        form.batch(rows)
    }

    async fn add(&mut self, batch: Batch) -> Result<Batch, StoreError> {
        let doing = "store the rows of the sheet";
        self.tx.copy(doing, COPY, batch.copy.as_bytes()).await?;
        Ok(batch)
    }

    async fn repeated_keys(&mut self, limit: usize) -> Result<Vec<(String, u64, u64)>, StoreError> {
        if self.sheet.key_column.is_none() {
            return Ok(Vec::new());
        }
        self.complete().await?;
        let keys = query(
            "WITH twice AS MATERIALIZED (
                 SELECT key, min(line) AS first FROM incoming WHERE key IS NOT NULL GROUP BY key HAVING count(*) > 1
             )
             SELECT t.key, t.first, i.line FROM twice t JOIN incoming i ON i.key = t.key AND i.line > t.first
             ORDER BY i.line LIMIT $1",
        );
        let keys = keys.bind(integer(limit));
        let rows = self.tx.rows("look for repeated keys", keys).await?;
        let lines =
            |row: &sqlx::postgres::PgRow| (row.get(0), count(row.get(1)), count(row.get(2)));
        Ok(rows.iter().map(lines).collect())
    }

    async fn compare(&mut self) -> Result<Comparison, StoreError> {
        self.complete().await?;
        verdicts::compare(self).await
    }

    async fn duplicates(&mut self) -> Result<u64, StoreError> {
        let duplicates = query(
            "SELECT coalesce(sum(many - 1), 0)::bigint
             FROM (SELECT count(*) AS many FROM incoming GROUP BY content HAVING count(*) > 1) r",
        );
        self.counted("look for equal rows", duplicates).await
    }

    async fn unknown(&mut self, only: &[String]) -> Result<Option<String>, StoreError> {
        let sql = format!(
            "SELECT w.nth FROM unnest($1::text[]) WITH ORDINALITY AS w (who, nth)
             WHERE NOT EXISTS (SELECT 1 FROM incoming i WHERE {}) ORDER BY w.nth LIMIT 1",
            is_named()
        );
        let unknown = query(AssertSqlSafe(sql)).bind(storable_names(only));
        let nth: Option<i64> = self.tx.value("find the given rows", unknown).await?;
        let name = |nth: i64| only.get(usize::try_from(nth).ok()?.checked_sub(1)?);
        Ok(nth.and_then(name).cloned())
    }

    async fn wanted(&mut self, only: &[String]) -> Result<u64, StoreError> {
        let sql = format!(
            "SELECT count(*) FROM {} v JOIN incoming i ON i.row = v.row
             WHERE v.status = 'pending' AND EXISTS (SELECT 1 FROM unnest($1::text[]) AS w (who) WHERE {})",
            verdicts::VERDICTS,
            is_named()
        );
        let wanted = query(AssertSqlSafe(sql)).bind(storable_names(only));
        self.counted("count the wanted rows", wanted).await
    }

    async fn apply(self, digest: Option<[u8; 32]>) -> Result<CastId, StoreError> {
        apply::apply(self, digest).await
    }

    async fn abandon(self) -> Result<(), StoreError> {
        self.tx.finish().await;
        Ok(())
    }
}

fn storable_names(only: &[String]) -> Vec<String> {
    only.iter()
        .map(|name| storable(name).into_owned())
        .collect()
}
