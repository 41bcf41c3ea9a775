//! Figures, and the table they become.

use std::error::Error;
use std::io::{self, Write};
use std::time::Duration;

/// One row of the table.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line {
    /// What was measured.
    pub(crate) what: String,
    /// What the program did.
    pub(crate) ours: String,
    /// What it is compared with.
    pub(crate) reference: String,
    /// The ratio of the two, as the aims have it: its median, and the worst one.
    pub(crate) ratio: Option<(f64, f64)>,
    /// What must hold, in words.
    pub(crate) must: String,
    /// What is aimed at, in words.
    pub(crate) aim: String,
    /// Whether both hold, of the worst run.
    pub(crate) holds: Option<(bool, bool)>,
    /// The most memory, in KiB.
    pub(crate) peak_kib: Option<u64>,
}

impl Line {
    /// A row that could not be measured.
    pub(crate) fn failed(name: &str, err: &dyn Error) -> Self {
        Self {
            what: name.to_owned(),
            ours: format!("not measured: {err}"),
            ..Self::default()
        }
    }

    /// Judges ratios of which more is better.
    #[must_use]
    pub(crate) fn at_least(mut self, ratios: &[f64], must: f64, aim: f64) -> Self {
        let worst = ratios.iter().copied().fold(f64::INFINITY, f64::min);
        self.must = format!("≥ {must:.2} ×");
        self.aim = format!("{aim:.2} ×");
        self.judged(ratios, worst, worst >= must, worst >= aim)
    }

    /// Judges ratios of which less is better.
    #[must_use]
    pub(crate) fn at_most(mut self, ratios: &[f64], must: f64, aim: f64) -> Self {
        let worst = ratios.iter().copied().fold(0.0, f64::max);
        self.must = format!("≤ {must} ×");
        self.aim = format!("{aim} ×");
        self.judged(ratios, worst, worst <= must, worst <= aim)
    }

    /// Judges a figure of which less is better, in `unit`.
    #[must_use]
    pub(crate) fn below(mut self, figures: &[f64], must: f64, aim: f64, unit: &str) -> Self {
        let worst = figures.iter().copied().fold(0.0, f64::max);
        self.must = format!("≤ {must} {unit}");
        self.aim = format!("{aim} {unit}");
        self.holds = (!figures.is_empty()).then_some((worst <= must, worst <= aim));
        self
    }

    fn judged(mut self, ratios: &[f64], worst: f64, must: bool, aim: bool) -> Self {
        if !ratios.is_empty() {
            self.ratio = Some((median(ratios), worst));
            self.holds = Some((must, aim));
        }
        self
    }
}

/// The middle of all figures; 0 of none.
pub(crate) fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        len if len % 2 == 1 => sorted[len / 2],
        len => f64::midpoint(sorted[len / 2 - 1], sorted[len / 2]),
    }
}

/// A length of time, short.
pub(crate) fn time(secs: f64) -> String {
    if secs < 0.1 {
        format!("{:.1} ms", secs * 1e3)
    } else if secs < 1.0 {
        format!("{:.0} ms", secs * 1e3)
    } else {
        format!("{secs:.2} s")
    }
}

/// All lengths in seconds.
pub(crate) fn secs(times: &[Duration]) -> Vec<f64> {
    times.iter().map(Duration::as_secs_f64).collect()
}

/// Prints the table.
///
/// # Errors
///
/// What the writer said.
pub(crate) fn print(out: &mut dyn Write, lines: &[Line]) -> io::Result<()> {
    writeln!(
        out,
        "| measure | this program | reference | ratio (worst) | must | aim | | peak memory |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|---|")?;
    for line in lines {
        let ratio = line.ratio.map_or("–".to_owned(), |(median, worst)| {
            format!("{} ({})", digits(median), digits(worst))
        });
        let verdict = match line.holds {
            None => "",
            Some((false, _)) => "**missed**",
            Some((true, false)) => "must met",
            Some((true, true)) => "aim met",
        };
        let peak = line
            .peak_kib
            .map_or(String::new(), |kib| format!("{} MB", kib.div_ceil(1_024)));
        let or = |text: &str| {
            if text.is_empty() {
                "–".to_owned()
            } else {
                text.to_owned()
            }
        };
        writeln!(
            out,
            "| {} | {} | {} | {ratio} | {} | {} | {verdict} | {peak} |",
            line.what,
            line.ours,
            or(&line.reference),
            or(&line.must),
            or(&line.aim),
        )?;
    }
    Ok(())
}

/// As many digits as say something: near 1 it is the third that counts.
fn digits(ratio: f64) -> String {
    if (0.9..1.1).contains(&ratio) {
        format!("{ratio:.3}")
    } else {
        format!("{ratio:.2}")
    }
}
