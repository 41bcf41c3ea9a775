//! Evenly spaced starts at one pace.
//!
//! It counts from the planned moment of a start and not from the real one, so that a timer that wakes late costs nothing of the
//! pace; what is too late to be called on time is not made up for.

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// A start this late still counts as on time: timers wake late, and what is late would be lost for good. It is half of what a
/// window may hold above the pace, because the way to the service takes its time, too.
const ON_TIME: Duration = Duration::from_millis(5);

/// Evenly spaced starts: `governor` judges, under a clock that we set to the planned moment.
pub(super) struct Limiter {
    period: Duration,
    judge: RateLimiter<NotKeyed, InMemoryState, PlannedClock, NoOpMiddleware<Nanos>>,
    clock: PlannedClock,
    epoch: Instant,
}

impl Limiter {
    /// A limiter whose last start was `last_start`; `None` when there is nothing to limit.
    pub(super) fn new(period: Duration, last_start: Option<Instant>) -> Option<Self> {
        let quota = Quota::with_period(period)?;
        let clock = PlannedClock::default();
        let limiter = Self {
            period,
            judge: RateLimiter::direct_with_clock(quota, clock.clone()),
            clock,
            epoch: last_start.unwrap_or_else(Instant::now),
        };
        if last_start.is_some() {
            // The last start holds for the new period, too. A fresh limiter lets its first one through.
            let _ = limiter.judge.check();
        }
        Some(limiter)
    }

    /// From one start to the next.
    pub(super) fn period(&self) -> Duration {
        self.period
    }

    /// The moment of the next start: the planned one, unless that is too long ago to be called on time.
    pub(super) fn next(&self, last_start: Option<Instant>, now: Instant) -> Instant {
        let planned = last_start.map_or(now, |last| last + self.period);
        let late = now.saturating_duration_since(planned);
        if late > ON_TIME { now } else { planned }
    }

    /// Takes the next start: the moment at which it may be sent.
    pub(super) fn take(&self, last_start: Option<Instant>, now: Instant) -> Instant {
        let mut at = self.next(last_start, now);
        loop {
            self.clock.set(at.saturating_duration_since(self.epoch));
            match self.judge.check() {
                Ok(()) => return at,
                Err(not_until) => {
                    let wait = not_until.wait_time_from(self.clock.now());
                    at += wait.max(Duration::from_nanos(1));
                }
            }
        }
    }
}

/// A clock that stands where it was set.
#[derive(Debug, Clone, Default)]
struct PlannedClock(Arc<AtomicU64>);

impl PlannedClock {
    fn set(&self, since_epoch: Duration) {
        let nanos = u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX);
        self.0.store(nanos, Ordering::Relaxed);
    }
}

impl Clock for PlannedClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::new(self.0.load(Ordering::Relaxed))
    }
}
