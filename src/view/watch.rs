//! Watches the database for the open pages: one task reads it, at most twice a second, however many pages are open.
//!
//! Without an open page nothing is read. A snapshot is kept and sent to all pages, so a further page costs no reading.
//! Reading uses only a small share of the time: pages of a huge cast get their updates less often.

use super::AppState;
use super::cast::link;
use super::error::ViewError;
use super::page::Pages;
use super::run;
use crate::domain::character::CastId;
use crate::domain::shown::shown;
use crate::store::{CastRecord, Library, Location, Reader, StoreError};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use futures_util::stream::unfold;
use minijinja::Value;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, Notify, watch as channel};

/// The time between two reads while a page is open.
const EVERY: Duration = Duration::from_millis(500);

/// How long a snapshot is sent again without a new read: this many times as long as the read took. So reading uses at most one
/// twentieth of the time.
const REUSE_FACTOR: u32 = 20;

/// The most event streams at the same time.
const LISTENERS_MAX: usize = 64;

/// New stories that are shown.
const NEWEST: u32 = 8;

/// The cast that a page is about; `None` for all.
type Scope = Option<CastId>;

/// The last snapshot for each scope, or the message if reading failed.
type Snapshots = BTreeMap<Scope, Result<Arc<Snapshot>, String>>;

/// The last snapshots, and the scopes that pages are open for.
pub(super) struct Watch {
    /// Held while a task reads.
    db: Mutex<Reader>,
    pages: Arc<Pages>,
    /// The last snapshot of each scope.
    latest: std::sync::Mutex<BTreeMap<Scope, Arc<Snapshot>>>,
    /// How many pages are open for each scope.
    listening: std::sync::Mutex<BTreeMap<Scope, usize>>,
    /// Notified when a page is opened.
    new: Notify,
    /// What the open pages were sent last.
    published: channel::Sender<Arc<Snapshots>>,
}

/// The state at one time.
pub(super) struct Snapshot {
    /// Changes whenever something in the database has changed.
    version: i64,
    /// Whether a run was live.
    alive: bool,
    /// The state of a live run on one line, as HTML.
    pub(super) strip: String,
    /// The content of the run's page, as HTML.
    pub(super) run: String,
    at: Instant,
    took: Duration,
}

impl Watch {
    /// Closes its connection.
    pub(super) async fn close(self) {
        self.db.into_inner().close().await;
    }

    /// Opens the database for reading.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read.
    pub(super) async fn open(db: &Location, pages: Arc<Pages>) -> Result<Self, StoreError> {
        Ok(Self {
            db: Mutex::new(db.open_to_read().await?),
            pages,
            latest: std::sync::Mutex::default(),
            listening: std::sync::Mutex::default(),
            new: Notify::new(),
            published: channel::Sender::default(),
        })
    }

    /// The state of a cast, or of all: the last snapshot, if it is still valid.
    ///
    /// # Errors
    ///
    /// [`ViewError`] if the database cannot be read.
    pub(super) async fn snapshot(&self, scope: Scope) -> Result<Arc<Snapshot>, ViewError> {
        let db = self.db.lock().await;
        let before = self
            .latest
            .lock()
            .expect("no code panics while it holds the lock")
            .get(&scope)
            .cloned();
        if let Some(before) = before
            .as_ref()
            .filter(|snapshot| snapshot.at.elapsed() < snapshot.took * REUSE_FACTOR)
        {
            return Ok(Arc::clone(before));
        }
        let version = db.version().await?;
        if let Some(before) =
            before.filter(|snapshot| snapshot.version == version && !snapshot.alive)
        {
            return Ok(before);
        }
        let snapshot = Arc::new(self.read(&db, scope, version).await?);
        let mut all = self
            .latest
            .lock()
            .expect("no code panics while it holds the lock");
        all.insert(scope, Arc::clone(&snapshot));
        Ok(snapshot)
    }

    async fn read(&self, db: &Reader, scope: Scope, version: i64) -> Result<Snapshot, ViewError> {
        let start = Instant::now();
        let run = db.watched(scope).await?;
        let casts = db.casts().await?;
        let cast = run.as_ref().map(|run| run.cast);
        let cast = casts.iter().find(|known| Some(known.id) == cast);
        let (newest, causes) = match cast {
            Some(cast) => (
                db.newest(Some(cast.id), NEWEST).await?,
                db.causes(cast.id).await?,
            ),
            None => (Vec::new(), Vec::new()),
        };
        Ok(Snapshot {
            version,
            alive: run.as_ref().is_some_and(|run| run.alive),
            strip: run::strip(&self.pages, run.as_ref(), cast, link(&casts, cast))?,
            run: run::fragment(
                &self.pages,
                run.as_ref(),
                cast,
                link(&casts, cast),
                &newest,
                &causes,
            )?,
            at: Instant::now(),
            took: start.elapsed(),
        })
    }

