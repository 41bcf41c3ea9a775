//! What the user changes: picked takes, takes written by hand, retries, names of casts.

use super::{Failed, StoreError};
use crate::domain::character::{CastId, CharacterId, TakeNumber};
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

    /// Stores a text that the user wrote, unchanged, as a new take, and picks it. Returns its number.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be written; nothing has changed.
    fn write_by_hand(
        &self,
        id: CharacterId,
        story: &str,
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
