//! Changing what counts: picks, takes by hand, retries, names.

use super::{Failed, StoreError};
use crate::domain::character::{CastId, CharacterId, TakeNumber};
use std::future::Future;

/// What the user changes between runs. Each change is durable before its function returns.
pub trait Changes {
    /// Makes `take` of a character the one that counts, or its newest one where none is given; then newer ones count again.
    /// Returns the number of the take that counts now, or `None` when there is no such take.
    ///
    /// A character that was still without its story, or failed, is finished by a take that was chosen for it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be written; nothing has changed.
    fn pick(
        &self,
        id: CharacterId,
        take: Option<TakeNumber>,
    ) -> impl Future<Output = Result<Option<TakeNumber>, StoreError>> + Send;

    /// Stores a take that a person wrote, as it stands; it counts. Returns its number.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be written; nothing has changed.
    fn write_by_hand(
        &self,
        id: CharacterId,
        story: &str,
    ) -> impl Future<Output = Result<TakeNumber, StoreError>> + Send;

    /// Makes failed characters of a cast pending again, with all their tries. Returns how many.
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
    /// [`StoreError::CastExists`] when another one has that name; another when the database cannot be written. Nothing has
    /// changed then.
    fn rename(
        &self,
        cast: CastId,
        name: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}
