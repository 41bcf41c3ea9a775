//! A run as an observer sees it.

use crate::domain::character::{CastId, CharacterId};
use std::time::Duration;

/// A run, as somebody sees who looks on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// The cast's identity in this database.
    pub cast: CastId,
    /// Whether it is alive.
    pub alive: bool,
    /// The machine and the process that run it.
    pub host: String,
    /// The process.
    pub pid: u64,
    /// The address that is called.
    pub endpoint: String,
    /// When it began, in UTC, ISO 8601.
    pub started_at: String,
    /// The exit code it ended with, if it ended by itself.
    pub exit: Option<i64>,
    /// How long it took, or has taken by now.
    pub took: Duration,
    /// Requests that left.
    pub requests: u64,
    /// Stories that they brought.
    pub done: u64,
    /// Characters that one of its requests brought no story for, and that are to be taken up again.
    pub in_back_off: u64,
    /// The last thing that went wrong, unless a story came since. That a character was refused holds nobody else up.
    pub setback: Option<Setback>,
    /// How long ago its last story was finished.
    pub last_story: Option<Duration>,
    /// Its stories by the time at which they were finished; every part of the time is there, also one without any.
    pub spans: Vec<Span>,
    /// How long each of these parts is.
    pub span: Duration,
}

/// A request that brought no story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setback {
    /// How it ended: a word of the outcomes.
    pub outcome: String,
    /// What went wrong; foreign text.
    pub error: String,
    /// How long ago that was.
    pub ago: Duration,
}

/// A part of a run's time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    /// Stories finished in it.
    pub finished: u64,
    /// How long their first texts took, in milliseconds: the shortest, the mean and the longest.
    pub first_text_ms: Option<(u64, u64, u64)>,
}

/// A story that came lately.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newest {
    /// Whose.
    pub id: CharacterId,
    /// The name; foreign text.
    pub name: String,
    /// How the story begins; foreign text.
    pub begin: String,
    /// Its words.
    pub words: u64,
    /// When it was finished, in UTC, ISO 8601.
    pub finished_at: String,
}
