//! Progress of a run, for people and programs.
//!
//! The runner puts events into a queue, and one reporter on its own thread reads them in order. A terminal that is stopped,
//! or a pipe that nothing reads, holds back new requests but never reading or storing. If a reporter cannot write, the run
//! stops as after one Ctrl-C.

mod bar;
mod gauge;
mod json;
mod plain;
mod words;

pub(crate) use bar::Bar;
pub(crate) use gauge::Gauge;
pub(crate) use json::Json;
pub(crate) use plain::Plain;

use crate::domain::event::Event;
use crate::domain::tally::Tally;
use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The most events in the queue.
const QUEUE_MAX: usize = 1_024;

/// The longest time that the reporter may take at the end of a run.
const CLOSE_TIME_MAX: Duration = Duration::from_secs(3);

/// Where the runner sends its events.
pub trait EventSink {
    /// Adds one event. Never blocks.
    fn emit(&mut self, event: Event);

    /// Whether there is space for the events of more requests; if not, no new request starts.
    fn has_room(&mut self) -> bool;

    /// Whether the reporter has failed, so that no event is shown any more.
    fn is_broken(&self) -> bool;
}

/// One way to show events.
pub(crate) trait Reporter: Send {
    /// Writes one event; `tally` already includes it.
    ///
    /// # Errors
    ///
    /// The error of the writer.
    fn event(&mut self, event: &Event, tally: &Tally) -> io::Result<()>;

    /// Writes the current state, `elapsed` after the start.
    ///
    /// # Errors
    ///
    /// The error of the writer.
    fn tick(&mut self, elapsed: Duration, tally: &Tally) -> io::Result<()>;

    /// The time between two ticks.
    fn every(&self) -> Duration;

    /// Leaves the screen in its final state.
    fn close(&mut self) {}
}

/// The queue to a reporter on its own thread.
pub(crate) struct EventQueue {
    sender: Option<SyncSender<Event>>,
    overflow: VecDeque<Event>,
    thread: Option<JoinHandle<io::Result<()>>>,
    broken: bool,
}

impl EventQueue {
    /// A queue to `reporter`; without a reporter, events are dropped.
    #[must_use]
    pub(crate) fn open(reporter: Option<Box<dyn Reporter>>) -> Self {
        let (sender, thread) = match reporter {
            Some(reporter) => {
                let (sender, receiver) = sync_channel(QUEUE_MAX);
                let thread = std::thread::spawn(move || report(reporter, &receiver));
                (Some(sender), Some(thread))
            }
            None => (None, None),
        };
        Self {
            sender,
            overflow: VecDeque::new(),
            thread,
            broken: false,
        }
    }

    /// Sends the events that are left and waits for the reporter, but at most a few seconds.
    pub(crate) fn close(mut self) {
        let end = Instant::now() + CLOSE_TIME_MAX;
        while !self.overflow.is_empty() && !self.broken && Instant::now() < end {
            self.flush();
            std::thread::sleep(Duration::from_millis(5));
        }
        self.sender = None;
        let Some(thread) = self.thread.take() else {
            return;
        };
        while !thread.is_finished() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn flush(&mut self) {
        let Some(sender) = &self.sender else {
            self.overflow.clear();
            return;
        };
        while let Some(event) = self.overflow.pop_front() {
            match sender.try_send(event) {
                Ok(()) => {}
                Err(TrySendError::Full(event)) => return self.overflow.push_front(event),
                Err(TrySendError::Disconnected(_)) => {
                    self.broken = true;
                    self.overflow.clear();
                }
            }
        }
    }
}

impl EventSink for EventQueue {
    fn emit(&mut self, event: Event) {
        self.overflow.push_back(event);
        self.flush();
    }

    fn has_room(&mut self) -> bool {
        self.flush();
        self.overflow.is_empty()
    }

    fn is_broken(&self) -> bool {
        self.broken
    }
}

/// Passes events to `reporter` until there are no more; returns early if it cannot write.
fn report(mut reporter: Box<dyn Reporter>, events: &Receiver<Event>) -> io::Result<()> {
    let mut tally = Tally::default();
    let start = Instant::now();
    let mut ticked = start;
    loop {
        let wait = (ticked + reporter.every()).saturating_duration_since(Instant::now());
        match events.recv_timeout(wait) {
            Ok(event) => {
                tally.add(&event);
                reporter.event(&event, &tally)?;
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                reporter.close();
                return Ok(());
            }
        }
        if ticked.elapsed() >= reporter.every() {
            ticked = Instant::now();
            reporter.tick(start.elapsed(), &tally)?;
        }
    }
}
