//! Switches that several commands share, parsed into typed values.

use crate::app::asked::Choice;
use crate::app::fields::Set;
use crate::cli::choices::{PERSONS, PROVIDERS, choice, flag, status};
use crate::domain::flag::Flag;
use crate::domain::money::{BudgetChange, Money};
use crate::domain::pace::Pace;
use crate::domain::prompt::{Language, Person};
use crate::domain::recipe::ProviderName;
use crate::domain::stakes::{Answers, OnRecipeChange};
use crate::domain::status::Status;
use crate::store::Filter;
use clap::{Args, ValueEnum};
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// The longest duration that can be set. Without a limit, adding it to the current time could overflow.
const DURATION_MAX: Duration = Duration::from_hours(366 * 24);

/// How the sheet is read.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Sheet")]
pub(in crate::cli) struct SheetArgs {
    /// The column of the names; repeatable, the cells are then joined [default: detected]
    #[arg(long, value_name = "COLUMN")]
    pub(in crate::cli) name_column: Vec<String>,
    /// The column of the descriptions [default: detected, or made from the other columns]
    #[arg(long, value_name = "COLUMN")]
    pub(in crate::cli) description_column: Option<String>,
    /// The column of the row keys [default: `id` or `key`, if its cells do not repeat]
    #[arg(long, value_name = "COLUMN", conflicts_with = "no_key")]
    pub(in crate::cli) key_column: Option<String>,
    /// Use no row keys
    #[arg(long)]
    pub(in crate::cli) no_key: bool,
    /// The line of the header, counted from 1 [default: detected]
    #[arg(long, value_name = "N", value_parser = from_one::<NonZeroU64>, conflicts_with = "no_header", allow_negative_numbers = true)]
    pub(in crate::cli) header_line: Option<NonZeroU64>,
    /// The sheet has no header; its columns are called A, B, C
    #[arg(long)]
    pub(in crate::cli) no_header: bool,
    /// Accept guessed columns without asking
    #[arg(long)]
    pub(in crate::cli) yes: bool,
    /// A template that makes the description from columns: `{{ role }} in {{ city }}`, or @FILE
    #[arg(long, value_name = "TEXT|@FILE")]
    pub(in crate::cli) template: Option<String>,
    /// Worksheet of the workbook [default: the one that fits best]
    #[arg(long = "sheet", id = "tab", value_name = "NAME")]
    pub(in crate::cli) tab: Option<String>,
    /// Separator between cells of a text file [default: detected]
    #[arg(long, value_name = "CHAR", value_parser = delimiter)]
    pub(in crate::cli) delimiter: Option<u8>,
    /// The encoding of a text file, such as windows-1252 [default: UTF-8 or UTF-16]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) encoding: Option<String>,
    /// A column with stories that you already have; import them as takes, free of charge
    #[arg(long, value_name = "COLUMN")]
    pub(in crate::cli) have: Option<String>,
}

/// Which pending characters to write, and what to do about finished ones.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Selection")]
#[expect(clippy::struct_excessive_bools, reason = "the fields are the switches")]
pub(in crate::cli) struct ChoiceArgs {
    /// Take at most N pending characters, in the order of the sheet
    #[arg(long, value_name = "N", value_parser = from_zero, allow_negative_numbers = true)]
    pub(in crate::cli) limit: Option<u64>,
    /// Only these, if pending: name, row key or #ROW; repeatable
    #[arg(long, value_name = "WHO")]
    pub(in crate::cli) only: Vec<String>,
    /// Also try failed characters again
    #[arg(long)]
    pub(in crate::cli) retry: bool,
    /// If the recipe changed: write finished characters again
    #[arg(long, conflicts_with = "keep")]
    pub(in crate::cli) redo: bool,
    /// If the recipe changed: leave finished characters whose rows did not change
    #[arg(long)]
    pub(in crate::cli) keep: bool,
    /// Continue even if most finished characters become `gone` or are paid again
    #[arg(long)]
    pub(in crate::cli) replace: bool,
    /// Pay for a new cast even if another cast has these rows finished
    #[arg(long)]
    pub(in crate::cli) new: bool,
}

impl ChoiceArgs {
    /// The choice without clap.
    pub(in crate::cli) fn asked(&self) -> Choice {
        Choice {
            limit: self.limit,
            only: self.only.clone(),
            retry: self.retry,
            answers: Answers {
                on_recipe_change: match (self.redo, self.keep) {
                    (true, _) => OnRecipeChange::Redo,
                    (_, true) => OnRecipeChange::Keep,
                    _ => OnRecipeChange::Ask,
                },
                replace: self.replace,
                new: self.new,
            },
        }
    }
}

