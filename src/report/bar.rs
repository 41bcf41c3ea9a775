//! The progress bar of a run: done, failed, running, why the run waits, and the time left.

use super::Reporter;
use super::plain::note;
use super::words::state;
use crate::domain::event::{Event, Kind};
use crate::domain::tally::Tally;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io;
use std::time::Duration;

/// The time between two drawings of the bar.
const EVERY: Duration = Duration::from_millis(100);

/// The progress bar on standard error.
pub(crate) struct Bar {
    drawn: ProgressBar,
    colour: bool,
    columns: fn() -> Option<u16>,
    /// The width of the bar itself; the rest of the line is for its text.
    width: u16,
}

/// The width of the bar itself on a terminal of so many columns; 0 if there is no space for one.
fn width(columns: Option<u16>) -> u16 {
    match columns {
        Some(0..40) => 0,
        Some(40..60) => 10,
        _ => 24,
    }
}

impl Bar {
    /// A bar on standard error. `colour` says whether it may have colours, `columns` is the width of the terminal.
    #[must_use]
    pub(crate) fn new(colour: bool, columns: fn() -> Option<u16>) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
        let bar = Self {
            drawn: bar,
            colour,
            columns,
            width: width(columns()),
        };
        bar.restyle();
        bar
    }

    /// Draws the bar with its own width from now on.
    fn restyle(&self) {
        let template = match (self.width, self.colour) {
            (0, _) => "{pos}/{len} · {wide_msg}".to_owned(),
            (width, true) => {
                format!("{{bar:{width}.green/dim}} {{pos}}/{{len}} done · {{wide_msg}}")
            }
            (width, false) => format!("{{bar:{width}}} {{pos}}/{{len}} done · {{wide_msg}}"),
        };
        let style = ProgressStyle::with_template(&template)
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        self.drawn.set_style(style.progress_chars("━╸─"));
    }
}

impl Reporter for Bar {
    fn event(&mut self, event: &Event, tally: &Tally) -> io::Result<()> {
        if let Some(note) = note(event) {
            self.drawn.println(note);
        }
        if let Kind::RunStarted { wanted, .. } = &event.kind {
            self.drawn.set_length(*wanted);
            self.tick(event.elapsed, tally)?;
        }
        Ok(())
    }

    fn tick(&mut self, elapsed: Duration, tally: &Tally) -> io::Result<()> {
        let width = width((self.columns)());
        if self.width != width {
            self.width = width;
            self.restyle();
        }
        self.drawn.set_message(state(tally, elapsed));
        self.drawn.set_position(tally.done);
        Ok(())
    }

    fn every(&self) -> Duration {
        EVERY
    }

    fn close(&mut self) {
        self.drawn.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_terminal_has_a_narrow_bar_or_none() {
        let widths = [
            None,
            Some(200),
            Some(60),
            Some(59),
            Some(40),
            Some(39),
            Some(20),
        ]
        .map(width);
        assert_eq!(widths, [24, 24, 24, 10, 10, 0, 0]);
    }
}
