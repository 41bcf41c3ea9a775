//! What services answer, one case per line: status, body, and its meaning.

use super::*;
use Outcome::{RefusedRow as Row, RefusedRun as Run, Unknown, Wait};

/// A request with all parts that a service may refuse.
const SENT: Sent = Sent {
    stream_options: true,
    tokens_max: Some((Form::MaxTokens, NonZeroU32::new(5_200).expect("not 0"))),
    is_last_name: false,
};

fn judged(status: u16, should_retry: Option<bool>, text: &str, sent: Sent) -> Verdict {
    let json: Option<Value> = serde_json::from_str(text).ok();
    verdict(&Answer {
        status,
        should_retry,
        asks_wait: false,
        text,
        json: json.as_ref(),
        sent,
    })
}

/// What the answer of a service to `Sent::default()` means.
fn outcome(status: u16, text: &str) -> Outcome {
    judged(status, None, text, Sent::default()).outcome
}

/// Status, body, and its meaning.
#[rustfmt::skip]
const ANSWERS: &[(u16, &str, Outcome)] = &[
    // OpenAI.
    (429, r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}"#, Run),
    (429, r#"{"error":{"message":"Rate limit reached for m. Limit 30000, Used 29500, Requested 700. Please try again in 1.4s.","type":"tokens","code":"rate_limit_exceeded"}}"#, Wait),
    (400, r#"{"error":{"message":"too long","type":"invalid_request_error","code":"context_length_exceeded"}}"#, Row),
    (400, r#"{"error":{"message":"no","code":"unsupported_parameter"}}"#, Run),
    // Gemini, W12.
    (429, GEMINI_A_MINUTE, Wait),
    (429, r#"[{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"quota","details":[{"violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]},{"retryDelay":"11s"}]}}]"#, Run),
    (429, r#"{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"You exceeded your current quota. * Quota exceeded for metric: x, limit: 0, model: m. Please retry in 11.2s."}}"#, Run),
    (429, r#"{"error":{"code":429,"message":"You exceeded your current quota, please check your plan. limit: 05. Please retry in 11.2s."}}"#, Wait),
    (400, r#"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}"#, Run),
    // OpenRouter, W13.
    (403, r#"{"error":{"code":403,"message":"Input was flagged","metadata":{"reasons":["violence"],"flagged_input":"a knife"}}}"#, Row),
    (403, r#"{"error":{"code":403,"message":"Forbidden"}}"#, Run),
    (429, r#"{"error":{"code":429,"message":"Provider returned error","metadata":{"raw":"{\"error\":{\"code\":\"insufficient_quota\"}}"}}}"#, Run),
    // LiteLLM, W14 and a wrong key without a database.
    (429, r#"{"error":{"message":"Budget has been exceeded!","type":"budget_exceeded","param":null,"code":"429"}}"#, Run),
    (400, r#"{"error":{"message":"No connected db.","type":"no_db_connection","param":null,"code":"400"}}"#, Run),
    (429, r#"{"error":{"message":"No deployments available","type":"None","param":null,"code":"429"}}"#, Wait),
    (400, r#"{"error":{"message":"/chat/completions: Invalid model name passed in model=x.","type":"invalid_request_error","code":"400"}}"#, Run),
    // Groq, W15: never fits, and a pace.
    (413, r#"{"error":{"message":"Request too large for model `m` on tokens per minute (TPM): Limit 8000, Requested 8700","type":"tokens","code":"rate_limit_exceeded"}}"#, Row),
    (429, r#"{"error":{"message":"Request too large for model `m`: Limit 8000, Requested 8700","code":"rate_limit_exceeded"}}"#, Row),
    (429, r#"{"error":{"message":"Rate limit reached: Limit 8,000, Used 7,900, Requested 700","code":"rate_limit_exceeded"}}"#, Wait),
    (429, r#"{"error":{"message":"Tokens for m: Limit: 8000, Requested: 8700","code":"rate_limit_exceeded"}}"#, Row),
    (429, r#"{"error":{"message":"Your plan allows 3 requests per minute."}}"#, Wait),
    // Anthropic, W16.
    (400, r#"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API."}}"#, Run),
    (529, r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#, Wait),
    // A model that does not exist, W17.
    (400, r#"{"error":{"message":"x is not a valid model ID","code":400}}"#, Run),
    (400, r#"{"error":{"message":"Model Not Exist","type":"invalid_request_error"}}"#, Run),
    (400, r#"{"error":{"message":"The model has been retired.","code":"model_decommissioned"}}"#, Run),
    (422, r#"{"error":"The model `x` does not exist"}"#, Run),
    (404, r#"{"error":"model 'x' not found"}"#, Run),
    // LM Studio, W11.
    (200, r#"{"error":"Unexpected endpoint or method. (POST /chat/completions)"}"#, Run),
    // llama.cpp, W7 and while it loads.
    (400, r#"{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}"#, Row),
    (200, r#"{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}"#, Row),
    (503, r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#, Wait),
    // Cloudflare.
    (400, r#"{"success":false,"errors":[{"code":7003,"message":"No such model x"}]}"#, Run),
    // In a stream.
    (200, r#"{"error":{"message":"boom","code":502}}"#, Unknown),
    (200, r#"{"error":{"message":"no","code":503}}"#, Wait),
    (200, r#"{"object":"error","message":"no","code":400}"#, Row),
    (200, r#"{"error":{"message":"boom","type":"server_error","code":null}}"#, Unknown),
    (200, r#"{"error":"Rate limit exceeded."}"#, Wait),
    (200, "Please try again later.", Unknown),
    (200, "[]", Unknown),
    // Statuses, W24.
    (498, "", Wait),
    (425, "", Wait),
    (409, "", Unknown),
    (500, "", Unknown),
    (422, "no", Row),
    // The Backstory API.
    (401, r#"{"ERROR": "Invalid API key provided."}"#, Run),
    (200, r#"{"ERROR": "Invalid API key provided."}"#, Run),
    (429, r#"{"ERROR": "API usage limit exceeded for current plan."}"#, Run),
    (429, r#"{"ERROR": "Too many requests for your plan."}"#, Wait),
    (429, r#"{"ERROR": "API rate limit exceeded. Please try again later."}"#, Wait),
    (400, r#"{"ERROR": "no plan for this text"}"#, Row),
    (422, r#"{"ERROR": "API key"}"#, Row),
];

#[test]
fn an_error_means_the_same_in_any_form() {
    for (status, body, expected) in ANSWERS {
        assert_eq!(outcome(*status, body), *expected, "{status}: {body}");
    }
}

const GEMINI_A_MINUTE: &str = r#"[{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details. Please retry in 11.2s.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerMinutePerProjectPerModel-FreeTier"}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"11s"}]}}]"#;

#[test]
fn a_wait_in_the_body_is_read_too() {
    for (body, millis) in [
        (GEMINI_A_MINUTE, Some(11_000)),
        (
            r#"{"error":{"message":"Please try again in 1.4s."}}"#,
            Some(1_400),
        ),
        (
            r#"{"error":{"message":"Please retry in 6m0s"}}"#,
            Some(360_000),
        ),
        (
            r#"{"error":{"message":"try again in 20ms, or upgrade"}}"#,
            Some(20),
        ),
        (
            r#"{"error":{"message":"Retry after 5 seconds."}}"#,
            Some(5_000),
        ),
        (
            r#"{"error":{"message":"slow","retry_after":3}}"#,
            Some(3_000),
        ),
        (
            r#"{"error":{"message":"slow","retry_after_ms":250}}"#,
            Some(250),
        ),
        ("Please try again in 2 minutes", Some(120_000)),
        ("Please try again later.", None),
        ("try again in a moment", None),
    ] {
        let wait = judged(429, None, body, Sent::default()).wait;
        assert_eq!(wait, millis.map(Duration::from_millis), "{body}");
    }
}

#[test]
fn a_form_that_is_refused_is_changed_once() {
    let sent = |form| Sent {
        stream_options: false,
        tokens_max: Some((form, NonZeroU32::MIN)),
        ..Sent::default()
    };
    let options = r#"{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]}"#;
    let completion = r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","code":"unsupported_parameter"}}"#;
    let tokens =
        r#"{"error":{"message":"Unrecognized request argument supplied: max_completion_tokens"}}"#;
    for (status, body, sent, form, outcome) in [
        (422, options, SENT, Some(Form::WithoutStreamOptions), Row),
        (400, options, SENT, Some(Form::WithoutStreamOptions), Row),
        (422, options, Sent::default(), None, Row),
        (
            400,
            completion,
            sent(Form::MaxTokens),
            Some(Form::MaxCompletionTokens),
            Row,
        ),
        (
            400,
            tokens,
            sent(Form::MaxCompletionTokens),
            Some(Form::MaxTokens),
            Row,
        ),
        (400, completion, Sent::default(), None, Run),
    ] {
        let verdict = judged(status, None, body, sent);
        assert_eq!(
            (verdict.form, verdict.outcome),
            (form, outcome),
            "{status}: {body}"
        );
        assert_eq!(verdict.prospect == Prospect::OtherForm, form.is_some());
    }
}

#[test]
fn our_own_token_limit_above_the_allowed_one_stops_the_run() {
    for (status, body) in [
        (
            413,
            "Request too large for model `m`: Limit 5000, Requested 8700",
        ),
        (
            400,
            "max_tokens is too large: 5200. This model supports at most 4096 completion tokens.",
        ),
        (
            400,
            "This model's maximum context length is 4096 tokens. However, you requested 9000 tokens.",
        ),
    ] {
        let verdict = judged(status, None, body, SENT);
        assert_eq!((verdict.outcome, verdict.form), (Run, None), "{body}");
    }
}

#[test]
fn the_header_decides_if_there_is_only_a_status() {
    for (status, should_retry, expected) in [
        (400, Some(true), Unknown),
        (400, None, Row),
        (500, Some(false), Row),
        (503, Some(false), Run),
        (429, Some(true), Wait),
        (401, Some(true), Run),
    ] {
        let verdict = judged(status, should_retry, "", Sent::default());
        assert_eq!(verdict.outcome, expected, "{status}, {should_retry:?}");
    }
}

#[test]
fn a_planet_is_no_plan() {
    for row in [
        "cannot explain the planet",
        "credited to nobody",
        "the plant wilts",
        "quotation marks",
    ] {
        assert_eq!(outcome(429, row), Wait, "{row}");
    }
    for run in [
        "Upgrade your plan.",
        "quota_exceeded",
        "Invalid API key provided.",
        "no credits left",
    ] {
        assert_eq!(outcome(429, run), Run, "{run}");
    }
}

#[test]
fn every_status_has_its_class() {
    for status in 300..=599 {
        let expected = match status {
            408 | 425 | 429 | 498 | 503 | 529 => Wait,
            300..=399 | 401..=405 | 410 | 501 => Run,
            409 => Unknown,
            400..=499 => Row,
            _ => Unknown,
        };
        assert_eq!(outcome(status, ""), expected, "{status}");
    }
}

#[test]
fn a_wait_in_a_header_says_that_a_plan_is_a_pace() {
    let json = serde_json::json!({"error": {"message": "The quota of your plan is used up."}});
    for (asks_wait, expected) in [(true, Wait), (false, Run)] {
        let answer = Answer {
            status: 429,
            should_retry: None,
            asks_wait,
            text: "",
            json: Some(&json),
            sent: Sent::default(),
        };
        assert_eq!(verdict(&answer).outcome, expected);
    }
}
