//! The times at which requests may start, where several runs keep one pace together: each run gets some of the times ahead.
//!
//! A time that was missed is not used later: another run has the next one, and both together would be a burst. It reads no
//! clock: all times are arguments.

use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// A start may be committed this long before its time, so that it is stored when its time comes.
const LEAD: Duration = Duration::from_millis(20);

/// A start that is at most this late counts as on time, because timers fire late.
const ON_TIME: Duration = Duration::from_millis(5);

/// Further times are wanted while those that are left end this soon.
const AHEAD: Duration = Duration::from_millis(250);

/// The times that a run has got and not used.
#[derive(Debug, Default)]
pub(super) struct Lent {
    times: VecDeque<Instant>,
}

impl Lent {
    /// Adds times, which are later than all before.
    pub(super) fn add(&mut self, times: impl IntoIterator<Item = Instant>) {
        self.times.extend(times);
    }

    /// How many of `wanted` starts may be committed now.
    pub(super) fn startable(&self, now: Instant, wanted: usize) -> usize {
        let near = self
            .times
            .iter()
            .filter(|at| **at + ON_TIME >= now)
            .take_while(|at| **at <= now + LEAD);
        near.take(wanted).count()
    }

    /// When the next start may be committed; `None` if no time is left.
    pub(super) fn next(&self, now: Instant) -> Option<Instant> {
        let next = self.times.iter().find(|at| **at + ON_TIME >= now)?;
        Some(*next - LEAD)
    }

    /// Takes the next start. Returns the time at which it may be sent, or `None` if its time has passed.
    pub(super) fn take(&mut self, now: Instant) -> Option<Instant> {
        while let Some(at) = self.times.pop_front() {
            if at + ON_TIME >= now {
                return Some(at);
            }
        }
        None
    }

    /// How many more times are wanted, where one follows the other after `gap`.
    pub(super) fn wanted(&self, now: Instant, gap: Duration) -> usize {
        let last = self.times.back().filter(|at| **at + ON_TIME >= now);
        let end = last.copied().unwrap_or(now).max(now);
        let left = (now + AHEAD).saturating_duration_since(end);
        let times = left.as_nanos() / gap.as_nanos().max(1);
        let times = usize::try_from(times).unwrap_or(usize::MAX);
        if last.is_none() { times.max(1) } else { times }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_start_is_committed_shortly_before_its_time_and_sent_in_time() {
        let now = Instant::now();
        let mut lent = Lent::default();
        lent.add([now + 50 * MS, now + 60 * MS]);
        assert_eq!(lent.startable(now, 9), 0);
        assert_eq!(lent.next(now), Some(now + 30 * MS));
        assert_eq!(lent.startable(now + 30 * MS, 9), 1);
        assert_eq!(lent.startable(now + 40 * MS, 9), 2);
        assert_eq!(lent.startable(now + 40 * MS, 1), 1);
        assert_eq!(lent.take(now + 52 * MS), Some(now + 50 * MS));
        assert_eq!(lent.take(now + 52 * MS), Some(now + 60 * MS));
        assert_eq!(lent.take(now + 52 * MS), None);
    }

    #[test]
    fn a_time_that_has_passed_is_lost() {
        let now = Instant::now();
        let mut lent = Lent::default();
        lent.add([now, now + 10 * MS]);
        let late = now + 6 * MS;
        assert_eq!(lent.startable(late, 9), 1);
        assert_eq!(lent.next(late), Some(now + 10 * MS - LEAD));
        assert_eq!(lent.take(late), Some(now + 10 * MS));
        lent.add([now + 20 * MS]);
        assert_eq!(lent.take(now + 30 * MS), None);
    }

    #[test]
    fn times_are_wanted_for_a_quarter_of_a_second_and_one_at_least() {
        let now = Instant::now();
        let mut lent = Lent::default();
        assert_eq!(lent.wanted(now, 10 * MS), 25);
        assert_eq!(lent.wanted(now, Duration::from_mins(1)), 1);
        lent.add([now + 100 * MS]);
        assert_eq!(lent.wanted(now, 10 * MS), 15);
        assert_eq!(lent.wanted(now, Duration::from_mins(1)), 0);
    }

    #[test]
    fn a_time_that_was_missed_is_not_one_that_is_left() {
        let now = Instant::now();
        let mut lent = Lent::default();
        lent.add([now]);
        assert_eq!(lent.wanted(now, Duration::from_mins(1)), 0);
        // The gate was closed at that time, so it was never taken.
        assert_eq!(lent.wanted(now + 6 * MS, Duration::from_mins(1)), 1);
    }
}
