//! Progress as plain lines, for a log or a simple terminal: one every ten seconds, and one for each important event.

use super::Reporter;
use super::words::state;
use crate::domain::event::{Event, Kind};
use crate::domain::shown::{shown, shown_start};
use crate::domain::speed::length;
use crate::domain::tally::Tally;
use std::io::{self, Write};
use std::time::Duration;

/// A reporter that writes plain lines.
pub(crate) struct Plain<W> {
    out: W,
}

impl<W: Write + Send> Plain<W> {
    /// Plain lines, written to `out`.
    pub(crate) fn new(out: W) -> Self {
        Self { out }
    }
}

impl<W: Write + Send> Reporter for Plain<W> {
    fn event(&mut self, event: &Event, _: &Tally) -> io::Result<()> {
        match note(event) {
            Some(note) => writeln!(self.out, "{note}"),
            None => Ok(()),
        }
    }

    fn tick(&mut self, elapsed: Duration, tally: &Tally) -> io::Result<()> {
        let (done, wanted) = (tally.done, tally.wanted);
        let state = state(tally, elapsed);
        writeln!(
            self.out,
            "{}: {done} of {wanted} done · {state}",
            length(elapsed)
        )
    }

    fn every(&self) -> Duration {
        Duration::from_secs(10)
    }
}

/// The line for an important event; `None` for other events.
pub(super) fn note(event: &Event) -> Option<String> {
    Some(match &event.kind {
        Kind::RunStarted {
            cast_name,
            wanted,
            done,
            ..
        } => format!("cast `{}`: {wanted} to do, {done} done", shown(cast_name)),
        Kind::CharacterFailed { name, error, .. } => {
            format!("failed: {}: {}", shown(name), shown_start(error, 200))
        }
        Kind::Paused { why, wait } => {
            format!("waiting {}: {}", length(*wait), shown_start(why, 200))
        }
        Kind::Stopping { running, grace } => {
            let grace = length(*grace);
            let (requests, them) = match running {
                1 => ("1 request".to_owned(), "it"),
                many => (format!("{many} requests"), "them"),
            };
            format!("stopping: waiting up to {grace} for {requests}; Ctrl-C cancels {them}")
        }
        Kind::Resumed => "the service accepts requests again".to_owned(),
        Kind::CharacterStarted { .. }
        | Kind::CharacterDone { .. }
        | Kind::CharacterRetrying { .. }
        | Kind::Charged { .. }
        | Kind::RunFinished { .. } => return None,
    })
}
