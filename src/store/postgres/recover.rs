//! Cleans up after runs whose lease has ended: their attempts become `interrupted` and their characters pending.

use super::Postgres;
use crate::store::StoreError;

impl Postgres {
    /// Returns how many requests were in flight.
    pub(super) async fn recover(&self) -> Result<u64, StoreError> {
        todo!()
    }
}
