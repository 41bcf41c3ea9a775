//! Reads a cast for a copy, page by page. What live runs have in flight reads as if they had been killed.

use super::Transfer;
use crate::store::StoreError;
use crate::store::transfer::{
    ATTEMPTS, CAST, CHARACTERS, Cell, Column, ENDPOINTS, Head, Kind, Original, Outgoing, Owned,
    Page, Place, RECIPES, RUNS, Record, References, TAKES, positions_in_rows,
};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Row, query};
use std::collections::{HashMap, HashSet};

const DOING: &str = "read the cast";

/// The time of the transaction: the same in all its statements.
const NOW: &str = "(extract(epoch FROM transaction_timestamp()) * 1000)::bigint";

/// The error of an attempt that was in flight; the functions of the server that clean up after a dead run write the same.
const INTERRUPTED: &str = "'the run ended while the request was in flight'";

/// The cast, with what its runs have added to its costs and times, and with what may have been charged for requests in flight.
const FROM_CAST: &str = "FROM (
    SELECT
        k.name, k.created_ms, k.recipe_id, k.header, k.key_column, k.memory, k.sheet_digest, k.budget,
        CASE WHEN coalesce(k.cost, r.cost, h.lost) IS NOT NULL THEN coalesce(k.cost, 0) + coalesce(r.cost, 0) END AS cost,
        CASE
            WHEN coalesce(k.cost_maybe, r.cost_maybe, h.lost) IS NOT NULL
            THEN coalesce(k.cost_maybe, 0) + coalesce(r.cost_maybe, 0) + coalesce(h.lost, 0)
        END AS cost_maybe,
        least(k.oldest_ms, r.oldest_ms) AS oldest_ms,
        greatest(k.newest_ms, r.newest_ms) AS newest_ms
    FROM stored_casts k
    CROSS JOIN LATERAL (
        SELECT sum(cost)::bigint AS cost, sum(cost_maybe)::bigint AS cost_maybe, min(oldest_ms) AS oldest_ms,
            max(newest_ms) AS newest_ms
        FROM runs WHERE cast_id = k.id
    ) r
    CROSS JOIN LATERAL (
        SELECT sum(a.cost_maybe)::bigint AS lost
        FROM runs o
        JOIN stored_characters c ON c.run_id = o.id AND c.status = 'running'
        JOIN stored_attempts a ON a.character_id = c.id AND a.attempt = c.claim
        WHERE o.cast_id = k.id
    ) h
    WHERE k.id = $1
) t";

