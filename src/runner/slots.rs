//! An estimate of how many requests the service serves at the same time, from the times of their first texts.
//!
//! A server with one or two slots puts further requests into a queue and says nothing: their first text comes only after
//! another stream has ended. Queued requests gain nothing and may time out. So the limit falls to the number that is served at
//! once plus one: the extra request waits in the queue and shows when the server has more room. The limit rises as soon as a
//! first text comes in time, with other streams running or without. It is never above the configured concurrency.
//!
//! The caller reports each start, first text and end with its time; there is no timer and no clock in here.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// A first text that comes sooner than this was not delayed by a queue.
const QUEUED_MIN: Duration = Duration::from_secs(1);

/// A first text that comes later than this was delayed by a queue, even if the fastest one was slow too: the first request of a
/// run may have waited for a model to be loaded.
const QUEUED_MAX: Duration = Duration::from_mins(2);

/// The first text of the next stream may be read up to this long before the end of the last one.
const END_READ: Duration = Duration::from_secs(1);

/// The limit falls after at least this many late first texts in a row.
const LATE_MIN: usize = 2;

/// The estimated slots of a service; shared by the run and its requests.
pub(super) struct Slots {
    state: Mutex<State>,
    /// When data of any stream last came, since `start`; outside the lock, because each piece of text updates it.
    last_activity_micros: AtomicU64,
    /// Notified when the limit rises.
    raised: Notify,
    start: Instant,
}

struct State {
    /// The configured concurrency.
    max: usize,
    /// The most requests that should be in flight.
    limit: usize,
    /// Requests without a first text, by their number.
    waiting: HashMap<u64, Waiting>,
    /// The number of requests with a first text that are still running.
    streaming: usize,
    /// The number of requests with a first text that have ended.
    ended: u64,
    /// The shortest time to a first text.
    fastest: Option<Duration>,
    /// The number of late first texts in a row.
    late: usize,
    /// The most streams that ran at a late first text.
    late_streams_max: usize,
    /// A late first text: its time, and the number of streams. Another stream may have ended before it, with an end that is not read yet.
    undecided: Option<(Instant, usize)>,
}

struct Waiting {
    since: Instant,
    /// [`State::ended`] when it was sent.
    ended: u64,
}

impl Slots {
    /// An estimate that begins with `first` requests and never exceeds `max`.
    pub(super) fn new(first: usize, max: usize, start: Instant) -> Self {
        let max = max.max(1);
        Self {
            state: Mutex::new(State {
                max,
                limit: first.clamp(1, max),
                waiting: HashMap::new(),
                streaming: 0,
                ended: 0,
                fastest: None,
                late: 0,
                late_streams_max: 0,
                undecided: None,
            }),
            last_activity_micros: AtomicU64::new(0),
            raised: Notify::new(),
            start,
        }
    }

    /// How many requests should be in flight at most.
    pub(super) fn limit(&self, now: Instant) -> usize {
        let mut state = self.state();
        state.decide(now);
        state.limit
    }

    /// Waits until the limit rises.
    pub(super) async fn raised(&self) {
        self.raised.notified().await;
    }

    /// A request is sent.
    pub(super) fn request_sent(&self, request: u64, now: Instant) {
        let mut state = self.state();
        let ended = state.ended;
        state.waiting.insert(request, Waiting { since: now, ended });
    }

    /// The first text of a request has come.
    pub(super) fn first_text_received(&self, request: u64, now: Instant) {
        if self.state().first_text_received(request, now) {
            self.raised.notify_one();
        }
    }

    /// Data of a stream has come.
    pub(super) fn data_received(&self, now: Instant) {
        let since = now.saturating_duration_since(self.start).as_micros();
        let micros = u64::try_from(since).unwrap_or(u64::MAX);
        self.last_activity_micros
            .fetch_max(micros, Ordering::Relaxed);
    }

    /// When data of any stream last came, or the start.
    pub(super) fn last_activity(&self) -> Instant {
        self.start + Duration::from_micros(self.last_activity_micros.load(Ordering::Relaxed))
    }

