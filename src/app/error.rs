//! Why a use case did not do what was asked, as data.

use super::find::NotFound;
use super::guess::Guess;
use super::import::Asks;
use super::refused::Refused;
use crate::output::OutputError;
use crate::provider::EndpointError;
use crate::sheet::SheetError;
use crate::store::StoreError;
use std::io;

/// Why a use case did not do what was asked.
#[derive(Debug)]
pub enum AppError {
    /// What was asked for cannot be done.
    Refused(Refused),
    /// The import raises a question that has no answer yet.
    Asks(Box<Asks>),
    /// Columns of the sheet are a guess that was not accepted yet.
    Guess(Box<Guess>),
    /// The user was asked whether a guess is right, and said no.
    Declined(Box<Guess>),
    /// A name, key or row does not name one character.
    NotFound(Box<NotFound>),
    /// The sheet cannot be used.
    Sheet(SheetError),
    /// The database cannot be used, or was asked for something that it does not hold.
    Store(StoreError),
    /// The address cannot be used.
    Endpoint(EndpointError),
    /// An export cannot be written.
    Output(OutputError),
    /// The demo service cannot be started.
    Demo(io::Error),
    /// The connection to the provider cannot be set up.
    Connection(String),
    /// Standard output or another stream cannot be written.
    Io(io::Error),
}

macro_rules! from {
    ($($variant:ident($error:ty)),* $(,)?) => {
        $(impl From<$error> for AppError {
            fn from(err: $error) -> Self {
                Self::$variant(err)
            }
        })*
    };
}

from!(
    Refused(Refused),
    Sheet(SheetError),
    Store(StoreError),
    Endpoint(EndpointError),
    Output(OutputError),
    Io(io::Error),
);
