//! The values that the [`Library`](super::Library) returns: casts, characters, takes, attempts, runs.

use crate::domain::character::{CastId, CharacterId};
use crate::domain::flag::{Flag, Flags};
use crate::domain::money::{BudgetLeft, Cost, Money};
use crate::domain::outcome::Outcome;
use crate::domain::status::Status;
use serde::Serialize;
use std::time::Duration;

/// A cast with its counts: a row of the view `casts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CastRecord {
    /// Its identity in this database.
    #[serde(skip)]
    pub id: CastId,
    /// Its name.
    pub cast_name: String,
    /// Characters of the sheet.
    pub total: u64,
    /// Characters of the sheet that have a story.
    pub done: u64,
    /// Characters of the sheet that failed.
    pub failed: u64,
    /// Characters of the sheet without a story, not failed, and without a request in flight.
    pub pending: u64,
    /// Characters of the sheet with a request in flight.
    pub running: u64,
    /// Characters that are no longer in the sheet.
    pub gone: u64,
    /// Attempts, without those that are known to be unsent.
    pub requests: u64,
    /// Attempts that brought no story and may have been charged.
    pub maybe_charged: u64,
    /// Characters whose current take has a flag.
    pub flagged: u64,
    /// When its first story was finished.
    pub oldest: Option<String>,
    /// When its last story was finished.
    pub newest: Option<String>,
    /// The cost that is certain; absent when no price was ever given.
    pub cost: Option<Money>,
    /// The most that may have been charged in addition to `cost`.
    pub cost_maybe: Option<Money>,
    /// The most that it may cost in all; absent when it has no such limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<Money>,
    /// What is left of `budget`. Requests in flight do not count yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget_left: Option<Money>,
}

impl CastRecord {
    /// The cost so far; zero when no price was ever given.
    #[must_use]
    pub fn cost_so_far(&self) -> Cost {
        Cost {
            known: self.cost.unwrap_or_default(),
            maybe: self.cost_maybe.unwrap_or_default(),
        }
    }

    /// The budget and what is left of it, if the cast has one.
    #[must_use]
    pub fn budget_and_left(&self) -> Option<BudgetLeft> {
        let (budget, left) = self.budget.zip(self.budget_left)?;
        Some(BudgetLeft { budget, left })
    }

    /// The same cast with this budget.
    #[must_use]
    pub(super) fn with_budget(self, budget: Option<Money>) -> Self {
        let cost = self.cost_so_far();
        let left = budget.map(|budget| BudgetLeft::after(budget, cost));
        Self {
            budget,
            budget_left: left.map(|it| it.left),
            ..self
        }
    }
}

/// Characters that failed with the same error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The class of the failure.
    pub error_kind: Outcome,
    /// What went wrong; foreign text.
    pub error: String,
    /// How many characters failed with it.
    pub many: u64,
    /// The name of one of these characters; foreign text.
    pub example: String,
}

/// Which characters to read. Conditions that are given must all hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only characters of this cast.
    pub cast: Option<String>,
    /// Only characters in this state.
    pub status: Option<Status>,
    /// Only characters whose name contains this text, in upper or lower case.
    pub name: Option<String>,
    /// Only characters with this flag.
    pub flag: Option<Flag>,
    /// At most this many characters.
    pub limit: Option<u64>,
    /// Include characters that are no longer in the sheet.
    pub gone: bool,
}

/// What filters and sorts a character in a list, without its texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outline {
    /// The character's identity.
    pub id: CharacterId,
    /// The cast's identity in this database.
    pub cast: CastId,
    /// Its state. It is `running` only while a live run has a request for it in flight.
    pub status: Status,
    /// Whether it is no longer in the sheet.
    pub gone: bool,
    /// The flags of the current take, and whether it is stale.
    pub flags: Flags,
    /// Words of the current take.
    pub words: Option<i64>,
    /// When the current take was finished, in milliseconds since 1970.
    pub finished_ms: Option<i64>,
    /// The position of its name when all names are sorted.
    pub by_name: i64,
}

/// A take: a row of the view `takes`.
#[derive(Debug, Serialize)]
pub struct TakeRecord {
    /// Its number.
    pub take: i64,
    /// The story.
    pub text: String,
    /// Its words.
    pub words: i64,
    /// Its flags.
    pub flags: Flags,
    /// The provider that wrote it.
    pub provider: String,
    /// The model that wrote it.
    pub model: Option<String>,
    /// The address that the request went to.
    pub endpoint: Option<String>,
    /// When it was finished.
    pub finished_at: String,
    /// Whether it is the current take.
    pub current: bool,
}

/// An attempt: a row of the view `attempts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttemptRecord {
    /// Its number.
    pub attempt: i64,
    /// How it ended, if it has.
    pub outcome: Option<Outcome>,
    /// The HTTP status of the answer.
    pub http_status: Option<i64>,
    /// What went wrong.
    pub error: Option<String>,
    /// When it was sent.
    pub started_at: String,
    /// Time from the start to the first text, in milliseconds.
    pub first_text_ms: Option<i64>,
    /// When it ended.
    pub ended_at: Option<String>,
    /// Time from the start to the end, in milliseconds.
    #[serde(skip)]
    pub took_ms: Option<i64>,
    /// Bytes of text received.
    pub bytes: Option<i64>,
    /// Tokens of the request, where the provider counts them.
    pub tokens_in: Option<i64>,
    /// Tokens of the answer, where the provider counts them.
    pub tokens_out: Option<i64>,
    /// The part of a story that arrived, where no take came of it.
    pub partial: Option<String>,
}

/// What a run has done so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRecord {
    /// When it began, in UTC.
    pub started_at: String,
    /// The process of the run, while the run is alive.
    pub pid: Option<u64>,
    /// How long it took, or has taken until now.
    pub took: Duration,
    /// Requests that were sent.
    pub requests: u64,
    /// Stories that these requests brought.
    pub done: u64,
}
