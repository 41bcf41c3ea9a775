//! The settings of a run: pace, concurrency, limits and timeouts.
//!
//! No setting changes a text, so none of them is part of a recipe.

use super::timeouts::Timeouts;
use crate::domain::money::Budget;
use crate::domain::pace::Pace;
use crate::domain::retry::Policy;
use std::num::NonZeroUsize;
use std::time::Duration;

/// The settings of a run. A limit that is `None` does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The pace of evenly spaced starts.
    pub pace: Pace,
    /// The most requests in flight at the same time.
    pub concurrency: NonZeroUsize,
    /// The same, until the service has shown that it serves more; at most `concurrency`.
    pub concurrency_initial: NonZeroUsize,
    /// What requests cost and how much may be spent, if prices are known.
    pub budget: Option<Budget>,
    /// How often a character is tried.
    pub policy: Policy,
    /// The timeouts of a request.
    pub timeouts: Timeouts,
    /// How long the run waits for a service that refuses requests or cannot be reached.
    pub patience: Duration,
    /// How long requests in flight may take to finish after a stop.
    pub grace: Duration,
    /// The most requests that this run sends.
    pub requests_max: Option<u64>,
    /// The longest duration of this run.
    pub time_max: Option<Duration>,
    /// The most characters that this run starts; retries do not count.
    pub characters_max: Option<u64>,
    /// Whether to go on when most characters fail.
    pub keep_going: bool,
    /// How long ago a request to this endpoint last started, in an earlier run.
    pub last_start_ago: Option<Duration>,
}
