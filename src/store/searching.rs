//! Searching.

use super::{Found, Hits, StoreError, Wanted};
use crate::domain::character::CharacterId;
use std::future::Future;
use std::ops::ControlFlow;

/// Searching names, descriptions and stories.
pub trait Search {
    /// Hands what was found to `each`, the best first, and returns how many characters that would be without a limit.
    ///
    /// # Errors
    ///
    /// What `each` returns, or [`StoreError`] when the database cannot be read.
    fn search<E: From<StoreError>>(
        &self,
        wanted: &Wanted,
        each: impl FnMut(Found) -> Result<(), E>,
    ) -> impl Future<Output = Result<u64, E>>;

    /// All characters in which `words` occur, those that left the sheet, too.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn hits(&self, words: &str) -> impl Future<Output = Result<Hits, StoreError>> + Send;

    /// Those of `ids` in full, in their order, with the words around what was found.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn found(
        &self,
        words: &str,
        ids: &[CharacterId],
    ) -> impl Future<Output = Result<Vec<Found>, StoreError>> + Send;

    /// Characters that are not in the index as they stand now.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn unindexed(&self) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Brings the index up to date. `told` hears after each step how many characters it took in, and says whether to go on.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be written; what was taken in before stays.
    fn index(
        &self,
        told: impl FnMut(u64) -> ControlFlow<()>,
    ) -> impl Future<Output = Result<(), StoreError>>;
}
