//! The cast that a page is about: which one is meant, its heading, and its addresses.

use super::address::with_query;
use super::error::ViewError;
use crate::store::CastRecord;

/// The cast in the address, else the only one; `None` if several casts are meant.
///
/// # Errors
///
/// [`ViewError::Nothing`] if none of `casts` has that name.
pub(super) fn meant<'a>(
    casts: &'a [CastRecord],
    cast_name: Option<&str>,
) -> Result<Option<&'a CastRecord>, ViewError> {
    let named = |name: &str| casts.iter().find(|cast| cast.cast_name == name);
    match (cast_name, casts) {
        (Some(name), _) => named(name)
            .map(Some)
            .ok_or(ViewError::Nothing { what: "cast" }),
        (None, [only]) => Ok(Some(only)),
        (None, _) => Ok(None),
    }
}

/// The heading of a page about this cast, or about all.
pub(super) fn heading(cast: Option<&CastRecord>) -> &str {
    cast.map_or("All casts", |cast| &cast.cast_name)
}

/// The cast for addresses: empty if there is only one, or if all are meant.
pub(super) fn link<'a>(casts: &[CastRecord], cast: Option<&'a CastRecord>) -> &'a str {
    let named = cast.filter(|_| casts.len() > 1);
    named.map_or("", |cast| &cast.cast_name)
}

/// The address of the events about this cast, or about all.
pub(super) fn events(link: &str) -> String {
    with_query("/events", &[("cast", link)])
}
