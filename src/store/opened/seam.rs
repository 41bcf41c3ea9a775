//! The traits of the store for both kinds of database: each call goes to the database that is open.

use super::{Editor, Opened, Reader};
use crate::domain::character::{CastId, CharacterId, TakeNumber};
use crate::domain::flag::{Flag, Flags};
use crate::domain::money::Money;
use crate::domain::recipe::Recipe;
use crate::domain::record::Record;
use crate::store::{
    AttemptRecord, CastRecord, Cause, Changes, Failed, Filter, Found, Hits, Library, Newest,
    Outline, Reviewed, RunRecord, Search, StoreError, StoryRecord, TakeRecord, Wanted, Watched,
    Worker,
};
use std::ops::ControlFlow;

impl Changes for Editor {
    async fn pick(
        &self,
        id: CharacterId,
        take: Option<TakeNumber>,
    ) -> Result<Option<TakeNumber>, StoreError> {
        match &self.0.0 {
            Opened::File(db) => db.pick(id, take).await,
            Opened::Server(db) => db.pick(id, take).await,
        }
    }

    async fn write_by_hand(
        &self,
        id: CharacterId,
        story: &str,
        flags: Flags,
    ) -> Result<TakeNumber, StoreError> {
        match &self.0.0 {
            Opened::File(db) => db.write_by_hand(id, story, flags).await,
            Opened::Server(db) => db.write_by_hand(id, story, flags).await,
        }
    }

    async fn retry(&self, cast: CastId, which: &Failed) -> Result<u64, StoreError> {
        match &self.0.0 {
            Opened::File(db) => db.retry(cast, which).await,
            Opened::Server(db) => db.retry(cast, which).await,
        }
    }

    async fn store_review(&self, cast: CastId, reviewed: &Reviewed) -> Result<(), StoreError> {
        match &self.0.0 {
            Opened::File(db) => db.store_review(cast, reviewed).await,
            Opened::Server(db) => db.store_review(cast, reviewed).await,
        }
    }

    async fn dismiss(&self, characters: &[CharacterId], flag: Flag) -> Result<u64, StoreError> {
        match &self.0.0 {
            Opened::File(db) => db.dismiss(characters, flag).await,
            Opened::Server(db) => db.dismiss(characters, flag).await,
        }
    }

    async fn write_again(&self, characters: &[CharacterId]) -> Result<u64, StoreError> {
        match &self.0.0 {
            Opened::File(db) => db.write_again(characters).await,
            Opened::Server(db) => db.write_again(characters).await,
        }
    }

    async fn rename(&self, cast: CastId, name: &str) -> Result<(), StoreError> {
        match &self.0.0 {
            Opened::File(db) => db.rename(cast, name).await,
            Opened::Server(db) => db.rename(cast, name).await,
        }
    }
}

impl Search for Reader {
    async fn unindexed(&self) -> Result<u64, StoreError> {
        match &self.0 {
            Opened::File(db) => db.unindexed().await,
            Opened::Server(db) => db.unindexed().await,
        }
    }

    async fn index(
        &self,
        on_progress: impl FnMut(u64) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        match &self.0 {
            Opened::File(db) => db.index(on_progress).await,
            Opened::Server(db) => db.index(on_progress).await,
        }
    }

    async fn hits(&self, words: &str) -> Result<Hits, StoreError> {
        match &self.0 {
            Opened::File(db) => db.hits(words).await,
            Opened::Server(db) => db.hits(words).await,
        }
    }

    async fn found(&self, words: &str, ids: &[CharacterId]) -> Result<Vec<Found>, StoreError> {
        match &self.0 {
            Opened::File(db) => db.found(words, ids).await,
            Opened::Server(db) => db.found(words, ids).await,
        }
    }

    async fn search<E: From<StoreError>>(
        &self,
        wanted: &Wanted,
        each: impl FnMut(Found) -> Result<(), E>,
    ) -> Result<u64, E> {
        match &self.0 {
            Opened::File(db) => db.search(wanted, each).await,
            Opened::Server(db) => db.search(wanted, each).await,
        }
    }
}

impl Library for Reader {
    async fn casts(&self) -> Result<Vec<CastRecord>, StoreError> {
        match &self.0 {
            Opened::File(db) => db.casts().await,
            Opened::Server(db) => db.casts().await,
        }
    }

    async fn all_casts(&self) -> Result<Vec<CastRecord>, StoreError> {
        match &self.0 {
            Opened::File(db) => db.all_casts().await,
            Opened::Server(db) => db.all_casts().await,
        }
    }

    async fn one_cast(&self, name: Option<&str>) -> Result<CastRecord, StoreError> {
        match &self.0 {
            Opened::File(db) => db.one_cast(name).await,
            Opened::Server(db) => db.one_cast(name).await,
        }
    }

    async fn cast_name(&self, id: CastId) -> Result<String, StoreError> {
        match &self.0 {
            Opened::File(db) => db.cast_name(id).await,
            Opened::Server(db) => db.cast_name(id).await,
        }
    }

    async fn recipe(&self, cast: CastId) -> Result<Recipe, StoreError> {
        match &self.0 {
            Opened::File(db) => db.recipe(cast).await,
            Opened::Server(db) => db.recipe(cast).await,
        }
    }

