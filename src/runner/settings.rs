//! What a run is set to: pace, places, limits.
//!
//! Nothing of this shapes a text, so nothing of it is part of a recipe.

use super::timeouts::Limits;
use crate::domain::money::Budget;
use crate::domain::pace::Pace;
use crate::domain::retry::Policy;
use std::num::NonZeroUsize;
use std::time::Duration;

/// What a run is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Evenly spaced starts.
    pub pace: Pace,
    /// Requests in flight at the same time.
    pub places: NonZeroUsize,
    /// Requests in flight at the same time until the service has shown that it serves more.
    pub places_first: NonZeroUsize,
    /// What requests cost and how much may be spent, where prices are known.
    pub budget: Option<Budget>,
    /// How often a character is tried.
    pub policy: Policy,
    /// The time limits of a request.
    pub limits: Limits,
    /// How long a service that refuses or is away is waited for.
    pub patience: Duration,
    /// How long streams in flight may take to finish after a stop.
    pub grace: Duration,
    /// Requests of this run.
    pub requests_max: Option<u64>,
    /// The length of this run.
    pub time_max: Option<Duration>,
    /// Characters that this run takes up.
    pub take_up_max: Option<u64>,
    /// Whether to go on when most characters fail.
    pub keep_going: bool,
    /// How long ago a request to this endpoint last started, in an earlier run.
    pub last_start_ago: Option<Duration>,
}
