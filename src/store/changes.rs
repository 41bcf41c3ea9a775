//! What the user changes: picked takes, takes written by hand, retries, names of casts, what a review found and what of it was
//! dismissed.

use super::{Failed, Reviewed, StoreError};
use crate::domain::character::{CastId, CharacterId, TakeNumber};
use crate::domain::flag::{Flag, Flags};
use std::future::Future;

/// What the user changes between runs. Each change is durable before its function returns.
pub trait Changes {
    /// Makes `take` the current take of a character. Without `take`, the newest take becomes current, and later takes
    /// replace it again. Returns the number of the current take, or `None` when there is no such take.
    ///
    /// A pending or failed character becomes done by this.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be written; nothing has changed.
    fn pick(
        &self,
        id: CharacterId,
        take: Option<TakeNumber>,
    ) -> impl Future<Output = Result<Option<TakeNumber>, StoreError>> + Send;

    /// Stores a text that the user wrote, unchanged, as a new take, and picks it. `flags` are those that follow from its words.
    /// Returns its number.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be written; nothing has changed.
    fn write_by_hand(
        &self,
        id: CharacterId,
        story: &str,
        flags: Flags,
    ) -> impl Future<Output = Result<TakeNumber, StoreError>> + Send;

    /// Makes failed characters of a cast pending again, with their full number of tries. Returns how many.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be written; nothing has changed.
    fn retry(
        &self,
        cast: CastId,
        which: &Failed,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Stores what a review of a cast found. It replaces what the review before it found by comparing the cast.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be written; nothing has changed.
    fn store_review(
        &self,
        cast: CastId,
        reviewed: &Reviewed,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Dismisses a flag of the current takes of these characters: it is not shown any more, also when a review finds it again.
    /// Characters that do not have the flag are left as they are. Returns how many had it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be written; nothing has changed.
    fn dismiss(
        &self,
        characters: &[CharacterId],
        flag: Flag,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Makes done and failed characters pending, with their full number of tries: a live run, or the next one, writes one more take
    /// for each. Those that are pending or running already stay so. Returns how many became pending.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be written; nothing has changed.
    fn write_again(
        &self,
        characters: &[CharacterId],
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Gives a cast another name.
    ///
    /// # Errors
    ///
    /// [`StoreError::CastExists`] when another cast has that name; another error when the database cannot be written.
    /// Nothing has changed then.
    fn rename(
        &self,
        cast: CastId,
        name: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}
