//! Reading casts, characters, takes, attempts and runs.

use super::{
    AttemptRecord, CastRecord, Cause, Filter, Newest, Outline, RunRecord, StoreError, TakeRecord,
    Watched,
};
use crate::domain::character::{CastId, CharacterId};
use crate::domain::recipe::Recipe;
use crate::domain::record::Record;
use std::future::Future;

/// What can be read of the casts of a database.
pub trait Library {
    /// All casts with their counts, by name.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn casts(&self) -> impl Future<Output = Result<Vec<CastRecord>, StoreError>> + Send;

    /// All casts, of which there is at least one.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoCast`] when there is none; another when the database cannot be read.
    fn all_casts(&self) -> impl Future<Output = Result<Vec<CastRecord>, StoreError>> + Send;

    /// The cast of that name, or the only one.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when there is none, when several could be meant, or when the database cannot be read.
    fn one_cast(
        &self,
        name: Option<&str>,
    ) -> impl Future<Output = Result<CastRecord, StoreError>> + Send;

    /// The name of a cast.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn cast_name(&self, id: CastId) -> impl Future<Output = Result<String, StoreError>> + Send;

    /// The recipe of a cast's stories.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read, or the recipe is none that this program knows.
    fn recipe(&self, cast: CastId) -> impl Future<Output = Result<Recipe, StoreError>> + Send;

    /// What the cast remembers of its last run, as a JSON object.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn memory(&self, cast: &str)
    -> impl Future<Output = Result<Option<String>, StoreError>> + Send;

    /// The names of the sheet's columns, as the cast has them.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn columns(&self, cast: &str) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;

    /// The key column of the cast's last sheet; `None` where it had none, and for a cast that is not there.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn key_column(
        &self,
        cast: &str,
    ) -> impl Future<Output = Result<Option<String>, StoreError>> + Send;

    /// Why characters of a cast failed: alike ones together, the commonest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn causes(&self, cast: CastId) -> impl Future<Output = Result<Vec<Cause>, StoreError>> + Send;

    /// Hands each wanted character to `each`, by cast and in the order of the sheet, until `each` fails.
    ///
    /// # Errors
    ///
    /// What `each` returns, or [`StoreError`] when the database cannot be read.
    fn each_record<E: From<StoreError>>(
        &self,
        filter: &Filter,
        each: impl FnMut(Record) -> Result<(), E>,
    ) -> impl Future<Output = Result<(), E>>;

    /// The identities of the wanted characters, in the order of [`Self::each_record`].
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn ids(
        &self,
        filter: &Filter,
    ) -> impl Future<Output = Result<Vec<CharacterId>, StoreError>> + Send;

    /// How many of these characters keep a take that was picked.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn picked(&self, ids: &[CharacterId]) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// The characters that `who` names: a name, a key, or `#` and a row.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn find(
        &self,
        cast: &str,
        who: &str,
        gone: bool,
    ) -> impl Future<Output = Result<Vec<(CharacterId, Record)>, StoreError>> + Send;

    /// From now on everything that is read here is of one moment, whatever a run writes meanwhile.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn hold_still(&self) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The cast of that name and the digest that it remembers of its sheet, if it does; see [`Import::apply`].
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn sheet_digest(
        &self,
        cast: &str,
    ) -> impl Future<Output = Result<Option<(CastId, Vec<u8>)>, StoreError>> + Send;

    /// The last run on a cast that sent anything.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn last_run(
        &self,
        cast: CastId,
    ) -> impl Future<Output = Result<Option<RunRecord>, StoreError>> + Send;

    /// All takes of a character, first to last.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn takes(
        &self,
        id: CharacterId,
    ) -> impl Future<Output = Result<Vec<TakeRecord>, StoreError>> + Send;

    /// All attempts of a character, first to last.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn attempts(
        &self,
        id: CharacterId,
    ) -> impl Future<Output = Result<Vec<AttemptRecord>, StoreError>> + Send;

    /// A number that is another one whenever somebody else has written into the database since it was last asked for here.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn version(&self) -> impl Future<Output = Result<i64, StoreError>> + Send;

    /// All characters in outline, by the name of their cast and in the order of its sheet.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn outlines(&self) -> impl Future<Output = Result<Vec<Outline>, StoreError>> + Send;

    /// These characters in full, in the order of `ids`; those that are not there any more are left out.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn described(
        &self,
        ids: &[CharacterId],
    ) -> impl Future<Output = Result<Vec<(CharacterId, Record)>, StoreError>> + Send;

    /// The run that is alive, else the last one that sent anything; of this cast only, where one is given.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn watched(
        &self,
        cast: Option<CastId>,
    ) -> impl Future<Output = Result<Option<Watched>, StoreError>> + Send;

    /// The stories that came last, newest first, at most `limit`; of this cast only, where one is given.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn newest(
        &self,
        cast: Option<CastId>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Newest>, StoreError>> + Send;
}
