//! Answers of services that are compatible with `openai`, replayed byte by byte: the story, its cost, and the number of requests.

use crate::fake::{Answer, Fake, Step, ended_with, event, said, story_of};
use crate::harness::{Folder, Ran, sheet_of};
use serde_json::{Value, json};
use std::time::Duration;

/// `run cast.csv` by the model `m` of `fake`.
fn chat(folder: &Folder, fake: &Fake, switches: &str) -> Ran {
    let base = format!("{}/v1", fake.url());
    let line =
        format!("run cast.csv --provider openai --rate unlimited --model m --base-url {base}");
    folder.run(format!("{line} {switches}").trim_end())
}

/// A server that sends these bytes to each request, and closes.
fn replay(head: &'static str, body: &'static str) -> Fake {
    let length = body.len();
    let bytes = format!("HTTP/1.1 {head}content-length: {length}\r\n\r\n{body}").into_bytes();
    Fake::start(move |_| Answer(vec![Step::Send(bytes.clone()), Step::Close]))
}

const STREAM: &str = "200 OK\r\ncontent-type: text/event-stream\r\n";
const JSON: &str = "200 OK\r\ncontent-type: application/json\r\n";

/// Name, head, body, and the flags of the story.
#[rustfmt::skip]
const STORIES: &[(&str, &str, &str, &str)] = &[
    ("plain", STREAM, "data: {\"choices\": [{\"index\": 0, \"delta\": {\"content\": \"You were born in Ghent. You left.\"}, \"finish_reason\": null}]}\n\ndata: {\"choices\": [{\"index\": 0, \"delta\": {}, \"finish_reason\": \"stop\"}]}\n\ndata: [DONE]\n\n", "[]"),
    ("W1", STREAM, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"You were born in Ghent. \"},\"finish_reason\":\"\"}]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"You left.\"},\"finish_reason\":\"null\"}]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n", "[]"),
    ("W2", STREAM, "data: {\"choices\": [{\"index\": 0, \"delta\": {\"content\": \"You were born in Ghent. You left.\"}, \"finish_reason\": null}]}\n\ndata: {\"choices\": [{\"index\": 0, \"delta\": {}, \"finish_reason\": \"STOP\"}]}\n\ndata: [DONE]\n\n", "[]"),
    ("W3", STREAM, "data: {\"choices\": [{\"index\": 0, \"delta\": {\"content\": [{\"type\": \"thinking\", \"thinking\": [{\"type\": \"text\", \"text\": \"hm\"}]}]}}]}\n\ndata: {\"choices\": [{\"index\": 0, \"delta\": {\"content\": [{\"type\": \"text\", \"text\": \"You were born in Ghent. You left.\"}]}}]}\n\ndata: {\"choices\": [{\"index\": 0, \"delta\": {}, \"finish_reason\": \"stop\"}]}\n\ndata: [DONE]\n\n", "[]"),
    ("W5, W6", STREAM, "data: null\n\ndata:\n\ndata: {\"choices\":null,\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4}}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"You were born in Ghent. You left.\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n", "[]"),
    ("W8", STREAM, "data: {\"choices\":[{\"delta\":{\"content\":\"You were born in Ghent. You left.\"}}]}\n\ndata: [DONE]\n\n", r#"["unproven"]"#),
    ("W9", STREAM, "data: {\"choices\":[{\"delta\":{\"content\":\"You were born in Ghent. You left.\"},\"finish_reason\":\"stop\"}]}\n\n", r#"["unproven"]"#),
    ("W10", JSON, "{\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"You were born in Ghent. You left.\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4}}", "[]"),
    ("W10", STREAM, "{\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":{\"content\":\"You were born in Ghent. You left.\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n", "[]"),
    ("W10", STREAM, "data: {\"choices\": [{\"index\": 0, \"message\": {\"role\": \"assistant\", \"content\": \"You were born in Ghent. You left.\"}, \"finish_reason\": \"stop\"}]}\n\ndata: [DONE]\n\n", "[]"),
    ("W10", "200 OK\r\n", "data: {\"choices\":[{\"delta\":{\"content\":\"You were born in Ghent. You left.\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n", "[]"),
    ("W19", STREAM, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"A sailor, maybe.\\n</think>\\n\\nYou were born in Ghent. You left.\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n", "[]"),
    ("float", STREAM, "data: {\"choices\":[{\"delta\":{\"content\":\"You were born in Ghent. You left.\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":9.0,\"completion_tokens\":4.0}}\n\ndata: [DONE]\n\n", "[]"),
    ("halves", STREAM, "data: {\"choices\":[{\"delta\":{\"content\":\"You were born in Ghent\\ud83c\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"\\udfad. You left.\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n", "[]"),
];

/// Each of these is a story that was paid for: it is kept, after one request.
#[test]
fn a_complete_story_is_kept_in_every_dialect() {
    for (name, head, body, flags) in STORIES {
        let (folder, fake) = (Folder::with_sheet(&sheet_of(1)), replay(head, body));
        let ran = chat(&folder, &fake, "");
        assert_eq!(
            (ran.code, fake.asked().len()),
            (0, 1),
            "{name}: {}",
            ran.err
        );
        let row = &folder.query("select backstory, flags from results")[0];
        let story = row["backstory"]
            .as_str()
            .expect("a story")
            .replace('🎭', "");
        // The story does not name its character, and that has a flag, too.
        let found = row["flags"].as_str().expect("JSON");
        let found = found.replace("\"unnamed\"", "").replace(",]", "]");
        assert_eq!(
            (story.as_str(), json!(found)),
            ("You were born in Ghent. You left.", json!(flags)),
            "{name}"
        );
        if body.contains("prompt_tokens") {
            let tokens = folder.query("select tokens_in, tokens_out from attempts");
            assert_eq!(tokens, [json!({"tokens_in": 9, "tokens_out": 4})], "{name}");
        }
    }
}

#[test]
fn thoughts_are_not_part_of_the_story_and_stay_with_the_attempt() {
    for (body, thoughts, story) in [
        (
            "data: {\"choices\": [{\"index\": 0, \"delta\": {\"content\": \"<think>\\nThe user wants a backstory.\\n</think>\\n\\nYou left.\"}}]}\n\ndata: {\"choices\": [{\"index\": 0, \"delta\": {}, \"finish_reason\": \"stop\"}]}\n\ndata: [DONE]\n\n",
            json!("<think>\nThe user wants a backstory.\n</think>"),
            "You left.",
        ),
        (
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"She wrote <think> on the wall.\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
            json!(null),
            "She wrote <think> on the wall.",
        ),
    ] {
        let (folder, fake) = (Folder::with_sheet(&sheet_of(1)), replay(STREAM, body));
        assert_eq!(chat(&folder, &fake, "").code, 0);
        let found =
            folder.query("select backstory, partial from results join attempts using (name)");
        assert_eq!(found, [json!({"backstory": story, "partial": thoughts})]);
        let shown = folder.run_args(["show", "Name 1"]).out;
        let is_told = shown.contains("of thoughts were removed");
        assert_eq!(is_told, thoughts.is_string(), "{shown}");
    }
}

/// Name, head, body; the class, the exit code, and the requests for three characters.
#[rustfmt::skip]
const FAILURES: &[(&str, &str, &str, &str, i32, usize)] = &[
    ("length", STREAM, "data: {\"choices\":[{\"delta\":{\"content\":\"Half a\"},\"finish_reason\":\"length\"}]}\n\ndata: [DONE]\n\n", "bad_text", 1, 3),
    ("filter", STREAM, "data: {\"choices\":[{\"delta\":{\"content\":\"Half a\"},\"finish_reason\":\"content_filter\"}]}\n\ndata: [DONE]\n\n", "bad_text", 1, 3),
    ("only reasoning", STREAM, "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"Hm.\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n", "bad_text", 1, 3),
    ("W19", STREAM, "data: {\"choices\": [{\"index\": 0, \"delta\": {\"content\": \"<think>\\nThe user wants a backstory. Let me plan.\"}}]}\n\ndata: {\"choices\": [{\"index\": 0, \"delta\": {}, \"finish_reason\": \"stop\"}]}\n\ndata: [DONE]\n\n", "bad_text", 1, 3),
    ("W22", STREAM, "data: {\"choices\": [{\"index\": 0, \"delta\": {\"role\": \"assistant\", \"content\": null, \"refusal\": \"\"}}]}\n\ndata: {\"choices\": [{\"index\": 0, \"delta\": {\"refusal\": \"I'm sorry, I can't assist with that request.\"}}]}\n\ndata: {\"choices\": [{\"index\": 0, \"delta\": {}, \"finish_reason\": \"stop\"}]}\n\ndata: [DONE]\n\n", "refused_row", 1, 3),
    ("W7", STREAM, "error: {\"code\":400,\"message\":\"the request exceeds the available context size\",\"type\":\"exceed_context_size_error\"}\n\ndata: [DONE]\n\n", "refused_row", 1, 3),
    ("W13", "403 Forbidden\r\n", "{\"error\":{\"code\":403,\"message\":\"flagged\",\"metadata\":{\"reasons\":[\"violence\"],\"flagged_input\":\"a knife\"}}}", "refused_row", 1, 3),
    ("W15", "413 Payload Too Large\r\n", "{\"error\":{\"message\":\"Request too large for model `m` on tokens per minute (TPM): Limit 8000, Requested 8700\",\"type\":\"tokens\",\"code\":\"rate_limit_exceeded\"}}", "refused_row", 1, 3),
    ("W11", JSON, "{\"error\":\"Unexpected endpoint or method. (POST /chat/completions)\"}", "refused_run", 3, 1),
    ("W14", "429 Too Many Requests\r\n", "{\"error\":{\"message\":\"Budget has been exceeded!\",\"type\":\"budget_exceeded\",\"param\":null,\"code\":\"429\"}}", "refused_run", 3, 1),
    ("W16", "400 Bad Request\r\n", "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"Your credit balance is too low to access the Anthropic API.\"}}", "refused_run", 3, 1),
    ("W17", "400 Bad Request\r\n", "{\"error\":{\"message\":\"Model Not Exist\",\"type\":\"invalid_request_error\"}}", "refused_run", 3, 1),
    ("W12 a day", "429 Too Many Requests\r\n", "[{\"error\":{\"code\":429,\"message\":\"You exceeded your current quota.\",\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{\"violations\":[{\"quotaId\":\"GenerateRequestsPerDayPerProjectPerModel-FreeTier\"}]},{\"retryDelay\":\"11s\"}]}}]", "refused_run", 3, 1),
    ("LiteLLM", "400 Bad Request\r\n", "{\"error\":{\"message\":\"No connected db.\",\"type\":\"no_db_connection\",\"param\":null,\"code\":\"400\"}}", "refused_run", 3, 1),
    ("gzip", "200 OK\r\ncontent-type: text/event-stream\r\ncontent-encoding: gzip\r\n", "\u{1f}\u{8b}", "refused_run", 3, 1),
];

/// What such an answer ends with: the class, the exit code, and after how many requests for three characters.
#[test]
fn a_final_refusal_costs_one_request_per_character_or_one_in_all() {
    for (name, head, body, outcome, code, requests) in FAILURES {
        let (folder, fake) = (Folder::with_sheet(&sheet_of(3)), replay(head, body));
        let ran = chat(&folder, &fake, "");
        assert_eq!(
            (ran.code, fake.asked().len()),
            (*code, *requests),
            "{name}: {}",
            ran.err
        );
        let outcomes = folder.query("select distinct outcome from attempts");
        assert_eq!(outcomes, [json!({"outcome": outcome})], "{name}");
        assert_eq!(
            folder.status()["failed"],
            if *code == 1 { 3 } else { 0 },
            "{name}"
        );
    }
}

#[test]
fn temporary_errors_are_retried() {
    for (name, first, outcome) in [
        (
            "W23",
            "data: {\"choices\":[{\"delta\":{\"content\":\"Half a\"},\"finish_reason\":\"insufficient_system_resource\"}]}\n\ndata: [DONE]\n\n",
            "wait",
        ),
        (
            "W23",
            "data: {\"choices\":[{\"delta\":{\"content\":\"Half a\"},\"finish_reason\":\"error\"}]}\n\ndata: [DONE]\n\n",
            "unknown",
        ),
    ] {
        let fake = Fake::start(move |asked| match asked.nth {
            0 => Answer::chunks([first]),
            _ => Answer::chat(&story_of(&asked.name), "stop", (1, 1)),
        });
        let folder = Folder::with_sheet(&sheet_of(1));
        assert_eq!(chat(&folder, &fake, "").code, 0, "{name}");
        let outcomes = folder.query("select outcome from attempts order by attempt");
        assert_eq!(
            outcomes,
            [json!({"outcome": outcome}), json!({"outcome": "ok"})],
            "{name}"
        );
    }
}

/// W12, with a shorter wait.
#[test]
fn a_rate_limit_per_minute_is_waited_for_as_long_as_the_body_says() {
    let body = r#"[{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details. Please retry in 0.7s.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerMinutePerProjectPerModel-FreeTier"}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"0.7s"}]}}]"#;
    let fake = Fake::start(move |asked| match asked.nth {
        0 => Answer::status(
            429,
            "content-type: application/json; charset=UTF-8\r\n",
            body,
        ),
        _ => Answer::chat(&story_of(&asked.name), "stop", (1, 1)),
    });
    let folder = Folder::with_sheet(&sheet_of(2));
    let ran = chat(&folder, &fake, "");
    assert_eq!((ran.code, fake.asked().len()), (0, 3), "{}", ran.err);
    let asked = fake.asked();
    assert!(asked[1].at - asked[0].at >= Duration::from_millis(690));
}

/// W18 and W21: the second form is used for the rest of the run.
#[test]
fn a_form_that_is_refused_is_changed_once_for_the_whole_run() {
    let prices = "--price-in 1 --price-out 1 --max-cost 100";
    for (field, words, other) in [
        (
            "stream_options",
            r#"{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]}"#,
            None,
        ),
        (
            "max_tokens",
            r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","code":"unsupported_parameter"}}"#,
            Some("max_completion_tokens"),
        ),
    ] {
        let body = |asked: &crate::fake::Asked| -> Value {
            serde_json::from_slice(&asked.body).expect("JSON")
        };
        let fake = Fake::start(move |asked| {
            if body(asked).get(field).is_some() {
                return Answer::status(400, "", words);
            }
            Answer::chat(&story_of(&asked.name), "stop", (1, 1))
        });
        let folder = Folder::with_sheet(&sheet_of(3));
        let ran = chat(&folder, &fake, &format!("{prices} --max-attempts 1"));
        assert_eq!(
            (ran.code, fake.asked().len()),
            (0, 4),
            "{field}: {}",
            ran.err
        );
        for asked in &fake.asked()[1..] {
            let body = body(asked);
            assert!(
                other.is_none_or(|other| body.get(other).is_some()),
                "{body}"
            );
        }
    }
}

#[test]
fn a_failed_request_is_retried_after_the_time_that_the_service_names() {
    let fake = Fake::start(move |asked| match asked.nth {
        0 => Answer::status(500, "retry-after: 2\r\n", "no"),
        _ => Answer::chat(&story_of(&asked.name), "stop", (1, 1)),
    });
    let folder = Folder::with_sheet(&sheet_of(1));
    let ran = chat(&folder, &fake, "");
    assert_eq!((ran.code, fake.asked().len()), (0, 2), "{}", ran.err);
    let asked = fake.asked();
    assert!(asked[1].at - asked[0].at >= Duration::from_millis(1_990));
}

/// The name of a content encoding is foreign text, too.
#[test]
fn a_key_in_the_name_of_an_encoding_is_not_kept() {
    let folder = Folder::with_sheet(&sheet_of(1));
    folder.write("key", "s3cret-key");
    let fake = replay(
        "200 OK\r\ncontent-type: text/event-stream\r\ncontent-encoding: s3cret-key\r\n",
        "x",
    );
    let ran = chat(&folder, &fake, "--key-file key");
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(!ran.err.contains("s3cret-key"), "{}", ran.err);
    let error = folder.query("select error from attempts");
    assert!(!format!("{error:?}").contains("s3cret-key"), "{error:?}");
}

#[test]
fn a_story_with_another_status_of_success_is_kept() {
    for head in ["201 Created\r\n", "203 Non-Authoritative Information\r\n"] {
        let (folder, fake) = (Folder::with_sheet(&sheet_of(1)), replay(head, STORIES[0].2));
        let ran = chat(&folder, &fake, "");
        assert_eq!(
            (ran.code, fake.asked().len()),
            (0, 1),
            "{head}: {}",
            ran.err
        );
    }
}

#[test]
fn a_service_that_refuses_every_form_is_asked_in_each_of_them_once() {
    let prices = "--price-in 1 --price-out 1 --max-cost 100";
    for (words, code) in [
        (
            r#"{"error":{"message":"Unsupported: max_tokens and max_completion_tokens","code":"unsupported_parameter"}}"#,
            3,
        ),
        (
            r#"{"error":"not allowed: {\"stream_options\":{},\"max_tokens\":1,\"max_completion_tokens\":1}"}"#,
            1,
        ),
    ] {
        let fake = Fake::start(move |_| Answer::status(400, "", words));
        let folder = Folder::with_sheet(&sheet_of(3));
        let ran = chat(&folder, &fake, prices);
        let asked = fake.asked().len();
        assert!(ran.code == code && asked <= 5, "{asked}: {}", ran.err);
    }
}

/// W9 without a proof, and both ends missing.
#[test]
fn a_story_without_a_proven_end_is_requested_again() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    for half in [event(&ended_with("stop")), event("[DONE]"), String::new()] {
        let bytes = format!("{head}{}{half}", event(&said("Half a"))).into_bytes();
        let fake = Fake::start(move |asked| match asked.nth {
            0 => Answer(vec![Step::Send(bytes.clone()), Step::Close]),
            _ => Answer::chat(&story_of(&asked.name), "stop", (1, 1)),
        });
        let folder = Folder::with_sheet(&sheet_of(1));
        assert_eq!(chat(&folder, &fake, "").code, 0);
        let outcomes = folder.query("select outcome from attempts order by attempt");
        assert_eq!(
            outcomes,
            [json!({"outcome": "unknown"}), json!({"outcome": "ok"})]
        );
    }
}

/// With the key of the README's own example.
#[test]
fn an_error_is_classified_before_the_key_is_removed_from_it() {
    let fake = Fake::start(|asked| match asked.nth {
        0 => Answer::status(
            429,
            "retry-after: 1\r\n",
            r#"{"ERROR": "Too many requests for your plan."}"#,
        ),
        _ => Answer::story(&story_of(&asked.name)),
    });
    let folder = Folder::with_sheet(&sheet_of(1));
    let mut command = folder.command(["run", "cast.csv", "--base-url", &fake.url()]);
    let ran = command
        .env("CONVAI_API_KEY", "any")
        .output()
        .expect("it runs");
    assert_eq!(ran.status.code(), Some(0));
    let error = folder.query("select error from attempts where attempt = 1");
    assert_eq!(
        error,
        [json!({"error": "429: Too many requests for your plan."})]
    );
}

/// A limit of the service is no fault of the rows.
#[test]
fn a_token_limit_is_reported_with_a_hint() {
    let fake = Fake::start(|_| Answer::chat("Half a", "length", (100, 9)));
    let folder = Folder::with_sheet(&sheet_of(1));
    assert_eq!(chat(&folder, &fake, "").code, 1);
    let status = folder.run("status").out;
    assert!(status.contains("--set max_tokens=N"), "{status}");
    let fake =
        Fake::start(|_| Answer::status(200, "", r#"{"error":"Unexpected endpoint or method."}"#));
    let folder = Folder::with_sheet(&sheet_of(1));
    let ran = chat(&folder, &fake, "");
    assert!(ran.code == 3 && ran.err.contains("/v1`"), "{}", ran.err);
}

/// Where only failed characters are left, the same command would find nothing to do.
#[test]
fn a_stopped_run_with_only_failed_characters_left_says_how_to_retry_them() {
    let fake = Fake::start(|_| Answer::status(422, "", "no"));
    let folder = Folder::with_sheet(&sheet_of(20));
    let ran = chat(&folder, &fake, "--concurrency 1");
    assert_eq!(ran.code, 3, "{}", ran.err);
    let line = ran.err.lines().last().expect("a line");
    assert!(
        line.starts_with("continue: ") && line.ends_with("--retry"),
        "{line}"
    );
    assert!(
        ran.err
            .contains("20 of the first 20 characters of this run failed; most often: 422: no"),
        "{}",
        ran.err
    );
}

/// A head that no client reads says the same each time.
#[test]
fn an_answer_whose_head_is_too_large_stops_the_run() {
    let many: String = (0..200).map(|nth| format!("x-{nth}: y\r\n")).collect();
    let fake = Fake::start(move |_| Answer::status(200, &many, "data: x\n\n"));
    let folder = Folder::with_sheet(&sheet_of(3));
    let ran = chat(&folder, &fake, "");
    assert_eq!((ran.code, fake.asked().len()), (3, 1), "{}", ran.err);
}
