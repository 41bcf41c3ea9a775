//! When the next request may start.
//!
//! One place asks, everybody waits in line. The gate keeps moments, not lengths: a request that arrives late waits only for
//! the rest of a pause. It never lets anything through early, never above what was set, and after a refusal it lets one probe
//! through before the others.
//!
//! It has no timer of its own and asks no clock: the moments come in as arguments, and its caller sleeps.

use super::limiter::Limiter;
use crate::domain::pace::Pace;
use crate::domain::retry::back_off;
use std::time::Duration;
use tokio::time::Instant;

/// Starts this far ahead may be written down already. After a moment in which nothing ran, these and those that are late leave
/// together: both lengths are what a window may hold above the pace.
const LEAD: Duration = Duration::from_millis(5);

/// The smallest share of what was set that refusals can bring the gate down to.
const SHARE_MIN: f64 = 1.0 / 64.0;

/// Pace and places are whole again so long after the service lets requests through again, if it goes on doing so.
const RECOVERY: Duration = Duration::from_secs(40);

/// While they recover they are looked at this often.
const RECOVERY_STEP: Duration = Duration::from_millis(500);

/// The longest patience before the service has answered at all: it may not be there.
const PATIENCE_UNANSWERED: Duration = Duration::from_mins(1);

/// Decides when the next request may start.
pub struct Gate {
    pace: Pace,
    places: usize,
    patience: Duration,
    /// Of pace and places: halved per closed period, recovering with time and with successes.
    share: f64,
    /// Since when it recovers, and from where.
    recovering: Option<(Instant, f64)>,
    state: State,
    /// Closed periods in a row.
    closures: u32,
    /// When the gate last closed: refusals of requests from before say nothing new.
    closed_at: Option<Instant>,
    /// Since when the service has not let anything through.
    trouble_since: Option<Instant>,
    answered: bool,
    limiter: Option<Limiter>,
    last_start: Option<Instant>,
    /// Nothing starts before this moment, whatever the state: the service said that it would refuse.
    held_until: Option<Instant>,
}

enum State {
    Open,
    /// Nothing starts before `until`; then one probe.
    Closed {
        until: Instant,
    },
    /// One request flies alone.
    Probing,
}

/// Why the gate closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The service asks to wait, for so long if it says.
    Busy(Option<Duration>),
    /// The service cannot be reached.
    Away,
}

/// What followed from trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// The gate is closed for so long from now.
    Closed(Duration),
    /// It was closed already, or the news was old.
    Nothing,
    /// Patience is over: the service would have to be waited for this long.
    GiveUp(Duration),
}

impl Gate {
    /// A gate that lets its first request fly alone. `last_start` is when a request last started, before this run.
    #[must_use]
    pub fn new(pace: Pace, places: usize, patience: Duration, last_start: Option<Instant>) -> Self {
        let mut gate = Self {
            pace,
            places: places.max(1),
            patience,
            share: 1.0,
            recovering: None,
            // Closed until a moment that has passed: the next one is a probe.
            state: State::Closed {
                until: last_start.unwrap_or_else(Instant::now),
            },
            closures: 0,
            closed_at: None,
            trouble_since: None,
            answered: false,
            limiter: None,
            last_start,
            held_until: None,
        };
        gate.set_pace();
        gate
    }

    /// How many requests may be in flight at the same time, by now.
    #[must_use]
    pub fn places(&self) -> usize {
        match self.state {
            State::Open => scaled(self.places, self.share),
            State::Closed { .. } | State::Probing => 1,
        }
    }