impl Outgoing for Transfer<'_> {
    async fn head(&mut self) -> Result<Head, StoreError> {
        self.references = References::default();
        let recipes = "FROM recipes t WHERE t.id IN (
                 SELECT recipe_id FROM stored_casts WHERE id = $1 UNION SELECT recipe_id FROM runs WHERE cast_id = $1
             ) ORDER BY t.fingerprint";
        let recipes = self.list(Kind::Recipe, RECIPES, recipes).await?;
        let endpoints =
            "FROM endpoints t WHERE t.id IN (SELECT endpoint_id FROM runs WHERE cast_id = $1)
             ORDER BY t.address, t.id";
        let endpoints = self.list(Kind::Endpoint, ENDPOINTS, endpoints).await?;
        let runs = "FROM runs t WHERE t.cast_id = $1 ORDER BY t.id";
        let runs = self.list(Kind::Run, RUNS, runs).await?;
        let sql = format!("SELECT {} {FROM_CAST}", selected(CAST, &[]));
        let cast = query(AssertSqlSafe(sql)).bind(self.cast);
        let cast = self.tx.row(DOING, cast).await?;
        let cast = cast.ok_or(StoreError::Impossible { what: "cast" })?;
        let mut cast = self.record(&cast, 0, CAST)?;
        if self.only.is_some() {
            // Without all its characters the cast is not what its sheet says.
            let digest = CAST.iter().position(|column| column.name == "sheet_digest");
            if let Some(cell) = digest.and_then(|at| cast.get_mut(at)) {
                *cell = Cell::Null;
            }
        }
        Ok(Head {
            cast,
            recipes,
            endpoints,
            runs,
        })
    }

    async fn characters(&mut self, after: Option<Place>, limit: usize) -> Result<Page, StoreError> {
        let status = [(
            "status",
            "CASE WHEN t.status <> 'running' THEN t.status WHEN t.is_answered THEN 'done' ELSE 'pending' END",
        )];
        let columns = selected(CHARACTERS, &status);
        let after = after.unwrap_or(Place {
            row: i64::MIN,
            id: i64::MIN,
        });
        let sql = match &self.only {
            // The limit is in the text, so that the server plans with it.
            None => format!(
                "SELECT t.row, t.id, {columns} FROM stored_characters t
                 WHERE t.cast_id = $1 AND t.row >= $2 AND (t.row > $2 OR t.id > $3)
                 ORDER BY t.row, t.id LIMIT {limit}"
            ),
            Some(_) => format!(
                "SELECT t.row, t.id, {columns} FROM stored_characters t
                 WHERE t.cast_id = $1 AND t.id = ANY ($2::bigint[]) ORDER BY t.row, t.id"
            ),
        };
        let rows = query(AssertSqlSafe(sql)).bind(self.cast);
        let rows = match &self.only {
            None => rows.bind(after.row).bind(after.id),
            Some(only) => {
                let passed = only.iter().position(|id| *id == after.id);
                let next = passed.map_or(0, |passed| passed + 1);
                let next: Vec<i64> = only.iter().skip(next).take(limit).copied().collect();
                rows.bind(next)
            }
        };
        let rows = self.tx.rows(DOING, rows).await?;
        let records = rows.iter().map(|row| self.record(row, 2, CHARACTERS));
        Ok(Page {
            records: records.collect::<Result<_, _>>()?,
            places: rows.iter().map(place).collect(),
        })
    }

    async fn takes(
        &mut self,
        characters: &[i64],
        after: i64,
        limit: usize,
    ) -> Result<Vec<Owned>, StoreError> {
        let sql = format!(
            "SELECT p.nth - 1, o.row, o.id, f.take, {}
             FROM unnest($1::bigint[]) WITH ORDINALITY AS p (id, nth)
             JOIN stored_takes t ON t.character_id = p.id
             LEFT JOIN stored_takes f ON f.id = t.copied_from
             LEFT JOIN stored_characters o ON o.id = f.character_id AND o.cast_id = $2
             WHERE p.nth > 1 OR t.take > $3
             ORDER BY p.nth, t.take LIMIT {limit}",
            selected(TAKES, &[])
        );
        let rows = query(AssertSqlSafe(sql))
            .bind(characters)
            .bind(self.cast)
            .bind(after);
        let rows = self.tx.rows(DOING, rows).await?;
        let originals: Vec<Option<(Place, i64)>> = rows.iter().map(original).collect();
        let positions = self.positions(originals.iter().flatten()).await?;
        let nth = |place: &Place| positions.get(&place.id).copied();
        let take = |(row, original): (&PgRow, &Option<(Place, i64)>)| {
            Ok(Owned {
                character: row.get(0),
                record: self.record(row, 4, TAKES)?,
                copy_of: original.as_ref().and_then(|(place, take)| {
                    Some(Original {
                        row: place.row,
                        nth: nth(place)?,
                        take: *take,
                    })
                }),
            })
        };
        rows.iter().zip(&originals).map(take).collect()
    }

    async fn attempts(
        &mut self,
        characters: &[i64],
        after: i64,
        limit: usize,
    ) -> Result<Vec<Owned>, StoreError> {
        let in_flight = |then: &str, column: &str| {
            format!("CASE WHEN t.outcome IS NULL THEN {then} ELSE t.{column} END")
        };
        let ended = in_flight(&format!("greatest({NOW}, t.started_ms)"), "ended_ms");
        let settled = [
            ("outcome", in_flight("'interrupted'", "outcome")),
            ("error", in_flight(INTERRUPTED, "error")),
            ("ended_ms", ended),
        ];
        let settled: Vec<_> = settled
            .iter()
            .map(|(name, sql)| (*name, sql.as_str()))
            .collect();
        let sql = format!(
            "SELECT p.nth - 1, {}
             FROM unnest($1::bigint[]) WITH ORDINALITY AS p (id, nth)
             JOIN stored_attempts t ON t.character_id = p.id
             WHERE p.nth > 1 OR t.attempt > $2
             ORDER BY p.nth, t.attempt LIMIT {limit}",
            selected(ATTEMPTS, &settled)
        );
        let rows = query(AssertSqlSafe(sql)).bind(characters).bind(after);
        let rows = self.tx.rows(DOING, rows).await?;
        let attempt = |row: &PgRow| {
            Ok(Owned {
                character: row.get(0),
                record: self.record(row, 1, ATTEMPTS)?,
                copy_of: None,
            })
        };
        rows.iter().map(attempt).collect()
    }
}

