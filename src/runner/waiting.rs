//! Characters in back-off: who is due first comes first.
//!
//! The room has a limit, so that memory does not grow with a cast in which everything fails: when it is full nobody new is
//! taken up.

use crate::domain::character::Character;
use crate::domain::money::Money;
use std::collections::BTreeMap;
use tokio::time::Instant;

/// The most characters in back-off at a time.
const WAITING_MAX: usize = 4_096;

/// A character that is to be tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) character: Character,
    /// How often in a row it was asked to wait or could not be sent.
    pub(super) refusals: u32,
    /// Whether it comes from this room.
    pub(super) again: bool,
    /// The most that its request may cost, from the moment that it is let start.
    pub(super) reserved: Money,
}

/// Characters in back-off, by when they are due.
#[derive(Debug, Default)]
pub(super) struct WaitingRoom {
    by_due: BTreeMap<(Instant, u64), Waiting>,
    /// Keeps those that are due at the same moment apart, first come first.
    arrivals: u64,
}

impl WaitingRoom {
    pub(super) fn add(&mut self, due: Instant, waiting: Waiting) {
        self.arrivals += 1;
        self.by_due.insert((due, self.arrivals), waiting);
    }

    /// The one that has been due longest, if anybody is.
    pub(super) fn due(&mut self, now: Instant) -> Option<Waiting> {
        let first = self.by_due.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }

    /// When the next one is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.by_due.keys().next().map(|(due, _)| *due)
    }

    pub(super) fn len(&self) -> usize {
        self.by_due.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_due.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.by_due.len() >= WAITING_MAX
    }
}
