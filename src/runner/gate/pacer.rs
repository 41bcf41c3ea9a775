//! The times at which requests may start: evenly spaced at the configured pace, or at a share of it. Where several runs keep the
//! pace together, they are the times that this run has got.
//!
//! It never allows more than the pace. It reads no clock: all times are arguments.

use super::lent::Lent;
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
    /// The share of the pace that is used.
    share: f64,
    /// The times that this run has got, where it keeps a pace together with others, and the time from one start of theirs to the
    /// next.
    lent: Option<(Lent, Duration)>,
    last_start: Option<Instant>,
    created: Instant,
}

impl Pacer {
    /// A pacer at the full pace. `last_start` is when a request last started, before this run.
    pub(super) fn new(pace: Pace, last_start: Option<Instant>, now: Instant) -> Self {
        Self {
            pace,
            limiter: Limiter::new(pace.period(), last_start, now),
            share: 1.0,
            lent: None,
            last_start,
            created: now,
        }
    }

    /// A pacer that allows nothing but what it gets, unless the pace of all is unlimited.
    pub(super) fn shared(pace: Pace, now: Instant) -> Self {
        let pacer = Self::new(pace, None, now);
        let lent = Some((Lent::default(), pacer.gap()));
        Self { lent, ..pacer }
    }

    /// Adds times that this run has got. `gap` is the time from one start to the next that all runs keep together.
    pub(super) fn lend(&mut self, times: Vec<Instant>, gap: Duration) {
        if let Some((lent, known)) = &mut self.lent {
            lent.add(times);
            *known = gap;
        }
    }

    /// How many more times this run would get, if it shares its pace.
    pub(super) fn wanted(&self, now: Instant) -> usize {
        let lent = self.lent().filter(|(_, gap)| !gap.is_zero());
        lent.map_or(0, |(lent, gap)| lent.wanted(now, *gap))
    }

    fn lent(&self) -> Option<&(Lent, Duration)> {
        self.lent.as_ref()
    }

    /// The time from one start to the next at the share of the pace that is used; zero if it is unlimited.
    pub(super) fn gap(&self) -> Duration {
        self.pace.period().div_f64(self.share)
    }

    /// The time from one start to the next at the configured pace; zero if it is unlimited.
    pub(super) fn full_gap(&self) -> Duration {
        self.pace.period()
    }

    /// Uses a share of the pace from now on: more than 0, at most 1.
    pub(super) fn set_share(&mut self, share: f64) {
        self.share = share;
        self.limiter = Limiter::new(self.gap(), self.last_start, self.created);
    }

    /// How many of `wanted` starts may be committed now.
    pub(super) fn startable(&self, now: Instant, wanted: usize) -> usize {
        match self.lent() {
            Some((lent, gap)) if !gap.is_zero() => return lent.startable(now, wanted),
            Some(_) => return wanted,
            None => {}
        }
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

    /// When the next start may be committed; `None` while this run waits for times that it gets.
    pub(super) fn next(&self, now: Instant) -> Option<Instant> {
        match self.lent() {
            Some((lent, gap)) if !gap.is_zero() => return lent.next(now),
            Some(_) => return Some(now),
            None => {}
        }
        Some(match &self.limiter {
            Some(limiter) => limiter.next(self.last_start, now) - LEAD.min(limiter.period()),
            None => now,
        })
    }

    /// Takes the next start. Returns the time at which it may be sent, or `None` if the time that this run has got is over.
    pub(super) fn take(&mut self, now: Instant) -> Option<Instant> {
        let at = match (&mut self.lent, &self.limiter) {
            (Some((_, gap)), _) if gap.is_zero() => now,
            (Some((lent, _)), _) => lent.take(now)?,
            (None, Some(limiter)) => limiter.take(self.last_start, now),
            (None, None) => now,
        };
        self.last_start = Some(at);
        Some(at)
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
        assert_eq!(pacer.take(now), Some(now));
        pacer.set_share(0.5);
        let period = Duration::from_millis(200);
        assert_eq!(pacer.startable(now, 9), 0);
        assert_eq!(pacer.next(now), Some(now + period - LEAD));
        assert_eq!(pacer.startable(now + period - LEAD, 9), 1);
        assert_eq!(pacer.take(now + period), Some(now + period));
    }

    #[test]
    fn an_unlimited_pace_allows_all_starts_at_once() {
        let now = Instant::now();
        let mut pacer = pacer("unlimited", now);
        for _ in 0..9 {
            assert_eq!(pacer.startable(now, 1_000), 1_000);
            assert_eq!(pacer.take(now), Some(now));
        }
    }
}
