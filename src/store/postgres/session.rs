//! Transactions on one connection: the only way to run a statement on a server.
//!
//! Each transaction begins with one message that also makes its settings: time limits of the server, the schema, and the check that
//! no pooler mixes statements up (see [`Server::connect`]). So no setting outlives the transaction, and a transaction pooler may be
//! between. Every statement has a limit on this side, too, because a connection that is cut off can hang for ever.
//!
//! A connection that fails is dropped, and the next transaction connects again. So does a transaction that is dropped before
//! [`Transaction::commit`] or [`Transaction::finish`]: the server then undoes it at once, and its locks are free.
//!
//! A COMMIT whose answer is lost may have happened; that is an error of its own, [`StoreError::Uncertain`].

use super::connect::Server;
use super::trouble::{Trouble, failed, trouble};
use crate::store::StoreError;
use crate::store::location::Pooler;
use futures_util::TryStreamExt;
use sqlx::error::DatabaseError;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{
    AssertSqlSafe, Connection, Decode, Execute, Executor, PgConnection, Postgres, Row, Type,
};
use std::io;
use std::ops::ControlFlow;
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::timeout;

/// A statement with its values.
pub(super) type Statement<'q> = Query<'q, Postgres, PgArguments>;

/// How much longer this side waits than the server, so that the server's own error arrives first.
const MARGIN: Duration = Duration::from_secs(5);

/// How long closing may take; a connection that takes longer is dropped.
const CLOSE: Duration = Duration::from_secs(1);

/// How much of a COPY is sent in one message, in bytes.
const COPY_PART: usize = 128 << 10;

/// One connection to a server, which is opened when it is first used, and again when it was lost.
pub(super) struct Session {
    server: Server,
    /// How long to go on connecting while the server is away.
    patience: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    connection: Option<PgConnection>,
    /// What the session of the connection is marked with.
    mark: String,
    /// Whether a transaction is open that all reads share.
    is_held: bool,
}

/// How long the statements of a transaction may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limits {
    /// The statements of a run. When the connection is cut off, that has to show before the lease of the run ends.
    Group,
    /// Statements that touch a few rows.
    Short,
    /// Statements that touch all rows of a cast, and reads whose rows are consumed slowly.
    Long,
}

impl Limits {
    /// The longest that one statement may take.
    fn statement(self) -> Duration {
        match self {
            Self::Group => Duration::from_secs(10),
            Self::Short => Duration::from_secs(30),
            Self::Long => Duration::from_hours(1),
        }
    }

    /// The longest wait for a lock.
    fn lock(self) -> Duration {
        match self {
            Self::Group => Duration::from_secs(5),
            Self::Short => Duration::from_secs(10),
            Self::Long => Duration::from_mins(10),
        }
    }

    /// The longest pause between two statements of a transaction.
    fn idle(self) -> Duration {
        match self {
            Self::Group => Duration::from_secs(10),
            Self::Short => Duration::from_secs(30),
            Self::Long => Duration::from_hours(1),
        }
    }
}

/// A transaction. It holds the connection; dropping it undoes everything.
pub(super) struct Transaction<'s> {
    session: &'s Session,
    state: MutexGuard<'s, State>,
    limits: Limits,
    is_finished: bool,
}

impl Session {
    /// A session that connects when it is first used.
    pub(super) fn new(server: Server) -> Self {
        Self {
            server,
            patience: Duration::ZERO,
            state: Mutex::default(),
        }
    }

    /// The same, with another time to wait for a server that is away.
    pub(super) fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The address for messages.
    pub(super) fn db(&self) -> &str {
        &self.server.db
    }

