//! How many requests the service serves at once, as far as its first texts show it.
//!
//! A server with one or two slots lets further requests wait in a queue and says nothing: their first text comes only after
//! another stream has ended. More requests than it serves gain nothing there, and the last of them wait longest. So the number of
//! requests in flight falls to what is served at once, and one more that waits and shows when there is room again. It rises as soon
//! as a first text comes beside other streams. It is never above what was set.
//!
//! Requests tell their first text and their end; nothing here has a timer.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// A first text that comes sooner did not wait in a queue that matters.
const QUEUED_MIN: Duration = Duration::from_secs(1);

/// One that comes later waited in a queue, however slow the service is: the first request of a run may have waited for a model to
/// be loaded.
const QUEUED_MAX: Duration = Duration::from_mins(2);

/// The end of a stream is seen within this time: the first text of the next one may overtake it.
const END_SEEN: Duration = Duration::from_secs(1);

/// First texts in a row that came late before that is believed, at least.
const LATE_MIN: usize = 2;

/// What is known of the slots of a service; shared by the run and its requests.
pub(super) struct Slots {
    state: Mutex<State>,
    /// The last sign of life of any stream, since the start; apart, because each text is one.
    last_sign_micros: AtomicU64,
    /// The limit rose.
    rose: Notify,
    start: Instant,
}

struct State {
    /// What was set.
    max: usize,
    /// As many may be in flight.
    limit: usize,
    /// Requests without a first text, by their number.
    waiting: HashMap<u64, Waiting>,
    /// Requests with one.
    streaming: usize,
    /// Requests with a first text that have ended so far.
    ended: u64,
    /// The soonest first text.
    soonest: Option<Duration>,
    /// First texts in a row that came late, and the most streams that there were with them.
    late: usize,
    late_most: usize,
    /// A first text that came late, and with how many streams, while it is open whether another one has ended.
    doubtful: Option<(Instant, usize)>,
}

struct Waiting {
    since: Instant,
    /// How many streams had ended when it was sent.
    ended: u64,
}

impl Slots {
    /// Slots of which nothing is known: `first` requests at a time at first, `max` at most.
    pub(super) fn new(first: usize, max: usize, start: Instant) -> Self {
        let max = max.max(1);
        Self {
            state: Mutex::new(State {
                max,
                limit: first.clamp(1, max),
                waiting: HashMap::new(),
                streaming: 0,
                ended: 0,
                soonest: None,
                late: 0,
                late_most: 0,
                doubtful: None,
            }),
            last_sign_micros: AtomicU64::new(0),
            rose: Notify::new(),
            start,
        }
    }

    /// As many requests may be in flight by now.
    pub(super) fn limit(&self, now: Instant) -> usize {
        let mut state = self.state();
        state.believe(now);
        state.limit
    }

    /// Returns when the limit has risen.
    pub(super) async fn risen(&self) {
        self.rose.notified().await;
    }

    /// A request is sent.
    pub(super) fn sent(&self, request: u64, now: Instant) {
        let mut state = self.state();
        let ended = state.ended;
        state.waiting.insert(request, Waiting { since: now, ended });
    }

    /// The first text of a request has come.
    pub(super) fn first_text(&self, request: u64, now: Instant) {
        if self.state().first_text(request, now) {
            self.rose.notify_one();
        }
    }

    /// A stream gave a sign of life.
    pub(super) fn alive(&self, now: Instant) {
        let since = now.saturating_duration_since(self.start).as_micros();
        let micros = u64::try_from(since).unwrap_or(u64::MAX);
        self.last_sign_micros.fetch_max(micros, Ordering::Relaxed);
    }

    /// When a stream last gave a sign of life.
    pub(super) fn last_sign(&self) -> Instant {
        self.start + Duration::from_micros(self.last_sign_micros.load(Ordering::Relaxed))
    }

