//! Casts, characters and their history, as reading them returns them.

use crate::domain::character::{CastId, CharacterId};
use crate::domain::flag::{Flag, Flags};
use crate::domain::money::Money;
use crate::domain::status::Status;
use serde::Serialize;
use serde_json::value::RawValue;
use std::time::Duration;

/// A cast with its counts, as the view `casts` has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CastRecord {
    /// Its identity in this database.
    #[serde(skip)]
    pub id: CastId,
    /// Its name.
    pub cast_name: String,
    /// Characters of the sheet.
    pub total: u64,
    /// Of those, with a story.
    pub done: u64,
    /// Of those, failed.
    pub failed: u64,
    /// Of those, without a story and not in flight.
    pub pending: u64,
    /// Of those, in flight.
    pub running: u64,
    /// Characters that left the sheet.
    pub gone: u64,
    /// Attempts written and not known as unsent.
    pub requests: u64,
    /// Attempts that nobody can say were not charged.
    pub maybe_charged: u64,
    /// Characters whose take has a flag.
    pub flagged: u64,
    /// When its first story was finished.
    pub oldest: Option<String>,
    /// When its last story was finished.
    pub newest: Option<String>,
    /// What it has cost for certain; absent when no price was ever given.
    pub cost: Option<Money>,
    /// Up to how much more may have been charged.
    pub cost_maybe: Option<Money>,
}

/// Characters that failed alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The class of the failure.
    pub error_kind: String,
    /// What went wrong; foreign text.
    pub error: String,
    /// How many.
    pub many: u64,
    /// The name of one of them; foreign text.
    pub example: String,
}

/// Which characters are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this cast only.
    pub cast: Option<String>,
    /// In this state only.
    pub status: Option<String>,
    /// With this in their name, whatever the case.
    pub name: Option<String>,
    /// With this flag only.
    pub flag: Option<Flag>,
    /// At most so many.
    pub limit: Option<u64>,
    /// Those that left the sheet, too.
    pub gone: bool,
}

/// By what a character is found among the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outline {
    /// Who.
    pub id: CharacterId,
    /// The cast's identity in this database.
    pub cast: CastId,
    /// Its state; running only while a live run holds it.
    pub status: Status,
    /// Whether it left the sheet.
    pub gone: bool,
    /// The flags of the take that counts, and whether it is stale.
    pub flags: Flags,
    /// Words of the take that counts.
    pub words: Option<i64>,
    /// When that take was finished, in milliseconds since 1970.
    pub finished_ms: Option<i64>,
    /// The place of its name among all names.
    pub by_name: i64,
}

/// A take, as the view `takes` has it.
#[derive(Debug, Serialize)]
pub struct TakeRecord {
    /// Its number.
    pub take: i64,
    /// The story.
    pub text: String,
    /// Its words.
    pub words: i64,
    /// Its flags.
    pub flags: Box<RawValue>,
    /// Who wrote it.
    pub provider: String,
    /// With which model.
    pub model: Option<String>,
    /// At which address.
    pub endpoint: Option<String>,
    /// When.
    pub finished_at: String,
    /// Whether it is the one that counts.
    pub current: bool,
}

/// An attempt, as the view `attempts` has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttemptRecord {
    /// Its number.
    pub attempt: i64,
    /// How it ended, if it has.
    pub outcome: Option<String>,
    /// The status of the answer.
    pub http_status: Option<i64>,
    /// What went wrong.
    pub error: Option<String>,
    /// When it was sent.
    pub started_at: String,
    /// How long its first text took, in milliseconds.
    pub first_text_ms: Option<i64>,
    /// When it ended.
    pub ended_at: Option<String>,
    /// How long it took, in milliseconds.
    #[serde(skip)]
    pub took_ms: Option<i64>,
    /// Bytes of text received.
    pub bytes: Option<i64>,
    /// Tokens of the request, where the provider counts them.
    pub tokens_in: Option<i64>,
    /// Tokens of the answer, where the provider counts them.
    pub tokens_out: Option<i64>,
    /// What had arrived of a story that did not become a take.
    pub partial: Option<String>,
}

/// What a run has done, or is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRecord {
    /// When it began, in UTC.
    pub started_at: String,
    /// Who runs, while the run is alive.
    pub pid: Option<u64>,
    /// How long it took, or has taken by now.
    pub took: Duration,
    /// Requests that left.
    pub requests: u64,
    /// Stories that they brought.
    pub done: u64,
}
