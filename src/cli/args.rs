//! Switches that several commands share, parsed into what they mean.

use crate::domain::flag::Flag;
use crate::domain::pace::Pace;
use crate::domain::recipe::ProviderName;
use clap::{Args, ValueEnum};
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

/// How the sheet is read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Sheet")]
#[expect(clippy::struct_field_names, reason = "the fields are the switches")]
pub(super) struct SheetArgs {
    /// The column of the names [default: found: name, charName, character]
    #[arg(long, value_name = "COLUMN")]
    pub(super) name_column: Option<String>,
    /// The column of the descriptions [default: found: description, inputText, bio, prompt]
    #[arg(long, value_name = "COLUMN")]
    pub(super) description_column: Option<String>,
    /// The column that identifies rows [default: found: id, key]
    #[arg(long, value_name = "COLUMN")]
    pub(super) key_column: Option<String>,
}

/// Who writes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Provider")]
pub(super) struct ProviderArgs {
    /// Who writes: convai, or demo, which is built in and needs no key [default: convai]
    #[arg(long, value_name = "NAME")]
    pub(super) provider: Option<ProviderName>,
    /// The service's address, instead of the provider's own
    #[arg(long, value_name = "URL")]
    pub(super) base_url: Option<String>,
    /// Allow plain http to other machines; the key travels in the open
    #[arg(long)]
    pub(super) allow_http: bool,
    /// A file that holds the key, instead of `CONVAI_API_KEY`
    #[arg(long, value_name = "FILE")]
    pub(super) key_file: Option<PathBuf>,
}

/// How fast.
#[derive(Debug, Args)]
#[command(next_help_heading = "Pace")]
pub(super) struct PaceArgs {
    /// Evenly spaced starts: N/s, N/min, N/h or unlimited [default: 60/min; demo: unlimited]
    #[arg(long, value_name = "PACE")]
    pub(super) rate: Option<Pace>,
    /// Requests in flight at the same time [default: 3; demo: 8]
    #[arg(long, value_name = "N")]
    pub(super) concurrency: Option<NonZeroUsize>,
}

/// How long and how often.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(super) struct LimitArgs {
    /// Tries a character gets that cost or may have cost something
    #[arg(long, value_name = "N", default_value = "4")]
    pub(super) max_attempts: NonZeroU32,
    /// The longest silence in a stream [default: 60s; before the first text from this machine: 3m]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(super) idle_timeout: Option<Duration>,
    /// The whole of a request
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "5m")]
    pub(super) timeout: Duration,
    /// Connecting
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "10s")]
    pub(super) connect_timeout: Duration,
    /// How long to wait for a service that refuses or is away; before its first answer 1m at most
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "15m")]
    pub(super) patience: Duration,
    /// Requests of this run, retries included; then exit 4
    #[arg(long, value_name = "N")]
    pub(super) max_requests: Option<NonZeroU64>,
    /// Length of this run; then exit 4
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(super) max_time: Option<Duration>,
    /// Go on when more than half of the characters fail
    #[arg(long)]
    pub(super) keep_going: bool,
    /// How long streams in flight may take to finish after Ctrl-C
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "30s")]
    pub(super) grace: Duration,
}

/// How progress is told.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct ReportArgs {
    /// How progress is told, on standard error: auto, bar, plain, json or none
    #[arg(
        long,
        value_name = "HOW",
        value_enum,
        default_value_t,
        hide_possible_values = true
    )]
    pub(super) progress: Progress,
}

/// How progress is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Progress {
    /// A bar on a terminal, else plain lines
    #[default]
    Auto,
    /// A bar
    Bar,
    /// A line every ten seconds, and one for each thing of note
    Plain,
    /// One JSON object a line
    Json,
    /// Only errors and the last summary
    None,
}

/// Which characters.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
pub(super) struct SelectionArgs {
    /// In this state only: pending, running, done, failed
    #[arg(long, value_name = "STATUS", value_parser = ["pending", "running", "done", "failed"], hide_possible_values = true)]
    pub(super) status: Option<String>,
    /// With this in their name, in any case
    #[arg(long, value_name = "PART")]
    pub(super) name: Option<String>,
    /// With this flag only
    #[arg(long, value_name = "FLAG")]
    pub(super) flag: Option<Flag>,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub(super) limit: Option<u64>,
    /// Those that left the sheet, too
    #[arg(long)]
    pub(super) gone: bool,
}

/// A length of time as people write it; not zero.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "expected a time such as `90s`, `15m` or `2h`".to_owned();
    let duration = humantime::parse_duration(text).map_err(|_| wrong())?;
    if duration.is_zero() {
        Err(wrong())
    } else {
        Ok(duration)
    }
}
