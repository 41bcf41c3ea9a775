//! One JSON value of the protocol: a chunk of a stream, or a complete message.
//!
//! Nearly all chunks have the same simple form, which is read in one pass. Any other form (content in parts or as a number,
//! `null` instead of a list, halves of a character, an array around an error) is read member by member. A value that has
//! nothing of the protocol is refused.

use super::halves::marked;
use super::whole::Reason;
use crate::domain::outcome::Tokens;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The meaning of a value.
#[derive(Debug, PartialEq)]
pub(super) enum Said {
    /// A part of an answer, or only a sign that the service is alive.
    Part(Part),
    /// An error instead of a part.
    Error,
    /// Several values in an array, unchanged.
    Several(Vec<String>),
    /// Nothing of the protocol.
    Garbled,
}

/// A part of an answer.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Part {
    /// Whether it has the form of an answer; otherwise it only shows that the service is alive.
    pub(super) is_answer: bool,
    /// Whether the text is that of a complete message, and not of a delta.
    pub(super) is_message: bool,
    pub(super) text: String,
    /// Thoughts beside the text.
    pub(super) reasoning: String,
    /// The message with which the model declines.
    pub(super) refusal: String,
    /// The finish reason.
    pub(super) reason: Option<String>,
    pub(super) tokens: Option<Tokens>,
}

/// Reads one value.
pub(super) fn read(json: &str) -> Said {
    match serde_json::from_str::<Plain>(json) {
        Ok(plain) if plain.choices.is_some() => plain.said(),
        _ => freely(&marked(json)).unwrap_or(Said::Garbled),
    }
}

/// The type of members that the usual form does not have: only `null` is accepted. With any other value the chunk is read
/// again, in any form.
#[derive(Deserialize)]
enum Never {}

/// A chunk in its usual form.
#[derive(Deserialize)]
struct Plain {
    #[serde(default)]
    choices: Option<Vec<Choice>>,
    // In any form: the number of tokens says nothing about the text.
    usage: Option<Value>,
    error: Option<Value>,
    object: Option<String>,
    #[serde(rename = "ERROR", alias = "Error", alias = "errors")]
    _errors: Option<Never>,
    #[serde(
        rename = "finish_reason",
        alias = "finishReason",
        alias = "stop_reason",
        alias = "stopReason",
        alias = "finish_details"
    )]
    _reason: Option<Never>,
}

#[derive(Deserialize)]
struct Choice {
    index: Option<u64>,
    delta: Option<Delta>,
    message: Option<Delta>,
    finish_reason: Option<String>,
    #[serde(
        rename = "finishReason",
        alias = "stop_reason",
        alias = "stopReason",
        alias = "finish_details",
        alias = "error",
        alias = "text"
    )]
    _other: Option<Never>,
}

#[derive(Deserialize, Default)]
struct Delta {
    content: Option<String>,
    reasoning_content: Option<String>,
    reasoning: Option<String>,
    refusal: Option<String>,
    #[serde(
        rename = "finish_reason",
        alias = "finishReason",
        alias = "stop_reason",
        alias = "stopReason",
        alias = "finish_details",
        alias = "thinking",
        alias = "reasoning_text",
        alias = "reasoning_details"
    )]
    _other: Option<Never>,
}

impl Plain {
    fn said(self) -> Said {
        if is_error(self.error.as_ref(), self.object.as_deref()) {
            return Said::Error;
        }
        let mut part = Part {
            is_answer: self.choices.is_some(),
            tokens: self.usage.as_ref().and_then(tokens),
            ..Part::default()
        };
        let choices = self.choices.unwrap_or_default();
        // Only one answer was requested.
        if let Some(choice) = choices
            .into_iter()
            .find(|choice| choice.index.unwrap_or(0) == 0)
        {
            part.is_message = choice.delta.is_none();
            let delta = choice.delta.or(choice.message).unwrap_or_default();
            part.text = delta.content.unwrap_or_default();
            part.reasoning = delta
                .reasoning_content
                .or(delta.reasoning)
                .unwrap_or_default();
            part.refusal = delta.refusal.unwrap_or_default();
            part.reason = choice.finish_reason;
        }
        Said::Part(part)
    }
}

/// Whether a value is an error: it has a member for one that is not empty.
fn is_error(error: Option<&Value>, object: Option<&str>) -> bool {
    object == Some("error") || error.is_some_and(|error| !is_empty(error))
}

/// Whether a value says nothing: everything in it is empty, `null`, `false` or 0.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(words) => words.is_empty(),
        Value::Array(items) => items.iter().all(is_empty),
        Value::Object(members) => members.values().all(is_empty),
    }
}

