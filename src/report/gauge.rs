//! How far a piece of work of known length is, on a terminal, once it takes long enough to wonder.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::{Duration, Instant};

/// Work that is done sooner is not shown.
const UNSEEN: Duration = Duration::from_millis(500);

/// A gauge on standard error.
pub struct Gauge {
    what: &'static str,
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
            length,
            done: 0,
            begun: Instant::now(),
            bar: None,
            seen,
        }
    }

    /// More steps are done.
    pub fn advance(&mut self, steps: u64) {
        self.done += steps;
        if !self.seen || self.begun.elapsed() < UNSEEN {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| bar(self.what, self.length));
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

fn bar(what: &'static str, length: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr_with_hz(10));
    let style = ProgressStyle::with_template("{msg} {bar:24} {human_pos} of {human_len}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style.progress_chars("━╸─"));
    bar.set_message(what);
    bar
}
