//! Checks a server before a run: rights, schema, a rescue file.

use super::{Postgres, rescue};
use crate::store::StoreError;
use std::time::SystemTime;

impl Postgres {
    pub(in crate::store) async fn examine(&self) -> Result<u64, StoreError> {
        todo!()
    }

    pub(in crate::store) async fn last_request(&self) -> Result<Option<SystemTime>, StoreError> {
        todo!()
    }

    /// Whether there is a rescue file of this database.
    pub(in crate::store) fn rescue_waits(&self) -> bool {
        !rescue::files(&self.id).is_empty()
    }
}
