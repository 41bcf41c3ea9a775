//! The progress of an import on a terminal.

use crate::app::import::Step;
use crate::report::Gauge;

/// Shows the progress of an import, if the import takes more than a moment. Dropping it removes the display.
pub(in crate::cli) struct ImportGauge {
    /// Whether a terminal can show it.
    is_shown: bool,
    gauge: Option<Gauge>,
}

impl ImportGauge {
    /// Shows progress only where `is_shown` says that a terminal can show it.
    pub(in crate::cli) fn new(is_shown: bool) -> Self {
        Self {
            is_shown,
            gauge: None,
        }
    }

    /// The import has made a step on a sheet of `length` bytes.
    pub(in crate::cli) fn step(&mut self, step: Step, length: Option<u64>) {
        let is_shown = self.is_shown && length.is_some();
        let gauge = self.gauge.get_or_insert_with(|| {
            Gauge::of_bytes("reading the sheet", length.unwrap_or_default(), is_shown)
        });
        match step {
            Step::Read(bytes) => gauge.reach(bytes),
            Step::Storing => gauge.goes_on("storing it"),
            Step::Comparing => gauge.goes_on("comparing it"),
        }
    }

    /// Removes the display, so that a line can be printed.
    pub(in crate::cli) fn clear(&mut self) {
        self.gauge = None;
    }
}
