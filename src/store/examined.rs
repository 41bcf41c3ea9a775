//! What can be found out about a database before a run, without changing it.

use super::postgres::Postgres;
use super::sqlite::Sqlite;
use super::{Location, StoreError};
use std::time::Duration;

/// A database that a run can use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// The number of its casts.
    pub casts: u64,
    /// The next run imports results that an earlier run could not save.
    pub rescue_waits: bool,
    /// What is known of a server; `None` for a file.
    pub server: Option<ExaminedServer>,
}

/// A server that a run can use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExaminedServer {
    /// Its version, as it calls it.
    pub version: String,
    /// The shortest time that a statement took, there and back.
    pub round_trip: Duration,
    /// By how many milliseconds its clock is ahead of this machine's. It cannot be known more exactly than the round trip.
    pub clock_ahead_ms: i64,
    /// Whether it has the tables.
    pub tables: Tables,
    /// The number of runs that are alive.
    pub workers: u64,
}

/// The tables of this program on a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tables {
    /// The next run creates them.
    Absent,
    /// The next command brings them up to date.
    Older,
    /// They are those of this version.
    Current,
}

impl Location {
    /// Looks for what would stop a run: damage of a file and another run on it; version, rights and tables of a server. It creates
    /// and changes nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError::Absent`] when there is no file; [`StoreError::Damaged`] with the first damage; [`StoreError::Locked`] when a
    /// run is working on the file; another when the server would refuse a run.
    pub async fn examine(&self) -> Result<Examined, StoreError> {
        match self {
            Self::File(path) => {
                let db = Sqlite::open_to_read(path).await?;
                let casts = db.examine().await?;
                Ok(Examined {
                    casts,
                    rescue_waits: db.rescue_waits(),
                    server: None,
                })
            }
            Self::Server(address) => Postgres::examine(address).await,
        }
    }
}
