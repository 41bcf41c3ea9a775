//! What the requests show about the service, passed on to the gate: refusals, holds and accepted probes.
//!
//! Nothing is decided here about the character of a request: see [`super::settle`].

use super::Run;
use super::gate::{Change, Closing, Trouble};
use super::in_flight::Attempt;
use super::stop::Stop;
use super::together::{Answer, Need};
use crate::domain::event::Kind;
use crate::domain::outcome::{Ending, Outcome, Prospect};
use crate::provider::Provider;
use crate::report::EventSink;
use crate::store::{Ledger, Standing};
use tokio::time::Instant;

impl<S: Ledger, P: Provider, T: EventSink> Run<'_, S, P, T> {
    /// Passes on to the gate what the ending says about the service.
    pub(super) fn update_gate(&mut self, attempt: &Attempt, ending: &Ending) {
        let now = Instant::now();
        match ending.outcome {
            Outcome::Ok => self.gate.succeeded(),
            Outcome::RefusedRun => {
                let words = ending.error.clone().unwrap_or_default();
                if is_quota_used_up(ending) {
                    self.together.halt(words.clone());
                }
                self.stop(Stop::Refused {
                    words,
                    http_status: ending.http_status,
                });
            }
            _ => {}
        }
        if let Some(trouble) = trouble(ending) {
            let dice = (self.dice)();
            let closing = self.gate.trouble(now, attempt.sent_at, trouble, dice);
            if let (Closing::Closed(wait), Trouble::Busy(_)) = (closing, trouble) {
                let why = ending.error.clone().unwrap_or_default();
                self.together.pause(wait, why);
            }
            self.gate_closed(closing, ending);
        } else if attempt.is_probe && self.gate.is_probing() && is_accepted(ending) {
            self.let_through();
        }
        if attempt.is_probe {
            self.in_flight.forget_probe();
            // The gate must not wait for it any longer.
            self.gate.probe_ended(now);
        }
    }

    fn gate_closed(&mut self, closing: Closing, ending: &Ending) {
        let why = ending.error.clone().unwrap_or_default();
        match closing {
            Closing::Nothing => {}
            Closing::Closed(wait) => self.emit(Kind::Paused { why, wait }),
            Closing::GiveUp(wait) => self.stop(Stop::Patience {
                words: why,
                asked: ending.retry_after.map(|_| wait),
            }),
        }
    }

    /// The service says that it will refuse whatever starts before `until`.
    pub(super) fn hold_announced(&mut self, until: Instant) {
        let now = Instant::now();
        if !self.stopping.is_stopping() && self.gate.hold(now, until) {
            let why = "the service's request limit is used up for now".to_owned();
            let wait = until.saturating_duration_since(now);
            self.emit(Kind::Paused { why, wait });
        }
    }

    /// The service accepted a probe.
    pub(super) fn let_through(&mut self) {
        if self.gate.is_common_pause() {
            self.together.accepted();
        }
        if self.gate.let_through(Instant::now()) {
            self.emit(Kind::Resumed);
        }
    }

    /// Asks the store for this run's part of the limits, where other runs keep them, too.
    pub(super) fn ask_for_part(&mut self) {
        let now = Instant::now();
        if !self.together.is_due(self.need(now), now) {
            return;
        }
        let (concurrency, gap) = self.gate.wishes();
        let wanted = self.startable_if_allowed(concurrency);
        let standing = Standing {
            gap,
            concurrency,
            in_flight: self.in_flight.len() + self.commits.starting(),
            wanted,
            starts: self.gate.starts_wanted(now).min(wanted),
            wants_probe: wanted > 0 && self.gate.wants_grant(now),
            ..Standing::default()
        };
        self.together.ask(self.store, standing, now);
    }

    /// How urgently this run needs its part of the limits.
    pub(super) fn need(&self, now: Instant) -> Need {
        let (concurrency, _) = self.gate.wishes();
        if self.startable_if_allowed(concurrency) == 0 {
            return Need::Nothing;
        }
        if self.gate.starts_wanted(now) > 0
            || self.gate.wants_grant(now)
            || self.gate.concurrency() == 0
        {
            return Need::Any;
        }
        if self.gate.concurrency() < concurrency {
            return Need::More;
        }
        Need::Nothing
    }

    /// How many requests could start if only the limits allowed it, besides those in flight.
    fn startable_if_allowed(&self, concurrency: usize) -> usize {
        if self.stopping.is_stopping() {
            return 0;
        }
        let requests_left = usize::try_from(self.totals.requests_left()).unwrap_or(usize::MAX);
        let in_flight = self.in_flight.len() + self.commits.starting();
        let free = concurrency.saturating_sub(in_flight);
        self.queue.len().min(requests_left).min(free)
    }

    /// The store has answered with this run's part of the limits.
    pub(super) fn part_received(&mut self, answer: Answer) {
        let Some(part) = self.together.answered(answer) else {
            return;
        };
        if let Some(words) = &part.halted {
            let words = format!("another run with this key was refused: {words}");
            self.stop(Stop::Refused {
                words,
                http_status: None,
            });
        }
        let why = part.pause.as_ref().map(|(_, why)| why.clone());
        let has_unsaid_pause = self.together.has_unsaid_pause();
        match self.gate.part(Instant::now(), part, has_unsaid_pause) {
            Change::Closed(wait) => {
                let why = why.unwrap_or_default();
                self.emit(Kind::Paused { why, wait });
            }
            Change::Opened => self.emit(Kind::Resumed),
            Change::Nothing => {}
        }
    }
}

