//! From the bytes of an event stream to the pieces of a story.
//!
//! The story is the data of all events, joined unchanged: nothing is inserted and nothing is trimmed. The stream ends well
//! only if the connection did. Then the last piece has the flags.

use super::refusal::{self, Context};
use super::sse_sanitizer::{Frame, Notes, SanitizerError, SseSanitizer};
use super::{Piece, ProviderError};
use crate::domain::flag::{Flag, Flags};
use bytes::Bytes;
use bytestring::ByteString;
use eventsource_stream::EventStream;
use futures_util::FutureExt;
use futures_util::stream::{Stream, StreamExt, iter};
use std::convert::Infallible;
use std::iter::once;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll, ready};

/// The pieces of a story, read from the body of an answer.
pub(super) struct Story<S> {
    events: Events<S>,
    notes: Arc<Notes>,
    proven: bool,
    context: Context,
    /// After an error nothing may follow, least of all the piece that says that all is well.
    over: bool,
}

impl<S> Story<S> {
    /// The pieces in `body`. `proven` says whether a cut of the body can be detected; `context` is needed to judge an error
    /// in the stream.
    pub(super) fn new(body: S, proven: bool, context: Context) -> Self {
        let notes = Arc::new(Notes::default());
        Self {
            events: Events::new(body, Arc::clone(&notes)),
            notes,
            proven,
            context,
            over: false,
        }
    }
}

impl<S, E> Stream for Story<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: std::error::Error + Send + Sync + 'static,
{
    type Item = Result<Piece, ProviderError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Option<Self::Item>> {
        if self.over {
            return Poll::Ready(None);
        }
        let piece = loop {
            break match ready!(Pin::new(&mut self.events).poll_next(cx)) {
                Some(Ok(Event::Comment)) => return Poll::Ready(Some(Ok(Piece::Alive))),
                // This is recorded, and the text in it is lost: no parser reads it.
                Some(Ok(Event::Stray(_))) => continue,
                Some(Ok(Event::Data(data))) if !refusal::is_error(&data) => {
                    return Poll::Ready(Some(Ok(Piece::Text(data))));
                }
                Some(Ok(Event::Data(data) | Event::Error(data))) => {
                    Err(refusal::reported(&data, &self.context))
                }
                Some(Err(err)) => Err(err),
                None => {
                    let unproven = Flags::default().with_if(Flag::Unproven, !self.proven);
                    Ok(Piece::Noted(self.notes.flags().union(unproven)))
                }
            };
        };
        self.over = true;
        Poll::Ready(Some(piece))
    }
}

/// The parts of a stream that matter here.
pub(super) enum Event {
    /// The data of an event.
    Data(ByteString),
    /// The data of an event that calls itself an error.
    Error(ByteString),
    /// A comment, or an event without data.
    Comment,
    /// A line that is no part of an event.
    Stray(ByteString),
}

/// The events of a filtered stream.
pub(super) struct Events<S>(SseSanitizer<S>);

impl<S> Events<S> {
    /// The events in `body`; repairs are recorded in `notes`.
    pub(super) fn new(body: S, notes: Arc<Notes>) -> Self {
        Self(SseSanitizer::new(body, notes))
    }
}

impl<S, E> Stream for Events<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: std::error::Error + Send + Sync + 'static,
{
    type Item = Result<Event, ProviderError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Option<Self::Item>> {
        let event = match ready!(Pin::new(&mut self.0).poll_next(cx)) {
            Some(Ok(Frame::Data(data))) => Some(Ok(Event::Data(data))),
            Some(Ok(Frame::Lines(parts))) => Some(parsed(parts).unwrap_or(Ok(Event::Comment))),
            Some(Ok(Frame::Comment)) => Some(Ok(Event::Comment)),
            Some(Ok(Frame::Stray(line))) => Some(Ok(Event::Stray(line))),
            Some(Err(SanitizerError::TooLong { what, limit_bytes })) => {
                Some(Err(ProviderError::TooLong { what, limit_bytes }))
            }
            Some(Err(SanitizerError::Transport(source))) => Some(Err(ProviderError::Cut {
                source: Box::new(source),
            })),
            None => None,
        };
        Poll::Ready(event)
    }
}

/// The event in these lines, if they are one.
fn parsed(lines: Vec<Bytes>) -> Option<Result<Event, ProviderError>> {
    // After any first line, the parser looks for no byte order mark.
    let lines = once(Bytes::from_static(b":\n")).chain(lines);
    let mut events = EventStream::new(iter(lines.map(Ok::<_, Infallible>)));
    let event = events.next().now_or_never()??;
    Some(match event {
        Ok(event) if is_error(&event.event) => Ok(Event::Error(event.data.into())),
        Ok(event) => Ok(Event::Data(event.data.into())),
        // Complete lines of valid UTF-8 cannot be refused. If they were, the text would be in doubt.
        Err(err) => Err(ProviderError::Cut {
            source: err.to_string().into(),
        }),
    })
}

