//! Finds the rows of a sheet that are exactly the same as characters of its cast, while the sheet is read.
//!
//! In a changed sheet most rows are unchanged. The rows and the characters of the previous sheet are read in parallel. Where
//! they differ, inserted, removed and edited rows are skipped. The pairs found here are pairs that the passes of
//! [`matching`](super::matching) would find as well. So only the other rows and characters, the *left over* ones, need these
//! passes:
//!
//! - With keys, a row belongs to the character with the same key.
//! - Without keys, the first row with some content and cells belongs to the first character with the same content and cells,
//!   the second row to the second character. Both are read in the order of their sheets. So this is right as long as no
//!   earlier row or character of this content is left over. After that, all further rows of this content are left over.
//!
//! A missed pair is no error, because the passes find it later. If too much is left over, everything that follows is left
//! over, too: the passes are then faster, and memory stays bounded.

use super::character::Content;
use std::collections::{HashSet, VecDeque};

/// Limits of the search for pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// How many characters are compared with one row. At most this many rows in sequence may have been removed.
    pub look_ahead: usize,
    /// How many rows and characters may be left over before the search stops.
    pub left_over: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            look_ahead: 1_000,
            left_over: 50_000,
        }
    }
}

/// Compares the rows of a sheet with the characters of the previous sheet, both in their order. `T` is the data of a
/// character.
#[derive(Debug)]
pub(crate) struct Alignment<T> {
    keyed: bool,
    limits: Limits,
    /// Characters that come next: none of them has a row yet.
    ahead: VecDeque<(Content, T)>,
    /// Characters that were skipped.
    passed: Vec<T>,
    /// Contents of rows and characters that are left over; empty with keys.
    disturbed: HashSet<Content>,
    /// How many rows and characters are left over.
    left_over: usize,
}

impl<T> Alignment<T> {
    /// `keyed` says that rows and characters are identified by the same key column.
    #[must_use]
    pub(crate) fn new(keyed: bool, limits: Limits) -> Self {
        Self {
            keyed,
            limits,
            ahead: VecDeque::new(),
            passed: Vec::new(),
            disturbed: HashSet::new(),
            left_over: 0,
        }
    }

    /// Whether more characters should be pushed before the next call of [`Self::find`].
    #[must_use]
    pub(crate) fn is_short(&self) -> bool {
        self.ahead.len() < self.limits.look_ahead && !self.gave_up()
    }

    /// Whether the search has stopped: all further rows and characters are left over.
    #[must_use]
    pub(crate) fn gave_up(&self) -> bool {
        self.left_over > self.limits.left_over
    }

    /// Adds the next character of the previous sheet. Gone characters must not be added.
    pub(crate) fn push(&mut self, content: Content, character: T) {
        self.ahead.push_back((content, character));
    }

    /// The character that is the same as the next row; `None` if the row is left over. `same` says whether the row equals a
    /// character of its content in everything that is stored, including the key.
    pub(crate) fn find(&mut self, content: Content, same: impl Fn(&T) -> bool) -> Option<T> {
        if self.gave_up() {
            return None;
        }
        let fits = |(other, character): &(Content, T)| {
            // Without keys, only the first character of this content can be the right one.
            *other == content && (!self.keyed || same(character))
        };
        let place = if self.disturbed.contains(&content) {
            None
        } else {
            self.ahead
                .iter()
                .take(self.limits.look_ahead)
                .position(fits)
        };
        if let Some(place) = place
            && (self.keyed || same(&self.ahead[place].1))
        {
            for (content, character) in self.ahead.drain(..place) {
                self.passed.push(character);
                self.left_over += 1;
                if !self.keyed {
                    self.disturbed.insert(content);
                }
            }
            return self.ahead.pop_front().map(|(_, character)| character);
        }
        self.left_over += 1;
        if !self.keyed {
            self.disturbed.insert(content);
        }
        None
    }

    /// The characters that were skipped since the last call.
    pub(crate) fn passed(&mut self) -> impl Iterator<Item = T> {
        self.passed.drain(..)
    }

