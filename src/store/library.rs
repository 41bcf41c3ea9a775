//! Reading casts, characters, takes, attempts and runs.

use super::{
    AttemptRecord, CastRecord, Cause, Filter, Newest, Outline, RunRecord, StoreError, StoryRecord,
    TakeRecord, Watched, Worker,
};
use crate::domain::character::{CastId, CharacterId};
use crate::domain::money::Money;
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

    /// All casts; an error where there is none.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoCast`] when there is none; another when the database cannot be read.
    fn all_casts(&self) -> impl Future<Output = Result<Vec<CastRecord>, StoreError>> + Send;

    /// The cast of that name; without a name, the only cast of the database.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when there is no such cast, when no name is given and there are several, or when the database cannot
    /// be read.
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
    /// [`StoreError`] when the database cannot be read, or this program does not know the stored recipe.
    fn recipe(&self, cast: CastId) -> impl Future<Output = Result<Recipe, StoreError>> + Send;

    /// The settings of the cast's last run, as a JSON object.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn memory(&self, cast: &str)
    -> impl Future<Output = Result<Option<String>, StoreError>> + Send;

    /// The names of the sheet's columns, in order.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn columns(&self, cast: &str) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;

    /// The key column of the cast's last sheet; `None` where the sheet had none, and where the cast does not exist.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn key_column(
        &self,
        cast: &str,
    ) -> impl Future<Output = Result<Option<String>, StoreError>> + Send;

    /// The most that a cast may cost in all; `None` where it has no such limit, and where the cast does not exist.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn budget(&self, cast: &str) -> impl Future<Output = Result<Option<Money>, StoreError>> + Send;

    /// Why characters of a cast failed, grouped by error, the most frequent first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn causes(&self, cast: CastId) -> impl Future<Output = Result<Vec<Cause>, StoreError>> + Send;

    /// Calls `each` with every character that `filter` selects, by cast and in the order of the sheet. An error of `each` stops it.
    ///
    /// # Errors
    ///
    /// What `each` returns, or [`StoreError`] when the database cannot be read.
    fn each_record<E: From<StoreError>>(
        &self,
        filter: &Filter,
        each: impl FnMut(Record) -> Result<(), E>,
    ) -> impl Future<Output = Result<(), E>>;

    /// Calls `each` with every character of the cast that is in the sheet and has a take, in the order of the sheet. An error of
    /// `each` stops it.
    ///
    /// # Errors
    ///
    /// What `each` returns, or [`StoreError`] when the database cannot be read.
    fn each_story<E: From<StoreError>>(
        &self,
        cast: CastId,
        each: impl FnMut(StoryRecord) -> Result<(), E>,
    ) -> impl Future<Output = Result<(), E>>;

    /// The identities of the characters that `filter` selects, in the order of [`Self::each_record`].
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn ids(
        &self,
        filter: &Filter,
    ) -> impl Future<Output = Result<Vec<CharacterId>, StoreError>> + Send;

    /// How many of these characters have a picked take.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn picked(&self, ids: &[CharacterId]) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// The characters that `who` names. It is a name, a key, or `#` and the number of a row.
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

    /// Starts a read transaction: from now on this reader sees one state of the database, also while a run writes.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn hold_still(&self) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The cast of that name and the stored digest of its sheet, if there is one; see [`Intake::apply`](super::Intake::apply).
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn sheet_digest(
        &self,
        cast: &str,
    ) -> impl Future<Output = Result<Option<(CastId, Vec<u8>)>, StoreError>> + Send;

    /// The last run on a cast that sent a request.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn last_run(
        &self,
        cast: CastId,
    ) -> impl Future<Output = Result<Option<RunRecord>, StoreError>> + Send;

    /// The live runs of a cast, the longest first; `None` where a cast can have only one.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn workers(
        &self,
        cast: CastId,
    ) -> impl Future<Output = Result<Option<Vec<Worker>>, StoreError>> + Send;

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

    /// A number that differs from the last one returned here if another connection has written to the database since.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn version(&self) -> impl Future<Output = Result<i64, StoreError>> + Send;

    /// The outlines of all characters, by the name of their cast and in the order of its sheet.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn outlines(&self) -> impl Future<Output = Result<Vec<Outline>, StoreError>> + Send;

    /// These characters with their texts, in the order of `ids`. Characters that no longer exist are left out.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn described(
        &self,
        ids: &[CharacterId],
    ) -> impl Future<Output = Result<Vec<(CharacterId, Record)>, StoreError>> + Send;

    /// The live runs of one cast as one, else the last run that sent a request. If a cast is given, only its runs.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn watched(
        &self,
        cast: Option<CastId>,
    ) -> impl Future<Output = Result<Option<Watched>, StoreError>> + Send;

    /// The stories that were finished last, newest first, at most `limit`. If a cast is given, only its stories.
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
