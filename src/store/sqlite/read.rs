//! Reads casts and characters. Lists are streamed.

use super::Sqlite;
use super::run::recipe_of;
use super::values::trimmed;
use super::{count, failed};
use crate::domain::character::{CastId, CharacterId};
use crate::domain::flag::Flag;
use crate::domain::money::Money;
use crate::domain::recipe::Recipe;
use crate::domain::record::Record;
use crate::domain::status::Status;
use crate::domain::tally::Counts;
use crate::store::Filter;
use crate::store::stored_words::{flags, outcome, raw, status};
use crate::store::{CastRecord, Cause, StoreError, one_cast};
use futures_util::TryStreamExt;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row, query};

pub(super) const RECORD: &str = "SELECT id, cast_name, key, row, name, description, columns, status, gone, backstory, take, words, requests,
    flags, error_kind, error, provider, model, finished_at FROM z_known_characters";

impl Sqlite {
    pub(in crate::store) async fn casts(&self) -> Result<Vec<CastRecord>, StoreError> {
        let sql = "SELECT k.id, v.cast_name, v.total, v.done, v.failed, v.pending, v.running, v.gone, v.requests,
                v.maybe_charged, v.flagged, v.oldest, v.newest, m.cost, m.cost_maybe,
                k.budget
            FROM casts v JOIN stored_casts k ON k.name = v.cast_name JOIN z_cast_costs m ON m.cast_id = k.id
            ORDER BY v.cast_name";
        let rows = query(sql)
            .fetch_all(&mut *self.reader().await)
            .await
            .map_err(failed("read the casts"))?;
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
        sqlx::query_scalar("SELECT name FROM stored_casts WHERE id = ?")
            .bind(id)
            .fetch_one(&mut *self.reader().await)
            .await
            .map_err(failed("read the cast's name"))
    }

    pub(in crate::store) async fn recipe(&self, cast: CastId) -> Result<Recipe, StoreError> {
        let recipe = recipe_of(&mut *self.reader().await, cast).await;
        let recipe = recipe.map_err(failed("read the recipe"))?;
        recipe.ok_or(StoreError::Impossible { what: "provider" })
    }

    pub(in crate::store) async fn memory(&self, cast: &str) -> Result<Option<String>, StoreError> {
        sqlx::query_scalar("SELECT memory FROM stored_casts WHERE name = ?")
            .bind(cast)
            .fetch_optional(&mut *self.reader().await)
            .await
            .map_err(failed("read the cast's memory"))
    }

    pub(in crate::store) async fn budget(&self, cast: &str) -> Result<Option<Money>, StoreError> {
        let budget: Option<Option<i64>> =
            sqlx::query_scalar("SELECT budget FROM stored_casts WHERE name = ?")
                .bind(cast)
                .fetch_optional(&mut *self.reader().await)
                .await
                .map_err(failed("read the cast's budget"))?;
        Ok(budget.flatten().map(Money::from_stored))
    }

    pub(in crate::store) async fn columns(&self, cast: &str) -> Result<Vec<String>, StoreError> {
        let header: String = sqlx::query_scalar("SELECT columns FROM casts WHERE cast_name = ?")
            .bind(cast)
            .fetch_one(&mut *self.reader().await)
            .await
            .map_err(failed("read the columns"))?;
        serde_json::from_str(&header).map_err(|_| StoreError::Impossible { what: "header" })
    }

    pub(in crate::store) async fn key_column(
        &self,
        cast: &str,
    ) -> Result<Option<String>, StoreError> {
        let column: Option<Option<String>> =
            sqlx::query_scalar("SELECT key_column FROM stored_casts WHERE name = ?")
                .bind(cast)
                .fetch_optional(&mut *self.reader().await)
                .await
                .map_err(failed("read the key column"))?;
        Ok(column.flatten())
    }

    pub(in crate::store) async fn causes(&self, cast: CastId) -> Result<Vec<Cause>, StoreError> {
        let rows = query(
            "SELECT error_kind, error, count(*), min(name) FROM stored_characters
             WHERE cast_id = ? AND status = 'failed' AND gone = 0
             GROUP BY error_kind, error ORDER BY count(*) DESC, error LIMIT 10",
        )
        .bind(cast)
        .fetch_all(&mut *self.reader().await)
        .await
        .map_err(failed("read the failures"))?;
        let cause = |row: &SqliteRow| {
            Ok(Cause {
                error_kind: outcome(row.get(0))?,
                error: row.get::<Option<String>, _>(1).unwrap_or_default(),
                many: count(row.get(2)),
                example: row.get(3),
            })
        };
        rows.iter().map(cause).collect()
    }

    pub(in crate::store) async fn each_record<E: From<StoreError>>(
        &self,
        filter: &Filter,
        mut each: impl FnMut(Record) -> Result<(), E>,
    ) -> Result<(), E> {
        self.each(filter, |_, record| each(record)).await
    }

    pub(in crate::store) async fn ids(
        &self,
        filter: &Filter,
    ) -> Result<Vec<CharacterId>, StoreError> {
        let mut ids = Vec::new();
        self.each(filter, |id, _| {
            ids.push(id);
            Ok::<_, StoreError>(())
        })
        .await?;
        Ok(ids)
    }

