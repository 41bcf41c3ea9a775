//! The characters that a run may still start: untried ones, which the store claims in the order of the sheet, and those that wait
//! for a retry.
//!
//! The queue enforces how many characters a run may start. It does not know when a request may be sent: that is the gate's part.

use super::retries::{Candidate, RetryQueue};
use super::scan::Scan;
use crate::domain::character::{Character, CharacterId};
use crate::domain::money::Money;
use crate::store::{Committed, Cursor};
use std::collections::HashSet;
use tokio::time::Instant;

/// The characters that a run may still start.
pub(super) struct Queue {
    untried: Scan,
    retries: RetryQueue,
    /// Characters whose request met an internal error: this run does not try them again.
    excluded: HashSet<CharacterId>,
    /// How many characters this run has started.
    started: u64,
    started_max: Option<u64>,
}

impl Queue {
    /// A queue for a run that starts at most `started_max` characters.
    pub(super) fn new(started_max: Option<u64>, now: Instant) -> Self {
        Self {
            untried: Scan::new(now),
            retries: RetryQueue::default(),
            excluded: HashSet::new(),
            started: 0,
            started_max,
        }
    }

    /// How many characters may be claimed and retried, those included that are not due.
    pub(super) fn len(&self) -> usize {
        let claimable = self.claimable().map_or(0, |(_, most)| most);
        self.retries.len().saturating_add(claimable)
    }

    /// Takes the next character whose retry is due.
    pub(super) fn next_retry(&mut self, now: Instant) -> Option<Candidate> {
        self.retries.pop_due(now)
    }

    /// After which place untried characters are claimed, and how many at most.
    pub(super) fn claimable(&self) -> Option<(Cursor, usize)> {
        let left = self.started_max.map_or(usize::MAX, |max| {
            usize::try_from(max.saturating_sub(self.started)).unwrap_or(usize::MAX)
        });
        if left == 0 || self.retries.is_full() {
            return None;
        }
        self.untried.inside().map(|cursor| (cursor, left))
    }

    /// After which place the store is to look for pending characters, if that is all that can be done now. `is_idle` says that
    /// nothing is in flight or to be committed: only then every row is settled that this run has tried.
    pub(super) fn look(&self, now: Instant, is_idle: bool) -> Option<Cursor> {
        if !is_idle || !self.retries.is_empty() || self.limit_reached() {
            return None;
        }
        self.untried.look(now)
    }

    /// When the next look is due, where [`Queue::look`] waits for a time only.
    pub(super) fn next_look(&self, is_idle: bool) -> Option<Instant> {
        let next = self.untried.next_look()?;
        self.look(next, is_idle).map(|_| next)
    }

    /// The store has answered a claim or a look.
    pub(super) fn answered(&mut self, committed: &Committed, now: Instant) {
        self.started += u64::try_from(committed.claimed.len()).unwrap_or(u64::MAX);
        self.untried.answered(committed, now);
    }

    /// The characters that this run does not try again.
    pub(super) fn excluded(&self) -> Vec<CharacterId> {
        self.excluded.iter().copied().collect()
    }

    /// Puts a character back that [`Queue::next_retry`] returned and that cannot start now.
    pub(super) fn put_back(&mut self, candidate: Candidate, now: Instant) {
        self.retries.add(now, candidate);
    }

    /// Adds a character that is to be tried again at `due`.
    pub(super) fn retry(&mut self, due: Instant, candidate: Candidate) {
        self.retries.add(due, candidate);
    }

    /// When the next retry is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.retries.next_due()
    }

    /// This run does not try the character again.
    pub(super) fn exclude(&mut self, id: CharacterId) {
        self.excluded.insert(id);
    }

    /// Whether this run has given up on a character after an internal error.
    pub(super) fn has_excluded(&self) -> bool {
        !self.excluded.is_empty()
    }

    /// Whether no character is left that this run may start.
    pub(super) fn is_exhausted(&self) -> bool {
        (self.limit_reached() || self.untried.is_over()) && self.retries.is_empty()
    }

    /// Whether this run has started as many characters as it may.
    fn limit_reached(&self) -> bool {
        self.started_max.is_some_and(|max| self.started >= max)
    }
}

/// A claimed character that this run has not tried before.
pub(super) fn untried(character: Character, reserved: Money) -> Candidate {
    Candidate {
        character,
        refusals: 0,
        is_retry: false,
        reserved,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::character::{Claim, Content};

    fn character(row: i64) -> Character {
        Character {
            id: CharacterId(row),
            claim: Claim(0),
            row,
            key: None,
            name: String::new(),
            description: String::new(),
            columns: None,
            content: Content([0; 16]),
            tries: 0,
        }
    }

    /// What the store answers where it has claimed these rows and there are more.
    fn claimed(rows: &[i64]) -> Committed {
        Committed {
            claimed: rows.iter().map(|row| character(*row)).collect(),
            ..Committed::default()
        }
    }

    #[test]
    fn the_limit_counts_characters_and_not_their_retries() {
        let now = Instant::now();
        let mut queue = Queue::new(Some(2), now);
        assert_eq!(queue.claimable(), None, "nothing is known yet");
        queue.answered(&claimed(&[]), now);
        assert_eq!(queue.claimable(), Some((Cursor(0), 2)));
        queue.answered(&claimed(&[1]), now);
        assert_eq!(queue.claimable(), Some((Cursor(1), 1)));
        queue.answered(&claimed(&[2]), now);
        assert_eq!(queue.claimable(), None);
        let mut retry = untried(character(1), Money::ZERO);
        retry.is_retry = true;
        queue.retry(now, retry);
        assert!(!queue.is_exhausted(), "a retry is left");
        let next = queue.next_retry(now).expect("a retry");
        queue.put_back(next, now);
        assert!(queue.next_retry(now).is_some());
        assert!(queue.is_exhausted());
    }

    #[test]
    fn the_store_looks_for_more_only_when_nothing_else_can_be_done() {
        let now = Instant::now();
        let mut queue = Queue::new(None, now);
        assert_eq!(queue.look(now, true), Some(Cursor(0)));
        assert_eq!(queue.look(now, false), None, "requests are in flight");
        queue.retry(now, untried(character(1), Money::ZERO));
        assert_eq!(queue.look(now, true), None, "a retry is left");
        queue.next_retry(now);
        let nothing = Committed {
            is_end: true,
            ..Committed::default()
        };
        queue.answered(&nothing, now);
        assert!(queue.is_exhausted() && queue.look(now, true).is_none());
    }
}
