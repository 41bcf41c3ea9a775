//! What the body of an error contains, wherever it is: names, numbers, messages, and how long to wait.
//!
//! Bodies differ in everything but the names of their members: an object, an array with one error, an error within an error,
//! or an error of a proxy that contains the service's error as a text. So the whole body is searched, down to a limited
//! depth. Text that a model wrote is left out.

use super::waits;
use serde_json::Value;
use std::time::Duration;

/// The depth down to which a body is searched.
const DEPTH_MAX: usize = 8;

/// The most strings of one kind that are kept.
const STRINGS_MAX: usize = 32;

/// What a body contains.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// Names of the error, in lower case.
    pub(super) names: Vec<String>,
    /// The outermost status in the body.
    pub(super) number: Option<u16>,
    /// All messages, in lower case.
    pub(super) words: String,
    /// The quota of Google that is used up, in lower case.
    pub(super) quotas: Vec<String>,
    /// A moderation of the input gave reasons.
    pub(super) is_moderated: bool,
    /// The wait that the body asks for.
    pub(super) wait: Option<Duration>,
}

impl Facts {
    /// The facts of a JSON body, or of `plain` text.
    pub(super) fn of(json: Option<&Value>, text: &str) -> Self {
        let mut facts = Self::default();
        match json {
            Some(json) => facts.walk(json, 0),
            None => facts.words = text.to_lowercase(),
        }
        facts.wait = facts.wait.or_else(|| waits::in_words(&facts.words));
        facts
    }

    fn walk(&mut self, json: &Value, depth: usize) {
        if depth == DEPTH_MAX {
            return;
        }
        match json {
            Value::Array(items) => items
                .iter()
                .take(STRINGS_MAX)
                .for_each(|item| self.walk(item, depth + 1)),
            Value::Object(members) => {
                for (name, value) in members {
                    self.member(&name.to_ascii_lowercase(), value, depth);
                }
            }
            _ => {}
        }
    }

    fn member(&mut self, name: &str, value: &Value, depth: usize) {
        match (name, value) {
            // The members that hold text of a model.
            ("choices", _) => {}
            (
                "code" | "status" | "status_code" | "type" | "reason" | "error_code" | "error_type",
                _,
            ) if !value.is_object() && !value.is_array() => {
                self.name(value);
            }
            ("retrydelay" | "retry_after" | "retry_after_ms" | "retryafter", _) => {
                self.wait = self.wait.or_else(|| waits::in_member(name, value));
            }
            ("quotaid" | "quotametric", Value::String(quota)) => {
                if name == "quotaid" && self.quotas.len() < STRINGS_MAX {
                    self.quotas.push(quota.to_lowercase());
                }
            }
            ("reasons", Value::Array(reasons)) if !reasons.is_empty() => self.is_moderated = true,
            ("flagged_input", Value::String(_)) => self.is_moderated = true,
            (
                "error" | "api_error" | "internal_error" | "detail" | "message" | "msg" | "raw"
                | "title",
                Value::String(words),
            ) => self.words(words, depth),
            _ => self.walk(value, depth + 1),
        }
    }

    /// A name, or a number instead of a name.
    fn name(&mut self, value: &Value) {
        let name = match value {
            Value::String(name) => name.trim().to_lowercase(),
            Value::Number(number) => number.to_string(),
            _ => return,
        };
        match name.parse() {
            Ok(number) if (400..600).contains(&number) => {
                self.number.get_or_insert(number);
            }
            _ if self.names.len() < STRINGS_MAX => self.names.push(name.replace([' ', '-'], "_")),
            _ => {}
        }
    }

    /// A message. Some proxies put the whole error of another service into it.
    fn words(&mut self, words: &str, depth: usize) {
        if !self.words.is_empty() {
            self.words.push('\n');
        }
        self.words.push_str(&words.to_lowercase());
        let begin = words.find(['{', '[']);
        if let Some(json) = begin.and_then(|begin| begun(&words[begin..])) {
            self.walk(&json, depth + 1);
        }
    }
}

/// The JSON value at the beginning of a text.
fn begun(text: &str) -> Option<Value> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter();
    values.next()?.ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_fact_is_found_anywhere_in_a_body() {
        let error = json!({"message": "Slow down.", "code": 429, "type": "Rate Limit-Error"});
        for body in [
            json!({"error": error}),
            json!([{"error": error}]),
            json!({"error": {"error": error}}),
            json!({"errors": [error]}),
            json!({"detail": error}),
            json!({"error": {"message": "Provider returned error", "metadata": {"raw": json!({"error": error}).to_string()}}}),
            json!({"error": {"message": format!("litellm.RateLimitError: {error}")}}),
        ] {
            let facts = Facts::of(Some(&body), "");
            assert!(facts.words.contains("slow down."), "{body}");
            assert_eq!(
                (facts.number, facts.names.as_slice()),
                (Some(429), &["rate_limit_error".to_owned()][..]),
                "{body}"
            );
        }
    }

    #[test]
    fn a_story_is_no_message_and_the_depth_is_limited() {
        let story = json!({"choices": [{"message": {"content": "An API key."}}]});
        assert_eq!(Facts::of(Some(&story), "").words, "");
        let deep = (0..100).fold(
            json!({"message": "deep"}),
            |inner, _| json!({"error": inner}),
        );
        assert_eq!(Facts::of(Some(&deep), "").words, "");
    }
}
