//! `backstory.toml` in the working folder: what a project says once instead of in each command.
//!
//! A switch or a variable of the environment counts for more. Because a folder may come from somebody else, the file cannot
//! send a key anywhere: `base-url`, `allow-http` and `key-file` count only for this machine's own addresses.

use crate::cli::args::{
    CostArgs, LimitArgs, PaceArgs, Progress, PromptArgs, ProviderArgs, ReportArgs, SheetArgs,
    duration,
};
use crate::cli::fields::{Set, set};
use crate::domain::money::Money;
use crate::domain::recipe::ProviderName;
use crate::domain::shown::shown;
use crate::exit::Failure;
use crate::provider::Endpoint;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// The file's name.
const NAME: &str = "backstory.toml";

/// What the file says; the names are those of the switches.
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

/// One text, or several in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(in crate::cli) enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl OneOrMany {
    /// All of them.
    pub(in crate::cli) fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

/// Further fields, as they are typed or as a table.
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
                .map(|(name, value)| Set::of_file(name, value.clone()))
                .collect()),
            Self::Typed(lines) => {
                let read = |line: &String| parsed("set", Some(line.as_str()), set);
                let read: Result<Vec<_>, _> = lines.iter().map(read).collect();
                Ok(read?.into_iter().flatten().collect())
            }
        }
    }
}

/// An amount, in quotes or without.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
enum Amount {
    Text(String),
    Whole(u64),
    Decimal(f64),
}

impl ProjectFile {
    /// Reads the file of the working folder; there need not be one.
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

    /// How the sheet is read, where that was not typed.
    pub(in crate::cli) fn sheet(&self, typed: &mut SheetArgs) -> Result<(), Failure> {
        if typed.name_column.is_empty() {
            typed.name_column = self
                .name_column
                .clone()
                .map_or_else(Vec::new, OneOrMany::into_vec);
        }
        // A column and a template are two ways to say the same thing.
        if typed.description_column.is_none() && typed.template.is_none() {
            typed
                .description_column
                .clone_from(&self.description_column);
            typed.template.clone_from(&self.template);
        }
        // A column and none, a line and none exclude each other: what was typed counts for both.
        if typed.key_column.is_none() && !typed.no_key {
            typed.key_column.clone_from(&self.key_column);
            typed.no_key = self.no_key;
        }
        if typed.header_line.is_none() && !typed.no_header {
            typed.header_line = self.header_line;
            typed.no_header = self.no_header;
        }
        or(&mut typed.tab, self.sheet.as_ref());
        or(&mut typed.encoding, self.encoding.as_ref());
        let delimiter = parsed(
            "delimiter",
            self.delimiter.as_deref(),
            crate::cli::args::delimiter,
        )?;
        or(&mut typed.delimiter, delimiter.as_ref());
        Ok(())
    }

    /// Who writes, where that was not typed. Returns what was passed over, in words, because it leads elsewhere.
    pub(in crate::cli) fn provider(
        &self,
        typed: &mut ProviderArgs,
    ) -> Result<Option<String>, Failure> {
        let provider = parsed("provider", self.provider.as_deref(), from_str)?;
        // Address and model are those of the provider that the file means.
        let meant = provider.unwrap_or(ProviderName::Convai);
        let is_meant = typed.provider.is_none_or(|typed| typed == meant);
        or(&mut typed.provider, provider.as_ref());
        let here = |address: &String| {
            Endpoint::parse(address, true).is_ok_and(|endpoint| endpoint.is_loopback())
        };
        let (base_url, model) = if is_meant {
            (self.base_url.as_ref(), self.model.as_ref())
        } else {
            (None, None)
        };
        or(&mut typed.model, model);
        if is_meant && meant == ProviderName::Openai {
            let mut fields = self.set.fields()?;
            // What is typed comes last, and counts.
            fields.append(&mut typed.set);
            typed.set = fields;
            or(&mut typed.key_header, self.key_header.as_ref());
            typed.header.splice(0..0, self.header.iter().cloned());
        }
        let elsewhere = base_url.filter(|address| !here(address));
        or(
            &mut typed.base_url,
            base_url.filter(|address| here(address)),
        );
        // Only for an address that is this machine's, wherever that was said.
        if typed.base_url.as_ref().is_some_and(here) {
            or(&mut typed.key_file, self.key_file.as_ref());
            typed.allow_http |= self.allow_http;
        }
        Ok(elsewhere.map(|address| {
            let address = shown(address).into_owned();
            format!("note: ignored `base-url` in `{NAME}`: it is not on this machine; `--base-url {address}` uses it")
        }))
    }

