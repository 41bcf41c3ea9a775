//! Copies one cast into a new, compact database.
//!
//! The copy shows one state of the original, also while a run is alive. Characters whose requests were in flight are pending
//! in the copy. The copy has a new identity, so a rescue file of one database is never imported into the other. It has no
//! full-text index; the first search builds it.

use super::Sqlite;
use super::casts::{forget, recount, remove};
use super::failed;
use super::recover::recover;
use super::run::ids;
use crate::domain::character::{CastId, CharacterId};
use crate::store::StoreError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection, query, query_scalar};
use std::path::Path;

impl Sqlite {
    /// Writes a copy of a cast into `file`, which is empty. With `only`, the copy has only these characters.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the copy cannot be written. The content of `file` is not usable then.
    pub(in crate::store) async fn copy(
        &self,
        cast: CastId,
        only: Option<&[CharacterId]>,
        file: &Path,
    ) -> Result<(), StoreError> {
        let doing = "copy the cast";
        query("VACUUM INTO ?")
            .bind(file.to_string_lossy().into_owned())
            .execute(&mut *self.reader().await)
            .await
            .map_err(failed(doing))?;
        // No syncs here: the caller syncs the file before it renames it.
        let mut copy = SqliteConnectOptions::new()
            .filename(file)
            .journal_mode(SqliteJournalMode::Delete)
            .synchronous(SqliteSynchronous::Off)
            .foreign_keys(false)
            .connect()
            .await
            .map_err(failed(doing))?;
        reduce(&mut copy, cast, only).await.map_err(failed(doing))?;
        copy.close().await.map_err(failed(doing))
    }
}

/// Deletes from the copy all other casts and, with `only`, all other characters.
async fn reduce(
    copy: &mut SqliteConnection,
    cast: CastId,
    only: Option<&[CharacterId]>,
) -> Result<(), sqlx::Error> {
    recover(copy).await?;
    query(
        "INSERT INTO search (search) VALUES ('delete-all');
         DELETE FROM search_documents;
         DELETE FROM search_changed;
         UPDATE search_progress SET character_id = 0, take_id = 0;
         UPDATE identity SET id = lower(hex(randomblob(16)))",
    )
    .execute(&mut *copy)
    .await?;
    let others: Vec<CastId> = query_scalar("SELECT id FROM stored_casts WHERE id <> ?")
        .bind(cast)
        .fetch_all(&mut *copy)
        .await?;
    for other in others {
        forget(copy, other).await?;
    }
    if let Some(only) = only {
        leave_out(copy, cast, only).await?;
    }
    query(
        "DELETE FROM endpoints WHERE id NOT IN (SELECT endpoint_id FROM runs);
         DELETE FROM recipes WHERE id NOT IN (
             SELECT recipe_id FROM runs UNION SELECT recipe_id FROM stored_casts
             UNION SELECT recipe_id FROM stored_takes WHERE recipe_id IS NOT NULL
         );
         VACUUM",
    )
    .execute(copy)
    .await?;
    Ok(())
}

/// Deletes the characters that are not in `only`, and recomputes the counts.
async fn leave_out(
    copy: &mut SqliteConnection,
    cast: CastId,
    only: &[CharacterId],
) -> Result<(), sqlx::Error> {
    query(
        "CREATE TEMP TABLE IF NOT EXISTS leaving (character_id INTEGER PRIMARY KEY);
         DELETE FROM temp.leaving;
         INSERT INTO temp.leaving (character_id)
         SELECT id FROM stored_characters WHERE id NOT IN (SELECT value FROM json_each(?))",
    )
    .bind(ids(only))
    .execute(&mut *copy)
    .await?;
    remove(copy).await?;
    recount(copy, cast).await
}
