//! How far a piece of work of known length is, on a terminal, once it takes long enough to wonder.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::{Duration, Instant};

/// Work that is done sooner is not shown.
const UNSEEN: Duration = Duration::from_millis(500);

/// A gauge on standard error.
pub struct Gauge {
    what: &'static str,
    /// How the length is written.
    unit: &'static str,
    length: u64,
    done: u64,
    begun: Instant,
    /// There once it is shown; never where nobody sees it.
    bar: Option<ProgressBar>,
    seen: bool,
}

impl Gauge {
    /// A gauge for `length` steps of `what`, a verb such as `indexing`; `seen` says whether a terminal can show it.
    #[must_use]
    pub fn new(what: &'static str, length: u64, seen: bool) -> Self {
        Self {
            what,
            unit: "{human_pos} of {human_len}",
            length,
            done: 0,
            begun: Instant::now(),
            bar: None,
            seen,
        }
    }

    /// The same, where each step is a byte.
    #[must_use]
    pub fn of_bytes(what: &'static str, length: u64, seen: bool) -> Self {
        let mut gauge = Self::new(what, length, seen);
        gauge.unit = "{decimal_bytes} of {decimal_total_bytes}";
        gauge
    }

    /// More steps are done.
    pub fn advance(&mut self, steps: u64) {
        self.reach(self.done + steps);
    }

    /// The work goes on in another way, of which nobody knows how long it takes: `what` it is stands there until the end.
    pub fn goes_on(&mut self, what: &'static str) {
        let Some(bar) = &self.bar else { return };
        if let Ok(style) = ProgressStyle::with_template("{msg} …") {
            bar.set_style(style);
        }
        bar.set_message(what);
        bar.tick();
    }

    /// So many steps are done in all.
    pub fn reach(&mut self, steps: u64) {
        self.done = steps;
        if !self.seen || self.begun.elapsed() < UNSEEN {
            return;
        }
        let bar = self
            .bar
            .get_or_insert_with(|| bar(self.what, self.unit, self.length));
        bar.set_position(self.done.min(self.length));
    }
}

impl Drop for Gauge {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(what: &'static str, unit: &str, length: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr_with_hz(10));
    let style = ProgressStyle::with_template(&format!("{{msg}} {{bar:24}} {unit}"))
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style.progress_chars("━╸─"));
    bar.set_message(what);
    bar
}
