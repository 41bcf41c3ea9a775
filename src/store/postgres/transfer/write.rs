//! Stores a copy of a cast. Rows get new identities, which rise in the order in which they come.
//!
//! Rows of endpoints that runs use are only read, because a row that is changed here would be locked until the copy is stored.

use super::super::import::lock_name;
use super::super::lines::{end_row, push_bytes, push_number, push_text};
use super::super::session::Statement;
use super::super::trouble::is_unique_violation;
use super::{Transfer, storable};
use crate::store::StoreError;
use crate::store::transfer::{
    ATTEMPTS, CAST, CHARACTERS, Cell, Column, Head, Incoming, Kind, Owned, Part, RECIPES, RUNS,
    Record, TAKES, names,
};
use sqlx::{AssertSqlSafe, Row, query};

const DOING: &str = "store the copy";

/// Counts the characters and attempts of the cast. Its runs have brought their numbers of requests with them.
const RECOUNT: &str = "
    UPDATE stored_casts k SET
        done = c.done, failed = c.failed, pending = c.pending, gone = c.gone, flagged = c.flagged,
        requests = a.requests - r.requests, maybe_charged = a.maybe_charged
    FROM (
        SELECT
            count(*) FILTER (WHERE NOT gone AND status = 'done') AS done,
            count(*) FILTER (WHERE NOT gone AND status = 'failed') AS failed,
            count(*) FILTER (WHERE NOT gone AND status = 'pending') AS pending,
            count(*) FILTER (WHERE gone) AS gone,
            count(*) FILTER (WHERE NOT gone AND flags <> 0) AS flagged
        FROM stored_characters WHERE cast_id = $1
    ) c, (
        SELECT
            count(*) FILTER (WHERE t.outcome IS DISTINCT FROM 'not_sent') AS requests,
            count(*) FILTER (WHERE t.outcome IN ('unknown', 'interrupted')) AS maybe_charged
        FROM stored_attempts t JOIN stored_characters o ON o.id = t.character_id WHERE o.cast_id = $1
    ) a, (
        SELECT coalesce(sum(requests), 0)::bigint AS requests FROM runs WHERE cast_id = $1
    ) r
    WHERE k.id = $1";

impl Incoming for Transfer<'_> {
    fn make_storable(part: &mut Part) {
        storable::make_storable(part);
    }

    async fn add(&mut self, part: Part) -> Result<(), StoreError> {
        match part {
            Part::Head(head) => self.add_head(head).await,
            Part::Characters(characters) => self.add_characters(&characters).await,
            Part::Takes(takes) => {
                self.add_originals(&takes).await?;
                self.add_owned("stored_takes", TAKES, &takes).await
            }
            Part::Attempts(attempts) => {
                self.add_owned("stored_attempts", ATTEMPTS, &attempts).await
            }
        }
    }

    async fn complete(&mut self) -> Result<(), StoreError> {
        let originals = query(
            "UPDATE stored_takes t SET copied_from = f.id
             FROM copies l
             CROSS JOIN LATERAL (
                 SELECT o.id FROM stored_characters o WHERE o.cast_id = $1 AND o.row = l.original_row
                 ORDER BY o.id OFFSET l.original_nth LIMIT 1
             ) o
             JOIN stored_takes f ON f.character_id = o.id AND f.take = l.original_take
             WHERE t.character_id = l.character_id AND t.take = l.take",
        );
        self.tx.execute(DOING, originals.bind(self.cast)).await?;
        let recount = query(RECOUNT).bind(self.cast);
        self.tx.execute(DOING, recount).await?;
        let known = "ANALYZE stored_characters; ANALYZE stored_takes; ANALYZE stored_attempts";
        self.tx.batch(DOING, known).await
    }
}

