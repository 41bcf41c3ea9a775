//! A story as a stream of events: a few words per event, at its pace, with its simulated fault.
//!
//! The answer ends properly only after the complete story. If a story breaks off, here or upstream, the connection breaks,
//! so that no client takes it for a complete one.

use super::faults::{Drawn, Fault};
use super::log::{End, Entry};
use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, BoxStream, StreamExt};
use std::time::Duration;
use tokio::time::sleep;

/// The number of words per event.
const WORDS_AN_EVENT: usize = 4;

/// A stalled answer is broken off after this time, if the client has not closed the connection before.
const STALL: Duration = Duration::from_mins(10);

/// The time before a cut, for the events that were already written: a broken connection loses data that was not sent.
const GOES_OUT: Duration = Duration::from_millis(20);

/// The time between two events of a slow answer.
const SLOW: Duration = Duration::from_millis(400);

/// The parts of a story, one per event; an error says why the story ends early.
pub(super) type Parts = BoxStream<'static, Result<String, String>>;

/// Why an answer is broken off.
#[derive(Debug, thiserror::Error)]
#[error("the answer was stopped: {0}")]
struct BrokenOff(String);

/// The parts of a finished story, spread over the time `takes` after `latency`.
pub(super) fn paced(story: &str, latency: Duration, takes: Duration) -> Parts {
    let parts: Vec<String> = parts(story).map(str::to_owned).collect();
    let pause = match u32::try_from(parts.len()) {
        Ok(many) if many > 1 => takes / (many - 1),
        _ => Duration::ZERO,
    };
    let timed = stream::iter(parts.into_iter().enumerate()).then(move |(nth, part)| async move {
        let wait = if nth == 0 { latency } else { pause };
        if !wait.is_zero() {
            sleep(wait).await;
        }
        Ok(part)
    });
    timed.boxed()
}

/// The answer with `parts`, changed by the fault in `drawn`; `entry` is logged when it has ended.
pub(super) fn answer_with(parts: Parts, drawn: Drawn, mut entry: Entry) -> Response {
    // Until the answer has ended, a dropped stream means that the client closed the connection.
    entry.end = Some(End::Dropped);
    let body = stream::unfold(Some((troubled(parts, drawn), entry)), |state| async move {
        let (mut parts, mut entry) = state?;
        match parts.next().await {
            Some(Ok(part)) => {
                entry.sent(&part);
                Some((Ok(event(&part)), Some((parts, entry))))
            }
            Some(Err(why)) => {
                entry.end = Some(End::BrokenOff(why.clone()));
                Some((Err(BrokenOff(why)), None))
            }
            None => {
                entry.end = None;
                None
            }
        }
    });
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, Body::from_stream(body)).into_response()
}

/// `parts`, changed by the fault in `drawn`.
fn troubled(parts: Parts, drawn: Drawn) -> Parts {
    let few = usize::try_from(drawn.events).unwrap_or(usize::MAX);
    let rehearsed = || Err("as rehearsed".to_owned());
    match drawn.fault {
        Some(Fault::Cut) => parts
            .take(few)
            .chain(stream::once(async move {
                sleep(GOES_OUT).await;
                rehearsed()
            }))
            .boxed(),
        Some(Fault::Stall) => parts
            .take(few)
            .chain(stream::once(async move {
                sleep(STALL).await;
                rehearsed()
            }))
            .boxed(),
        Some(Fault::Slow) => parts
            .then(|part| async {
                sleep(SLOW).await;
                part
            })
            .boxed(),
        Some(Fault::Empty) => stream::empty().boxed(),
        Some(Fault::Html | Fault::Status(_)) | None => parts,
    }
}

/// The story in parts of a few words; joined they are exactly the story.
fn parts(story: &str) -> impl Iterator<Item = &str> {
    let mut rest = story;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut words = 0;
        let mut in_word = false;
        let end = rest.char_indices().find_map(|(at, c)| {
            let begins = !c.is_whitespace() && !in_word;
            let ends = c.is_whitespace() && in_word;
            in_word = !c.is_whitespace();
            words += usize::from(begins);
            (ends && words == WORDS_AN_EVENT).then_some(at)
        });
        let (part, behind) = rest.split_at(end.unwrap_or(rest.len()));
        rest = behind;
        Some(part)
    })
}

/// One event: a `data` line for each line of the text, with any line ends.
fn event(text: &str) -> Bytes {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut event = String::with_capacity(text.len() + 16);
    for line in text.split('\n') {
        event.push_str("data: ");
        event.push_str(line);
        event.push('\n');
    }
    event.push('\n');
    event.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_joined_are_the_story() {
        for story in [
            "",
            "one",
            "a b c d e f g h i",
            "  a\n\nb  c\td e ",
            "東京 の 人 は 皆 親切",
        ] {
            assert_eq!(parts(story).collect::<String>(), story);
        }
        assert_eq!(parts("a b c d e").collect::<Vec<_>>(), ["a b c d", " e"]);
    }

    #[test]
    fn a_line_break_becomes_a_second_data_line() {
        assert_eq!(event(" b\n\nc"), "data:  b\ndata: \ndata: c\n\n");
        assert_eq!(event("a\r\nb\rc"), "data: a\ndata: b\ndata: c\n\n");
    }
}
