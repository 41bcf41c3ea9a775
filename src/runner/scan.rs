//! Where in the sheet the next untried characters are claimed.
//!
//! A scan goes through the sheet once, row by row. Rows may have become pending behind it meanwhile, so at the end it looks for
//! more from the first row, once the run has nothing else to do. It is over when such a look finds nothing. Where other runs work
//! on the same cast, it looks again from time to time, because a character of theirs may become pending again.
//!
//! A look claims nothing, so it waits for no pace. The scan reads nothing itself: it says what to ask the store, and receives
//! the answer.

use crate::store::{Committed, Cursor};
use std::time::Duration;
use tokio::time::Instant;

/// How long after a look that found nothing the next one follows, while other runs work on the cast.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Where the next untried characters are claimed.
#[derive(Debug)]
pub(super) struct Scan {
    cursor: Cursor,
    position: Position,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    /// There are pending rows after the cursor.
    Inside,
    /// Nothing is known of the rows after the cursor, which is the first one; from this time on it may be asked.
    Unknown { from: Instant },
    /// Nothing was found from the first row on.
    Over,
}

impl Scan {
    /// Begins before the first row.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            cursor: Cursor::default(),
            position: Position::Unknown { from: now },
        }
    }

    /// The place after which there are pending characters; `None` where none are known.
    pub(super) fn inside(&self) -> Option<Cursor> {
        (self.position == Position::Inside).then_some(self.cursor)
    }

    /// The place after which the store is to look for pending characters, if it is time to.
    pub(super) fn look(&self, now: Instant) -> Option<Cursor> {
        match self.position {
            Position::Unknown { from } if from <= now => Some(self.cursor),
            _ => None,
        }
    }

    /// When the next look is due, if it waits for a time.
    pub(super) fn next_look(&self) -> Option<Instant> {
        match self.position {
            Position::Unknown { from } => Some(from),
            Position::Inside | Position::Over => None,
        }
    }

    /// Whether nothing is left to claim.
    pub(super) fn is_over(&self) -> bool {
        self.position == Position::Over
    }

    /// The store has answered a claim or a look.
    pub(super) fn answered(&mut self, committed: &Committed, now: Instant) {
        let was_look = self.position != Position::Inside;
        if let Some(last) = committed.claimed.last() {
            self.cursor = Cursor(last.row);
        }
        if !committed.is_end {
            self.position = Position::Inside;
            return;
        }
        self.cursor = Cursor::default();
        self.position = match (was_look, committed.is_shared) {
            (true, false) => Position::Over,
            (true, true) => Position::Unknown {
                from: now + LOOK_AGAIN,
            },
            (false, _) => Position::Unknown { from: now },
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::character::{Character, CharacterId, Claim, Content};

    fn answer(rows: &[i64], is_end: bool) -> Committed {
        let character = |row: &i64| Character {
            id: CharacterId(*row),
            claim: Claim(1),
            row: *row,
            key: None,
            name: String::new(),
            description: String::new(),
            columns: None,
            content: Content([0; 16]),
            tries: 0,
        };
        Committed {
            claimed: rows.iter().map(character).collect(),
            is_end,
            ..Committed::default()
        }
    }

    #[test]
    fn rows_are_claimed_in_order_and_a_second_look_brings_those_that_became_pending() {
        let now = Instant::now();
        let mut scan = Scan::new(now);
        assert_eq!((scan.look(now), scan.inside()), (Some(Cursor(0)), None));
        scan.answered(&answer(&[], false), now);
        assert_eq!((scan.look(now), scan.inside()), (None, Some(Cursor(0))));
        scan.answered(&answer(&[1, 2], false), now);
        assert_eq!(scan.inside(), Some(Cursor(2)));
        scan.answered(&answer(&[9], true), now);
        assert_eq!((scan.look(now), scan.inside()), (Some(Cursor(0)), None));
        scan.answered(&answer(&[], false), now);
        assert_eq!(scan.inside(), Some(Cursor(0)));
        scan.answered(&answer(&[7], true), now);
        assert!(!scan.is_over(), "something was claimed");
        scan.answered(&answer(&[], true), now);
        assert!(scan.is_over());
        assert_eq!((scan.look(now), scan.inside()), (None, None));
    }

    #[test]
    fn what_could_not_be_paid_is_asked_for_again_from_the_same_place() {
        let now = Instant::now();
        let mut scan = Scan::new(now);
        scan.answered(&answer(&[], false), now);
        scan.answered(&answer(&[3], false), now);
        scan.answered(&answer(&[], false), now);
        assert_eq!(scan.inside(), Some(Cursor(3)));
    }

    #[test]
    fn a_scan_of_a_shared_cast_looks_again_after_a_while() {
        let now = Instant::now();
        let mut scan = Scan::new(now);
        let shared = Committed {
            is_shared: true,
            ..answer(&[], true)
        };
        scan.answered(&shared, now);
        let later = now + LOOK_AGAIN;
        assert!(!scan.is_over() && scan.look(now).is_none());
        assert_eq!(scan.next_look(), Some(later));
        assert_eq!(scan.look(later), Some(Cursor(0)));
        scan.answered(&answer(&[], true), later);
        assert!(scan.is_over());
    }
}
