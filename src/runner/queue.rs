//! The characters that a run may still start: untried ones in the order of the sheet, and those that wait for a retry.
//!
//! The queue enforces how many characters a run may start. It does not know when a request may be sent: that is the gate's part.

use super::read_ahead::{Found, ReadAhead};
use super::retries::{Candidate, RetryQueue};
use crate::domain::character::CharacterId;
use crate::domain::money::Money;
use crate::store::{Ledger, StoreError};
use futures_util::future::{BoxFuture, OptionFuture};
use std::collections::HashSet;
use tokio::time::Instant;

/// Which characters come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum First {
    Untried,
    Retries,
}

/// The characters that a run may still start.
pub(super) struct Queue<'a> {
    untried: ReadAhead<'a>,
    retries: RetryQueue,
    /// Characters whose request met an internal error: this run does not try them again.
    excluded: HashSet<CharacterId>,
    /// How many characters this run has started.
    started: u64,
    started_max: Option<u64>,
}

impl<'a> Queue<'a> {
    /// A queue for a run with so many requests in flight that starts at most `started_max` characters.
    pub(super) fn new(concurrency: usize, started_max: Option<u64>) -> Self {
        Self {
            untried: ReadAhead::new(concurrency),
            retries: RetryQueue::default(),
            excluded: HashSet::new(),
            started: 0,
            started_max,
        }
    }

    /// The number of characters in the queue, those that are not due included.
    pub(super) fn len(&self) -> usize {
        self.untried.len() + self.retries.len()
    }

    /// Reads more untried characters if they are needed. `is_idle` says that nothing is in flight or to be committed.
    pub(super) fn read_ahead<S: Ledger>(&mut self, store: &'a S, is_idle: bool) {
        if !self.limit_reached() {
            self.untried.fill(store, is_idle && self.retries.is_empty());
        }
    }

    /// Waits for the characters that are being read; `None` if none are.
    pub(super) fn found(&mut self) -> OptionFuture<&mut BoxFuture<'a, Found>> {
        self.untried.found()
    }

    /// Adds the characters that have been read.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if they could not be read.
    pub(super) fn add(&mut self, found: Found) -> Result<(), StoreError> {
        self.untried.add(found, &self.excluded)
    }

    /// Whether characters are being read.
    pub(super) fn is_reading(&self) -> bool {
        self.untried.is_reading()
    }

    /// Takes the next character that may start now.
    pub(super) fn next(&mut self, first: First, now: Instant) -> Option<Candidate> {
        match first {
            First::Untried => self.next_untried().or_else(|| self.retries.pop_due(now)),
            First::Retries => self.retries.pop_due(now).or_else(|| self.next_untried()),
        }
    }

    /// The next character that this run has not tried yet, if it may start one more.
    fn next_untried(&mut self) -> Option<Candidate> {
        if self.limit_reached() || self.retries.is_full() {
            return None;
        }
        let character = self.untried.pop()?;
        self.started += 1;
        Some(Candidate {
            character,
            refusals: 0,
            is_retry: false,
            reserved: Money::ZERO,
        })
    }

    /// Puts a character back that [`Queue::next`] returned and that cannot start now.
    pub(super) fn put_back(&mut self, candidate: Candidate, now: Instant) {
        if candidate.is_retry {
            self.retries.add(now, candidate);
        } else {
            self.started -= 1;
            self.untried.put_back(candidate.character);
        }
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
        (self.limit_reached() || self.untried.is_exhausted()) && self.retries.is_empty()
    }

    /// Whether this run has started as many characters as it may.
    fn limit_reached(&self) -> bool {
        self.started_max.is_some_and(|max| self.started >= max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::character::{Character, Claim, Content};
    use std::time::Duration;

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

    fn queue(rows: impl IntoIterator<Item = i64>, started_max: Option<u64>) -> Queue<'static> {
        let mut queue = Queue::new(1, started_max);
        let found = rows.into_iter().map(character).collect();
        queue.add(Ok(found)).expect("no error is added");
        queue
    }

    fn take(queue: &mut Queue, first: First, now: Instant) -> Option<i64> {
        queue.next(first, now).map(|next| next.character.row)
    }

    #[test]
    fn retries_come_first_unless_untried_characters_are_wanted() {
        let now = Instant::now();
        let mut queue = queue(1..=4, None);
        let mut retry = queue.next(First::Retries, now).expect("a character");
        retry.is_retry = true;
        let due = now + Duration::from_secs(1);
        queue.retry(due, retry);
        assert_eq!(take(&mut queue, First::Retries, now), Some(2), "not due");
        assert_eq!(take(&mut queue, First::Untried, due), Some(3));
        assert_eq!(take(&mut queue, First::Retries, due), Some(1));
        assert_eq!(take(&mut queue, First::Retries, due), Some(4));
        assert_eq!(take(&mut queue, First::Retries, due), None);
    }

    #[test]
    fn the_limit_counts_characters_and_not_their_retries() {
        let now = Instant::now();
        let mut queue = queue(1..=4, Some(2));
        let mut first = queue.next(First::Retries, now).expect("a character");
        assert_eq!(take(&mut queue, First::Retries, now), Some(2));
        assert_eq!(take(&mut queue, First::Retries, now), None);
        first.is_retry = true;
        queue.retry(now, first);
        assert!(!queue.is_exhausted(), "a retry is left");
        assert_eq!(take(&mut queue, First::Untried, now), Some(1));
        assert!(queue.is_exhausted());
    }

    #[test]
    fn a_character_that_is_put_back_is_the_next_one_and_does_not_count() {
        let now = Instant::now();
        let mut queue = queue(1..=2, Some(1));
        for _ in 0..3 {
            let next = queue.next(First::Retries, now).expect("a character");
            assert_eq!(next.character.row, 1);
            queue.put_back(next, now);
        }
        assert_eq!(queue.len(), 2);
        assert!(!queue.is_exhausted());
    }

    #[test]
    fn an_excluded_character_is_not_added_again() {
        let now = Instant::now();
        let mut queue = queue([], None);
        queue.exclude(CharacterId(1));
        queue
            .add(Ok(vec![character(1), character(2)]))
            .expect("no error is added");
        assert_eq!(take(&mut queue, First::Retries, now), Some(2));
        assert_eq!(take(&mut queue, First::Retries, now), None);
        assert!(queue.has_excluded());
    }
}
