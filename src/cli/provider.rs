//! Who writes and at which pace: from what was typed and what is remembered to a provider that is ready.

use super::CliError;
use super::access::access;
use super::args::{LimitArgs, PaceArgs, ProviderArgs};
use super::fields::Fields;
use super::key::key;
use super::memory::Memory;
use super::prompt::{Told, prompting};
use crate::domain::money::Budget;
use crate::domain::pace::Pace;
use crate::domain::recipe::{ProviderName, Recipe};
use crate::domain::retry::Policy;
use crate::domain::shown::shown;
use crate::exit::{Exit, Failure};
use crate::provider::{Access, Asking, Convai, Endpoint, HeaderName, Limits, OpenAi, Provider};
use crate::runner::{self, Settings};
use crate::service::{Options, Service};
use crate::sheet::Prompt;
use secrecy::SecretString;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::time::Duration;

/// How long the demo writer takes for a story: long enough to watch, and to interrupt.
const DEMO_STORY_TAKES: Duration = Duration::from_millis(1_500);

/// The pace of the Backstory API: the only published rate of that API is a hundred a minute.
const A_MINUTE: NonZeroU32 = NonZeroU32::new(60).expect("60 is not 0");

/// Tries a character gets.
const ATTEMPTS: NonZeroU32 = NonZeroU32::new(4).expect("4 is not 0");

/// Requests at a time to a service of which nothing is known yet: a model on one's own machine often serves one at a time.
const PLACES_UNKNOWN: NonZeroUsize = NonZeroUsize::new(2).expect("2 is not 0");

/// A whole request.
pub(super) const TIMEOUT: Duration = Duration::from_mins(5);

/// Connecting.
pub(super) const CONNECT: Duration = Duration::from_secs(10);

/// A service that refuses or is away.
const PATIENCE: Duration = Duration::from_mins(15);

/// Streams in flight, after a stop.
const GRACE: Duration = Duration::from_secs(30);

/// The silence that a stream may have.
const IDLE: Duration = Duration::from_mins(1);

/// The silence before the first text from this machine, where a model may have to be loaded first.
const IDLE_LOOPBACK_FIRST: Duration = Duration::from_mins(3);

/// Who writes, resolved.
#[derive(Clone)]
pub(super) struct Writer {
    pub(super) name: ProviderName,
    /// The address; the demo writer's is made when it starts.
    endpoint: Option<Endpoint>,
    /// Whether the address was chosen, and not the provider's own.
    chosen: bool,
    /// The model, where the provider has several.
    pub(super) model: Option<String>,
    /// What the model is told, once that is known.
    pub(super) told: Option<Told>,
    /// Further fields of each request.
    pub(super) fields: Fields,
    /// Its headers; the key comes later.
    access: Access,
}

impl Writer {
    /// Resolves who writes, without a key yet. The memory of another provider's address is not used.
    pub(super) fn resolve(args: &ProviderArgs, memory: &Memory) -> Result<Self, CliError> {
        let remembered = memory
            .provider
            .as_deref()
            .and_then(|word| word.parse().ok());
        let name = args.provider.or(remembered).unwrap_or(ProviderName::Convai);
        let base_url = match (&args.base_url, remembered == Some(name)) {
            (Some(typed), _) => Some(typed.as_str()),
            (None, true) => memory.base_url.as_deref(),
            (None, false) => None,
        };
        let endpoint = match (name, base_url) {
            (ProviderName::Demo, None) => None,
            (ProviderName::Demo, Some(_)) => {
                return Err(no_address_of_demo(args.provider.is_none()).into());
            }
            (name, base_url) => {
                let own = match name {
                    ProviderName::Openai => OpenAi::ADDRESS,
                    _ => Convai::ADDRESS,
                };
                Some(Endpoint::parse(base_url.unwrap_or(own), args.allow_http)?)
            }
        };
        let remembered = memory.model.as_ref().filter(|_| memory.is_of(name));
        Ok(Self {
            name,
            endpoint,
            chosen: base_url.is_some(),
            model: model(name, args.model.as_ref(), remembered)?,
            told: None,
            fields: Fields::resolve(name, &args.set, memory)?,
            access: access(name, args)?,
        })
    }

