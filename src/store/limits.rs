//! A run's part of the limits that several runs keep together; the rule is in [`crate::domain::sharing`].

use std::time::Duration;
use tokio::time::Instant;

/// What a run may do at present.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// How many requests it may have in flight at once. The parts of all runs together do not exceed the lowest limit.
    pub concurrency: usize,
    /// The time from one start to the next that all runs keep together; zero if the pace is unlimited.
    pub gap: Duration,
    /// When further requests may start, besides the times that the run has got before; in order.
    pub starts: Vec<Instant>,
    /// No further start is to be had before this much time has passed.
    pub again: Duration,
    /// The service is not to be asked for so long, and why. Zero: the time is over, and no probe has been accepted yet.
    pub pause: Option<(Duration, String)>,
    /// Whether this run may send the probe.
    pub may_probe: bool,
    /// Another run has found the quota of the key used up, in the words of the service.
    pub halted: Option<String>,
}
