//! The state of the runs at one time, as HTML for the open pages. It is kept until the database has changed.
//!
//! Reading uses only a small share of the time: pages of a huge cast get their updates less often.

use crate::domain::character::CastId;
use crate::store::{CastRecord, Library, Location, Reader, StoreError};
use crate::view::cast::{link, meant};
use crate::view::error::ViewError;
use crate::view::page::Pages;
use crate::view::run;
use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long a snapshot is sent again without a new read: this many times as long as the read took. So reading uses at most one
/// twentieth of the time.
const REUSE_FACTOR: u32 = 20;

/// New stories that are shown.
const NEWEST: u32 = 8;

/// The name of the cast that a page is about; `None` for all, or for the only one.
pub(in crate::view) type Scope = Option<String>;

/// The last snapshot of each scope.
pub(in crate::view) struct Snapshots {
    /// Held while a task reads.
    db: Mutex<Reader>,
    opening: u64,
    latest: std::sync::Mutex<BTreeMap<Scope, Arc<Snapshot>>>,
}

/// The state at one time.
pub(in crate::view) struct Snapshot {
    /// Changes whenever something in the database has changed, or another database was opened.
    pub(in crate::view) version: (u64, i64),
    /// Whether a run was live.
    alive: bool,
    /// The state of a live run on one line, as HTML.
    pub(in crate::view) strip: String,
    /// The content of the run's page, as HTML.
    pub(in crate::view) run: String,
    at: Instant,
    took: Duration,
}

impl Snapshots {
    /// Opens the database for reading, as the opening of this number.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read.
    pub(super) async fn open(db: &Location, opening: u64) -> Result<Self, StoreError> {
        Ok(Self {
            db: Mutex::new(db.open_to_read().await?),
            opening,
            latest: std::sync::Mutex::default(),
        })
    }

    /// Closes its connection.
    pub(super) async fn close(self) {
        self.db.into_inner().close().await;
    }

    /// The state of a cast, or of all: the last snapshot, if it is still valid.
    ///
    /// # Errors
    ///
    /// [`ViewError`] if there is no such cast, or the database cannot be read.
    pub(in crate::view) async fn latest(
        &self,
        pages: &Pages,
        scope: &Scope,
    ) -> Result<Arc<Snapshot>, ViewError> {
        let db = self.db.lock().await;
        let before = self.known().get(scope).cloned();
        if let Some(before) = before
            .as_ref()
            .filter(|snapshot| snapshot.at.elapsed() < snapshot.took * REUSE_FACTOR)
        {
            return Ok(Arc::clone(before));
        }
        let version = (self.opening, db.version().await?);
        if let Some(before) =
            before.filter(|snapshot| snapshot.version == version && !snapshot.alive)
        {
            return Ok(before);
        }
        let snapshot = Arc::new(read(&db, pages, scope, version).await?);
        self.known().insert(scope.clone(), Arc::clone(&snapshot));
        Ok(snapshot)
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<Scope, Arc<Snapshot>>> {
        self.latest
            .lock()
            .expect("no code panics while it holds the lock")
    }
}

async fn read(
    db: &Reader,
    pages: &Pages,
    scope: &Scope,
    version: (u64, i64),
) -> Result<Snapshot, ViewError> {
    let start = Instant::now();
    let casts = db.casts().await?;
    let asked = match scope {
        Some(_) => meant(&casts, scope.as_deref())?.map(|cast| cast.id),
        None => None,
    };
    let run = db.watched(asked).await?;
    let cast: Option<CastId> = run.as_ref().map(|run| run.cast);
    let cast: Option<&CastRecord> = casts.iter().find(|known| Some(known.id) == cast);
    let (newest, causes) = match cast {
        Some(cast) => (
            db.newest(Some(cast.id), NEWEST).await?,
            db.causes(cast.id).await?,
        ),
        None => (Vec::new(), Vec::new()),
    };
    let link = link(&casts, cast);
    Ok(Snapshot {
        version,
        alive: run.as_ref().is_some_and(|run| run.alive),
        strip: run::strip(pages, run.as_ref(), cast, link)?,
        run: run::fragment(pages, run.as_ref(), cast, link, &newest, &causes)?,
        at: Instant::now(),
        took: start.elapsed(),
    })
}
