//! Runs one statement that the user typed, and only if it reads.

#![expect(unused_variables, reason = "not written yet")]

use super::Postgres;
use crate::store::{StoreError, Value};

impl Postgres {
    pub(in crate::store) async fn query<E: From<StoreError>>(
        &self,
        sql: &str,
        cast: Option<&str>,
        each: impl FnMut(&[String], Vec<Value>) -> Result<(), E>,
    ) -> Result<Vec<String>, E> {
        todo!()
    }
}
