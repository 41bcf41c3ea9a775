//! A filter between the network and the event parser: bytes go in, complete events come out.
//!
//! The parser is right for ordinary streams, but it panics on a byte order mark at the beginning, loses everything after an
//! invalid byte, drops a last event without a blank line, and needs quadratic time for long events. So the filter splits the
//! lines itself (CR, LF and CRLF), removes the mark, replaces invalid UTF-8, limits line, event and body, and closes an open
//! event at the end. It records what it repaired.
//!
//! Comments and lines that are no field come out at once. A comment shows that the service is alive. A line that is no field may
//! be an error.
//!
//! The filter knows the names of the fields, not what they mean. Nearly every event is one line of data. Such an event comes
//! out as its text, without the parser, which would copy it five times and change nothing.

use crate::domain::flag::{Flag, Flags};
use bytes::{Buf, Bytes};
use bytestring::ByteString;
use futures_util::stream::Stream;
use memchr::{memchr, memchr2, memchr2_iter};
use std::collections::VecDeque;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

/// The parser copies the rest of a chunk with each line, so a longer event is passed on in parts of about this many bytes.
const PART_BYTES: usize = 4 << 10;

/// The byte order mark.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// The longest line, in bytes.
const LINE_BYTES_MAX: usize = 1 << 20;

/// The longest event, in bytes of its lines of data.
const EVENT_BYTES_MAX: usize = 1 << 20;

/// The longest body, in bytes.
const BODY_BYTES_MAX: usize = 8 << 20;

/// What the filter repaired; can be read during the stream and after it.
#[derive(Debug, Default)]
pub(super) struct Notes {
    unfinished: AtomicBool,
    bad_utf8: AtomicBool,
    ignored_lines: AtomicBool,
}

impl Notes {
    /// The repairs as flags of a take.
    pub(super) fn flags(&self) -> Flags {
        let noted = |note: &AtomicBool| note.load(Ordering::Relaxed);
        Flags::default()
            .with_if(Flag::Unfinished, noted(&self.unfinished))
            .with_if(Flag::BadUtf8, noted(&self.bad_utf8))
            .with_if(Flag::IgnoredLines, noted(&self.ignored_lines))
    }
}

/// Why the filter stopped the stream.
#[derive(Debug, thiserror::Error)]
pub(super) enum SanitizerError<E: std::error::Error> {
    /// The connection failed.
    #[error("the connection failed")]
    Transport(#[source] E),
    /// A limit was exceeded.
    #[error("{what} of more than {limit_bytes} bytes")]
    TooLong {
        /// What is too large: a line, an event or the whole body.
        what: &'static str,
        /// The limit, in bytes.
        limit_bytes: usize,
    },
}

/// A complete event.
#[derive(Debug)]
pub(super) enum Frame {
    /// An event with a single line of data: the data.
    Data(ByteString),
    /// Any other event: its lines, each with an LF, in parts that the parser reads in linear time.
    Lines(Vec<Bytes>),
    /// A comment; it comes as soon as its line has ended.
    Comment,
    /// A line that is no field of the protocol.
    Stray(ByteString),
}

/// The filtered stream.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own about the bytes so far"
)]
pub(super) struct SseSanitizer<S> {
    inner: S,
    notes: Arc<Notes>,
    /// Complete events that have not been read yet.
    ready: VecDeque<Frame>,
    /// The first lines of an event that has not ended.
    parts: Vec<Bytes>,
    /// Its last lines, each with an LF.
    gathered: Vec<u8>,
    /// The beginning of a line that has not ended.
    partial: Vec<u8>,
    /// The last byte was a CR: if an LF follows, it belongs to this line end.
    after_cr: bool,
    /// No line has ended yet, so the mark may still come.
    at_start: bool,
    /// Data arrived that no blank line has closed.
    event_open: bool,
    event_bytes: usize,
    body_bytes: usize,
    ended: bool,
}

impl<S> SseSanitizer<S> {
    /// Filters `inner`; repairs are recorded in `notes`.
    pub(super) fn new(inner: S, notes: Arc<Notes>) -> Self {
        Self {
            inner,
            notes,
            ready: VecDeque::new(),
            parts: Vec::new(),
            gathered: Vec::new(),
            partial: Vec::new(),
            after_cr: false,
            at_start: true,
            event_open: false,
            event_bytes: 0,
            body_bytes: 0,
            ended: false,
        }
    }

    /// Adds bytes that arrived and completes the lines in them.
    fn push<E: std::error::Error>(&mut self, mut chunk: Bytes) -> Result<(), SanitizerError<E>> {
        self.body_bytes += chunk.len();
        if self.body_bytes > BODY_BYTES_MAX {
            return Err(too_long("a body", BODY_BYTES_MAX));
        }
        while !chunk.is_empty() {
            if std::mem::take(&mut self.after_cr) && chunk[0] == b'\n' {
                let _ = chunk.split_to(1);
                continue;
            }
            if let Some(event) = self.clean_event(&mut chunk) {
                self.at_start = false;
                self.ready.push_back(event);
                continue;
            }
            let Some(at) = memchr2(b'\n', b'\r', &chunk) else {
                self.partial.extend_from_slice(&chunk);
                return within("a line", self.partial.len(), LINE_BYTES_MAX);
            };
            self.after_cr = chunk[at] == b'\r';
            let head = chunk.split_to(at + 1);
            self.line(&head)?;
        }
        Ok(())
    }