    /// How many starts may be written down now, when `in_flight` requests are under way and `wanted` would like to start.
    #[must_use]
    pub fn may_start(&self, now: Instant, in_flight: usize, wanted: usize) -> usize {
        if self.is_held(now) {
            return 0;
        }
        let free = match self.state {
            State::Open => self.places().saturating_sub(in_flight),
            State::Probing => 0,
            // Streams from before the pause do not keep the probe waiting.
            State::Closed { until } => usize::from(until <= now),
        };
        let free = free.min(wanted);
        let Some(limiter) = &self.limiter else {
            return free;
        };
        let next = limiter.next(self.last_start, now);
        let ahead = (now + LEAD).saturating_duration_since(next);
        if next > now + LEAD {
            return 0;
        }
        let slots = ahead.as_nanos() / limiter.period().as_nanos().max(1) + 1;
        free.min(usize::try_from(slots).unwrap_or(usize::MAX))
    }

    /// The moment at which asking again makes sense, if time alone will change the answer.
    #[must_use]
    pub fn wake(&self, now: Instant) -> Option<Instant> {
        let opens = match self.state {
            State::Open => now,
            State::Closed { until } => until,
            State::Probing => return None,
        };
        let next = match &self.limiter {
            Some(limiter) => limiter.next(self.last_start, now) - LEAD.min(limiter.period()),
            None => now,
        };
        let mut wake = opens.max(next).max(self.held_until.unwrap_or(now));
        if self.recovering.is_some() && opens <= now {
            wake = wake.min(now + RECOVERY_STEP);
        }
        Some(wake).filter(|wake| *wake > now)
    }

    /// Lets one request through: the moment at which it may be sent. `None` when the gate has closed meanwhile.
    pub fn pass(&mut self, now: Instant) -> Option<Instant> {
        if self.is_held(now) {
            return None;
        }
        match self.state {
            State::Open => {}
            State::Closed { until } if until <= now => self.state = State::Probing,
            State::Closed { .. } | State::Probing => return None,
        }
        let at = match &self.limiter {
            Some(limiter) => limiter.take(self.last_start, now),
            None => now,
        };
        self.last_start = Some(at);
        Some(at)
    }

    /// Whether the next request to pass will fly alone.
    #[must_use]
    pub fn wants_probe(&self) -> bool {
        matches!(self.state, State::Closed { .. })
    }

    /// Whether the request that passed last flies alone.
    #[must_use]
    pub fn is_probing(&self) -> bool {
        matches!(self.state, State::Probing)
    }

    /// The service let a request through. Returns whether this ended trouble.
    pub fn let_through(&mut self, now: Instant) -> bool {
        self.answered = true;
        if self.is_probing() {
            self.state = State::Open;
            self.recovering = (self.share < 1.0).then_some((now, self.share));
            self.closures /= 2;
            return self.trouble_since.take().is_some();
        }
        false
    }

    /// A request brought its story: pace and places recover, never above what was set.
    pub fn succeeded(&mut self) {
        if self.share < 1.0 {
            let places = u32::try_from(self.places).unwrap_or(u32::MAX);
            self.share = (self.share + 0.5 / f64::from(places)).min(1.0);
            self.set_pace();
        }
    }

    /// Time has passed: pace and places recover for as long as the gate is open, never above what was set.
    ///
    /// Successes alone would take minutes after a few refusals, because they come as slowly as the pace has become.
    pub fn recover(&mut self, now: Instant) {
        let State::Open = self.state else { return };
        let Some((since, from)) = self.recovering else {
            return;
        };
        let passed = now.saturating_duration_since(since).as_secs_f64() / RECOVERY.as_secs_f64();
        let share = (from + (1.0 - from) * passed).min(1.0);
        // Each step rebuilds the limiter.
        if share >= 1.0 || share > self.share + RECOVERY_STEP.as_secs_f64() / RECOVERY.as_secs_f64()
        {
            self.share = self.share.max(share);
            self.set_pace();
        }
        if self.share >= 1.0 {
            self.recovering = None;
        }
    }

    /// The probe ended without a word on whether the service lets anything through: the next one is a probe again.
    pub fn probe_ended(&mut self, now: Instant) {
        if self.is_probing() {
            self.state = State::Closed { until: now };
        }
    }

