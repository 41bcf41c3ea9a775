//! The gate decides when the next request may start.
//!
//! It never permits a request early, never exceeds the configured pace and concurrency, and after a refusal it permits one request
//! alone, the probe, before all others. Waits are kept as the times at which they end, so a request that is refused late waits
//! only for the rest.
//!
//! It has no timer and reads no clock: all times are arguments, and its caller sleeps.

mod lent;
mod limiter;
mod outage;
mod pacer;
#[cfg(test)]
mod tests;
mod throttle;

use crate::domain::pace::Pace;
use crate::store::Part;
use outage::{Outage, PatienceExceeded};
use pacer::Pacer;
use std::time::Duration;
use throttle::{RECOVERY_STEP, Throttle};
use tokio::time::Instant;

/// The limits that the gate enforces.
#[derive(Debug, Clone, Copy)]
pub(super) struct GateSettings {
    /// Evenly spaced starts.
    pub(super) pace: Pace,
    /// Requests in flight at the same time; 0 counts as 1.
    pub(super) concurrency: usize,
    /// How long a service that refuses requests is waited for.
    pub(super) patience: Duration,
    /// Whether other runs keep these limits, too. Then nothing starts before this run has got its part.
    pub(super) is_shared: bool,
}

/// Decides when the next request may start.
pub(super) struct Gate {
    concurrency: usize,
    state: State,
    /// When the gate last closed. Refusals of requests that were sent before say nothing new.
    closed_at: Option<Instant>,
    /// Nothing starts before this time in any state: the service said that it would refuse.
    held_until: Option<Instant>,
    /// A hold was reported, and no request was permitted since.
    is_hold_reported: bool,
    throttle: Throttle,
    pacer: Pacer,
    outage: Outage,
    /// What this run may do, where others keep the limits, too.
    common: Option<Common>,
}

/// What one of several runs with the same limits may do.
#[derive(Debug, Default)]
struct Common {
    /// Its part of the concurrency.
    concurrency: usize,
    /// The gate is closed for all of them.
    is_pause: bool,
    /// This run may send the probe that ends the pause.
    may_probe: bool,
}

enum State {
    Open,
    /// Nothing starts before `until`; then one probe.
    Closed {
        until: Instant,
    },
    /// The probe is in flight alone.
    Probing,
}

/// Why the gate closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The service asks to wait; this long, if it says so.
    Busy(Option<Duration>),
    /// The service cannot be reached.
    Unreachable,
}

/// What followed from trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closing {
    /// The gate is closed for this long from now.
    Closed(Duration),
    /// Nothing changed: the gate was closed already, or the refused request was sent before the gate closed.
    Nothing,
    /// The patience is exceeded: the wait would be this long.
    GiveUp(Duration),
}

/// What a run's part of the limits has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// The gate is closed for this long from now, because another run was refused.
    Closed(Duration),
    /// The gate is open: the service has accepted another run's probe.
    Opened,
    /// The gate is as it was.
    Nothing,
}

/// The permission to send one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Permit {
    /// When it may be sent.
    pub(super) at: Instant,
    /// Whether it is alone until the service accepts it.
    pub(super) is_probe: bool,
    /// Whether it is the first one after a hold that was reported.
    pub(super) ends_hold: bool,
}

impl Gate {
    /// A gate whose first request is a probe. `last_start` is when a request last started, before this run.
    pub(super) fn new(settings: GateSettings, last_start: Option<Instant>, now: Instant) -> Self {
        Self {
            concurrency: settings.concurrency.max(1),
            // Closed until a time that has passed: the next request is a probe.
            state: State::Closed {
                until: last_start.unwrap_or(now),
            },
            closed_at: None,
            held_until: None,
            is_hold_reported: false,
            throttle: Throttle::new(),
            pacer: if settings.is_shared {
                Pacer::shared(settings.pace, now)
            } else {
                Pacer::new(settings.pace, last_start, now)
            },
            outage: Outage::new(settings.patience),
            common: settings.is_shared.then(Common::default),
        }
    }

    /// How many requests may be in flight at the same time.
    pub(super) fn concurrency(&self) -> usize {
        let part = self.common.as_ref().map_or(usize::MAX, |it| it.concurrency);
        let own = match self.state {
            State::Open => self.throttle.scaled(self.concurrency),
            State::Closed { .. } | State::Probing => 1,
        };
        own.min(part)
    }

