//! The requests in flight: their tasks, what the run knows of each, and what they report while they run.
//!
//! It does not judge how a request ended.

use super::judge::Judging;
use super::request::{Context, send};
use super::slots::Slots;
use super::timeouts::Timeouts;
use crate::domain::character::{Character, Claim};
use crate::domain::money::Money;
use crate::domain::outcome::Ending;
use crate::provider::{Provider, Request};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, OptionFuture};
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

/// An attempt that is stored and whose request is in flight.
pub(super) struct Attempt {
    pub(super) character: Character,
    pub(super) claim: Claim,
    /// When its request may be sent, or was sent.
    pub(super) sent_at: Instant,
    /// How often in a row the service asked this character to wait, or its request could not be sent, before this attempt.
    pub(super) refusals: u32,
    /// The most that the request may cost.
    pub(super) reserved: Money,
    pub(super) is_probe: bool,
}

/// A request that has ended.
pub(super) type EndedRequest = (u64, Ending);

/// The requests in flight.
pub(super) struct InFlight<'a> {
    tasks: FuturesUnordered<BoxFuture<'a, EndedRequest>>,
    attempts: HashMap<u64, Attempt>,
    next_id: u64,
    slots: Arc<Slots>,
    timeouts: Timeouts,
    judging: Judging,
    /// Receives a message at the first text of the probe.
    probe: Option<oneshot::Receiver<()>>,
    /// Each request sends the time until which the service will refuse others.
    holds_sender: mpsc::UnboundedSender<Instant>,
    holds: mpsc::UnboundedReceiver<Instant>,
}

impl<'a> InFlight<'a> {
    pub(super) fn new(slots: Slots, timeouts: Timeouts, judging: Judging) -> Self {
        let (holds_sender, holds) = mpsc::unbounded_channel();
        Self {
            tasks: FuturesUnordered::new(),
            attempts: HashMap::new(),
            next_id: 0,
            slots: Arc::new(slots),
            timeouts,
            judging,
            probe: None,
            holds_sender,
            holds,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.attempts.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.attempts.is_empty()
    }

    /// The slots of the service.
    pub(super) fn slots(&self) -> Arc<Slots> {
        Arc::clone(&self.slots)
    }

    /// How many more requests the service would serve at once.
    pub(super) fn free_slots(&self, now: Instant) -> usize {
        self.slots.limit(now).saturating_sub(self.len())
    }

    /// Sends the request of an attempt, at [`Attempt::sent_at`] at the earliest. `abort` drops it when it becomes true.
    pub(super) fn send<P: Provider>(
        &mut self,
        provider: &'a P,
        attempt: Attempt,
        abort: watch::Receiver<bool>,
    ) {
        let first_text = attempt.is_probe.then(|| {
            let (sender, receiver) = oneshot::channel();
            self.probe = Some(receiver);
            sender
        });
        let request = request(&attempt.character);
        let id = self.next_id;
        self.next_id += 1;
        self.slots.request_sent(id, attempt.sent_at);
        let context = Context {
            at: attempt.sent_at,
            timeouts: self.timeouts,
            judged: self.judging.of(&request.name, &request.description),
            first_text,
            holds: self.holds_sender.clone(),
            slots: self.slots(),
            id,
            abort,
        };
        self.attempts.insert(id, attempt);
        let task = send(provider, request, context).map(move |ending| (id, ending));
        self.tasks.push(task.boxed());
    }

    /// What may happen next, each to be awaited on its own: a hold that the service announces, the end of a request, and the first
    /// text of the probe (an error if it ended without text). Each brings `None` if it cannot happen.
    pub(super) fn events(
        &mut self,
    ) -> (
        impl Future<Output = Option<Instant>>,
        impl Future<Output = Option<EndedRequest>>,
        impl Future<Output = Option<Result<(), oneshot::error::RecvError>>>,
    ) {
        let probe = OptionFuture::from(self.probe.as_mut());
        (self.holds.recv(), self.tasks.next(), probe)
    }

    /// A request that has ended already, without waiting.
    pub(super) fn ended_now(&mut self) -> Option<EndedRequest> {
        self.tasks.next().now_or_never().flatten()
    }

    /// Removes a request that has ended.
    pub(super) fn remove(&mut self, id: u64, now: Instant) -> Option<Attempt> {
        self.slots.request_ended(id, now);
        self.attempts.remove(&id)
    }

    /// The first text of the probe is no longer waited for.
    pub(super) fn forget_probe(&mut self) {
        self.probe = None;
    }
}

/// The request for a character.
pub(super) fn request(character: &Character) -> Request {
    Request {
        name: character.name.clone(),
        description: character.description.clone(),
        columns: character.columns.clone(),
    }
}
