//! The run: claims who is next, lets the gate decide when, and settles what comes back.
//!
//! Many fly, one writes. Requests run concurrently; one loop claims, settles and tells, in groups: while one group is being
//! committed the next gathers, and streams go on being read. A group settles what has ended and begins what the freed places
//! allow, in one commit; only after it are requests sent and events told.
//!
//! The loop knows no clock but tokio's, draws its dice from its caller, and never prints.

mod answer;
mod budget;
mod departures;
mod gate;
mod landings;
mod request;
mod retries;
mod settings;
mod slots;
mod stop;
mod timeouts;

pub use settings::Settings;
pub use stop::{Signal, Stop};
pub use timeouts::Limits;

use crate::domain::character::{Character, CharacterId, Claim};
use crate::domain::event::{Event, Kind};
use crate::domain::money::{Cost, Money};
use crate::domain::outcome::Ending;
use crate::domain::retry::Next;
use crate::provider::Provider;
use crate::report::Tell;
use crate::store::{Committed, Place, Settlement, Store, StoreError};
use budget::BudgetTracker;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, OptionFuture};
use futures_util::stream::{FuturesUnordered, StreamExt};
use gate::{Gate, GateSettings};
use retries::{Candidate, RetryQueue};
use slots::Slots;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until};

/// A run that commits nothing for this long says that it is alive.
const ALIVE: Duration = Duration::from_secs(5);

/// When those who are told had no room, they are asked again after this time.
const ROOM: Duration = Duration::from_millis(50);

/// Flights that are taken in before anything else is looked at, and that make a group which waits for no more.
const LANDINGS: usize = 64;

/// How often the streams are looked at once more before a group leaves that fewer flights have joined than are under way: what
/// ends together is stored together. A few looks are enough, and cost nothing for a flight that is alone.
const TURNS: u32 = 4;

/// Tries to store what has ended, after the database failed.
const STORE_TRIES: u32 = 5;

/// How a run ended.
#[derive(Debug)]
pub struct Outcomes {
    /// Why it stopped before everything was done, if it did.
    pub stop: Option<Stop>,
    /// Requests that left.
    pub requests: u64,
    /// Characters that got their story.
    pub done: u64,
    /// Characters that failed.
    pub failed: u64,
    /// What the requests cost, where prices are known.
    pub cost: Option<Cost>,
    /// What ended but could not be stored.
    pub unsaved: Vec<Settlement>,
}

/// A request under way.
struct Flying {
    character: Character,
    claim: Claim,
    sent_at: Instant,
    /// How often in a row this character was asked to wait or could not be sent.
    refusals: u32,
    /// The most that the request may cost.
    reserved: Money,
    probing: bool,
}

/// A run in progress.
pub struct Run<'a, S, P, T> {
    store: &'a S,
    provider: &'a P,
    tell: &'a mut T,
    dice: Box<dyn FnMut() -> f64 + 'a>,
    signals: mpsc::UnboundedReceiver<Signal>,
    settings: Settings,
    gate: Gate,
    slots: Arc<Slots>,
    start: Instant,
    place: Place,
    upcoming: VecDeque<Character>,
    /// Nobody is left behind the place; the next look begins at the top again.
    at_end: bool,
    over: bool,
    waiting: RetryQueue,
    /// Characters whose flights met a fault of ours: not tried again in this run.
    sidelined: HashSet<CharacterId>,
    flights: FuturesUnordered<BoxFuture<'a, (u64, Ending)>>,
    flying: HashMap<u64, Flying>,
    next_flight: u64,
    landed: Vec<Landed>,
    /// How often the streams were looked at since the first of `landed` came in, while no group was on its way.
    turns: u32,
    committing: Option<BoxFuture<'a, (Sent, Result<Committed, StoreError>)>>,
    looking: Option<BoxFuture<'a, Result<Vec<Character>, StoreError>>>,
    probe: Option<oneshot::Receiver<()>>,
    /// From each flight: until when the service will refuse others.
    hearing: mpsc::UnboundedSender<Instant>,
    hears: mpsc::UnboundedReceiver<Instant>,
    abort: watch::Sender<bool>,
    stop: Option<Stop>,
    grace_end: Option<Instant>,
    last_commit: Instant,
    store_tries: u32,
    store_again: Option<Instant>,
    taken_up: u64,
    budget: BudgetTracker,
    requests: u64,
    done: u64,
    failed: u64,
}

