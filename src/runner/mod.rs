//! A run: starts requests when the gate permits it, and settles what comes back.
//!
//! To claim a character is to reserve it for one request of this process; to settle it is to store how that request ended.
//! Requests run concurrently; one loop claims, settles and reports, in groups. While one group is being committed, the next one is
//! collected, and the loop continues to read the streams. A group settles the attempts that have ended and claims those that start.
//! Only after its commit are their requests sent and its results reported.
//!
//! All waits and limits use tokio's clock, which a test can pause; only the time stamps that are stored come from the system
//! clock. Random numbers come from the caller. The run prints nothing.

mod answer;
mod budget;
mod commits;
mod gate;
mod gate_updates;
mod in_flight;
mod judge;
mod queue;
mod request;
mod retries;
mod scan;
mod settings;
mod settle;
mod slots;
mod start;
mod stop;
mod stopping;
mod timeouts;
mod together;
mod totals;

pub use judge::Judge;
pub use settings::Settings;
pub use stop::{Signal, Stop};
pub use timeouts::Timeouts;

use crate::domain::event::{Event, Kind};
use crate::domain::money::Cost;
use crate::provider::Provider;
use crate::report::EventSink;
use crate::store::{Ledger, Settlement};
use budget::BudgetTracker;
use commits::{Commits, GROUP_MAX, HEARTBEAT};
use gate::{Gate, GateSettings};
use in_flight::InFlight;
use judge::Judging;
use queue::Queue;
use slots::Slots;
use std::time::Duration;
use stopping::Stopping;
use together::Together;
use tokio::sync::mpsc;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until};
use totals::Totals;

/// When the reporter has no room for more events, it is asked again after this time.
const REPORTER_RETRY: Duration = Duration::from_millis(50);

/// How a run ended.
#[derive(Debug)]
pub struct Outcomes {
    /// Why it stopped before everything was done, if it did.
    pub stop: Option<Stop>,
    /// Requests that were sent.
    pub requests: u64,
    /// Characters that got their story.
    pub done: u64,
    /// What the requests cost, if prices are known.
    pub cost: Option<Cost>,
    /// Attempts that ended but could not be stored.
    pub unsaved: Vec<Settlement>,
}

/// The parts that a run works with.
pub struct Parts<'a, S, P, T> {
    /// The cast.
    pub store: &'a S,
    /// The service that writes the stories.
    pub provider: &'a P,
    /// Finds the flags that follow from the words of a story.
    pub judge: Judge,
    /// Receives the events of the run.
    pub reporter: &'a mut T,
    /// Signals of the user to stop.
    pub signals: mpsc::UnboundedReceiver<Signal>,
    /// Random numbers from 0 up to but not including 1.
    pub dice: Box<dyn FnMut() -> f64 + 'a>,
    /// When the caller began: the times of events and [`Settings::time_max`] count from it.
    pub start: Instant,
}

/// A run in progress.
pub struct Run<'a, S, P, T> {
    store: &'a S,
    provider: &'a P,
    reporter: &'a mut T,
    dice: Box<dyn FnMut() -> f64 + 'a>,
    start: Instant,
    settings: Settings,
    gate: Gate,
    queue: Queue,
    in_flight: InFlight<'a>,
    commits: Commits<'a>,
    stopping: Stopping,
    totals: Totals,
    budget: BudgetTracker,
    together: Together<'a>,
}

impl<'a, S: Ledger, P: Provider, T: EventSink> Run<'a, S, P, T> {
    /// A run that has not begun.
    #[must_use]
    pub fn new(parts: Parts<'a, S, P, T>, settings: Settings) -> Self {
        let now = Instant::now();
        let last_start = settings.last_start_ago.and_then(|ago| now.checked_sub(ago));
        let concurrency = settings.concurrency.get();
        let gate = GateSettings {
            pace: settings.pace,
            concurrency,
            patience: settings.patience,
            is_shared: parts.store.shares_limits(),
        };
        let slots = Slots::new(settings.concurrency_initial.get(), concurrency, now);
        Self {
            store: parts.store,
            provider: parts.provider,
            reporter: parts.reporter,
            dice: parts.dice,
            start: parts.start,
            gate: Gate::new(gate, last_start, now),
            queue: Queue::new(settings.characters_max, now),
            in_flight: InFlight::new(slots, settings.timeouts, Judging::new(parts.judge)),
            commits: Commits::new(now),
            stopping: Stopping::new(parts.signals, settings.grace),
            totals: Totals::new(settings.requests_max),
            budget: BudgetTracker::new(settings.budget),
            together: Together::new(parts.store.shares_limits()),
            settings,
        }
    }

    /// Runs until no character is pending, or something stops it. Everything that ended is stored when this returns, except for
    /// [`Outcomes::unsaved`].
    pub async fn run(mut self) -> Outcomes {
        loop {
            self.check_limits();
            self.ask_for_part();
            self.commit_next();
            if self.is_over() {
                break;
            }
            self.wait().await;
        }
        Outcomes {
            stop: self.stopping.into_reason(),
            requests: self.totals.requests(),
            done: self.totals.done(),
            cost: self.budget.spent(),
            unsaved: self.commits.into_unsaved(),
        }
    }

