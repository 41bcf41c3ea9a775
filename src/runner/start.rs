//! Starting requests: choosing the characters that may start, committing their attempts, and sending what is committed.
//!
//! No request is sent before its attempt is committed and the gate permits it.

use super::Run;
use super::commits::Starting;
use super::gate::Permit;
use super::in_flight::{Attempt, request};
use super::queue::untried;
use super::retries::Candidate;
use super::stop::Stop;
use crate::domain::character::{Character, Claim};
use crate::domain::event::Kind;
use crate::domain::money::Money;
use crate::provider::Provider;
use crate::report::EventSink;
use crate::store::{Allowance, Committed, Cursor, Held, Ledger, NextCharacters, OverBudget};
use std::time::SystemTime;
use tokio::time::Instant;

/// How many more attempts a group starts than it settles, at most. Requests that start together end together, and would then wait
/// for each other in every group that follows. So at the start and after a pause the free slots are filled within a few groups.
const BURST: usize = 8;

impl<'a, S: Ledger, P: Provider, T: EventSink> Run<'a, S, P, T> {
    /// Commits the next group, if there is one and no other group is being committed.
    pub(super) fn commit_next(&mut self) {
        let now = Instant::now();
        if self.commits.close_group(now, self.in_flight.len()) {
            let in_flight = self.budget.reserved();
            let (mut starting, next) = self.next_to_start(now);
            starting.in_flight = in_flight;
            self.commits.commit(self.store, starting, next, now);
        }
    }

    /// What starts now, as many characters as the gate and the limits allow: those to be tried again, and what is asked of the
    /// store.
    fn next_to_start(&mut self, now: Instant) -> (Starting, Option<NextCharacters<'a>>) {
        let mut starting = Starting::default();
        if self.stopping.is_stopping() {
            return (starting, None);
        }
        if let Some(after) = self.queue.look(now, self.is_idle()) {
            return (starting, Some(self.next_claims(after, 0)));
        }
        if self.budget.waits_for_cast(now) || !self.reporter.has_room() {
            return (starting, None);
        }
        let requests_left = usize::try_from(self.totals.requests_left()).unwrap_or(usize::MAX);
        let wanted = self.queue.len().min(requests_left);
        self.gate.recover(now);
        let startable = self.startable(now, wanted).min(self.commits.len() + BURST);
        let claimable = self.queue.claimable().filter(|_| !self.budget.is_short());
        // A probe should be a request that the service has not refused before.
        if claimable.is_none() || !self.gate.wants_probe() {
            starting.retries = self.retries_to_start(startable, now);
        }
        let free = startable - starting.retries.len();
        let next = claimable
            .filter(|(_, most)| free.min(*most) > 0 && !self.budget.is_short())
            .map(|(after, most)| self.next_claims(after, free.min(most)));
        if next.is_some() {
            starting.reserved = self.budget.reserve_rest();
        }
        (starting, next)
    }

    /// Whether nothing is in flight or to be stored.
    pub(super) fn is_idle(&self) -> bool {
        self.in_flight.is_empty() && self.commits.is_idle()
    }

    /// At most `startable` characters whose retry is due and that the budget allows.
    fn retries_to_start(&mut self, startable: usize, now: Instant) -> Vec<Candidate> {
        let mut starting = Vec::new();
        while starting.len() < startable {
            let Some(mut next) = self.queue.next_retry(now) else {
                break;
            };
            next.reserved = self.price(&next.character);
            if self.budget.reserve(next.reserved) {
                starting.push(next);
                continue;
            }
            let price = next.reserved;
            self.queue.put_back(next, now);
            if starting.is_empty() {
                self.stop_if_short(price);
            }
            break;
        }
        starting
    }

    /// Stops where the budget does not allow the next request, and no request in flight may cost less than its reservation.
    pub(super) fn stop_if_short(&mut self, price: Money) {
        if self.in_flight.is_empty() {
            self.stop(Stop::Cost {
                spent: self.budget.spent_at_most(),
                next: price,
            });
        }
    }

