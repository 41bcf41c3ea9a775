//! Changing the casts of a database: rename one, forget one, copy one into another database.
//!
//! A database file is locked for it, and a server is asked for live runs. So none of it happens to a cast during a run on it.

use super::error::AppError;
use super::refused::{CastFault, Refused};
use crate::store::{CastRecord, Changes, Contents, Holder, Library, Location, StoreError};

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

/// Copies a cast with all takes and attempts into another database, which is created if there is none. Returns what was copied.
///
/// What killed runs had in flight is cleaned up before, as at the start of a run.
///
/// # Errors
///
/// [`CastFault::SameDatabase`]; [`CastFault::ExistsInTarget`]; [`AppError::Store`] where there is no such cast, a run works on it, or
/// one of the databases cannot be used. The target is as it was then.
pub(crate) async fn copy(from: &Location, name: &str, to: &Location) -> Result<Contents, AppError> {
    if is_same_file(from, to) {
        return Err(CastFault::SameDatabase { db: to.to_string() }.into());
    }
    // The first open fails if there is no database or no cast, and creates none.
    let reader = from.open_to_read().await?;
    reader.one_cast(Some(name)).await?;
    reader.close().await;
    let source = from.open().await?;
    let copied = copy_from(&source, name, to).await;
    source.close().await;
    copied
}

async fn copy_from(source: &Holder, name: &str, to: &Location) -> Result<Contents, AppError> {
    let cast = source.one_cast(Some(name)).await?;
    // Before the target is opened: it is not created for a cast that cannot be copied.
    let copying = source.copying(cast.id).await?;
    let target = to.open().await?;
    let refused = refusal(source, name, &target, to).await;
    let copied = match refused {
        Ok(()) => copying.store_into(&target).await.map_err(AppError::from),
        Err(refused) => Err(refused),
    };
    match copied {
        Ok(contents) => {
            target.close().await;
            Ok(contents)
        }
        Err(err) => {
            target.discard().await;
            Err(err)
        }
    }
}

/// An error if the target is the source, or has a cast of this name.
async fn refusal(
    source: &Holder,
    name: &str,
    target: &Holder,
    to: &Location,
) -> Result<(), AppError> {
    let db = to.to_string();
    if source.is_same(target).await? {
        return Err(CastFault::SameDatabase { db }.into());
    }
    let casts = target.casts().await?;
    if casts.iter().any(|cast| cast.cast_name == name) {
        let cast = name.to_owned();
        return Err(CastFault::ExistsInTarget { cast, db }.into());
    }
    Ok(())
}

fn is_same_file(one: &Location, other: &Location) -> bool {
    match (one, other) {
        (Location::File(one), Location::File(other)) => {
            match (one.canonicalize(), other.canonicalize()) {
                (Ok(one), Ok(other)) => one == other,
                _ => false,
            }
        }
        _ => false,
    }
}
