//! Brings the index of the search up to date, in short steps.

#![expect(unused_variables, reason = "not written yet")]

use super::Postgres;
use crate::store::StoreError;
use std::ops::ControlFlow;

impl Postgres {
    pub(in crate::store) async fn unindexed(&self) -> Result<u64, StoreError> {
        todo!()
    }

    pub(in crate::store) async fn index(
        &self,
        progress: impl FnMut(u64) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        todo!()
    }
}
