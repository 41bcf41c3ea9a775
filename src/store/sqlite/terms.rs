//! What is stored with each take of a run, and the time until which a run counts as live.

use super::millis;
use crate::store::RunId;
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime};

/// How long a run counts as live after its last commit.
const ALIVE: Duration = Duration::from_secs(15);

/// What is stored with each take of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Terms {
    pub(super) run: RunId,
    pub(super) recipe_id: i64,
    pub(super) provider: String,
    pub(super) model: Option<String>,
    pub(super) endpoint: String,
}

/// The time until which a run that commits now counts as live, in milliseconds since 1970.
pub(super) fn alive_until(now: SystemTime) -> i64 {
    millis(now + ALIVE)
}