    /// Refuses another writer than the one whose `recipe` a cast has; a run on its sheet could change that.
    pub(super) fn writes(&self, recipe: &Recipe, cast: &str) -> Result<(), Failure> {
        let named = |provider: ProviderName, model: &Option<String>| match model {
            Some(model) => format!("`{provider}` and `{}`", shown(model)),
            None => format!("`{provider}`"),
        };
        if (self.name, &self.model) == (recipe.provider, &recipe.model) {
            if self.fields.text() == recipe.fields {
                return Ok(());
            }
            let words = format!(
                "cast `{}` was written with other `--set` fields",
                shown(cast)
            );
            let hint = "to change the fields of the cast, use `backstory run SHEET`";
            return Err(Failure::usage(words, hint));
        }
        let words = format!(
            "cast `{}` was written with {}, not with {}",
            shown(cast),
            named(recipe.provider, &recipe.model),
            named(self.name, &self.model)
        );
        let hint = "to change the provider or model of the cast, use `backstory run SHEET`";
        Err(Failure::usage(words, hint))
    }

    /// The same, with its key.
    pub(super) fn with_key(mut self, args: &ProviderArgs) -> Result<Self, Failure> {
        // Where a header of one's own lets requests in, no key is needed either.
        let lets_in = |(name, _): &(HeaderName, SecretString)| *name == "authorization";
        let may_do_without = self.is_loopback() || self.access.headers.iter().any(lets_in);
        self.access.key = key(self.name, may_do_without, args.key_file.as_deref())?;
        Ok(self)
    }

    /// The address as the cast remembers it.
    pub(super) fn base_url(&self) -> Option<String> {
        let endpoint = self.endpoint.as_ref().filter(|_| self.chosen);
        endpoint.map(|endpoint| endpoint.address().to_owned())
    }

    /// The address under which pace and takes are remembered.
    pub(super) fn endpoint_name(&self) -> String {
        match &self.endpoint {
            Some(endpoint) => endpoint.address().to_owned(),
            None => self.name.to_string(),
        }
    }

    /// Where it is called; `None` for the writer that is built in.
    pub(super) fn endpoint(&self) -> Option<&Endpoint> {
        self.endpoint.as_ref()
    }

    /// Whether there is a key, in words that do not tell it.
    pub(super) fn key_in_words(&self) -> String {
        match (self.name, &self.access.key) {
            (_, Some(_)) => "found, and its format is valid; only a request shows whether the service accepts it",
            (ProviderName::Demo, None) => "not needed",
            (_, None) => "none; an endpoint on this machine may not need one",
        }
        .to_owned()
    }

    fn is_loopback(&self) -> bool {
        self.endpoint.as_ref().is_none_or(Endpoint::is_loopback)
    }
}

/// The demo writer was given an address. Where the cast remembers this provider, the address was probably meant for another one.
fn no_address_of_demo(is_remembered: bool) -> Failure {
    if is_remembered {
        return Failure::usage(
            "the cast remembers `--provider demo`, which has no address",
            "add `--provider convai` or `--provider openai`",
        );
    }
    Failure::usage(
        "`--provider demo` is built in and has no address",
        "leave out `--base-url`, or choose another `--provider`",
    )
}

/// The model: typed, else remembered; none where the provider has only one.
fn model(
    provider: ProviderName,
    typed: Option<&String>,
    remembered: Option<&String>,
) -> Result<Option<String>, Failure> {
    if provider == ProviderName::Openai {
        let model = typed.or(remembered).cloned().map(Some);
        return model.ok_or_else(|| {
            let hint = "choose one with `--model`, such as `--model llama3.2`";
            Failure::usage("`openai` needs a model", hint)
        });
    }
    if typed.is_some() {
        let words = format!("`{provider}` has only one model");
        let hint = "leave out `--model`, or choose `--provider openai`";
        return Err(Failure::usage(words, hint));
    }
    Ok(None)
}

