//! The search in names, descriptions and stories, and its index.
//!
//! A search reads only. Characters that are not in the index yet are found after [`Search::index`].

use super::{Found, Hits, StoreError, Wanted};
use crate::domain::character::CharacterId;
use std::future::Future;
use std::ops::ControlFlow;

/// The search in names, descriptions and stories.
pub trait Search {
    /// Calls `each` with every match, best first, up to the limit. Returns how many characters match without the limit.
    ///
    /// # Errors
    ///
    /// What `each` returns, or [`StoreError`] when the database cannot be read.
    fn search<E: From<StoreError>>(
        &self,
        wanted: &Wanted,
        each: impl FnMut(Found) -> Result<(), E>,
    ) -> impl Future<Output = Result<u64, E>>;

    /// All characters whose texts contain `words`, also those that are no longer in the sheet.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn hits(&self, words: &str) -> impl Future<Output = Result<Hits, StoreError>> + Send;

    /// The characters of `ids` that match, in the order of `ids`, each with a snippet around the matched words.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn found(
        &self,
        words: &str,
        ids: &[CharacterId],
    ) -> impl Future<Output = Result<Vec<Found>, StoreError>> + Send;

    /// How many characters are not in the index, or are there with older texts.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn unindexed(&self) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Brings the index up to date, in steps. After each step it calls `progress` with the number of characters that were
    /// added. The result of `progress` says whether to continue.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the index cannot be written; the steps that were completed stay.
    fn index(
        &self,
        progress: impl FnMut(u64) -> ControlFlow<()>,
    ) -> impl Future<Output = Result<(), StoreError>>;
}
