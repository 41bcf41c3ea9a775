//! Characters that wait for their next attempt, ordered by when it is due.
//!
//! The queue says when it is full, and then its owner starts no untried character: memory stays bounded even if every attempt of
//! a large cast fails. The queue itself refuses nothing and has no timer.

use crate::domain::character::Character;
use crate::domain::money::Money;
use std::collections::BTreeMap;
use tokio::time::Instant;

/// The number of waiting characters at which the queue is full.
const RETRIES_MAX: usize = 4_096;

/// A character whose next attempt may start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) character: Character,
    /// How often in a row the service asked this character to wait, or its request could not be sent.
    pub(super) refusals: u32,
    /// Whether this run has tried it before.
    pub(super) is_retry: bool,
    /// The most that its request may cost; zero until its start is allowed.
    pub(super) reserved: Money,
}

/// Characters in back-off, by when they are due.
#[derive(Debug, Default)]
pub(super) struct RetryQueue {
    by_due: BTreeMap<(Instant, u64), Candidate>,
    /// Orders those that are due at the same time: first added, first out.
    added: u64,
}

impl RetryQueue {
    pub(super) fn add(&mut self, due: Instant, candidate: Candidate) {
        self.added += 1;
        self.by_due.insert((due, self.added), candidate);
    }

    /// Removes the character that has been due longest, if one is due.
    pub(super) fn pop_due(&mut self, now: Instant) -> Option<Candidate> {
        let first = self.by_due.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }

    /// When the next character is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.by_due.keys().next().map(|(due, _)| *due)
    }

    pub(super) fn len(&self) -> usize {
        self.by_due.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_due.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.by_due.len() >= RETRIES_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::character::{CharacterId, Claim, Content};
    use std::time::Duration;

    fn candidate(row: i64) -> Candidate {
        Candidate {
            character: Character {
                id: CharacterId(row),
                claim: Claim(1),
                row,
                key: None,
                name: String::new(),
                description: String::new(),
                columns: None,
                content: Content([0; 16]),
                tries: 0,
            },
            refusals: 0,
            is_retry: true,
            reserved: Money::ZERO,
        }
    }

    #[test]
    fn the_character_that_is_due_first_comes_first_and_none_comes_early() {
        let now = Instant::now();
        let second = Duration::from_secs(1);
        let mut retries = RetryQueue::default();
        for (row, due) in [(1, now + 2 * second), (2, now), (3, now), (4, now + second)] {
            retries.add(due, candidate(row));
        }
        let mut rows = Vec::new();
        for at in [now, now + second, now + 2 * second] {
            while let Some(due) = retries.pop_due(at) {
                rows.push((at - now, due.character.row));
            }
        }
        let zero = Duration::ZERO;
        assert_eq!(rows, [(zero, 2), (zero, 3), (second, 4), (2 * second, 1)]);
    }

    #[test]
    fn the_queue_says_when_it_is_full() {
        let now = Instant::now();
        let mut retries = RetryQueue::default();
        for row in 0..4_096 {
            assert!(!retries.is_full(), "{row}");
            retries.add(now, candidate(row));
        }
        assert!(retries.is_full());
        retries.pop_due(now);
        assert!(!retries.is_full());
    }
}