/// Which provider writes.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Provider")]
pub(in crate::cli) struct ProviderArgs {
    /// The provider: convai; openai (any compatible endpoint); demo (built in, needs no API key) [default: convai]
    #[arg(long, value_name = "NAME", value_parser = choice::<ProviderName>(PROVIDERS), hide_possible_values = true)]
    pub(in crate::cli) provider: Option<ProviderName>,
    /// The address of the service, if not the provider's own; for openai with `/v1`
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) base_url: Option<String>,
    /// The model, for openai
    #[arg(long, value_name = "MODEL", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(in crate::cli) model: Option<String>,
    /// Allow plain http to other machines; the API key is sent unencrypted
    #[arg(long)]
    pub(in crate::cli) allow_http: bool,
    /// A file that contains the API key, instead of `CONVAI_API_KEY` or `OPENAI_API_KEY`
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) key_file: Option<PathBuf>,
    /// The header that has the bare API key, for openai, such as api-key [default: authorization]
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) key_header: Option<String>,
    /// An extra header for each request, for openai; repeatable, never stored
    #[arg(long, value_name = "NAME: VALUE")]
    pub(in crate::cli) header: Vec<String>,
    /// An extra field for each request, for openai: JSON or text, such as temperature=0.9; repeatable; `KEY=` removes one
    #[arg(long, value_name = "KEY=VALUE", value_parser = Set::parse)]
    pub(in crate::cli) set: Vec<Set>,
}

/// What the prompt says besides the character.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Prompt (openai)")]
pub(in crate::cli) struct PromptArgs {
    /// Your own prompt, with columns as in a template: `The story plays in {{ city }}.`, or @FILE
    #[arg(long, value_name = "TEXT|@FILE", conflicts_with_all = ["person", "length", "language"])]
    pub(in crate::cli) prompt: Option<String>,
    /// The grammatical person of the built-in prompt: second or third [default: second]
    #[arg(long, value_name = "PERSON", value_parser = choice::<Person>(PERSONS), hide_possible_values = true)]
    pub(in crate::cli) person: Option<Person>,
    /// About how many words the built-in prompt asks for [default: 300]
    #[arg(long, value_name = "WORDS", value_parser = from_one::<NonZeroU32>, allow_negative_numbers = true)]
    pub(in crate::cli) length: Option<NonZeroU32>,
    /// The language of the story [default: that of the description]
    #[arg(long, value_name = "LANGUAGE")]
    pub(in crate::cli) language: Option<Language>,
}

/// How fast requests are sent.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Pace")]
pub(in crate::cli) struct PaceArgs {
    /// Most requests per time, evenly spaced: N/s, N/min, N/h or unlimited [default: 60/min; demo: unlimited]
    #[arg(long, value_name = "PACE")]
    pub(in crate::cli) rate: Option<Pace>,
    /// Most requests at the same time [default: 3; openai, demo: 8]
    #[arg(long, value_name = "N", value_parser = from_one::<NonZeroUsize>, allow_negative_numbers = true)]
    pub(in crate::cli) concurrency: Option<NonZeroUsize>,
}

/// What requests cost, in any currency, and how much a run may.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Cost")]
pub(in crate::cli) struct CostArgs {
    /// Price per request, such as 0.02
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    pub(in crate::cli) price_per_request: Option<Money>,
    /// Price per million tokens that the model reads
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    pub(in crate::cli) price_in: Option<Money>,
    /// Price per million tokens that the model writes
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    pub(in crate::cli) price_out: Option<Money>,
    /// Stop before this run can cost more; uncertain costs count in full; exit code 4
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    pub(in crate::cli) max_cost: Option<Money>,
    /// Stop before the cast can cost more in all, over all runs; the cast remembers it, `none` removes it; exit code 4
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    pub(in crate::cli) budget: Option<BudgetChange>,
}

/// Limits on time and on the number of tries.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(in crate::cli) struct LimitArgs {
    /// Tries before a character fails; waits and unsent requests do not count [default: 4]
    #[arg(long, value_name = "N", value_parser = from_one::<NonZeroU32>, allow_negative_numbers = true)]
    pub(in crate::cli) max_attempts: Option<NonZeroU32>,
    /// Longest time without data [default: 60s; endpoint on this machine: 3m before the first text]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(in crate::cli) idle_timeout: Option<Duration>,
    /// Longest time for one request [default: 5m]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(in crate::cli) timeout: Option<Duration>,
    /// Longest time to connect [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(in crate::cli) connect_timeout: Option<Duration>,
    /// How long to wait while the service is unreachable or asks to wait; before its first answer at most 1m [default: 15m]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(in crate::cli) patience: Option<Duration>,
    /// Stop after N requests, retries included; exit code 4
    #[arg(long, value_name = "N", value_parser = from_one::<NonZeroU64>, allow_negative_numbers = true)]
    pub(in crate::cli) max_requests: Option<NonZeroU64>,
    /// Stop after this time; exit code 4
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(in crate::cli) max_time: Option<Duration>,
    /// Do not stop when most of 20 or more characters of this run have failed
    #[arg(long)]
    pub(in crate::cli) keep_going: bool,
    /// How long requests in flight may take to finish after Ctrl-C [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(in crate::cli) grace: Option<Duration>,
}

