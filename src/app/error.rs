//! Why a use case did not do what was asked, as data.

use super::guess::Guess;
use super::refused::{CastFault, Refused};
use crate::domain::recipe::Recipe;
use crate::domain::record::Record;
use crate::domain::stakes::Question;
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

/// A question that an import raises, with what a person has to know to answer it.
#[derive(Debug, Clone)]
pub struct Asks {
    /// The question.
    pub question: Question,
    /// The sheet.
    pub sheet: String,
    /// The cast.
    pub cast: String,
    /// For [`Question::Elsewhere`]: the other cast.
    pub other_cast: Option<String>,
    /// For [`Question::Recipe`]: the recipe before and now.
    pub recipes: Option<Box<(Recipe, Recipe)>>,
}

/// A name, row key or row that does not name one character.
#[derive(Debug)]
pub struct NotFound {
    /// What was asked for.
    pub asked: String,
    /// The characters that it fits; empty where it fits none.
    pub found: Vec<Record>,
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

impl From<CastFault> for AppError {
    fn from(fault: CastFault) -> Self {
        Self::Refused(Refused::Cast(fault))
    }
}
