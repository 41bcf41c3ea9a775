//! The casts of a database as a whole: another name, or forgotten.

use super::failed;
use super::handles::{Editor, Holder};
use crate::domain::character::CastId;
use crate::store::StoreError;
use sqlx::{Connection, SqliteConnection, query};

impl Editor {
    pub(super) async fn rename(&self, cast: CastId, name: &str) -> Result<(), StoreError> {
        let renamed = query("UPDATE stored_casts SET name = ? WHERE id = ?")
            .bind(name)
            .bind(cast)
            .execute(&mut *self.writer.lock().await)
            .await;
        match renamed {
            Err(sqlx::Error::Database(err)) if err.is_unique_violation() => {
                Err(StoreError::CastExists {
                    db: self.db(),
                    cast: name.to_owned(),
                })
            }
            renamed => renamed.map(drop).map_err(failed("rename the cast")),
        }
    }
}

impl Holder {
    /// Removes a cast with everything that belongs to it, and gives the space back.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be written: then the cast is still there, or gone and only the space is not
    /// given back yet.
    ///
    /// # Panics
    ///
    /// When the database was not opened to run on it: nobody may be at work on what is removed.
    pub async fn forget(&self, cast: CastId) -> Result<(), StoreError> {
        assert!(self.lock.is_some(), "forgetting needs the lock");
        let mut writer = self.writer.lock().await;
        forget(&mut writer, cast)
            .await
            .map_err(failed("delete the cast"))?;
        // What was taken out of the index leaves it only when its parts are merged.
        query("INSERT INTO search (search) VALUES ('optimize'); VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&mut *writer)
            .await
            .map_err(failed("free the space"))?;
        Ok(())
    }
}

/// Removes a cast in a transaction of its own.
pub(super) async fn forget(writer: &mut SqliteConnection, cast: CastId) -> Result<(), sqlx::Error> {
    // What refers to what is known here; checked row by row it would take a scan of all attempts for each run.
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

/// Removes the characters that stand in `temp.leaving`, with their takes and attempts, and takes them out of the index.
pub(super) async fn remove(tx: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    query(
        "INSERT INTO search (search, rowid, name, description, story)
         SELECT 'delete', character_id, name, description, story FROM temp.leaving JOIN search_texts USING (character_id);
         DELETE FROM search_documents WHERE character_id IN (SELECT character_id FROM temp.leaving);
         DELETE FROM search_changed WHERE character_id IN (SELECT character_id FROM temp.leaving);
         DELETE FROM stored_attempts WHERE character_id IN (SELECT character_id FROM temp.leaving);
         DELETE FROM stored_takes WHERE character_id IN (SELECT character_id FROM temp.leaving);
         DELETE FROM stored_characters WHERE id IN (SELECT character_id FROM temp.leaving);
         -- The highest numbers may be given out again, and who gets them is not in the index.
         UPDATE search_progress SET
             character_id = min(character_id, (SELECT coalesce(max(id), 0) FROM stored_characters)),
             take_id = min(take_id, (SELECT coalesce(max(id), 0) FROM stored_takes))",
    )
    .execute(tx)
    .await?;
    Ok(())
}
