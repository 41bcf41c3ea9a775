//! The times at which requests may start: evenly spaced at the configured pace, or at a share of it.
//!
//! It never allows more than the pace. It reads no clock: all times are arguments.

use super::limiter::Limiter;
use crate::domain::pace::Pace;
use std::time::Duration;
use tokio::time::Instant;

/// A start may be committed this long before its time. After a delay these starts and the late ones are sent together, so this
/// and the limiter's tolerance for late starts are what a time window may contain above the pace.
pub(super) const LEAD: Duration = Duration::from_millis(5);

/// The pace of a run and its last start.
pub(super) struct Pacer {
    pace: Pace,
    /// `None` if the pace is unlimited.
    limiter: Option<Limiter>,
    last_start: Option<Instant>,
    created: Instant,
}

impl Pacer {
    /// A pacer at the full pace. `last_start` is when a request last started, before this run.
    pub(super) fn new(pace: Pace, last_start: Option<Instant>, now: Instant) -> Self {
        Self {
            pace,
            limiter: Limiter::new(pace.period(), last_start, now),
            last_start,
            created: now,
        }
    }

    /// Uses a share of the pace from now on: more than 0, at most 1.
    pub(super) fn set_share(&mut self, share: f64) {
        let period = self.pace.period().div_f64(share);
        self.limiter = Limiter::new(period, self.last_start, self.created);
    }

    /// How many of `wanted` starts may be committed now.
    pub(super) fn startable(&self, now: Instant, wanted: usize) -> usize {
        let Some(limiter) = &self.limiter else {
            return wanted;
        };
        let next = limiter.next(self.last_start, now);
        let ahead = (now + LEAD).saturating_duration_since(next);
        if next > now + LEAD {
            return 0;
        }
        let starts = ahead.as_nanos() / limiter.period().as_nanos().max(1) + 1;
        wanted.min(usize::try_from(starts).unwrap_or(usize::MAX))
    }

    /// When the next start may be committed.
    pub(super) fn next(&self, now: Instant) -> Instant {
        match &self.limiter {
            Some(limiter) => limiter.next(self.last_start, now) - LEAD.min(limiter.period()),
            None => now,
        }
    }

    /// Takes the next start. Returns the time at which it may be sent.
    pub(super) fn take(&mut self, now: Instant) -> Instant {
        let at = match &self.limiter {
            Some(limiter) => limiter.take(self.last_start, now),
            None => now,
        };
        self.last_start = Some(at);
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pacer(pace: &str, now: Instant) -> Pacer {
        Pacer::new(pace.parse().expect("a pace"), None, now)
    }

    #[test]
    fn a_lower_share_counts_from_the_last_start() {
        let now = Instant::now();
        let mut pacer = pacer("10/s", now);
        assert_eq!(pacer.take(now), now);
        pacer.set_share(0.5);
        let period = Duration::from_millis(200);
        assert_eq!(pacer.startable(now, 9), 0);
        assert_eq!(pacer.next(now), now + period - LEAD);
        assert_eq!(pacer.startable(now + period - LEAD, 9), 1);
        assert_eq!(pacer.take(now + period), now + period);
    }

    #[test]
    fn an_unlimited_pace_allows_all_starts_at_once() {
        let now = Instant::now();
        let mut pacer = pacer("unlimited", now);
        for _ in 0..9 {
            assert_eq!(pacer.startable(now, 1_000), 1_000);
            assert_eq!(pacer.take(now), now);
        }
    }
}
