//! The database that the page shows, opened again when another file is at its path.
//!
//! Each request gets the [`Connections`] to the file that is at the path now. Before a new file is opened, all connections to the
//! old one are closed: `SQLite` opens the log of a database by its path, so connections to two files would share one log. While
//! no database can be opened, each request gets the error, and the next one tries again.
//!
//! Nothing here reads characters or writes; what is read again and again is kept in the files of this folder.

pub(super) mod list_cache;
pub(super) mod snapshot;

use super::error::ViewError;
use crate::domain::character::CharacterId;
use crate::domain::record::Record;
use crate::store::{CastRecord, Editor, Library, Location, Reader, StoreError};
use list_cache::ListCache;
use snapshot::{Scope, Snapshots};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{Mutex, watch as channel};
use tokio::task::spawn_blocking;

/// How long requests that use the old file may take before it is closed.
const LAST_USES: Duration = Duration::from_secs(10);

/// The time between two checks whether they have ended.
const STEP: Duration = Duration::from_millis(5);

/// The database at a location.
pub(super) struct Database {
    location: Location,
    /// Only this cast is shown, if a cast is given.
    only: Option<String>,
    /// True as soon as the program ends.
    stopping: channel::Receiver<bool>,
    current: Mutex<Current>,
}

/// What is open now.
struct Current {
    /// None while there is no database that can be opened.
    connections: Option<Arc<Connections>>,
    /// How often a database was opened.
    openings: u64,
}

/// The connections to one database file, and what was read through them.
pub(super) struct Connections {
    /// Casts, characters, takes and attempts.
    pub(super) db: Reader,
    /// What picks are stored with; `None` where the database cannot be written.
    pub(super) editor: Option<Editor>,
    pub(super) lists: ListCache,
    pub(super) snapshots: Snapshots,
    /// Only this cast is shown, if a cast is given.
    only: Option<String>,
    /// Which opening this is, from 1. A form sends it back, so that it changes only the database that it was made from.
    pub(super) opening: u64,
    /// Set when another file is at the path.
    replaced: AtomicBool,
    stopping: channel::Receiver<bool>,
}

impl Database {
    /// Opens the database at `location`. If `only` names a cast, only this cast is shown.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read, or has no such cast.
    pub(super) async fn open(
        location: &Location,
        only: Option<&str>,
        stopping: channel::Receiver<bool>,
    ) -> Result<Self, StoreError> {
        let database = Self {
            location: location.clone(),
            only: only.map(str::to_owned),
            stopping,
            current: Mutex::new(Current {
                connections: None,
                openings: 0,
            }),
        };
        database.connections().await?;
        Ok(database)
    }

    /// The connections to the file that is at the path now. A caller that already has connections must not call this.
    ///
    /// # Errors
    ///
    /// [`StoreError::Replaced`] if the file was removed, or requests still use the old one; another if it cannot be read.
    pub(super) async fn connections(&self) -> Result<Arc<Connections>, StoreError> {
        let mut current = self.current.lock().await;
        if let Some(connections) = &current.connections {
            if connections.db.is_there() {
                return Ok(Arc::clone(connections));
            }
            connections.replaced.store(true, Ordering::Relaxed);
        }
        if let Some(old) = current.connections.take() {
            current.connections = closed(old).await;
        }
        if current.connections.is_some() {
            return Err(self.replaced());
        }
        let opened = self.open_connections(current.openings + 1).await;
        let opened = opened.map_err(|err| match err {
            StoreError::Absent { .. } if current.openings > 0 => self.replaced(),
            err => err,
        })?;
        current.openings += 1;
        let opened = Arc::new(opened);
        current.connections = Some(Arc::clone(&opened));
        Ok(opened)
    }