    async fn memory(&self, cast: &str) -> Result<Option<String>, StoreError> {
        match &self.0 {
            Opened::File(db) => db.memory(cast).await,
            Opened::Server(db) => db.memory(cast).await,
        }
    }

    async fn columns(&self, cast: &str) -> Result<Vec<String>, StoreError> {
        match &self.0 {
            Opened::File(db) => db.columns(cast).await,
            Opened::Server(db) => db.columns(cast).await,
        }
    }

    async fn key_column(&self, cast: &str) -> Result<Option<String>, StoreError> {
        match &self.0 {
            Opened::File(db) => db.key_column(cast).await,
            Opened::Server(db) => db.key_column(cast).await,
        }
    }

    async fn budget(&self, cast: &str) -> Result<Option<Money>, StoreError> {
        match &self.0 {
            Opened::File(db) => db.budget(cast).await,
            Opened::Server(db) => db.budget(cast).await,
        }
    }

    async fn causes(&self, cast: CastId) -> Result<Vec<Cause>, StoreError> {
        match &self.0 {
            Opened::File(db) => db.causes(cast).await,
            Opened::Server(db) => db.causes(cast).await,
        }
    }

    async fn each_record<E: From<StoreError>>(
        &self,
        filter: &Filter,
        each: impl FnMut(Record) -> Result<(), E>,
    ) -> Result<(), E> {
        match &self.0 {
            Opened::File(db) => db.each_record(filter, each).await,
            Opened::Server(db) => db.each_record(filter, each).await,
        }
    }

    async fn each_story<E: From<StoreError>>(
        &self,
        cast: CastId,
        each: impl FnMut(StoryRecord) -> Result<(), E>,
    ) -> Result<(), E> {
        match &self.0 {
            Opened::File(db) => db.each_story(cast, each).await,
            Opened::Server(db) => db.each_story(cast, each).await,
        }
    }

    async fn ids(&self, filter: &Filter) -> Result<Vec<CharacterId>, StoreError> {
        match &self.0 {
            Opened::File(db) => db.ids(filter).await,
            Opened::Server(db) => db.ids(filter).await,
        }
    }

    async fn picked(&self, ids: &[CharacterId]) -> Result<u64, StoreError> {
        match &self.0 {
            Opened::File(db) => db.picked(ids).await,
            Opened::Server(db) => db.picked(ids).await,
        }
    }

    async fn find(
        &self,
        cast: &str,
        who: &str,
        gone: bool,
    ) -> Result<Vec<(CharacterId, Record)>, StoreError> {
        match &self.0 {
            Opened::File(db) => db.find(cast, who, gone).await,
            Opened::Server(db) => db.find(cast, who, gone).await,
        }
    }

    async fn hold_still(&self) -> Result<(), StoreError> {
        match &self.0 {
            Opened::File(db) => db.hold_still().await,
            Opened::Server(db) => db.hold_still().await,
        }
    }

    async fn last_run(&self, cast: CastId) -> Result<Option<RunRecord>, StoreError> {
        match &self.0 {
            Opened::File(db) => db.last_run(cast).await,
            Opened::Server(db) => db.last_run(cast).await,
        }
    }

    async fn workers(&self, cast: CastId) -> Result<Option<Vec<Worker>>, StoreError> {
        match &self.0 {
            Opened::File(_) => Ok(None),
            Opened::Server(db) => db.workers(cast).await.map(Some),
        }
    }

    async fn takes(&self, id: CharacterId) -> Result<Vec<TakeRecord>, StoreError> {
        match &self.0 {
            Opened::File(db) => db.takes(id).await,
            Opened::Server(db) => db.takes(id).await,
        }
    }

    async fn attempts(&self, id: CharacterId) -> Result<Vec<AttemptRecord>, StoreError> {
        match &self.0 {
            Opened::File(db) => db.attempts(id).await,
            Opened::Server(db) => db.attempts(id).await,
        }
    }

    async fn version(&self) -> Result<i64, StoreError> {
        match &self.0 {
            Opened::File(db) => db.version().await,
            Opened::Server(db) => db.version().await,
        }
    }

    async fn outlines(&self) -> Result<Vec<Outline>, StoreError> {
        match &self.0 {
            Opened::File(db) => db.outlines().await,
            Opened::Server(db) => db.outlines().await,
        }
    }

    async fn described(
        &self,
        ids: &[CharacterId],
    ) -> Result<Vec<(CharacterId, Record)>, StoreError> {
        match &self.0 {
            Opened::File(db) => db.described(ids).await,
            Opened::Server(db) => db.described(ids).await,
        }
    }

    async fn watched(&self, cast: Option<CastId>) -> Result<Option<Watched>, StoreError> {
        match &self.0 {
            Opened::File(db) => db.watched(cast).await,
            Opened::Server(db) => db.watched(cast).await,
        }
    }

    async fn newest(&self, cast: Option<CastId>, limit: u32) -> Result<Vec<Newest>, StoreError> {
        match &self.0 {
            Opened::File(db) => db.newest(cast, limit).await,
            Opened::Server(db) => db.newest(cast, limit).await,
        }
    }

    async fn sheet_digest(&self, cast: &str) -> Result<Option<(CastId, Vec<u8>)>, StoreError> {
        match &self.0 {
            Opened::File(db) => db.sheet_digest(cast).await,
            Opened::Server(db) => db.sheet_digest(cast).await,
        }
    }
}
