//! Characters that this run has not tried yet, read from the store in batches in the order of the sheet.
//!
//! One query runs at a time. After the last row it begins once more at the first row, because rows may have become pending
//! meanwhile; when such a pass finds nothing, everything has been read.

use crate::domain::character::{Character, CharacterId};
use crate::store::{Cursor, Ledger, StoreError};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, OptionFuture};
use std::collections::{HashSet, VecDeque};

/// Characters that are read at a time, at least.
const BATCH_MIN: usize = 256;

/// What a query of the store brings.
pub(super) type Found = Result<Vec<Character>, StoreError>;

/// Reads pending characters before they are needed.
pub(super) struct ReadAhead<'a> {
    /// The row after which the next batch begins.
    cursor: Cursor,
    position: Position,
    rows: VecDeque<Character>,
    query: Option<BoxFuture<'a, Found>>,
    /// The number of characters in a batch.
    batch: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    /// There may be pending rows after the cursor.
    Inside,
    /// No pending rows after the cursor; the next query begins at the first row.
    AtEnd,
    /// A whole pass from the first row found nothing new.
    Exhausted,
}

impl<'a> ReadAhead<'a> {
    /// Reads twice as many characters at a time as requests may be in flight, so that no request waits for a query.
    pub(super) fn new(concurrency: usize) -> Self {
        Self {
            cursor: Cursor::default(),
            position: Position::Inside,
            rows: VecDeque::new(),
            query: None,
            batch: BATCH_MIN.max(2 * concurrency),
        }
    }

    /// The number of characters that have been read and not taken.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether a query is running.
    pub(super) fn is_reading(&self) -> bool {
        self.query.is_some()
    }

    /// Whether all characters have been read and taken.
    pub(super) fn is_exhausted(&self) -> bool {
        self.position == Position::Exhausted && self.rows.is_empty()
    }

    pub(super) fn pop(&mut self) -> Option<Character> {
        self.rows.pop_front()
    }

    /// Puts a character back that was taken, to be taken first.
    pub(super) fn put_back(&mut self, character: Character) {
        self.rows.push_front(character);
    }

    /// Starts a query if fewer than half a batch is left. It starts again at the first row only if the run `is_idle`: only then
    /// is every row settled that this run has tried.
    pub(super) fn fill<S: Ledger>(&mut self, store: &'a S, is_idle: bool) {
        if self.is_reading() || self.rows.len() >= self.batch / 2 {
            return;
        }
        match self.position {
            Position::Inside => {}
            Position::AtEnd if is_idle && self.rows.is_empty() => self.cursor = Cursor::default(),
            Position::AtEnd | Position::Exhausted => return,
        }
        self.query = Some(store.upcoming(self.cursor, self.batch).boxed());
    }

    /// Waits for the query; `None` if none is running.
    pub(super) fn found(&mut self) -> OptionFuture<&mut BoxFuture<'a, Found>> {
        self.query.as_mut().into()
    }

    /// Adds what the query has found, except for the characters in `excluded`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the query failed; nothing was added.
    pub(super) fn add(
        &mut self,
        found: Found,
        excluded: &HashSet<CharacterId>,
    ) -> Result<(), StoreError> {
        self.query = None;
        let found = found?;
        let is_new_pass = self.position == Position::AtEnd && self.cursor == Cursor::default();
        let is_last = found.len() < self.batch;
        if let Some(last) = found.last() {
            self.cursor = Cursor(last.row);
        }
        let is_included = |found: &Character| !excluded.contains(&found.id);
        self.rows.extend(found.into_iter().filter(is_included));
        self.position = match (is_last, is_new_pass) {
            (false, _) => Position::Inside,
            (true, true) if self.rows.is_empty() => Position::Exhausted,
            (true, _) => Position::AtEnd,
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::character::{Claim, Content};
    use crate::domain::tally::Counts;
    use crate::store::{Committed, Group};
    use std::sync::Mutex;

    /// A store whose pending rows are these.
    #[derive(Default)]
    struct Rows {
        pending: Mutex<Vec<i64>>,
        is_failing: bool,
    }

    impl Ledger for Rows {
        async fn upcoming(&self, place: Cursor, limit: usize) -> Found {
            if self.is_failing {
                return Err(StoreError::Impossible { what: "disk" });
            }
            let pending = self.pending.lock().expect("no panic");
            let after = pending.iter().filter(|row| **row > place.0);
            Ok(after.take(limit).map(|row| character(*row)).collect())
        }

        async fn commit(&self, _: Group) -> Result<Committed, StoreError> {
            Ok(Committed::default())
        }

        async fn counts(&self) -> Result<Counts, StoreError> {
            Ok(Counts::default())
        }
    }

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

    /// Runs one query, and returns the rows that it added.
    async fn read(ahead: &mut ReadAhead<'_>, excluded: &[i64]) -> Option<Vec<i64>> {
        let found = ahead.found().await?;
        let excluded = excluded.iter().map(|row| CharacterId(*row)).collect();
        ahead.add(found, &excluded).expect("the query succeeds");
        Some(
            std::iter::from_fn(|| ahead.pop())
                .map(|row| row.row)
                .collect(),
        )
    }

    #[tokio::test]
    async fn rows_come_in_order_and_a_second_pass_brings_those_that_became_pending() {
        let store = Rows {
            pending: Mutex::new((1..=300).collect()),
            ..Rows::default()
        };
        let mut ahead = ReadAhead::new(1);
        ahead.fill(&store, false);
        assert_eq!(read(&mut ahead, &[]).await, Some((1..=256).collect()));
        ahead.fill(&store, false);
        assert_eq!(read(&mut ahead, &[]).await, Some((257..=300).collect()));
        *store.pending.lock().expect("no panic") = vec![7, 400];
        ahead.fill(&store, false);
        assert!(!ahead.is_reading(), "the run has not settled all rows");
        ahead.fill(&store, true);
        assert_eq!(read(&mut ahead, &[]).await, Some(vec![7, 400]));
        assert!(!ahead.is_exhausted(), "this pass found rows");
        store.pending.lock().expect("no panic").clear();
        ahead.fill(&store, true);
        assert_eq!(read(&mut ahead, &[]).await, Some(vec![]));
        assert!(ahead.is_exhausted());
        ahead.fill(&store, true);
        assert_eq!(read(&mut ahead, &[]).await, None, "nothing is left to read");
    }

    #[tokio::test]
    async fn excluded_characters_do_not_keep_the_run_reading() {
        let store = Rows {
            pending: Mutex::new(vec![1, 2]),
            ..Rows::default()
        };
        let mut ahead = ReadAhead::new(1);
        ahead.fill(&store, true);
        assert_eq!(read(&mut ahead, &[2]).await, Some(vec![1]));
        ahead.fill(&store, true);
        assert_eq!(read(&mut ahead, &[1, 2]).await, Some(vec![]));
        assert!(ahead.is_exhausted());
    }

    #[tokio::test]
    async fn a_failed_query_adds_nothing_and_may_be_repeated() {
        let store = Rows {
            is_failing: true,
            ..Rows::default()
        };
        let mut ahead = ReadAhead::new(1);
        ahead.fill(&store, true);
        let found = ahead.found().await.expect("a query is running");
        assert!(ahead.add(found, &HashSet::new()).is_err());
        assert!(!ahead.is_reading() && !ahead.is_exhausted());
    }
}