    /// The store has not started all that was asked of it, because of the budget of the cast. Waits for what may make room; stops
    /// where nothing can.
    pub(super) fn over_budget(&mut self, over: OverBudget) {
        let is_hopeless = over.held == Held::ByNone || over.next.is_none();
        if self.is_idle() && is_hopeless {
            self.stop(Stop::Budget {
                budget: over.budget,
                spent: over.spent,
                next: over.next,
            });
        } else if self.is_idle() || !self.in_flight.is_empty() {
            self.budget.cast_is_short(over.held, Instant::now());
        }
        // Else results are about to be stored, which may have cost less than was reserved for them.
    }

    /// What is asked of the store: at most `most` untried characters after `after`.
    fn next_claims(&self, after: Cursor, most: usize) -> NextCharacters<'a> {
        let provider = self.provider;
        let allowance = self.budget.known().map(|budget| Allowance {
            price: Box::new(move |character: &Character| {
                budget.at_most(provider.bytes(&request(character)))
            }),
            left: self.budget.left(),
        });
        NextCharacters {
            after,
            most,
            except: self.queue.excluded(),
            at: SystemTime::now(),
            allowance,
        }
    }

    /// How many of `wanted` requests may start now: by the gate, and by the number that the service serves at once.
    pub(super) fn startable(&self, now: Instant, wanted: usize) -> usize {
        let in_flight = self.in_flight.len();
        let below_ceiling = self
            .together
            .ceiling()
            .map(|it| it.saturating_sub(in_flight));
        let wanted = wanted.min(below_ceiling.unwrap_or(usize::MAX));
        let startable = self.gate.may_start(now, in_flight, wanted);
        if self.gate.wants_probe() {
            return startable;
        }
        startable.min(self.in_flight.free_slots(now))
    }

    /// The most that a request for the character may cost.
    fn price(&self, character: &Character) -> Money {
        let bytes = || self.provider.bytes(&request(character));
        self.budget.price(bytes)
    }

    /// The store has claimed characters, or has looked for them: sends their requests.
    pub(super) fn claimed(&mut self, committed: Committed, reserved: Money) {
        self.budget.release(reserved);
        self.queue.answered(&committed, Instant::now());
        for character in committed.claimed {
            let price = self.price(&character);
            let claim = character.claim;
            let candidate = untried(character, price);
            // A request that has ended meanwhile may have cost more than was reserved for it.
            if self.budget.reserve(price) {
                self.start(candidate, claim);
            } else {
                self.start_with(candidate, claim, None);
            }
        }
        if let Some(price) = committed.short {
            // A request that has ended meanwhile may have released what this one needs.
            if self.budget.reserve(price) {
                self.budget.release(price);
            } else {
                self.stop_if_short(price);
            }
        }
    }

    /// Sends the request of an attempt that is committed, if the gate still permits it.
    pub(super) fn start(&mut self, candidate: Candidate, claim: Claim) {
        let permit = if self.stopping.is_stopping() {
            None
        } else {
            self.gate.pass(Instant::now())
        };
        self.start_with(candidate, claim, permit);
    }

    /// Sends the request of an attempt that is committed; without a permit it is settled as not sent.
    fn start_with(&mut self, candidate: Candidate, claim: Claim, permit: Option<Permit>) {
        let now = Instant::now();
        self.totals.request_started();
        self.emit(Kind::CharacterStarted {
            again: candidate.is_retry,
        });
        if permit.is_some_and(|permit| permit.ends_hold) {
            self.emit(Kind::Resumed);
        }
        let attempt = Attempt {
            character: candidate.character,
            claim,
            // The planned time may be a little in the past; refusals are judged by when the request was really sent.
            sent_at: permit.map_or(now, |permit| permit.at.max(now)),
            refusals: candidate.refusals,
            reserved: candidate.reserved,
            is_probe: permit.is_some_and(|permit| permit.is_probe),
        };
        if permit.is_none() {
            return self.not_sent(attempt);
        }
        let abort = self.stopping.abort_signal();
        self.in_flight.send(self.provider, attempt, abort);
    }
}
