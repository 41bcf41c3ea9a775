//! The wording of why a run stopped early, what the user can do about it, and the exit code.

use crate::app::key::variable;
use crate::app::run::Ended;
use crate::cli::words::failure::store;
use crate::cli::words::plural;
use crate::domain::money::Money;
use crate::domain::recipe::ProviderName;
use crate::domain::shown::{shown, shown_start};
use crate::domain::speed::length;
use crate::domain::text::joined;
use crate::exit::{Exit, Failure};
use crate::runner::{Outcomes, Stop};
use crate::store::StoreError;
use std::path::PathBuf;

/// The failure of a run, if there is one, and how the program ends.
pub(in crate::cli) fn in_words(ended: &Ended) -> (Option<Failure>, Exit) {
    let outcomes = &ended.outcomes;
    let stop = outcomes.stop.as_ref();
    let mut failure = stop.and_then(|stop| failure(stop, outcomes, ended.provider));
    if let (Some(failure), Some(cause)) = (&mut failure, &ended.commonest_cause) {
        let cause = shown_start(&cause.error, 200);
        failure.words = format!("{}; most often: {cause}", failure.words);
    }
    if let (Some(failure), Some(file)) = (&mut failure, &ended.rescued) {
        add_rescued(failure, file, outcomes.unsaved.len());
    }
    let failure = failure.or_else(|| ended.store_error.as_ref().map(store));
    let exit = match (stop, &failure) {
        (Some(Stop::Signal(signal)), _) => Exit::Signal(signal.number()),
        (_, Some(failure)) => failure.exit,
        (_, None) if ended.failed > 0 => Exit::SomeFailed,
        (_, None) => Exit::Done,
    };
    (failure, exit)
}

/// Adds to `failure` the path of the rescue file, which has the stories that the database could not store.
fn add_rescued(failure: &mut Failure, file: &Result<PathBuf, StoreError>, endings: usize) {
    let (many, them) = match endings {
        1 => ("1 finished story".to_owned(), "it"),
        many => (format!("{many} finished stories"), "them"),
    };
    let words = match file {
        Ok(file) => format!(
            "saved {many} in `{}`; the next run imports {them}",
            shown(&file.to_string_lossy())
        ),
        Err(err) => format!("{many} could not be saved anywhere: {}", joined(err)),
    };
    let hint = failure
        .hint
        .take()
        .map(|hint| format!("; {hint}"))
        .unwrap_or_default();
    failure.hint = Some(words + &hint);
}

/// The failure for a stop; `None` if the user stopped the run.
fn failure(stop: &Stop, outcomes: &Outcomes, writes: ProviderName) -> Option<Failure> {
    let stopped = |words: String, hint: &str| Failure {
        exit: Exit::Stopped,
        words,
        hint: Some(hint.to_owned()),
    };
    Some(match stop {
        Stop::Signal(_) => return None,
        Stop::Refused { words, http_status } => stopped(
            format!("the service refuses requests: {}", shown(words)),
            &refusal_hint(writes, *http_status, words),
        ),
        Stop::Patience {
            words,
            asked: Some(wait),
        } => stopped(
            format!(
                "the service asks to wait {}, longer than this run waits (`--patience`): {}",
                length(*wait),
                shown(words)
            ),
            &format!(
                "run the same command again in {} or later; waiting uses up no tries",
                length(*wait)
            ),
        ),
        Stop::Patience { words, asked: None } => stopped(
            format!("gave up after waiting (`--patience`): {}", shown(words)),
            "check that the service is running, then run the same command again; waiting uses up no tries",
        ),
        Stop::Requests => Failure {
            exit: Exit::Limit,
            words: format!(
                "reached `--max-requests` ({})",
                plural(outcomes.requests, "request")
            ),
            hint: Some("raise `--max-requests`, or continue later".to_owned()),
        },
        Stop::Cost { spent, next } => Failure {
            exit: Exit::Limit,
            words: format!(
                "reached `--max-cost`: this run may have cost {spent}, and the next request may cost {next}"
            ),
            hint: Some("raise `--max-cost`, or continue later".to_owned()),
        },
        Stop::Budget {
            budget,
            spent,
            next,
        } => over_budget(*budget, *spent, *next),
        Stop::Time => Failure {
            exit: Exit::Limit,
            words: "reached `--max-time`".to_owned(),
            hint: Some("raise `--max-time`, or continue later".to_owned()),
        },
        Stop::MostlyFailed { failed, ended } => stopped(
            format!("{failed} of the first {ended} characters of this run failed"),
            "`backstory status` says why; `--keep-going` continues anyway",
        ),
        Stop::Store(err) => store(err),
        Stop::Output => stopped(
            "cannot write progress to standard error".to_owned(),
            "everything finished is stored; `--progress none` writes no progress",
        ),
        Stop::InternalError => stopped(
            "an internal error in backstory stopped some characters".to_owned(),
            "`backstory show NAME` shows the error; report it",
        ),
    })
}

