//! Opens the database of a server, after checking that its schema is one of this program and of a known version.
//!
//! Only opening for a run creates the schema. A schema of an older version is migrated by whichever command meets it first, if its
//! role may do that.

use super::Postgres;
use super::connect::Server;
use super::migrate::Contents;
use super::session::{Limits, Session};
use crate::store::{ServerAddress, StoreError};
use sqlx::query;
use std::time::Duration;

/// How long a command waits for a server that goes away while it works.
const PATIENCE: Duration = Duration::from_secs(10);

impl Postgres {
    /// Opens the database for a run; creates the schema if there is none, and migrates it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the server cannot be reached or refuses the connection, or when the schema cannot be used.
    pub(in crate::store) async fn open(address: &ServerAddress) -> Result<Self, StoreError> {
        let server = Server::new(address)?;
        let session = Session::new(server.clone());
        Self::migrate(&session).await?;
        Self::opened(server, session).await
    }

    /// Opens the database to read; creates nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError::Absent`] when there is no schema; else the errors of [`Self::open`].
    pub(in crate::store) async fn open_to_read(
        address: &ServerAddress,
    ) -> Result<Self, StoreError> {
        let server = Server::new(address)?;
        let session = Session::new(server.clone());
        match Self::identify(&session).await? {
            Contents::Nothing => return Err(StoreError::Absent { db: server.db }),
            Contents::Ours => {}
            Contents::Older => Self::migrate(&session).await?,
        }
        Self::opened(server, session).await
    }

    /// Opens the database for small changes, which are possible while runs work; creates nothing.
    ///
    /// # Errors
    ///
    /// The errors of [`Self::open_to_read`].
    pub(in crate::store) async fn open_to_change(
        address: &ServerAddress,
    ) -> Result<Self, StoreError> {
        Self::open_to_read(address).await
    }

    /// The opened database. `session` has its connection already; the other one connects when it is first used.
    async fn opened(server: Server, session: Session) -> Result<Self, StoreError> {
        let mut tx = session.read(Limits::Short).await?;
        let id = tx
            .value("read its identity", query("SELECT id FROM identity"))
            .await?;
        tx.finish().await;
        Ok(Self {
            db: server.db.clone(),
            writer: Session::new(server).with_patience(PATIENCE),
            reader: session.with_patience(PATIENCE),
            id: id.ok_or(StoreError::Impossible { what: "identity" })?,
            interrupted: 0,
            rescued: 0,
        })
    }
}