    /// Begins to read: all statements see one state of the database.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when there is no connection.
    pub(super) async fn read(&self, limits: Limits) -> Result<Transaction<'_>, StoreError> {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        let state = self.state.lock().await;
        if state.is_held {
            return self.share(state, limits);
        }
        self.begin(state, begin, limits).await
    }

    /// Begins to write: each statement sees what was committed before it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when there is no connection.
    pub(super) async fn write(&self, limits: Limits) -> Result<Transaction<'_>, StoreError> {
        let begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
        self.begin(self.state.lock().await, begin, limits).await
    }

    /// From now on all reads see one state of the database, until the session is closed.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when there is no connection.
    pub(super) async fn hold_still(&self) -> Result<(), StoreError> {
        let mut transaction = self.read(Limits::Long).await?;
        // The first statement fixes the state that is seen.
        transaction.batch("begin a snapshot", "SELECT 1").await?;
        transaction.state.is_held = true;
        transaction.is_finished = true;
        Ok(())
    }

    /// Closes the connection.
    pub(super) async fn close(&self) {
        let state = std::mem::take(&mut *self.state.lock().await);
        if let Some(connection) = state.connection {
            // What cannot be closed in time is dropped, which the server notices as well.
            let _ = timeout(CLOSE, connection.close()).await;
        }
    }

    /// A read within the transaction that is held.
    fn share<'s>(
        &'s self,
        state: MutexGuard<'s, State>,
        limits: Limits,
    ) -> Result<Transaction<'s>, StoreError> {
        if state.connection.is_none() {
            return Err(self.lost());
        }
        Ok(Transaction {
            session: self,
            state,
            limits,
            is_finished: false,
        })
    }

    async fn begin<'s>(
        &'s self,
        mut state: MutexGuard<'s, State>,
        begin: &str,
        limits: Limits,
    ) -> Result<Transaction<'s>, StoreError> {
        // An idle connection may have been lost long ago; this shows with the first statement on it, which has no effect yet.
        let was_open = state.connection.is_some();
        match self.try_begin(&mut state, begin, limits).await {
            Err(StoreError::Away { .. }) if was_open => {
                self.try_begin(&mut state, begin, limits).await?;
            }
            done => done?,
        }
        Ok(Transaction {
            session: self,
            state,
            limits,
            is_finished: false,
        })
    }

    /// Connects if there is no connection, and begins a transaction. When that fails, the connection is dropped.
    async fn try_begin(
        &self,
        state: &mut State,
        begin: &str,
        limits: Limits,
    ) -> Result<(), StoreError> {
        let mut connection = if let Some(connection) = state.connection.take() {
            connection
        } else {
            let connected = self.server.connect(self.patience).await?;
            state.mark = connected.mark;
            connected.connection
        };
        let sql = self.beginning(begin, limits, &state.mark);
        let sent = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection);
        let answer = timeout(limits.statement() + MARGIN, sent).await;
        answer.unwrap_or_else(|_| Err(late())).map_err(|err| {
            if is_of_another_client(&err) {
                return StoreError::Pooler {
                    db: self.db().to_owned(),
                };
            }
            failed(self.db(), "begin a transaction", err)
        })?;
        state.connection = Some(connection);
        Ok(())
    }

    /// The message that begins a transaction.
    fn beginning(&self, begin: &str, limits: Limits, mark: &str) -> String {
        let ms = |length: Duration| length.as_millis();
        // Dividing by zero is an error that nothing else here can have: the session has another mark, or none.
        let check = match self.server.pooler {
            Pooler::None => format!(
                "; SELECT 1 / (current_setting('backstory.connection', true) IS NOT DISTINCT FROM '{mark}')::int"
            ),
            Pooler::Transaction => String::new(),
        };
        format!(
            "{begin}; SET LOCAL search_path = backstory; SET LOCAL jit = off; SET LOCAL statement_timeout = {}; \
             SET LOCAL lock_timeout = {}; SET LOCAL idle_in_transaction_session_timeout = {}{check}",
            ms(limits.statement()),
            ms(limits.lock()),
            ms(limits.idle()),
        )
    }

    fn lost(&self) -> StoreError {
        StoreError::Away {
            db: self.db().to_owned(),
            source: Box::new(io::Error::from(io::ErrorKind::ConnectionAborted)),
        }
    }
}