    /// The service says that it will refuse whatever starts before `until`. Returns whether that holds anybody up: a moment
    /// beyond all patience does not, because the refusal says more.
    pub fn hold(&mut self, now: Instant, until: Instant) -> bool {
        let known = self.held_until.is_some_and(|held| held >= until);
        if until <= now || until > now + self.patience || known {
            return false;
        }
        self.held_until = Some(until);
        true
    }

    fn is_held(&self, now: Instant) -> bool {
        self.held_until.is_some_and(|until| until > now)
    }

    /// A request that was sent at `sent_at` met trouble.
    pub fn trouble(
        &mut self,
        now: Instant,
        sent_at: Instant,
        trouble: Trouble,
        dice: f64,
    ) -> Closing {
        let told = match trouble {
            Trouble::Busy(told) => {
                self.answered = true;
                told.filter(|wait| !wait.is_zero())
            }
            Trouble::Away => None,
        };
        let old = self.closed_at.is_some_and(|closed_at| sent_at < closed_at);
        let closed_until = match self.state {
            State::Closed { until } if until > now => Some(until),
            _ => None,
        };
        let counts = !old && closed_until.is_none();
        if !counts && told.is_none() {
            return Closing::Nothing;
        }
        let since = *self.trouble_since.get_or_insert(now);
        if counts {
            self.closures += 1;
            self.closed_at = Some(now);
            self.share = (self.share / 2.0).max(SHARE_MIN);
            self.recovering = None;
            self.set_pace();
        }
        let patience = if self.answered {
            self.patience
        } else {
            self.patience.min(PATIENCE_UNANSWERED)
        };
        let left = (since + patience).saturating_duration_since(now);
        let wait = match told {
            Some(told) if told > left => return Closing::GiveUp(told),
            Some(told) => told,
            None if left.is_zero() => return Closing::GiveUp(patience),
            None => back_off(self.closures, dice).min(left),
        };
        let until = now + wait;
        if closed_until.is_some_and(|closed_until| closed_until >= until) {
            return Closing::Nothing;
        }
        self.state = State::Closed { until };
        Closing::Closed(wait)
    }

    /// Rebuilds the limiter for the share of the pace that holds now.
    fn set_pace(&mut self) {
        let period = self.pace.period().div_f64(self.share);
        self.limiter = Limiter::new(period, self.last_start);
    }
}

