//! One JSON value of the protocol, as far as it matters: a chunk of a stream, or a whole message.
//!
//! Nearly all chunks have the same plain form, which is read in one pass. Whatever differs (contents in parts or as a number,
//! `null` where a list is expected, halves of a character, an array around an error) is read member by member. What is none of
//! the protocol at all is refused.

use super::halves::marked;
use crate::domain::outcome::Tokens;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// What a value says.
#[derive(Debug, PartialEq)]
pub(super) enum Said {
    /// A part of an answer, or a sign of life.
    Part(Part),
    /// An error in place of a part.
    Error,
    /// Nothing that the protocol knows.
    Garbled,
}

/// A part of an answer.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Part {
    /// Whether it has the form of an answer, and is no mere sign of life.
    pub(super) is_answer: bool,
    pub(super) text: String,
    /// Thoughts beside the text.
    pub(super) reasoning: String,
    /// Words with which the model declines.
    pub(super) refusal: String,
    /// Why the answer ended.
    pub(super) reason: Option<String>,
    pub(super) tokens: Option<Tokens>,
}

/// Reads one value.
pub(super) fn read(json: &str) -> Said {
    match serde_json::from_str::<Plain>(json) {
        Ok(plain) => plain.said(),
        Err(_) => freely(&marked(json)).unwrap_or(Said::Garbled),
    }
}

/// A chunk in its usual form.
#[derive(Deserialize)]
struct Plain {
    #[serde(default)]
    choices: Option<Vec<Choice>>,
    // In whatever form: what an answer cost says nothing about its text.
    usage: Option<Value>,
    error: Option<Value>,
    object: Option<String>,
}

#[derive(Deserialize)]
struct Choice {
    index: Option<u64>,
    delta: Option<Delta>,
    message: Option<Delta>,
    finish_reason: Option<String>,
}

#[derive(Deserialize, Default)]
struct Delta {
    content: Option<String>,
    reasoning_content: Option<String>,
    reasoning: Option<String>,
    refusal: Option<String>,
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
        // Only one answer was asked for.
        if let Some(choice) = choices
            .into_iter()
            .find(|choice| choice.index.unwrap_or(0) == 0)
        {
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

/// Whether a value is an error: it says so, and not only by an empty member.
fn is_error(error: Option<&Value>, object: Option<&str>) -> bool {
    let is_empty = |error: &Value| match error {
        Value::Null | Value::Bool(false) => true,
        Value::String(words) => words.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    };
    object == Some("error") || error.is_some_and(|error| !is_empty(error))
}

/// What the service says that it has read and written, where these are counts, whole or with a fraction of nothing.
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

/// The members of an object, each as it stands.
type Members<'a> = BTreeMap<String, &'a RawValue>;

fn members(json: &str) -> Option<Members<'_>> {
    serde_json::from_str(json).ok()
}

fn items(json: &str) -> Option<Vec<&RawValue>> {
    serde_json::from_str(json).ok()
}

/// Reads a value in any form that is known.
fn freely(json: &str) -> Option<Said> {
    if json.trim() == "null" {
        return Some(Said::Part(Part::default()));
    }
    if let Some(items) = items(json) {
        let any_error = items
            .iter()
            .any(|item| matches!(read(item.get()), Said::Error));
        return any_error.then_some(Said::Error);
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
        matches!(index.trim_matches('"'), "0" | "null")
    };
    if let Some(choice) = choices.iter().find(is_first) {
        let reason = choice.get("finish_reason");
        part.reason = reason.and_then(|reason| serde_json::from_str(reason.get()).ok());
        let delta = ["delta", "message"]
            .iter()
            .find_map(|name| members(choice.get(*name)?.get()));
        if let Some(delta) = delta {
            contents(&delta, &mut part);
        }
    }
    Some(Said::Part(part))
}

/// Puts what a delta or a message holds into `part`.
fn contents(delta: &Members<'_>, part: &mut Part) {
    let string =
        |name: &str| -> Option<String> { serde_json::from_str(delta.get(name)?.get()).ok() };
    part.refusal = string("refusal").unwrap_or_default();
    part.reasoning = string("reasoning_content")
        .or_else(|| string("reasoning"))
        .unwrap_or_default();
    if let Some(content) = delta.get("content") {
        content_of(content.get(), part);
    }
}

/// A content: text, a number as it stands, or parts of which those at the top that are text count.
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

    /// Text, reasoning, refusal and reason of a chunk whose delta, or choice, or whole value this is.
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
    fn what_is_no_text_is_a_sign_of_life() {
        for json in [
            "null",
            "{}",
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
            r#"[{"error":{"message":"no"}}]"#,
            r#"{"object":"error","message":"no"}"#,
            r#"{"choices":5,"error":{"message":"no"}}"#,
        ] {
            assert_eq!(read(error), Said::Error, "{error}");
        }
        for garbled in ["not JSON", "5", "[]", "\"text\"", r#"{"choices":["#] {
            assert_eq!(read(garbled), Said::Garbled, "{garbled}");
        }
    }
}
