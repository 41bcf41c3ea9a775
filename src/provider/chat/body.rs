//! What the body of a 200 is, whatever its content type says.
//!
//! The first bytes that are not blank decide: `{` and `[` begin a JSON document, `<` begins a page, and a field of the
//! protocol begins an event stream. If the content type says that the body is an event stream, it counts as one unless it
//! begins like a document or a page.

use bytes::Bytes;
use futures_util::stream::Stream;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The byte order mark.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// The fields that an event stream may begin with, including that of llama.cpp's errors; the first is a comment.
const FIELDS: [&[u8]; 6] = [b":", b"data:", b"event:", b"id:", b"retry:", b"error:"];

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// An event stream.
    Events,
    /// A JSON document.
    Json,
    /// Neither: a page, or plain text.
    Other,
}

/// The form of a body that begins with `begin`; `None` while it is undecided. `is_stream` is what its content type says.
pub(super) fn form(begin: &[u8], is_stream: bool, at_end: bool) -> Option<Form> {
    let by_type = if is_stream { Form::Events } else { Form::Other };
    let begin = begin.strip_prefix(MARK).unwrap_or(begin);
    let begin = begin.trim_ascii_start();
    if begin.is_empty() || MARK.starts_with(begin) {
        return at_end.then_some(by_type);
    }
    if matches!(begin[0], b'{' | b'[') {
        return Some(Form::Json);
    }
    if begin[0] == b'<' {
        return Some(Form::Other);
    }
    if is_stream || FIELDS.iter().any(|field| begin.starts_with(field)) {
        return Some(Form::Events);
    }
    let may_be_field = FIELDS.iter().any(|field| field.starts_with(begin));
    (at_end || !may_be_field).then_some(Form::Other)
}

/// A body whose beginning was already read.
pub(super) struct Resumed<S> {
    begin: Option<Bytes>,
    rest: S,
}

impl<S> Resumed<S> {
    pub(super) fn new(begin: Bytes, rest: S) -> Self {
        let begin = Some(begin).filter(|begin| !begin.is_empty());
        Self { begin, rest }
    }
}

impl<S, E> Stream for Resumed<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    type Item = Result<Bytes, E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.begin.take() {
            Some(begin) => Poll::Ready(Some(Ok(begin))),
            None => Pin::new(&mut self.rest).poll_next(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_say_what_a_body_is() {
        use Form::{Events, Json, Other};
        // The form if the content type says event stream, and if it does not.
        for (begin, stream, other) in [
            ("data: {}", Some(Events), Some(Events)),
            ("\n\n  data:{}", Some(Events), Some(Events)),
            ("\u{feff}data: {}", Some(Events), Some(Events)),
            (": ping", Some(Events), Some(Events)),
            ("error: {}", Some(Events), Some(Events)),
            ("da", Some(Events), None),
            ("{", Some(Json), Some(Json)),
            ("\n [", Some(Json), Some(Json)),
            ("<html>", Some(Other), Some(Other)),
            ("upstream connect error", Some(Events), Some(Other)),
            ("", None, None),
            (" \n", None, None),
        ] {
            let found = |is_stream| form(begin.as_bytes(), is_stream, false);
            assert_eq!((found(true), found(false)), (stream, other), "{begin:?}");
            assert!(form(begin.as_bytes(), false, true).is_some(), "{begin:?}");
        }
    }
}
