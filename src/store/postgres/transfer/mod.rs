//! Copies of casts between this kind of database and any kind: one transaction that reads a cast, or stores one.
//!
//! A cast can be read while runs work on it: what they have in flight at that moment is interrupted in the copy, as it would be if
//! they had been killed. Whether that is wanted is for the caller to say, see [`Transfer::refuse_live_run`].

mod read;
mod storable;
mod write;

use super::Postgres;
use super::session::{Limits, Transaction};
use crate::domain::character::{CastId, CharacterId};
use crate::store::StoreError;
use crate::store::transfer::References;
use sqlx::query;

/// A cast in one transaction, which is undone when it is not committed.
pub(in crate::store) struct Transfer<'a> {
    tx: Transaction<'a>,
    /// The database's address, for messages.
    db: String,
    /// The cast that is read, or that was stored.
    cast: CastId,
    /// The only characters that are read, by row and identity.
    only: Option<Vec<i64>>,
    references: References,
    /// Of the page that was stored last: the position in the cast of its first character, and the identities of all.
    first: i64,
    page: Vec<i64>,
}

/// Creates the table of the takes that are copies of others. It ends with the transaction.
const COPIES: &str = "CREATE TEMP TABLE copies (
    character_id bigint NOT NULL,
    take bigint NOT NULL,
    original_row bigint NOT NULL,
    original_nth bigint NOT NULL,
    original_take bigint NOT NULL
) ON COMMIT DROP";

impl Postgres {
    /// Begins to read a cast; with `only`, only these characters of it. What others change from now on is not seen.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    pub(in crate::store) async fn outgoing(
        &self,
        cast: CastId,
        only: Option<&[CharacterId]>,
    ) -> Result<Transfer<'_>, StoreError> {
        let mut tx = self.reader.read(Limits::Long).await?;
        // The first statement fixes the state that is seen.
        tx.batch("begin a snapshot", "SELECT 1").await?;
        Ok(Transfer {
            only: only.map(|only| only.iter().map(|id| id.0).collect()),
            ..self.transfer(tx, cast)
        })
    }

    /// Begins to store a cast.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be written.
    pub(in crate::store) async fn incoming(&self) -> Result<Transfer<'_>, StoreError> {
        let mut tx = self.writer.write(Limits::Long).await?;
        tx.batch("begin the copy", COPIES).await?;
        Ok(self.transfer(tx, CastId(0)))
    }

    fn transfer<'a>(&self, tx: Transaction<'a>, cast: CastId) -> Transfer<'a> {
        Transfer {
            tx,
            db: self.db(),
            cast,
            only: None,
            references: References::default(),
            first: 0,
            page: Vec::new(),
        }
    }

    /// Whether both are connected to the same database of the same server. It may say no where a server was restarted in between.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when one of them cannot be read.
    pub(in crate::store) async fn is_same(&self, other: &Self) -> Result<bool, StoreError> {
        // A database that was made from a copy of the files of another one has the same identity.
        Ok(self.id == other.id && self.place().await? == other.place().await?)
    }

    /// Which database of which server this is.
    async fn place(&self) -> Result<Option<String>, StoreError> {
        let place = query(
            "SELECT format('%s %s', oid, pg_postmaster_start_time())
             FROM pg_catalog.pg_database WHERE datname = current_database()",
        );
        // Not the connection for reading: it may have a cast in a transaction that is being copied.
        let mut tx = self.writer.read(Limits::Short).await?;
        let place = tx.value("recognise the server", place).await?;
        tx.finish().await;
        Ok(place)
    }
}

impl Transfer<'_> {
    /// # Errors
    ///
    /// [`StoreError::Locked`] when a run works on the cast; another when the database cannot be read.
    pub(in crate::store) async fn refuse_live_run(&mut self) -> Result<(), StoreError> {
        // The runs that are dead were ended before.
        let live = query(
            "SELECT ': process ' || pid || ' on ' || host || ', since ' || iso(started_ms) FROM runs
             WHERE cast_id = $1 AND ended_ms IS NULL ORDER BY id LIMIT 1",
        );
        match self
            .tx
            .value("look for a run", live.bind(self.cast))
            .await?
        {
            None => Ok(()),
            holder => Err(StoreError::Locked {
                db: self.db.clone(),
                holder,
            }),
        }
    }

    /// Makes the copy durable.
    ///
    /// # Errors
    ///
    /// [`StoreError::Uncertain`] when the connection was lost meanwhile; another when nothing was stored.
    pub(in crate::store) async fn commit(self) -> Result<(), StoreError> {
        self.tx.commit("store the copy").await
    }

    /// Ends the transaction of a cast that was read.
    pub(in crate::store) async fn finish(self) {
        self.tx.finish().await;
    }
}
