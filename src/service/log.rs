//! The log: one line per request with its time, path, answer, simulated fault and duration.
//!
//! A line contains no API key, no story, and no foreign character that could move the cursor. If the log is read too slowly,
//! lines are lost; requests never wait for it.

use super::faults::Fault;
use crate::domain::shown::shown_start;
use std::fmt::Write;
use std::sync::mpsc::SyncSender;
use std::time::{Instant, SystemTime};
use tokio::sync::watch;

/// The most characters of a path that are logged.
const PATH_CHARS_MAX: usize = 120;

/// Why an answer did not end well.
pub(super) enum End {
    /// The client closed the connection.
    Dropped,
    /// The story ended early, for this reason.
    BrokenOff(String),
}

/// The facts of a request, collected until it is dropped with the last byte of the answer. Then the line is written.
pub(super) struct Entry {
    lines: Option<SyncSender<String>>,
    stopping: watch::Receiver<bool>,
    begun: Instant,
    at: SystemTime,
    what: String,
    pub(super) status: u16,
    pub(super) fault: Option<Fault>,
    words: u64,
    in_word: bool,
    /// Why the answer did not end well, if so.
    pub(super) end: Option<End>,
}

impl Entry {
    /// A request that has just arrived.
    pub(super) fn new(
        lines: Option<SyncSender<String>>,
        stopping: watch::Receiver<bool>,
        method: &str,
        path: &str,
    ) -> Self {
        Self {
            lines,
            stopping,
            begun: Instant::now(),
            at: SystemTime::now(),
            what: format!(
                "{} {}",
                shown_start(method, PATH_CHARS_MAX),
                shown_start(path, PATH_CHARS_MAX)
            ),
            status: 0,
            fault: None,
            words: 0,
            in_word: false,
            end: None,
        }
    }

    /// Counts a part of the story that is sent.
    pub(super) fn sent(&mut self, text: &str) {
        for c in text.chars() {
            let in_word = !c.is_whitespace();
            self.words += u64::from(in_word && !self.in_word);
            self.in_word = in_word;
        }
    }

    fn line(&self) -> String {
        let at = humantime::format_rfc3339_seconds(self.at);
        let mut line = format!("{at} {} {}", self.what, self.status);
        // Writing to a string cannot fail.
        let _ = match self.fault {
            Some(Fault::Status(_)) => write!(line, " (rehearsed)"),
            Some(fault) => write!(line, " ({fault})"),
            None => Ok(()),
        };
        if self.words > 0 {
            let _ = write!(line, ", {} words", self.words);
        }
        let _ = match &self.end {
            None => Ok(()),
            Some(End::BrokenOff(why)) => {
                write!(line, ", stopped: {}", shown_start(why, PATH_CHARS_MAX))
            }
            // If this service ends, the client was not the cause.
            Some(End::Dropped) if *self.stopping.borrow() => {
                write!(line, ", stopped: the server was stopped")
            }
            Some(End::Dropped) => write!(line, ", the client closed the connection"),
        };
        let _ = write!(line, ", {} ms", self.begun.elapsed().as_millis());
        line
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if let Some(lines) = &self.lines {
            let _ = lines.try_send(self.line());
        }
    }
}