/// Whether a refusal is about the quota of the key, so that it concerns every run with this key. A wrong key, a wrong address and a
/// wrong request are this run's own faults.
fn is_quota_used_up(ending: &Ending) -> bool {
    ending.outcome == Outcome::RefusedRun && matches!(ending.http_status, Some(402 | 429))
}

/// The trouble that an ending shows, if it does.
fn trouble(ending: &Ending) -> Option<Trouble> {
    match ending.outcome {
        Outcome::Wait => Some(Trouble::Busy(ending.retry_after)),
        // The service failed, and says for how long.
        Outcome::Unknown if ending.retry_after.is_some() => Some(Trouble::Busy(ending.retry_after)),
        Outcome::NotSent => Some(Trouble::Unreachable),
        _ => None,
    }
}

/// Whether the ending of a probe shows that the service accepts requests. The refusal of one row is an answer, too. A request that
/// is repeated in another form is not: that form is tried by a probe first.
fn is_accepted(ending: &Ending) -> bool {
    let is_answer = matches!(
        ending.outcome,
        Outcome::Ok | Outcome::RefusedRow | Outcome::BadText
    );
    is_answer && ending.prospect != Prospect::OtherForm
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn ending(outcome: Outcome, retry_after: Option<Duration>) -> Ending {
        Ending {
            retry_after,
            ..Ending::without_text(outcome, String::new())
        }
    }

    #[test]
    fn only_a_service_that_asks_to_wait_or_is_unreachable_is_in_trouble() {
        let wait = Some(Duration::from_secs(9));
        for outcome in Outcome::ALL {
            let expected = match outcome {
                Outcome::Wait => [Some(Trouble::Busy(None)), Some(Trouble::Busy(wait))],
                Outcome::Unknown => [None, Some(Trouble::Busy(wait))],
                Outcome::NotSent => [Some(Trouble::Unreachable); 2],
                _ => [None, None],
            };
            let troubles = [None, wait].map(|retry_after| trouble(&ending(outcome, retry_after)));
            assert_eq!(troubles, expected, "{outcome}");
        }
    }

    #[test]
    fn only_a_used_up_quota_concerns_all_runs_with_the_key() {
        let quota = [402, 429].map(Some);
        for outcome in Outcome::ALL {
            for status in [
                None,
                Some(200),
                Some(400),
                Some(401),
                Some(402),
                Some(403),
                Some(404),
                Some(429),
            ] {
                let mut ending = ending(outcome, None);
                ending.http_status = status;
                let expected = outcome == Outcome::RefusedRun && quota.contains(&status);
                assert_eq!(is_quota_used_up(&ending), expected, "{outcome} {status:?}");
            }
        }
    }

    #[test]
    fn an_answer_to_a_probe_accepts_requests_unless_its_form_was_refused() {
        for outcome in Outcome::ALL {
            let expected = matches!(
                outcome,
                Outcome::Ok | Outcome::RefusedRow | Outcome::BadText
            );
            let mut ending = ending(outcome, None);
            assert_eq!(is_accepted(&ending), expected, "{outcome}");
            ending.prospect = Prospect::OtherForm;
            assert!(!is_accepted(&ending), "{outcome}");
        }
    }
}
