//! What can be told of a run: facts in the past tense, each already stored when it is told.
//!
//! How a fact looks on a screen is the reporters' business; nothing here speaks of colours, widths or languages.

use super::character::TakeNumber;
use super::money::Cost;
use super::outcome::Outcome;
use std::time::Duration;

/// One fact about a run, already stored when it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Time since the run started.
    pub elapsed: Duration,
    /// What happened.
    pub kind: Kind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// The run began; the counts are those of the cast.
    RunStarted {
        /// Which cast.
        cast_name: String,
        /// Characters without a story.
        pending: u64,
        /// Characters with one.
        done: u64,
        /// Of the pending ones, how many this run may take up.
        wanted: u64,
    },
    /// A request for a character was written down and is on its way.
    CharacterStarted {
        /// Whether the character was in back-off.
        again: bool,
    },
    /// A character has its story.
    CharacterDone {
        /// Its key, where it has one.
        key: Option<String>,
        /// Its name.
        name: String,
        /// The number of the new take.
        take: TakeNumber,
        /// Words of the story.
        words: u64,
    },
    /// An attempt brought no story; the character is pending again.
    CharacterRetrying {
        /// Its key, where it has one.
        key: Option<String>,
        /// Its name.
        name: String,
        /// How the attempt ended.
        outcome: Outcome,
        /// How long the character waits at least.
        wait: Duration,
    },
    /// A character failed.
    CharacterFailed {
        /// Its key, where it has one.
        key: Option<String>,
        /// Its name.
        name: String,
        /// The class of the failure.
        error_kind: Outcome,
        /// What went wrong, in words; foreign text.
        error: String,
    },
    /// An attempt cost something, or may have.
    Charged {
        /// How much.
        cost: Cost,
    },
    /// The gate closed for everybody.
    Paused {
        /// What it waits for, in words; foreign text.
        why: String,
        /// For how long, if nothing else comes.
        wait: Duration,
    },
    /// The service answers again.
    Resumed,
    /// No new request starts any more; those in flight may finish.
    Stopping {
        /// Requests in flight.
        running: u64,
        /// How long they may take.
        grace: Duration,
    },
    /// The run is over; the counts are those of the cast.
    RunFinished {
        /// Characters with a story.
        done: u64,
        /// Characters that failed.
        failed: u64,
        /// Characters without a story.
        pending: u64,
        /// Requests of this run.
        requests: u64,
        /// What they cost, where prices are known.
        cost: Option<Cost>,
        /// The exit code that follows.
        exit: i32,
        /// Why it stopped before everything was done, in words; foreign text.
        error: Option<String>,
        /// What to do now.
        hint: Option<String>,
    },
}
