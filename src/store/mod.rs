//! The database: its traits, the values that they pass, and the one implementation, for `SQLite`.
//!
//! [`Store`] is what a run needs: the next characters, and committing a group of starts and settlements. The whole group is
//! durable before [`Store::commit`] returns. [`Library`], [`Search`] and [`Changes`] are what the other commands need.
//!
//! No type of a database crate is part of these traits, not even in an error.

mod changes;
mod error;
mod found;
mod incoming;
mod library;
mod new_run;
mod records;
mod searching;
mod sqlite;
mod watched;

pub use crate::domain::comparison::Comparison;
pub use crate::domain::verdict::Finished;
pub use changes::Changes;
pub use error::{StoreError, Trouble};
pub use found::{Found, Hits, Snippet, Wanted};
pub use incoming::{Failed, Sheet};
pub use library::Library;
pub use new_run::{NewRun, Reopen};
pub use records::{AttemptRecord, CastRecord, Cause, Filter, Outline, RunRecord, TakeRecord};
pub use searching::Search;
pub use sqlite::{Batch, Editor, Form, Holder, Import, Reader, Sqlite, SqliteRun, Value};
pub use watched::{Newest, Setback, Span, Watched};

use crate::domain::character::{Character, CharacterId, Claim, Content, TakeNumber};
use crate::domain::money::{Cost, Money};
use crate::domain::outcome::Ending;
use crate::domain::tally::Counts;
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::time::SystemTime;

/// A run's identity in its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RunId(pub i64);

/// A position in the sheet; the next characters after it are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(pub i64);

/// A request to claim a character and to insert its attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The character to claim.
    pub id: CharacterId,
    /// The claim that it had when it was read. If it has another one now, it is not started.
    pub claim: Claim,
    /// When the request will be sent.
    pub at: SystemTime,
    /// The most that it may cost, if prices are known.
    pub reserved: Option<Money>,
}

/// The result of an attempt that has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Settlement {
    /// The character of the attempt.
    pub id: CharacterId,
    /// The claim of the attempt. If the character has another claim now, nothing changes.
    pub claim: Claim,
    /// The content that the story was made from.
    pub content: Content,
    /// The new state of the character.
    pub state: Settled,
    /// Tries used since the character became pending.
    pub tries: u32,
    /// What the attempt brought; its flags become those of the take.
    pub ending: Ending,
    /// Words of the story.
    pub words: u64,
    /// What the attempt cost, if prices are known.
    pub cost: Option<Cost>,
    /// When it ended.
    pub at: SystemTime,
}

/// The state of a character after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// The text is its new take.
    Done,
    /// It is to be tried again.
    Pending,
    /// It failed; the ending has the reason.
    Failed,
}

impl Settled {
    /// The word for it in the database.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Pending => "pending",
            Self::Failed => "failed",
        }
    }

    /// The state that a word stands for.
    fn of(word: &str) -> Option<Self> {
        let all = [Self::Done, Self::Pending, Self::Failed];
        all.into_iter().find(|state| state.word() == word)
    }
}

/// Changes that are committed together: first all settlements, then all starts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Group {
    /// Attempts that have ended.
    pub settlements: Vec<Settlement>,
    /// Attempts that are about to begin.
    pub starts: Vec<Start>,
}

/// The result of storing a settlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// Its text was stored as this take.
    Take(TakeNumber),
    /// It was stored and brought no take.
    NoTake,
    /// Nothing changed, because the claim no longer held.
    NotOurs,
}

/// The results of a commit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// The result of each settlement, in the order of the group.
    pub settled: Vec<Stored>,
    /// The claim of each start, in the order of the group; `None` if the character had been changed meanwhile.
    pub started: Vec<Option<Claim>>,
}

/// What a run needs from the database.
pub trait Store: Send + Sync {
    /// Up to `limit` pending characters after `place`, in the order of the sheet, without gone ones.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read; nothing has changed.
    fn upcoming(
        &self,
        place: Place,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Character>, StoreError>> + Send;

    /// Makes `group` durable, all of it or nothing. An empty group only records that the run is alive.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when nothing of the group was stored. The caller may try again.
    fn commit(&self, group: Group) -> impl Future<Output = Result<Committed, StoreError>> + Send;

    /// The current counts of the cast.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn counts(&self) -> impl Future<Output = Result<Counts, StoreError>> + Send;
}
