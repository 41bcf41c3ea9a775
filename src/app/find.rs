//! Finding the one character that the user means.

use super::error::{AppError, NotFound};
use crate::domain::character::CharacterId;
use crate::domain::record::Record;
use crate::store::{Library, Reader};

/// The one character of `cast` that `asked` names: a name, a row key, or `#ROW`. `gone` includes characters that are no longer in
/// the sheet.
///
/// # Errors
///
/// [`AppError::NotFound`] where there is none, or more than one.
pub(super) async fn one(
    db: &Reader,
    cast: &str,
    asked: &str,
    gone: bool,
) -> Result<(CharacterId, Record), AppError> {
    let mut found = db.find(cast, asked, gone).await?;
    match found.pop() {
        Some(one) if found.is_empty() => Ok(one),
        last => {
            found.extend(last);
            Err(not_found(asked, found))
        }
    }
}

/// The characters that each of `asked` names; `None` where nothing was asked.
///
/// # Errors
///
/// [`AppError::NotFound`] for the first that does not name one character.
pub(super) async fn all(
    db: &Reader,
    cast: &str,
    asked: &[String],
) -> Result<Option<Vec<CharacterId>>, AppError> {
    if asked.is_empty() {
        return Ok(None);
    }
    let mut ids = Vec::with_capacity(asked.len());
    for asked in asked {
        ids.push(one(db, cast, asked, false).await?.0);
    }
    Ok(Some(ids))
}

/// The error for `asked`, which fits these characters.
pub(super) fn not_found(asked: &str, found: Vec<(CharacterId, Record)>) -> AppError {
    AppError::NotFound(Box::new(NotFound {
        asked: asked.to_owned(),
        found: found.into_iter().map(|(_, record)| record).collect(),
    }))
}