/// Whether an object without an answer reports an error, under any of the names in use.
fn speaks_of_error(object: &Members<'_>) -> bool {
    const NAMES: [&str; 11] = [
        "error",
        "errors",
        "api_error",
        "internal_error",
        "exception",
        "detail",
        "message",
        "msg",
        "code",
        "error_code",
        "status_code",
    ];
    object.iter().any(|(name, json)| {
        let Ok(value) = serde_json::from_str::<Value>(json.get()) else {
            return false;
        };
        let name = name.to_ascii_lowercase();
        if matches!(name.as_str(), "type" | "status" | "event" | "object") {
            let kind = value.as_str().unwrap_or_default().to_ascii_lowercase();
            return kind.contains("error") || kind.contains("exception");
        }
        NAMES.contains(&name.as_str()) && !is_empty(&value)
    })
}

/// The text of a reason that is a string, or is in an array, or is the type of an object.
fn reason_words(value: &Value) -> Option<&str> {
    match value {
        Value::String(word) => Some(word),
        Value::Array(items) => items.iter().find_map(reason_words),
        Value::Object(members) => members.get("type").and_then(Value::as_str),
        _ => None,
    }
}

/// The finish reason, under any of its names: the one of the protocol, unless another one says more.
///
/// Elsewhere only a known word counts, because some services put the text there at which they stopped.
fn reason(places: &[&Members<'_>]) -> Option<String> {
    const ELSEWHERE: [&str; 5] = [
        "finish_reason",
        "finishReason",
        "stop_reason",
        "stopReason",
        "finish_details",
    ];
    let mut found: Option<String> = None;
    for (at, place) in places.iter().enumerate() {
        for name in ELSEWHERE {
            let value = place
                .get(name)
                .and_then(|json| serde_json::from_str::<Value>(json.get()).ok());
            let Some(word) = value.as_ref().and_then(reason_words) else {
                continue;
            };
            let is_usual = at == 0 && name == "finish_reason";
            let counts = match Reason::of(word) {
                Reason::Absent => false,
                Reason::Other => is_usual,
                _ => true,
            };
            let is_good = found
                .as_deref()
                .is_none_or(|word| Reason::of(word) == Reason::Finished);
            if counts && is_good {
                found = Some(word.to_owned());
            }
        }
    }
    found
}

/// The tokens that the service reports, if they are counts; `3.0` is one, too.
fn tokens(usage: &Value) -> Option<Tokens> {
    let count = |name| {
        let count = usage.get(name)?;
        let whole = || count.as_f64().filter(|count| count.fract() == 0.0);
        count
            .as_u64()
            .or_else(|| format!("{:.0}", whole()?).parse().ok())
    };
    Some(Tokens {
        read: count("prompt_tokens")?,
        written: count("completion_tokens")?,
    })
}

/// The members of an object, not parsed.
type Members<'a> = BTreeMap<String, &'a RawValue>;

fn members(json: &str) -> Option<Members<'_>> {
    serde_json::from_str(json).ok()
}

fn items(json: &str) -> Option<Vec<&RawValue>> {
    serde_json::from_str(json).ok()
}

/// Reads a value in any known form.
fn freely(json: &str) -> Option<Said> {
    if is_sign_of_life(json.trim()) {
        return Some(Said::Part(Part::default()));
    }
    if let Some(items) = items(json) {
        let items: Vec<String> = items.iter().map(|item| item.get().to_owned()).collect();
        // An array within an array is not of the protocol.
        let are_flat = items.iter().all(|item| !item.starts_with('['));
        return are_flat.then_some(Said::Several(items));
    }
    let object = members(json)?;
    let value =
        |name: &str| -> Option<Value> { serde_json::from_str(object.get(name)?.get()).ok() };
    let kind = value("object");
    if is_error(
        value("error").as_ref(),
        kind.as_ref().and_then(Value::as_str),
    ) {
        return Some(Said::Error);
    }
    let has_choices = value("choices").is_some_and(|choices| !choices.is_null());
    if !has_choices && speaks_of_error(&object) {
        return Some(Said::Error);
    }
    let mut part = Part {
        tokens: value("usage").as_ref().and_then(tokens),
        ..Part::default()
    };
    let choices = object.get("choices").and_then(|list| items(list.get()));
    part.is_answer = choices.is_some();
    let choices: Vec<Members<'_>> = choices
        .unwrap_or_default()
        .into_iter()
        .filter_map(|choice| members(choice.get()))
        .collect();
    let is_first = |choice: &&Members<'_>| {
        let index = choice.get("index").map_or("0", |index| index.get());
        let index = index.trim_matches('"');
        index == "null" || index.parse() == Ok(0.0)
    };
    let is_failed = |choice: &Members<'_>| {
        let error = choice.get("error");
        error.is_some_and(|json| serde_json::from_str(json.get()).is_ok_and(|e| !is_empty(&e)))
    };
    if choices.iter().any(is_failed) {
        return Some(Said::Error);
    }
    let Some(choice) = choices.iter().find(is_first) else {
        part.reason = reason(&[&Members::new(), &object]);
        return Some(Said::Part(part));
    };
    let within = |name: &str| choice.get(name).and_then(|json| members(json.get()));
    let delta = within("delta").unwrap_or_default();
    let message = within("message").unwrap_or_default();
    part.reason = reason(&[choice, &delta, &message, &object]);
    contents(&delta, &mut part);
    if part.text.is_empty() && !message.is_empty() {
        part.is_message = true;
        contents(&message, &mut part);
    }
    if part.text.is_empty()
        && let Some(text) = choice.get("text")
    {
        content_of(text.get(), &mut part);
    }
    Some(Said::Part(part))
}

