//! `backstory.toml` in the working folder: settings of a project, instead of switches in each command.
//!
//! Switches and environment variables override the file. Each function here combines some switches with the file. A folder may
//! come from another person, so the file must not be able to send an API key to another machine: `base-url`, `allow-http` and
//! `key-file` are used only for addresses of this machine.

use crate::app::asked::{
    CostAsked, LimitsAsked, PaceAsked, PromptAsked, ProviderAsked, SheetAsked,
};
use crate::app::fields::Set;
use crate::app::memory::OneOrMany;
use crate::app::resolve::Asked;
use crate::cli::args::{
    CostArgs, LimitArgs, PaceArgs, Progress, PromptArgs, ProviderArgs, ReportArgs, SheetArgs,
    duration,
};
use crate::domain::money::Money;
use crate::domain::recipe::ProviderName;
use crate::domain::shown::shown;
use crate::exit::Failure;
use crate::provider::Endpoint;
use clap::ValueEnum;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// The file's name.
const NAME: &str = "backstory.toml";

/// The settings in the file. Their names are those of the switches.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "the fields are the switches")]
pub(in crate::cli) struct ProjectFile {
    provider: Option<String>,
    base_url: Option<String>,
    model: Option<String>,
    prompt: Option<String>,
    person: Option<String>,
    length: Option<NonZeroU32>,
    language: Option<String>,
    allow_http: bool,
    key_file: Option<PathBuf>,
    key_header: Option<String>,
    header: Vec<String>,
    set: Said,
    name_column: Option<OneOrMany>,
    description_column: Option<String>,
    key_column: Option<String>,
    no_key: bool,
    header_line: Option<NonZeroU64>,
    no_header: bool,
    template: Option<String>,
    sheet: Option<String>,
    delimiter: Option<String>,
    encoding: Option<String>,
    rate: Option<String>,
    concurrency: Option<NonZeroUsize>,
    price_per_request: Option<Amount>,
    price_in: Option<Amount>,
    price_out: Option<Amount>,
    max_cost: Option<Amount>,
    budget: Option<Amount>,
    max_attempts: Option<NonZeroU32>,
    idle_timeout: Option<String>,
    timeout: Option<String>,
    connect_timeout: Option<String>,
    patience: Option<String>,
    max_requests: Option<NonZeroU64>,
    max_time: Option<String>,
    keep_going: bool,
    grace: Option<String>,
    progress: Option<String>,
}

/// Extra fields of a request: a list of `KEY=VALUE`, or a table.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
enum Said {
    Typed(Vec<String>),
    Table(BTreeMap<String, Value>),
}

impl Default for Said {
    fn default() -> Self {
        Self::Typed(Vec::new())
    }
}

impl Said {
    fn fields(&self) -> Result<Vec<Set>, Failure> {
        match self {
            Self::Table(table) => Ok(table
                .iter()
                .map(|(name, value)| Set::new(name, value.clone()))
                .collect()),
            Self::Typed(lines) => {
                let read = |line: &String| parsed("set", Some(line.as_str()), Set::parse);
                let read: Result<Vec<_>, _> = lines.iter().map(read).collect();
                Ok(read?.into_iter().flatten().collect())
            }
        }
    }
}

/// An amount, as a text or as a number.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
enum Amount {
    Text(String),
    Whole(u64),
    Decimal(f64),
}

impl Amount {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Whole(whole) => whole.to_string(),
            Self::Decimal(decimal) => decimal.to_string(),
        }
    }
}

impl ProjectFile {
    /// Reads the file of the working folder, if there is one.
    pub(in crate::cli) fn read() -> Result<Self, Failure> {
        let text = match std::fs::read_to_string(NAME) {
            Ok(text) => text,
            Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(err) => {
                let words = format!("cannot read `{NAME}`: {err}");
                return Err(Failure::usage(words, "repair or remove it"));
            }
        };
        toml::from_str(&text).map_err(|err| {
            let line = err
                .span()
                .map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            let words = format!(
                "cannot read `{NAME}`: line {line}: {}",
                shown(err.message())
            );
            Failure::usage(
                words,
                "use the names of the switches, such as `rate = \"30/min\"`",
            )
        })
    }

