//! Divides the time of a run into spans of the same length, for its chart.

/// The most spans into which the time of a run is divided.
const SPANS_MAX: i64 = 60;

/// The possible lengths of a span, in seconds. Longer spans are whole days.
const SPAN_SECS: [i64; 15] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600,
];

/// The length of a span for a run of `took` milliseconds, in milliseconds.
pub(in crate::store) fn span_ms(took: i64) -> i64 {
    const DAY_MS: i64 = 86_400_000;
    let fits = |secs: &i64| took / (secs * 1_000) < SPANS_MAX;
    match SPAN_SECS.into_iter().find(fits) {
        Some(secs) => secs * 1_000,
        None => DAY_MS * (took / (DAY_MS * SPANS_MAX) + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_any_length_is_divided_into_a_few_parts() {
        for took in [
            0,
            1,
            999,
            59_999,
            60_000,
            3_600_000,
            86_400_000,
            i64::MAX / 2,
        ] {
            assert!(took / span_ms(took) < SPANS_MAX, "{took}");
        }
        assert_eq!(span_ms(30_000), 1_000);
        assert_eq!(span_ms(60_000), 2_000);
    }
}
