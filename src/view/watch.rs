//! Watches the database for the open pages: one task reads it, at most twice a second, however many pages are open.
//!
//! Without an open page nothing is read. A snapshot is sent to all pages, so a further page costs no reading. While the database
//! cannot be read, the pages are sent the reason instead.

use super::AppState;
use super::database::Connections;
use super::database::snapshot::{Scope, Snapshot};
use super::error::ViewError;
use crate::domain::shown::shown;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use futures_util::stream::unfold;
use minijinja::Value;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch as channel};

/// The time between two reads while a page is open.
const EVERY: Duration = Duration::from_millis(500);

/// The most event streams at the same time.
const LISTENERS_MAX: usize = 64;

/// The last snapshot for each scope, or the message if reading failed.
type Snapshots = BTreeMap<Scope, Result<Arc<Snapshot>, String>>;

/// The scopes that pages are open for, and what they were sent last.
#[derive(Default)]
pub(super) struct Watch {
    /// How many pages are open for each scope.
    listening: std::sync::Mutex<BTreeMap<Scope, usize>>,
    /// Notified when a page is opened.
    new: Notify,
    /// What the open pages were sent last.
    published: channel::Sender<Arc<Snapshots>>,
}

impl Watch {
    /// The scopes that pages are open for.
    fn scopes(&self) -> Vec<Scope> {
        let listening = self
            .listening
            .lock()
            .expect("no code panics while it holds the lock");
        listening.keys().cloned().collect()
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

/// The line with the state of a live run, for a page whose address names the cast `link`; empty where it names none.
///
/// # Errors
///
/// [`ViewError`] if the database cannot be read.
pub(super) async fn strip_of(
    app: &AppState,
    open: &Connections,
    link: &str,
) -> Result<Value, ViewError> {
    let scope = app.database.scope(link);
    let snapshot = open.snapshots.latest(&app.pages, &scope).await?;
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
        watch
            .published
            .send_replace(Arc::new(read(&app, scopes).await));
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = watch.new.notified() => {}
        }
    }
}

/// The snapshots of these scopes. If reading fails, the next time tries again.
async fn read(app: &AppState, scopes: Vec<Scope>) -> Snapshots {
    let mut snapshots = Snapshots::new();
    for scope in scopes {
        let snapshot = latest(app, &scope).await.map_err(|err| err.words());
        snapshots.insert(scope, snapshot);
    }
    snapshots
}

async fn latest(app: &AppState, scope: &Scope) -> Result<Arc<Snapshot>, ViewError> {
    let open = app.database.connections().await?;
    open.snapshots.latest(&app.pages, scope).await
}

/// The event stream of one page; it ends when this is dropped.
struct EventSubscription {
    app: Arc<AppState>,
    scope: Scope,
    snapshots: channel::Receiver<Arc<Snapshots>>,
    stopping: channel::Receiver<bool>,
    /// What was sent last.
    version: Option<(u64, i64)>,
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
        *listening.entry(scope.clone()).or_default() += 1;
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
                    .data(snapshot.version.1.to_string()),
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
