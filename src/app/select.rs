//! What a command is about: casts of a database, one of them, or one character.
//!
//! Each function opens the database; none creates one. The store decides which characters a filter selects.

use super::error::AppError;
use super::find::one;
use crate::domain::character::CharacterId;
use crate::domain::record::Record;
use crate::store::{CastRecord, Editor, Library, Location, Reader, StoreError};

/// One character, in a database that is opened to read (`D` is [`Reader`]) or to change (`D` is [`Editor`]).
pub(crate) struct Selected<D> {
    /// The database.
    pub db: D,
    /// The character's identity.
    pub id: CharacterId,
    /// The character.
    pub record: Record,
}

/// The cast of that name; without a name, all casts. There is at least one.
///
/// # Errors
///
/// [`StoreError`] where there is no such cast, or no cast at all.
pub(crate) async fn casts(
    db: &Location,
    cast: Option<&str>,
) -> Result<(Reader, Vec<CastRecord>), StoreError> {
    let db = db.open_to_read().await?;
    let casts = match cast {
        Some(name) => vec![db.one_cast(Some(name)).await?],
        None => db.all_casts().await?,
    };
    Ok((db, casts))
}

/// The cast of that name; without a name, the only one.
///
/// # Errors
///
/// [`StoreError`] where there is no such cast, or several and no name.
pub(crate) async fn one_cast(
    db: &Location,
    cast: Option<&str>,
) -> Result<(Reader, CastRecord), StoreError> {
    let db = db.open_to_read().await?;
    let cast = db.one_cast(cast).await?;
    Ok((db, cast))
}

/// The character of a cast that `asked` names: a name, a row key, or `#ROW`. `gone` includes characters that are no longer in the
/// sheet.
///
/// # Errors
///
/// [`AppError::Store`] as for [`one_cast`]; [`AppError::NotFound`] where there is none, or more than one.
pub(crate) async fn to_read(
    db: &Location,
    cast: Option<&str>,
    asked: &str,
    gone: bool,
) -> Result<Selected<Reader>, AppError> {
    let db = db.open_to_read().await?;
    let (id, record) = character(&db, cast, asked, gone).await?;
    Ok(Selected { db, id, record })
}

/// The same, in a database that may be changed, also beside a run.
///
/// # Errors
///
/// As for [`to_read`]; also where the database cannot be written.
pub(crate) async fn to_change(
    db: &Location,
    cast: Option<&str>,
    asked: &str,
    gone: bool,
) -> Result<Selected<Editor>, AppError> {
    let db = db.open_to_change().await?;
    let (id, record) = character(&db, cast, asked, gone).await?;
    Ok(Selected { db, id, record })
}

/// The character of a cast that `asked` names.
async fn character(
    db: &Reader,
    cast: Option<&str>,
    asked: &str,
    gone: bool,
) -> Result<(CharacterId, Record), AppError> {
    let cast = db.one_cast(cast).await?.cast_name;
    one(db, &cast, asked, gone).await
}
