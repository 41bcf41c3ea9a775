//! Which cast of a database is meant: the named one, or the only one.

use super::{CastRecord, StoreError};

/// All casts of the database `db`; an error where there is none.
pub(super) fn all(casts: Vec<CastRecord>, db: String) -> Result<Vec<CastRecord>, StoreError> {
    if casts.is_empty() {
        return Err(StoreError::NoCast { db });
    }
    Ok(casts)
}

/// The cast of that name; without a name, the only one of the database `db`.
pub(super) fn one(
    mut casts: Vec<CastRecord>,
    name: Option<&str>,
    db: String,
) -> Result<CastRecord, StoreError> {
    let names = || casts.iter().map(|cast| cast.cast_name.clone()).collect();
    match name {
        _ if casts.is_empty() => Err(StoreError::NoCast { db }),
        Some(name) => match casts.iter().position(|cast| cast.cast_name == name) {
            Some(at) => Ok(casts.swap_remove(at)),
            None => Err(StoreError::UnknownCast {
                cast: name.to_owned(),
                casts: names(),
                db,
            }),
        },
        None if casts.len() > 1 => Err(StoreError::SeveralCasts { casts: names(), db }),
        None => Ok(casts.swap_remove(0)),
    }
}
