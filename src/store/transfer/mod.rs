//! Copies a cast from one database into another one, of any kind, and proves that the copy is equal.
//!
//! The cast is read in parts of bounded size, so memory does not grow with it. The source shows one state while it is read, and the
//! target stores everything in one transaction. Before that is committed, the copy is read back, and counted and digested as the
//! original was: what differs is never kept.
//!
//! How a part is read and written is for each kind of database to say; what belongs to a cast is in `record.rs`.

mod digest;
mod reading;
mod record;

pub use digest::Contents;
pub(super) use record::{
    ATTEMPTS, CAST, CHARACTERS, Cell, Column, ENDPOINTS, Kind, RECIPES, RUNS, Record, References,
    TAKES, names,
};

use super::StoreError;
use digest::Sum;
use reading::Reading;
use std::collections::HashMap;

/// A part of a cast.
pub(super) enum Part {
    /// The cast itself, with what its characters refer to. It comes first.
    Head(Head),
    /// The next characters.
    Characters(Vec<Record>),
    /// The next takes of the last characters.
    Takes(Vec<Owned>),
    /// The next attempts of the last characters.
    Attempts(Vec<Owned>),
}

/// A cast without its characters. Its lists are short.
pub(super) struct Head {
    pub(super) cast: Record,
    /// The recipes of the cast and its runs, by their fingerprints.
    pub(super) recipes: Vec<Record>,
    /// The endpoints of its runs, by their addresses.
    pub(super) endpoints: Vec<Record>,
    /// Its runs, in the order in which they began.
    pub(super) runs: Vec<Record>,
}

/// A take or an attempt.
pub(super) struct Owned {
    /// The position of its character: in the cast, from 0. What a database returns has the position among the characters that it was
    /// asked for.
    pub(super) character: i64,
    pub(super) record: Record,
    /// Of a take that is a copy: the take that it was copied from.
    pub(super) copy_of: Option<Original>,
}

impl Owned {
    /// The number of the take or attempt, which is the first one of its cells.
    pub(super) fn number(&self) -> i64 {
        match self.record.first() {
            Some(Cell::Integer(number)) => *number,
            _ => 0,
        }
    }
}

/// The take that another one was copied from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Original {
    /// The row of its character.
    pub(super) row: i64,
    /// The position of its character among those with the same row, from 0. Characters that are gone can have the row of another one.
    pub(super) nth: i64,
    /// Its number.
    pub(super) take: i64,
}

/// Where a character is in the order of its cast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) row: i64,
    pub(super) id: i64,
}

/// The next characters of a cast.
pub(super) struct Page {
    /// Where each one is.
    pub(super) places: Vec<Place>,
    pub(super) records: Vec<Record>,
}

/// A cast that is read. All parts show one state of it.
pub(super) trait Outgoing {
    /// The cast without its characters.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    async fn head(&mut self) -> Result<Head, StoreError>;

    /// At most `limit` characters after a place, by row and identity.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    async fn characters(&mut self, after: Option<Place>, limit: usize) -> Result<Page, StoreError>;

    /// At most `limit` takes of these characters, in their order; of the first one, only those with a number above `after`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    async fn takes(
        &mut self,
        characters: &[i64],
        after: i64,
        limit: usize,
    ) -> Result<Vec<Owned>, StoreError>;

    /// The same for attempts.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    async fn attempts(
        &mut self,
        characters: &[i64],
        after: i64,
        limit: usize,
    ) -> Result<Vec<Owned>, StoreError>;
}

/// A cast that is written, in a transaction that is not committed here. It can be read back.
pub(super) trait Incoming: Outgoing {
    /// Changes what this kind of database cannot hold.
    fn make_storable(part: &mut Part);

    /// Stores a part.
    ///
    /// # Errors
    ///
    /// [`StoreError::CastExists`]; another when the database cannot be written.
    async fn add(&mut self, part: Part) -> Result<(), StoreError>;

    /// Stores what can only be known at the end: counts, and which take is a copy of which.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be written.
    async fn complete(&mut self) -> Result<(), StoreError>;
}

/// Copies a cast. The caller commits the transaction of the target, or undoes it after an error.
///
/// # Errors
///
/// [`StoreError::CopyDiffers`] when the copy is not equal to the original; else an error of one of the databases.
pub(super) async fn copy<T: Incoming>(
    source: &mut impl Outgoing,
    target: &mut T,
) -> Result<Contents, StoreError> {
    let mut sent = Sum::default();
    let mut reading = Reading::new(source);
    while let Some(mut part) = reading.next().await? {
        T::make_storable(&mut part);
        sent.add(&part);
        target.add(part).await?;
    }
    target.complete().await?;
    let mut stored = Sum::default();
    let mut reading = Reading::new(target);
    while let Some(part) = reading.next().await? {
        stored.add(&part);
    }
    let (sent, stored) = (sent.contents(), stored.contents());
    if sent == stored {
        Ok(sent)
    } else {
        Err(StoreError::CopyDiffers)
    }
}

/// The position of each character, by its identity, among those with the same row. They come by row and identity.
pub(super) fn positions_in_rows(characters: impl Iterator<Item = Place>) -> HashMap<i64, i64> {
    let (mut row, mut nth) = (None, 0);
    let position = |place: Place| {
        nth = if row == Some(place.row) { nth + 1 } else { 0 };
        row = Some(place.row);
        (place.id, nth)
    };
    characters.map(position).collect()
}
