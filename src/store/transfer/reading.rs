//! Reads a cast part by part: its head, then a page of characters, the takes of these, their attempts, the next page, and so on.

use super::{Outgoing, Owned, Part, Place};
use crate::store::StoreError;

/// How many characters are in a page, at most.
const CHARACTERS_MAX: usize = 500;

/// How many takes or attempts are in a part, at most. A story has some KB, and rarely a MB.
const TAKES_MAX: usize = 250;

/// A cast that is being read.
pub(super) struct Reading<'a, S> {
    source: &'a mut S,
    next: Step,
    /// The last character of the page.
    last: Option<Place>,
    /// The position in the cast of the first character of the page.
    first: i64,
    /// The characters of the page.
    page: Vec<i64>,
}

/// What is read next.
#[derive(Debug, Clone, Copy)]
enum Step {
    Head,
    Characters,
    Takes(Done),
    Attempts(Done),
}

/// How far the takes or attempts of a page have been read.
#[derive(Debug, Clone, Copy, Default)]
struct Done {
    /// The position in the page of the character that may have more.
    character: usize,
    /// The last number of that character that was read.
    number: i64,
}

impl<'a, S: Outgoing> Reading<'a, S> {
    pub(super) fn new(source: &'a mut S) -> Self {
        Self {
            source,
            next: Step::Head,
            last: None,
            first: 0,
            page: Vec::new(),
        }
    }

    /// The next part; `None` after the last one.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    pub(super) async fn next(&mut self) -> Result<Option<Part>, StoreError> {
        loop {
            match self.next {
                Step::Head => {
                    self.next = Step::Characters;
                    return Ok(Some(Part::Head(self.source.head().await?)));
                }
                Step::Characters => return self.characters().await,
                Step::Takes(done) => {
                    let page = &self.page[done.character..];
                    let takes = self.source.takes(page, done.number, TAKES_MAX).await?;
                    let (takes, more) = self.placed(takes, done);
                    self.next = more.map_or(Step::Attempts(Done::default()), Step::Takes);
                    if !takes.is_empty() {
                        return Ok(Some(Part::Takes(takes)));
                    }
                }
                Step::Attempts(done) => {
                    let page = &self.page[done.character..];
                    let attempts = self.source.attempts(page, done.number, TAKES_MAX).await?;
                    let (attempts, more) = self.placed(attempts, done);
                    self.next = more.map_or(Step::Characters, Step::Attempts);
                    if !attempts.is_empty() {
                        return Ok(Some(Part::Attempts(attempts)));
                    }
                }
            }
        }
    }

    async fn characters(&mut self) -> Result<Option<Part>, StoreError> {
        let page = self.source.characters(self.last, CHARACTERS_MAX).await?;
        let Some(last) = page.places.last() else {
            return Ok(None);
        };
        self.first += integer(self.page.len());
        self.last = Some(*last);
        self.page = page.places.iter().map(|place| place.id).collect();
        self.next = Step::Takes(Done::default());
        Ok(Some(Part::Characters(page.records)))
    }

    /// What was read with the positions in the cast, and how far it goes; `None` if there is no more.
    fn placed(&self, mut read: Vec<Owned>, done: Done) -> (Vec<Owned>, Option<Done>) {
        let is_full = read.len() >= TAKES_MAX;
        let more = read.last().filter(|_| is_full).map(|last| Done {
            character: done.character + usize::try_from(last.character).unwrap_or_default(),
            number: last.number(),
        });
        for one in &mut read {
            one.character += self.first + integer(done.character);
        }
        (read, more)
    }
}

fn integer(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
