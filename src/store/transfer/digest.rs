//! What a copied cast is compared by: how many records it has of each sort, and a digest of all of them.

use super::Part;
use super::record::Cell;
use sha2::{Digest, Sha256};

/// How many records a cast has, and the digest of all of them in their order. Equal casts have equal ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// Characters, also those that are no longer in the sheet.
    pub characters: u64,
    /// Takes of all characters.
    pub takes: u64,
    /// Attempts of all characters.
    pub attempts: u64,
    /// Runs on the cast.
    pub runs: u64,
    /// The SHA-256 digest of all records.
    pub digest: [u8; 32],
}

/// Adds up the contents of a cast, part by part.
#[derive(Default)]
pub(super) struct Sum {
    characters: u64,
    takes: u64,
    attempts: u64,
    runs: u64,
    digest: Sha256,
}

impl Sum {
    pub(super) fn add(&mut self, part: &Part) {
        match part {
            Part::Head(head) => {
                self.record(b'C', &head.cast);
                for recipe in &head.recipes {
                    // The first cell is the fingerprint. Equal recipes are stored once, whatever the name of the column is that the
                    // descriptions come from, so the target may have it with another name.
                    self.record(b'P', &recipe[..1]);
                }
                for endpoint in &head.endpoints {
                    self.record(b'E', endpoint);
                }
                for run in &head.runs {
                    self.record(b'R', run);
                }
                self.runs += count(&head.runs);
            }
            Part::Characters(characters) => {
                for record in characters {
                    self.record(b'c', record);
                }
                self.characters += count(characters);
            }
            Part::Takes(takes) => {
                for take in takes {
                    self.record(b't', &take.record);
                    self.integer(take.character);
                    let original = take.copy_of.map(|it| [it.row, it.nth, it.take]);
                    for number in original.iter().flatten() {
                        self.integer(*number);
                    }
                }
                self.takes += count(takes);
            }
            Part::Attempts(attempts) => {
                for attempt in attempts {
                    self.record(b'a', &attempt.record);
                    self.integer(attempt.character);
                }
                self.attempts += count(attempts);
            }
        }
    }

    pub(super) fn contents(self) -> Contents {
        Contents {
            characters: self.characters,
            takes: self.takes,
            attempts: self.attempts,
            runs: self.runs,
            digest: self.digest.finalize().into(),
        }
    }

    /// Each value has its sort and its length in front, so that no two lists of values give the same bytes.
    fn record(&mut self, sort: u8, record: &[Cell]) {
        self.digest.update([sort]);
        for cell in record {
            match cell {
                Cell::Null => self.digest.update(b"n"),
                Cell::Integer(number) => self.integer(*number),
                Cell::Text(text) => self.bytes(b's', text.as_bytes()),
                Cell::Bytes(bytes) => self.bytes(b'b', bytes),
            }
        }
    }

    fn integer(&mut self, number: i64) {
        self.digest.update(b"i");
        self.digest.update(number.to_be_bytes());
    }

    fn bytes(&mut self, sort: u8, bytes: &[u8]) {
        self.digest.update([sort]);
        self.digest.update(count(bytes).to_be_bytes());
        self.digest.update(bytes);
    }
}

fn count<T>(all: &[T]) -> u64 {
    u64::try_from(all.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::{Head, Original, Owned};
    use super::*;

    fn digest(parts: &[Part]) -> [u8; 32] {
        let mut sum = Sum::default();
        for part in parts {
            sum.add(part);
        }
        sum.contents().digest
    }

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    fn take(character: i64, copy_of: Option<Original>) -> Part {
        Part::Takes(vec![Owned {
            character,
            record: vec![Cell::Integer(1), text("x")],
            copy_of,
        }])
    }

    #[test]
    fn parts_of_any_size_give_the_same_digest() {
        let records = || vec![vec![text("a")], vec![text("b")], vec![Cell::Null]];
        let whole = digest(&[Part::Characters(records())]);
        let pieces = records().into_iter();
        let pieces: Vec<Part> = pieces.map(|it| Part::Characters(vec![it])).collect();
        assert_eq!(digest(&pieces), whole);
    }

    #[test]
    fn any_difference_gives_another_digest() {
        let head = |runs| {
            Part::Head(Head {
                cast: vec![text("x")],
                recipes: Vec::new(),
                endpoints: Vec::new(),
                runs,
            })
        };
        let characters = |cells: &[Cell]| Part::Characters(vec![cells.to_vec()]);
        let original = |row, nth, take| Some(Original { row, nth, take });
        let all = [
            characters(&[text("a"), text("b")]),
            characters(&[text("ab"), text("")]),
            characters(&[text("ab"), Cell::Null]),
            characters(&[text("1")]),
            characters(&[Cell::Integer(1)]),
            characters(&[Cell::Bytes(b"1".to_vec())]),
            take(1, None),
            take(2, None),
            take(1, original(3, 0, 1)),
            take(1, original(3, 1, 1)),
            take(1, original(3, 0, 2)),
            head(Vec::new()),
            head(vec![vec![Cell::Null]]),
        ];
        let digests: std::collections::HashSet<_> = all
            .iter()
            .map(|part| digest(std::slice::from_ref(part)))
            .collect();
        assert_eq!(digests.len(), all.len());
    }
}
