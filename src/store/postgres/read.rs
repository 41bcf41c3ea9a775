//! Reads characters. Lists are streamed.

#![expect(unused_variables, reason = "not written yet")]

use super::Postgres;
use crate::domain::character::{CastId, CharacterId};
use crate::domain::record::Record;
use crate::store::{Cause, Filter, StoreError};

impl Postgres {
    pub(in crate::store) async fn causes(&self, cast: CastId) -> Result<Vec<Cause>, StoreError> {
        todo!()
    }

    pub(in crate::store) async fn each_record<E: From<StoreError>>(
        &self,
        filter: &Filter,
        each: impl FnMut(Record) -> Result<(), E>,
    ) -> Result<(), E> {
        todo!()
    }

    pub(in crate::store) async fn ids(
        &self,
        filter: &Filter,
    ) -> Result<Vec<CharacterId>, StoreError> {
        todo!()
    }

    pub(in crate::store) async fn picked(&self, ids: &[CharacterId]) -> Result<u64, StoreError> {
        todo!()
    }

    pub(in crate::store) async fn find(
        &self,
        cast: &str,
        who: &str,
        gone: bool,
    ) -> Result<Vec<(CharacterId, Record)>, StoreError> {
        todo!()
    }

    pub(in crate::store) async fn hold_still(&self) -> Result<(), StoreError> {
        self.reader.hold_still().await
    }
}
