//! The names that services give to errors, under `code`, `type`, `status` or `reason`, and the class of each.
//!
//! A name says more than a status. The same 429 is a pace or an empty account; the same 400 is one character that is too
//! long or a model that does not exist. An unknown name says nothing.

use crate::domain::outcome::Outcome;

/// Neither waiting nor another character changes these.
const RUN: [&str; 37] = [
    "insufficient_quota",
    "invalid_api_key",
    "api_key_invalid",
    "invalid_organization",
    "account_deactivated",
    "account_suspended",
    "access_terminated",
    "access_denied",
    "authentication_error",
    "authentication_failed",
    "auth_error",
    "unauthenticated",
    "unauthorized",
    "permission_error",
    "permission_denied",
    "no_db_connection",
    "billing_not_active",
    "billing_error",
    "billing_hard_limit_reached",
    "budget_exceeded",
    "payment_required",
    "insufficient_balance",
    "insufficient_credits",
    "insufficient_user_quota",
    "credits_exhausted",
    "model_not_found",
    "model_not_exist",
    "model_not_available",
    "model_decommissioned",
    "model_deprecated",
    "deployment_not_found",
    "deploymentnotfound",
    "unknown_model",
    "unsupported_parameter",
    "unsupported_value",
    "unknown_parameter",
    "unsupported_country_region_territory",
];

/// Another character may succeed.
const ROW: [&str; 14] = [
    "context_length_exceeded",
    "context_window_exceeded",
    "exceed_context_size_error",
    "string_above_max_length",
    "request_too_large",
    "content_policy_violation",
    "content_filter",
    "content_filtered",
    "moderation_blocked",
    "flagged_input",
    "data_inspection_failed",
    "invalid_prompt",
    "responsible_ai_policy_violation",
    "responsibleaipolicyviolation",
];

/// A later request may succeed.
const WAIT: [&str; 14] = [
    "rate_limit_exceeded",
    "rate_limit_error",
    "rate_limit_reached",
    "rate_limited",
    "too_many_requests",
    "resource_exhausted",
    "throttling_error",
    "slow_down",
    "server_overloaded",
    "overloaded_error",
    "engine_overloaded",
    "engine_overloaded_error",
    "model_overloaded",
    "model_loading",
];

/// The class of an error with these names.
///
/// If several names are known, one that stops the run counts more than one that refuses a row, and that more than a wait.
/// The outer name is often the general one, such as a rate limit around an empty account.
pub(super) fn by_names(names: &[String]) -> Option<Outcome> {
    let classes = [
        (&RUN[..], Outcome::RefusedRun),
        (&ROW[..], Outcome::RefusedRow),
        (&WAIT[..], Outcome::Wait),
    ];
    let knows = |known: &[&str]| names.iter().any(|name| known.contains(&name.as_str()));
    let mut found = classes.into_iter().filter(|(known, _)| knows(known));
    found.next().map(|(_, outcome)| outcome)
}