/// A flight that has ended and is to be settled.
struct Landed {
    character: Character,
    settlement: Settlement,
    next: Next,
    refusals: u32,
}

/// A group on its way to the database, with what is needed when it is back.
struct Sent {
    landed: Vec<Landed>,
    starting: Vec<Candidate>,
}

impl<'a, S: Store, P: Provider, T: Tell> Run<'a, S, P, T> {
    /// A run that has not begun. `dice` gives numbers from 0 up to but not including 1.
    pub fn new(
        store: &'a S,
        provider: &'a P,
        tell: &'a mut T,
        signals: mpsc::UnboundedReceiver<Signal>,
        dice: impl FnMut() -> f64 + 'a,
        settings: Settings,
    ) -> Self {
        let start = Instant::now();
        let (hearing, hears) = mpsc::unbounded_channel();
        let last_start = settings
            .last_start_ago
            .and_then(|ago| start.checked_sub(ago));
        Self {
            store,
            provider,
            tell,
            dice: Box::new(dice),
            signals,
            gate: Gate::new(
                GateSettings {
                    pace: settings.pace,
                    concurrency: settings.places.get(),
                    patience: settings.patience,
                },
                last_start,
                start,
            ),
            slots: Arc::new(Slots::new(
                settings.places_first.get(),
                settings.places.get(),
                start,
            )),
            start,
            place: Place::default(),
            upcoming: VecDeque::new(),
            at_end: false,
            over: false,
            waiting: RetryQueue::default(),
            sidelined: HashSet::new(),
            flights: FuturesUnordered::new(),
            flying: HashMap::new(),
            next_flight: 0,
            landed: Vec::new(),
            turns: 0,
            committing: None,
            looking: None,
            probe: None,
            hearing,
            hears,
            abort: watch::Sender::new(false),
            stop: None,
            grace_end: None,
            last_commit: start,
            store_tries: 0,
            store_again: None,
            taken_up: 0,
            budget: BudgetTracker::new(settings.budget),
            requests: 0,
            done: 0,
            failed: 0,
            settings,
        }
    }

    /// Counts the time of events, and of what the run may take, from `start` on, when its caller began.
    #[must_use]
    pub fn since(mut self, start: Instant) -> Self {
        self.start = start;
        self
    }

    /// Runs until nobody is pending, or something stops it. Everything that ended is stored when this returns, but for what
    /// [`Outcomes::unsaved`] holds.
    pub async fn run(mut self) -> Outcomes {
        loop {
            self.check_limits();
            self.commit();
            self.look_ahead();
            if self.is_over() {
                break;
            }
            self.wait().await;
        }
        Outcomes {
            stop: self.stop,
            requests: self.requests,
            done: self.done,
            failed: self.failed,
            cost: self.budget.spent(),
            unsaved: self
                .landed
                .into_iter()
                .map(|landed| landed.settlement)
                .collect(),
        }
    }

    /// Waits for the next thing to happen and takes it in.
    async fn wait(&mut self) {
        let wake = self.wake();
        let gathers = self.gathers();
        let slots = Arc::clone(&self.slots);
        tokio::select! {
            biased;
            Some(signal) = self.signals.recv() => self.signal(signal),
            Some(until) = self.hears.recv() => self.heard(until),
            // Before the flights: the next group begins as soon as the last one is stored, however many streams are busy.
            Some((sent, result)) = OptionFuture::from(self.committing.as_mut()) => {
                self.committing = None;
                self.committed(sent, result);
            }
            Some((flight, ending)) = self.flights.next() => {
                self.land(flight, ending);
                // Whatever else has ended by now goes into the same group.
                for _ in 1..LANDINGS {
                    let Some(Some((flight, ending))) = self.flights.next().now_or_never() else {
                        break;
                    };
                    self.land(flight, ending);
                }
            }
            Some(found) = OptionFuture::from(self.looking.as_mut()) => {
                self.looking = None;
                self.found(found);
            }
            Some(first_text) = OptionFuture::from(self.probe.as_mut()) => {
                self.probe = None;
                if first_text.is_ok() {
                    self.let_through();
                }
            }
            () = slots.raised() => {}
            () = yield_now(), if gathers => self.turns += 1,
            () = sleep_until(wake), if !gathers => {}
        }
    }

