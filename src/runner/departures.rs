//! Departures: reading ahead who is next, writing down who starts, and sending what is written down.
//!
//! Nothing leaves before its attempt is committed and the gate lets it pass.

use super::gate::Permit;
use super::request::{Context, send};
use super::retries::Candidate;
use super::{ALIVE, Flying, Run, Sent, Stop};
use crate::domain::character::{Character, Claim};
use crate::domain::event::Kind;
use crate::domain::money::Money;
use crate::domain::outcome::{Ending, Outcome};
use crate::provider::{Provider, Request};
use crate::report::Tell;
use crate::store::{Group, Place, Start, Store, StoreError};
use futures_util::FutureExt;
use std::sync::Arc;
use std::time::SystemTime;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// Characters read ahead at a time, at least: twice as many as there are places, so that none waits for the next to be read.
const AHEAD_MIN: usize = 256;

/// The most that a group begins beyond what it settles. What begins together ends together, and would then wait for each other
/// in every group that follows; so many free places, at the start or after a pause, are filled within a few groups.
const BURST: usize = 8;

impl<S: Store, P: Provider, T: Tell> Run<'_, S, P, T> {
    /// Sends the next group to the database, if there is one and none is on its way.
    pub(super) fn commit(&mut self) {
        let now = Instant::now();
        let busy = self.committing.is_some() || self.gathers();
        if busy || self.store_again.is_some_and(|again| now < again) {
            return;
        }
        self.turns = 0;
        self.store_again = None;
        let starting = self.starting(now);
        let alive = now - self.last_commit >= ALIVE && self.store_tries == 0;
        if self.landed.is_empty() && starting.is_empty() && !alive {
            return;
        }
        let landed = std::mem::take(&mut self.landed);
        let group = Group {
            settlements: landed
                .iter()
                .map(|landed| landed.settlement.clone())
                .collect(),
            starts: starting
                .iter()
                .map(|waiting| start(waiting, self.budget.has_prices()))
                .collect(),
        };
        self.last_commit = now;
        let stored = self.store.commit(group);
        let sent = Sent { landed, starting };
        self.committing = Some(async move { (sent, stored.await) }.boxed());
    }

    /// Who may start now: as many as gate and limits allow.
    pub(super) fn starting(&mut self, now: Instant) -> Vec<Candidate> {
        if self.stop.is_some() || !self.tell.has_room() {
            return Vec::new();
        }
        let requests_left = usize::try_from(self.requests_left()).unwrap_or(usize::MAX);
        let wanted = (self.upcoming.len() + self.waiting.len()).min(requests_left);
        self.gate.recover(now);
        let many = self.free(now, wanted);
        let many = many.min(self.landed.len() + BURST);
        // A probe is somebody who was not refused before, if there is anybody.
        let fresh_first = self.gate.wants_probe();
        let mut starting = Vec::new();
        while starting.len() < many {
            let next = if fresh_first {
                self.fresh().or_else(|| self.waiting.pop_due(now))
            } else {
                self.waiting.pop_due(now).or_else(|| self.fresh())
            };
            let Some(mut next) = next else { break };
            next.reserved = self.price(&next.character);
            if self.budget.reserve(next.reserved) {
                starting.push(next);
                continue;
            }
            let waits = !self.flying.is_empty() || !starting.is_empty();
            let reserved = next.reserved;
            self.put_back(next, now);
            // What is in flight may cost less than it could.
            if !waits {
                self.stop(Stop::Cost {
                    spent: self.budget.spent_at_most(),
                    next: reserved,
                });
            }
            break;
        }
        starting
    }

    /// As many requests may start now, of so many that would like to: by the gate, and by what the service serves at once.
    pub(super) fn free(&self, now: Instant, wanted: usize) -> usize {
        let in_flight = self.flying.len();
        let free = self.gate.may_start(now, in_flight, wanted);
        if self.gate.wants_probe() {
            return free;
        }
        free.min(self.slots.limit(now).saturating_sub(in_flight))
    }

    /// The most that a request for the character may cost.
    fn price(&self, character: &Character) -> Money {
        let bytes = || self.provider.bytes(&request(character));
        self.budget.price(bytes)
    }

    /// Gives somebody back who cannot start now.
    fn put_back(&mut self, waiting: Candidate, now: Instant) {
        if waiting.is_retry {
            self.waiting.add(now, waiting);
        } else {
            self.taken_up -= 1;
            self.upcoming.push_front(waiting.character);
        }
    }

    /// Somebody who was not taken up before.
    pub(super) fn fresh(&mut self) -> Option<Candidate> {
        if self.is_sated() || self.waiting.is_full() {
            return None;
        }
        let character = self.upcoming.pop_front()?;
        self.taken_up += 1;
        Some(Candidate {
            character,
            refusals: 0,
            is_retry: false,
            reserved: Money::ZERO,
        })
    }

    /// Sends a request that is written down.
    pub(super) fn launch(&mut self, waiting: Candidate, claim: Claim) {
        let now = Instant::now();
        self.requests += 1;
        let again = waiting.is_retry;
        self.tell(Kind::CharacterStarted { again });
        let passed = match self.stop {
            None => self.gate.pass(now),
            Some(_) => None,
        };
        if passed.is_some_and(|permit| permit.ends_hold) {
            self.tell(Kind::Resumed);
        }
        let flying = Flying {
            character: waiting.character,
            claim,
            // A planned moment may lie a little in the past; what follows is judged by when it really left.
            sent_at: passed.map_or(now, |permit| permit.at.max(now)),
            refusals: waiting.refusals,
            reserved: waiting.reserved,
            probing: passed.is_some_and(|permit| permit.is_probe),
        };
        let Some(Permit { at, .. }) = passed else {
            let words = "not sent: the run had to wait first".to_owned();
            self.landed(flying, Ending::without_text(Outcome::NotSent, words), false);
            return;
        };
        let first_text = flying.probing.then(|| {
            let (sender, receiver) = oneshot::channel();
            self.probe = Some(receiver);
            sender
        });
        let request = request(&flying.character);
        let id = self.next_flight;
        self.next_flight += 1;
        self.slots.request_sent(id, at.max(now));
        let context = Context {
            at,
            limits: self.settings.limits,
            first_text,
            holds: self.hearing.clone(),
            slots: Arc::clone(&self.slots),
            id,
            abort: self.abort.subscribe(),
        };
        self.flying.insert(id, flying);
        let flight = send(self.provider, request, context).map(move |ending| (id, ending));
        self.flights.push(flight.boxed());
    }

    /// Reads ahead who is next, while there is room.
    pub(super) fn look_ahead(&mut self) {
        let enough = self.upcoming.len() >= self.ahead() / 2;
        if self.looking.is_some() || self.stop.is_some() || enough || self.over || self.is_sated() {
            return;
        }
        if self.at_end {
            // Once more from the top, when everybody else is through: somebody may have become pending meanwhile.
            let busy =
                !self.flying.is_empty() || !self.landed.is_empty() || self.committing.is_some();
            if busy || !self.waiting.is_empty() || !self.upcoming.is_empty() {
                return;
            }
            self.place = Place::default();
        }
        self.looking = Some(self.store.upcoming(self.place, self.ahead()).boxed());
    }

    fn ahead(&self) -> usize {
        AHEAD_MIN.max(2 * self.settings.places.get())
    }

    pub(super) fn found(&mut self, found: Result<Vec<Character>, StoreError>) {
        let found = match found {
            Ok(found) => found,
            Err(err) => return self.stop(Stop::Store(err)),
        };
        let from_the_top = std::mem::take(&mut self.at_end) && self.place == Place::default();
        if let Some(last) = found.last() {
            self.place = Place(last.row);
        }
        let whole = found.len() < self.ahead();
        let sidelined = &self.sidelined;
        self.upcoming.extend(
            found
                .into_iter()
                .filter(|found| !sidelined.contains(&found.id)),
        );
        self.at_end = whole;
        self.over = whole && from_the_top && self.upcoming.is_empty();
    }
}

/// What is asked for.
pub(super) fn request(character: &Character) -> Request {
    Request {
        name: character.name.clone(),
        description: character.description.clone(),
        columns: character.columns.clone(),
    }
}

/// A character is about to be asked for.
fn start(waiting: &Candidate, priced: bool) -> Start {
    Start {
        id: waiting.character.id,
        claim: waiting.character.claim,
        at: SystemTime::now(),
        reserved: priced.then_some(waiting.reserved),
    }
}