    /// The most requests that this run would have in flight, and the time from one start to the next; zero if that is unlimited.
    ///
    /// While the gate is closed only probes start, and their waits grow by themselves. With the reduced pace of each run on top, several
    /// runs would wait for their turns long after their patience is over.
    pub(super) fn wishes(&self) -> (usize, Duration) {
        let concurrency = self.throttle.scaled(self.concurrency);
        let gap = match self.state {
            State::Open => self.pacer.gap(),
            State::Closed { .. } | State::Probing => self.pacer.full_gap(),
        };
        (concurrency, gap)
    }

    /// How many more times of starts this run would get.
    pub(super) fn starts_wanted(&self, now: Instant) -> usize {
        match self.state {
            State::Open => self.pacer.wanted(now),
            State::Closed { until } if until <= now && self.may_probe() => {
                self.pacer.wanted(now).min(1)
            }
            State::Closed { .. } | State::Probing => 0,
        }
    }

    /// Whether this run waits for the right to send a probe.
    pub(super) fn wants_grant(&self, now: Instant) -> bool {
        matches!(self.state, State::Closed { until } if until <= now) && !self.may_probe()
    }

    /// Whether the gate is closed for all runs with these limits.
    pub(super) fn is_common_pause(&self) -> bool {
        self.common.as_ref().is_some_and(|common| common.is_pause)
    }

    /// Whether a probe may be sent when its time has come.
    fn may_probe(&self) -> bool {
        let common = self.common.as_ref();
        common.is_none_or(|common| !common.is_pause || common.may_probe)
    }

    /// This run has got its part. `has_unsaid_pause` says that it has closed the gate after it had asked.
    pub(super) fn part(&mut self, now: Instant, part: Part, has_unsaid_pause: bool) -> Change {
        let Some(common) = &mut self.common else {
            return Change::Nothing;
        };
        common.concurrency = part.concurrency;
        common.may_probe = part.may_probe;
        self.pacer.lend(part.starts, part.gap);
        let Some((wait, _)) = part.pause else {
            let is_closed = matches!(self.state, State::Closed { .. });
            if !common.is_pause || !is_closed || has_unsaid_pause {
                return Change::Nothing;
            }
            common.is_pause = false;
            self.state = State::Open;
            self.throttle.begin_recovery(now);
            self.outage.answered();
            self.outage.end();
            self.is_hold_reported = false;
            return Change::Opened;
        };
        let until = now + wait;
        match self.state {
            State::Probing if part.may_probe => return Change::Nothing,
            State::Closed { until: known } if common.is_pause && known >= until => {
                return Change::Nothing;
            }
            _ => {}
        }
        let is_news = !common.is_pause || !wait.is_zero();
        common.is_pause = true;
        self.state = State::Closed { until };
        self.closed_at = Some(now);
        self.outage.begin(now);
        if is_news {
            Change::Closed(wait)
        } else {
            Change::Nothing
        }
    }

    /// How many of `wanted` starts may be committed now, while `in_flight` requests are in flight.
    pub(super) fn may_start(&self, now: Instant, in_flight: usize, wanted: usize) -> usize {
        if self.is_held(now) {
            return 0;
        }
        let free = match self.state {
            State::Open => self.concurrency().saturating_sub(in_flight),
            State::Probing => 0,
            // Requests from before the pause do not delay the probe.
            State::Closed { until } => usize::from(until <= now && self.may_probe()),
        };
        let free = match &self.common {
            Some(common) => free.min(common.concurrency.saturating_sub(in_flight)),
            None => free,
        };
        self.pacer.startable(now, free.min(wanted))
    }

    /// When [`Gate::may_start`] should be asked again, if its answer changes with time alone.
    pub(super) fn wake(&self, now: Instant) -> Option<Instant> {
        let opens = match self.state {
            State::Open => now,
            State::Closed { until } if until > now || self.may_probe() => until,
            State::Closed { .. } | State::Probing => return None,
        };
        let next = self.pacer.next(now)?;
        let mut wake = opens.max(next).max(self.held_until.unwrap_or(now));
        if self.throttle.is_recovering() && opens <= now {
            wake = wake.min(now + RECOVERY_STEP);
        }
        Some(wake).filter(|wake| *wake > now)
    }

