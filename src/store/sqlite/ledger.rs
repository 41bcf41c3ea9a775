//! The store as a run sees it: commits, the next pending characters, counts.

use super::commit::commit;
use super::run::{SqliteRun, ids};
use super::{failed, integer};
use crate::domain::character::{Character, CharacterId, Claim, Content};
use crate::domain::tally::Counts;
use crate::store::{Committed, Group, Ledger, NextCharacters, StoreError};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

impl Ledger for SqliteRun {
    async fn commit(&self, group: Group<'_>) -> Result<Committed, StoreError> {
        commit(self, group).await
    }

    async fn counts(&self) -> Result<Counts, StoreError> {
        self.db.counts(self.cast_id).await
    }
}

impl SqliteRun {
    /// The pending characters that `next` asks for, and one more if there is one.
    pub(super) async fn pending(
        &self,
        connection: &mut SqliteConnection,
        next: &NextCharacters<'_>,
    ) -> Result<Vec<Character>, StoreError> {
        let columns = if self.needs_columns {
            "columns"
        } else {
            "NULL"
        };
        let only = match self.only {
            Some(_) => "AND id IN (SELECT value FROM json_each(?4))",
            None => "",
        };
        let (except, excepted) = match next.except.as_slice() {
            [] => ("", None),
            some => (
                "AND id NOT IN (SELECT value FROM json_each(?5))",
                Some(ids(some)),
            ),
        };
        let sql = format!(
            "SELECT id, claim, row, key, name, description, tries, content, {columns} FROM stored_characters
             WHERE cast_id = ?1 AND status = 'pending' AND gone = 0 AND row > ?2 {only} {except}
             ORDER BY row LIMIT ?3"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(self.cast_id)
            .bind(next.after.0)
            .bind(integer(next.most.saturating_add(1)))
            .bind(self.only.as_deref())
            .bind(excepted)
            .fetch_all(connection)
            .await
            .map_err(failed("read the next characters"))?;
        Ok(rows.iter().map(character).collect())
    }
}

/// The digest as it is stored; one of another length, which this program never writes, equals no other.
fn content(stored: &[u8]) -> Content {
    Content(stored.try_into().unwrap_or_default())
}

fn character(row: &SqliteRow) -> Character {
    Character {
        id: CharacterId(row.get(0)),
        claim: Claim(row.get(1)),
        row: row.get(2),
        key: row.get(3),
        name: row.get(4),
        description: row.get(5),
        columns: row.get(8),
        content: content(row.get(7)),
        tries: u32::try_from(row.get::<i64, _>(6)).unwrap_or(u32::MAX),
    }
}
