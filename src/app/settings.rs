//! Pace and limits of a run: what was asked, else the default of the provider.

use super::asked::{LimitsAsked, PaceAsked};
use super::writer::Writer;
use crate::domain::money::Budget;
use crate::domain::pace::Pace;
use crate::domain::recipe::ProviderName;
use crate::domain::retry::Policy;
use crate::runner::{Settings, Timeouts};
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::time::Duration;

/// The default pace in requests per minute, below the only published limit of the Backstory API, which is 100.
const PER_MINUTE: NonZeroU32 = NonZeroU32::new(60).expect("60 is not 0");

/// Tries before a character fails.
const ATTEMPTS: NonZeroU32 = NonZeroU32::new(4).expect("4 is not 0");

/// Requests at the same time to a service that has not answered yet: a model on the user's own machine often serves one at a
/// time.
const CONCURRENCY_UNKNOWN: NonZeroUsize = NonZeroUsize::new(2).expect("2 is not 0");

/// Requests at the same time to the Backstory API.
const CONCURRENCY_CONVAI: NonZeroUsize = NonZeroUsize::new(3).expect("3 is not 0");

/// Requests at the same time to other providers.
const CONCURRENCY: NonZeroUsize = NonZeroUsize::new(8).expect("8 is not 0");

/// The longest time for one request.
const TIMEOUT: Duration = Duration::from_mins(5);

/// The longest time to connect.
const CONNECT: Duration = Duration::from_secs(10);

/// How long an unreachable or refusing service is waited for.
const PATIENCE: Duration = Duration::from_mins(15);

/// How long requests in flight may take to finish after a stop.
const GRACE: Duration = Duration::from_secs(30);

/// The longest time without data.
const IDLE: Duration = Duration::from_mins(1);

/// The longest time before the first text from this machine, where a model may have to be loaded first.
const IDLE_LOOPBACK_FIRST: Duration = Duration::from_mins(3);

/// The longest time to connect.
#[must_use]
pub(crate) fn connect_timeout(asked: &LimitsAsked) -> Duration {
    asked.connect_timeout.unwrap_or(CONNECT)
}

/// The longest time for one request.
#[must_use]
pub(crate) fn request_timeout(asked: &LimitsAsked) -> Duration {
    asked.timeout.unwrap_or(TIMEOUT)
}

/// The pace of requests.
pub(super) fn pace(writer: &Writer, asked: &PaceAsked) -> Pace {
    asked.rate.unwrap_or(match writer.name {
        ProviderName::Convai | ProviderName::Openai => Pace::per_minute(PER_MINUTE),
        ProviderName::Demo => Pace::Unlimited,
    })
}

/// The settings of a run of `writer` on at most `characters_max` characters.
pub(super) fn settings(
    writer: &Writer,
    asked_pace: &PaceAsked,
    asked: &LimitsAsked,
    budget: Option<Budget>,
    characters_max: Option<u64>,
) -> Settings {
    let concurrency = asked_pace.concurrency.unwrap_or(match writer.name {
        ProviderName::Convai => CONCURRENCY_CONVAI,
        ProviderName::Openai | ProviderName::Demo => CONCURRENCY,
    });
    let idle = asked.idle_timeout.unwrap_or(IDLE);
    let first = match asked.idle_timeout {
        None if writer.is_loopback() => IDLE_LOOPBACK_FIRST,
        _ => idle,
    };
    Settings {
        pace: pace(writer, asked_pace),
        concurrency,
        concurrency_initial: match (writer.name, asked_pace.concurrency) {
            (ProviderName::Openai, None) => CONCURRENCY_UNKNOWN,
            _ => concurrency,
        },
        budget,
        policy: Policy {
            attempts_max: asked.max_attempts.unwrap_or(ATTEMPTS),
        },
        timeouts: Timeouts {
            idle,
            first,
            total: request_timeout(asked),
        },
        patience: patience(asked),
        grace: asked.grace.unwrap_or(GRACE),
        requests_max: asked.max_requests.map(NonZeroU64::get),
        time_max: asked.max_time,
        characters_max,
        keep_going: asked.keep_going,
        last_start_ago: None,
    }
}

/// How long the run waits for a service or a database that is away.
pub(crate) fn patience(asked: &LimitsAsked) -> Duration {
    asked.patience.unwrap_or(PATIENCE)
}
