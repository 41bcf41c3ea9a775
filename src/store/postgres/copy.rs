//! Copies one cast into a new database file. It is not written yet: the command ends with an error, and makes no file.

#![expect(unused_variables, clippy::unused_async, reason = "not written yet")]

use super::Postgres;
use crate::domain::character::{CastId, CharacterId};
use crate::store::StoreError;
use std::path::Path;

impl Postgres {
    /// # Errors
    ///
    /// [`StoreError::Failed`], always.
    pub(in crate::store) async fn copy(
        &self,
        cast: CastId,
        only: Option<&[CharacterId]>,
        file: &Path,
    ) -> Result<(), StoreError> {
        Err(StoreError::Failed {
            doing: "copy a cast of a server into a file",
            source: "this is not possible yet; export it as CSV, XLSX or JSONL".into(),
        })
    }
}
