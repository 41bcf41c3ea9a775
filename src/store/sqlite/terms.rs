//! What is stored with each take of a run, and the time until which a run counts as live.

pub(super) use crate::store::rescue::Terms;

use super::millis;
use crate::store::lease;
use std::time::SystemTime;

/// The time until which a run that commits now counts as live, in milliseconds since 1970.
pub(super) fn alive_until(now: SystemTime) -> i64 {
    millis(now + lease::OF_A_FILE)
}
