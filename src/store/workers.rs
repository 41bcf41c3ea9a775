//! The workers of a cast: the runs that are alive and work on it at the same time.

use serde::Serialize;
use std::time::Duration;

/// A run that is alive, on a database where a cast can have several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Worker {
    /// The machine that it runs on.
    pub host: String,
    /// Its process.
    pub pid: u64,
    /// When it began, in UTC, ISO 8601.
    pub started_at: String,
    /// How long it has taken until now.
    #[serde(skip)]
    pub took: Duration,
    /// Characters whose requests it has in flight.
    pub in_flight: u64,
    /// Requests that it has sent.
    pub requests: u64,
    /// Stories that these requests brought.
    pub done: u64,
}
