//! What an error of a service means: whether to stop the run, refuse one row, wait, or try again.
//!
//! All services are judged in one order. The most specific signs come first: a form of request that the service does not
//! accept, a request that can never fit, a moderated input, a quota with its period. Then come names of errors, then words
//! that name the cause, then status numbers, then other words. A body that asks to wait is believed unless something
//! contradicts it.

use super::facts::Facts;
use super::names::by_names;
use crate::domain::outcome::{Outcome, Prospect};
use serde_json::Value;
use std::num::NonZeroU32;
use std::time::Duration;

/// A part of a request that some services refuse, and what is sent instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Without `stream_options`.
    WithoutStreamOptions,
    /// The token limit as `max_tokens`.
    MaxTokens,
    /// The token limit as `max_completion_tokens`.
    MaxCompletionTokens,
}

/// The parts of a request that a service may refuse.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sent {
    /// It had `stream_options`.
    pub(super) stream_options: bool,
    /// It had a token limit, under this name.
    pub(super) tokens_max: Option<(Form, NonZeroU32)>,
    /// That name is the second one: the service refused the first, so it is not used again.
    pub(super) is_last_name: bool,
}

/// An error as it arrived.
pub(super) struct Answer<'a> {
    /// Its HTTP status; 200 for an error in a stream.
    pub(super) status: u16,
    /// The value of the header `x-should-retry`.
    pub(super) should_retry: Option<bool>,
    /// Whether a header says how long to wait.
    pub(super) asks_wait: bool,
    /// Its body.
    pub(super) text: &'a str,
    /// The body as JSON, if it is JSON.
    pub(super) json: Option<&'a Value>,
    /// What the refused request contained.
    pub(super) sent: Sent,
}

/// What an error means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) outcome: Outcome,
    pub(super) prospect: Prospect,
    /// The wait that the body asks for.
    pub(super) wait: Option<Duration>,
    /// The form that requests have from now on.
    pub(super) form: Option<Form>,
}

/// Judges an error.
pub(super) fn verdict(answer: &Answer<'_>) -> Verdict {
    let facts = Facts::of(answer.json, answer.text);
    if let Some(form) = other_form(answer, &facts) {
        return Verdict {
            outcome: Outcome::RefusedRow,
            prospect: Prospect::OtherForm,
            wait: None,
            form: Some(form),
        };
    }
    let outcome = too_large(answer, &facts)
        .or_else(|| moderated(answer, &facts))
        .or_else(|| quota(&facts))
        .or_else(|| by_names(&facts.names))
        .or_else(|| by_thing(answer.status, &facts.words));
    Verdict {
        outcome: outcome.unwrap_or_else(|| by_number(answer, &facts)),
        prospect: Prospect::Open,
        wait: facts.wait,
        form: None,
    }
}

/// The form to use instead, if the service refused the form of the request.
fn other_form(answer: &Answer<'_>, facts: &Facts) -> Option<Form> {
    const REFUSED: [&str; 9] = [
        "unsupported",
        "not supported",
        "unknown",
        "unrecognized",
        "unexpected",
        "extra inputs",
        "extra_forbidden",
        "not permitted",
        "not allowed",
    ];
    if !matches!(answer.status, 400 | 422) {
        return None;
    }
    // The name is looked for in a body of any form, where it may be only the path of a field.
    let text = answer.text.to_lowercase();
    if answer.sent.stream_options && text.contains("stream_options") {
        return Some(Form::WithoutStreamOptions);
    }
    if answer.sent.is_last_name {
        return None;
    }
    let (name, other) = match answer.sent.tokens_max?.0 {
        Form::MaxCompletionTokens => ("max_completion_tokens", Form::MaxTokens),
        _ => ("max_tokens", Form::MaxCompletionTokens),
    };
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| text.contains(phrase));
    let is_refused = text.contains(name) && says(&REFUSED) && limit(&facts.words).is_none();
    is_refused.then_some(other)
}

/// A request that can never fit. If the token limit that we set is already more than allowed, the run stops: no row can fit.
fn too_large(answer: &Answer<'_>, facts: &Facts) -> Option<Outcome> {
    if !matches!(answer.status, 200 | 400 | 413 | 422 | 429) {
        return None;
    }
    let words = &facts.words;
    let allowed = limit(words);
    let ours = answer.sent.tokens_max.map(|(_, max)| u64::from(max.get()));
    let is_ours = ours
        .zip(allowed)
        .is_some_and(|(ours, allowed)| ours > allowed);
    let requested = ["requested ", "requested: "]
        .iter()
        .find_map(|before| number_behind(words, before));
    let is_over = requested
        .zip(allowed)
        .is_some_and(|(requested, allowed)| requested > allowed);
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| words.contains(phrase));
    let is_too_large = is_over || says(&["request too large", "payload too large"]);
    if is_ours && (is_too_large || says(&["max_tokens", "max_completion_tokens", "context length"]))
    {
        return Some(Outcome::RefusedRun);
    }
    is_too_large.then_some(Outcome::RefusedRow)
}

/// The most tokens that the message allows.
fn limit(words: &str) -> Option<u64> {
    const BEFORE: [&str; 6] = [
        "limit ",
        "limit: ",
        "at most ",
        "maximum context length is ",
        "maximum of ",
        "less than or equal to ",
    ];
    let mut found = BEFORE
        .iter()
        .filter_map(|before| number_behind(words, before));
    found.next()
}

