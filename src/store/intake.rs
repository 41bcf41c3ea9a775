//! A sheet that is being imported: compared with its cast first, and stored only then.

use super::{Comparison, StoreError};
use crate::domain::character::CastId;
use crate::domain::row::Row;
use std::future::Future;

/// A sheet that is being imported. Until [`Intake::apply`] returns, the cast is as before.
pub trait Intake: Sized {
    /// What puts rows into the form of the database; it needs no database itself, so that it can work while rows are stored.
    type Form;
    /// Rows in that form.
    type Batch;

    /// What puts the rows of this sheet into form.
    fn form(&self) -> Self::Form;

    /// Puts rows into form.
    fn batch(form: &Self::Form, rows: Vec<Row>) -> Self::Batch;

    /// Adds more rows of the sheet. Returns the emptied batch, so that the caller can free it while the next one is stored: freeing
    /// takes as long as reading.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when there is no room for them.
    fn add(&mut self, batch: Self::Batch) -> impl Future<Output = Result<Self::Batch, StoreError>>;

    /// Up to `limit` keys that several rows have: the key, the line of its first row and that of a later one, in the order of the
    /// later lines.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the rows cannot be read.
    fn repeated_keys(
        &mut self,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<(String, u64, u64)>, StoreError>>;

    /// Matches the rows to the characters of the cast and says what the import would do.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn compare(&mut self) -> impl Future<Output = Result<Comparison, StoreError>>;

    /// How many rows are equal to an earlier one.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the rows cannot be read.
    fn duplicates(&mut self) -> impl Future<Output = Result<u64, StoreError>>;

    /// The first of `only` that names none of the compared rows.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the rows cannot be read.
    fn unknown(
        &mut self,
        only: &[String],
    ) -> impl Future<Output = Result<Option<String>, StoreError>>;

    /// How many of the compared rows that `only` names would be without a story.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn wanted(&mut self, only: &[String]) -> impl Future<Output = Result<u64, StoreError>>;

    /// Stores the compared rows. The cast remembers `digest` until another sheet is imported.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when nothing was stored.
    fn apply(self, digest: Option<[u8; 32]>) -> impl Future<Output = Result<CastId, StoreError>>;

    /// Leaves everything as before.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be reached; then nothing was stored either.
    fn abandon(self) -> impl Future<Output = Result<(), StoreError>>;
}
