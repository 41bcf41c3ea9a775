//! Changes by the user: picking a take, storing a take written by hand, trying failed characters again, names of casts.

#![expect(unused_variables, reason = "not written yet")]

use super::Postgres;
use crate::domain::character::{CastId, CharacterId, TakeNumber};
use crate::store::{Failed, StoreError};

impl Postgres {
    pub(in crate::store) async fn pick(
        &self,
        id: CharacterId,
        take: Option<TakeNumber>,
    ) -> Result<Option<TakeNumber>, StoreError> {
        todo!()
    }

    pub(in crate::store) async fn write_by_hand(
        &self,
        id: CharacterId,
        story: &str,
    ) -> Result<TakeNumber, StoreError> {
        todo!()
    }

    pub(in crate::store) async fn retry(
        &self,
        cast: CastId,
        which: &Failed,
    ) -> Result<u64, StoreError> {
        todo!()
    }

    pub(in crate::store) async fn rename(
        &self,
        cast: CastId,
        name: &str,
    ) -> Result<(), StoreError> {
        todo!()
    }

    pub(in crate::store) async fn forget(&self, cast: CastId) -> Result<(), StoreError> {
        todo!()
    }
}
