//! Turns the errors of the other modules into failures of the command line: an exit code, a message and a hint.

use crate::app::AppError;
use crate::app::refused::Refused;
use crate::cli::Console;
use crate::cli::words::{guess, hints, not_found, question, refused};
use crate::domain::text::joined;
use crate::exit::{Exit, Failure};
use crate::output::OutputError;
use crate::provider::EndpointError;
use crate::sheet::SheetError;
use crate::store::StoreError;
use std::io;

/// Why a command ended early.
#[derive(Debug)]
pub enum CliError {
    /// The command failed.
    Failed(Failure),
    /// The reader of our output closed the pipe. This is not an error.
    ClosedPipe,
}

impl CliError {
    /// The exit code.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Failed(failure) => failure.exit,
            Self::ClosedPipe => Exit::Done,
        }
    }

    /// The failure; for a closed pipe, a message with the exit code 0.
    pub(in crate::cli) fn into_failure(self) -> Failure {
        match self {
            Self::Failed(failure) => failure,
            Self::ClosedPipe => Failure {
                exit: Exit::Done,
                words: "standard output was closed".to_owned(),
                hint: None,
            },
        }
    }

    /// Prints the failure to standard error; prints nothing for a closed pipe.
    ///
    /// # Errors
    ///
    /// The error of the writer.
    pub fn print(&self, console: &mut Console) -> io::Result<()> {
        match self {
            Self::Failed(failure) => writeln!(console.err, "{failure}"),
            Self::ClosedPipe => Ok(()),
        }
    }
}

impl From<Failure> for CliError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<io::Error> for CliError {
    fn from(err: io::Error) -> Self {
        match err.kind() {
            io::ErrorKind::BrokenPipe => Self::ClosedPipe,
            _ => Self::Failed(Failure {
                exit: Exit::Stopped,
                words: format!("cannot write the output: {err}"),
                hint: None,
            }),
        }
    }
}

impl From<AppError> for CliError {
    fn from(err: AppError) -> Self {
        let stopped = |words: String| Failure {
            exit: Exit::Stopped,
            words,
            hint: None,
        };
        Self::Failed(match err {
            AppError::Refused(refusal) => refused::in_words(&refusal),
            AppError::Asks(asks) => question::in_words(&asks),
            AppError::Guess(guess) => guess::refusal(&guess),
            AppError::Declined(guess) => guess::declined(&guess),
            AppError::NotFound(not_found) => not_found::in_words(&not_found),
            AppError::Sheet(err) => return err.into(),
            AppError::Store(err) => return err.into(),
            AppError::Endpoint(err) => return err.into(),
            AppError::Output(err) => return err.into(),
            AppError::Io(err) => return err.into(),
            AppError::Demo(err) => stopped(format!("cannot start the demo writer: {err}")),
            AppError::Connection(err) => stopped(format!("cannot set up the connection: {err}")),
        })
    }
}

impl From<Refused> for CliError {
    fn from(refusal: Refused) -> Self {
        Self::Failed(refused::in_words(&refusal))
    }
}

impl From<StoreError> for CliError {
    fn from(err: StoreError) -> Self {
        Self::Failed(store(&err))
    }
}

/// The failure for an error of the database.
pub(in crate::cli) fn store(err: &StoreError) -> Failure {
    Failure {
        exit: if err.is_usage() {
            Exit::Usage
        } else {
            Exit::Stopped
        },
        words: joined(err),
        hint: hints::store::hint(err),
    }
}

impl From<SheetError> for CliError {
    fn from(err: SheetError) -> Self {
        Self::Failed(sheet(&err))
    }
}

/// The failure for an error of the sheet.
#[must_use]
pub fn sheet(err: &SheetError) -> Failure {
    Failure {
        exit: Exit::Usage,
        words: hints::sheet::words(err),
        hint: hints::sheet::hint(err),
    }
}

impl From<EndpointError> for CliError {
    fn from(err: EndpointError) -> Self {
        Failure::usage(err.to_string(), hints::provider::hint(&err)).into()
    }
}

impl From<OutputError> for CliError {
    fn from(err: OutputError) -> Self {
        if err.is_closed_pipe() {
            return Self::ClosedPipe;
        }
        Self::Failed(Failure {
            exit: if err.is_usage() {
                Exit::Usage
            } else {
                Exit::Stopped
            },
            words: joined(&err),
            hint: hints::output::hint(&err),
        })
    }
}
