//! Whether and why a run stops, and how long the requests in flight may still take.
//!
//! After the first reason no new request starts, and requests in flight have the grace time to finish. Then, or at a second signal,
//! they are aborted.

use super::stop::{Signal, Stop};
use crate::store::StoreError;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// The end of a run.
pub(super) struct Stopping {
    signals: mpsc::UnboundedReceiver<Signal>,
    reason: Option<Stop>,
    grace: Duration,
    /// When the requests in flight are aborted.
    grace_end: Option<Instant>,
    /// Becomes true when the requests in flight are to be dropped.
    abort: watch::Sender<bool>,
}

impl Stopping {
    /// A run that does not stop yet, and whose requests have `grace` to finish when it does.
    pub(super) fn new(signals: mpsc::UnboundedReceiver<Signal>, grace: Duration) -> Self {
        Self {
            signals,
            reason: None,
            grace,
            grace_end: None,
            abort: watch::Sender::new(false),
        }
    }

    /// Waits for the next signal; `None` if no more can come.
    pub(super) async fn signal(&mut self) -> Option<Signal> {
        self.signals.recv().await
    }

    /// Whether no new request starts.
    pub(super) fn is_stopping(&self) -> bool {
        self.reason.is_some()
    }

    /// Stops the run for this reason. Returns the grace time, unless the run was stopping already.
    pub(super) fn stop(&mut self, reason: Stop, now: Instant) -> Option<Duration> {
        if self.is_stopping() {
            return None;
        }
        self.reason = Some(reason);
        self.grace_end = Some(now + self.grace);
        Some(self.grace)
    }

    /// The run ends for this reason, and nothing is in flight.
    pub(super) fn end(&mut self, reason: Stop) {
        self.reason = Some(reason);
    }

    /// The run was stopping, for whatever reason, when another signal came: requests in flight are aborted.
    pub(super) fn signal_again(&mut self, signal: Signal) {
        if !matches!(self.reason, Some(Stop::Store(_))) {
            self.reason = Some(Stop::Signal(signal));
        }
        self.abort.send_replace(true);
    }

    /// The store failed while the run was stopping. This is a more important reason than any other, and the first error says most.
    pub(super) fn store_failed(&mut self, err: StoreError) {
        if !matches!(self.reason, Some(Stop::Store(_))) {
            self.reason = Some(Stop::Store(err));
        }
    }

    /// Aborts the requests in flight if their grace time is over.
    pub(super) fn check_grace(&mut self, now: Instant) {
        if self.grace_end.is_some_and(|end| now >= end) {
            self.abort.send_replace(true);
            self.grace_end = None;
        }
    }

    /// When the requests in flight are aborted.
    pub(super) fn grace_end(&self) -> Option<Instant> {
        self.grace_end
    }

    /// Whether the requests in flight were aborted.
    pub(super) fn is_aborted(&self) -> bool {
        *self.abort.borrow()
    }

    /// For a new request: becomes true when it is to be dropped.
    pub(super) fn abort_signal(&self) -> watch::Receiver<bool> {
        self.abort.subscribe()
    }

    /// Why the run stopped.
    pub(super) fn into_reason(self) -> Option<Stop> {
        self.reason
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(30);

    fn stopping() -> (Stopping, Instant) {
        let (_, signals) = mpsc::unbounded_channel();
        (Stopping::new(signals, GRACE), Instant::now())
    }

    fn disk() -> StoreError {
        StoreError::Impossible { what: "disk" }
    }

    #[test]
    fn only_the_first_reason_begins_the_grace_time() {
        let (mut stopping, now) = stopping();
        assert_eq!(stopping.stop(Stop::Time, now), Some(GRACE));
        assert_eq!(stopping.stop(Stop::Output, now + GRACE / 2), None);
        assert_eq!(stopping.grace_end(), Some(now + GRACE));
        assert!(matches!(stopping.into_reason(), Some(Stop::Time)));
    }

    #[test]
    fn requests_are_aborted_when_the_grace_time_is_over_and_not_before() {
        let (mut stopping, now) = stopping();
        let request = stopping.abort_signal();
        stopping.stop(Stop::Time, now);
        stopping.check_grace(now + GRACE - Duration::from_millis(1));
        assert!(!stopping.is_aborted() && !*request.borrow());
        stopping.check_grace(now + GRACE);
        assert!(stopping.is_aborted() && *request.borrow());
        assert_eq!(stopping.grace_end(), None);
    }

    #[test]
    fn a_second_signal_aborts_at_once_and_hides_every_reason_but_a_failed_store() {
        let (mut stopping, now) = stopping();
        stopping.stop(Stop::Time, now);
        stopping.signal_again(Signal::Terminate);
        assert!(stopping.is_aborted());
        assert!(matches!(
            stopping.reason,
            Some(Stop::Signal(Signal::Terminate))
        ));
        stopping.store_failed(disk());
        stopping.signal_again(Signal::Interrupt);
        assert!(matches!(stopping.into_reason(), Some(Stop::Store(_))));
    }

    #[test]
    fn the_first_error_of_the_store_is_kept() {
        let (mut stopping, now) = stopping();
        stopping.stop(Stop::Store(disk()), now);
        stopping.store_failed(StoreError::Impossible { what: "other" });
        let reason = stopping.into_reason();
        assert!(matches!(
            reason,
            Some(Stop::Store(StoreError::Impossible { what: "disk" }))
        ));
    }
}
