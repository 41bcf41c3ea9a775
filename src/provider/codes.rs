//! The error codes of services that speak like the `OpenAI` API: what each means for the character, the run, or the pace.
//!
//! A code says more than a status: the same 429 is a pace or an empty account, the same 400 one character too long or a model
//! that does not take what is asked of it. A code that is not known here says nothing.

use super::refusal::by_status;
use crate::domain::outcome::Outcome;
use serde_json::Value;

/// No waiting and no other character changes these.
const RUN: [&str; 21] = [
    "insufficient_quota",
    "invalid_api_key",
    "invalid_organization",
    "account_deactivated",
    "access_terminated",
    "authentication_error",
    "permission_error",
    "permission_denied",
    "billing_not_active",
    "billing_hard_limit_reached",
    "budget_exceeded",
    "insufficient_balance",
    "credits_exhausted",
    "model_not_found",
    "model_not_available",
    "deployment_not_found",
    "unknown_model",
    "unsupported_parameter",
    "unsupported_value",
    "unknown_parameter",
    "unsupported_country_region_territory",
];

/// Another character may pass.
const ROW: [&str; 9] = [
    "context_length_exceeded",
    "exceed_context_size_error",
    "string_above_max_length",
    "content_policy_violation",
    "content_filter",
    "moderation_blocked",
    "data_inspection_failed",
    "invalid_prompt",
    "responsible_ai_policy_violation",
];

/// Later is better.
const WAIT: [&str; 8] = [
    "rate_limit_exceeded",
    "rate_limit_error",
    "rate_limit_reached",
    "slow_down",
    "server_overloaded",
    "overloaded_error",
    "engine_overloaded",
    "model_loading",
];

/// The class that the code of an error gives to it.
pub(super) fn outcome(error: &Value) -> Option<Outcome> {
    let inner = error.get("error").unwrap_or(error);
    // Some services put what others call a code under `type`, and some a status under `code`.
    ["code", "type"].into_iter().find_map(|field| {
        let code = match inner.get(field)? {
            Value::String(code) => code.to_lowercase(),
            Value::Number(code) => code.to_string(),
            _ => return None,
        };
        by_code(&code)
            .or_else(|| by_words(inner))
            .or_else(|| by_number(&code, inner))
    })
}

/// A model that does not exist has a code at some services and only words at others.
fn by_words(error: &Value) -> Option<Outcome> {
    const NO_MODEL: [&str; 4] = [
        "invalid model",
        "unknown model",
        "no such model",
        "model not found",
    ];
    let message = error.get("message")?.as_str()?.to_lowercase();
    let found = NO_MODEL.iter().any(|words| message.contains(words));
    found.then_some(Outcome::RefusedRun)
}

fn by_code(code: &str) -> Option<Outcome> {
    let classes = [
        (&RUN[..], Outcome::RefusedRun),
        (&ROW[..], Outcome::RefusedRow),
        (&WAIT[..], Outcome::Wait),
    ];
    let mut found = classes
        .into_iter()
        .filter(|(codes, _)| codes.contains(&code));
    found.next().map(|(_, outcome)| outcome)
}

/// A status where others have a code, as in a stream whose own status was 200.
fn by_number(code: &str, error: &Value) -> Option<Outcome> {
    let status = code
        .parse()
        .ok()
        .filter(|status| (400..600).contains(status))?;
    let message = error.get("message").and_then(Value::as_str);
    Some(by_status(status, message.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_code_decides_whoever_it_comes_from() {
        for (error, expected) in [
            (
                json!({"error": {"message": "You exceeded your current quota", "type": "insufficient_quota", "code": "insufficient_quota"}}),
                Some(Outcome::RefusedRun),
            ),
            (
                json!({"error": {"message": "too long", "type": "invalid_request_error", "code": "context_length_exceeded"}}),
                Some(Outcome::RefusedRow),
            ),
            (
                json!({"error": {"message": "slow", "type": "requests", "code": "rate_limit_exceeded"}}),
                Some(Outcome::Wait),
            ),
            // As llama.cpp says it.
            (
                json!({"error": {"code": 400, "message": "the request exceeds the available context size", "type": "exceed_context_size_error"}}),
                Some(Outcome::RefusedRow),
            ),
            // As a proxy says it.
            (
                json!({"error": {"message": "No deployments available", "type": "None", "param": null, "code": "429"}}),
                Some(Outcome::Wait),
            ),
            (
                json!({"error": {"message": "/chat/completions: Invalid model name passed in model=x.", "type": "invalid_request_error", "code": "400"}}),
                Some(Outcome::RefusedRun),
            ),
            (
                json!({"error": {"message": "boom", "code": 502}}),
                Some(Outcome::Unknown),
            ),
            (
                json!({"error": {"message": "boom", "type": "server_error", "code": null}}),
                None,
            ),
            (json!({"error": "boom"}), None),
            (json!([]), None),
            (json!({"object": "chat.completion", "choices": []}), None),
        ] {
            assert_eq!(outcome(&error), expected, "{error}");
        }
    }
}
