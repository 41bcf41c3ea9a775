//! What a database has to offer so that the stories can be played on it.

use backstory::facade::store::{Changes, Intake, Ledger, Library, NewRun, Sheet};

/// A database, opened by the one process that imports sheets and sends requests.
pub(super) trait Backend: Sized {
    /// A sheet on its way in.
    type Import<'a>: Intake
    where
        Self: 'a;
    /// A run.
    type Run: Ledger;
    /// Another process that reads.
    type Reader: Library;
    /// Another process that makes the user's changes.
    type Editor: Changes;

    /// Whether this machine has what the database needs. If not, the stories are not played on it.
    fn is_available() -> bool {
        true
    }

    /// A new database without a cast.
    async fn empty() -> Self;

    /// The process is killed, and the next one opens the database. The runs of the killed process are dropped before.
    async fn reopen(self) -> Self;

    /// Begins an import.
    async fn import(&self, sheet: Sheet) -> Self::Import<'_>;

    /// Starts a run.
    async fn begin(&self, new: NewRun) -> Self::Run;

    /// Ends a run with its exit code.
    async fn end(&self, run: Self::Run, exit: u8);

    /// Opens the database to read.
    async fn reader(&self) -> Self::Reader;

    /// Opens the database for changes of the user.
    async fn editor(&self) -> Self::Editor;
}
