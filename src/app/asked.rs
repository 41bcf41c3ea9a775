//! What was asked for: by switches, environment and project file together.
//!
//! Nothing here has a default: where nothing was asked, what the cast remembers counts, and then the default. Both are put in
//! by [`super::resolve`].

use super::fields::Set;
use crate::domain::money::{BudgetChange, Money};
use crate::domain::pace::Pace;
use crate::domain::prompt::{Language, Person};
use crate::domain::recipe::ProviderName;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

/// How the sheet is read.
#[derive(Debug, Clone, Default)]
pub(crate) struct SheetAsked {
    /// The columns of the name, in the order in which their cells are joined.
    pub name_columns: Vec<String>,
    /// The column of the descriptions.
    pub description_column: Option<String>,
    /// The template of the descriptions: its text, or `@` and a file that has it.
    pub template: Option<String>,
    /// The column of the row keys.
    pub key_column: Option<String>,
    /// Rows have no keys.
    pub no_key: bool,
    /// The line of the header, from 1.
    pub header_line: Option<NonZeroU64>,
    /// The sheet has no header.
    pub no_header: bool,
    /// The sheet of a workbook.
    pub tab: Option<String>,
    /// What separates the cells of a text.
    pub delimiter: Option<u8>,
    /// The encoding of a text, by its label.
    pub encoding: Option<String>,
    /// The column with stories that exist already.
    pub have: Option<String>,
}

/// Which provider writes, and how it is reached.
#[derive(Debug, Clone, Default)]
pub(crate) struct ProviderAsked {
    /// The provider.
    pub provider: Option<ProviderName>,
    /// Its address.
    pub base_url: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// The key may be sent without encryption.
    pub allow_http: bool,
    /// The file that has the API key.
    pub key_file: Option<PathBuf>,
    /// The header that has the key.
    pub key_header: Option<String>,
    /// Extra headers, each as `NAME: VALUE`. Their values may be secrets.
    pub headers: Vec<String>,
    /// Extra fields, the later ones count.
    pub fields: Vec<Set>,
}

/// What a model is asked to write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PromptAsked {
    /// A prompt of the user's own: its text, or `@` and a file that has it.
    pub prompt: Option<String>,
    /// The grammatical person of the built-in prompt.
    pub person: Option<Person>,
    /// About how many words the built-in prompt asks for.
    pub length: Option<NonZeroU32>,
    /// The language of the stories.
    pub language: Option<Language>,
}

/// How fast requests are sent.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PaceAsked {
    /// Most requests per time.
    pub rate: Option<Pace>,
    /// Most requests at the same time.
    pub concurrency: Option<NonZeroUsize>,
}

/// What requests cost, and how much a run and a cast may cost.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CostAsked {
    /// For each request.
    pub price_per_request: Option<Money>,
    /// For a million tokens that the model reads.
    pub price_in: Option<Money>,
    /// For a million tokens that the model writes.
    pub price_out: Option<Money>,
    /// The most that the run may cost.
    pub max_cost: Option<Money>,
    /// What becomes of the budget of the cast.
    pub budget: BudgetChange,
}

/// How long a run waits, and how often it tries.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LimitsAsked {
    /// Tries before a character fails.
    pub max_attempts: Option<NonZeroU32>,
    /// The longest time without data.
    pub idle_timeout: Option<Duration>,
    /// The longest time for one request.
    pub timeout: Option<Duration>,
    /// The longest time to connect.
    pub connect_timeout: Option<Duration>,
    /// How long an unreachable or refusing service is waited for.
    pub patience: Option<Duration>,
    /// Most requests of the run.
    pub max_requests: Option<NonZeroU64>,
    /// The longest time of the run.
    pub max_time: Option<Duration>,
    /// Go on when most characters fail.
    pub keep_going: bool,
    /// How long requests in flight may take to finish after a stop.
    pub grace: Option<Duration>,
}

/// Which of the pending characters of a sheet are written, and what the user has answered in advance.
#[derive(Debug, Clone, Default)]
pub(crate) struct Choice {
    /// At most so many characters.
    pub limit: Option<u64>,
    /// Only these, by name, row key or `#ROW`; empty: all.
    pub only: Vec<String>,
    /// Also characters that failed.
    pub retry: bool,
    /// What was answered before the import asks.
    pub answers: crate::domain::stakes::Answers,
}
