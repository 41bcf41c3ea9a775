//! A bar on a terminal: done, failed, running, what is waited for, and when it will be over.

use super::Reporter;
use super::plain::note;
use super::words::state;
use crate::domain::event::{Event, Kind};
use crate::domain::tally::Tally;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io;
use std::time::Duration;

/// How often the bar is drawn.
const EVERY: Duration = Duration::from_millis(100);

/// A bar on standard error.
pub struct Bar {
    bar: ProgressBar,
}

impl Bar {
    /// A bar on standard error; `colour` says whether it may be coloured.
    #[must_use]
    pub fn new(colour: bool) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
        let template = if colour {
            "{bar:24.green/dim} {pos}/{len} done · {wide_msg}"
        } else {
            "{bar:24} {pos}/{len} done · {wide_msg}"
        };
        let style =
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style.progress_chars("━╸─"));
        Self { bar }
    }
}

impl Reporter for Bar {
    fn event(&mut self, event: &Event, tally: &Tally) -> io::Result<()> {
        if let Some(note) = note(event) {
            self.bar.println(note);
        }
        if let Kind::RunStarted { wanted, .. } = &event.kind {
            self.bar.set_length(*wanted);
            self.tick(event.elapsed, tally)?;
        }
        Ok(())
    }

    fn tick(&mut self, elapsed: Duration, tally: &Tally) -> io::Result<()> {
        self.bar.set_message(state(tally, elapsed));
        self.bar.set_position(tally.done);
        Ok(())
    }

    fn every(&self) -> Duration {
        EVERY
    }

    fn close(&mut self) {
        self.bar.finish_and_clear();
    }
}