    /// How the sheet is read.
    pub(in crate::cli) fn sheet(&self, typed: &SheetArgs) -> Result<SheetAsked, Failure> {
        let file_columns = || self.name_column.clone().map(OneOrMany::into_vec);
        // A column and a template exclude each other: a switch for one overrides the file's setting for the other, too.
        let describes = typed.description_column.is_some() || typed.template.is_some();
        // So do a key column and no keys, and a header line and no header.
        let says_key = typed.key_column.is_some() || typed.no_key;
        let says_header = typed.header_line.is_some() || typed.no_header;
        let unless = |typed: bool, said: &Option<String>| said.clone().filter(|_| !typed);
        let delimiter = parsed(
            "delimiter",
            self.delimiter.as_deref(),
            crate::cli::args::delimiter,
        )?;
        Ok(SheetAsked {
            name_columns: if typed.name_column.is_empty() {
                file_columns().unwrap_or_default()
            } else {
                typed.name_column.clone()
            },
            description_column: typed
                .description_column
                .clone()
                .or_else(|| unless(describes, &self.description_column)),
            template: typed
                .template
                .clone()
                .or_else(|| unless(describes, &self.template)),
            key_column: typed
                .key_column
                .clone()
                .or_else(|| unless(says_key, &self.key_column)),
            no_key: typed.no_key || (self.no_key && !says_key),
            header_line: typed
                .header_line
                .or(self.header_line.filter(|_| !says_header)),
            no_header: typed.no_header || (self.no_header && !says_header),
            tab: typed.tab.clone().or_else(|| self.sheet.clone()),
            delimiter: typed.delimiter.or(delimiter),
            encoding: typed.encoding.clone().or_else(|| self.encoding.clone()),
            have: typed.have.clone(),
        })
    }

    /// Which provider writes. Also returns a note about what was ignored, because it leads to another machine.
    pub(in crate::cli) fn provider(
        &self,
        typed: &ProviderArgs,
    ) -> Result<(ProviderAsked, Option<String>), Failure> {
        let provider = parsed("provider", self.provider.as_deref(), from_str)?;
        // Address and model in the file belong to the provider that the file names.
        let name = provider.unwrap_or(ProviderName::Convai);
        let is_same_provider = typed.provider.is_none_or(|typed| typed == name);
        let is_here = |address: &String| {
            Endpoint::parse(address, true).is_ok_and(|endpoint| endpoint.is_loopback())
        };
        let file_address = self.base_url.as_ref().filter(|_| is_same_provider);
        let ignored = file_address.filter(|address| !is_here(address));
        let base_url = typed
            .base_url
            .as_ref()
            .or(file_address.filter(|address| is_here(address)));
        // Used only for an address of this machine, whether it comes from a switch or from the file.
        let trusts_file = base_url.is_some_and(is_here);
        let mut asked = ProviderAsked {
            provider: typed.provider.or(provider),
            base_url: base_url.cloned(),
            model: typed
                .model
                .clone()
                .or_else(|| self.model.clone().filter(|_| is_same_provider)),
            allow_http: typed.allow_http || (trusts_file && self.allow_http),
            key_file: typed
                .key_file
                .clone()
                .or_else(|| self.key_file.clone().filter(|_| trusts_file)),
            key_header: typed.key_header.clone(),
            headers: typed.header.clone(),
            fields: typed.set.clone(),
        };
        if is_same_provider && name == ProviderName::Openai {
            // The fields of the switches come last, so they override those of the file.
            asked.fields.splice(0..0, self.set.fields()?);
            asked.headers.splice(0..0, self.header.iter().cloned());
            asked.key_header = asked.key_header.or_else(|| self.key_header.clone());
        }
        let note = ignored.map(|address| {
            let address = shown(address).into_owned();
            format!("ignored `base-url` in `{NAME}`: it is not on this machine; `--base-url {address}` uses it")
        });
        Ok((asked, note))
    }

    /// The prompt: first from the switches alone, then from switches and file. An own prompt and settings of the built-in one
    /// exclude each other.
    pub(in crate::cli) fn prompt(
        &self,
        typed: &PromptArgs,
    ) -> Result<(PromptAsked, PromptAsked), Failure> {
        let asked = PromptAsked {
            prompt: typed.prompt.clone(),
            person: typed.person,
            length: typed.length,
            language: typed.language.clone(),
        };
        let person = parsed("person", self.person.as_deref(), from_str)?;
        let language = parsed("language", self.language.as_deref(), from_str)?;
        let with_file = if asked.prompt.is_some() {
            asked.clone()
        } else if asked == PromptAsked::default() && self.prompt.is_some() {
            PromptAsked {
                prompt: self.prompt.clone(),
                ..PromptAsked::default()
            }
        } else {
            PromptAsked {
                prompt: None,
                person: asked.person.or(person),
                length: asked.length.or(self.length),
                language: asked.language.clone().or(language),
            }
        };
        Ok((asked, with_file))
    }