    pub(in crate::store) async fn picked(&self, ids: &[CharacterId]) -> Result<u64, StoreError> {
        let picked: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM stored_characters WHERE picked AND id IN (SELECT value FROM json_each(?))",
        )
        .bind(super::run::ids(ids))
        .fetch_one(&mut *self.reader().await)
        .await
        .map_err(failed("read what was picked"))?;
        Ok(count(picked))
    }

    pub(in crate::store) async fn find(
        &self,
        cast: &str,
        who: &str,
        gone: bool,
    ) -> Result<Vec<(CharacterId, Record)>, StoreError> {
        let row: Option<i64> = who.strip_prefix('#').and_then(|row| row.parse().ok());
        let sql = format!(
            "{RECORD} WHERE cast_name = ?1 AND (gone = 0 OR ?2)
                 AND (name = ?3 OR {} = {} OR key = ?3 OR row = ?4)
             ORDER BY row",
            trimmed("name"),
            trimmed("?3"),
        );
        let rows = query(AssertSqlSafe(sql))
            .bind(cast)
            .bind(gone)
            .bind(who)
            .bind(row)
            .fetch_all(&mut *self.reader().await)
            .await
            .map_err(failed("look for the character"))?;
        rows.iter()
            .map(|row| Ok((CharacterId(row.get("id")), record(row)?)))
            .collect()
    }

    pub(in crate::store) async fn hold_still(&self) -> Result<(), StoreError> {
        let mut reader = self.reader().await;
        query("BEGIN; SELECT count(*) FROM identity")
            .execute(&mut *reader)
            .await
            .map(drop)
            .map_err(failed("begin a snapshot"))
    }
}

impl Sqlite {
    async fn each<E: From<StoreError>>(
        &self,
        filter: &Filter,
        mut each: impl FnMut(CharacterId, Record) -> Result<(), E>,
    ) -> Result<(), E> {
        // One query for each cast: its rows come in the order of the index, so nothing has to be sorted.
        let casts = match &filter.cast {
            Some(cast) => vec![cast.clone()],
            None => self
                .casts()
                .await?
                .into_iter()
                .map(|cast| cast.cast_name)
                .collect(),
        };
        let mut left = filter.limit.unwrap_or(u64::MAX);
        for cast in casts {
            self.each_of_cast(&cast, filter, &mut left, &mut each)
                .await?;
        }
        Ok(())
    }

    async fn each_of_cast<E: From<StoreError>>(
        &self,
        cast: &str,
        filter: &Filter,
        left: &mut u64,
        each: &mut impl FnMut(CharacterId, Record) -> Result<(), E>,
    ) -> Result<(), E> {
        let sql = format!(
            "{RECORD} WHERE cast_name = ?1 AND (gone = 0 OR ?2) AND (?3 IS NULL OR status = ?3)
                 AND (?4 IS NULL OR EXISTS (SELECT 1 FROM json_each(flags) WHERE value = ?4))
             ORDER BY row"
        );
        let mut reader = self.reader().await;
        let mut rows = query(AssertSqlSafe(sql))
            .bind(cast)
            .bind(filter.gone)
            .bind(filter.status.map(Status::word))
            .bind(filter.flag.map(Flag::word))
            .fetch(&mut *reader);
        let part = filter.name.as_ref().map(|name| name.to_lowercase());
        while *left > 0 {
            let row = rows
                .try_next()
                .await
                .map_err(failed("read the characters"))?;
            let Some(row) = row else { break };
            let record = record(&row)?;
            let fits = |part: &String| record.name.to_lowercase().contains(part);
            if part.as_ref().is_none_or(fits) {
                *left -= 1;
                each(CharacterId(row.get("id")), record)?;
            }
        }
        Ok(())
    }

    pub(super) async fn counts(&self, cast: CastId) -> Result<Counts, StoreError> {
        let row = query(
            "SELECT v.done, v.failed, v.pending, v.running, v.gone, v.flagged
             FROM casts v JOIN stored_casts k ON k.name = v.cast_name WHERE k.id = ?",
        )
        .bind(cast)
        .fetch_one(&mut *self.reader().await)
        .await
        .map_err(failed("read the counts"))?;
        Ok(Counts {
            done: count(row.get(0)),
            failed: count(row.get(1)),
            pending: count(row.get(2)),
            running: count(row.get(3)),
            gone: count(row.get(4)),
            flagged: count(row.get(5)),
        })
    }
}

fn cast_record(row: &SqliteRow) -> CastRecord {
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

pub(super) fn record(row: &SqliteRow) -> Result<Record, StoreError> {
    Ok(Record {
        cast_name: row.get("cast_name"),
        key: row.get("key"),
        row: row.get("row"),
        name: row.get("name"),
        description: row.get("description"),
        columns: raw(row.get("columns"))?,
        status: status(row.get("status"))?,
        gone: row.get("gone"),
        backstory: row.get("backstory"),
        take: row.get("take"),
        words: row.get("words"),
        requests: row.get("requests"),
        flags: flags(row.get("flags"))?,
        error_kind: row
            .get::<Option<&str>, _>("error_kind")
            .map(outcome)
            .transpose()?,
        error: row.get("error"),
        provider: row.get("provider"),
        model: row.get("model"),
        finished_at: row.get("finished_at"),
    })
}
