//! Reads the state of the runs of any process, for the page.

#![expect(unused_variables, reason = "not written yet")]

use super::Postgres;
use crate::domain::character::CastId;
use crate::store::{Newest, StoreError, Watched};

impl Postgres {
    pub(in crate::store) async fn watched(
        &self,
        cast: Option<CastId>,
    ) -> Result<Option<Watched>, StoreError> {
        todo!()
    }

    pub(in crate::store) async fn newest(
        &self,
        cast: Option<CastId>,
        limit: u32,
    ) -> Result<Vec<Newest>, StoreError> {
        todo!()
    }
}
