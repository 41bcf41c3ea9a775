//! What is known of a cast, and kept.
//!
//! [`Store`] is what a run needs, in the run's words: who is next, begin, settle. Everything that a group holds is durable,
//! together, before [`Store::commit`] returns. [`Sqlite`] is the store on this machine; what commands besides a run need
//! of it (importing, reading) are its own methods.
//!
//! No type of a database crosses this boundary, not even in an error.

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

/// A place in the sheet after which the next characters are wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(pub i64);

/// A character is to be claimed and its attempt written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Whom.
    pub id: CharacterId,
    /// The claim it had when it was read; if it has another one by now, it is not ours to start.
    pub claim: Claim,
    /// When the request will leave.
    pub at: SystemTime,
    /// The most that it may cost, where prices are known.
    pub reserved: Option<Money>,
}

/// An attempt has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Settlement {
    /// Whose.
    pub id: CharacterId,
    /// Under which claim; if it is not the character's claim any more, nothing changes.
    pub claim: Claim,
    /// What the story was made from.
    pub content: Content,
    /// The state that follows.
    pub state: Settled,
    /// Tries used since the character became pending.
    pub tries: u32,
    /// All that is known of the attempt; its flags are those of the take.
    pub ending: Ending,
    /// Words of the story.
    pub words: u64,
    /// What the attempt cost, where prices are known.
    pub cost: Option<Cost>,
    /// When it ended.
    pub at: SystemTime,
}

/// The state of a character after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// The text is its new take.
    Done,
    /// It is to be taken up again.
    Pending,
    /// It failed, for the reason that the ending has.
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

/// What is to be made durable together: first all settlements, then all starts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Group {
    /// Attempts that have ended.
    pub settlements: Vec<Settlement>,
    /// Attempts that are about to begin.
    pub starts: Vec<Start>,
}

/// What became of a settlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// Its text is this take.
    Take(TakeNumber),
    /// It is stored, and brought no take.
    NoTake,
    /// Nothing changed: the claim was not ours any more.
    NotOurs,
}

/// What has become durable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// What became of each settlement, in the group's order.
    pub settled: Vec<Stored>,
    /// Of each start, in the group's order, its claim; `None` where somebody else was first.
    pub started: Vec<Option<Claim>>,
}

/// What a run needs of its cast.
pub trait Store: Send + Sync {
    /// Up to `limit` pending characters after `place` in the sheet's order, never gone ones.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read; nothing has changed.
    fn upcoming(
        &self,
        place: Place,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Character>, StoreError>> + Send;

    /// Makes `group` durable, all of it or nothing. An empty group says that the run is alive.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when nothing of the group was stored; it may be tried again.
    fn commit(&self, group: Group) -> impl Future<Output = Result<Committed, StoreError>> + Send;

    /// The counts of the cast as they stand.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn counts(&self) -> impl Future<Output = Result<Counts, StoreError>> + Send;
}
