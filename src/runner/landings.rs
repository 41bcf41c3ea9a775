//! Landings: what an ending says about the service, what follows for the character, and what is told once it is stored.
//!
//! A character is done, failed or pending again only when its group is committed.

use super::gate::{Closing, Trouble};
use super::retries::Candidate;
use super::{Flying, Landed, Run, Sent, Stop};
use crate::domain::event::Kind;
use crate::domain::money::{Cost, Money};
use crate::domain::outcome::{Ending, Outcome, Prospect};
use crate::domain::retry::{self, Next};
use crate::domain::text;
use crate::provider::Provider;
use crate::report::Tell;
use crate::store::{Committed, Settled, Settlement, Store, StoreError, Stored};
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// Characters that must have ended before "most of them fail" means something.
const MOSTLY_FAILED_MIN: u64 = 20;

impl<S: Store, P: Provider, T: Tell> Run<'_, S, P, T> {
    /// The group is stored, or is not: sends what was begun, tells what has ended.
    pub(super) fn committed(&mut self, sent: Sent, result: Result<Committed, StoreError>) {
        let committed = match result {
            Ok(committed) => committed,
            Err(err) => return self.store_failed(sent, err),
        };
        self.store_tries = 0;
        for (landed, stored) in sent.landed.into_iter().zip(committed.settled) {
            self.settled(landed, stored);
        }
        self.stop_when_most_fail();
        for (waiting, claim) in sent.starting.into_iter().zip(committed.started) {
            // One that somebody else took meanwhile is not ours to start.
            match claim {
                Some(claim) => self.launch(waiting, claim),
                None => self.budget.release(waiting.reserved),
            }
        }
    }

    /// A flight has ended.
    pub(super) fn land(&mut self, flight: u64, mut ending: Ending) {
        self.slots.request_ended(flight, Instant::now());
        // A story is stored as it came; what is only kept to be looked at may echo our key.
        if ending.outcome != Outcome::Ok && !ending.text.is_empty() {
            ending.text = self.provider.scrubbed(ending.text.to_string()).into();
        }
        if !ending.thoughts.is_empty() {
            ending.thoughts = self.provider.scrubbed(ending.thoughts.to_string()).into();
        }
        if let Some(flying) = self.flying.remove(&flight) {
            self.judge(&flying, &ending);
            self.landed(flying, ending, true);
        }
    }

    /// What the ending says about the service, for the gate and for the run.
    pub(super) fn judge(&mut self, flying: &Flying, ending: &Ending) {
        let now = Instant::now();
        let trouble = match ending.outcome {
            Outcome::Ok => {
                self.gate.succeeded();
                None
            }
            Outcome::RefusedRun => {
                self.stop(Stop::Refused {
                    words: ending.error.clone().unwrap_or_default(),
                    http_status: ending.http_status,
                });
                None
            }
            Outcome::Wait => Some(Trouble::Busy(ending.retry_after)),
            // A failure of the service that says how long it lasts.
            Outcome::Unknown if ending.retry_after.is_some() => {
                Some(Trouble::Busy(ending.retry_after))
            }
            Outcome::NotSent => Some(Trouble::Unreachable),
            Outcome::RefusedRow | Outcome::BadText | Outcome::Unknown | Outcome::Interrupted => {
                None
            }
        };
        if let Some(trouble) = trouble {
            let closing = self
                .gate
                .trouble(now, flying.sent_at, trouble, (self.dice)());
            self.closed(closing, ending);
        } else if flying.probing
            && self.gate.is_probing()
            // The next form is tried by one request alone, too.
            && ending.prospect != Prospect::OtherForm
            && matches!(
                ending.outcome,
                Outcome::Ok | Outcome::RefusedRow | Outcome::BadText
            )
        {
            // A refusal of one row is an answer, too: the service lets requests through.
            self.let_through();
        }
        if flying.probing {
            self.probe = None;
            // Whatever came of it, it is not in flight any more: the gate must not wait for it.
            self.gate.probe_ended(now);
        }
    }

    pub(super) fn closed(&mut self, closing: Closing, ending: &Ending) {
        let why = ending.error.clone().unwrap_or_default();
        match closing {
            Closing::Nothing => {}
            Closing::Closed(wait) => self.tell(Kind::Paused { why, wait }),
            Closing::GiveUp(wait) => self.stop(Stop::Patience {
                words: why,
                asked: ending.retry_after.map(|_| wait),
            }),
        }
    }

    /// The service says that it will refuse whatever starts before `until`.
    pub(super) fn heard(&mut self, until: Instant) {
        let now = Instant::now();
        if self.stop.is_none() && self.gate.hold(now, until) {
            let why = "the service's request limit is used up for now".to_owned();
            let wait = until.saturating_duration_since(now);
            self.tell(Kind::Paused { why, wait });
        }
    }

    pub(super) fn let_through(&mut self) {
        if self.gate.let_through(Instant::now()) {
            self.tell(Kind::Resumed);
        }
    }

    /// Decides what follows for the character and leaves it to be settled.
    pub(super) fn landed(&mut self, flying: Flying, ending: Ending, sent: bool) {
        let Flying {
            character,
            claim,
            reserved,
            ..
        } = flying;
        let cost = self.budget.settle(reserved, ending.outcome, ending.tokens);
        let refused = matches!(ending.outcome, Outcome::Wait | Outcome::NotSent) && sent;
        let refusals = if refused { flying.refusals + 1 } else { 0 };
        let costs_a_try = ending.outcome.costs_a_try() && ending.prospect != Prospect::OtherForm;
        let tries = character.tries + u32::from(costs_a_try);
        let next = if sent {
            retry::next(
                &self.settings.policy,
                tries,
                refusals,
                (ending.outcome, ending.prospect),
                (self.dice)(),
            )
        } else {
            Next::Again {
                wait: Duration::ZERO,
            }
        };
        if ending.outcome == Outcome::NotSent {
            self.requests -= 1;
        }
        let settlement = Settlement {
            id: character.id,
            claim,
            content: character.content,
            state: match next {
                Next::Done => Settled::Done,
                Next::Again { .. } => Settled::Pending,
                Next::Fail => Settled::Failed,
            },
            tries,
            words: text::words(&ending.text),
            cost,
            at: SystemTime::now(),
            ending,
        };
        self.landed.push(Landed {
            character,
            settlement,
            next,
            refusals,
        });
    }

    /// An ending is stored: tells it, and keeps who is to be tried again.
    pub(super) fn settled(&mut self, landed: Landed, stored: Stored) {
        let Landed {
            mut character,
            settlement,
            next,
            refusals,
        } = landed;
        let outcome = settlement.ending.outcome;
        if let Some(cost) = settlement.cost.filter(|cost| *cost != Cost::default()) {
            self.tell(Kind::Charged { cost });
        }
        match (next, stored) {
            (Next::Done, Stored::Take(take)) => {
                self.done += 1;
                let words = settlement.words;
                self.tell(Kind::CharacterDone {
                    key: character.key,
                    name: character.name,
                    take,
                    words,
                });
            }
            (Next::Fail, Stored::NoTake | Stored::Take(_)) => {
                self.failed += 1;
                self.tell(Kind::CharacterFailed {
                    key: character.key,
                    name: character.name,
                    error_kind: outcome,
                    error: settlement.ending.error.unwrap_or_default(),
                });
            }
            (Next::Again { wait }, Stored::NoTake | Stored::Take(_)) => {
                let (key, name) = (character.key.clone(), character.name.clone());
                character.claim = settlement.claim;
                character.tries = settlement.tries;
                if outcome == Outcome::Interrupted {
                    self.sidelined.insert(character.id);
                } else {
                    let due = Instant::now() + wait;
                    let waiting = Candidate {
                        character,
                        refusals,
                        is_retry: true,
                        reserved: Money::ZERO,
                    };
                    self.waiting.add(due, waiting);
                }
                self.tell(Kind::CharacterRetrying {
                    key,
                    name,
                    outcome,
                    wait,
                });
            }
            // Somebody else has this character now, and will bring its story.
            (_, Stored::NotOurs) | (Next::Done, Stored::NoTake) => {
                let (outcome, wait) = (Outcome::Interrupted, Duration::ZERO);
                self.tell(Kind::CharacterRetrying {
                    key: character.key,
                    name: character.name,
                    outcome,
                    wait,
                });
            }
        }
    }

    pub(super) fn stop_when_most_fail(&mut self) {
        let ended = self.done + self.failed;
        if !self.settings.keep_going && ended >= MOSTLY_FAILED_MIN && 2 * self.failed > ended {
            self.stop(Stop::MostlyFailed {
                failed: self.failed,
                ended,
            });
        }
    }

    /// The database failed: no new request; what has ended is tried again.
    pub(super) fn store_failed(&mut self, sent: Sent, err: StoreError) {
        self.store_tries += 1;
        self.store_again = Some(Instant::now() + Duration::from_millis(500));
        for waiting in &sent.starting {
            self.budget.release(waiting.reserved);
        }
        let mut landed = sent.landed;
        landed.append(&mut self.landed);
        self.landed = landed;
        match self.stop {
            None => self.stop(Stop::Store(err)),
            // What failed first says most.
            Some(Stop::Store(_)) => {}
            // Whatever stopped the run before, that nothing can be stored matters more.
            Some(_) => self.stop = Some(Stop::Store(err)),
        }
    }
}