/// A provider that is ready; the demo writer's service is started for it. `prompt` is what a model is told, `tokens_max` the
/// most that it may answer.
pub(super) async fn start(
    writer: &Writer,
    prompt: Option<Prompt>,
    tokens_max: Option<NonZeroU32>,
    limits: &LimitArgs,
) -> Result<Box<dyn Provider>, CliError> {
    let connect = limits.connect_timeout.unwrap_or(CONNECT);
    let failed = |words: String| Failure {
        exit: Exit::Stopped,
        words,
        hint: None,
    };
    let endpoint = if let Some(endpoint) = &writer.endpoint {
        endpoint.clone()
    } else {
        let starting = |err| failed(format!("cannot start the demo writer: {err}"));
        let address = demo().await.map_err(starting)?;
        Endpoint::parse(&format!("http://{address}"), false)?
    };
    let (access, limits) = (writer.access.clone(), Limits { connect });
    let started = match (&writer.model, prompt) {
        (Some(model), Some(prompt)) => {
            let asking = Asking {
                model: model.clone(),
                prompt: prompting(prompt),
                tokens_max,
                fields: writer.fields.of_request(tokens_max)?,
            };
            OpenAi::new(&endpoint, access, limits, asking).map(|openai| Box::new(openai) as _)
        }
        _ => Convai::new(&endpoint, access.key, limits).map(|convai| Box::new(convai) as _),
    };
    Ok(started.map_err(|err| failed(format!("cannot set up the connection: {err}")))?)
}

/// Starts the demo writer's service on a free port; it lives as long as the program.
async fn demo() -> std::io::Result<SocketAddr> {
    let options = Options {
        story_takes: DEMO_STORY_TAKES,
        ..Options::default()
    };
    let service = Service::bind((Ipv4Addr::LOCALHOST, 0).into(), options).await?;
    let address = service.address()?;
    tokio::spawn(service.serve(std::future::pending()));
    Ok(address)
}

/// The pace that is typed, or the provider's own.
pub(super) fn pace_of(writer: &Writer, typed: &PaceArgs) -> Pace {
    typed.rate.unwrap_or(match writer.name {
        ProviderName::Convai | ProviderName::Openai => Pace::per_minute(A_MINUTE),
        ProviderName::Demo => Pace::Unlimited,
    })
}

/// What the run is set to; `characters_max` limits the characters.
pub(super) fn settings(
    writer: &Writer,
    pace: &PaceArgs,
    budget: Option<Budget>,
    limits: &LimitArgs,
    characters_max: Option<u64>,
) -> Settings {
    let default_places = match writer.name {
        ProviderName::Convai => 3,
        ProviderName::Openai | ProviderName::Demo => 8,
    };
    let idle = limits.idle_timeout.unwrap_or(IDLE);
    let first = match limits.idle_timeout {
        None if writer.is_loopback() => IDLE_LOOPBACK_FIRST,
        _ => idle,
    };
    let places = NonZeroUsize::new(default_places).unwrap_or(NonZeroUsize::MIN);
    Settings {
        pace: pace_of(writer, pace),
        concurrency: pace.concurrency.unwrap_or(places),
        concurrency_initial: match (writer.name, pace.concurrency) {
            (ProviderName::Openai, None) => PLACES_UNKNOWN,
            (_, places_set) => places_set.unwrap_or(places),
        },
        budget,
        policy: Policy {
            attempts_max: limits.max_attempts.unwrap_or(ATTEMPTS),
        },
        timeouts: runner::Timeouts {
            idle,
            first,
            total: limits.timeout.unwrap_or(TIMEOUT),
        },
        patience: limits.patience.unwrap_or(PATIENCE),
        grace: limits.grace.unwrap_or(GRACE),
        requests_max: limits.max_requests.map(NonZeroU64::get),
        time_max: limits.max_time,
        characters_max,
        keep_going: limits.keep_going,
        last_start_ago: None,
    }
}
