//! Full-text search in names, descriptions and stories: the best match first, each with a snippet.

#![expect(unused_variables, reason = "not written yet")]

use super::Postgres;
use crate::store::{Found, StoreError, Wanted};

impl Postgres {
    pub(in crate::store) async fn search<E: From<StoreError>>(
        &self,
        wanted: &Wanted,
        each: impl FnMut(Found) -> Result<(), E>,
    ) -> Result<u64, E> {
        todo!()
    }
}
