//! A run as the page of `view` shows it: its progress, its last failure, its newest stories.

use crate::domain::character::{CastId, CharacterId};
use crate::domain::outcome::Outcome;
use crate::store::Worker;
use std::time::Duration;

/// A run as another process sees it in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// The cast's identity in this database.
    pub cast: CastId,
    /// Whether the run is still alive.
    pub alive: bool,
    /// The machine that it runs on.
    pub host: String,
    /// Its process.
    pub pid: u64,
    /// The address that its requests go to.
    pub endpoint: String,
    /// When it began, in UTC, ISO 8601.
    pub started_at: String,
    /// Its exit code; absent while it is alive, and where it was killed.
    pub exit: Option<i64>,
    /// How long it took, or has taken until now.
    pub took: Duration,
    /// The live runs of the cast, if there can be several; what is said here about a run is about all of them then. `host`, `pid` and
    /// `endpoint` are those of the newest.
    pub workers: Vec<Worker>,
    /// Requests that were sent.
    pub requests: u64,
    /// Stories that these requests brought.
    pub done: u64,
    /// Characters that wait for a retry: an earlier request of this run brought no story.
    pub in_back_off: u64,
    /// The last failed request, unless a story was finished after it. A refusal of one character is not a setback, because
    /// it does not delay the others.
    pub setback: Option<Setback>,
    /// How long ago its last story was finished.
    pub last_story: Option<Duration>,
    /// Its stories, grouped by the time at which they were finished. Spans without a story are included.
    pub spans: Vec<Span>,
    /// The length of each span.
    pub span: Duration,
}

/// A request that brought no story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setback {
    /// How it ended.
    pub outcome: Outcome,
    /// What went wrong; foreign text.
    pub error: String,
    /// How long ago it ended.
    pub ago: Duration,
}

/// What happened in one part of a run's time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// Stories finished in it.
    pub finished: u64,
    /// Time to the first text of these stories, in milliseconds: the shortest, the mean and the longest.
    pub first_text_ms: Option<(u64, u64, u64)>,
}

/// A story that was finished recently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newest {
    /// The character's identity.
    pub id: CharacterId,
    /// The character's name; foreign text.
    pub name: String,
    /// The first part of the story; foreign text.
    pub begin: String,
    /// Its words.
    pub words: u64,
    /// When it was finished, in UTC, ISO 8601.
    pub finished_at: String,
}
