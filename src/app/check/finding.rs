//! What a check found, as data. How it is put for a person is not decided here.

use crate::app::error::{AppError, Asks};
use crate::app::plan::Plan;
use crate::app::refused::Refused;
use crate::app::writer::{KeyState, Writer};
use crate::domain::recipe::ProviderName;
use crate::provider::ProviderError;
use crate::store::{Examined, StoreError};
use std::io;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// What one check found. `F` is the caller's own type for settings that cannot be read.
pub(crate) enum Finding<'a, F> {
    /// The provider, with its model and address.
    Provider(Result<&'a Writer, Fault<F>>),
    /// The sheet, with what a run would do.
    Sheet(Result<&'a Plan, SheetFault<F>>),
    /// The API key.
    Key(Result<KeyState, Refused>),
    /// The database.
    Database(Result<Database, DatabaseFault>),
    /// The disk of the database, with its free space in bytes; `None` for a server.
    Disk(Result<Option<u64>, DiskFault>),
    /// The clock of this machine, with its time.
    Clock(Result<SystemTime, ClockFault>),
    /// The clock of this machine is this far from that of the database's server.
    DatabaseClock(Duration),
    /// The endpoint of the provider.
    Endpoint(Result<Reached, Unreached>),
    /// The clock of this machine, compared with that of the service; the error is the difference.
    ServiceClock(Result<(), Duration>),
    /// The answer to the test request.
    Answer(Result<Answer, AnswerFault>),
}

impl<F> Finding<'_, F> {
    /// Whether something is wrong.
    pub(super) fn is_wrong(&self) -> bool {
        match self {
            Self::Provider(found) => found.is_err(),
            Self::Sheet(found) => found.is_err(),
            Self::Key(found) => found.is_err(),
            Self::Database(found) => found.is_err(),
            Self::Disk(found) => found.is_err(),
            Self::Clock(found) => found.is_err(),
            // A run goes on with it: what workers compare are times of the server.
            Self::DatabaseClock(_) => false,
            Self::Endpoint(found) => found.is_err(),
            Self::ServiceClock(found) => found.is_err(),
            Self::Answer(found) => found.is_err(),
        }
    }
}

/// Why something cannot be resolved.
pub(crate) enum Fault<F> {
    /// The caller could not read the settings.
    Settings(F),
    /// A run would refuse it.
    Refused(AppError),
}

/// What is wrong with a sheet.
pub(crate) enum SheetFault<F> {
    /// The caller could not read the settings.
    Settings(F),
    /// A run would refuse it.
    Refused(AppError),
    /// A run would stop with this question.
    Asks(Box<Asks>),
}

/// The state of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Database {
    /// There is none, and a run can create it.
    Absent,
    /// A run can use it.
    Usable(Examined),
}

/// What is wrong with the database.
#[derive(Debug)]
pub(crate) enum DatabaseFault {
    /// There is none, and its folder does not exist either.
    NoFolder,
    /// It cannot be used.
    Store(StoreError),
}

/// What is wrong with the disk.
#[derive(Debug)]
pub(crate) enum DiskFault {
    /// Its free space cannot be read.
    Unreadable {
        /// The folder of the database.
        folder: PathBuf,
        /// The error of the system.
        err: io::Error,
    },
    /// It has too little free space. Both numbers are bytes.
    TooFull {
        /// What is free.
        free: u64,
        /// What the run needs, about.
        needed: u64,
    },
}

/// What is wrong with the clock of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClockFault {
    /// It shows a time before this version of the program was written.
    BeforeThisVersion {
        /// The time that it shows.
        now: SystemTime,
    },
    /// It shows a time before the last stored request.
    BeforeLastRequest {
        /// The time that it shows.
        now: SystemTime,
        /// How long before the request.
        by: Duration,
    },
}

/// How the endpoint was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reached {
    /// The writer is built in, and has no endpoint.
    BuiltIn,
    /// Requests go through a proxy, so the endpoint was not tried.
    BehindProxy,
    /// It accepts connections.
    Accepts {
        /// Its host.
        host: String,
        /// Its port.
        port: u16,
    },
}

/// An endpoint that accepts no connection.
#[derive(Debug)]
pub(crate) struct Unreached {
    /// Its host.
    pub host: String,
    /// Why.
    pub cause: ConnectFault,
}

/// Why there is no connection.
#[derive(Debug)]
pub(crate) enum ConnectFault {
    /// The system refuses it.
    System(io::Error),
    /// There was no answer in this time.
    Timeout(Duration),
}

/// A complete answer to the test request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The name of the character that it was for.
    pub name: String,
    /// The number of its words.
    pub words: u64,
    /// How long it took.
    pub took: Duration,
    /// How long it took until the first text.
    pub first_text: Duration,
}

/// What is wrong with the answer to the test request.
#[derive(Debug)]
pub(crate) enum AnswerFault {
    /// It is complete, but has no text.
    NoText,
    /// It was not complete in this time.
    Timeout(Duration),
    /// The provider refused the request, or the answer broke off.
    Provider {
        /// The provider.
        name: ProviderName,
        /// The error.
        err: ProviderError,
    },
}
