//! Reads the history: the last run of a cast, and the takes and attempts of a character.

#![expect(unused_variables, reason = "not written yet")]

use super::Postgres;
use crate::domain::character::{CastId, CharacterId};
use crate::store::{AttemptRecord, RunRecord, StoreError, TakeRecord};

impl Postgres {
    pub(in crate::store) async fn last_run(
        &self,
        cast: CastId,
    ) -> Result<Option<RunRecord>, StoreError> {
        todo!()
    }

    pub(in crate::store) async fn takes(
        &self,
        id: CharacterId,
    ) -> Result<Vec<TakeRecord>, StoreError> {
        todo!()
    }

    pub(in crate::store) async fn attempts(
        &self,
        id: CharacterId,
    ) -> Result<Vec<AttemptRecord>, StoreError> {
        todo!()
    }
}
