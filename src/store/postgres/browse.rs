//! Reads what the page lists: outlines of all characters, and the texts of those that are seen.

#![expect(unused_variables, reason = "not written yet")]

use super::Postgres;
use crate::domain::character::CharacterId;
use crate::domain::record::Record;
use crate::store::{Outline, StoreError};

impl Postgres {
    pub(in crate::store) async fn version(&self) -> Result<i64, StoreError> {
        todo!()
    }

    pub(in crate::store) async fn outlines(&self) -> Result<Vec<Outline>, StoreError> {
        todo!()
    }

    pub(in crate::store) async fn described(
        &self,
        ids: &[CharacterId],
    ) -> Result<Vec<(CharacterId, Record)>, StoreError> {
        todo!()
    }
}
