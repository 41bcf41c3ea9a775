//! The attempts of a character, first to last, each with its time as a share of the longest one.

use super::duration::seconds;
use super::page::plural;
use super::takes::lines;
use crate::domain::outcome::Outcome;
use crate::domain::record::Record;
use crate::domain::status::Status;
use crate::store::AttemptRecord;
use minijinja::{Value, context};

/// The most characters of a partial text that are shown.
const PARTIAL_CHARS: usize = 4_000;

/// The most attempts that are shown; the last of them.
const ATTEMPTS_MAX: usize = 200;

/// The width of the bar of the longest attempt.
const BAR: i64 = 1_000;

/// The attempts, first to last, each with its time as a share of the longest one.
pub(super) fn timeline(attempts: &[AttemptRecord], record: &Record) -> Vec<Value> {
    let longest = attempts.iter().filter_map(|attempt| attempt.took_ms).max();
    let longest = longest.unwrap_or(0).max(1);
    let skipped = attempts.len().saturating_sub(ATTEMPTS_MAX);
    let in_flight = record.status == Status::Running;
    let value = |(nth, attempt): (usize, &AttemptRecord)| {
        let outcome = attempt.outcome;
        let is_last = nth + 1 == attempts.len();
        let waited = attempt
            .first_text_ms
            .unwrap_or(attempt.took_ms.unwrap_or(0));
        context! {
            attempt => attempt.attempt,
            good => outcome == Some(Outcome::Ok),
            what => what(outcome, in_flight && is_last),
            charged => outcome.is_some_and(Outcome::maybe_charged) || (outcome.is_none() && !(in_flight && is_last)),
            http_status => attempt.http_status,
            error => attempt.error.as_deref(),
            started_at => attempt.started_at.as_str(),
            took => attempt.took_ms.map(seconds),
            first_text => attempt.first_text_ms.map(seconds),
            bar => attempt.took_ms.map(|took| took * BAR / longest),
            waited => (waited * BAR / longest).min(BAR),
            bytes => attempt.bytes.and_then(|bytes| u64::try_from(bytes).ok()).map(|bytes| plural(bytes, "byte", "bytes")),
            tokens => attempt.tokens_in.zip(attempt.tokens_out).map(|(sent, came)| format!("{sent} tokens in, {came} out")),
            partial => attempt.partial.as_deref().map(|partial| cut(&lines(partial))),
        }
    };
    attempts
        .iter()
        .enumerate()
        .skip(skipped)
        .map(value)
        .collect()
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(PARTIAL_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// An outcome in words.
fn what(outcome: Option<Outcome>, in_flight: bool) -> &'static str {
    match outcome {
        Some(Outcome::Ok) => "a whole story",
        Some(Outcome::NotSent) => "not sent",
        Some(Outcome::Wait) => "the service asked to wait",
        Some(Outcome::RefusedRow) => "the service refused this character",
        Some(Outcome::RefusedRun) => "the service refused all requests",
        Some(Outcome::Unknown) => "no complete answer",
        Some(Outcome::BadText) => "no usable story",
        Some(Outcome::Interrupted) => "interrupted",
        None if in_flight => "in flight",
        None => "no result recorded",
    }
}
