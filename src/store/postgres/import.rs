//! A sheet that is imported: its rows are copied into a temporary table, compared with their cast, and only then applied, in one transaction.

#![expect(unused_variables, reason = "not written yet")]

use super::Postgres;
use super::session::Transaction;
use crate::domain::character::CastId;
use crate::domain::comparison::Comparison;
use crate::domain::row::Row;
use crate::store::{Intake, Sheet, StoreError};

/// An import in progress. It holds the connection for changes.
pub(in crate::store) struct Import<'a> {
    pub(super) tx: Transaction<'a>,
    pub(super) sheet: Sheet,
}

/// Converts rows into what COPY reads.
pub(in crate::store) struct Form {}

/// Converted rows.
pub(in crate::store) struct Batch {}

impl Postgres {
    pub(in crate::store) async fn import(&self, sheet: Sheet) -> Result<Import<'_>, StoreError> {
        todo!()
    }
}

impl Intake for Import<'_> {
    type Form = Form;
    type Batch = Batch;

    fn form(&self) -> Form {
        todo!()
    }

    fn batch(form: &Form, rows: Vec<Row>) -> Batch {
        todo!()
    }

    async fn add(&mut self, batch: Batch) -> Result<Batch, StoreError> {
        todo!()
    }

    async fn repeated_keys(&mut self, limit: usize) -> Result<Vec<(String, u64, u64)>, StoreError> {
        todo!()
    }

    async fn compare(&mut self) -> Result<Comparison, StoreError> {
        todo!()
    }

    async fn duplicates(&mut self) -> Result<u64, StoreError> {
        todo!()
    }

    async fn unknown(&mut self, only: &[String]) -> Result<Option<String>, StoreError> {
        todo!()
    }

    async fn wanted(&mut self, only: &[String]) -> Result<u64, StoreError> {
        todo!()
    }

    async fn apply(self, digest: Option<[u8; 32]>) -> Result<CastId, StoreError> {
        todo!()
    }

    async fn abandon(self) -> Result<(), StoreError> {
        todo!()
    }
}