/// Whether a value only shows that the service is alive: `null`, `true`, a number, nothing, or one word such as `"ping"`.
fn is_sign_of_life(json: &str) -> bool {
    match serde_json::from_str::<Value>(json) {
        Ok(Value::Null | Value::Bool(_) | Value::Number(_)) => true,
        Ok(Value::String(words)) => !words.trim().contains(char::is_whitespace),
        Ok(Value::Array(items)) => items.iter().all(Value::is_null),
        _ => false,
    }
}

/// Adds the content of a delta or a message to `part`.
fn contents(delta: &Members<'_>, part: &mut Part) {
    let string =
        |name: &str| -> Option<String> { serde_json::from_str(delta.get(name)?.get()).ok() };
    part.refusal
        .push_str(&string("refusal").unwrap_or_default());
    let reasoning = REASONING.iter().find_map(|name| {
        let mut words = String::new();
        words_of(
            &serde_json::from_str(delta.get(*name)?.get()).ok()?,
            &mut words,
        );
        Some(words).filter(|words| !words.is_empty())
    });
    part.reasoning.push_str(&reasoning.unwrap_or_default());
    if let Some(content) = delta.get("content") {
        content_of(content.get(), part);
    }
}

/// The members that have thoughts beside the text.
const REASONING: [&str; 5] = [
    "reasoning_content",
    "reasoning",
    "thinking",
    "reasoning_text",
    "reasoning_details",
];

/// Collects the text of a thought in any form.
fn words_of(value: &Value, words: &mut String) {
    match value {
        Value::String(text) => words.push_str(text),
        Value::Array(items) => items.iter().for_each(|item| words_of(item, words)),
        Value::Object(members) => ["text", "content", "thinking", "summary"]
            .iter()
            .filter_map(|name| members.get(*name))
            .for_each(|value| words_of(value, words)),
        _ => {}
    }
}

