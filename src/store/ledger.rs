//! The ledger of a run: which characters it tries next, and what is stored of each attempt.
//!
//! An attempt is stored before its request is sent, under a claim of its own. A result counts only under that claim. On a server, a
//! story that comes late becomes one more take, and never changes what another run has claimed since. Everything of a [`Group`] is
//! durable, together, before [`Ledger::commit`] returns.
//!
//! Untried characters are claimed in the same step in which they are read: so several runs on one cast never read the same ones.

use super::{Part, Standing, StoreError};
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

/// The row of the sheet after which the next characters are claimed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor(pub i64);

/// The start of an attempt on a character that the run has tried before: it is claimed again, and the attempt is stored.
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
    /// The claim of the attempt. If the character has another one by now, its state does not change.
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
    /// It failed. The reason is in the ending.
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

/// What becomes durable together: first all settlements, then all starts, then what is claimed.
#[derive(Default)]
pub struct Group<'a> {
    /// Attempts that have ended.
    pub settlements: Vec<Settlement>,
    /// Attempts that are about to begin, on characters that the run knows.
    pub starts: Vec<Start>,
    /// Further characters to claim in the same step.
    pub next: Option<NextCharacters<'a>>,
    /// Reserved for the requests of the run that are in flight, without what this group starts; `None` if prices are not known.
    pub reserved: Option<Money>,
}

/// Asks for pending characters of the sheet, each with an attempt that is about to begin.
pub struct NextCharacters<'a> {
    /// The first one comes after this row; the others follow in the order of the sheet.
    pub after: Cursor,
    /// At most this many. With 0 nothing is claimed: [`Committed::is_end`] says whether there are any.
    pub most: usize,
    /// Characters to leave out.
    pub except: Vec<CharacterId>,
    /// When the requests will be sent.
    pub at: SystemTime,
    /// What the requests may cost, where prices are known.
    pub allowance: Option<Allowance<'a>>,
}

/// What the requests of claimed characters may cost.
pub struct Allowance<'a> {
    /// The most that a request for this character may cost.
    pub price: Box<dyn Fn(&Character) -> Money + Send + Sync + 'a>,
    /// The most that all of them may cost together; `None`: no limit.
    pub left: Option<Money>,
}

impl Allowance<'_> {
    /// How many of `characters` can be paid, from the first one on, and the price of the one after them.
    #[must_use]
    pub fn paid<'c>(
        &self,
        characters: impl IntoIterator<Item = &'c Character>,
    ) -> (Vec<Money>, Option<Money>) {
        let mut left = self.left;
        let mut prices = Vec::new();
        for character in characters {
            let price = (self.price)(character);
            if let Some(left) = &mut left {
                if price > *left {
                    return (prices, Some(price));
                }
                *left = left.without(price);
            }
            prices.push(price);
        }
        (prices, None)
    }
}

/// The budget of the cast does not allow all that a group would start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverBudget {
    /// The budget.
    pub budget: Money,
    /// The most that the cast has cost so far, without requests in flight.
    pub spent: Money,
    /// The most that the next request could cost; `None` if the run does not know its prices.
    pub next: Option<Money>,
    /// Who could make room for the next request, besides the run itself.
    pub held: Held,
}

/// Whether a part of a cast's budget may become free that the asking run does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Other runs hold a part, and may give some of it back.
    ByOthers,
    /// No other run holds a part.
    ByNone,
}

/// What a settlement has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// Its text is this take.
    Take(TakeNumber),
    /// It is stored, and it has no take.
    NoTake,
    /// Nothing: the claim was not current any more.
    NotOurs,
}

/// What has become durable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// What each settlement has changed, in the order of the group.
    pub settled: Vec<Stored>,
    /// The claim of each start, in the order of the group; `None` where another process was first, or where the budget of the cast
    /// does not allow it.
    pub started: Vec<Option<Claim>>,
    /// The characters that [`Group::next`] has claimed, in the order of the sheet, each with its new claim.
    pub claimed: Vec<Character>,
    /// The price of the next character, if it is more than [`Allowance::left`].
    pub short: Option<Money>,
    /// Why not all was started and claimed that the group asked for, where that is because of the budget of the cast.
    pub over_budget: Option<OverBudget>,
    /// Nothing that could be claimed is left after the last claimed character, or after [`NextCharacters::after`].
    pub is_end: bool,
    /// Whether other runs hold characters of the cast that may become pending again. Set only together with `is_end`.
    pub is_shared: bool,
}

/// The cast of a run: which characters it claims, and how their attempts ended.
pub trait Ledger: Send + Sync {
    /// Makes `group` durable, all of it or nothing. An empty group only renews the lease.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when nothing of the group was stored; it may be tried again.
    fn commit(
        &self,
        group: Group<'_>,
    ) -> impl Future<Output = Result<Committed, StoreError>> + Send;

    /// The user wants to stop at once. After this call, a commit fails within a few seconds if the database cannot be reached.
    fn hurry(&self) {}

    /// Whether other runs may work with the same service and key at the same time; then [`Ledger::share`] says what this one may do.
    fn shares_limits(&self) -> bool {
        false
    }

    /// Reports the state of this run to the runs with the same service and key. Returns what this one may do.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be reached; the call may be repeated.
    fn share(&self, _standing: Standing) -> impl Future<Output = Result<Part, StoreError>> + Send {
        std::future::ready(Ok(Part::default()))
    }

    /// The counts of the cast as they stand.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    fn counts(&self) -> impl Future<Output = Result<Counts, StoreError>> + Send;
}
