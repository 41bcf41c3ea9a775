//! Starting requests: choosing the characters that may start, committing their attempts, and sending what is committed.
//!
//! No request is sent before its attempt is committed and the gate permits it.

use super::Run;
use super::in_flight::{Attempt, request};
use super::queue::First;
use super::retries::Candidate;
use super::stop::Stop;
use crate::domain::character::{Character, Claim};
use crate::domain::event::Kind;
use crate::domain::money::Money;
use crate::provider::Provider;
use crate::report::Tell;
use crate::store::Ledger;
use tokio::time::Instant;

/// How many more attempts a group starts than it settles, at most. Requests that start together end together, and would then wait
/// for each other in every group that follows. So at the start and after a pause the free slots are filled within a few groups.
const BURST: usize = 8;

impl<S: Ledger, P: Provider, T: Tell> Run<'_, S, P, T> {
    /// Commits the next group, if there is one and no other group is being committed.
    pub(super) fn commit_next(&mut self) {
        let now = Instant::now();
        if self.commits.close_group(now, self.in_flight.len()) {
            let starting = self.next_to_start(now);
            let has_prices = self.budget.has_prices();
            self.commits.commit(self.store, starting, has_prices, now);
        }
    }

    /// The characters that start now: as many as the gate and the limits allow.
    fn next_to_start(&mut self, now: Instant) -> Vec<Candidate> {
        if self.stopping.is_stopping() || !self.reporter.has_room() {
            return Vec::new();
        }
        let requests_left = usize::try_from(self.totals.requests_left()).unwrap_or(usize::MAX);
        let wanted = self.queue.len().min(requests_left);
        self.gate.recover(now);
        let startable = self.startable(now, wanted).min(self.commits.len() + BURST);
        // A probe should be a request that the service has not refused before.
        let first = if self.gate.wants_probe() {
            First::Untried
        } else {
            First::Retries
        };
        let mut starting = Vec::new();
        while starting.len() < startable {
            let Some(mut next) = self.queue.next(first, now) else {
                break;
            };
            next.reserved = self.price(&next.character);
            if self.budget.reserve(next.reserved) {
                starting.push(next);
                continue;
            }
            let price = next.reserved;
            self.queue.put_back(next, now);
            // Requests in flight may cost less than their reservation.
            if self.in_flight.is_empty() && starting.is_empty() {
                self.stop(Stop::Cost {
                    spent: self.budget.spent_at_most(),
                    next: price,
                });
            }
            break;
        }
        starting
    }

    /// How many of `wanted` requests may start now: by the gate, and by the number that the service serves at once.
    pub(super) fn startable(&self, now: Instant, wanted: usize) -> usize {
        let startable = self.gate.may_start(now, self.in_flight.len(), wanted);
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

    /// Sends the request of an attempt that is committed, if the gate still permits it.
    pub(super) fn start(&mut self, candidate: Candidate, claim: Claim) {
        let now = Instant::now();
        self.totals.request_started();
        self.emit(Kind::CharacterStarted {
            again: candidate.is_retry,
        });
        let permit = if self.stopping.is_stopping() {
            None
        } else {
            self.gate.pass(now)
        };
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

    /// Reads untried characters ahead.
    pub(super) fn read_ahead(&mut self) {
        if !self.stopping.is_stopping() {
            let is_idle = self.in_flight.is_empty() && self.commits.is_idle();
            self.queue.read_ahead(self.store, is_idle);
        }
    }
}