    /// What the model of `provider` is told, where that was not typed; a prompt and wishes of the built-in one exclude each
    /// other.
    pub(in crate::cli) fn prompt(
        &self,
        provider: ProviderName,
        typed: &mut PromptArgs,
    ) -> Result<(), Failure> {
        let person = parsed("person", self.person.as_deref(), from_str)?;
        let language = parsed("language", self.language.as_deref(), from_str)?;
        // Somebody who tries another provider does not have to empty the file first.
        if provider != ProviderName::Openai || typed.prompt.is_some() {
            return Ok(());
        }
        if *typed == PromptArgs::default() && self.prompt.is_some() {
            typed.prompt.clone_from(&self.prompt);
            return Ok(());
        }
        or(&mut typed.person, person.as_ref());
        or(&mut typed.length, self.length.as_ref());
        or(&mut typed.language, language.as_ref());
        Ok(())
    }

    /// How fast, where that was not typed.
    pub(in crate::cli) fn pace(&self, typed: &mut PaceArgs) -> Result<(), Failure> {
        let rate = parsed("rate", self.rate.as_deref(), from_str)?;
        or(&mut typed.rate, rate.as_ref());
        or(&mut typed.concurrency, self.concurrency.as_ref());
        Ok(())
    }

    /// What requests cost, where that was not typed.
    pub(in crate::cli) fn cost(&self, typed: &mut CostArgs) -> Result<(), Failure> {
        let amount = |name, said: &Option<Amount>| -> Result<Option<Money>, Failure> {
            let text = said.as_ref().map(|said| match said {
                Amount::Text(text) => text.clone(),
                Amount::Whole(whole) => whole.to_string(),
                Amount::Decimal(decimal) => decimal.to_string(),
            });
            parsed(name, text.as_deref(), from_str)
        };
        let each = [
            (
                &mut typed.price_per_request,
                "price-per-request",
                &self.price_per_request,
            ),
            (&mut typed.price_in, "price-in", &self.price_in),
            (&mut typed.price_out, "price-out", &self.price_out),
            (&mut typed.max_cost, "max-cost", &self.max_cost),
        ];
        for (typed, name, said) in each {
            or(typed, amount(name, said)?.as_ref());
        }
        Ok(())
    }

    /// How long and how often, where that was not typed.
    pub(in crate::cli) fn limits(&self, typed: &mut LimitArgs) -> Result<(), Failure> {
        let time = |name, said: &Option<String>| -> Result<Option<Duration>, Failure> {
            parsed(name, said.as_deref(), duration)
        };
        or(
            &mut typed.idle_timeout,
            time("idle-timeout", &self.idle_timeout)?.as_ref(),
        );
        or(&mut typed.timeout, time("timeout", &self.timeout)?.as_ref());
        or(
            &mut typed.connect_timeout,
            time("connect-timeout", &self.connect_timeout)?.as_ref(),
        );
        or(
            &mut typed.patience,
            time("patience", &self.patience)?.as_ref(),
        );
        or(&mut typed.grace, time("grace", &self.grace)?.as_ref());
        or(
            &mut typed.max_time,
            time("max-time", &self.max_time)?.as_ref(),
        );
        or(&mut typed.max_attempts, self.max_attempts.as_ref());
        or(&mut typed.max_requests, self.max_requests.as_ref());
        typed.keep_going |= self.keep_going;
        Ok(())
    }

    /// How progress is told, where that was not typed.
    pub(in crate::cli) fn report(&self, typed: &mut ReportArgs) -> Result<(), Failure> {
        let read = |word: &str| Progress::from_str(word, false);
        let progress = parsed("progress", self.progress.as_deref(), read)?;
        or(&mut typed.progress, progress.as_ref());
        Ok(())
    }
}

fn or<T: Clone>(typed: &mut Option<T>, said: Option<&T>) {
    if typed.is_none() {
        *typed = said.cloned();
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