    /// Permits one request. `None` if the gate has closed since [`Gate::may_start`].
    pub(super) fn pass(&mut self, now: Instant) -> Option<Permit> {
        if self.is_held(now) {
            return None;
        }
        match self.state {
            State::Open => {}
            State::Closed { until } if until <= now && self.may_probe() => {}
            State::Closed { .. } | State::Probing => return None,
        }
        let at = self.pacer.take(now)?;
        if self.wants_probe() {
            self.state = State::Probing;
        }
        Some(Permit {
            at,
            is_probe: self.is_probing(),
            ends_hold: std::mem::take(&mut self.is_hold_reported),
        })
    }

    /// Whether the next permit will be for a probe.
    pub(super) fn wants_probe(&self) -> bool {
        matches!(self.state, State::Closed { .. })
    }

    /// Whether a probe is in flight.
    pub(super) fn is_probing(&self) -> bool {
        matches!(self.state, State::Probing)
    }

    /// The service accepted a request. Returns whether this ended an outage.
    pub(super) fn let_through(&mut self, now: Instant) -> bool {
        self.outage.answered();
        if !self.is_probing() {
            return false;
        }
        self.state = State::Open;
        if let Some(common) = &mut self.common {
            (common.is_pause, common.may_probe) = (false, false);
        }
        self.throttle.begin_recovery(now);
        let has_ended = self.outage.end();
        if has_ended {
            self.is_hold_reported = false;
        }
        has_ended
    }

    /// A request brought its story: pace and concurrency recover, never above the configured ones.
    pub(super) fn succeeded(&mut self) {
        if let Some(share) = self.throttle.succeeded(self.concurrency) {
            self.pacer.set_share(share);
        }
    }

    /// Time has passed: while the gate is open, pace and concurrency recover, never above the configured ones.
    pub(super) fn recover(&mut self, now: Instant) {
        let State::Open = self.state else { return };
        if let Some(share) = self.throttle.recover(now) {
            self.pacer.set_share(share);
        }
    }

    /// The probe ended. If the service neither accepted nor refused it, the next request is a probe again.
    pub(super) fn probe_ended(&mut self, now: Instant) {
        if self.is_probing() {
            self.state = State::Closed { until: now };
        }
    }

    /// The service says that it will refuse whatever starts before `until`. Returns whether that is a new hold. A time beyond the
    /// patience is ignored: the refusals that follow decide.
    pub(super) fn hold(&mut self, now: Instant, until: Instant) -> bool {
        let is_known = self.held_until.is_some_and(|held| held >= until);
        if until <= now || until > now + self.outage.patience() || is_known {
            return false;
        }
        self.held_until = Some(until);
        self.is_hold_reported = true;
        true
    }

    fn is_held(&self, now: Instant) -> bool {
        self.held_until.is_some_and(|until| until > now)
    }

    /// A request that was sent at `sent_at` met trouble. `dice` is from 0 up to but not including 1.
    pub(super) fn trouble(
        &mut self,
        now: Instant,
        sent_at: Instant,
        trouble: Trouble,
        dice: f64,
    ) -> Closing {
        let asked = match trouble {
            Trouble::Busy(asked) => {
                self.outage.answered();
                asked.filter(|wait| !wait.is_zero())
            }
            Trouble::Unreachable => None,
        };
        let is_old = self.closed_at.is_some_and(|closed_at| sent_at < closed_at);
        let closed_until = match self.state {
            State::Closed { until } if until > now => Some(until),
            _ => None,
        };
        let counts = !is_old && closed_until.is_none();
        if !counts && asked.is_none() {
            return Closing::Nothing;
        }
        self.outage.begin(now);
        if counts {
            self.outage.count_closure();
            self.closed_at = Some(now);
            let share = self.throttle.refused();
            self.pacer.set_share(share);
        }
        let wait = match self.outage.wait(now, asked, dice) {
            Ok(wait) => wait,
            Err(PatienceExceeded { wait }) => return Closing::GiveUp(wait),
        };
        let until = now + wait;
        if closed_until.is_some_and(|closed_until| closed_until >= until) {
            return Closing::Nothing;
        }
        self.state = State::Closed { until };
        if let (Some(common), Trouble::Busy(_)) = (&mut self.common, trouble) {
            (common.is_pause, common.may_probe) = (true, false);
        }
        Closing::Closed(wait)
    }
}