    /// What was asked for, but for the sheet. Also returns a note about what was ignored.
    pub(in crate::cli) fn writer(
        &self,
        cast: Option<&str>,
        provider: &ProviderArgs,
        prompt: &PromptArgs,
    ) -> Result<(Asked, Option<String>), Failure> {
        let (provider, note) = self.provider(provider)?;
        let (prompt, prompt_with_file) = self.prompt(prompt)?;
        let asked = Asked {
            cast: cast.map(str::to_owned),
            provider,
            prompt,
            prompt_with_file,
            ..Asked::default()
        };
        Ok((asked, note))
    }

    /// How fast requests are sent.
    pub(in crate::cli) fn pace(&self, typed: &PaceArgs) -> Result<PaceAsked, Failure> {
        let rate = parsed("rate", self.rate.as_deref(), from_str)?;
        Ok(PaceAsked {
            rate: typed.rate.or(rate),
            concurrency: typed.concurrency.or(self.concurrency),
        })
    }

    /// What requests cost.
    pub(in crate::cli) fn cost(&self, typed: &CostArgs) -> Result<CostAsked, Failure> {
        let read = |name, said: &Option<Amount>| {
            let text = said.as_ref().map(Amount::text);
            parsed(name, text.as_deref(), from_str::<Money>)
        };
        let per_request = read("price-per-request", &self.price_per_request)?;
        let budget = self.budget.as_ref().map(Amount::text);
        let budget = parsed("budget", budget.as_deref(), from_str)?;
        Ok(CostAsked {
            price_per_request: typed.price_per_request.or(per_request),
            price_in: typed.price_in.or(read("price-in", &self.price_in)?),
            price_out: typed.price_out.or(read("price-out", &self.price_out)?),
            max_cost: typed.max_cost.or(read("max-cost", &self.max_cost)?),
            budget: typed.budget.or(budget).unwrap_or_default(),
        })
    }

    /// Limits on time and on the number of tries.
    pub(in crate::cli) fn limits(&self, typed: &LimitArgs) -> Result<LimitsAsked, Failure> {
        let time = |typed: Option<Duration>, name, said: &Option<String>| {
            let said = parsed(name, said.as_deref(), duration)?;
            Ok::<_, Failure>(typed.or(said))
        };
        Ok(LimitsAsked {
            max_attempts: typed.max_attempts.or(self.max_attempts),
            idle_timeout: time(typed.idle_timeout, "idle-timeout", &self.idle_timeout)?,
            timeout: time(typed.timeout, "timeout", &self.timeout)?,
            connect_timeout: time(
                typed.connect_timeout,
                "connect-timeout",
                &self.connect_timeout,
            )?,
            patience: time(typed.patience, "patience", &self.patience)?,
            grace: time(typed.grace, "grace", &self.grace)?,
            max_time: time(typed.max_time, "max-time", &self.max_time)?,
            max_requests: typed.max_requests.or(self.max_requests),
            keep_going: typed.keep_going || self.keep_going,
        })
    }

    /// How progress is shown.
    pub(in crate::cli) fn progress(&self, typed: &ReportArgs) -> Result<Progress, Failure> {
        let read = |word: &str| Progress::from_str(word, false);
        let said = parsed("progress", self.progress.as_deref(), read)?;
        Ok(typed.progress.or(said).unwrap_or_default())
    }
}

fn from_str<T: FromStr<Err: ToString>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|err: T::Err| err.to_string())
}

fn parsed<T>(
    name: &str,
    said: Option<&str>,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, Failure> {
    let Some(said) = said else { return Ok(None) };
    read(said).map(Some).map_err(|wrong| {
        let words = format!(
            "cannot read `{NAME}`: `{name} = \"{}\"`: {wrong}",
            shown(said)
        );
        Failure::usage(words, "use the same value format as the switch")
    })
}
