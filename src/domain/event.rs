//! The events of a run: facts in the past tense, each emitted only after it is stored.
//!
//! How an event is displayed is decided by the reporters: an event has no colours, widths or languages.

use super::character::TakeNumber;
use super::money::{BudgetLeft, Cost};
use super::outcome::Outcome;
use std::time::Duration;

/// One event of a run; it is already stored.
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
    /// The run started; the counts are those of the cast.
    RunStarted {
        /// The name of the cast.
        cast_name: String,
        /// Characters without a story.
        pending: u64,
        /// Characters with a story.
        done: u64,
        /// How many of the pending characters this run may try.
        wanted: u64,
    },
    /// A request for a character was recorded and sent.
    CharacterStarted {
        /// Whether the character had waited for a retry.
        again: bool,
    },
    /// A character has its story.
    CharacterDone {
        /// Its row key, if it has one.
        key: Option<String>,
        /// Its name.
        name: String,
        /// The number of the new take.
        take: TakeNumber,
        /// The number of words of the story.
        words: u64,
    },
    /// An attempt brought no story; the character is pending again.
    CharacterRetrying {
        /// Its row key, if it has one.
        key: Option<String>,
        /// Its name.
        name: String,
        /// How the attempt ended.
        outcome: Outcome,
        /// The shortest time until the next try.
        wait: Duration,
    },
    /// A character failed.
    CharacterFailed {
        /// Its row key, if it has one.
        key: Option<String>,
        /// Its name.
        name: String,
        /// The class of the failure.
        error_kind: Outcome,
        /// The message of the failure; foreign text.
        error: String,
    },
    /// An attempt cost something, or may have.
    Charged {
        /// The cost.
        cost: Cost,
    },
    /// The whole run waits: new requests are held back.
    Paused {
        /// The reason for the wait; foreign text.
        why: String,
        /// How long, unless the service asks for another wait meanwhile.
        wait: Duration,
    },
    /// The service accepts requests again.
    Resumed,
    /// The run is stopping: no new request starts, those in flight may finish.
    Stopping {
        /// Requests in flight.
        running: u64,
        /// The longest time that they may take.
        grace: Duration,
    },
    /// The run ended; the counts are those of the cast.
    RunFinished {
        /// Characters with a story.
        done: u64,
        /// Characters that failed.
        failed: u64,
        /// Characters without a story.
        pending: u64,
        /// Characters whose current take has a flag.
        flagged: u64,
        /// Requests of this run.
        requests: u64,
        /// What they cost, if prices are known.
        cost: Option<Cost>,
        /// The budget of the cast and what is left of it, if it has one.
        budget: Option<BudgetLeft>,
        /// The exit code that follows.
        exit: i32,
        /// Why the run stopped before everything was done; foreign text.
        error: Option<String>,
        /// What the user can do now.
        hint: Option<String>,
    },
}