    /// The scopes that pages are open for.
    fn scopes(&self) -> Vec<Scope> {
        let listening = self
            .listening
            .lock()
            .expect("no code panics while it holds the lock");
        listening.keys().copied().collect()
    }

    /// The events for a page: first the current state, then each change.
    ///
    /// # Errors
    ///
    /// [`ViewError::Busy`] if too many pages are open.
    pub(super) fn listen(
        app: &Arc<AppState>,
        scope: Scope,
    ) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>> + use<>>, ViewError> {
        let subscription = EventSubscription::new(app, scope)?;
        let events = unfold(subscription, |mut subscription| async move {
            let event = subscription.next().await?;
            Some((Ok(event), subscription))
        });
        Ok(Sse::new(events).keep_alive(KeepAlive::new()))
    }
}

/// The line with the state of a live run, for a page about this cast, or about all.
///
/// # Errors
///
/// [`ViewError`] if the database cannot be read.
pub(super) async fn strip_of(
    app: &Arc<AppState>,
    cast: Option<&CastRecord>,
) -> Result<Value, ViewError> {
    let snapshot = app.watch.snapshot(cast.map(|cast| cast.id)).await?;
    Ok(Value::from_safe_string(snapshot.strip.clone()))
}

/// Reads while a page is open, and sends each snapshot to all pages.
pub(super) async fn watch(app: Arc<AppState>) {
    let watch = &app.watch;
    loop {
        let scopes = watch.scopes();
        if scopes.is_empty() {
            watch.new.notified().await;
            continue;
        }
        let mut snapshots = Snapshots::new();
        for scope in scopes {
            // If this fails, the next read tries again.
            let snapshot = watch.snapshot(scope).await.map_err(|err| err.words());
            snapshots.insert(scope, snapshot);
        }
        watch.published.send_replace(Arc::new(snapshots));
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = watch.new.notified() => {}
        }
    }
}

/// The event stream of one page; it ends when this is dropped.
struct EventSubscription {
    app: Arc<AppState>,
    scope: Scope,
    snapshots: channel::Receiver<Arc<Snapshots>>,
    stopping: channel::Receiver<bool>,
    /// What was sent last.
    version: Option<i64>,
    strip: String,
    run: String,
    trouble: String,
}

impl EventSubscription {
    fn new(app: &Arc<AppState>, scope: Scope) -> Result<Self, ViewError> {
        let watch = &app.watch;
        let mut listening = watch
            .listening
            .lock()
            .expect("no code panics while it holds the lock");
        if listening.values().sum::<usize>() >= LISTENERS_MAX {
            return Err(ViewError::Busy);
        }
        *listening.entry(scope).or_default() += 1;
        drop(listening);
        let snapshots = watch.published.subscribe();
        watch.new.notify_one();
        Ok(Self {
            app: Arc::clone(app),
            scope,
            snapshots,
            stopping: app.stopping.clone(),
            version: None,
            strip: String::new(),
            run: String::new(),
            trouble: String::new(),
        })
    }

    /// The next event for the page; `None` when the program ends.
    async fn next(&mut self) -> Option<Event> {
        loop {
            let snapshot = self.snapshots.borrow().get(&self.scope).cloned();
            let event = match snapshot {
                Some(Ok(snapshot)) => self.news(&snapshot),
                Some(Err(words)) => self.trouble(words),
                None => None,
            };
            if event.is_some() {
                return event;
            }
            tokio::select! {
                biased;
                _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                changed = self.snapshots.changed() => changed.ok()?,
            }
        }
    }

    fn trouble(&mut self, words: String) -> Option<Event> {
        // When the trouble is over, the page gets an event.
        self.version = None;
        let event = Event::default().event("trouble").data(shown(&words));
        let is_new = self.trouble != words;
        self.trouble = words;
        is_new.then_some(event)
    }

    fn news(&mut self, snapshot: &Snapshot) -> Option<Event> {
        if self.run != snapshot.run {
            self.run.clone_from(&snapshot.run);
            return Some(Event::default().event("run").data(&snapshot.run));
        }
        if self.strip != snapshot.strip {
            self.strip.clone_from(&snapshot.strip);
            return Some(Event::default().event("strip").data(&snapshot.strip));
        }
        if self.version != Some(snapshot.version) {
            self.version = Some(snapshot.version);
            self.trouble.clear();
            return Some(
                Event::default()
                    .event("changed")
                    .data(snapshot.version.to_string()),
            );
        }
        None
    }
}

impl Drop for EventSubscription {
    fn drop(&mut self) {
        let mut listening = self
            .app
            .watch
            .listening
            .lock()
            .expect("no code panics while it holds the lock");
        if let Some(many) = listening.get_mut(&self.scope) {
            *many -= 1;
            if *many == 0 {
                listening.remove(&self.scope);
            }
        }
    }
}