    /// A request has ended, however it did.
    pub(super) fn ended(&self, request: u64, now: Instant) {
        let mut state = self.state();
        if state.waiting.remove(&request).is_none() {
            state.streaming = state.streaming.saturating_sub(1);
            state.ended += 1;
            state.believe(now);
            if let Some((_, streaming)) = state.doubtful.take() {
                state.late(streaming.saturating_sub(1).max(1));
            }
            drop(state);
            self.alive(now);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while holding it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes a first text in. Returns whether the limit has risen.
    fn first_text(&mut self, request: u64, now: Instant) -> bool {
        self.believe(now);
        let Some(waited) = self.waiting.remove(&request) else {
            return false;
        };
        self.streaming += 1;
        let took = now.saturating_duration_since(waited.since);
        let soonest = self.soonest.map_or(took, |soonest| soonest.min(took));
        let beside_others = self.ended == waited.ended;
        let is_late = took >= QUEUED_MIN && took > (2 * soonest).min(QUEUED_MAX);
        self.soonest = Some(soonest);
        let before = self.limit;
        match (beside_others, is_late) {
            (true, false) => self.beside_others(self.streaming),
            // Another stream may have ended whose end has not been seen yet.
            (true, true) => self.doubtful = Some((now, self.streaming)),
            (false, false) => self.in_time(),
            (false, true) => self.late(self.streaming),
        }
        self.limit > before
    }

    /// Decides about a first text that came late, beside other streams: none of them ended soon after it.
    fn believe(&mut self, now: Instant) {
        let old = |(at, _): &(Instant, usize)| now.saturating_duration_since(*at) > END_SEEN;
        if let Some((_, streaming)) = self.doubtful.take_if(|doubtful| old(doubtful)) {
            self.beside_others(streaming);
        }
    }

    /// A first text came beside so many streams, itself included: twice as many may be served.
    fn beside_others(&mut self, streaming: usize) {
        (self.late, self.late_most) = (0, 0);
        self.limit = self.limit.max(2 * streaming).min(self.max);
    }

    /// A first text came in time, although another stream had ended before: perhaps there is room for one more.
    fn in_time(&mut self) {
        (self.late, self.late_most) = (0, 0);
        self.limit = (self.limit + 1).min(self.max);
    }

    /// A first text came late, and only after another stream had ended; with it there are so many streams.
    fn late(&mut self, streaming: usize) {
        self.late += 1;
        self.late_most = self.late_most.max(streaming);
        // What is served at once may all end at once, and begin one after the other.
        if self.late >= LATE_MIN.max(2 * self.late_most) {
            self.limit = self.limit.min(self.late_most + 1);
            (self.late, self.late_most) = (0, 0);
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
            slots.sent(request, start);
        }
        slots.first_text(0, start + secs(1));
        assert_eq!(slots.limit(start), 8);
        for request in 0..3 {
            let end = start + secs(30 * (request + 1));
            slots.ended(request, end);
            slots.first_text(request + 1, end + secs(1));
        }
        let now = start + secs(91);
        assert_eq!(slots.limit(now), 2, "one is served, and one waits");
        // The server gets a second slot: the one that waits is served beside the other.
        slots.ended(3, start + secs(120));
        slots.first_text(4, start + secs(121));
        slots.sent(9, start + secs(121));
        slots.first_text(9, start + secs(122));
        assert_eq!(slots.limit(start + secs(122)), 4);
    }

    /// A server may begin the next story before the end of the last one has been read.
    #[tokio::test(start_paused = true)]
    async fn a_first_text_that_overtakes_an_end_shows_no_second_slot() {
        let start = Instant::now();
        let slots = Slots::new(2, 8, start);
        slots.sent(0, start);
        slots.first_text(0, start);
        for request in 1..10 {
            let now = start + secs(4 * request);
            slots.sent(request, start + secs(4 * (request - 1)));
            slots.first_text(request, now);
            slots.ended(request - 1, now + Duration::from_millis(3));
            assert_eq!(slots.limit(now + secs(2)), 2);
        }
        // Where no end follows, there are two.
        slots.sent(10, start + secs(36));
        slots.first_text(10, start + secs(40));
        assert_eq!(slots.limit(start + secs(42)), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_that_serves_all_at_once_is_found_out_within_a_few_texts() {
        let start = Instant::now();
        let slots = Slots::new(2, 8, start);
        let limits: Vec<usize> = (0..4)
            .map(|request| {
                slots.sent(request, start);
                slots.first_text(request, start + secs(1));
                slots.limit(start)
            })
            .collect();
        assert_eq!(limits, [2, 4, 6, 8]);
    }

    /// It thinks long and writes fast, so its streams hardly ever meet.
    #[tokio::test(start_paused = true)]
    async fn a_service_that_only_thinks_long_is_not_taken_for_a_queue() {
        let start = Instant::now();
        let slots = Slots::new(2, 8, start);
        slots.sent(0, start);
        slots.first_text(0, start + secs(20));
        for request in 1..8 {
            let now = start + secs(20 * request);
            slots.sent(request, now);
            slots.ended(request - 1, now + secs(1));
            slots.first_text(request, now + secs(20));
        }
        assert_eq!(slots.limit(start + secs(200)), 8);
    }

    #[tokio::test(start_paused = true)]
    async fn short_waits_and_many_ends_are_no_queue() {
        let start = Instant::now();
        let slots = Slots::new(64, 64, start);
        let ms = Duration::from_millis;
        slots.sent(0, start);
        slots.first_text(0, start + ms(1));
        for request in 1..1_000 {
            let now = start + ms(10 * request);
            slots.sent(request, now);
            slots.ended(request - 1, now + ms(1));
            slots.first_text(request, now + ms(9));
        }
        assert_eq!(slots.limit(start + secs(20)), 64);
    }
}
