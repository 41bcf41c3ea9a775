//! Watching the database for whoever listens: one looks, at most twice a second, however many pages are open.
//!
//! Nobody listens: nobody looks. What is seen is kept and told to all, so a page costs no reading of its own; and looking
//! never takes more than a small share of the time, so that of a huge cast news come more rarely, not more expensively.

use super::House;
use super::browse::link;
use super::error::ViewError;
use super::page::Pages;
use super::run;
use crate::domain::shown::shown;
use crate::store::{CastRecord, Sqlite, StoreError};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use futures_util::stream::unfold;
use minijinja::Value;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, Notify, watch as channel};

/// How often somebody looks while somebody listens.
const EVERY: Duration = Duration::from_millis(500);

/// Looking takes at most this part of the time: one twentieth.
const SHARE: u32 = 20;

/// Pages that may listen at the same time.
const LISTENERS_MAX: usize = 64;

/// New stories that are shown.
const NEWEST: u32 = 8;

/// A cast, or all.
type Whose = Option<i64>;

/// What was seen last for each, or why nothing could be seen.
type Told = BTreeMap<Whose, Result<Arc<Seen>, String>>;

/// What was seen last, and for whom somebody looks.
pub(super) struct Watch {
    /// Held while somebody looks.
    db: Mutex<Sqlite>,
    pages: Arc<Pages>,
    seen: std::sync::Mutex<BTreeMap<Whose, Arc<Seen>>>,
    /// How many listen for each.
    listening: std::sync::Mutex<BTreeMap<Whose, usize>>,
    /// Somebody new listens.
    new: Notify,
    told: channel::Sender<Arc<Told>>,
}

/// How things stood at a moment.
pub(super) struct Seen {
    /// Another one whenever something in the database has changed.
    version: i64,
    /// Whether a run was alive.
    alive: bool,
    /// How a live run stands, on one line, as HTML.
    pub(super) strip: String,
    /// What the page of the run says, as HTML.
    pub(super) run: String,
    at: Instant,
    took: Duration,
}

impl Watch {
    /// Closes its connection.
    pub(super) async fn close(self) {
        self.db.into_inner().close().await;
    }