    /// Waits for the next event and handles it.
    async fn wait(&mut self) {
        let wake = self.wake();
        let is_gathering = self.commits.is_gathering(self.in_flight.len());
        let slots = self.in_flight.slots();
        // `hold`: the service has announced a wait. `probe`: the first text of the request that tests a service.
        let (hold, ended, probe) = self.in_flight.events();
        tokio::select! {
            biased;
            Some(signal) = self.stopping.signal() => self.signal(signal),
            Some(until) = hold => self.hold_announced(until),
            Some(answer) = self.together.answer() => self.part_received(answer),
            // Before `ended`, so that busy streams do not delay the next commit.
            Some((group, result)) = self.commits.result() => self.committed(group, result),
            Some((id, ending)) = ended => {
                self.request_ended(id, ending);
                // Requests that have ended meanwhile go into the same group.
                for _ in 1..GROUP_MAX {
                    let Some((id, ending)) = self.in_flight.ended_now() else {
                        break;
                    };
                    self.request_ended(id, ending);
                }
            }
            Some(first_text) = probe => {
                self.in_flight.forget_probe();
                if first_text.is_ok() {
                    self.let_through();
                }
            }
            () = slots.raised() => {}
            () = yield_now(), if is_gathering => self.commits.polled(),
            () = sleep_until(wake), if !is_gathering => {}
        }
    }

    /// When the loop has to go on even if no event comes.
    fn wake(&mut self) -> Instant {
        let now = Instant::now();
        let mut times = vec![self.stopping.grace_end(), self.commits.retry_at()];
        if !self.stopping.is_stopping() {
            times.push(self.time_limit());
        }
        times.push(self.together.due(self.need(now)));
        // While a group is being committed nothing can start: its end is what matters then.
        if !self.commits.is_committing() {
            times.push(self.commits.heartbeat_at());
            if !self.stopping.is_stopping() {
                times.push(self.queue.next_look(self.is_idle()));
            }
            if !self.reporter.has_room() {
                times.push(Some(now + REPORTER_RETRY));
            } else if !self.stopping.is_stopping() {
                times.push(self.gate.wake(now));
                times.push(self.budget.ask_again_at().filter(|at| *at > now));
                let may_start = self.startable(now, 1) > 0;
                if may_start && self.totals.requests_left() > 0 && !self.budget.is_short() {
                    times.push(self.queue.next_due());
                }
            }
        }
        let soonest = times.into_iter().flatten().min();
        soonest.map_or(now + HEARTBEAT, |soonest| soonest.max(now))
    }

    /// When the longest time of the run has passed.
    fn time_limit(&self) -> Option<Instant> {
        self.settings.time_max.map(|time_max| self.start + time_max)
    }

    /// Stops the run if its time is over or its events cannot be reported.
    fn check_limits(&mut self) {
        let now = Instant::now();
        self.stopping.check_grace(now);
        if self.stopping.is_aborted() {
            self.store.hurry();
        }
        if self.reporter.is_broken() {
            self.stop(Stop::Output);
        }
        if self.time_limit().is_some_and(|limit| now >= limit) {
            self.stop(Stop::Time);
        }
    }

    /// Whether nothing is left to do, or nothing more can be done.
    fn is_over(&mut self) -> bool {
        if self.commits.is_committing() || !self.in_flight.is_empty() {
            return false;
        }
        // Before it ends, a run reports pauses and a used-up quota to the other runs.
        let is_saying = self.together.is_asking() || self.together.is_urgent();
        if is_saying && !self.stopping.is_aborted() {
            return false;
        }
        if !self.commits.is_idle() {
            return self.commits.gives_up(self.stopping.is_aborted());
        }
        if self.stopping.is_stopping() {
            return true;
        }
        if self.queue.is_exhausted() {
            if self.queue.has_excluded() {
                self.stopping.end(Stop::InternalError);
            }
            return true;
        }
        // Whether anything is left to do is not known before the store has looked.
        if self.totals.requests_left() == 0 && self.queue.look(Instant::now(), true).is_none() {
            self.stopping.end(Stop::Requests);
            return true;
        }
        false
    }

    /// Starts no new request; requests in flight may finish within the grace time.
    fn stop(&mut self, reason: Stop) {
        let Some(grace) = self.stopping.stop(reason, Instant::now()) else {
            return;
        };
        if !self.in_flight.is_empty() {
            let running = u64::try_from(self.in_flight.len()).unwrap_or(u64::MAX);
            self.emit(Kind::Stopping { running, grace });
        }
    }

    /// The user asks to stop. The second time, requests in flight are aborted.
    fn signal(&mut self, signal: Signal) {
        if self.stopping.is_stopping() {
            self.stopping.signal_again(signal);
        } else {
            self.stop(Stop::Signal(signal));
        }
    }

    fn emit(&mut self, kind: Kind) {
        self.reporter.emit(Event {
            elapsed: self.start.elapsed(),
            kind,
        });
    }
}
