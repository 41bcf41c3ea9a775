//! What services send instead of the usual stream, event by event, and how each answer is judged.

use super::*;
use crate::domain::flag::Flag;
use crate::domain::outcome::{Outcome, Prospect, Tokens};
use Outcome::{BadText, RefusedRow, RefusedRun, Unknown, Wait};
use proptest::prelude::*;
use std::convert::Infallible;

/// A body whose content type is an event stream, and whose end is proven.
const PROVEN: (bool, bool) = (true, true);

/// The text, the tokens and the end of a stream with these events.
async fn read(events: &[&str]) -> (String, Option<Tokens>, Result<Flags, ProviderError>) {
    let bytes: String = events
        .iter()
        .map(|data| ["data: ", data, "\n\n"].concat())
        .collect();
    read_body(&bytes, PROVEN).await
}

/// The same for a body that arrives byte by byte.
async fn read_body(
    body: &str,
    (is_stream, is_proven): (bool, bool),
) -> (String, Option<Tokens>, Result<Flags, ProviderError>) {
    let bytes: Vec<_> = body.bytes().collect();
    let chunks = bytes
        .into_iter()
        .map(|byte| Ok::<_, Infallible>(Bytes::from(vec![byte])));
    let head = Head {
        content_type: "`x/y`".to_owned(),
        is_stream,
        is_proven,
    };
    let mut pieces = pieces(futures_util::stream::iter(chunks), head, Context::default());
    let (mut text, mut tokens) = (String::new(), None);
    while let Some(piece) = pieces.next().await {
        match piece {
            Ok(Piece::Head(_)) => unreachable!("not of a stream"),
            Ok(Piece::Alive | Piece::Thought(_)) => {}
            Ok(Piece::AllWasThought) => text.clear(),
            Ok(Piece::Text(part)) => text.push_str(&part),
            Ok(Piece::Tokens(reported)) => tokens = Some(reported),
            Ok(Piece::Noted(flags)) => return (text, tokens, Ok(flags)),
            Err(err) => {
                assert!(
                    pieces.next().await.is_none(),
                    "after an error nothing comes"
                );
                return (text, tokens, Err(err));
            }
        }
    }
    panic!("it ended without a word")
}

const BEGIN: &str =
    r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#;
const TEXT: &str = r#"{"choices":[{"index":0,"delta":{"content":"She left."}}]}"#;
const WHOLE: &str = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
const USAGE: &str = r#"{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4}}"#;

#[tokio::test]
async fn a_story_with_its_reason_and_its_end_is_complete() {
    let (text, tokens, end) = read(&[BEGIN, TEXT, WHOLE, USAGE, DONE]).await;
    assert_eq!(text, "She left.");
    let reported = Tokens {
        read: 9,
        written: 4,
    };
    assert_eq!(tokens, Some(reported));
    assert_eq!(end.expect("whole"), Flags::default());
    for cut in [&[BEGIN, TEXT][..], &[], &[DONE]] {
        let (_, _, end) = read(cut).await;
        let err = end.expect_err("not whole");
        assert!(matches!(err, ProviderError::Cut { .. }), "{cut:?}: {err}");
    }
}

/// W8 and W9.
#[tokio::test]
async fn a_story_with_only_one_of_the_two_needs_a_proven_end() {
    for half in [&[BEGIN, TEXT, WHOLE, USAGE][..], &[BEGIN, TEXT, DONE]] {
        let bytes = format!("data: {}\n\n", half.join("\n\ndata: "));
        let (text, _, end) = read_body(&bytes, PROVEN).await;
        assert_eq!(text, "She left.");
        let flags = Flags::default().with(Flag::Unproven);
        assert_eq!(end.expect("whole"), flags, "{half:?}");
        let (_, _, end) = read_body(&bytes, (true, false)).await;
        assert_eq!(
            end.expect_err("cut").outcome(),
            Outcome::Unknown,
            "{half:?}"
        );
    }
}

#[tokio::test]
async fn any_other_reason_is_a_bad_text_with_its_cost() {
    for reason in ["length", "content_filter", "tool_calls"] {
        let stop = WHOLE.replace("stop", reason);
        let (text, tokens, end) = read(&[TEXT, &stop, USAGE, DONE]).await;
        assert_eq!((text.as_str(), tokens.is_some()), ("She left.", true));
        let err = end.expect_err("not finished");
        assert_eq!(err.outcome(), Outcome::BadText);
        assert!(err.to_string().contains(reason), "{err}");
    }
}

