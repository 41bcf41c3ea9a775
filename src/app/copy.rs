//! Copying a cast, or some of its characters, into a new database.
//!
//! A copy never takes the place of a file that exists.

use super::error::AppError;
use super::refused::{FileFault, Refused};
use crate::output::AtomicFile;
use crate::store::{CastRecord, Filter, Library, Reader};
use std::path::{Path, PathBuf};

/// Copies the characters of `cast` that `filter` selects into a new database at `target`. Returns how many.
///
/// # Errors
///
/// [`FileFault::TargetExists`]; [`AppError::Store`] and [`AppError::Output`] when the copy cannot be written. No incomplete file
/// is left.
pub(super) async fn copy(
    db: &Reader,
    cast: &CastRecord,
    filter: &Filter,
    target: &Path,
) -> Result<u64, AppError> {
    let only = if selects_all(filter, cast) {
        None
    } else {
        Some(db.ids(filter).await?)
    };
    reject_any_database(target)?;
    let file = AtomicFile::create_for_owner(target)?;
    db.copy(cast.id, only.as_deref(), file.path()).await?;
    file.finish()?;
    let all = cast.total + cast.gone;
    Ok(only.map_or(all, |only| u64::try_from(only.len()).unwrap_or(u64::MAX)))
}

/// Whether the filter leaves out no character of the cast.
fn selects_all(filter: &Filter, cast: &CastRecord) -> bool {
    let without_conditions = Filter {
        cast: filter.cast.clone(),
        gone: filter.gone,
        ..Filter::default()
    };
    *filter == without_conditions && (filter.gone || cast.gone == 0)
}

/// Rejects a target that exists, or that has a log file of a database: a process may be using that database.
fn reject_any_database(target: &Path) -> Result<(), Refused> {
    let log = |ending: &str| {
        let mut name = target.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    };
    let taken = [target.to_owned(), log("-wal"), log("-journal")];
    match taken
        .into_iter()
        .find(|file| file.symlink_metadata().is_ok())
    {
        Some(taken) => Err(Refused::File(FileFault::TargetExists(taken))),
        None => Ok(()),
    }
}