    /// Whether the next group waits for others that may end at the same time.
    fn gathers(&self) -> bool {
        let few = !self.landed.is_empty() && self.landed.len() < self.flying.len().min(LANDINGS);
        few && self.committing.is_none() && self.store_tries == 0 && self.turns < TURNS
    }

    /// When something is due without anything happening.
    fn wake(&mut self) -> Instant {
        let now = Instant::now();
        let mut moments = vec![self.grace_end, self.store_again];
        if self.stop.is_none() {
            moments.push(self.settings.time_max.map(|time_max| self.start + time_max));
        }
        // While a group is on its way nothing else can be begun: its return is what matters then.
        if self.committing.is_none() {
            if self.store_tries == 0 {
                moments.push(Some(self.last_commit + ALIVE));
            }
            if !self.tell.has_room() {
                moments.push(Some(now + ROOM));
            } else if self.stop.is_none() {
                moments.push(self.gate.wake(now));
                let may_start = self.free(now, 1) > 0;
                if may_start && self.requests_left() > 0 && !self.budget.is_short() {
                    moments.push(self.waiting.next_due());
                }
            }
        }
        let soonest = moments.into_iter().flatten().min();
        soonest.map_or(now + ALIVE, |soonest| soonest.max(now))
    }

    /// Stops at what was set for this run.
    fn check_limits(&mut self) {
        let now = Instant::now();
        if self.grace_end.is_some_and(|end| now >= end) {
            self.abort.send_replace(true);
            self.grace_end = None;
        }
        if self.stop.is_none() && self.tell.is_broken() {
            self.stop(Stop::Output);
        }
        let out_of_time = |time_max: Duration| now >= self.start + time_max;
        if self.stop.is_none() && self.settings.time_max.is_some_and(out_of_time) {
            self.stop(Stop::Time);
        }
    }

    fn is_over(&mut self) -> bool {
        if self.committing.is_some() || !self.flying.is_empty() {
            return false;
        }
        if !self.landed.is_empty() {
            let hurried = self.store_tries > 0 && *self.abort.borrow();
            return hurried || self.store_tries >= STORE_TRIES;
        }
        if self.stop.is_some() {
            return true;
        }
        if self.looking.is_some() {
            return false;
        }
        let nobody_fresh = self.is_sated() || (self.over && self.upcoming.is_empty());
        if nobody_fresh && self.waiting.is_empty() {
            if !self.sidelined.is_empty() {
                self.stop = Some(Stop::OurFault);
            }
            return true;
        }
        if self.requests_left() == 0 {
            self.stop = Some(Stop::Requests);
            return true;
        }
        false
    }

    /// Whether as many characters were taken up as this run may.
    fn is_sated(&self) -> bool {
        self.settings
            .take_up_max
            .is_some_and(|max| self.taken_up >= max)
    }

    fn requests_left(&self) -> u64 {
        let max = self.settings.requests_max.unwrap_or(u64::MAX);
        max.saturating_sub(self.requests)
    }

    /// Starts no new request; streams in flight may finish.
    fn stop(&mut self, stop: Stop) {
        if self.stop.is_some() {
            return;
        }
        self.stop = Some(stop);
        let grace = self.settings.grace;
        self.grace_end = Some(Instant::now() + grace);
        if !self.flying.is_empty() {
            let running = u64::try_from(self.flying.len()).unwrap_or(u64::MAX);
            self.tell(Kind::Stopping { running, grace });
        }
    }

    fn signal(&mut self, signal: Signal) {
        if self.stop.is_some() {
            // The second word, whatever the first one was: out at once.
            if !matches!(self.stop, Some(Stop::Store(_))) {
                self.stop = Some(Stop::Signal(signal));
            }
            self.abort.send_replace(true);
        } else {
            self.stop(Stop::Signal(signal));
        }
    }

    fn tell(&mut self, kind: Kind) {
        self.tell.tell(Event {
            elapsed: self.start.elapsed(),
            kind,
        });
    }
}
