//! The timeouts of one request: until its first text, between two pieces of data, and for the whole request.
//!
//! A request without a first text may be waiting in a queue of the service. While other streams of the same service receive
//! data, its idle timeout does not pass. There is no timer in here: the caller sleeps until [`RequestTimer::deadline`].

use super::slots::Slots;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// After a timeout has passed, data that has already arrived may still be read for this long: the process may have been suspended.
const READ_GRACE: Duration = Duration::from_millis(100);

/// The timeouts of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// The longest time between two pieces of data of one stream.
    pub idle: Duration,
    /// The longest time without data until the first text; at least as long as `idle`.
    pub first: Duration,
    /// The whole request.
    pub total: Duration,
}

/// The timeout that ended a request.
pub(super) enum TimedOut {
    /// No data came for this long.
    Idle(Duration),
    /// The request was not finished after this long.
    Total(Duration),
}

/// Computes when one request times out.
pub(super) struct RequestTimer {
    timeouts: Timeouts,
    slots: Arc<Slots>,
    last_activity: Instant,
    end: Instant,
    has_text: bool,
    /// A timeout has passed, and the data that had arrived by then may be read until this time.
    read_grace_end: Option<Instant>,
}

impl RequestTimer {
    /// The timer of a request that is sent at `start`.
    pub(super) fn new(start: Instant, timeouts: Timeouts, slots: Arc<Slots>) -> Self {
        Self {
            timeouts,
            slots,
            last_activity: start,
            end: start + timeouts.total,
            has_text: false,
            read_grace_end: None,
        }
    }

    /// When to call [`RequestTimer::check`] if no more data comes: at the timeout, or at the end of the read grace after it.
    pub(super) fn deadline(&self) -> Instant {
        let timeout = self.timeout();
        self.read_grace_end.map_or(timeout, |end| timeout.max(end))
    }

    /// When the request times out if no more data comes, without the read grace.
    fn timeout(&self) -> Instant {
        let last_activity = if self.has_text {
            self.last_activity
        } else {
            self.last_activity.max(self.slots.last_activity())
        };
        (last_activity + self.idle()).min(self.end)
    }

    /// When data last came, or the start of the request.
    pub(super) fn last_activity(&self) -> Instant {
        self.last_activity
    }

    /// Data came.
    pub(super) fn data_received(&mut self, now: Instant) {
        self.last_activity = now;
        self.slots.data_received(now);
        if self.timeout() > now {
            self.read_grace_end = None;
        }
    }

    /// A keep-alive comment came. It extends only the wait for the first text.
    pub(super) fn keep_alive_received(&mut self, now: Instant) {
        if !self.has_text {
            self.last_activity = now;
        }
    }

    /// Text came. Returns whether it is the first one.
    pub(super) fn text_received(&mut self) -> bool {
        !std::mem::replace(&mut self.has_text, true)
    }

    /// A deadline that was computed earlier has come: returns how long to wait on.
    ///
    /// # Errors
    ///
    /// [`TimedOut`] if a timeout and the read grace after it have passed. If the process did not run meanwhile, data may still be
    /// unread.
    pub(super) fn check(&mut self, now: Instant) -> Result<Instant, TimedOut> {
        let timeout = self.timeout();
        if timeout > now {
            self.read_grace_end = None;
            return Ok(timeout);
        }
        let grace_end = *self.read_grace_end.get_or_insert(now + READ_GRACE);
        if now < grace_end {
            return Ok(grace_end);
        }
        Err(if now >= self.end {
            TimedOut::Total(self.timeouts.total)
        } else {
            TimedOut::Idle(self.idle())
        })
    }

    fn idle(&self) -> Duration {
        if self.has_text {
            self.timeouts.idle
        } else {
            self.timeouts.first
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUTS: Timeouts = Timeouts {
        idle: Duration::from_secs(10),
        first: Duration::from_mins(1),
        total: Duration::from_mins(5),
    };

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    fn timer() -> (RequestTimer, Arc<Slots>, Instant) {
        let start = Instant::now();
        let slots = Arc::new(Slots::new(2, 2, start));
        let timer = RequestTimer::new(start, TIMEOUTS, Arc::clone(&slots));
        (timer, slots, start)
    }

    #[test]
    fn data_of_other_streams_extends_only_the_wait_for_the_first_text() {
        let (mut timer, slots, start) = timer();
        assert_eq!(timer.deadline(), start + secs(60));
        slots.data_received(start + secs(50));
        assert_eq!(timer.deadline(), start + secs(110));
        timer.data_received(start + secs(60));
        assert!(timer.text_received());
        slots.data_received(start + secs(69));
        assert_eq!(timer.deadline(), start + secs(70));
    }

    #[test]
    fn keep_alive_comments_extend_only_the_wait_for_the_first_text() {
        let (mut timer, _, start) = timer();
        timer.keep_alive_received(start + secs(20));
        assert_eq!(timer.deadline(), start + secs(80));
        assert!(timer.text_received());
        assert!(!timer.text_received(), "only the first text is new");
        timer.keep_alive_received(start + secs(25));
        assert_eq!(timer.deadline(), start + secs(30));
    }

    #[test]
    fn nothing_extends_the_time_of_the_whole_request() {
        let (mut timer, _, start) = timer();
        timer.data_received(start + secs(299));
        assert_eq!(timer.deadline(), start + secs(300));
        let late = start + secs(301);
        assert!(
            timer
                .check(late)
                .is_ok_and(|again| again == late + READ_GRACE)
        );
        let reached = timer.check(late + READ_GRACE);
        assert!(matches!(reached, Err(TimedOut::Total(total)) if total == TIMEOUTS.total));
    }

    /// A process that was suspended finds its timer passed and its data unread.
    #[test]
    fn data_that_arrived_before_a_late_timer_is_read_first() {
        let (mut timer, _, start) = timer();
        let late = start + secs(90);
        assert!(
            timer
                .check(late)
                .is_ok_and(|again| again == late + READ_GRACE)
        );
        timer.data_received(late);
        let again = timer.check(late + READ_GRACE);
        assert!(again.is_ok_and(|deadline| deadline == late + TIMEOUTS.first));
        let silent = late + TIMEOUTS.first;
        assert!(timer.check(silent).is_ok());
        let reached = timer.check(silent + READ_GRACE);
        assert!(matches!(reached, Err(TimedOut::Idle(idle)) if idle == TIMEOUTS.first));
    }

    /// The first text resets the timer. It must not end the read grace, because the rest of the answer may be unread.
    #[test]
    fn a_first_text_that_is_read_late_does_not_end_the_read_grace() {
        let (mut timer, _, start) = timer();
        let late = start + secs(400);
        let grace_end = late + READ_GRACE;
        assert!(timer.check(late).is_ok_and(|again| again == grace_end));
        timer.data_received(late);
        assert!(timer.text_received());
        assert_eq!(timer.deadline(), grace_end);
        assert!(timer.check(late).is_ok_and(|again| again == grace_end));
        assert!(matches!(timer.check(grace_end), Err(TimedOut::Total(_))));
    }

    #[test]
    fn each_timeout_has_a_read_grace_of_its_own() {
        let (mut timer, _, start) = timer();
        let late = start + secs(90);
        assert!(timer.check(late).is_ok());
        timer.data_received(late);
        assert!(timer.text_received());
        let silent = late + TIMEOUTS.idle;
        assert_eq!(timer.deadline(), silent);
        assert!(
            timer
                .check(silent)
                .is_ok_and(|again| again == silent + READ_GRACE)
        );
    }
}
