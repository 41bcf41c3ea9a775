//! Why a run stops before everything is done.

use crate::domain::money::Money;
use crate::store::StoreError;
use std::time::Duration;

/// A signal that asks the program to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// A polite kill.
    Terminate,
    /// The terminal went away.
    HangUp,
}

impl Signal {
    /// Its number, which the exit code is 128 more than.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::HangUp => 1,
            Self::Interrupt => 2,
            Self::Terminate => 15,
        }
    }
}

/// Why a run stops before everything is done.
#[derive(Debug)]
pub enum Stop {
    /// Somebody asked.
    Signal(Signal),
    /// The service refuses all of us.
    Refused {
        /// Its words; foreign text.
        words: String,
        /// Its status.
        http_status: Option<u16>,
    },
    /// The service could not be reached, or kept asking to wait, for longer than we wait.
    Patience {
        /// What it said last; foreign text.
        words: String,
        /// How long the service asks to wait, if it says so; this is longer than the run waits.
        asked: Option<Duration>,
    },
    /// The requests of this run are used up.
    Requests,
    /// One more request could cost more than this run may.
    Cost {
        /// What it has cost, if the worst is true.
        spent: Money,
        /// The most that the next request could cost.
        next: Money,
    },
    /// The time of this run is used up.
    Time,
    /// Most characters fail.
    MostlyFailed {
        /// So many.
        failed: u64,
        /// Of so many that ended.
        ended: u64,
    },
    /// The database cannot be used.
    Store(StoreError),
    /// Nobody can be told anything any more.
    Output,
    /// A fault of this program kept characters from their story.
    OurFault,
}