/// The whole number that follows `before`.
fn number_behind(words: &str, before: &str) -> Option<u64> {
    words.match_indices(before).find_map(|(at, _)| {
        let digits = &words[at + before.len()..];
        let end = digits.find(|c: char| !c.is_ascii_digit() && c != ',');
        digits[..end.unwrap_or(digits.len())]
            .replace(',', "")
            .parse()
            .ok()
    })
}

/// A moderation refused this input.
fn moderated(answer: &Answer<'_>, facts: &Facts) -> Option<Outcome> {
    let may_be = matches!(answer.status, 200 | 400 | 403);
    (may_be && facts.is_moderated).then_some(Outcome::RefusedRow)
}

/// A quota with its period: one per minute recovers; one per day, or one of zero, does not.
fn quota(facts: &Facts) -> Option<Outcome> {
    let is_of_a_day = facts.quotas.iter().any(|quota| quota.contains("perday"));
    let is_nothing = facts.words.match_indices("limit: 0").any(|(at, found)| {
        let behind = &facts.words.as_bytes()[at + found.len()..];
        !matches!(behind, [b'0'..=b'9', ..] | [b'.' | b',', b'0'..=b'9', ..])
    });
    if is_of_a_day || is_nothing {
        return Some(Outcome::RefusedRun);
    }
    (!facts.quotas.is_empty()).then_some(Outcome::Wait)
}

/// Words that name the cause where the status alone would blame the character.
fn by_thing(status: u16, words: &str) -> Option<Outcome> {
    const NO_MODEL: [&str; 8] = [
        "invalid model",
        "unknown model",
        "no such model",
        "model not found",
        "model not exist",
        "not a valid model",
        "decommissioned",
        "model does not exist",
    ];
    const NO_MONEY: [&str; 4] = [
        "credit balance",
        "insufficient balance",
        "insufficient credit",
        "out of credits",
    ];
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| words.contains(phrase));
    let is_missing =
        words.contains("model") && says(&["does not exist", "not found", "no longer available"]);
    let is_run = match status {
        // LM Studio answers so to an address without `/v1`.
        200 => says(&["unexpected endpoint"]) || says(&NO_MODEL) || says(&NO_MONEY),
        // Google answers so to a wrong API key.
        400 => says(&NO_MODEL) || is_missing || says(&NO_MONEY) || speaks_of_key(words),
        422 => says(&NO_MODEL) || is_missing,
        _ => false,
    };
    is_run.then_some(Outcome::RefusedRun)
}

/// The class of a number: the one in the body, else the status, which a header may correct.
fn by_number(answer: &Answer<'_>, facts: &Facts) -> Outcome {
    let number = facts.number.unwrap_or(answer.status);
    if number == 200 {
        return by_words(answer, facts).unwrap_or(Outcome::Unknown);
    }
    let outcome = match number {
        // The words decide between a pace and a quota; a body that asks to wait means a pace.
        429 if facts.wait.is_none()
            && !answer.asks_wait
            && by_words(answer, facts) == Some(Outcome::RefusedRun) =>
        {
            return Outcome::RefusedRun;
        }
        number => by_status(number),
    };
    match (answer.should_retry, outcome) {
        (Some(true), Outcome::RefusedRow) => Outcome::Unknown,
        (Some(false), Outcome::Unknown) => Outcome::RefusedRow,
        (Some(false), Outcome::Wait) => Outcome::RefusedRun,
        _ => outcome,
    }
}

/// The class of a status without any other sign.
pub(super) fn by_status(status: u16) -> Outcome {
    match status {
        408 | 425 | 429 | 498 | 503 | 529 => Outcome::Wait,
        300..=399 | 401 | 402 | 403 | 404 | 405 | 410 | 501 => Outcome::RefusedRun,
        409 => Outcome::Unknown,
        400..=499 => Outcome::RefusedRow,
        _ => Outcome::Unknown,
    }
}

/// Whether the words mention the API key.
fn speaks_of_key(words: &str) -> bool {
    ["api key", "api-key", "apikey", "api_key"]
        .iter()
        .any(|key| words.contains(key))
}

/// Whether the words mention something that neither waiting nor another character will change, or a pace that recovers.
fn by_words(answer: &Answer<'_>, facts: &Facts) -> Option<Outcome> {
    const PASSING: [&str; 5] = [
        "rate limit",
        "too many requests",
        "try again later",
        "per minute",
        "per second",
    ];
    // Only whole words count: a planet is not a plan.
    const WORDS: [&str; 9] = [
        "quota",
        "plan",
        "plans",
        "billing",
        "credit",
        "credits",
        "payment",
        "subscription",
        "unauthorized",
    ];
    let words = &facts.words;
    let speaks_of = |phrases: &[&str]| phrases.iter().any(|phrase| words.contains(phrase));
    // A pace may name the plan that it belongs to; it still recovers. A page for people suggests to try again whatever is
    // wrong.
    if speaks_of(&PASSING) {
        let is_page = answer.status == 200 && answer.json.is_none();
        return (!is_page).then_some(Outcome::Wait);
    }
    let final_one = speaks_of(&["usage limit"]) || speaks_of_key(words);
    let mut words = words.split(|c: char| !c.is_alphanumeric());
    (final_one || words.any(|word| WORDS.contains(&word))).then_some(Outcome::RefusedRun)
}

#[cfg(test)]
mod tests;
