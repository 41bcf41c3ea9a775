//! Keeping limits together with other runs: when the store is asked for this run's part, and what is said then.
//!
//! One question is asked at a time. While it runs, no more requests may be in flight than it has named: the answer may take slots
//! away that were free when it was asked, and another run may have them by then. A store that is one run's alone is never asked.

use crate::store::{Ledger, Part, Standing, StoreError};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, OptionFuture};
use std::time::Duration;
use tokio::time::Instant;

/// The store is asked this often, even if nothing is wanted.
const EVERY: Duration = Duration::from_secs(1);

/// It is asked this often while the run wants more than it may.
const WANTING: Duration = Duration::from_millis(500);

/// It is asked this often while the run may do nothing, or is short of starts.
const NEEDING: Duration = Duration::from_millis(100);

/// How often in a row the store may fail before the run ends without having said what it has to say.
const FAILURES_MAX: u32 = 5;

/// What the store answers.
pub(super) type Answer = Result<Part, StoreError>;

/// How urgently a run needs its part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// It has what it wants.
    Nothing,
    /// It could use more.
    More,
    /// It can start nothing.
    Any,
}

/// What this run has to report, and the question that is being asked.
pub(super) struct Together<'a> {
    is_shared: bool,
    question: Option<BoxFuture<'a, Answer>>,
    /// What the question said, to be said again if it fails.
    said: Standing,
    /// What the next question has to say.
    next: Standing,
    last: Option<Instant>,
    /// No start is available before this much time has passed since then.
    again: Duration,
    /// How often in a row the store could not be reached.
    failures: u32,
}

impl<'a> Together<'a> {
    pub(super) fn new(is_shared: bool) -> Self {
        Self {
            is_shared,
            question: None,
            said: Standing::default(),
            next: Standing::default(),
            last: None,
            again: Duration::ZERO,
            failures: 0,
        }
    }

    /// The service asked to wait.
    pub(super) fn pause(&mut self, wait: Duration, why: String) {
        self.next.pause = self.is_shared.then_some((wait, why));
        self.next.is_accepted = false;
    }

    /// The service has accepted the probe.
    pub(super) fn accepted(&mut self) {
        self.next.is_accepted = self.is_shared;
    }

    /// The quota of the key is used up.
    pub(super) fn halt(&mut self, words: String) {
        self.next.halt = self.is_shared.then_some(words);
    }

    /// Whether something has to be said before the run may end.
    pub(super) fn is_urgent(&self) -> bool {
        let next = &self.next;
        let has_words = next.pause.is_some() || next.is_accepted || next.halt.is_some();
        has_words && self.failures < FAILURES_MAX
    }

    /// Whether a pause of this run is not known to the others yet.
    pub(super) fn has_unsaid_pause(&self) -> bool {
        self.next.pause.is_some()
    }

    /// The most requests that may be in flight while a question is asked.
    pub(super) fn ceiling(&self) -> Option<usize> {
        self.question.as_ref().map(|_| self.said.in_flight)
    }

    /// When the next question is due. `None` while one is asked, before the first one, and where no limits are shared.
    pub(super) fn due(&self, need: Need) -> Option<Instant> {
        if !self.is_shared || self.question.is_some() {
            return None;
        }
        let last = self.last?;
        Some(match need {
            _ if self.failures > 0 => last + WANTING,
            _ if self.is_urgent() => last,
            Need::Nothing => last + EVERY,
            Need::More => last + WANTING,
            Need::Any => last + NEEDING.max(self.again),
        })
    }

    /// Whether a question is to be asked now.
    pub(super) fn is_due(&self, need: Need, now: Instant) -> bool {
        let is_first = self.is_shared && self.last.is_none() && self.question.is_none();
        is_first || self.due(need).is_some_and(|due| due <= now)
    }

    /// Asks the store.
    pub(super) fn ask<S: Ledger>(&mut self, store: &'a S, standing: Standing, now: Instant) {
        let unsaid = std::mem::take(&mut self.next);
        self.said = standing;
        self.said.pause = unsaid.pause;
        self.said.is_accepted = unsaid.is_accepted;
        self.said.halt = unsaid.halt;
        self.last = Some(now);
        self.question = Some(store.share(self.said.clone()).boxed());
    }

    /// Waits for the answer; `None` if nothing is asked.
    pub(super) fn answer(&mut self) -> OptionFuture<&mut BoxFuture<'a, Answer>> {
        self.question.as_mut().into()
    }

    /// The answer has come. Returns the run's part; `None` if the store could not be reached: then all is said again.
    pub(super) fn answered(&mut self, answer: Answer) -> Option<Part> {
        self.question = None;
        let said = std::mem::take(&mut self.said);
        let Ok(part) = answer else {
            self.next.pause = self.next.pause.take().or(said.pause);
            self.next.is_accepted |= said.is_accepted;
            self.next.halt = self.next.halt.take().or(said.halt);
            self.failures += 1;
            return None;
        };
        self.failures = 0;
        self.again = part.again.min(EVERY);
        Some(part)
    }

    /// Whether a question is being asked.
    pub(super) fn is_asking(&self) -> bool {
        self.question.is_some()
    }
}
