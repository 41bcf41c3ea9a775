//! A compact copy of one cast, to hand on or to keep: a database of its own, without what belongs to other casts.
//!
//! It is made from one moment of the original, also while a run is alive. Requests that were in flight then are not its business:
//! their characters are pending in the copy. It has an identity of its own, so nothing that is rescued from one of the two is
//! ever taken into the other; and no full-text index, which is made when somebody searches.

use super::casts::{forget, remove};
use super::failed;
use super::handles::Reader;
use super::recover::recover;
use super::run::ids;
use crate::domain::character::{CastId, CharacterId};
use crate::store::StoreError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection, query, query_scalar};
use std::path::Path;

impl Reader {
    /// Writes a copy of a cast into `file`, which is empty; of the characters in `only`, where given, else of all.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the copy cannot be written; what is in `file` then is of no use.
    pub async fn copy(
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
        // Whoever puts the file in its place syncs it; until then nobody needs it.
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

/// Leaves one cast in the copy, and of that the characters in `only`.
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

/// Removes the characters that are not in `only`, and counts what is left.
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
    query(
        "UPDATE stored_casts SET (done, failed, pending, gone, flagged) = (
             SELECT
                 count(*) FILTER (WHERE gone = 0 AND status = 'done'),
                 count(*) FILTER (WHERE gone = 0 AND status = 'failed'),
                 count(*) FILTER (WHERE gone = 0 AND status = 'pending'),
                 count(*) FILTER (WHERE gone = 1),
                 count(*) FILTER (WHERE gone = 0 AND flags <> 0)
             FROM stored_characters
         ), (requests, maybe_charged) = (
             SELECT
                 count(*) FILTER (WHERE outcome IS NOT 'not_sent'),
                 count(*) FILTER (WHERE outcome IN ('unknown', 'interrupted'))
             FROM stored_attempts
         ) WHERE id = ?",
    )
    .bind(cast)
    .execute(copy)
    .await?;
    Ok(())
}
