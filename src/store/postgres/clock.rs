//! How the clock of the server and the one of this process belong together.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How the clock of the server and the one of this process belong together.
///
/// An answer takes a varying time, so the server's time in it is a little old. The smallest difference that was seen is
/// the most exact one. With it, the starts of several runs stay evenly spaced.
pub(super) struct Clock {
    epoch: Instant,
    /// Nanoseconds from the server's time to ours, counted from `epoch`.
    ahead: Mutex<Option<i64>>,
}

impl Clock {
    pub(super) fn new() -> Self {
        Self {
            epoch: Instant::now(),
            ahead: Mutex::new(None),
        }
    }

    /// Learns from an answer that has arrived now, in which the server's time was `theirs`.
    pub(super) fn learn(&self, theirs: i64) {
        let ours = i64::try_from(self.epoch.elapsed().as_nanos()).unwrap_or(i64::MAX);
        let ahead = ours - theirs;
        let mut known = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some(match *known {
            // One of the clocks was set.
            Some(known) if known.abs_diff(ahead) > 1_000_000_000 => ahead,
            Some(known) => known.min(ahead),
            None => ahead,
        });
    }

    /// Our time for one of the server's.
    pub(super) fn ours(&self, theirs: i64) -> Instant {
        let known = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let since = theirs.saturating_add(known.unwrap_or_default());
        self.epoch + Duration::from_nanos(u64::try_from(since).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fastest_answer_says_how_the_clocks_belong_together() {
        let clock = Clock::new();
        clock.learn(1_000_000_000_000);
        let first = clock.ours(1_000_000_000_000);
        assert!(first >= clock.epoch && first <= Instant::now());
        // An answer that took a millisecond more.
        clock.learn(1_000_000_000_000 - 1_000_000);
        assert_eq!(clock.ours(1_000_000_000_000), first);
        let later = clock.ours(1_000_500_000_000);
        assert_eq!(later - first, Duration::from_millis(500));
    }

    #[test]
    fn a_clock_that_was_set_is_believed() {
        let clock = Clock::new();
        clock.learn(1_000_000_000_000);
        clock.learn(2_000_000_000_000);
        assert!(clock.ours(2_000_000_000_000) <= Instant::now());
        assert!(clock.ours(2_000_000_000_000) >= clock.epoch);
    }
}
