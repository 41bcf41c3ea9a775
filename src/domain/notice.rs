//! What a service says beside its answer: of its own limits, and of the time.
//!
//! It is told with the head of an answer, long before the story is whole, so that nobody else is sent into a refusal.

use std::time::{Duration, SystemTime};

/// What stands in the head of an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Notice {
    /// Nothing is left of what the service allows; more comes after this time.
    pub spent: Option<Duration>,
    /// What time it is over there, to the second.
    pub clock: Option<SystemTime>,
}
