//! Telling people and programs how a run goes.
//!
//! A desk takes the facts in and hands them, in order, to one reporter on a thread of its own: a terminal that is stopped, or a
//! pipe that nobody reads, holds back new requests but never reading or storing. A reporter that cannot write says so once,
//! and the run stops politely.

mod bar;
mod gauge;
mod json;
mod plain;
mod words;

pub use bar::Bar;
pub use gauge::Gauge;
pub use json::Json;
pub use plain::Plain;
pub use words::state;

use crate::domain::event::Event;
use crate::domain::tally::Tally;
use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Facts on their way to a reporter.
const QUEUE: usize = 1_024;

/// How long the last words may take.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// Who is told of the run.
pub trait Tell {
    /// Takes in one fact. Never blocks.
    fn tell(&mut self, event: Event);

    /// Whether there is room for the facts of more requests; where there is none, no new request starts.
    fn has_room(&mut self) -> bool;

    /// Whether nobody can be told anything any more.
    fn is_broken(&self) -> bool;
}

/// How facts look somewhere.
pub trait Reporter: Send {
    /// Writes one fact; `tally` has it already.
    ///
    /// # Errors
    ///
    /// What the writer said.
    fn event(&mut self, event: &Event, tally: &Tally) -> io::Result<()>;

    /// Writes how things stand, `elapsed` after the start.
    ///
    /// # Errors
    ///
    /// What the writer said.
    fn tick(&mut self, elapsed: Duration, tally: &Tally) -> io::Result<()>;

    /// How often to tick.
    fn every(&self) -> Duration;

    /// Leaves the screen as it should stay.
    fn close(&mut self) {}
}

/// Takes facts in and hands them to a reporter on its own thread.
pub struct Desk {
    sender: Option<SyncSender<Event>>,
    overflow: VecDeque<Event>,
    thread: Option<JoinHandle<io::Result<()>>>,
    broken: bool,
}

impl Desk {
    /// A desk for `reporter`; without one, facts go nowhere.
    #[must_use]
    pub fn open(reporter: Option<Box<dyn Reporter>>) -> Self {
        let (sender, thread) = match reporter {
            Some(reporter) => {
                let (sender, receiver) = sync_channel(QUEUE);
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

    /// Hands on what is left and waits for the reporter, but not for ever.
    pub fn close(mut self) {
        let end = Instant::now() + LAST_WORDS;
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

impl Tell for Desk {
    fn tell(&mut self, event: Event) {
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

/// Hands facts to `reporter` until there are no more; returns early when it cannot write.
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
