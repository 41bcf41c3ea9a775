//! A run on a cast, which may be one of several workers: its start, its selection of characters, its end with an exit code.

#![expect(unused_variables, reason = "not written yet")]

use super::Postgres;
use crate::domain::character::CastId;
use crate::store::{NewRun, RunId, Settlement, StoreError};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

/// A started run. The runner uses it as its ledger.
pub(in crate::store) struct PostgresRun {
    pub(super) db: Arc<Postgres>,
    pub(super) id: RunId,
    pub(super) cast_id: CastId,
}

impl Postgres {
    /// Starts a run on a cast.
    pub(in crate::store) async fn begin_run(
        self: &Arc<Self>,
        new: NewRun,
    ) -> Result<PostgresRun, StoreError> {
        todo!()
    }
}

impl PostgresRun {
    pub(in crate::store) fn cast(&self) -> CastId {
        self.cast_id
    }

    pub(in crate::store) fn last_start(&self) -> Option<SystemTime> {
        todo!()
    }

    pub(in crate::store) async fn wanted(&self) -> Result<u64, StoreError> {
        todo!()
    }

    pub(in crate::store) async fn failed(&self) -> Result<u64, StoreError> {
        todo!()
    }

    pub(in crate::store) fn rescue(&self, unsaved: &[Settlement]) -> Result<PathBuf, StoreError> {
        todo!()
    }

    pub(in crate::store) async fn end(self, exit: u8) -> Result<(), StoreError> {
        todo!()
    }
}