/// How progress is shown.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(in crate::cli) struct ReportArgs {
    /// How to show progress on standard error: auto, bar, plain, json or none [default: auto]
    #[arg(long, value_name = "HOW", value_enum, hide_possible_values = true)]
    pub(in crate::cli) progress: Option<Progress>,
}

/// All switches of a run except those of the sheet.
#[derive(Debug, Args)]
pub(in crate::cli) struct HowArgs {
    #[command(flatten)]
    pub(in crate::cli) provider: ProviderArgs,
    #[command(flatten)]
    pub(in crate::cli) pace: PaceArgs,
    #[command(flatten)]
    pub(in crate::cli) cost: CostArgs,
    #[command(flatten)]
    pub(in crate::cli) limits: LimitArgs,
    #[command(flatten)]
    pub(in crate::cli) report: ReportArgs,
}

/// How progress is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Progress {
    /// A bar on a terminal, else plain lines
    #[default]
    Auto,
    /// A bar
    Bar,
    /// A line every ten seconds, and one for each important event
    Plain,
    /// One JSON object per line
    Json,
    /// Only errors and the last summary
    None,
}

/// A filter for characters.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
pub(in crate::cli) struct WhichArgs {
    /// Only this status: pending, running, done, failed
    #[arg(long, value_name = "STATUS", value_parser = status(), hide_possible_values = true)]
    pub(in crate::cli) status: Option<Status>,
    /// Only names that contain this, ignoring case
    #[arg(long, value_name = "PART")]
    pub(in crate::cli) name: Option<String>,
    /// Only this flag: refusal, thoughts, meta, placeholder, mojibake, language, loop, unnamed, alike, borrowed, echo, person,
    /// `same_opening`, `odd_length`, `bad_utf8`, `ignored_lines`, unfinished, abrupt, unproven, long, stale
    #[arg(long, value_name = "FLAG", value_parser = flag(), hide_possible_values = true)]
    pub(in crate::cli) flag: Option<Flag>,
    /// At most N characters
    #[arg(long, value_name = "N", value_parser = from_zero, allow_negative_numbers = true)]
    pub(in crate::cli) limit: Option<u64>,
}

/// Which characters are shown or exported.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
pub(in crate::cli) struct SelectionArgs {
    #[command(flatten)]
    pub(in crate::cli) which: WhichArgs,
    /// Include characters no longer in the sheet
    #[arg(long)]
    pub(in crate::cli) gone: bool,
}

impl WhichArgs {
    /// Whether any of the switches is given.
    pub(in crate::cli) fn is_given(&self) -> bool {
        self.status.is_some() || self.name.is_some() || self.flag.is_some() || self.limit.is_some()
    }

    /// The filter for the characters of `cast`.
    pub(in crate::cli) fn filter(&self, cast: Option<&str>, gone: bool) -> Filter {
        Filter {
            cast: cast.map(str::to_owned),
            status: self.status,
            name: self.name.clone(),
            flag: self.flag,
            limit: self.limit,
            gone,
        }
    }
}

impl SelectionArgs {
    /// The filter for the characters of `cast`.
    pub(in crate::cli) fn filter(&self, cast: Option<&str>) -> Filter {
        self.which.filter(cast, self.gone)
    }
}

/// Parses a duration such as `30s` or `5m`; zero is allowed.
pub(in crate::cli) fn latency(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(time) if time.is_zero() => Ok(time),
        _ => duration(text),
    }
}

/// Parses a whole number, at least 1.
pub(in crate::cli) fn from_one<N: FromStr>(text: &str) -> Result<N, String> {
    text.parse()
        .map_err(|_| "expected a whole number, at least 1".to_owned())
}

/// Parses a whole number, at least 0.
pub(in crate::cli) fn from_zero(text: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| "expected a whole number, at least 0".to_owned())
}

/// Parses the character that separates cells; `\t` and `tab` mean the tab.
pub(in crate::cli) fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"\\t" | b"tab" => Ok(b'\t'),
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n') => Ok(*byte),
        _ => Err("expected one ASCII symbol such as `;`, or `tab`".to_owned()),
    }
}

/// Parses a duration such as `30s` or `5m`; zero is not allowed.
pub(in crate::cli) fn duration(text: &str) -> Result<Duration, String> {
    let read = humantime::parse_duration(text).ok();
    read.filter(|time| !time.is_zero() && *time <= DURATION_MAX)
        .ok_or_else(|| "expected a time such as `90s`, `15m` or `2h`, at most a year".to_owned())
}
