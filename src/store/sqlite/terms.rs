//! Under what the takes of a run are stored, and until when the run counts as alive.

use super::millis;
use crate::store::RunId;
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime};

/// How long a run counts as live after it last said so.
const ALIVE: Duration = Duration::from_secs(15);

/// Under what the takes of a run are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Terms {
    pub(super) run: RunId,
    pub(super) recipe_id: i64,
    pub(super) provider: String,
    pub(super) model: Option<String>,
    pub(super) endpoint: String,
}

/// The moment up to which a run that speaks now counts as live.
pub(super) fn alive_until(now: SystemTime) -> i64 {
    millis(now + ALIVE)
}
