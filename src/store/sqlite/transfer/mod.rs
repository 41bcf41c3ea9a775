//! Copies of casts between this kind of database and any kind: one transaction that reads a cast, or stores one.

mod read;
mod write;

use super::file::write_back;
use super::{Sqlite, failed};
use crate::domain::character::CastId;
use crate::store::StoreError;
use crate::store::transfer::References;
use sqlx::{SqliteConnection, query};
use tokio::sync::MutexGuard;

/// A cast in one transaction, which is undone when it is not committed.
pub(in crate::store) struct Transfer<'a> {
    connection: MutexGuard<'a, SqliteConnection>,
    db: &'a Sqlite,
    /// The cast that is read, or that was stored.
    cast: CastId,
    references: References,
    /// Of the page that was stored last: the position in the cast of its first character, and the identities of all.
    first: i64,
    page: Vec<i64>,
}

impl Sqlite {
    /// Begins to read a cast. What other processes change from now on is not seen.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    pub(in crate::store) async fn outgoing(
        &self,
        cast: CastId,
    ) -> Result<Transfer<'_>, StoreError> {
        let mut connection = self.reader().await;
        // The first read fixes the state that is seen.
        query("BEGIN; SELECT count(*) FROM identity")
            .execute(&mut *connection)
            .await
            .map_err(failed("begin a snapshot"))?;
        Ok(self.transfer(connection, cast))
    }

    /// Begins to store a cast. No other connection can write until that is committed or undone.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be written.
    pub(in crate::store) async fn incoming(&self) -> Result<Transfer<'_>, StoreError> {
        let mut connection = self.writer.lock().await;
        query(
            "BEGIN IMMEDIATE;
             CREATE TEMP TABLE copies (
                 character_id INTEGER NOT NULL,
                 take INTEGER NOT NULL,
                 original_row INTEGER NOT NULL,
                 original_nth INTEGER NOT NULL,
                 original_take INTEGER NOT NULL
             )",
        )
        .execute(&mut *connection)
        .await
        .map_err(failed("begin the copy"))?;
        Ok(self.transfer(connection, CastId(0)))
    }

    fn transfer<'a>(
        &'a self,
        connection: MutexGuard<'a, SqliteConnection>,
        cast: CastId,
    ) -> Transfer<'a> {
        Transfer {
            connection,
            db: self,
            cast,
            references: References::default(),
            first: 0,
            page: Vec::new(),
        }
    }
}

impl Transfer<'_> {
    /// Makes the copy durable, in the database file itself.
    ///
    /// # Errors
    ///
    /// [`StoreError::Replaced`], or another when that cannot be written. Nothing is stored then.
    pub(in crate::store) async fn commit(mut self) -> Result<(), StoreError> {
        if let Err(err) = self.db.check_place() {
            self.undo().await;
            return Err(err);
        }
        query("DROP TABLE temp.copies; COMMIT")
            .execute(&mut *self.connection)
            .await
            .map_err(failed("store the copy"))?;
        write_back(&mut self.connection).await;
        Ok(())
    }

    /// Undoes everything. What cannot be undone now is undone when the database is closed.
    pub(in crate::store) async fn undo(mut self) {
        let _ = query("ROLLBACK").execute(&mut *self.connection).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::transfer::{ATTEMPTS, CAST, CHARACTERS, ENDPOINTS, RECIPES, RUNS, TAKES};
    use sqlx::query_scalar;
    use std::collections::BTreeSet;

    /// A column that a later migration adds has to be copied, too, or to be named here.
    #[tokio::test]
    async fn every_column_is_copied_or_made_again() {
        let db = Sqlite::in_memory().await.expect("memory");
        let counts = "done failed pending gone flagged requests maybe_charged";
        for (table, copied, made_again) in [
            ("stored_casts", CAST, counts),
            ("recipes", RECIPES, ""),
            ("endpoints", ENDPOINTS, "last_start_ms"),
            ("runs", RUNS, "cast_id"),
            (
                "stored_characters",
                CHARACTERS,
                "cast_id run_id is_answered",
            ),
            ("stored_takes", TAKES, "character_id copied_from"),
            ("stored_attempts", ATTEMPTS, "character_id"),
        ] {
            let names: Vec<String> = query_scalar("SELECT name FROM pragma_table_info(?)")
                .bind(table)
                .fetch_all(&mut *db.writer.lock().await)
                .await
                .expect("read");
            let there: BTreeSet<&str> = names
                .iter()
                .map(String::as_str)
                .filter(|name| *name != "id")
                .collect();
            let known = copied.iter().map(|column| column.name);
            let known: BTreeSet<&str> = known.chain(made_again.split_whitespace()).collect();
            assert_eq!(there, known, "{table}");
        }
    }
}
