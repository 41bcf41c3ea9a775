//! Stores a copy of a cast. Rows get new identities, which rise in the order in which they come.

use super::super::casts::recount;
use super::super::failed;
use super::super::values::{bind, parts, placeholders};
use super::Transfer;
use crate::store::StoreError;
use crate::store::transfer::{
    ATTEMPTS, CAST, CHARACTERS, Cell, Column, ENDPOINTS, Head, Incoming, Kind, Owned, Part,
    RECIPES, RUNS, Record, TAKES, names,
};
use sqlx::sqlite::SqliteArguments;
use sqlx::{AssertSqlSafe, query, query_scalar, query_scalar_with, query_with};
use std::borrow::Cow;

const DOING: &str = "store the copy";

impl Incoming for Transfer<'_> {
    fn make_storable(_: &mut Part) {
        // This kind of database can hold any text.
    }

    async fn add(&mut self, part: Part) -> Result<(), StoreError> {
        match part {
            Part::Head(head) => self.add_head(head).await,
            Part::Characters(characters) => self.add_characters(characters).await,
            Part::Takes(takes) => {
                self.add_originals(&takes).await?;
                self.add_owned("stored_takes", TAKES, takes).await
            }
            Part::Attempts(attempts) => self.add_owned("stored_attempts", ATTEMPTS, attempts).await,
        }
    }

    async fn complete(&mut self) -> Result<(), StoreError> {
        query(
            "UPDATE stored_takes AS t SET copied_from = (
                 SELECT f.id FROM stored_takes f
                 WHERE f.take = l.original_take AND f.character_id = (
                     SELECT o.id FROM stored_characters o
                     WHERE o.cast_id = ? AND o.row = l.original_row AND l.original_nth = (
                         SELECT count(*) FROM stored_characters e
                         WHERE e.cast_id = o.cast_id AND e.row = o.row AND e.id < o.id
                     )
                 )
             )
             FROM temp.copies l WHERE t.character_id = l.character_id AND t.take = l.take",
        )
        .bind(self.cast)
        .execute(&mut *self.connection)
        .await
        .map_err(failed(DOING))?;
        recount(&mut self.connection, self.cast)
            .await
            .map_err(failed(DOING))
    }
}

