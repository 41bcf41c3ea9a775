//! The last words of a run: what stands now, why it stopped, and what to do next.

use crate::cli::drive::Ended;
use crate::cli::key::variable;
use crate::cli::words::command_line::{continuation, failed_again, other_command};
use crate::cli::words::failure::store;
use crate::cli::words::plural;
use crate::domain::recipe::ProviderName;
use crate::domain::shown::{shown, shown_start};
use crate::domain::speed::length;
use crate::domain::text::joined;
use crate::exit::{Exit, Failure};
use crate::runner::{Outcomes, Signal, Stop};
use crate::store::{Cause, StoreError};
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

/// What is said when killed runs left requests behind.
pub(in crate::cli) fn interrupted(requests: u64) -> String {
    let (were, they) = match requests {
        1 => ("1 request was", "it"),
        _ => ("requests were", "they"),
    };
    let many = if requests == 1 {
        String::new()
    } else {
        format!("{requests} ")
    };
    format!(
        "note: {many}{were} in flight when an earlier run was killed; {they} may have been charged"
    )
}

/// The note when results were recovered that an earlier run could not save.
pub(in crate::cli) fn rescued(endings: u64) -> String {
    format!(
        "note: recovered {} that an earlier run could not save",
        plural(endings, "result")
    )
}

/// Adds to `failure` where that was written which could not be stored.
pub(in crate::cli) fn rescued_to(
    failure: &mut Failure,
    file: &Result<PathBuf, StoreError>,
    endings: usize,
) {
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

/// What it means that most characters fail, with the commonest cause.
pub(in crate::cli) fn mostly_failed(
    outcomes: &Outcomes,
    writes: ProviderName,
    cause: Option<&Cause>,
) -> Option<Failure> {
    let mut failure = failure(outcomes.stop.as_ref()?, outcomes, writes)?;
    if let Some(Cause { error, .. }) = cause {
        failure.words = format!("{}; most often: {}", failure.words, shown_start(error, 200));
    }
    Some(failure)
}

/// Writes the summary, which is for standard error; the commands in it name `cast`, where the database has others.
pub(in crate::cli) fn write(
    out: &mut dyn Write,
    cast: Option<&str>,
    ended: &Ended,
    outcomes: &Outcomes,
    failure: Option<&Failure>,
    elapsed: Duration,
) -> io::Result<()> {
    let counts = &ended.counts;
    if let Some(failure) = failure {
        writeln!(out, "{failure}")?;
    }
    if let Some(Stop::Signal(signal)) = outcomes.stop {
        writeln!(
            out,
            "stopped by {}; everything finished is stored",
            name(signal)
        )?;
    }
    let pending = counts.pending + counts.running;
    writeln!(
        out,
        "cast: {} done · {} failed · {pending} pending; this run: {} in {}{}",
        counts.done,
        counts.failed,
        plural(outcomes.requests, "request"),
        took(elapsed),
        outcomes
            .cost
            .map_or_else(String::new, |cost| format!(" · cost {cost}"))
    )?;
    if outcomes.stop.is_some() && (pending > 0 || failure.is_some()) {
        // The same command would leave failed characters alone, and find nothing to do.
        let only_failed = pending == 0 && ended.failed > 0;
        let command = if only_failed {
            failed_again(cast)
        } else {
            continuation(cast)
        };
        return writeln!(out, "continue: {command}");
    }
    if ended.failed > 0 {
        let (why, again) = (other_command("status", cast), failed_again(cast));
        return writeln!(out, "to see why: {why} · to try again: {again}");
    }
    if pending == 0 {
        let next = ["list", "show NAME", "export -o FILE"];
        let next = next.map(|command| other_command(command, cast));
        writeln!(out, "next: {}", next.join(" · "))?;
    }
    Ok(())
}

/// How long a run took, as people write it.
fn took(elapsed: Duration) -> String {
    if elapsed < Duration::from_secs(1) {
        return format!("{}ms", elapsed.as_millis());
    }
    length(elapsed)
}

/// What a stop means; nothing when it was asked for.
pub(in crate::cli) fn failure(
    stop: &Stop,
    outcomes: &Outcomes,
    writes: ProviderName,
) -> Option<Failure> {
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
        Stop::OurFault => stopped(
            "an internal error in backstory stopped some characters".to_owned(),
            "`backstory show NAME` shows the error; report it",
        ),
    })
}

/// What to do about a refusal, by its status.
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
            "the token limit of this run is higher than the service allows: ask for shorter stories with `--length`, or leave out `--max-cost`"
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

fn name(signal: Signal) -> &'static str {
    match signal {
        Signal::Interrupt => "Ctrl-C",
        Signal::Terminate => "SIGTERM",
        Signal::HangUp => "SIGHUP",
    }
}
