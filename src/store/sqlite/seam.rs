//! The traits of the store for a database file: each function is carried out by the file beside that has its name or its subject.

use super::handles::{Editor, Reader};
use crate::domain::character::{CastId, CharacterId, TakeNumber};
use crate::domain::recipe::Recipe;
use crate::domain::record::Record;
use crate::store::{
    AttemptRecord, CastRecord, Cause, Changes, Failed, Filter, Found, Hits, Library, Newest,
    Outline, RunRecord, Search, StoreError, TakeRecord, Wanted, Watched,
};
use std::ops::ControlFlow;

impl Changes for Editor {
    async fn pick(
        &self,
        id: CharacterId,
        take: Option<TakeNumber>,
    ) -> Result<Option<TakeNumber>, StoreError> {
        Self::pick(self, id, take).await
    }

    async fn write_by_hand(&self, id: CharacterId, story: &str) -> Result<TakeNumber, StoreError> {
        Self::write_by_hand(self, id, story).await
    }

    async fn retry(&self, cast: CastId, which: &Failed) -> Result<u64, StoreError> {
        Self::retry(self, cast, which).await
    }

    async fn rename(&self, cast: CastId, name: &str) -> Result<(), StoreError> {
        Self::rename(self, cast, name).await
    }
}

impl Search for Reader {
    async fn unindexed(&self) -> Result<u64, StoreError> {
        Self::unindexed(self).await
    }

    async fn index(
        &self,
        on_progress: impl FnMut(u64) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        Self::index(self, on_progress).await
    }

    async fn hits(&self, words: &str) -> Result<Hits, StoreError> {
        Self::hits(self, words).await
    }

    async fn found(&self, words: &str, ids: &[CharacterId]) -> Result<Vec<Found>, StoreError> {
        Self::found(self, words, ids).await
    }

    async fn search<E: From<StoreError>>(
        &self,
        wanted: &Wanted,
        each: impl FnMut(Found) -> Result<(), E>,
    ) -> Result<u64, E> {
        Self::search(self, wanted, each).await
    }
}

impl Library for Reader {
    async fn casts(&self) -> Result<Vec<CastRecord>, StoreError> {
        Self::casts(self).await
    }

    async fn all_casts(&self) -> Result<Vec<CastRecord>, StoreError> {
        Self::all_casts(self).await
    }

    async fn one_cast(&self, name: Option<&str>) -> Result<CastRecord, StoreError> {
        Self::one_cast(self, name).await
    }

    async fn cast_name(&self, id: CastId) -> Result<String, StoreError> {
        Self::cast_name(self, id).await
    }

    async fn recipe(&self, cast: CastId) -> Result<Recipe, StoreError> {
        Self::recipe(self, cast).await
    }

    async fn memory(&self, cast: &str) -> Result<Option<String>, StoreError> {
        Self::memory(self, cast).await
    }

    async fn columns(&self, cast: &str) -> Result<Vec<String>, StoreError> {
        Self::columns(self, cast).await
    }

    async fn key_column(&self, cast: &str) -> Result<Option<String>, StoreError> {
        Self::key_column(self, cast).await
    }

    async fn causes(&self, cast: CastId) -> Result<Vec<Cause>, StoreError> {
        Self::causes(self, cast).await
    }

    async fn each_record<E: From<StoreError>>(
        &self,
        filter: &Filter,
        each: impl FnMut(Record) -> Result<(), E>,
    ) -> Result<(), E> {
        Self::each_record(self, filter, each).await
    }

    async fn ids(&self, filter: &Filter) -> Result<Vec<CharacterId>, StoreError> {
        Self::ids(self, filter).await
    }

    async fn picked(&self, ids: &[CharacterId]) -> Result<u64, StoreError> {
        Self::picked(self, ids).await
    }

    async fn find(
        &self,
        cast: &str,
        who: &str,
        gone: bool,
    ) -> Result<Vec<(CharacterId, Record)>, StoreError> {
        Self::find(self, cast, who, gone).await
    }

    async fn hold_still(&self) -> Result<(), StoreError> {
        Self::hold_still(self).await
    }

    async fn last_run(&self, cast: CastId) -> Result<Option<RunRecord>, StoreError> {
        Self::last_run(self, cast).await
    }

    async fn takes(&self, id: CharacterId) -> Result<Vec<TakeRecord>, StoreError> {
        Self::takes(self, id).await
    }

    async fn attempts(&self, id: CharacterId) -> Result<Vec<AttemptRecord>, StoreError> {
        Self::attempts(self, id).await
    }

    async fn version(&self) -> Result<i64, StoreError> {
        Self::version(self).await
    }

    async fn outlines(&self) -> Result<Vec<Outline>, StoreError> {
        Self::outlines(self).await
    }

    async fn described(
        &self,
        ids: &[CharacterId],
    ) -> Result<Vec<(CharacterId, Record)>, StoreError> {
        Self::described(self, ids).await
    }

    async fn watched(&self, cast: Option<CastId>) -> Result<Option<Watched>, StoreError> {
        Self::watched(self, cast).await
    }

    async fn newest(&self, cast: Option<CastId>, limit: u32) -> Result<Vec<Newest>, StoreError> {
        Self::newest(self, cast, limit).await
    }

    async fn sheet_digest(&self, cast: &str) -> Result<Option<(CastId, Vec<u8>)>, StoreError> {
        Self::sheet_digest(self, cast).await
    }
}
