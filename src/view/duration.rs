//! Durations as pages show them.

use crate::domain::speed::length;
use std::time::Duration;

/// A duration as it was measured: below one second in milliseconds, then to a tenth of a second, and a long one as people
/// write it.
pub(super) fn seconds(ms: i64) -> String {
    let time = Duration::from_millis(u64::try_from(ms).unwrap_or(0));
    if time < Duration::from_secs(1) {
        format!("{}ms", time.as_millis())
    } else if time < Duration::from_mins(1) {
        format!("{:.1}s", time.as_secs_f64())
    } else {
        length(time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_written_in_the_unit_that_fits() {
        assert_eq!(seconds(7), "7ms");
        assert_eq!(seconds(1_480), "1.5s");
        assert_eq!(seconds(200_000), "3m 20s");
    }
}