    /// A request has ended, with or without success.
    pub(super) fn request_ended(&self, request: u64, now: Instant) {
        let mut state = self.state();
        if state.waiting.remove(&request).is_none() {
            state.streaming = state.streaming.saturating_sub(1);
            state.ended += 1;
            state.decide(now);
            if let Some((_, streaming)) = state.undecided.take() {
                state.queued(streaming.saturating_sub(1).max(1));
            }
            drop(state);
            self.data_received(now);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while holding it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Handles a first text. Returns whether the limit has risen.
    fn first_text_received(&mut self, request: u64, now: Instant) -> bool {
        self.decide(now);
        let Some(waited) = self.waiting.remove(&request) else {
            return false;
        };
        self.streaming += 1;
        let took = now.saturating_duration_since(waited.since);
        let fastest = self.fastest.map_or(took, |fastest| fastest.min(took));
        let no_stream_ended = self.ended == waited.ended;
        let is_late = took >= QUEUED_MIN && took > (2 * fastest).min(QUEUED_MAX);
        self.fastest = Some(fastest);
        let before = self.limit;
        match (no_stream_ended, is_late) {
            (true, false) => self.served_with_others(self.streaming),
            // Another stream may have ended whose end is not read yet.
            (true, true) => self.undecided = Some((now, self.streaming)),
            (false, false) => self.served_in_time(),
            (false, true) => self.queued(self.streaming),
        }
        self.limit > before
    }

    /// Decides about a late first text after [`END_READ`]: no stream ended soon after it, so it was served with the others.
    fn decide(&mut self, now: Instant) {
        let old = |(at, _): &(Instant, usize)| now.saturating_duration_since(*at) > END_READ;
        if let Some((_, streaming)) = self.undecided.take_if(|undecided| old(undecided)) {
            self.served_with_others(streaming);
        }
    }

    /// A first text came while `streaming` streams were running, itself included: the service may serve twice as many.
    fn served_with_others(&mut self, streaming: usize) {
        (self.late, self.late_streams_max) = (0, 0);
        self.limit = self.limit.max(2 * streaming).min(self.max);
    }

    /// A first text came in time, but another stream had ended before it: the service may serve one more.
    fn served_in_time(&mut self) {
        (self.late, self.late_streams_max) = (0, 0);
        self.limit = (self.limit + 1).min(self.max);
    }

    /// A first text came late and only after another stream had ended; now `streaming` streams are running.
    fn queued(&mut self, streaming: usize) {
        self.late += 1;
        self.late_streams_max = self.late_streams_max.max(streaming);
        // All streams may end at the same time, and their successors then begin one after another.
        if self.late >= LATE_MIN.max(2 * self.late_streams_max) {
            self.limit = self.limit.min(self.late_streams_max + 1);
            (self.late, self.late_streams_max) = (0, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[tokio::test(start_paused = true)]
    async fn the_limit_falls_to_what_is_served_at_once_and_one_more_and_rises_again() {
        let start = Instant::now();
        let slots = Slots::new(8, 8, start);
        for request in 0..8 {
            slots.request_sent(request, start);
        }
        slots.first_text_received(0, start + secs(1));
        assert_eq!(slots.limit(start), 8);
        for request in 0..3 {
            let end = start + secs(30 * (request + 1));
            slots.request_ended(request, end);
            slots.first_text_received(request + 1, end + secs(1));
        }
        let now = start + secs(91);
        assert_eq!(slots.limit(now), 2, "one is served, and one waits");
        // The server gets a second slot: the request that waits is served together with the other one.
        slots.request_ended(3, start + secs(120));
        slots.first_text_received(4, start + secs(121));
        slots.request_sent(9, start + secs(121));
        slots.first_text_received(9, start + secs(122));
        assert_eq!(slots.limit(start + secs(122)), 4);
    }

    /// A server may begin the next story before the end of the last one is read.
    #[tokio::test(start_paused = true)]
    async fn a_first_text_that_is_read_before_an_end_shows_no_second_slot() {
        let start = Instant::now();
        let slots = Slots::new(2, 8, start);
        slots.request_sent(0, start);
        slots.first_text_received(0, start);
        for request in 1..10 {
            let now = start + secs(4 * request);
            slots.request_sent(request, start + secs(4 * (request - 1)));
            slots.first_text_received(request, now);
            slots.request_ended(request - 1, now + Duration::from_millis(3));
            assert_eq!(slots.limit(now + secs(2)), 2);
        }
        // If no end follows, there are two slots.
        slots.request_sent(10, start + secs(36));
        slots.first_text_received(10, start + secs(40));
        assert_eq!(slots.limit(start + secs(42)), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn the_limit_reaches_the_maximum_within_a_few_first_texts() {
        let start = Instant::now();
        let slots = Slots::new(2, 8, start);
        let limits: Vec<usize> = (0..4)
            .map(|request| {
                slots.request_sent(request, start);
                slots.first_text_received(request, start + secs(1));
                slots.limit(start)
            })
            .collect();
        assert_eq!(limits, [2, 4, 6, 8]);
    }

    /// The service thinks for long and writes fast, so its streams hardly ever overlap.
    #[tokio::test(start_paused = true)]
    async fn a_service_that_only_thinks_for_long_is_not_mistaken_for_a_queue() {
        let start = Instant::now();
        let slots = Slots::new(2, 8, start);
        slots.request_sent(0, start);
        slots.first_text_received(0, start + secs(20));
        for request in 1..8 {
            let now = start + secs(20 * request);
            slots.request_sent(request, now);
            slots.request_ended(request - 1, now + secs(1));
            slots.first_text_received(request, now + secs(20));
        }
        assert_eq!(slots.limit(start + secs(200)), 8);
    }

    #[tokio::test(start_paused = true)]
    async fn short_waits_and_many_ends_are_no_queue() {
        let start = Instant::now();
        let slots = Slots::new(64, 64, start);
        let ms = Duration::from_millis;
        slots.request_sent(0, start);
        slots.first_text_received(0, start + ms(1));
        for request in 1..1_000 {
            let now = start + ms(10 * request);
            slots.request_sent(request, now);
            slots.request_ended(request - 1, now + ms(1));
            slots.first_text_received(request, now + ms(9));
        }
        assert_eq!(slots.limit(start + secs(20)), 64);
    }
}