#[tokio::test]
async fn a_cut_text_does_not_become_complete_through_a_later_reason() {
    for reason in ["length", "content_filter"] {
        let cut = WHOLE.replace("stop", reason);
        let (_, _, end) = read(&[TEXT, &cut, WHOLE, DONE]).await;
        assert_eq!(
            end.expect_err("not finished").outcome(),
            Outcome::BadText,
            "{reason}"
        );
    }
}

#[tokio::test]
async fn unreadable_token_counts_lose_no_story() {
    for usage in [
        "9",
        "[]",
        "\"?\"",
        r#"{"prompt_tokens":-1,"completion_tokens":"4"}"#,
    ] {
        let event = format!(r#"{{"choices":[],"usage":{usage}}}"#);
        let (text, tokens, end) = read(&[TEXT, WHOLE, &event, DONE]).await;
        assert_eq!((text.as_str(), tokens), ("She left.", None));
        assert_eq!(end.expect("whole"), Flags::default(), "{usage}");
    }
}

#[tokio::test]
async fn an_error_in_the_stream_has_the_class_of_its_code() {
    for (error, expected) in [
        (
            r#"{"error":{"message":"no","code":"insufficient_quota"}}"#,
            Outcome::RefusedRun,
        ),
        (r#"{"error":{"message":"no","code":503}}"#, Outcome::Unknown),
        (r#"{"error":{"message":"no"}}"#, Outcome::Unknown),
        (
            r#"{"object":"error","message":"no","code":400}"#,
            Outcome::RefusedRow,
        ),
        ("not JSON", Outcome::Unknown),
    ] {
        let (text, _, end) = read(&[TEXT, error, WHOLE, DONE]).await;
        assert_eq!(
            (text.as_str(), end.expect_err("an error").outcome()),
            ("She left.", expected),
            "{error}"
        );
    }
}

#[tokio::test]
async fn thoughts_and_other_answers_are_no_text_but_show_that_the_service_is_alive() {
    let thought = r#"{"choices":[{"index":0,"delta":{"reasoning_content":"Hm."}}]}"#;
    let other =
        r#"{"choices":[{"index":1,"delta":{"content":"Other."},"finish_reason":"length"}]}"#;
    let (text, _, end) = read(&[thought, other, TEXT, WHOLE, DONE]).await;
    assert_eq!((text.as_str(), end.is_ok()), ("She left.", true));
}

/// The body of an event stream that ended well and whose only event with text is `chunk`.
fn ended(chunk: &str) -> String {
    format!("data: {chunk}\n\ndata: {WHOLE}\n\ndata: [DONE]\n\n")
}

/// A chunk with this content, as JSON.
fn content(json: &str) -> String {
    format!(r#"{{"choices":[{{"index":0,"delta":{{"content":{json}}},"finish_reason":null}}]}}"#)
}

#[tokio::test]
async fn each_form_of_a_complete_story_is_read() {
    let whole_json = r#"{"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"She left."},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":4}}"#;
    let reasons = [
        "STOP",
        "eos",
        "eos_token",
        "end",
        "end_turn",
        "stop_sequence",
        "complete",
        "Completed",
    ];
    let w2 = reasons.map(|reason| {
        (
            "W2",
            ended(TEXT).replace("\"stop\"", &format!("\"{reason}\"")),
        )
    });
    let others = [
        ("W1", ended(&content(r#""She left.""#).replace("null", r#""""#))),
        ("W1", ended(&content(r#""She left.""#).replace("null", r#""null""#))),
        ("W3", ended(&content(r#"[{"type":"thinking","thinking":[{"type":"text","text":"Hm."}]},{"type":"text","text":"She left."}]"#))),
        ("W4", ended(&content("1983")).replace("1983", r#""She left.""#)),
        ("W5", format!("data: null\n\ndata: {{\"choices\":null}}\n\n{}", ended(TEXT))),
        ("W6", format!("data:\n\ndata: \n\n{}", ended(TEXT))),
        ("W10", whole_json.to_owned()),
        ("W10", format!("\n\n{whole_json}\n\ndata: [DONE]\n\n")),
        ("W10", format!("data: {whole_json}\n\ndata: [DONE]\n\n")),
        ("W10", whole_json.replace(",\"", ",\n  \"")),
        ("W10", format!("\u{feff}{}", ended(TEXT))),
        ("W19", ended(&content(r#""<think>\nHm.\n</think>\n\nShe left.""#))),
        ("W19", "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"A sailor, maybe.\\n</think>\\n\\nShe left.\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n".to_owned()),
        ("W20", format!(": keep-alive\n\n:\n\n{}", ended(TEXT))),
        ("no index", ended(r#"{"choices":[{"delta":{"content":"She left."}}]}"#)),
    ];
    for (name, body) in w2.into_iter().chain(others) {
        for is_stream in [true, false] {
            let (text, _, end) = read_body(&body, (is_stream, true)).await;
            let flags = end.unwrap_or_else(|err| panic!("{name}: {body}: {err}"));
            assert_eq!(
                (text.as_str(), flags),
                ("She left.", Flags::default()),
                "{name}"
            );
        }
    }
}

#[tokio::test]
async fn a_number_is_read_as_its_digits_and_a_split_character_is_joined() {
    for (bodies, expected) in [
        (&[r#""In ""#, "1983", r#"".""#][..], "In 1983."),
        (&["7.50"], "7.50"),
        (&[r#""A \ud83c""#, r#""\udfad.""#], "A 🎭."),
    ] {
        let events: Vec<String> = bodies.iter().map(|json| content(json)).collect();
        let mut events: Vec<&str> = events.iter().map(String::as_str).collect();
        events.extend([WHOLE, DONE]);
        let (text, _, end) = read(&events).await;
        assert_eq!(
            (text.as_str(), end.expect("whole")),
            (expected, Flags::default())
        );
    }
}

/// Name, body, class, whether the same request may succeed, and words of the error.
#[rustfmt::skip]
const FAILURES: &[(&str, &str, Outcome, Prospect, &str)] = &[
    ("W7", "data: {\"choices\":[{\"delta\":{\"content\":\"Half\"}}]}\n\nerror: {\"code\":400,\"message\":\"the request exceeds the available context size\",\"type\":\"exceed_context_size_error\"}\n\ndata: [DONE]\n\n", RefusedRow, Prospect::Open, "context size"),
    ("W7", "error: {\"error\":{\"code\":400,\"message\":\"the request exceeds the available context size\",\"type\":\"exceed_context_size_error\"}}\n\ndata: [DONE]\n\n", RefusedRow, Prospect::Open, "context size"),
    ("bare JSON", "data: {\"choices\":[{\"delta\":{\"content\":\"Half\"}}]}\n\n{\"error\":{\"message\":\"boom\"}}\n\n", Unknown, Prospect::Open, "boom"),
    ("an array", "data: [{\"error\":{\"message\":\"no\",\"code\":503}}]\n\n", Wait, Prospect::Open, "no"),
    ("W11", "{\"error\":\"Unexpected endpoint or method. (POST /chat/completions)\"}", RefusedRun, Prospect::Open, "Unexpected endpoint"),
    ("W19", "data: {\"choices\":[{\"delta\":{\"content\":\"<think>Hm. She left.\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n", BadText, Prospect::None, "only reasoning"),
    ("W19", "data: {\"choices\":[{\"delta\":{\"content\":\"A plan.\\n</think>\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n", BadText, Prospect::None, "only reasoning"),
    ("W22", "data: {\"choices\":[{\"delta\":{\"refusal\":\"I cannot write that.\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n", RefusedRow, Prospect::Open, "I cannot write that."),
    ("W22", "{\"choices\":[{\"message\":{\"content\":null,\"refusal\":\"I cannot write that.\"},\"finish_reason\":\"stop\"}]}", RefusedRow, Prospect::Open, "I cannot write that."),
    ("W23", "data: {\"choices\":[{\"delta\":{\"content\":\"Half\"},\"finish_reason\":\"insufficient_system_resource\"}]}\n\ndata: [DONE]\n\n", Wait, Prospect::Open, "ran out of resources"),
    ("W23", "data: {\"choices\":[{\"delta\":{\"content\":\"Half\"},\"finish_reason\":\"error\"}]}\n\ndata: [DONE]\n\n", Unknown, Prospect::Open, "failed during the answer"),
    ("reasoning", "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"Hm.\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n", BadText, Prospect::None, "only reasoning"),
    ("limit", "data: {\"choices\":[{\"delta\":{\"content\":\"Half\"},\"finish_reason\":\"MAX_TOKENS\"}]}\n\ndata: [DONE]\n\n", BadText, Prospect::None, "token limit"),
    ("filter", "data: {\"choices\":[{\"delta\":{\"content\":\"Half\"},\"finish_reason\":\"content_filter\"}]}\n\ndata: [DONE]\n\n", BadText, Prospect::None, "content filter"),
    ("other", "data: {\"choices\":[{\"delta\":{\"content\":\"Half\"},\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n", BadText, Prospect::Open, "tool_calls"),
    ("W10 cut", "{\"choices\":[{\"message\":{\"content\":\"She left", Unknown, Prospect::Open, ""),
    ("W10 without a reason", "{\"choices\":[{\"message\":{\"content\":\"She left.\"}}]}", Unknown, Prospect::Open, ""),
    ("a page", "<html>Log in", Unknown, Prospect::Open, "instead of an event stream"),
];

#[tokio::test]
async fn each_form_of_a_failure_has_its_class() {
    for (name, body, outcome, prospect, says) in FAILURES {
        let (_, _, end) = read_body(body, PROVEN).await;
        let err = end.expect_err(name);
        assert_eq!(
            (err.outcome(), err.prospect()),
            (*outcome, *prospect),
            "{name}: {err}"
        );
        assert!(err.to_string().contains(says), "{name}: {err}");
    }
}

/// Each comes after text, and `[DONE]` after it.
#[tokio::test]
async fn half_a_story_with_something_unreadable_is_not_complete_by_done_alone() {
    for what in [
        r#"data: {"code":500,"message":"boom"}"#,
        r#"data: {"detail":"boom"}"#,
        r#"data: {"ERROR":"boom"}"#,
        r#"data: {"choices":[{"delta":{},"error":{"message":"boom"}}]}"#,
        "error: plain words",
        "Error: [1]",
        "event: Error\ndata: {}",
        "event: exception\ndata: boom",
        r#"{"message":"boom"}"#,
        "<html>Bad gateway",
        "upstream connect error",
    ] {
        let body = format!("data: {TEXT}\n\n{what}\n\ndata: [DONE]\n\n");
        let (_, _, end) = read_body(&body, PROVEN).await;
        assert_eq!(end.expect_err(what).outcome(), Unknown, "{what}");
    }
}

#[tokio::test]
async fn nothing_of_a_story_is_lost_or_doubled() {
    let message =
        r#"{"choices":[{"index":0,"message":{"content":"She left."},"finish_reason":"stop"}]}"#;
    for body in [
        format!("data: {TEXT}\n\ndata: {message}\n\ndata: [DONE]\n\n"),
        format!("data: {BEGIN}\n\n{TEXT}\n\ndata: {WHOLE}\n\ndata: [done]\n\n"),
        format!("data: [{TEXT},{WHOLE}]\n\ndata: \"[DONE]\"\n\n"),
        format!("[{message}]"),
        format!(
            "data: {}\n\ndata: [DONE]\n\n",
            message.replace("\"index\":0", "\"index\":0.0,\"delta\":{}")
        ),
        ended(r#"{"choices":[{"index":0,"text":"She left."}]}"#),
    ] {
        let (text, _, end) = read_body(&body, PROVEN).await;
        assert_eq!((text.as_str(), end.is_ok()), ("She left.", true), "{body}");
    }
}

proptest! {
    #![proptest_config(property_config!(500))]

    #[test]
    fn no_bytes_make_it_panic(
        parts in prop::collection::vec(prop::sample::select(vec![
            "data: ", "\n\n", "{", "}", "[", "]", "\"", "\\", "\\ud83c", "choices", "\"choices\":[", "{\"delta\":", "\"content\":",
            "error: ", "error", ":", ",", "null", "7", "<think>", "[DONE]", "é", "\u{feff}", " ",
        ]), 0..30),
        is_stream in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(async {
            let _ = read_body(&parts.concat(), (is_stream, true)).await;
        });
    }
}
