//! Why a run stops before everything is done.

use crate::domain::money::Money;
use crate::store::StoreError;
use std::time::Duration;

/// A signal that asks the program to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// A request to terminate, for example from `kill`.
    Terminate,
    /// The terminal was closed.
    HangUp,
}

impl Signal {
    /// Its number. The exit code is 128 more.
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
    /// The user asked for it.
    Signal(Signal),
    /// The service refuses every request of this run: key, plan, quota or address.
    Refused {
        /// Its message; foreign text.
        words: String,
        /// Its HTTP status.
        http_status: Option<u16>,
    },
    /// The service could not be reached, or asked to wait, for longer than [`super::Settings::patience`].
    Patience {
        /// Its last message; foreign text.
        words: String,
        /// How long the service asks to wait, if it says so: longer than the patience that is left.
        asked: Option<Duration>,
    },
    /// The requests of this run are used up.
    Requests,
    /// One more request could exceed the budget of this run.
    Cost {
        /// The most that was spent: requests that may have been charged count as charged.
        spent: Money,
        /// The most that the next request could cost.
        next: Money,
    },
    /// One more request could exceed the budget of the cast, and nothing in flight can make room for it.
    Budget {
        /// The budget.
        budget: Money,
        /// The most that the cast has cost: requests that may have been charged count as charged.
        spent: Money,
        /// The most that the next request could cost; `None` if this run knows no prices.
        next: Option<Money>,
    },
    /// The time of this run is used up.
    Time,
    /// Most characters failed.
    MostlyFailed {
        /// Characters that failed.
        failed: u64,
        /// Characters that are done or failed.
        ended: u64,
    },
    /// The database cannot be used.
    Store(StoreError),
    /// Events can no longer be reported.
    Output,
    /// An internal error of this program kept some characters from their story.
    InternalError,
}
