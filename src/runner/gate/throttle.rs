//! The share of the configured pace and concurrency that a run uses.
//!
//! A refusal halves the share. It recovers with each success and with time, never above 1 and never below [`SHARE_MIN`].

use std::time::Duration;
use tokio::time::Instant;

/// The smallest share.
const SHARE_MIN: f64 = 1.0 / 64.0;

/// The share is 1 again this long after the service accepts requests again, if it continues to accept them.
const RECOVERY: Duration = Duration::from_secs(40);

/// While the share recovers with time, it is updated this often.
pub(super) const RECOVERY_STEP: Duration = Duration::from_millis(500);

/// How much of pace and concurrency is used, and since when that recovers.
pub(super) struct Throttle {
    /// More than 0, at most 1.
    share: f64,
    /// When the recovery began, and the share at that time.
    recovering: Option<(Instant, f64)>,
}

impl Throttle {
    /// A throttle that allows everything.
    pub(super) fn new() -> Self {
        Self {
            share: 1.0,
            recovering: None,
        }
    }

    /// Whether the share recovers with time.
    pub(super) fn is_recovering(&self) -> bool {
        self.recovering.is_some()
    }

    /// The share of `max`, rounded down, but at least 1.
    pub(super) fn scaled(&self, max: usize) -> usize {
        // Exact up to 2^32, which is more requests than a machine can have in flight.
        let scaled = f64::from(u32::try_from(max).unwrap_or(u32::MAX)) * self.share;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the share is between 0 and 1, so the product is between 0 and `max`"
        )]
        let whole = scaled as usize;
        whole.max(1)
    }

    /// The service refused a request. Returns the new share.
    pub(super) fn refused(&mut self) -> f64 {
        self.share = (self.share / 2.0).max(SHARE_MIN);
        self.recovering = None;
        self.share
    }

    /// The service accepts requests again: the recovery with time begins.
    pub(super) fn begin_recovery(&mut self, now: Instant) {
        self.recovering = (self.share < 1.0).then_some((now, self.share));
    }

    /// A request succeeded, where `concurrency` is configured. Returns the new share, if it changed.
    pub(super) fn succeeded(&mut self, concurrency: usize) -> Option<f64> {
        if self.share >= 1.0 {
            return None;
        }
        let concurrency = u32::try_from(concurrency).unwrap_or(u32::MAX);
        self.share = (self.share + 0.5 / f64::from(concurrency)).min(1.0);
        Some(self.share)
    }

    /// Time has passed. Returns the new share, if it changed.
    ///
    /// Successes alone would need minutes after a few refusals, because they come as slowly as the pace has become.
    pub(super) fn recover(&mut self, now: Instant) -> Option<f64> {
        let (since, from) = self.recovering?;
        let passed = now.saturating_duration_since(since).as_secs_f64() / RECOVERY.as_secs_f64();
        let share = (from + (1.0 - from) * passed).min(1.0);
        let step = RECOVERY_STEP.as_secs_f64() / RECOVERY.as_secs_f64();
        // Small changes are skipped, because each one rebuilds the rate limiter.
        let is_new = share >= 1.0 || share > self.share + step;
        if is_new {
            self.share = self.share.max(share);
        }
        if self.share >= 1.0 {
            self.recovering = None;
        }
        is_new.then_some(self.share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_halve_the_share_down_to_a_minimum() {
        let mut throttle = Throttle::new();
        let concurrency: Vec<usize> = (0..8)
            .map(|_| {
                throttle.refused();
                throttle.scaled(128)
            })
            .collect();
        assert_eq!(concurrency, [64, 32, 16, 8, 4, 2, 2, 2]);
        assert_eq!(throttle.scaled(1), 1, "one request is always possible");
    }

    #[test]
    fn as_many_successes_as_the_concurrency_undo_one_refusal() {
        let mut throttle = Throttle::new();
        throttle.refused();
        for _ in 0..7 {
            assert!(throttle.succeeded(8).is_some_and(|share| share < 1.0));
        }
        assert_eq!(throttle.succeeded(8), Some(1.0));
        assert_eq!(throttle.succeeded(8), None, "it never exceeds 1");
    }

    #[test]
    fn time_restores_the_share_only_after_the_service_accepts_requests_again() {
        let now = Instant::now();
        let mut throttle = Throttle::new();
        throttle.refused();
        assert_eq!(throttle.recover(now + RECOVERY), None);
        throttle.begin_recovery(now);
        assert_eq!(throttle.recover(now + RECOVERY_STEP), None, "too small");
        assert_eq!(throttle.recover(now + RECOVERY / 2), Some(0.75));
        assert_eq!(throttle.recover(now + RECOVERY), Some(1.0));
        assert!(!throttle.is_recovering());
    }
}