/// Whether an event with this name is an error.
fn is_error(name: &str) -> bool {
    let is = |error: &str| name.eq_ignore_ascii_case(error);
    is("error") || is("exception")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// How the standard reads the whole text, with one difference: a last event without its blank line is delivered. This is
    /// written from the text of the standard, line by line, and not from the filter.
    fn standard(bytes: &[u8]) -> (String, bool, bool, bool) {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let text = String::from_utf8_lossy(bytes);
        let bad_utf8 = std::str::from_utf8(bytes).is_err();
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let (mut story, mut data, mut kind) = (String::new(), String::new(), String::new());
        let (mut ignored, mut stopped) = (false, false);
        let mut dispatch = |data: &mut String, kind: &mut String| {
            let (data, kind) = (std::mem::take(data), std::mem::take(kind));
            if kind == "error" && !data.is_empty() {
                stopped = true;
            }
            if !stopped {
                story.push_str(data.strip_suffix('\n').unwrap_or(&data));
            }
        };
        // Text after the last line end is a line only if it is not empty.
        for line in text.split_terminator('\n') {
            if line.is_empty() {
                dispatch(&mut data, &mut kind);
                continue;
            }
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "data" => data.extend([value, "\n"]),
                "event" => value.clone_into(&mut kind),
                "" | "id" | "retry" => {}
                _ => ignored = true,
            }
        }
        let unfinished = !data.is_empty();
        dispatch(&mut data, &mut kind);
        (story, unfinished && !stopped, bad_utf8, ignored)
    }

    /// How this program reads the bytes in these pieces: the text, and the flags if the stream ended well.
    fn ours(bytes: &[u8], cuts: &[usize]) -> (String, Option<Flags>) {
        let mut chunks = Vec::new();
        let mut rest = bytes;
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (chunk, behind) = rest.split_at((*cut).clamp(1, rest.len()));
            chunks.push(Ok::<_, Infallible>(Bytes::copy_from_slice(chunk)));
            rest = behind;
        }
        let body = futures_util::stream::iter(chunks);
        let mut text = String::new();
        let mut flags = None;
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.expect("a runtime").block_on(async {
            let mut pieces = Story::new(body, true, Context::default());
            while let Some(piece) = pieces.next().await {
                match piece {
                    Ok(Piece::Text(part)) => text.push_str(&part),
                    Ok(Piece::Noted(noted)) => flags = Some(noted),
                    Ok(Piece::Alive) => {}
                    Ok(_) => unreachable!("not of a stream"),
                    Err(_) => flags = None,
                }
            }
        });
        (text, flags)
    }

    fn stream() -> impl Strategy<Value = Vec<u8>> {
        let part = prop::sample::select(vec![
            &b"data: a"[..],
            b"data:b",
            b"data",
            b"data:",
            b"data:  c",
            b"event: x",
            b"event: error",
            b"id: 1",
            b"id: \0",
            b"retry: 9",
            b": note",
            b"other: d",
            b"datax: e",
            b"\n",
            b"\r",
            b"\r\n",
            b"\n\n",
            b"\r\n\r\n",
            b"\xEF\xBB\xBF",
            "é東👩".as_bytes(),
            b"\xC3",
            b"\x80",
            b"\xF0\x9F",
            b"\0",
            b" ",
        ]);
        // Mostly complete lines, so that events of several lines are frequent.
        let end = prop_oneof![6 => Just(&b"\n"[..]), 3 => Just(&b"\n\n"[..]), 3 => Just(&b""[..])];
        let part = (part, end).prop_map(|(part, end)| [part, end].concat());
        prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
    }

    /// Cuts within lines, and chunks with complete events.
    fn cuts() -> impl Strategy<Value = Vec<usize>> {
        prop::collection::vec(prop_oneof![1_usize..9, 9_usize..300], 1..6)
    }

    proptest! {
        #![proptest_config(property_config!(1_000))]

        #[test]
        fn any_bytes_in_any_pieces_read_as_the_standard_reads_the_whole(
            bytes in stream(),
            cuts in cuts(),
        ) {
            let (story, unfinished, bad_utf8, ignored) = standard(&bytes);
            let (text, flags) = ours(&bytes, &cuts);
            prop_assert_eq!(&text, &story);
            if let Some(flags) = flags {
                prop_assert_eq!(flags.has(Flag::Unfinished), unfinished);
                prop_assert_eq!(flags.has(Flag::BadUtf8), bad_utf8);
                prop_assert_eq!(flags.has(Flag::IgnoredLines), ignored);
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), cut in 1_usize..50) {
            let _ = ours(&bytes, &[cut]);
        }
    }

    #[test]
    fn a_line_an_event_and_a_body_have_their_limits() {
        let line = format!("data: {}", "x".repeat(1 << 20));
        let event = "data: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"
            .repeat(20_000);
        let body = format!("data: {}\n\n", "x".repeat(100_000)).repeat(90);
        for endless in [line, event, body] {
            assert_eq!(ours(endless.as_bytes(), &[7_000]).1, None);
        }
    }
}