    /// Opens the database to look into it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    pub(super) async fn open(db: &Path, pages: Arc<Pages>) -> Result<Self, StoreError> {
        Ok(Self {
            db: Mutex::new(Sqlite::open_to_read(db).await?),
            pages,
            seen: std::sync::Mutex::default(),
            listening: std::sync::Mutex::default(),
            new: Notify::new(),
            told: channel::Sender::default(),
        })
    }

    /// How things stand with a cast, or with all: what was seen a moment ago, where that still holds.
    ///
    /// # Errors
    ///
    /// [`ViewError`] when the database cannot be read.
    pub(super) async fn look(&self, whose: Whose) -> Result<Arc<Seen>, ViewError> {
        let db = self.db.lock().await;
        let before = self
            .seen
            .lock()
            .expect("nobody panics here")
            .get(&whose)
            .cloned();
        if let Some(before) = before
            .as_ref()
            .filter(|seen| seen.at.elapsed() < seen.took * SHARE)
        {
            return Ok(Arc::clone(before));
        }
        let version = db.version().await?;
        if let Some(before) = before.filter(|seen| seen.version == version && !seen.alive) {
            return Ok(before);
        }
        let seen = Arc::new(self.read(&db, whose, version).await?);
        let mut all = self.seen.lock().expect("nobody panics here");
        all.insert(whose, Arc::clone(&seen));
        Ok(seen)
    }

    async fn read(&self, db: &Sqlite, whose: Whose, version: i64) -> Result<Seen, ViewError> {
        let start = Instant::now();
        let run = db.watched(whose).await?;
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
        Ok(Seen {
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

    /// Everything that somebody listens for.
    fn wanted(&self) -> Vec<Whose> {
        let listening = self.listening.lock().expect("nobody panics here");
        listening.keys().copied().collect()
    }

    /// What a listener hears: first how things stand, then each change.
    ///
    /// # Errors
    ///
    /// [`ViewError::Busy`] when too many listen.
    pub(super) fn listen(
        house: &Arc<House>,
        whose: Whose,
    ) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>> + use<>>, ViewError> {
        let ear = Ear::new(house, whose)?;
        let events = unfold(ear, |mut ear| async move {
            let event = ear.next().await?;
            Some((Ok(event), ear))
        });
        Ok(Sse::new(events).keep_alive(KeepAlive::new()))
    }
}

/// The line that says how a live run stands, for a page about this cast, or all.
///
/// # Errors
///
/// [`ViewError`] when the database cannot be read.
pub(super) async fn strip_of(
    house: &Arc<House>,
    cast: Option<&CastRecord>,
) -> Result<Value, ViewError> {
    let seen = house.watch.look(cast.map(|cast| cast.id)).await?;
    Ok(Value::from_safe_string(seen.strip.clone()))
}

/// Looks while somebody listens, and tells all what changed.
pub(super) async fn watch(house: Arc<House>) {
    let watch = &house.watch;
    loop {
        let wanted = watch.wanted();
        if wanted.is_empty() {
            watch.new.notified().await;
            continue;
        }
        let mut told = Told::new();
        for whose in wanted {
            // What cannot be read now is tried again.
            let seen = watch.look(whose).await.map_err(|err| err.words());
            told.insert(whose, seen);
        }
        watch.told.send_replace(Arc::new(told));
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = watch.new.notified() => {}
        }
    }
}

/// Somebody who listens, until dropped.
struct Ear {
    house: Arc<House>,
    whose: Whose,
    told: channel::Receiver<Arc<Told>>,
    stopping: channel::Receiver<bool>,
    /// What this one has heard.
    version: Option<i64>,
    strip: String,
    run: String,
    trouble: String,
}

impl Ear {
    fn new(house: &Arc<House>, whose: Whose) -> Result<Self, ViewError> {
        let watch = &house.watch;
        let mut listening = watch.listening.lock().expect("nobody panics here");
        if listening.values().sum::<usize>() >= LISTENERS_MAX {
            return Err(ViewError::Busy);
        }
        *listening.entry(whose).or_default() += 1;
        drop(listening);
        let told = watch.told.subscribe();
        watch.new.notify_one();
        Ok(Self {
            house: Arc::clone(house),
            whose,
            told,
            stopping: house.stopping.clone(),
            version: None,
            strip: String::new(),
            run: String::new(),
            trouble: String::new(),
        })
    }

    /// What is news to this one; nothing when the program ends.
    async fn next(&mut self) -> Option<Event> {
        loop {
            let seen = self.told.borrow().get(&self.whose).cloned();
            let event = match seen {
                Some(Ok(seen)) => self.news(&seen),
                Some(Err(words)) => self.trouble(words),
                None => None,
            };
            if event.is_some() {
                return event;
            }
            tokio::select! {
                biased;
                _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                changed = self.told.changed() => changed.ok()?,
            }
        }
    }

    fn trouble(&mut self, words: String) -> Option<Event> {
        // When it is over, that is news.
        self.version = None;
        let event = Event::default().event("trouble").data(shown(&words));
        let is_new = self.trouble != words;
        self.trouble = words;
        is_new.then_some(event)
    }

    fn news(&mut self, seen: &Seen) -> Option<Event> {
        if self.run != seen.run {
            self.run.clone_from(&seen.run);
            return Some(Event::default().event("run").data(&seen.run));
        }
        if self.strip != seen.strip {
            self.strip.clone_from(&seen.strip);
            return Some(Event::default().event("strip").data(&seen.strip));
        }
        if self.version != Some(seen.version) {
            self.version = Some(seen.version);
            self.trouble.clear();
            return Some(
                Event::default()
                    .event("changed")
                    .data(seen.version.to_string()),
            );
        }
        None
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        let mut listening = self
            .house
            .watch
            .listening
            .lock()
            .expect("nobody panics here");
        if let Some(many) = listening.get_mut(&self.whose) {
            *many -= 1;
            if *many == 0 {
                listening.remove(&self.whose);
            }
        }
    }
}
