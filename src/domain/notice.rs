//! What the headers of an answer report: the rate limit of the service, and its clock.
//!
//! The headers arrive long before the story is complete. So the next request can wait in time, and is not refused.

use std::time::{Duration, SystemTime};

/// What the headers of an answer report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Notice {
    /// The service allows no more requests before this time is over.
    pub spent: Option<Duration>,
    /// The time that the service's clock shows, to the second.
    pub clock: Option<SystemTime>,
}
