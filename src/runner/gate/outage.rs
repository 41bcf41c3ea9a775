//! How long a service that refuses requests is waited for.
//!
//! The wait is the one that the service names, or else grows with each refusal. All waits of one outage together are never
//! longer than the patience. It reads no clock: all times are arguments.

use crate::domain::retry::back_off;
use std::time::Duration;
use tokio::time::Instant;

/// The longest patience before the service has answered at all: its address may be wrong.
pub(super) const PATIENCE_UNANSWERED: Duration = Duration::from_mins(1);

/// A period in which the service accepts no request, and how long it has lasted.
pub(super) struct Outage {
    patience: Duration,
    /// When the service refused the first request of this outage.
    since: Option<Instant>,
    /// Refused probes and first refusals in a row. An end of an outage halves the number.
    closures: u32,
    /// Whether the service has ever answered.
    has_answered: bool,
}

/// The wait would be longer than the patience that is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PatienceExceeded {
    /// How long the wait would be.
    pub(super) wait: Duration,
}

impl Outage {
    pub(super) fn new(patience: Duration) -> Self {
        Self {
            patience,
            since: None,
            closures: 0,
            has_answered: false,
        }
    }

    /// The longest wait for the service.
    pub(super) fn patience(&self) -> Duration {
        self.patience
    }

    /// The service answered.
    pub(super) fn answered(&mut self) {
        self.has_answered = true;
    }

    /// A request was refused: an outage begins or goes on.
    pub(super) fn begin(&mut self, now: Instant) {
        self.since.get_or_insert(now);
    }

    /// The next wait is longer, if the service does not name one.
    pub(super) fn count_closure(&mut self) {
        self.closures += 1;
    }

    /// The service accepts requests again. Returns whether this ended an outage.
    pub(super) fn end(&mut self) -> bool {
        self.closures /= 2;
        self.since.take().is_some()
    }

    /// How long to wait from `now` on, where the service asks for `asked`.
    ///
    /// # Errors
    ///
    /// [`PatienceExceeded`] if that is longer than the patience that is left.
    pub(super) fn wait(
        &self,
        now: Instant,
        asked: Option<Duration>,
        dice: f64,
    ) -> Result<Duration, PatienceExceeded> {
        let patience = if self.has_answered {
            self.patience
        } else {
            self.patience.min(PATIENCE_UNANSWERED)
        };
        let left = (self.since.unwrap_or(now) + patience).saturating_duration_since(now);
        match asked {
            Some(wait) if wait > left => Err(PatienceExceeded { wait }),
            Some(wait) => Ok(wait),
            None if left.is_zero() => Err(PatienceExceeded { wait: patience }),
            None => Ok(back_off(self.closures, dice).min(left)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_mins(15);

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn waits_double_with_each_closure_and_never_exceed_what_is_left() {
        let start = Instant::now();
        let mut outage = Outage::new(PATIENCE);
        outage.answered();
        outage.begin(start);
        outage.count_closure();
        assert_eq!(outage.wait(start, None, 1.0), Ok(secs(1)));
        outage.count_closure();
        assert_eq!(outage.wait(start, None, 1.0), Ok(secs(2)));
        let late = start + PATIENCE - Duration::from_millis(300);
        let left = Duration::from_millis(300);
        assert_eq!(outage.wait(late, None, 1.0), Ok(left));
        let exceeded = PatienceExceeded { wait: PATIENCE };
        assert_eq!(outage.wait(start + PATIENCE, None, 1.0), Err(exceeded));
    }

    #[test]
    fn a_service_that_never_answered_is_waited_for_a_minute_at_most() {
        let start = Instant::now();
        let mut outage = Outage::new(PATIENCE);
        outage.begin(start);
        assert_eq!(outage.wait(start, Some(secs(60)), 0.0), Ok(secs(60)));
        let exceeded = PatienceExceeded { wait: secs(61) };
        assert_eq!(outage.wait(start, Some(secs(61)), 0.0), Err(exceeded));
        outage.answered();
        assert_eq!(outage.wait(start, Some(secs(61)), 0.0), Ok(secs(61)));
    }

    #[test]
    fn a_new_outage_has_the_whole_patience_again() {
        let start = Instant::now();
        let mut outage = Outage::new(secs(10));
        outage.begin(start);
        assert!(outage.wait(start + secs(10), None, 0.0).is_err());
        assert!(outage.end(), "there was one");
        assert!(!outage.end(), "there is none");
        outage.begin(start + secs(10));
        assert!(outage.wait(start + secs(10), None, 0.0).is_ok());
    }
}
