//! A progress bar for work of known length, such as an import. It appears only if the work takes long.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::{Duration, Instant};

/// Work that ends sooner shows no bar.
const SHOWN_AFTER: Duration = Duration::from_millis(500);

/// A progress bar on standard error.
pub(crate) struct Gauge {
    what: &'static str,
    /// The template for the number of steps.
    unit: &'static str,
    length: u64,
    done: u64,
    started: Instant,
    /// There as soon as the bar is shown.
    bar: Option<ProgressBar>,
    visible: bool,
}

impl Gauge {
    /// A bar for `length` steps of `what`, a verb such as `indexing`; `visible` says whether a terminal can show it.
    #[must_use]
    pub(crate) fn new(what: &'static str, length: u64, visible: bool) -> Self {
        Self {
            what,
            unit: "{human_pos} of {human_len}",
            length,
            done: 0,
            started: Instant::now(),
            bar: None,
            visible,
        }
    }

    /// The same, with bytes as steps.
    #[must_use]
    pub(crate) fn of_bytes(what: &'static str, length: u64, visible: bool) -> Self {
        let mut gauge = Self::new(what, length, visible);
        gauge.unit = "{decimal_bytes} of {decimal_total_bytes}";
        gauge
    }

    /// Adds `steps` steps.
    pub(crate) fn advance(&mut self, steps: u64) {
        self.reach(self.done + steps);
    }

    /// The work continues with a part of unknown length: from now on only the text `what` is shown.
    pub(crate) fn goes_on(&mut self, what: &'static str) {
        let Some(bar) = &self.bar else { return };
        if let Ok(style) = ProgressStyle::with_template("{msg} …") {
            bar.set_style(style);
        }
        bar.set_message(what);
        bar.tick();
    }

    /// Sets the number of steps done so far.
    pub(crate) fn reach(&mut self, steps: u64) {
        self.done = steps;
        if !self.visible || self.started.elapsed() < SHOWN_AFTER {
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
