//! Reads a cast for a copy, page by page. No character is in flight, because the database was opened for a run.

use super::super::failed;
use super::Transfer;
use crate::store::StoreError;
use crate::store::transfer::{
    ATTEMPTS, CAST, CHARACTERS, Cell, Column, ENDPOINTS, Head, Kind, Original, Outgoing, Owned,
    Page, Place, RECIPES, RUNS, Record, References, TAKES, positions_in_rows,
};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row, query, query_as};
use std::collections::HashMap;

const DOING: &str = "read the cast";

impl Outgoing for Transfer<'_> {
    async fn head(&mut self) -> Result<Head, StoreError> {
        self.references = References::default();
        let recipes = "FROM recipes t WHERE t.id IN (
                 SELECT recipe_id FROM stored_casts WHERE id = ?1 UNION SELECT recipe_id FROM runs WHERE cast_id = ?1
             ) ORDER BY t.fingerprint";
        let recipes = self.list(Kind::Recipe, RECIPES, recipes).await?;
        let endpoints =
            "FROM endpoints t WHERE t.id IN (SELECT endpoint_id FROM runs WHERE cast_id = ?1)
             ORDER BY t.address";
        let endpoints = self.list(Kind::Endpoint, ENDPOINTS, endpoints).await?;
        let runs = "FROM runs t WHERE t.cast_id = ?1 ORDER BY t.id";
        let runs = self.list(Kind::Run, RUNS, runs).await?;
        let sql = format!(
            "SELECT {} FROM stored_casts t WHERE id = ?1",
            selected(CAST)
        );
        let cast = query(AssertSqlSafe(sql))
            .bind(self.cast)
            .fetch_one(&mut *self.connection)
            .await
            .map_err(failed(DOING))?;
        Ok(Head {
            cast: self.record(&cast, 0, CAST)?,
            recipes,
            endpoints,
            runs,
        })
    }

    async fn characters(&mut self, after: Option<Place>, limit: usize) -> Result<Page, StoreError> {
        let after = after.unwrap_or(Place {
            row: i64::MIN,
            id: i64::MIN,
        });
        let sql = format!(
            "SELECT row, id, {} FROM stored_characters t WHERE cast_id = ? AND (row, id) > (?, ?)
             ORDER BY row, id LIMIT {limit}",
            selected(CHARACTERS)
        );
        let rows = query(AssertSqlSafe(sql))
            .bind(self.cast)
            .bind(after.row)
            .bind(after.id)
            .fetch_all(&mut *self.connection)
            .await
            .map_err(failed(DOING))?;
        let place = |row: &SqliteRow| Place {
            row: row.get(0),
            id: row.get(1),
        };
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
            "SELECT p.key, o.row, o.id, f.take, {}
             FROM json_each(?1) p
             CROSS JOIN stored_takes t ON t.character_id = p.value
             LEFT JOIN stored_takes f ON f.id = t.copied_from
             LEFT JOIN stored_characters o ON o.id = f.character_id AND o.cast_id = ?2
             WHERE p.key > 0 OR t.take > ?3
             ORDER BY p.key, t.take LIMIT {limit}",
            selected(TAKES)
        );
        let rows = query(AssertSqlSafe(sql))
            .bind(serde_json::json!(characters).to_string())
            .bind(self.cast)
            .bind(after)
            .fetch_all(&mut *self.connection)
            .await
            .map_err(failed(DOING))?;
        let originals: Vec<Option<(Place, i64)>> = rows.iter().map(original).collect();
        let positions = self.positions(originals.iter().flatten()).await?;
        let nth = |place: &Place| positions.get(&place.id).copied();
        let take = |(row, original): (&SqliteRow, &Option<(Place, i64)>)| {
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
        let sql = format!(
            "SELECT p.key, {}
             FROM json_each(?1) p CROSS JOIN stored_attempts t ON t.character_id = p.value
             WHERE p.key > 0 OR t.attempt > ?2
             ORDER BY p.key, t.attempt LIMIT {limit}",
            selected(ATTEMPTS)
        );
        let rows = query(AssertSqlSafe(sql))
            .bind(serde_json::json!(characters).to_string())
            .bind(after)
            .fetch_all(&mut *self.connection)
            .await
            .map_err(failed(DOING))?;
        let attempt = |row: &SqliteRow| {
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
        let sql = format!("SELECT t.id, {} {rest}", selected(columns));
        let rows = query(AssertSqlSafe(sql))
            .bind(self.cast)
            .fetch_all(&mut *self.connection)
            .await
            .map_err(failed(DOING))?;
        for (position, row) in rows.iter().enumerate() {
            self.references.add(kind, position, row.get(0));
        }
        rows.iter()
            .map(|row| self.record(row, 1, columns))
            .collect()
    }

    /// The positions, among those with the same row, of the characters that takes were copied from.
    async fn positions(
        &mut self,
        originals: impl Iterator<Item = &(Place, i64)>,
    ) -> Result<HashMap<i64, i64>, StoreError> {
        let rows: Vec<i64> = originals.map(|(place, _)| place.row).collect();
        if rows.is_empty() {
            return Ok(HashMap::new());
        }
        let places: Vec<(i64, i64)> = query_as(
            "SELECT row, id FROM stored_characters WHERE cast_id = ? AND row IN (SELECT value FROM json_each(?))
             ORDER BY row, id",
        )
        .bind(self.cast)
        .bind(serde_json::json!(rows).to_string())
        .fetch_all(&mut *self.connection)
        .await
        .map_err(failed(DOING))?;
        let places = places.into_iter().map(|(row, id)| Place { row, id });
        Ok(positions_in_rows(places))
    }

    /// The values of a row from the column `first` on.
    fn record(
        &self,
        row: &SqliteRow,
        first: usize,
        columns: &[Column],
    ) -> Result<Record, StoreError> {
        let cell = |(at, column): (usize, &Column)| {
            let kind = column.kind;
            Ok(match kind {
                Kind::Integer | Kind::Truth => read(row, at)?.map_or(Cell::Null, Cell::Integer),
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

/// The character and the take that the take of a row was copied from.
fn original(row: &SqliteRow) -> Option<(Place, i64)> {
    let place = Place {
        row: row.get::<Option<i64>, _>(1)?,
        id: row.get::<Option<i64>, _>(2)?,
    };
    Some((place, row.get::<Option<i64>, _>(3)?))
}

fn read<'r, T>(row: &'r SqliteRow, at: usize) -> Result<Option<T>, StoreError>
where
    T: sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
{
    row.try_get(at).map_err(failed(DOING))
}

/// The columns of the table `t` as a list for a statement.
fn selected(columns: &[Column]) -> String {
    let selected: Vec<_> = columns
        .iter()
        .map(|column| format!("t.{}", column.name))
        .collect();
    selected.join(", ")
}
