//! What is stored with each take of a run, and the time until which a run counts as live.

use super::millis;
use crate::store::{RunId, lease};
use serde::{Deserialize, Serialize};
use std::time::SystemTime;

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
    millis(now + lease::OF_A_FILE)
}