    /// The characters that remain after the last row, or after the search has stopped.
    pub(crate) fn rest(&mut self) -> impl Iterator<Item = T> {
        self.ahead.drain(..).map(|(_, character)| character)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    /// A row or a character: its key, the number of its content, and the number of its cells.
    type Line = (u8, u8, u8);

    fn content(line: Line) -> Content {
        Content([line.1; 16])
    }

    /// Pairs of positions: of a row and of its character.
    type Pairs = Vec<(usize, usize)>;

    fn aligned(rows: &[Line], characters: &[Line], keyed: bool) -> Pairs {
        let mut alignment = Alignment::new(keyed, Limits::default());
        for (at, character) in characters.iter().enumerate() {
            alignment.push(content(*character), at);
        }
        let mut pairs = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            let same = |other: &usize| {
                let mut other = characters[*other];
                if !keyed {
                    other.0 = row.0;
                }
                other == *row
            };
            pairs.extend(alignment.find(content(*row), same).map(|who| (at, who)));
        }
        let mut all: Vec<usize> = pairs.iter().map(|pair| pair.1).collect();
        all.extend(alignment.passed().collect::<Vec<_>>());
        all.extend(alignment.rest());
        all.sort_unstable();
        assert!(
            all.into_iter().eq(0..characters.len()),
            "each is accounted for once"
        );
        pairs
    }

    /// The pairs of the first pass: equal lines, the first row with the first character.
    fn first_pass(rows: &[Line], characters: &[Line], keyed: bool) -> Pairs {
        let what = |line: &Line| {
            if keyed {
                (line.0, 0, 0)
            } else {
                (0, line.1, line.2)
            }
        };
        let mut queues: HashMap<_, VecDeque<usize>> = HashMap::new();
        for (at, character) in characters.iter().enumerate() {
            queues.entry(what(character)).or_default().push_back(at);
        }
        let pair = |(at, row)| Some((at, queues.get_mut(&what(row))?.pop_front()?));
        rows.iter().enumerate().filter_map(pair).collect()
    }

    fn lines() -> impl Strategy<Value = Vec<Line>> {
        prop::collection::vec((Just(0), 0_u8..4, 0_u8..3), 0..14)
    }

    /// A sheet with some rows edited, removed, inserted and moved.
    fn edited(mut rows: Vec<Line>, edits: &[(u8, usize, Line)]) -> Vec<Line> {
        for (what, at, line) in edits {
            let at = at % (rows.len() + 1);
            match what {
                0 => rows.insert(at, *line),
                1 if at < rows.len() => rows[at] = *line,
                2 if at < rows.len() => drop(rows.remove(at)),
                _ => rows.rotate_left(at),
            }
        }
        rows
    }

    fn edits() -> impl Strategy<Value = Vec<(u8, usize, Line)>> {
        prop::collection::vec((0_u8..4, any::<usize>(), (Just(0), 0_u8..4, 0_u8..3)), 0..5)
    }

    fn numbered(mut rows: Vec<Line>, keys: &[u8]) -> Vec<Line> {
        for (row, key) in rows.iter_mut().zip(keys) {
            row.0 = *key;
        }
        rows
    }

    proptest! {
        #![proptest_config(property_config!())]

        #[test]
        fn the_first_pass_finds_each_pair_that_is_found_here(characters in lines(), edits in edits()) {
            let rows = edited(characters.clone(), &edits);
            let expected = first_pass(&rows, &characters, false);
            for pair in aligned(&rows, &characters, false) {
                prop_assert!(expected.contains(&pair), "{:?}", pair);
            }
        }

        #[test]
        fn the_first_pass_finds_each_pair_that_is_found_here_with_keys(
            characters in lines(), edits in edits(),
            keys in Just((0..30).collect::<Vec<u8>>()).prop_shuffle(),
        ) {
            let characters = numbered(characters, &(0..30).collect::<Vec<_>>());
            let rows = numbered(edited(characters.clone(), &edits), &keys);
            let expected = first_pass(&rows, &characters, true);
            for pair in aligned(&rows, &characters, true) {
                prop_assert!(expected.contains(&pair), "{:?}", pair);
            }
        }
    }

    #[test]
    fn only_an_inserted_a_removed_and_an_edited_row_are_left_over() {
        let characters: Vec<Line> = (0..100).map(|at| (0, at, 0)).collect();
        let mut rows = characters.clone();
        rows[80] = (0, 200, 0);
        rows.remove(50);
        rows.insert(20, (0, 201, 0));
        let found = aligned(&rows, &characters, false);
        assert_eq!(found, first_pass(&rows, &characters, false));
        assert_eq!(found.len(), 98);
    }

    #[test]
    fn the_search_stops_for_a_sheet_with_nothing_in_common() {
        let mut alignment: Alignment<()> = Alignment::new(false, Limits::default());
        for number in 0..=Limits::default().left_over {
            assert!(!alignment.gave_up());
            let mut content = [0; 16];
            content[..8].copy_from_slice(&number.to_le_bytes());
            assert_eq!(alignment.find(Content(content), |()| true), None);
        }
        assert!(alignment.gave_up());
        assert!(!alignment.is_short());
    }
}
