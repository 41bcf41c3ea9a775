//! Reads characters. Lists are streamed, and each list shows one state of the database.

use super::session::{Limits, Transaction};
use super::values::storable;
use super::{Postgres, count};
use crate::domain::character::{CastId, CharacterId};
use crate::domain::flag::Flag;
use crate::domain::record::Record;
use crate::domain::status::Status;
use crate::domain::text::WHITE_SPACE;
use crate::store::stored_words::{flags, outcome, raw, status};
use crate::store::{Cause, Filter, StoreError};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Row, query};
use std::ops::ControlFlow;

/// Everything of a character; the condition follows.
pub(super) const RECORD: &str = "SELECT id, cast_name, key, row, name, description, columns, status, gone, backstory, take, words,
    requests, flags, error_kind, error, provider, model, finished_at FROM z_known_characters";

/// Enough of a character to say which one it is; the condition follows.
const NAME: &str = "SELECT id, name FROM z_known_characters";

impl Postgres {
    pub(in crate::store) async fn causes(&self, cast: CastId) -> Result<Vec<Cause>, StoreError> {
        let causes = query(
            "SELECT error_kind, coalesce(error, ''), count(*), min(name) FROM stored_characters
             WHERE cast_id = $1 AND status = 'failed' AND NOT gone
             GROUP BY error_kind, error ORDER BY count(*) DESC, error NULLS FIRST LIMIT 10",
        );
        let mut tx = self.reader.read(Limits::Long).await?;
        let rows = tx.rows("read the failures", causes.bind(cast)).await?;
        tx.finish().await;
        let cause = |row: &PgRow| {
            Ok(Cause {
                error_kind: outcome(row.get(0))?,
                error: row.get(1),
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
        self.each(RECORD, filter, |row| each(record(row)?)).await
    }

    pub(in crate::store) async fn ids(
        &self,
        filter: &Filter,
    ) -> Result<Vec<CharacterId>, StoreError> {
        let mut ids = Vec::new();
        self.each(NAME, filter, |row| {
            ids.push(CharacterId(row.get("id")));
            Ok::<_, StoreError>(())
        })
        .await?;
        Ok(ids)
    }

    pub(in crate::store) async fn picked(&self, ids: &[CharacterId]) -> Result<u64, StoreError> {
        let picked =
            query("SELECT count(*) FROM stored_characters WHERE picked AND id = ANY($1::bigint[])");
        let mut tx = self.reader.read(Limits::Long).await?;
        let picked = picked.bind(numbers(ids));
        let picked = tx.value("read what was picked", picked).await?;
        tx.finish().await;
        Ok(count(picked.unwrap_or(0)))
    }

    pub(in crate::store) async fn find(
        &self,
        cast: &str,
        who: &str,
        gone: bool,
    ) -> Result<Vec<(CharacterId, Record)>, StoreError> {
        let row: Option<i64> = who.strip_prefix('#').and_then(|row| row.parse().ok());
        let sql = format!(
            "{RECORD} WHERE cast_name = $1 AND (gone = 0 OR $2)
                 AND (name = $3 OR btrim(name, $5) = btrim($3, $5) OR key = $3 OR row = $4)
             ORDER BY row, id"
        );
        let found = query(AssertSqlSafe(sql))
            .bind(cast)
            .bind(gone)
            .bind(storable(who).into_owned())
            .bind(row)
            .bind(WHITE_SPACE);
        let mut tx = self.reader.read(Limits::Long).await?;
        let rows = tx.rows("look for the character", found).await?;
        tx.finish().await;
        rows.iter()
            .map(|row| Ok((CharacterId(row.get("id")), record(row)?)))
            .collect()
    }

    pub(in crate::store) async fn hold_still(&self) -> Result<(), StoreError> {
        self.reader.hold_still().await
    }
}

impl Postgres {
    /// Calls `each` with the rows of `select` for every character that `filter` selects.
    async fn each<E: From<StoreError>>(
        &self,
        select: &str,
        filter: &Filter,
        mut each: impl FnMut(&PgRow) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut left = filter.limit.unwrap_or(u64::MAX);
        let mut tx = self.reader.read(Limits::Long).await?;
        // One statement for each cast: its rows come in the order of the index, so that the first one comes at once.
        for cast in casts(&mut tx, filter).await? {
            if left == 0 {
                break;
            }
            each_of_cast(&mut tx, cast, select, filter, &mut left, &mut each).await?;
        }
        tx.finish().await;
        Ok(())
    }
}

/// The casts that `filter` selects, by name.
async fn casts(tx: &mut Transaction<'_>, filter: &Filter) -> Result<Vec<CastId>, StoreError> {
    let casts =
        query("SELECT id FROM stored_casts WHERE $1::text IS NULL OR name = $1 ORDER BY name");
    let casts = casts.bind(filter.cast.as_deref().map(|it| storable(it).into_owned()));
    let rows = tx.rows("read the casts", casts).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

async fn each_of_cast<E: From<StoreError>>(
    tx: &mut Transaction<'_>,
    cast: CastId,
    select: &str,
    filter: &Filter,
    left: &mut u64,
    each: &mut impl FnMut(&PgRow) -> Result<(), E>,
) -> Result<(), E> {
    let sql = format!(
        "{select} WHERE cast_id = $1 AND (gone = 0 OR $2) AND ($3::text IS NULL OR status = $3)
             AND ($4::text IS NULL OR strpos(flags, $4) > 0)
         ORDER BY row, id LIMIT $5"
    );
    // Names are compared here, because the server's rules for upper and lower case depend on its language.
    let part = filter.name.as_ref().map(|name| name.to_lowercase());
    let limit = match part {
        None => i64::try_from(*left).ok(),
        Some(_) => None,
    };
    let rows = query(AssertSqlSafe(sql))
        .bind(cast)
        .bind(filter.gone)
        .bind(filter.status.map(Status::word))
        .bind(
            filter
                .flag
                .map(Flag::word)
                .map(|word| format!("\"{word}\"")),
        )
        .bind(limit);
    tx.each("read the characters", rows, |row| {
        let fits = |part: &String| row.get::<&str, _>("name").to_lowercase().contains(part);
        if part.as_ref().is_none_or(fits) {
            *left -= 1;
            each(row)?;
        }
        // With a limit in the statement the rows end by themselves, and the connection can be used again.
        let is_enough = *left == 0 && limit.is_none();
        Ok(if is_enough {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        })
    })
    .await
}

/// Identities as a value of a statement.
pub(super) fn numbers(ids: &[CharacterId]) -> Vec<i64> {
    ids.iter().map(|id| id.0).collect()
}

/// The character of a row of [`RECORD`].
pub(super) fn record(row: &PgRow) -> Result<Record, StoreError> {
    let error_kind: Option<&str> = row.get("error_kind");
    Ok(Record {
        cast_name: row.get("cast_name"),
        key: row.get("key"),
        row: row.get("row"),
        name: row.get("name"),
        description: row.get("description"),
        columns: raw(row.get("columns"))?,
        status: status(row.get("status"))?,
        gone: row.get::<i32, _>("gone") != 0,
        backstory: row.get("backstory"),
        take: row.get("take"),
        words: row.get("words"),
        requests: row.get("requests"),
        flags: flags(row.get("flags"))?,
        error_kind: error_kind.map(outcome).transpose()?,
        error: row.get("error"),
        provider: row.get("provider"),
        model: row.get("model"),
        finished_at: row.get("finished_at"),
    })
}
