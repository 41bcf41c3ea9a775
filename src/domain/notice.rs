//! What a service reports beside its answer: its own limits and its time.
//!
//! It arrives with the head of an answer, long before the story is complete. So the next request can wait instead of being
//! refused.

use std::time::{Duration, SystemTime};

/// What the head of an answer reports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Notice {
    /// The service allows no more requests before this time is over.
    pub spent: Option<Duration>,
    /// The time that the service's clock shows, to the second.
    pub clock: Option<SystemTime>,
}
