//! How long a flight waits: for its first words, for the next ones, and for the whole.
//!
//! A request that waits for its first words may stand in a queue of the service. As long as other streams of the service live, that
//! is no silence.

use super::slots::Slots;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// After a limit has passed, what had arrived meanwhile gets this long to be read: the process may have been stopped.
const LAST_LOOK: Duration = Duration::from_millis(100);

/// The time limits of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest silence between events with data, also before the first.
    pub idle: Duration,
    /// The longest silence before the first one, where it may be longer than the others.
    pub first: Duration,
    /// The whole request.
    pub total: Duration,
}

/// The limit that ended a flight.
pub(super) enum Reached {
    /// Nothing came for so long.
    Idle(Duration),
    /// It was not finished after so long.
    Total(Duration),
}

/// The silence of an answer, from one sign of life to the next.
pub(super) struct Silence {
    limits: Limits,
    slots: Arc<Slots>,
    last_sign: Instant,
    end: Instant,
    /// The story has begun: what may take long before its first words may not after them.
    begun: bool,
    /// A limit has passed, and what had arrived by then is being read.
    looked: bool,
}

impl Silence {
    /// That of a request that leaves at `start`.
    pub(super) fn new(start: Instant, limits: Limits, slots: Arc<Slots>) -> Self {
        Self {
            limits,
            slots,
            last_sign: start,
            end: start + limits.total,
            begun: false,
            looked: false,
        }
    }

    /// When a limit is reached, if nothing comes before.
    pub(super) fn limit(&self) -> Instant {
        let last_sign = if self.begun {
            self.last_sign
        } else {
            self.last_sign.max(self.slots.last_sign())
        };
        (last_sign + self.idle()).min(self.end)
    }

    /// The last sign of life.
    pub(super) fn last_sign(&self) -> Instant {
        self.last_sign
    }

    /// A sign of life came.
    pub(super) fn broken(&mut self, now: Instant) {
        self.last_sign = now;
        self.slots.alive(now);
    }

    /// The service says that it is at work: before the first words that is a sign of life.
    pub(super) fn at_work(&mut self, now: Instant) {
        if !self.begun {
            self.last_sign = now;
        }
    }

    /// The first words are there. Whether that is new.
    pub(super) fn begun(&mut self) -> bool {
        !std::mem::replace(&mut self.begun, true)
    }

    /// It is the time of a limit that was set earlier: until when to wait now.
    ///
    /// # Errors
    ///
    /// The limit that is really reached.
    pub(super) fn reached(&mut self, now: Instant) -> Result<Instant, Reached> {
        let limit = self.limit();
        if limit > now {
            self.looked = false;
            return Ok(limit);
        }
        if !std::mem::replace(&mut self.looked, true) {
            return Ok(now + LAST_LOOK);
        }
        Err(if now >= self.end {
            Reached::Total(self.limits.total)
        } else {
            Reached::Idle(self.idle())
        })
    }

    fn idle(&self) -> Duration {
        if self.begun {
            self.limits.idle
        } else {
            self.limits.first
        }
    }
}