impl Transfer<'_> {
    async fn add_head(&mut self, head: Head) -> Result<(), StoreError> {
        self.refuse_existing_name(&head.cast).await?;
        let recipe = format!(
            "INSERT INTO recipes ({}) VALUES {} ON CONFLICT (fingerprint) DO UPDATE SET fingerprint = excluded.fingerprint
             RETURNING id",
            names(RECIPES),
            placeholders(1, RECIPES.len())
        );
        for (position, record) in head.recipes.into_iter().enumerate() {
            let id = self.insert_one(&recipe, RECIPES, record).await?;
            self.references.add(Kind::Recipe, position, id);
        }
        let endpoint = "INSERT INTO endpoints (address) VALUES (?)
             ON CONFLICT (address) DO UPDATE SET address = excluded.address RETURNING id";
        for (position, record) in head.endpoints.into_iter().enumerate() {
            let id = self.insert_one(endpoint, ENDPOINTS, record).await?;
            self.references.add(Kind::Endpoint, position, id);
        }
        let cast = format!(
            "INSERT INTO stored_casts ({}) VALUES {} RETURNING id",
            names(CAST),
            placeholders(1, CAST.len())
        );
        self.cast.0 = self.insert_one(&cast, CAST, head.cast).await?;
        let run = format!(
            "INSERT INTO runs ({}, cast_id) VALUES {} RETURNING id",
            names(RUNS),
            placeholders(1, RUNS.len() + 1)
        );
        for (position, mut record) in head.runs.into_iter().enumerate() {
            record.push(Cell::Integer(self.cast.0));
            let id = self.insert_one(&run, RUNS, record).await?;
            self.references.add(Kind::Run, position, id);
        }
        Ok(())
    }

    async fn refuse_existing_name(&mut self, cast: &Record) -> Result<(), StoreError> {
        let Some(Cell::Text(name)) = cast.first() else {
            return Err(StoreError::Impossible { what: "name" });
        };
        let exists: bool =
            query_scalar("SELECT EXISTS (SELECT 1 FROM stored_casts WHERE name = ?)")
                .bind(name)
                .fetch_one(&mut *self.connection)
                .await
                .map_err(failed(DOING))?;
        if exists {
            return Err(StoreError::CastExists {
                db: self.db.db(),
                cast: name.clone(),
            });
        }
        Ok(())
    }

    async fn add_characters(&mut self, characters: Vec<Record>) -> Result<(), StoreError> {
        self.first += i64::try_from(self.page.len()).unwrap_or(i64::MAX);
        let last: i64 = query_scalar("SELECT coalesce(max(id), 0) FROM stored_characters")
            .fetch_one(&mut *self.connection)
            .await
            .map_err(failed(DOING))?;
        self.page = (last + 1..).take(characters.len()).collect();
        let cast = self.cast.0;
        let rows = self.page.iter().zip(characters);
        let rows = rows.map(|(id, record)| ([Cell::Integer(*id), Cell::Integer(cast)], record));
        let rows = rows.collect();
        self.insert("stored_characters", ["id", "cast_id"], CHARACTERS, rows)
            .await
    }

    /// Stores takes or attempts of the characters of the page.
    async fn add_owned(
        &mut self,
        table: &str,
        columns: &[Column],
        all: Vec<Owned>,
    ) -> Result<(), StoreError> {
        let mut rows = Vec::with_capacity(all.len());
        for one in all {
            rows.push(([Cell::Integer(self.owner(&one)?)], one.record));
        }
        self.insert(table, ["character_id"], columns, rows).await
    }

    /// The identity of the character of a take or an attempt.
    fn owner(&self, one: &Owned) -> Result<i64, StoreError> {
        let position = usize::try_from(one.character - self.first).ok();
        let id = position.and_then(|position| self.page.get(position));
        id.copied()
            .ok_or(StoreError::Impossible { what: "reference" })
    }

    /// Notes which takes are copies. Their originals may come later.
    async fn add_originals(&mut self, takes: &[Owned]) -> Result<(), StoreError> {
        for take in takes {
            let Some(original) = take.copy_of else {
                continue;
            };
            query("INSERT INTO temp.copies VALUES (?, ?, ?, ?, ?)")
                .bind(self.owner(take)?)
                .bind(take.number())
                .bind(original.row)
                .bind(original.nth)
                .bind(original.take)
                .execute(&mut *self.connection)
                .await
                .map_err(failed(DOING))?;
        }
        Ok(())
    }

    /// Stores one record; returns its identity.
    async fn insert_one(
        &mut self,
        sql: &str,
        columns: &[Column],
        record: Record,
    ) -> Result<i64, StoreError> {
        let mut values = SqliteArguments::default();
        self.bind_record(&mut values, columns, record)?;
        query_scalar_with(AssertSqlSafe(sql.to_owned()), values)
            .fetch_one(&mut *self.connection)
            .await
            .map_err(failed(DOING))
    }

    /// Stores records, each with some cells in front.
    async fn insert<const N: usize>(
        &mut self,
        table: &str,
        front: [&str; N],
        columns: &[Column],
        rows: Vec<([Cell; N], Record)>,
    ) -> Result<(), StoreError> {
        let sizes: Vec<usize> = parts(&rows).map(<[_]>::len).collect();
        let mut rows = rows.into_iter();
        for size in sizes {
            let sql = format!(
                "INSERT INTO {table} ({}, {}) VALUES {}",
                front.join(", "),
                names(columns),
                placeholders(size, N + columns.len())
            );
            let mut values = SqliteArguments::default();
            for (cells, record) in rows.by_ref().take(size) {
                for cell in cells {
                    bind_cell(&mut values, cell);
                }
                self.bind_record(&mut values, columns, record)?;
            }
            query_with(AssertSqlSafe(sql), values)
                .execute(&mut *self.connection)
                .await
                .map_err(failed(DOING))?;
        }
        Ok(())
    }

    /// Adds the cells of a record; those beyond the columns are no references.
    fn bind_record(
        &self,
        values: &mut SqliteArguments,
        columns: &[Column],
        record: Record,
    ) -> Result<(), StoreError> {
        let kinds = columns.iter().map(|column| column.kind);
        for (kind, cell) in kinds.chain(std::iter::repeat(Kind::Integer)).zip(record) {
            if let Cow::Owned(id) = self.references.resolved(kind, &cell)? {
                bind_cell(values, id);
            } else {
                bind_cell(values, cell);
            }
        }
        Ok(())
    }
}

fn bind_cell(values: &mut SqliteArguments, cell: Cell) {
    match cell {
        Cell::Null => bind(values, None::<i64>),
        Cell::Integer(number) => bind(values, number),
        Cell::Text(text) => bind(values, text),
        Cell::Bytes(bytes) => bind(values, bytes),
    }
}
