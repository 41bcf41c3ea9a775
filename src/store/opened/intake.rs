//! A sheet on its way into a database of either kind.
//!
//! The large parts are boxed, so that a command that imports does not carry the room for both kinds.

use crate::domain::character::CastId;
use crate::domain::comparison::Comparison;
use crate::domain::row::Row;
use crate::store::{Intake, StoreError, postgres, sqlite};

/// An import in progress.
pub struct Import<'a>(pub(super) Importing<'a>);

/// The import in its database.
pub(super) enum Importing<'a> {
    File(Box<sqlite::Import<'a>>),
    Server(Box<postgres::Import<'a>>),
}

/// Converts rows for one import.
pub struct Form(FormOf);

enum FormOf {
    File(sqlite::Form),
    Server(postgres::Form),
}

/// Converted rows.
pub struct Batch(BatchOf);

enum BatchOf {
    File(sqlite::Batch),
    Server(postgres::Batch),
}

impl Intake for Import<'_> {
    type Form = Form;
    type Batch = Batch;

    fn form(&self) -> Form {
        Form(match &self.0 {
            Importing::File(import) => FormOf::File(import.form()),
            Importing::Server(import) => FormOf::Server(import.form()),
        })
    }

    fn batch(form: &Form, rows: Vec<Row>) -> Batch {
        Batch(match &form.0 {
            FormOf::File(form) => BatchOf::File(sqlite::Import::batch(form, rows)),
            FormOf::Server(form) => BatchOf::Server(postgres::Import::batch(form, rows)),
        })
    }

    async fn add(&mut self, batch: Batch) -> Result<Batch, StoreError> {
        Ok(Batch(match (&mut self.0, batch.0) {
            (Importing::File(import), BatchOf::File(batch)) => {
                BatchOf::File(Box::pin(import.add(batch)).await?)
            }
            (Importing::Server(import), BatchOf::Server(batch)) => {
                BatchOf::Server(Box::pin(import.add(batch)).await?)
            }
            _ => unreachable!("a batch is added to the import whose form made it"),
        }))
    }

    async fn repeated_keys(&mut self, limit: usize) -> Result<Vec<(String, u64, u64)>, StoreError> {
        match &mut self.0 {
            Importing::File(import) => Box::pin(import.repeated_keys(limit)).await,
            Importing::Server(import) => Box::pin(import.repeated_keys(limit)).await,
        }
    }

    async fn compare(&mut self) -> Result<Comparison, StoreError> {
        match &mut self.0 {
            Importing::File(import) => Box::pin(import.compare()).await,
            Importing::Server(import) => Box::pin(import.compare()).await,
        }
    }

    async fn duplicates(&mut self) -> Result<u64, StoreError> {
        match &mut self.0 {
            Importing::File(import) => import.duplicates().await,
            Importing::Server(import) => import.duplicates().await,
        }
    }

    async fn unknown(&mut self, only: &[String]) -> Result<Option<String>, StoreError> {
        match &mut self.0 {
            Importing::File(import) => import.unknown(only).await,
            Importing::Server(import) => import.unknown(only).await,
        }
    }

    async fn wanted(&mut self, only: &[String]) -> Result<u64, StoreError> {
        match &mut self.0 {
            Importing::File(import) => import.wanted(only).await,
            Importing::Server(import) => import.wanted(only).await,
        }
    }

    async fn apply(self, digest: Option<[u8; 32]>) -> Result<CastId, StoreError> {
        match self.0 {
            Importing::File(import) => Box::pin(import.apply(digest)).await,
            Importing::Server(import) => Box::pin(import.apply(digest)).await,
        }
    }

    async fn abandon(self) -> Result<(), StoreError> {
        match self.0 {
            Importing::File(import) => import.abandon().await,
            Importing::Server(import) => import.abandon().await,
        }
    }
}
