//! Checks a server before a run: rights, schema, a rescue file.

use super::Postgres;
use crate::store::StoreError;
use std::path::{Path, PathBuf};
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
        self.rescue_file().exists()
    }

    /// Where results are written that could not be stored: a file in the current directory, named after the database.
    pub(super) fn rescue_file(&self) -> PathBuf {
        Path::new("").join(format!("backstory-{}.rescue.jsonl", self.id))
    }
}