impl Transfer<'_> {
    /// The records that `rest` of a statement selects. What refers to them is given their positions from now on.
    async fn list(
        &mut self,
        kind: Kind,
        columns: &[Column],
        rest: &str,
    ) -> Result<Vec<Record>, StoreError> {
        let ended = format!("coalesce(t.ended_ms, {NOW})");
        let sql = format!(
            "SELECT t.id, {} {rest}",
            selected(columns, &[("ended_ms", ended.as_str())])
        );
        let rows = query(AssertSqlSafe(sql)).bind(self.cast);
        let rows = self.tx.rows(DOING, rows).await?;
        let mut records: Vec<Record> = Vec::with_capacity(rows.len());
        for row in &rows {
            let record = self.record(row, 1, columns)?;
            // An endpoint has a row for each key.
            if kind != Kind::Endpoint || records.last() != Some(&record) {
                records.push(record);
            }
            self.references.add(kind, records.len() - 1, row.get(0));
        }
        Ok(records)
    }

    /// The positions, among those with the same row, of the characters that takes were copied from. Those that are not read have none.
    async fn positions(
        &mut self,
        originals: impl Iterator<Item = &(Place, i64)>,
    ) -> Result<HashMap<i64, i64>, StoreError> {
        let rows: Vec<i64> = originals.map(|(place, _)| place.row).collect();
        if rows.is_empty() {
            return Ok(HashMap::new());
        }
        let places = query(
            "SELECT row, id FROM stored_characters WHERE cast_id = $1 AND row = ANY ($2::bigint[]) ORDER BY row, id",
        );
        let places = places.bind(self.cast).bind(rows);
        let places = self.tx.rows(DOING, places).await?;
        let only: Option<HashSet<i64>> = self
            .only
            .as_ref()
            .map(|only| only.iter().copied().collect());
        let is_read = |place: &Place| only.as_ref().is_none_or(|only| only.contains(&place.id));
        Ok(positions_in_rows(places.iter().map(place).filter(is_read)))
    }

    /// The values of a row from the column `first` on.
    fn record(&self, row: &PgRow, first: usize, columns: &[Column]) -> Result<Record, StoreError> {
        let cell = |(at, column): (usize, &Column)| {
            let kind = column.kind;
            Ok(match kind {
                Kind::Integer => read(row, at)?.map_or(Cell::Null, Cell::Integer),
                Kind::Truth => {
                    read(row, at)?.map_or(Cell::Null, |is: bool| Cell::Integer(is.into()))
                }
                Kind::Text | Kind::Json => read(row, at)?.map_or(Cell::Null, Cell::Text),
                Kind::Bytes => read(row, at)?.map_or(Cell::Null, Cell::Bytes),
                Kind::Recipe | Kind::Endpoint | Kind::Run => {
                    self.references.position(kind, read(row, at)?)?
                }
            })
        };
        (first..).zip(columns).map(cell).collect()
    }
}

fn place(row: &PgRow) -> Place {
    Place {
        row: row.get(0),
        id: row.get(1),
    }
}

/// The character and the take that the take of a row was copied from.
fn original(row: &PgRow) -> Option<(Place, i64)> {
    let place = Place {
        row: row.get::<Option<i64>, _>(1)?,
        id: row.get::<Option<i64>, _>(2)?,
    };
    Some((place, row.get::<Option<i64>, _>(3)?))
}

fn read<'r, T>(row: &'r PgRow, at: usize) -> Result<Option<T>, StoreError>
where
    T: sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    row.try_get(at).map_err(|err| StoreError::Failed {
        doing: DOING,
        source: Box::new(err),
    })
}

/// The columns of the table `t` as a list for a statement; some of them are computed.
fn selected(columns: &[Column], computed: &[(&str, &str)]) -> String {
    let selected: Vec<_> = columns
        .iter()
        .map(|column| {
            let found = computed.iter().find(|(name, _)| *name == column.name);
            found.map_or_else(
                || format!("t.{}", column.name),
                |(_, sql)| (*sql).to_owned(),
            )
        })
        .collect();
    selected.join(", ")
}
