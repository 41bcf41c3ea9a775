//! Changing the casts of a database: rename one, forget one.
//!
//! Both lock the database, so neither happens during a run.

use super::error::AppError;
use super::refused::Refused;
use crate::store::{CastRecord, Changes, Library, Sqlite, StoreError};
use std::path::Path;

/// Renames a cast.
///
/// # Errors
///
/// [`Refused::EmptyCastName`]; [`AppError::Store`] where there is no such cast, another one has the new name, or the database
/// cannot be written.
pub(crate) async fn rename(db: &Path, old: Option<&str>, new: &str) -> Result<(), AppError> {
    if new.trim().is_empty() {
        return Err(Refused::EmptyCastName.into());
    }
    // The first open fails if there is no database, and creates none. The second takes the lock, because the messages of a live
    // run name the cast in the command that continues it.
    Sqlite::open_to_read(db).await?.close().await;
    let db = Sqlite::open(db).await?;
    let cast = db.one_cast(old).await?;
    db.rename(cast.id, new).await?;
    db.close().await;
    Ok(())
}

/// Deletes a cast with everything in it. Returns what it was.
///
/// # Errors
///
/// [`StoreError`] where there is no such cast, or the database cannot be written.
pub(crate) async fn forget(db: &Path, name: &str) -> Result<CastRecord, StoreError> {
    let db = Sqlite::open(db).await?;
    // Another process may have deleted it before this one got the lock.
    let cast = db.one_cast(Some(name)).await?;
    db.forget(cast.id).await?;
    db.close().await;
    Ok(cast)
}