impl Transfer<'_> {
    async fn add_head(&mut self, head: Head) -> Result<(), StoreError> {
        let Some(Cell::Text(name)) = head.cast.first() else {
            return Err(StoreError::Impossible { what: "name" });
        };
        lock_name(&mut self.tx, name).await?;
        let exists = query("SELECT EXISTS (SELECT FROM stored_casts WHERE name = $1)");
        if self.tx.value::<bool>(DOING, exists.bind(name)).await? == Some(true) {
            return Err(self.name_exists(name));
        }
        for (position, recipe) in head.recipes.iter().enumerate() {
            let id = self.recipe(recipe).await?;
            self.references.add(Kind::Recipe, position, id);
        }
        for (position, endpoint) in head.endpoints.iter().enumerate() {
            let id = self.endpoint(endpoint).await?;
            self.references.add(Kind::Endpoint, position, id);
        }
        self.cast.0 = self.add_cast(name, &head.cast).await?;
        let cast = Cell::Integer(self.cast.0);
        let runs = head.runs.iter().map(|run| (&cast, run));
        self.copy("runs", "cast_id", RUNS, runs).await?;
        let ids = query("SELECT id FROM runs WHERE cast_id = $1 ORDER BY id").bind(self.cast);
        let ids = self.tx.rows(DOING, ids).await?;
        for (position, row) in ids.iter().enumerate() {
            self.references.add(Kind::Run, position, row.get(0));
        }
        Ok(())
    }

    async fn add_cast(&mut self, name: &str, cast: &Record) -> Result<i64, StoreError> {
        let sql = format!(
            "INSERT INTO stored_casts ({}) VALUES ({}) RETURNING id",
            names(CAST),
            placeholders(CAST.len())
        );
        let cast = self.bound(query(AssertSqlSafe(sql)), CAST, cast)?;
        match self.tx.value(DOING, cast).await {
            Err(err) if is_unique_violation(&err) => Err(self.name_exists(name)),
            stored => stored?.ok_or(StoreError::Impossible { what: "cast" }),
        }
    }

    fn name_exists(&self, name: &str) -> StoreError {
        StoreError::CastExists {
            db: self.db.clone(),
            cast: name.to_owned(),
        }
    }

    /// The identity of a recipe, which is stored if it is new.
    async fn recipe(&mut self, recipe: &Record) -> Result<i64, StoreError> {
        let known = "SELECT id FROM recipes WHERE fingerprint = $1";
        let new = format!(
            "INSERT INTO recipes ({}) VALUES ({}) ON CONFLICT (fingerprint) DO NOTHING",
            names(RECIPES),
            placeholders(RECIPES.len())
        );
        for is_stored in [false, true] {
            let known = self.bound(query(known), &RECIPES[..1], &recipe[..1])?;
            if let Some(id) = self.tx.value(DOING, known).await? {
                return Ok(id);
            }
            if !is_stored {
                let new = self.bound(query(AssertSqlSafe(new.clone())), RECIPES, recipe)?;
                self.tx.execute(DOING, new).await?;
            }
        }
        Err(StoreError::Impossible { what: "recipe" })
    }

    /// The identity of an endpoint without a key, which is stored if it is new.
    async fn endpoint(&mut self, endpoint: &Record) -> Result<i64, StoreError> {
        let Some(Cell::Text(address)) = endpoint.first() else {
            return Err(StoreError::Impossible { what: "endpoint" });
        };
        for is_stored in [false, true] {
            let known = query("SELECT id FROM endpoints WHERE address = $1 AND key_hash = ''");
            if let Some(id) = self.tx.value(DOING, known.bind(address)).await? {
                return Ok(id);
            }
            if !is_stored {
                let new = query(
                    "INSERT INTO endpoints (address) VALUES ($1) ON CONFLICT (address, key_hash) DO NOTHING",
                );
                self.tx.execute(DOING, new.bind(address)).await?;
            }
        }
        Err(StoreError::Impossible { what: "endpoint" })
    }

    async fn add_characters(&mut self, characters: &[Record]) -> Result<(), StoreError> {
        self.first += i64::try_from(self.page.len()).unwrap_or(i64::MAX);
        let Some(Some(Cell::Integer(row))) = characters.first().map(|record| record.first()) else {
            return Err(StoreError::Impossible { what: "row" });
        };
        let before = self.page.last().copied().unwrap_or(0);
        let cast = Cell::Integer(self.cast.0);
        let rows = characters.iter().map(|record| (&cast, record));
        self.copy("stored_characters", "cast_id", CHARACTERS, rows)
            .await?;
        let ids = query(
            "SELECT id FROM stored_characters WHERE cast_id = $1 AND row >= $2 AND id > $3 ORDER BY row, id",
        );
        let ids = ids.bind(self.cast).bind(*row).bind(before);
        let ids = self.tx.rows(DOING, ids).await?;
        self.page = ids.iter().map(|row| row.get(0)).collect();
        Ok(())
    }

    /// Stores takes or attempts of the characters of the page.
    async fn add_owned(
        &mut self,
        table: &str,
        columns: &[Column],
        all: &[Owned],
    ) -> Result<(), StoreError> {
        let owner = |one: &Owned| self.owner(one).map(Cell::Integer);
        let owners = all.iter().map(owner).collect::<Result<Vec<_>, _>>()?;
        let rows = owners.iter().zip(all.iter().map(|one| &one.record));
        self.copy(table, "character_id", columns, rows).await
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
        let mut lines = String::new();
        for take in takes {
            let Some(original) = take.copy_of else {
                continue;
            };
            let owner = self.owner(take)?;
            for number in [
                owner,
                take.number(),
                original.row,
                original.nth,
                original.take,
            ] {
                push_number(&mut lines, Some(number));
            }
            end_row(&mut lines);
        }
        if lines.is_empty() {
            return Ok(());
        }
        let statement = "COPY copies FROM STDIN";
        self.tx.copy(DOING, statement, lines.as_bytes()).await
    }

    /// Stores records, each with a cell in front.
    async fn copy<'r>(
        &mut self,
        table: &str,
        front: &str,
        columns: &[Column],
        rows: impl Iterator<Item = (&'r Cell, &'r Record)>,
    ) -> Result<(), StoreError> {
        let statement = format!("COPY {table} ({front}, {}) FROM STDIN", names(columns));
        let mut lines = String::new();
        for (cell, record) in rows {
            push_cell(&mut lines, Kind::Integer, cell);
            for (column, cell) in columns.iter().zip(record) {
                let cell = self.references.resolved(column.kind, cell)?;
                push_cell(&mut lines, column.kind, &cell);
            }
            end_row(&mut lines);
        }
        self.tx.copy(DOING, &statement, lines.as_bytes()).await
    }

    /// The statement with the cells of a record as its values.
    fn bound<'q>(
        &self,
        mut statement: Statement<'q>,
        columns: &[Column],
        record: &[Cell],
    ) -> Result<Statement<'q>, StoreError> {
        for (column, cell) in columns.iter().zip(record) {
            let cell = self.references.resolved(column.kind, cell)?.into_owned();
            statement = match (column.kind, cell) {
                (Kind::Text | Kind::Json, Cell::Text(text)) => statement.bind(text),
                (Kind::Text | Kind::Json, _) => statement.bind(None::<String>),
                (Kind::Bytes, Cell::Bytes(bytes)) => statement.bind(bytes),
                (Kind::Bytes, _) => statement.bind(None::<Vec<u8>>),
                (Kind::Truth, cell) => statement.bind(cell == Cell::Integer(1)),
                (_, Cell::Integer(number)) => statement.bind(number),
                (_, _) => statement.bind(None::<i64>),
            };
        }
        Ok(statement)
    }
}

fn push_cell(out: &mut String, kind: Kind, cell: &Cell) {
    match cell {
        Cell::Null => push_text(out, None),
        Cell::Integer(number) if kind == Kind::Truth => {
            push_text(out, Some(if *number == 0 { "f" } else { "t" }));
        }
        Cell::Integer(number) => push_number(out, Some(number)),
        Cell::Text(text) => push_text(out, Some(text)),
        Cell::Bytes(bytes) => push_bytes(out, bytes),
    }
}

/// `$1, $2, $3`.
fn placeholders(count: usize) -> String {
    let placeholders: Vec<_> = (1..=count).map(|nth| format!("${nth}")).collect();
    placeholders.join(", ")
}