/// Whether the check at the begin of a transaction failed.
fn is_of_another_client(err: &sqlx::Error) -> bool {
    let code = err.as_database_error().and_then(DatabaseError::code);
    code.is_some_and(|code| code == "22012")
}

/// A statement that was not answered in time.
fn late() -> sqlx::Error {
    sqlx::Error::Io(io::ErrorKind::TimedOut.into())
}

impl Transaction<'_> {
    /// The rows of a statement; `doing` is a verb with its object, for the message of an error.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; the transaction cannot be used any more.
    pub(super) async fn rows(
        &mut self,
        doing: &'static str,
        statement: Statement<'_>,
    ) -> Result<Vec<PgRow>, StoreError> {
        let statement = statement.persistent(self.has_names());
        self.run(doing, async |connection| {
            statement.fetch_all(connection).await
        })
        .await
    }

    /// The first row of a statement, if it has one.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; the transaction cannot be used any more.
    pub(super) async fn row(
        &mut self,
        doing: &'static str,
        statement: Statement<'_>,
    ) -> Result<Option<PgRow>, StoreError> {
        let statement = statement.persistent(self.has_names());
        self.run(doing, async |connection| {
            statement.fetch_optional(connection).await
        })
        .await
    }

    /// The first column of the first row of a statement, if it has a row.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; the transaction cannot be used any more.
    pub(super) async fn value<T>(
        &mut self,
        doing: &'static str,
        statement: Statement<'_>,
    ) -> Result<Option<T>, StoreError>
    where
        T: for<'r> Decode<'r, Postgres> + Type<Postgres>,
    {
        let row = self.row(doing, statement).await?;
        let value = row.map(|row| row.try_get(0)).transpose();
        value.map_err(|err| failed(self.session.db(), doing, err))
    }

    /// Carries a statement out. Returns how many rows it changed.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; the transaction cannot be used any more.
    pub(super) async fn execute(
        &mut self,
        doing: &'static str,
        statement: Statement<'_>,
    ) -> Result<u64, StoreError> {
        let statement = statement.persistent(self.has_names());
        self.run(doing, async |connection| {
            Ok(statement.execute(connection).await?.rows_affected())
        })
        .await
    }

    /// Carries out several statements without values, in one message.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; the transaction cannot be used any more.
    pub(super) async fn batch(&mut self, doing: &'static str, sql: &str) -> Result<(), StoreError> {
        let sql = AssertSqlSafe(sql.to_owned());
        self.run(doing, async |connection| {
            sqlx::raw_sql(sql).execute(connection).await.map(drop)
        })
        .await
    }

    /// Sends rows to a COPY statement, in its text form.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; the transaction cannot be used any more.
    pub(super) async fn copy(
        &mut self,
        doing: &'static str,
        statement: &str,
        rows: &[u8],
    ) -> Result<(), StoreError> {
        self.run(doing, async |connection| {
            let mut copy = connection.copy_in_raw(statement).await?;
            for part in rows.chunks(COPY_PART) {
                copy.send(part).await?;
            }
            copy.finish().await.map(drop)
        })
        .await
    }

    /// Calls `each` with every row of a statement as it arrives, until it says to stop. The limit of time is for each row, and
    /// counts no time that `each` takes.
    ///
    /// # Errors
    ///
    /// What `each` returns, or [`StoreError`]; the transaction cannot be used any more.
    pub(super) async fn each<E: From<StoreError>>(
        &mut self,
        doing: &'static str,
        statement: Statement<'_>,
        each: impl FnMut(&PgRow) -> Result<ControlFlow<()>, E>,
    ) -> Result<(), E> {
        let statement = statement.persistent(self.has_names());
        self.stream(doing, statement, each).await
    }

    /// The same for a statement without values, whose rows arrive as texts, whatever their types. The caller must know that `sql` is
    /// one statement.
    ///
    /// # Errors
    ///
    /// As [`Self::each`].
    pub(super) async fn each_as_text<E: From<StoreError>>(
        &mut self,
        doing: &'static str,
        sql: &str,
        each: impl FnMut(&PgRow) -> Result<ControlFlow<()>, E>,
    ) -> Result<(), E> {
        let statement = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        self.stream(doing, statement, each).await
    }

    async fn stream<'q, E: From<StoreError>>(
        &mut self,
        doing: &'static str,
        statement: impl Execute<'q, Postgres> + 'q,
        mut each: impl FnMut(&PgRow) -> Result<ControlFlow<()>, E>,
    ) -> Result<(), E> {
        let limit = self.limits.statement() + MARGIN;
        let session = self.session;
        let Some(connection) = self.state.connection.as_mut() else {
            return Err(session.lost().into());
        };
        let mut rows = connection.fetch(statement);
        let wrong = loop {
            let row = timeout(limit, rows.try_next()).await;
            match row.unwrap_or_else(|_| Err(late())) {
                Ok(Some(row)) => {
                    if each(&row)?.is_break() {
                        break None;
                    }
                }
                Ok(None) => return Ok(()),
                Err(err) => break Some(err),
            }
        };
        drop(rows);
        let Some(wrong) = wrong else {
            // The rest of the rows would have to be read before the next statement; a new connection costs less.
            if !self.state.is_held {
                self.state.connection = None;
            }
            return Ok(());
        };
        Err(self.failed(doing, wrong).into())
    }

    /// Makes everything durable.
    ///
    /// # Errors
    ///
    /// [`StoreError::Uncertain`] when the connection was lost meanwhile, so that it may be stored or not; another when nothing
    /// was stored.
    pub(super) async fn commit(mut self, doing: &'static str) -> Result<(), StoreError> {
        let committed = self.run_raw(async |connection| connection.execute("COMMIT").await);
        let committed = committed.await;
        self.is_finished = true;
        match committed {
            Ok(_) => Ok(()),
            Err(err) if trouble(&err) == Trouble::Lost => {
                self.state.connection = None;
                Err(StoreError::Uncertain {
                    db: self.session.db().to_owned(),
                    source: Box::new(err),
                })
            }
            Err(err) => Err(self.failed(doing, err)),
        }
    }

    /// Ends a transaction that only read. One that is held stays.
    pub(super) async fn finish(mut self) {
        let ended = if self.state.is_held {
            true
        } else {
            self.run_raw(async |connection| connection.execute("ROLLBACK").await)
                .await
                .is_ok()
        };
        self.is_finished = ended;
    }

    /// Whether statements may have names, and so be prepared once. Behind a transaction pooler they may not.
    fn has_names(&self) -> bool {
        self.session.server.pooler == Pooler::None
    }

    async fn run<T>(
        &mut self,
        doing: &'static str,
        run: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, StoreError> {
        let done = self.run_raw(run).await;
        done.map_err(|err| self.failed(doing, err))
    }

    async fn run_raw<T>(
        &mut self,
        run: impl AsyncFnOnce(&mut PgConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, sqlx::Error> {
        let limit = self.limits.statement() + MARGIN;
        let Some(connection) = self.state.connection.as_mut() else {
            return Err(sqlx::Error::Io(io::ErrorKind::ConnectionAborted.into()));
        };
        let done = timeout(limit, run(connection)).await;
        done.unwrap_or_else(|_| Err(late()))
    }

    /// Our error for one of the library. The connection is dropped: a transaction with an error is of no use.
    fn failed(&mut self, doing: &'static str, err: sqlx::Error) -> StoreError {
        self.state.connection = None;
        failed(self.session.db(), doing, err)
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if !self.is_finished {
            self.state.connection = None;
        }
    }
}