/// The failure of a run that the budget of the cast has stopped.
fn over_budget(budget: Money, spent: Money, next: Option<Money>) -> Failure {
    let (words, hint) = match next {
        Some(next) => (
            format!(
                "reached the budget of the cast, {budget}: the cast may have cost {spent}, and the next request may cost {next}"
            ),
            "raise `--budget`; `--budget none` removes it",
        ),
        None => (
            format!("the cast has a budget of {budget} now, and this run knows no prices"),
            "give the prices, such as `--price-per-request`, and run the command again",
        ),
    };
    Failure {
        exit: Exit::Limit,
        words,
        hint: Some(hint.to_owned()),
    }
}

/// The hint for a refusal, by its HTTP status.
pub(in crate::cli) fn refusal_hint(
    writes: ProviderName,
    http_status: Option<u16>,
    words: &str,
) -> String {
    let words = words.to_lowercase();
    let speaks_of = |things: &[&str]| things.iter().any(|thing| words.contains(thing));
    let is_own_limit = speaks_of(&[
        "max_tokens",
        "max_completion_tokens",
        "too large",
        "context length",
    ]);
    let hint = match http_status {
        _ if speaks_of(&["unexpected endpoint"]) => {
            "add `/v1` to `--base-url`, such as `http://127.0.0.1:1234/v1`"
        }
        _ if speaks_of(&["too large to be read"]) => {
            "remove headers from the answers, in the service or in a proxy in front of it"
        }
        _ if speaks_of(&["is compressed"]) => {
            "turn off compression in the service, or in a proxy in front of it"
        }
        Some(400 | 413 | 429) if writes == ProviderName::Openai && is_own_limit => {
            "the token limit of this run is higher than the service allows: ask for shorter stories with `--length`, or use no limit of cost (`--max-cost`, `--budget`)"
        }
        None => "the TLS certificate was not accepted; check the address and this machine's clock",
        Some(401) => {
            return format!(
                "check the API key in `{}` or `--key-file`; everything else is still pending",
                variable(writes)
            );
        }
        Some(300..=399) => "check `--base-url`; the API key was not sent to the new address",
        Some(404 | 405 | 410 | 501) if writes == ProviderName::Openai => {
            "check `--model` and `--base-url`, which usually ends in `/v1`"
        }
        Some(404 | 405 | 410 | 501) => {
            "check `--base-url`: there is no Backstory API at that address"
        }
        _ if speaks_of(&["quota", "limit", "plan", "credit"]) => {
            "upgrade the plan or raise the quota, or wait for the next period; then run the same command again"
        }
        _ if writes == ProviderName::Openai => {
            "check the API key and `--model`, then run the same command again"
        }
        _ => "check the API key and what its plan allows, then run the same command again",
    };
    hint.to_owned()
}