/// So many of `places` as `share` leaves, but one.
fn scaled(places: usize, share: f64) -> usize {
    // Exact up to 2^32 places, which no machine has.
    let places = f64::from(u32::try_from(places).unwrap_or(u32::MAX)) * share;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the share is between 0 and 1, so the product is within the range of the places"
    )]
    let whole = places as usize;
    whole.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_mins(15);

    fn gate(pace: &str, places: usize) -> (Gate, Instant) {
        let now = Instant::now();
        let pace = pace.parse().expect("a pace");
        (Gate::new(pace, places, PATIENCE, None), now)
    }

    /// Opens the gate as the first request's first text does.
    fn opened(pace: &str, places: usize) -> (Gate, Instant) {
        let (mut gate, now) = gate(pace, places);
        assert_eq!(gate.pass(now), Some(now));
        gate.let_through(now);
        (gate, now)
    }

    fn secs(secs: f64) -> Duration {
        Duration::from_secs_f64(secs)
    }

    /// What a window may hold above the pace is what fits in 10 ms.
    #[tokio::test(start_paused = true)]
    async fn no_stall_makes_a_burst_of_more_than_fits_in_ten_milliseconds() {
        for late_ms in 0..40 {
            let (mut gate, now) = opened("1000/s", 100);
            let stalled = now + Duration::from_millis(1 + late_ms);
            let mut burst = gate.may_start(stalled, 0, 100);
            for _ in 0..burst {
                assert!(gate.pass(stalled).is_some_and(|at| at <= stalled + LEAD));
            }
            // And nobody is added to them.
            burst += gate.may_start(stalled, burst, 100);
            assert!(burst <= 11, "{late_ms}: {burst}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_request_flies_alone_until_its_first_text() {
        let (mut gate, now) = gate("unlimited", 8);
        assert_eq!(gate.may_start(now, 0, 100), 1);
        assert!(gate.pass(now).is_some());
        assert_eq!(gate.may_start(now, 1, 100), 0);
        assert_eq!(gate.pass(now), None);
        assert!(!gate.let_through(now), "there was no trouble to end");
        assert_eq!(gate.may_start(now, 1, 100), 7);
    }

    #[tokio::test(start_paused = true)]
    async fn starts_are_evenly_spaced_and_no_burst_follows_idle_time() {
        let (mut gate, start) = opened("10/s", 100);
        let mut at = start;
        for nth in 1..=50 {
            at = gate.pass(at).expect("open");
            assert_eq!(at.duration_since(start), Duration::from_millis(100) * nth);
        }
        let late = at + secs(60.0);
        assert_eq!(
            gate.may_start(late, 0, 100),
            1,
            "one is due, however long nobody asked"
        );
        assert_eq!(gate.pass(late), Some(late));
        assert_eq!(gate.pass(late), Some(late + secs(0.1)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_timer_that_wakes_late_loses_nothing_of_the_pace() {
        let (mut gate, start) = opened("1000/s", 100);
        let mut now = start;
        for nth in 1..=1_000_u32 {
            let planned = gate.pass(now).expect("open");
            assert_eq!(planned, start + Duration::from_millis(1) * nth);
            now = planned + Duration::from_micros(1_700);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_start_that_is_later_than_timers_are_shifts_those_behind_it() {
        let (mut gate, start) = opened("100/s", 100);
        let ms = Duration::from_millis;
        assert_eq!(gate.pass(start + ms(15)), Some(start + ms(10)));
        assert_eq!(gate.pass(start + ms(26)), Some(start + ms(26)));
        assert_eq!(gate.pass(start + ms(26)), Some(start + ms(36)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_closes_once_for_all_that_were_in_flight() {
        let (mut gate, now) = opened("unlimited", 64);
        let refused = gate.trouble(now, now, Trouble::Busy(None), 1.0);
        assert_eq!(refused, Closing::Closed(secs(1.0)));
        for _ in 1..64 {
            assert_eq!(
                gate.trouble(now, now, Trouble::Busy(None), 1.0),
                Closing::Nothing
            );
        }
        assert_eq!(gate.may_start(now + secs(0.9), 0, 9), 0);
        assert_eq!(gate.may_start(now + secs(1.0), 0, 9), 1, "one probe");
        let probed = now + secs(1.0);
        gate.pass(probed).expect("a probe");
        let again = gate.trouble(probed + secs(0.1), probed, Trouble::Busy(None), 1.0);
        assert_eq!(again, Closing::Closed(secs(2.0)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_longer_wait_extends_a_closed_gate_and_a_shorter_one_does_not() {
        let (mut gate, now) = opened("unlimited", 64);
        let busy = |told| Trouble::Busy(Some(secs(told)));
        assert_eq!(
            gate.trouble(now, now, busy(10.0), 0.0),
            Closing::Closed(secs(10.0))
        );
        let later = now + secs(4.0);
        assert_eq!(gate.trouble(later, now, busy(5.0), 0.0), Closing::Nothing);
        assert_eq!(
            gate.trouble(later, now, busy(30.0), 0.0),
            Closing::Closed(secs(30.0))
        );
        assert_eq!(gate.wake(later), Some(later + secs(30.0)));
    }

    #[tokio::test(start_paused = true)]
    async fn pace_and_places_halve_and_recover_but_never_exceed_what_was_set() {
        let (mut gate, now) = opened("10/s", 8);
        gate.trouble(now, now, Trouble::Busy(None), 1.0);
        let probed = now + secs(1.0);
        let first = gate.pass(probed).expect("a probe");
        assert!(gate.let_through(probed), "the trouble is over");
        assert_eq!(gate.places(), 4);
        assert_eq!(gate.pass(first), Some(first + secs(0.2)));
        for _ in 0..1_000 {
            gate.succeeded();
        }
        assert_eq!(gate.places(), 8);
        let next = gate.pass(first).expect("open");
        assert_eq!(gate.pass(next), Some(next + secs(0.1)));
    }

    #[tokio::test(start_paused = true)]
    async fn after_any_number_of_refusals_everything_is_back_within_a_minute() {
        let (mut gate, mut now) = opened("60/min", 8);
        for _ in 0..5 {
            gate.trouble(now, now, Trouble::Busy(Some(secs(1.0))), 1.0);
            now += secs(1.0);
            now = gate.pass(now).expect("a probe");
        }
        gate.let_through(now);
        let mut starts = 0;
        let end = now + secs(60.0);
        while now < end {
            gate.recover(now);
            if gate.may_start(now, 0, 1) > 0 {
                let _ = gate.pass(now);
                starts += 1;
            }
            now = gate.wake(now).expect("time brings more").min(end);
        }
        assert_eq!(gate.places(), 8);
        assert!(starts >= 30, "{starts} starts in a minute at 60/min");
        let at = gate.pass(end).expect("open");
        assert_eq!(gate.pass(end), Some(at + secs(1.0)));
    }

    #[tokio::test(start_paused = true)]
    async fn patience_ends_sooner_before_the_first_answer() {
        let (mut gate, mut now) = gate("unlimited", 3);
        let start = now;
        loop {
            gate.pass(now).expect("a probe");
            match gate.trouble(now, now, Trouble::Away, 1.0) {
                Closing::Closed(wait) => now += wait,
                other => {
                    assert_eq!(other, Closing::GiveUp(PATIENCE_UNANSWERED));
                    break;
                }
            }
        }
        assert_eq!(now - start, PATIENCE_UNANSWERED);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_beyond_patience_is_not_begun() {
        let (mut gate, now) = opened("unlimited", 3);
        let day = secs(86_400.0);
        assert_eq!(
            gate.trouble(now, now, Trouble::Busy(Some(day)), 0.0),
            Closing::GiveUp(day)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn the_pace_holds_across_a_restart() {
        let now = Instant::now() + secs(100.0);
        let mut gate = Gate::new(
            "1/min".parse().expect("a pace"),
            3,
            PATIENCE,
            Some(now - secs(20.0)),
        );
        assert_eq!(gate.may_start(now, 0, 1), 0);
        assert_eq!(gate.pass(now), Some(now + secs(40.0)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_moment_that_the_service_names_is_waited_for_and_not_a_length() {
        let (mut gate, now) = opened("unlimited", 8);
        assert!(gate.hold(now, now + secs(5.0)));
        assert!(
            !gate.hold(now, now + secs(3.0)),
            "a shorter one says nothing new"
        );
        let later = now + secs(4.0);
        assert_eq!(gate.may_start(later, 0, 9), 0);
        assert_eq!(gate.pass(later), None);
        assert_eq!(gate.wake(later), Some(now + secs(5.0)));
        assert_eq!(
            gate.may_start(now + secs(5.0), 0, 9),
            8,
            "no probe: nobody was refused"
        );
        assert!(
            !gate.hold(now, now + PATIENCE + secs(1.0)),
            "the refusal says more"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_service_allows_never_raises_the_pace() {
        let (mut gate, start) = opened("1/s", 8);
        gate.pass(start).expect("open");
        let now = start + secs(1.0);
        assert!(gate.hold(now, now + secs(0.5)));
        let at = now + secs(0.5);
        assert_eq!(
            gate.may_start(at, 1, 9),
            0,
            "one started a second ago: the next is due at two"
        );
        assert_eq!(gate.pass(at), Some(start + secs(2.0)));
    }
}
