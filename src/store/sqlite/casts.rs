//! Renames and deletes whole casts.

use super::Sqlite;
use super::failed;
use super::file::write_back;
use crate::domain::character::CastId;
use crate::store::StoreError;
use sqlx::{Connection, SqliteConnection, query};

impl Sqlite {
    pub(in crate::store) async fn rename(
        &self,
        cast: CastId,
        name: &str,
    ) -> Result<(), StoreError> {
        let mut writer = self.writer.lock().await;
        self.check_place()?;
        let renamed = query("UPDATE stored_casts SET name = ? WHERE id = ?")
            .bind(name)
            .bind(cast)
            .execute(&mut *writer)
            .await;
        match renamed {
            Err(sqlx::Error::Database(err)) if err.is_unique_violation() => {
                Err(StoreError::CastExists {
                    db: self.db(),
                    cast: name.to_owned(),
                })
            }
            renamed => {
                renamed.map_err(failed("rename the cast"))?;
                write_back(&mut writer).await;
                Ok(())
            }
        }
    }
}

impl Sqlite {
    /// Deletes a cast with its characters, takes, attempts and runs, and frees the disk space.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be written. Then either the cast still exists, or it is deleted and only its
    /// disk space is not free yet.
    ///
    /// # Panics
    ///
    /// When the database was opened without the lock: no run may work on a cast that is deleted.
    pub(in crate::store) async fn forget(&self, cast: CastId) -> Result<(), StoreError> {
        assert!(self.lock.is_some(), "forgetting needs the lock");
        let mut writer = self.writer.lock().await;
        self.check_place()?;
        forget(&mut writer, cast)
            .await
            .map_err(failed("delete the cast"))?;
        // The index frees the space of deleted entries only when its segments are merged.
        query("INSERT INTO search (search) VALUES ('optimize'); VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&mut *writer)
            .await
            .map_err(failed("free the space"))?;
        Ok(())
    }
}

/// Deletes a cast in a separate transaction.
pub(super) async fn forget(writer: &mut SqliteConnection, cast: CastId) -> Result<(), sqlx::Error> {
    // All references are deleted here as well. Checking them row by row would scan all attempts for each run.
    query("PRAGMA foreign_keys = OFF")
        .execute(&mut *writer)
        .await?;
    let mut tx = writer.begin_with("BEGIN IMMEDIATE").await?;
    query(
        "CREATE TEMP TABLE IF NOT EXISTS leaving (character_id INTEGER PRIMARY KEY);
         DELETE FROM temp.leaving;
         INSERT INTO temp.leaving (character_id) SELECT id FROM stored_characters WHERE cast_id = ?",
    )
    .bind(cast)
    .execute(&mut *tx)
    .await?;
    remove(&mut tx).await?;
    query("DELETE FROM runs WHERE cast_id = ?; DELETE FROM stored_casts WHERE id = ?")
        .bind(cast)
        .bind(cast)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    query("PRAGMA foreign_keys = ON").execute(writer).await?;
    Ok(())
}

/// Deletes the characters listed in `temp.leaving`, with their takes, attempts and index entries.
pub(super) async fn remove(tx: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    query(
        "INSERT INTO search (search, rowid, name, description, story)
         SELECT 'delete', character_id, name, description, story FROM temp.leaving JOIN search_texts USING (character_id);
         DELETE FROM search_documents WHERE character_id IN (SELECT character_id FROM temp.leaving);
         DELETE FROM search_changed WHERE character_id IN (SELECT character_id FROM temp.leaving);
         DELETE FROM stored_attempts WHERE character_id IN (SELECT character_id FROM temp.leaving);
         DELETE FROM stored_takes WHERE character_id IN (SELECT character_id FROM temp.leaving);
         DELETE FROM alike_takes WHERE character_id IN (SELECT character_id FROM temp.leaving)
             OR other_id IN (SELECT character_id FROM temp.leaving);
         DELETE FROM stored_characters WHERE id IN (SELECT character_id FROM temp.leaving);
         -- The highest identities may be assigned again, and the new rows are not in the index.
         UPDATE search_progress SET
             character_id = min(character_id, (SELECT coalesce(max(id), 0) FROM stored_characters)),
             take_id = min(take_id, (SELECT coalesce(max(id), 0) FROM stored_takes))",
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Counts the characters and attempts of a cast again. What it has cost stays as it is.
pub(super) async fn recount(tx: &mut SqliteConnection, cast: CastId) -> Result<(), sqlx::Error> {
    query(
        "UPDATE stored_casts SET (done, failed, pending, gone, flagged) = (
             SELECT
                 count(*) FILTER (WHERE gone = 0 AND status = 'done'),
                 count(*) FILTER (WHERE gone = 0 AND status = 'failed'),
                 count(*) FILTER (WHERE gone = 0 AND status = 'pending'),
                 count(*) FILTER (WHERE gone = 1),
                 count(*) FILTER (WHERE gone = 0 AND flags <> 0)
             FROM stored_characters WHERE cast_id = ?1
         ), (requests, maybe_charged) = (
             SELECT
                 count(*) FILTER (WHERE a.outcome IS NOT 'not_sent'),
                 count(*) FILTER (WHERE a.outcome IN ('unknown', 'interrupted'))
             FROM stored_characters c JOIN stored_attempts a ON a.character_id = c.id WHERE c.cast_id = ?1
         ) WHERE id = ?1",
    )
    .bind(cast)
    .execute(tx)
    .await?;
    Ok(())
}