    /// Opens the file that is at the path now. One thread does it all: the compiler cannot prove that what the drivers do then may
    /// move to another thread.
    async fn open_connections(&self, opening: u64) -> Result<Connections, StoreError> {
        let (location, only) = (self.location.clone(), self.only.clone());
        let (stopping, runtime) = (self.stopping.clone(), Handle::current());
        let opened = spawn_blocking(move || {
            runtime.block_on(Connections::open(&location, only, stopping, opening))
        });
        opened.await.expect("opening does not panic")
    }

    /// What a page is about whose address names `cast`; empty where it names none.
    pub(super) fn scope(&self, cast: &str) -> Scope {
        let named = || Some(cast).filter(|cast| !cast.is_empty());
        self.only.as_deref().or_else(named).map(str::to_owned)
    }

    fn replaced(&self) -> StoreError {
        StoreError::Replaced {
            db: self.location.to_string(),
        }
    }

    /// Closes the connections as soon as no request uses them.
    pub(super) async fn close(self) {
        if let Some(connections) = self.current.into_inner().connections {
            // If a task still uses them, everything is stored all the same.
            closed(connections).await;
        }
    }
}

/// Closes connections; gives them back if they are still in use after a while.
async fn closed(connections: Arc<Connections>) -> Option<Arc<Connections>> {
    let unused = async {
        while Arc::strong_count(&connections) > 1 {
            tokio::time::sleep(STEP).await;
        }
    };
    let _ = tokio::time::timeout(LAST_USES, unused).await;
    match Arc::try_unwrap(connections) {
        Ok(connections) => {
            connections.close().await;
            None
        }
        Err(connections) => Some(connections),
    }
}

impl Connections {
    async fn open(
        location: &Location,
        only: Option<String>,
        stopping: channel::Receiver<bool>,
        opening: u64,
    ) -> Result<Self, StoreError> {
        let db = location.open_to_read().await?;
        let editor = match location.open_to_change().await {
            Ok(editor) => Some(editor),
            // A database that cannot be written can still be read.
            Err(StoreError::Unusable { .. }) => None,
            Err(err) => return Err(err),
        };
        let cast = match &only {
            Some(only) => Some(db.one_cast(Some(only)).await?.id),
            None => db.all_casts().await.map(|_| None)?,
        };
        Ok(Self {
            lists: ListCache::open(location, cast).await?,
            snapshots: Snapshots::open(location, opening).await?,
            db,
            editor,
            only,
            opening,
            replaced: AtomicBool::new(false),
            stopping,
        })
    }

    async fn close(self) {
        self.snapshots.close().await;
        self.lists.close().await;
        self.db.close().await;
        // Last, because only this connection may write the log back.
        if let Some(editor) = self.editor {
            editor.close().await;
        }
    }

    /// Whether long work must stop: the program ends, or another file is at the path.
    fn must_stop(&self) -> bool {
        *self.stopping.borrow() || self.replaced.load(Ordering::Relaxed)
    }

    /// The casts that are shown; there is at least one.
    ///
    /// # Errors
    ///
    /// [`ViewError`] if there is no cast any more, or the database cannot be read.
    pub(super) async fn casts(&self) -> Result<Vec<CastRecord>, ViewError> {
        Ok(match &self.only {
            Some(only) => vec![self.db.one_cast(Some(only)).await?],
            None => self.db.all_casts().await?,
        })
    }

    /// Whether all casts of the database are shown.
    pub(super) fn shows_all_casts(&self) -> bool {
        self.only.is_none()
    }

    /// A character of a cast that is shown.
    ///
    /// # Errors
    ///
    /// [`ViewError::Nothing`] if there is none, or its cast is not shown.
    pub(super) async fn character(&self, id: CharacterId) -> Result<Record, ViewError> {
        let found = self.db.described(&[id]).await?.pop();
        let shown = |record: &Record| {
            self.only
                .as_ref()
                .is_none_or(|only| *only == record.cast_name)
        };
        let record = found.map(|(_, record)| record).filter(shown);
        record.ok_or(ViewError::Nothing { what: "character" })
    }
}