/// A content: a text, a number, or parts. Of parts, those count that are text at the top level.
fn content_of(json: &str, part: &mut Part) {
    if let Ok(text) = serde_json::from_str::<String>(json) {
        part.text.push_str(&text);
    } else if let Some(items) = items(json) {
        for item in items {
            content_of(item.get(), part);
        }
    } else if let Some(item) = members(json) {
        let string =
            |name: &str| -> Option<String> { serde_json::from_str(item.get(name)?.get()).ok() };
        match string("type").as_deref() {
            None | Some("text" | "output_text") => {
                part.text.push_str(&string("text").unwrap_or_default());
            }
            Some("refusal") => part
                .refusal
                .push_str(&string("refusal").unwrap_or_default()),
            Some("thinking" | "reasoning") => {
                let within = item.get("thinking").or_else(|| item.get("text"));
                let mut thought = Part::default();
                content_of(within.map_or("null", |within| within.get()), &mut thought);
                part.reasoning.push_str(&thought.text);
            }
            Some(_) => {}
        }
    } else if json.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
        part.text.push_str(json);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text, reasoning, refusal and reason of a chunk with this delta, choice or whole value.
    fn part(json: &str) -> Part {
        match read(json) {
            Said::Part(part) => part,
            other => panic!("{json}: {other:?}"),
        }
    }

    #[test]
    fn a_content_of_any_form_is_its_text() {
        for (content, text, reasoning) in [
            (r#""She left.""#, "She left.", ""),
            ("null", "", ""),
            ("7", "7", ""),
            ("-0.50", "-0.50", ""),
            ("1e5", "1e5", ""),
            ("true", "", ""),
            (
                r#"[{"type":"text","text":"She "},{"type":"text","text":"left."}]"#,
                "She left.",
                "",
            ),
            (
                r#"[{"type":"thinking","thinking":[{"type":"text","text":"Hm."}]},{"type":"text","text":"She left."}]"#,
                "She left.",
                "Hm.",
            ),
            (r#"[{"type":"image_url","image_url":{"url":"x"}}]"#, "", ""),
            (r#"["She ","left."]"#, "She left.", ""),
            (r#"{"type":"text","text":"She left."}"#, "She left.", ""),
        ] {
            for (name, kind) in [
                ("delta", "chat.completion.chunk"),
                ("message", "chat.completion"),
            ] {
                let json = format!(
                    r#"{{"object":"{kind}","choices":[{{"{name}":{{"content":{content}}}}}]}}"#
                );
                let part = part(&json);
                assert_eq!(
                    (part.text.as_str(), part.reasoning.as_str()),
                    (text, reasoning),
                    "{json}"
                );
                assert!(part.is_answer);
            }
        }
    }

    #[test]
    fn a_value_without_text_shows_that_the_service_is_alive() {
        for json in [
            "null",
            "{}",
            "[]",
            "5",
            "true",
            r#""ping""#,
            r#"{"type":"ping"}"#,
            r#"{"choices":[],"error":0}"#,
            r#"{"choices":[],"error":[]}"#,
            r#"{"choices":[],"error":{"code":0,"message":""}}"#,
            r#"{"choices":null}"#,
            r#"{"choices":[]}"#,
            r#"{"choices":[null]}"#,
            r#"{"choices":[{"delta":null}]}"#,
            r#"{"choices":[{"delta":{"role":"assistant","content":null}}]}"#,
            r#"{"choices":[{"index":1,"delta":{"content":"Another."}}]}"#,
            r#"{"choices":[],"error":null}"#,
            r#"{"choices":[],"error":""}"#,
        ] {
            assert_eq!(part(json).text, "", "{json}");
        }
        let usage = part(r#"{"choices":null,"usage":{"prompt_tokens":9.0,"completion_tokens":4}}"#);
        assert_eq!(
            usage.tokens,
            Some(Tokens {
                read: 9,
                written: 4
            })
        );
    }

    #[test]
    fn an_error_is_recognised_and_what_is_no_json_is_refused() {
        for error in [
            r#"{"error":{"message":"no"}}"#,
            r#"{"error":"no"}"#,
            r#"{"code":500,"message":"no"}"#,
            r#"{"detail":"no"}"#,
            r#"{"type":"error"}"#,
            r#"{"errors":["no"]}"#,
            r#"{"ERROR":"no"}"#,
            r#"{"choices":[{"delta":{},"finish_reason":"stop","error":{"code":1}}]}"#,
            r#"{"object":"error","message":"no"}"#,
            r#"{"choices":5,"error":{"message":"no"}}"#,
        ] {
            assert_eq!(read(error), Said::Error, "{error}");
        }
        for garbled in ["not JSON", "\"some text\"", "[[]]", r#"{"choices":["#] {
            assert_eq!(read(garbled), Said::Garbled, "{garbled}");
        }
    }

    #[test]
    fn a_reason_is_found_under_any_of_its_names() {
        for (choice, reason) in [
            (
                r#"{"delta":{"content":"a","finish_reason":"length"}}"#,
                "length",
            ),
            (
                r#"{"delta":{"content":"a"},"finishReason":"MAX_TOKENS"}"#,
                "MAX_TOKENS",
            ),
            (
                r#"{"delta":{"content":"a"},"finish_reason":"stop","stop_reason":"max_tokens"}"#,
                "max_tokens",
            ),
            (
                r#"{"delta":{"content":"a"},"finish_reason":{"type":"length"}}"#,
                "length",
            ),
            (
                r#"{"delta":{"content":"a"},"finish_reason":["length"]}"#,
                "length",
            ),
            (
                r#"{"delta":{"content":"a"},"finish_details":{"type":"max_tokens"}}"#,
                "max_tokens",
            ),
            (
                r#"{"message":{"content":"a","finish_reason":"stop"}}"#,
                "stop",
            ),
            (
                r#"{"delta":{"content":"a"},"finish_reason":"stop","stop_reason":"The end."}"#,
                "stop",
            ),
        ] {
            let part = part(&format!(r#"{{"choices":[{choice}]}}"#));
            assert_eq!(
                (part.text.as_str(), part.reason.as_deref()),
                ("a", Some(reason)),
                "{choice}"
            );
        }
        let top = part(r#"{"choices":[{"delta":{}}],"finish_reason":"length"}"#);
        assert_eq!(top.reason.as_deref(), Some("length"));
    }
}
