//! Evenly spaced starts at one pace.
//!
//! The next start is counted from the planned time of the last one, not from its real time: a timer that fires a little late does
//! not lower the pace. A start that is later than that is not made up for. The limiter reads no clock: all times are arguments.

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// A start that is at most this late counts as on time, because timers fire late and the delays would add up. It is half of what
/// a time window may contain above the pace; the other half is [`super::pacer::LEAD`].
const ON_TIME: Duration = Duration::from_millis(5);

/// Evenly spaced starts. `governor` decides, under a clock that is set to the planned time.
pub(super) struct Limiter {
    period: Duration,
    governor: RateLimiter<NotKeyed, InMemoryState, PlannedClock, NoOpMiddleware<Nanos>>,
    clock: PlannedClock,
    epoch: Instant,
}

impl Limiter {
    /// A limiter whose last start was `last_start`. `None` if the period is zero, so that there is nothing to limit. No later call
    /// may have a time before `epoch`, unless there was a last start.
    pub(super) fn new(
        period: Duration,
        last_start: Option<Instant>,
        epoch: Instant,
    ) -> Option<Self> {
        let quota = Quota::with_period(period)?;
        let clock = PlannedClock::default();
        let limiter = Self {
            period,
            governor: RateLimiter::direct_with_clock(quota, clock.clone()),
            clock,
            epoch: last_start.unwrap_or(epoch),
        };
        if last_start.is_some() {
            // The last start counts for the new period, too: a new limiter would allow its first start at once.
            let _ = limiter.governor.check();
        }
        Some(limiter)
    }

    /// The time from one start to the next.
    pub(super) fn period(&self) -> Duration {
        self.period
    }

    /// The time of the next start: the planned time, or `now` if the planned time is more than [`ON_TIME`] ago.
    pub(super) fn next(&self, last_start: Option<Instant>, now: Instant) -> Instant {
        let planned = last_start.map_or(now, |last| last + self.period);
        let late = now.saturating_duration_since(planned);
        if late > ON_TIME { now } else { planned }
    }

    /// Takes the next start. Returns the time at which it may be sent.
    pub(super) fn take(&self, last_start: Option<Instant>, now: Instant) -> Instant {
        let mut at = self.next(last_start, now);
        loop {
            self.clock.set(at.saturating_duration_since(self.epoch));
            match self.governor.check() {
                Ok(()) => return at,
                Err(not_until) => {
                    let wait = not_until.wait_time_from(self.clock.now());
                    at += wait.max(Duration::from_nanos(1));
                }
            }
        }
    }
}

/// A clock that shows the time to which it was set.
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