    /// Removes the first event of `chunk` and returns it, if it is complete and nothing in it needs a repair.
    fn clean_event(&self, chunk: &mut Bytes) -> Option<Frame> {
        let between = self.partial.is_empty() && self.gathered.is_empty() && self.parts.is_empty();
        if !between {
            return None;
        }
        let near = &chunk[..chunk.len().min(PART_BYTES)];
        let mut line = 0;
        let mut data: Option<Range<usize>> = None;
        for end in memchr2_iter(b'\n', b'\r', near) {
            match field(&near[line..end]) {
                _ if near[end] == b'\r' => return None,
                // Also a first line that begins with the byte order mark.
                Field::Unknown => return None,
                Field::Blank => {
                    let event = if let Some(data) = data {
                        Frame::Data(chunk.slice(data).try_into().ok()?)
                    } else {
                        std::str::from_utf8(&near[..=end]).ok()?;
                        Frame::Lines(vec![chunk.slice(..=end)])
                    };
                    chunk.advance(end + 1);
                    return Some(event);
                }
                Field::Data if line == 0 => data = Some(value(near, end)..end),
                Field::Data | Field::Comment | Field::Other => data = None,
            }
            line = end + 1;
        }
        None
    }

    /// Processes one line; `head` is its last part, or all of it, and ends with CR or LF.
    fn line<E: std::error::Error>(&mut self, head: &[u8]) -> Result<(), SanitizerError<E>> {
        let body = &head[..head.len() - 1];
        if self.partial.is_empty() && !self.at_start {
            // The common case copies nothing twice.
            return self.add_line(body);
        }
        let mut whole = std::mem::take(&mut self.partial);
        whole.extend_from_slice(body);
        if std::mem::take(&mut self.at_start) && whole.starts_with(MARK) {
            whole.drain(..MARK.len());
        }
        self.add_line(&whole)
    }

    /// Checks a line without its line end and adds it to its event.
    fn add_line<E: std::error::Error>(&mut self, line: &[u8]) -> Result<(), SanitizerError<E>> {
        within("a line", line.len(), LINE_BYTES_MAX)?;
        let field = field(line);
        match field {
            Field::Blank => {
                self.event_open = false;
                self.event_bytes = 0;
            }
            Field::Data => {
                self.event_open = true;
                self.event_bytes += line.len();
                within("an event", self.event_bytes, EVENT_BYTES_MAX)?;
            }
            Field::Comment => self.ready.push_back(Frame::Comment),
            Field::Other => {}
            Field::Unknown => {
                self.notes.ignored_lines.store(true, Ordering::Relaxed);
                let line = String::from_utf8_lossy(line).into_owned();
                self.ready.push_back(Frame::Stray(line.into()));
            }
        }
        if std::str::from_utf8(line).is_ok() {
            self.gathered.extend_from_slice(line);
        } else {
            self.notes.bad_utf8.store(true, Ordering::Relaxed);
            let mended = String::from_utf8_lossy(line);
            self.gathered.extend_from_slice(mended.as_bytes());
        }
        self.gathered.push(b'\n');
        if matches!(field, Field::Blank) {
            self.complete_event();
        } else if self.gathered.len() >= PART_BYTES {
            self.parts.push(std::mem::take(&mut self.gathered).into());
        }
        Ok(())
    }

    /// Completes the event that has ended.
    fn complete_event(&mut self) {
        let mut parts = std::mem::take(&mut self.parts);
        parts.push(std::mem::take(&mut self.gathered).into());
        self.ready.push_back(Frame::Lines(parts));
    }

    /// Closes an open event when the connection has ended well.
    fn finish<E: std::error::Error>(&mut self) -> Result<(), SanitizerError<E>> {
        self.ended = true;
        if !self.partial.is_empty() {
            self.line(b"\n")?;
        }
        if self.event_open {
            self.notes.unfinished.store(true, Ordering::Relaxed);
            self.gathered.push(b'\n');
            self.complete_event();
        }
        Ok(())
    }
}

impl<S, E> Stream for SseSanitizer<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: std::error::Error,
{
    type Item = Result<Frame, SanitizerError<E>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Poll::Ready(Some(Ok(event)));
            }
            if self.ended {
                return Poll::Ready(None);
            }
            let took_in = match ready!(Pin::new(&mut self.inner).poll_next(cx)) {
                Some(Ok(chunk)) => self.push(chunk),
                Some(Err(err)) => Err(SanitizerError::Transport(err)),
                None => self.finish(),
            };
            if let Err(err) = took_in {
                self.ended = true;
                self.ready.clear();
                return Poll::Ready(Some(Err(err)));
            }
        }
    }
}

/// The kind of a line.
enum Field {
    Blank,
    Data,
    Comment,
    /// Another field of the protocol.
    Other,
    /// No field of the protocol: parsers drop such a line without a message.
    Unknown,
}

fn field(line: &[u8]) -> Field {
    let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
    match name {
        b"" if line.is_empty() => Field::Blank,
        b"" => Field::Comment,
        b"data" => Field::Data,
        b"event" | b"id" | b"retry" => Field::Other,
        _ => Field::Unknown,
    }
}

/// The position of the field's value on the first line, which ends at `end`.
fn value(lines: &[u8], end: usize) -> usize {
    let colon = memchr(b':', &lines[..end]);
    colon.map_or(end, |colon| {
        let spaced = lines[colon + 1] == b' ';
        colon + 1 + usize::from(spaced)
    })
}

fn within<E: std::error::Error>(
    what: &'static str,
    bytes: usize,
    limit_bytes: usize,
) -> Result<(), SanitizerError<E>> {
    if bytes > limit_bytes {
        return Err(too_long(what, limit_bytes));
    }
    Ok(())
}

fn too_long<E: std::error::Error>(what: &'static str, limit_bytes: usize) -> SanitizerError<E> {
    SanitizerError::TooLong { what, limit_bytes }
}
