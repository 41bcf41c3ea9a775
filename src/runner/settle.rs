//! Settling attempts: what follows from an ending for its character, and what is reported.
//!
//! An ending is reported only after its group is committed; only then is its character done, failed or pending again.

use super::Run;
use super::commits::{CommitGroup, Ended};
use super::in_flight::Attempt;
use super::retries::Candidate;
use super::stop::Stop;
use crate::domain::character::Character;
use crate::domain::event::Kind;
use crate::domain::money::{Cost, Money};
use crate::domain::outcome::{Ending, Outcome, Prospect};
use crate::domain::retry::{self, Next};
use crate::domain::text;
use crate::provider::Provider;
use crate::report::EventSink;
use crate::store::{Committed, Ledger, Settled, Settlement, StoreError, Stored};
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// What follows from an ending for its character.
#[derive(Debug, Clone, Copy)]
struct Decision {
    next: Next,
    /// Tries used, this one included if it counts.
    tries: u32,
    /// Refusals in a row, this one included.
    refusals: u32,
}

impl<S: Ledger, P: Provider, T: EventSink> Run<'_, S, P, T> {
    /// The store has answered: reports what has ended, and sends what starts.
    pub(super) fn committed(&mut self, group: CommitGroup, result: Result<Committed, StoreError>) {
        let mut committed = match result {
            Ok(committed) => committed,
            Err(err) => return self.commit_failed(group, err),
        };
        self.commits.succeeded();
        let settled = std::mem::take(&mut committed.settled);
        for (ended, stored) in group.ended.into_iter().zip(settled) {
            self.settled(ended, stored);
        }
        self.stop_if_mostly_failed();
        let over_budget = committed.over_budget;
        let started = std::mem::take(&mut committed.started);
        for (candidate, claim) in group.starting.retries.into_iter().zip(started) {
            if let Some(claim) = claim {
                self.start(candidate, claim);
                continue;
            }
            // Another process has claimed this character meanwhile, or the budget of the cast does not allow it yet.
            self.budget.release(candidate.reserved);
            if over_budget.is_some() {
                self.queue.put_back(candidate, Instant::now());
            }
        }
        if group.is_asked {
            self.claimed(committed, group.starting.reserved);
        }
        if let Some(over) = over_budget {
            self.over_budget(over);
        }
    }

    /// The store failed: no new request starts, and the results are tried again.
    fn commit_failed(&mut self, group: CommitGroup, err: StoreError) {
        for candidate in &group.starting.retries {
            self.budget.release(candidate.reserved);
        }
        self.budget.release(group.starting.reserved);
        self.commits.failed(group.ended, Instant::now());
        if self.stopping.is_stopping() {
            self.stopping.store_failed(err);
        } else {
            self.stop(Stop::Store(err));
        }
    }

    /// A request has ended.
    pub(super) fn request_ended(&mut self, id: u64, mut ending: Ending) {
        // A story is stored as it came. Any other text may repeat the API key.
        if ending.outcome != Outcome::Ok && !ending.text.is_empty() {
            ending.text = self.provider.scrubbed(ending.text.to_string()).into();
        }
        if !ending.thoughts.is_empty() {
            ending.thoughts = self.provider.scrubbed(ending.thoughts.to_string()).into();
        }
        if let Some(attempt) = self.in_flight.remove(id, Instant::now()) {
            self.update_gate(&attempt, &ending);
            self.finish(attempt, ending);
        }
    }

    /// Decides what follows for the character of a request that was sent.
    fn finish(&mut self, attempt: Attempt, ending: Ending) {
        let is_refused = matches!(ending.outcome, Outcome::Wait | Outcome::NotSent);
        let refusals = if is_refused { attempt.refusals + 1 } else { 0 };
        let costs_a_try = ending.outcome.costs_a_try() && ending.prospect != Prospect::OtherForm;
        let tries = attempt.character.tries + u32::from(costs_a_try);
        let next = retry::next(
            self.settings.policy,
            tries,
            refusals,
            (ending.outcome, ending.prospect),
            (self.dice)(),
        );
        let decision = Decision {
            next,
            tries,
            refusals,
        };
        self.add_result(attempt, ending, decision);
    }

    /// The gate closed after the attempt was committed: the character is tried again as soon as possible.
    pub(super) fn not_sent(&mut self, attempt: Attempt) {
        let words = "not sent: the run had to wait first".to_owned();
        let ending = Ending::without_text(Outcome::NotSent, words);
        let decision = Decision {
            next: Next::Again {
                wait: Duration::ZERO,
            },
            tries: attempt.character.tries,
            refusals: 0,
        };
        self.add_result(attempt, ending, decision);
    }

    /// Adds an ending to the next group.
    fn add_result(&mut self, attempt: Attempt, ending: Ending, decision: Decision) {
        let Attempt {
            character,
            claim,
            reserved,
            ..
        } = attempt;
        if ending.outcome == Outcome::NotSent {
            self.totals.request_not_sent();
        }
        let settlement = Settlement {
            id: character.id,
            claim,
            content: character.content,
            state: match decision.next {
                Next::Done => Settled::Done,
                Next::Again { .. } => Settled::Pending,
                Next::Fail => Settled::Failed,
            },
            tries: decision.tries,
            words: text::words(&ending.text),
            cost: self.budget.settle(reserved, ending.outcome, ending.tokens),
            at: SystemTime::now(),
            ending,
        };
        self.commits.add(Ended {
            character,
            settlement,
            next: decision.next,
            refusals: decision.refusals,
        });
    }

    /// An ending is stored: reports it, and keeps the character if it is to be tried again.
    fn settled(&mut self, ended: Ended, stored: Stored) {
        let cost = ended.settlement.cost;
        if let Some(cost) = cost.filter(|cost| *cost != Cost::default()) {
            self.emit(Kind::Charged { cost });
        }
        match (ended.next, stored) {
            (Next::Done, Stored::Take(take)) => {
                self.totals.character_done();
                self.emit(Kind::CharacterDone {
                    key: ended.character.key,
                    name: ended.character.name,
                    take,
                    words: ended.settlement.words,
                });
            }
            (Next::Fail, Stored::NoTake | Stored::Take(_)) => {
                self.totals.character_failed();
                self.emit(Kind::CharacterFailed {
                    key: ended.character.key,
                    name: ended.character.name,
                    error_kind: ended.settlement.ending.outcome,
                    error: ended.settlement.ending.error.unwrap_or_default(),
                });
            }
            (Next::Again { wait }, Stored::NoTake | Stored::Take(_)) => self.retry(ended, wait),
            // Another process has claimed this character, and settles it.
            (_, Stored::NotOurs) | (Next::Done, Stored::NoTake) => {
                let (outcome, wait) = (Outcome::Interrupted, Duration::ZERO);
                self.emit(retrying(&ended.character, outcome, wait));
            }
        }
    }

    /// Keeps a character to be tried again after `wait`, except after an internal error.
    fn retry(&mut self, ended: Ended, wait: Duration) {
        let Ended {
            mut character,
            settlement,
            refusals,
            ..
        } = ended;
        let outcome = settlement.ending.outcome;
        let event = retrying(&character, outcome, wait);
        if outcome == Outcome::Interrupted {
            self.queue.exclude(character.id);
        } else {
            character.claim = settlement.claim;
            character.tries = settlement.tries;
            let candidate = Candidate {
                character,
                refusals,
                is_retry: true,
                reserved: Money::ZERO,
            };
            self.queue.retry(Instant::now() + wait, candidate);
        }
        self.emit(event);
    }

    fn stop_if_mostly_failed(&mut self) {
        if !self.settings.keep_going && self.totals.mostly_failed() {
            self.stop(Stop::MostlyFailed {
                failed: self.totals.failed(),
                ended: self.totals.ended(),
            });
        }
    }
}

fn retrying(character: &Character, outcome: Outcome, wait: Duration) -> Kind {
    Kind::CharacterRetrying {
        key: character.key.clone(),
        name: character.name.clone(),
        outcome,
        wait,
    }
}
