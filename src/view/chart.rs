//! Two charts of a run over time: how many stories were finished, and how long their first text took.
//!
//! A chart has its own units, and the page stretches it. Its highest value stands beside it, and all values below it as text.

use super::duration::seconds;
use super::page::plural;
use crate::domain::speed::length;
use crate::store::{Span, Watched};
use minijinja::{Value, context};
use std::time::Duration;

/// The height of a chart.
const HEIGHT: u64 = 100;

/// The width of a bar, and the space between two bars.
const PART: u64 = 10;
const ROOM: u64 = 2;

/// The smallest height that can be seen.
const SEEN: u64 = 1;

/// Fewer stories are no curve: their number is in the text.
const STORIES_MIN: u64 = 5;

/// The charts of a run, for the template; none if the run has few stories.
pub(super) fn charts(run: &Watched) -> Value {
    let stories: u64 = run.spans.iter().map(|part| part.finished).sum();
    if stories < STORIES_MIN {
        return Value::UNDEFINED;
    }
    let parts = u64::try_from(run.spans.len()).unwrap_or(u64::MAX);
    context! {
        width => parts.saturating_mul(PART),
        height => HEIGHT,
        to => length(run.took),
        finished => finished(&run.spans, run.span),
        first_text => first_text(&run.spans, run.span),
    }
}

/// A bar for each interval in which stories were finished.
fn finished(spans: &[Span], span: Duration) -> Value {
    let most = spans.iter().map(|part| part.finished).max().unwrap_or(0);
    let sum: u64 = spans.iter().map(|part| part.finished).sum();
    let bar = |(nth, part): (u64, &Span)| {
        let height = scaled(part.finished, most);
        let stories = plural(part.finished, "story", "stories");
        context! {
            x => nth * PART + ROOM / 2,
            y => HEIGHT - height,
            width => PART - ROOM,
            height,
            title => format!("{}: {stories}", when(nth, span)),
        }
    };
    let bars: Vec<Value> = (0..)
        .zip(spans)
        .filter(|(_, part)| part.finished > 0)
        .map(bar)
        .collect();
    let words = format!(
        "{}, at most {most} in {}",
        plural(sum, "story", "stories"),
        length(span)
    );
    context! { bars, words, top => most }
}

/// For each interval a bar from the shortest to the longest time, with a mark at the mean.
fn first_text(spans: &[Span], span: Duration) -> Value {
    let times = || {
        spans
            .iter()
            .filter_map(|part| Some((part.finished, part.first_text_ms?)))
    };
    let longest = times()
        .map(|(_, (_, _, longest))| longest)
        .max()
        .unwrap_or(0);
    let many: u64 = times().map(|(many, _)| many).sum();
    let all: u64 = times()
        .map(|(many, (_, mean, _))| many.saturating_mul(mean))
        .sum();
    let mean = all.checked_div(many).unwrap_or(0);
    let bar = |(nth, part): (u64, &Span)| {
        let (shortest, mean, most) = part.first_text_ms?;
        let (top, bottom) = (scaled(most, longest), scaled(shortest, longest));
        Some(context! {
            x => nth * PART + ROOM / 2,
            y => HEIGHT - top,
            width => PART - ROOM,
            height => (top - bottom).max(SEEN),
            mean => HEIGHT - scaled(mean, longest),
            title => format!("{}: {} to {}, mean {}", when(nth, span), time(shortest), time(most), time(mean)),
        })
    };
    let bars: Vec<Value> = (0..).zip(spans).filter_map(bar).collect();
    let words = format!("mean {}, longest {}", time(mean), time(longest));
    context! { bars, words, top => time(longest), empty => many == 0 }
}

/// The height of `value`, if `most` is as high as the chart. A value above zero is never too low to be seen.
fn scaled(value: u64, most: u64) -> u64 {
    let height = value.saturating_mul(HEIGHT).checked_div(most).unwrap_or(0);
    if value > 0 { height.max(SEEN) } else { 0 }
}

fn time(ms: u64) -> String {
    seconds(i64::try_from(ms).unwrap_or(i64::MAX))
}

/// The interval of the run that this time is in.
fn when(nth: u64, span: Duration) -> String {
    let nth = u32::try_from(nth).unwrap_or(u32::MAX);
    let from = span.saturating_mul(nth);
    format!("{} to {}", length(from), length(from.saturating_add(span)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_value_can_be_seen_and_zero_cannot() {
        assert_eq!(scaled(0, 10), 0);
        assert_eq!(scaled(1, 1_000_000), 1);
        assert_eq!(scaled(10, 10), HEIGHT);
        assert_eq!(scaled(0, 0), 0);
    }

    #[test]
    fn a_part_says_when_it_was() {
        assert_eq!(when(0, Duration::from_secs(30)), "0s to 30s");
        assert_eq!(when(3, Duration::from_secs(30)), "1m 30s to 2m");
    }
}
