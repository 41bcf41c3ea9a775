//! The speed of a run, and times as people write them.
//!
//! This is the speed that was measured; the pace that a user sets is [`super::pace`].

use std::time::Duration;

/// A run shorter than this, in seconds, has no speed.
const BLINK_SECS: f64 = 0.1;

/// A duration as people write it, to the second: `45s`, `3m 20s`, `2h 5m`.
#[must_use]
pub(crate) fn length(length: Duration) -> String {
    let secs = length.as_secs_f64().ceil();
    // A forecast is far shorter than the largest u64.
    let secs = Duration::try_from_secs_f64(secs)
        .unwrap_or(length)
        .as_secs();
    match (secs / 3_600, secs / 60 % 60, secs % 60) {
        (0, 0, secs) => format!("{secs}s"),
        (0, minutes, 0) => format!("{minutes}m"),
        (0, minutes, secs) => format!("{minutes}m {secs}s"),
        (hours, 0, _) => format!("{hours}h"),
        (hours, minutes, _) => format!("{hours}h {minutes}m"),
    }
}

/// The speed of a run with `requests` in the time `took`, as people write it; `None` if the run was too short or had only
/// one request.
#[must_use]
pub(crate) fn reached(requests: u64, took: Duration) -> Option<String> {
    let took = took.as_secs_f64();
    let per_second = (requests > 1 && took >= BLINK_SECS).then(|| as_f64(requests) / took)?;
    Some(if per_second >= 10.0 {
        format!("{per_second:.0}/s")
    } else if per_second >= 0.05 {
        format!("{:.0}/min", per_second * 60.0)
    } else {
        format!("{:.0}/h", per_second * 3_600.0)
    })
}

/// The effort of several runs at the same time, as that of one run: their speeds add up, over the time of the longest one. Of each
/// run it needs how many it has done, and how long it took.
#[must_use]
pub(crate) fn together(runs: &[(u64, Duration)]) -> (u64, Duration) {
    let longest = runs.iter().map(|(_, took)| *took).max().unwrap_or_default();
    let in_longest = |(many, took): &(u64, Duration)| {
        let share = longest.as_secs_f64() / took.as_secs_f64();
        if share.is_finite() {
            as_f64(*many) * share
        } else {
            as_f64(*many)
        }
    };
    let sum = runs.iter().map(in_longest).sum::<f64>();
    let sum = Duration::try_from_secs_f64(sum.round()).map_or(u64::MAX, |sum| sum.as_secs());
    (sum, longest)
}

/// How long `left` more will take if `done` took so long; `None` if that cannot be calculated.
#[must_use]
pub(crate) fn forecast(done: u64, took: Duration, left: u64) -> Option<Duration> {
    (done > 0 && left > 0).then(|| {
        let each = took.as_secs_f64() / as_f64(done);
        Duration::try_from_secs_f64(each * as_f64(left)).unwrap_or(Duration::MAX)
    })
}

/// Exact up to 2^32, which is enough for a speed or a forecast.
fn as_f64(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_speeds_of_runs_at_the_same_time_add_up() {
        let secs = Duration::from_secs;
        for (runs, many, took) in [
            (vec![], 0, 0),
            (vec![(7, secs(10))], 7, 10),
            (vec![(7, secs(10)), (5, secs(10))], 12, 10),
            // One that joined late is as fast as the other one.
            (vec![(100, secs(100)), (10, secs(10))], 200, 100),
            (vec![(100, secs(100)), (0, secs(0))], 100, 100),
        ] {
            assert_eq!(together(&runs), (many, secs(took)), "{runs:?}");
        }
    }

    #[test]
    fn a_length_is_written_as_people_do() {
        let written = |secs| length(Duration::from_secs(secs));
        let all = [0, 59, 60, 200, 3_600, 7_500].map(written);
        assert_eq!(all, ["0s", "59s", "1m", "3m 20s", "1h", "2h 5m"]);
        assert_eq!(length(Duration::from_millis(1)), "1s");
    }

    #[test]
    fn a_pace_is_written_in_the_unit_that_suits_it() {
        let pace = |requests, secs| reached(requests, Duration::from_secs(secs));
        assert_eq!(pace(500, 10).as_deref(), Some("50/s"));
        assert_eq!(pace(10, 10).as_deref(), Some("60/min"));
        assert_eq!(pace(2, 3_600).as_deref(), Some("2/h"));
        assert_eq!(pace(1, 10), None);
        assert_eq!(reached(5, Duration::from_millis(1)), None);
    }

    #[test]
    fn a_forecast_is_made_from_what_was_done_and_from_nothing_else() {
        let ten = Duration::from_secs(10);
        assert_eq!(forecast(5, ten, 10), Some(Duration::from_secs(20)));
        assert_eq!(forecast(0, ten, 10), None);
        assert_eq!(forecast(5, ten, 0), None);
    }
}
