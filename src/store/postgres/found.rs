//! The matches of a search without their texts, and the texts of some of them.

#![expect(unused_variables, reason = "not written yet")]

use super::Postgres;
use crate::domain::character::CharacterId;
use crate::store::{Found, Hits, StoreError};

impl Postgres {
    pub(in crate::store) async fn hits(&self, words: &str) -> Result<Hits, StoreError> {
        todo!()
    }

    pub(in crate::store) async fn found(
        &self,
        words: &str,
        ids: &[CharacterId],
    ) -> Result<Vec<Found>, StoreError> {
        todo!()
    }
}
