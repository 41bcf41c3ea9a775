//! Casts with their counts, what is remembered of each, and changes of whole casts.

use super::session::{Limits, Statement};
use super::{Postgres, count, recipes};
use crate::domain::character::CastId;
use crate::domain::money::Money;
use crate::domain::recipe::Recipe;
use crate::store::{CastRecord, StoreError, one_cast};
use sqlx::postgres::PgRow;
use sqlx::{Decode, Row, Type, query};

impl Postgres {
    pub(in crate::store) async fn casts(&self) -> Result<Vec<CastRecord>, StoreError> {
        let casts = query(
            "SELECT k.id, v.cast_name, v.total, v.done, v.failed, v.pending, v.running, v.gone, v.requests,
                 v.maybe_charged, v.flagged, v.oldest, v.newest, n.cost, n.cost_maybe, k.budget
             FROM casts v JOIN stored_casts k ON k.name = v.cast_name JOIN z_cast_counts n ON n.cast_id = k.id
             ORDER BY v.cast_name",
        );
        let mut tx = self.reader.read(Limits::Short).await?;
        let rows = tx.rows("read the casts", casts).await?;
        tx.finish().await;
        Ok(rows.iter().map(cast_record).collect())
    }

    pub(in crate::store) async fn all_casts(&self) -> Result<Vec<CastRecord>, StoreError> {
        one_cast::all(self.casts().await?, self.db())
    }

    pub(in crate::store) async fn one_cast(
        &self,
        name: Option<&str>,
    ) -> Result<CastRecord, StoreError> {
        one_cast::one(self.casts().await?, name, self.db())
    }

    pub(in crate::store) async fn cast_name(&self, id: CastId) -> Result<String, StoreError> {
        let name = query("SELECT name FROM stored_casts WHERE id = $1").bind(id);
        let name = self.value("read the cast's name", name).await?;
        name.ok_or(StoreError::Impossible { what: "cast" })
    }

    pub(in crate::store) async fn recipe(&self, cast: CastId) -> Result<Recipe, StoreError> {
        let mut tx = self.reader.read(Limits::Short).await?;
        let recipe = recipes::of_cast(&mut tx, cast).await?;
        tx.finish().await;
        recipe.ok_or(StoreError::Impossible { what: "provider" })
    }

    pub(in crate::store) async fn memory(&self, cast: &str) -> Result<Option<String>, StoreError> {
        let memory = query("SELECT memory FROM stored_casts WHERE name = $1").bind(cast);
        self.value("read the cast's memory", memory).await
    }

    pub(in crate::store) async fn budget(&self, cast: &str) -> Result<Option<Money>, StoreError> {
        let budget = query("SELECT budget FROM stored_casts WHERE name = $1").bind(cast);
        let budget: Option<Option<i64>> = self.value("read the cast's budget", budget).await?;
        Ok(budget.flatten().map(Money::from_stored))
    }

    pub(in crate::store) async fn columns(&self, cast: &str) -> Result<Vec<String>, StoreError> {
        let header = query("SELECT header FROM stored_casts WHERE name = $1").bind(cast);
        let header: Option<String> = self.value("read the columns", header).await?;
        let columns = header.and_then(|header| serde_json::from_str(&header).ok());
        columns.ok_or(StoreError::Impossible { what: "header" })
    }

    pub(in crate::store) async fn key_column(
        &self,
        cast: &str,
    ) -> Result<Option<String>, StoreError> {
        let column = query("SELECT key_column FROM stored_casts WHERE name = $1").bind(cast);
        let column: Option<Option<String>> = self.value("read the key column", column).await?;
        Ok(column.flatten())
    }

    pub(in crate::store) async fn sheet_digest(
        &self,
        cast: &str,
    ) -> Result<Option<(CastId, Vec<u8>)>, StoreError> {
        let digest = query(
            "SELECT id, sheet_digest FROM stored_casts WHERE name = $1 AND sheet_digest IS NOT NULL",
        );
        let mut tx = self.reader.read(Limits::Short).await?;
        let row = tx.row("recognise the sheet", digest.bind(cast)).await?;
        tx.finish().await;
        Ok(row.map(|row| (row.get(0), row.get(1))))
    }

    /// The first column of the first row of one statement that reads, in a transaction of its own.
    async fn value<T>(
        &self,
        doing: &'static str,
        statement: Statement<'_>,
    ) -> Result<Option<T>, StoreError>
    where
        T: for<'r> Decode<'r, sqlx::Postgres> + Type<sqlx::Postgres>,
    {
        let mut tx = self.reader.read(Limits::Short).await?;
        let value = tx.value(doing, statement).await?;
        tx.finish().await;
        Ok(value)
    }
}

fn cast_record(row: &PgRow) -> CastRecord {
    let number = |at: usize| count(row.get(at));
    let money = |at: usize| row.get::<Option<i64>, _>(at).map(Money::from_stored);
    CastRecord {
        id: row.get(0),
        cast_name: row.get(1),
        total: number(2),
        done: number(3),
        failed: number(4),
        pending: number(5),
        running: number(6),
        gone: number(7),
        requests: number(8),
        maybe_charged: number(9),
        flagged: number(10),
        oldest: row.get(11),
        newest: row.get(12),
        cost: money(13),
        cost_maybe: money(14),
        budget: None,
        budget_left: None,
    }
    .with_budget(money(15))
}
