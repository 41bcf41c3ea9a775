//! Copies one cast into a new database file.

#![expect(unused_variables, reason = "not written yet")]

use super::Postgres;
use crate::domain::character::{CastId, CharacterId};
use crate::store::StoreError;
use std::path::Path;

impl Postgres {
    pub(in crate::store) async fn copy(
        &self,
        cast: CastId,
        only: Option<&[CharacterId]>,
        file: &Path,
    ) -> Result<(), StoreError> {
        todo!()
    }
}
