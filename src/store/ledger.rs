//! The ledger of a run: which characters come next, and what is stored of each attempt.
//!
//! An attempt is stored before its request is sent, under a claim of its own. A result counts only under that claim, so that a
//! result that comes late changes nothing. Everything of a [`Group`] is durable, together, before [`Ledger::commit`] returns.

use super::StoreError;
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

/// The row of the sheet after which the next characters are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor(pub i64);

/// The start of an attempt: the character is claimed, and the attempt is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The character.
    pub id: CharacterId,
    /// The claim that the character had when it was read. If it has another one by now, another process has claimed it.
    pub claim: Claim,
    /// When the request will be sent.
    pub at: SystemTime,
    /// The most that it may cost, where prices are known.
    pub reserved: Option<Money>,
}

/// The end of an attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Settlement {
    /// The character.
    pub id: CharacterId,
    /// The claim of the attempt. If the character has another one by now, nothing changes.
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
    /// It will be tried again.
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
    pub(super) fn of(word: &str) -> Option<Self> {
        let all = [Self::Done, Self::Pending, Self::Failed];
        all.into_iter().find(|state| state.word() == word)
    }
}

/// What becomes durable together: first all settlements, then all starts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Group {
    /// Attempts that have ended.
    pub settlements: Vec<Settlement>,
    /// Attempts that are about to begin.
    pub starts: Vec<Start>,
}

/// What a settlement has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// Its text is this take.
    Take(TakeNumber),
    /// It is stored, and brought no take.
    NoTake,
    /// Nothing: the claim was not current any more.
    NotOurs,
}

/// What has become durable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// What each settlement has changed, in the order of the group.
    pub settled: Vec<Stored>,
    /// The claim of each start, in the order of the group; `None` where another process was first.
    pub started: Vec<Option<Claim>>,
}

/// The cast of a run: which characters come next, which are claimed, how their attempts ended.
pub trait Ledger: Send + Sync {
    /// Up to `limit` pending characters of the sheet after `cursor`, in the order of the sheet.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read; nothing has changed.
    fn upcoming(
        &self,
        cursor: Cursor,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Character>, StoreError>> + Send;

    /// Makes `group` durable, all of it or nothing. An empty group only tells that the run is alive.
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
