//! Changing the casts of a database: rename one, forget one.
//!
//! Both lock the database, so neither happens during a run.

use super::error::AppError;
use super::refused::Refused;
use crate::store::{CastRecord, Changes, Library, Location, StoreError};

/// Renames a cast.
///
/// # Errors
///
/// [`Refused::EmptyCastName`]; [`AppError::Store`] where there is no such cast, another one has the new name, or the database
/// cannot be written.
pub(crate) async fn rename(db: &Location, old: Option<&str>, new: &str) -> Result<(), AppError> {
    if new.trim().is_empty() {
        return Err(Refused::EmptyCastName.into());
    }
    // The first open fails if there is no database, and creates none. The second takes the lock, because the messages of a live
    // run name the cast in the command that continues it.
    db.open_to_read().await?.close().await;
    let db = db.open().await?;
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
pub(crate) async fn forget(db: &Location, name: &str) -> Result<CastRecord, StoreError> {
    let db = db.open().await?;
    // Another process may have deleted it before this one got the lock.
    let cast = db.one_cast(Some(name)).await?;
    db.forget(cast.id).await?;
    db.close().await;
    Ok(cast)
}
