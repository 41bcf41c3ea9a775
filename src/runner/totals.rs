//! How many requests a run has sent, and how many characters are done or failed.
//!
//! It counts what is stored, and it knows the limit on the number of requests. Money is counted in [`super::budget`].

/// Characters that must have ended before "most of them failed" means something.
const MOSTLY_FAILED_MIN: u64 = 20;

/// The counts of one run.
pub(super) struct Totals {
    requests: u64,
    requests_max: Option<u64>,
    done: u64,
    failed: u64,
}

impl Totals {
    /// Counts from zero; at most `requests_max` requests are allowed.
    pub(super) fn new(requests_max: Option<u64>) -> Self {
        Self {
            requests: 0,
            requests_max,
            done: 0,
            failed: 0,
        }
    }

    /// An attempt is stored, and its request starts.
    pub(super) fn request_started(&mut self) {
        self.requests += 1;
    }

    /// A request that was counted was not sent after all.
    pub(super) fn request_not_sent(&mut self) {
        self.requests -= 1;
    }

    pub(super) fn character_done(&mut self) {
        self.done += 1;
    }

    pub(super) fn character_failed(&mut self) {
        self.failed += 1;
    }

    /// Requests that were sent.
    pub(super) fn requests(&self) -> u64 {
        self.requests
    }

    /// Requests that may still start.
    pub(super) fn requests_left(&self) -> u64 {
        let max = self.requests_max.unwrap_or(u64::MAX);
        max.saturating_sub(self.requests)
    }

    /// Characters that got their story.
    pub(super) fn done(&self) -> u64 {
        self.done
    }

    /// Characters that failed.
    pub(super) fn failed(&self) -> u64 {
        self.failed
    }

    /// Characters that are done or failed.
    pub(super) fn ended(&self) -> u64 {
        self.done + self.failed
    }

    /// Whether more than half of the characters failed, and enough have ended to say so.
    pub(super) fn mostly_failed(&self) -> bool {
        self.ended() >= MOSTLY_FAILED_MIN && 2 * self.failed > self.ended()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_failed_means_more_than_half_of_at_least_twenty() {
        for (done, failed, expected) in [
            (0, 19, false),
            (0, 20, true),
            (10, 10, false),
            (9, 11, true),
            (500, 500, false),
            (500, 501, true),
        ] {
            let mut totals = Totals::new(None);
            (0..done).for_each(|_| totals.character_done());
            (0..failed).for_each(|_| totals.character_failed());
            assert_eq!(totals.mostly_failed(), expected, "{done} and {failed}");
        }
    }

    #[test]
    fn a_request_that_was_not_sent_may_start_again() {
        let mut totals = Totals::new(Some(1));
        totals.request_started();
        assert_eq!(totals.requests_left(), 0);
        totals.request_not_sent();
        assert_eq!((totals.requests(), totals.requests_left()), (0, 1));
    }

    #[test]
    fn without_a_limit_requests_are_always_left() {
        let mut totals = Totals::new(None);
        totals.request_started();
        assert!(totals.requests_left() > 1 << 60);
    }
}
