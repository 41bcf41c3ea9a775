//! Decides whether an answer is complete. Nothing else does.
//!
//! A story is complete if it has text, the service gave a good finish reason, and nothing was lost on the way:
//!
//! | finish reason | `[DONE]` | end of the connection | verdict |
//! |---|---|---|---|
//! | a good one | yes | any | complete |
//! | a good one | no | proven | complete, flag `unproven` |
//! | none | yes | proven | complete, flag `unproven` |
//! | only one of the two signs | – | not proven | cut |
//! | none | no | any | cut |
//! | another one | any | any | not finished |
//!
//! One JSON document instead of a stream proves its own end, and needs a good reason. A refusal, and an answer that is all
//! reasoning, is not a story, however well it ended.

use crate::domain::flag::{Flag, Flags};
use crate::domain::outcome::{Outcome, Prospect};
use crate::provider::ProviderError;
use std::error::Error;

/// How the body of an answer ended.
pub(super) enum End {
    /// The connection reached the end that it had announced.
    Proven,
    /// The connection was closed; this could also be a cut.
    Unproven,
    /// The body is one JSON document, and it is complete.
    Document,
    /// The connection failed, or its end was not awaited.
    Broken(Option<Box<dyn Error + Send + Sync>>),
}

/// The thoughts of an answer, in its text or beside it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Thoughts {
    /// There are none.
    #[default]
    None,
    /// There are some, and they are separate from the text.
    Closed,
    /// The text began with thoughts that never ended.
    Open,
}

/// All that is known about the end of an answer.
pub(super) struct Evidence<'a> {
    /// There is text that is not a thought.
    pub(super) has_text: bool,
    pub(super) thoughts: Thoughts,
    /// The message with which the model declined.
    pub(super) refusal: &'a str,
    /// The finish reason of the service, unless it says nothing.
    pub(super) reason: Option<&'a str>,
    /// The stream said `[DONE]`.
    pub(super) is_done: bool,
    /// Something unreadable came after text: then the story is complete only with a good reason.
    pub(super) is_doubtful: bool,
    pub(super) end: End,
}

/// The meaning of a service's finish reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// No reason, in one of its spellings.
    Absent,
    /// The story is finished.
    Finished,
    /// The model reached its token limit.
    Limit,
    /// A filter stopped it, or the model declined.
    Filter,
    /// The service had no capacity for it.
    Busy,
    /// The service failed.
    Failed,
    /// Any other word: not finished.
    Other,
}

/// The words in use, in lower case.
const REASONS: [(&str, Reason); 37] = [
    ("", Reason::Absent),
    ("null", Reason::Absent),
    ("none", Reason::Absent),
    ("stop", Reason::Finished),
    ("eos", Reason::Finished),
    ("eos_token", Reason::Finished),
    ("end", Reason::Finished),
    ("end_turn", Reason::Finished),
    ("stop_sequence", Reason::Finished),
    ("complete", Reason::Finished),
    ("completed", Reason::Finished),
    ("finished", Reason::Finished),
    ("done", Reason::Finished),
    ("stopped", Reason::Finished),
    ("length", Reason::Limit),
    ("model_context_window_exceeded", Reason::Limit),
    ("max_new_tokens", Reason::Limit),
    ("truncated", Reason::Limit),
    ("max_tokens", Reason::Limit),
    ("max_length", Reason::Limit),
    ("max_output_tokens", Reason::Limit),
    ("model_length", Reason::Limit),
    ("token_limit", Reason::Limit),
    ("content_filter", Reason::Filter),
    ("content_filtered", Reason::Filter),
    ("safety", Reason::Filter),
    ("recitation", Reason::Filter),
    ("prohibited_content", Reason::Filter),
    ("blocklist", Reason::Filter),
    ("spii", Reason::Filter),
    ("sensitive", Reason::Filter),
    ("guardrail_intervened", Reason::Filter),
    ("refusal", Reason::Filter),
    ("insufficient_system_resource", Reason::Busy),
    ("overloaded", Reason::Busy),
    ("error", Reason::Failed),
    ("eos_error", Reason::Failed),
];

impl Reason {
    /// The meaning of `word`, in any case: `EndTurn`, `end-turn` and `FINISH_REASON_END_TURN` are the same.
    pub(super) fn of(word: &str) -> Self {
        let mut plain = String::with_capacity(word.len());
        for c in word.trim().chars() {
            if c.is_ascii_uppercase() && plain.ends_with(|c: char| c.is_ascii_lowercase()) {
                plain.push('_');
            }
            plain.push(if c == '-' { '_' } else { c });
        }
        let plain = plain.to_ascii_lowercase();
        let word = plain.strip_prefix("finish_reason_").unwrap_or(&plain);
        let known = REASONS.iter().find(|(known, _)| *known == word);
        known.map_or(Self::Other, |(_, reason)| *reason)
    }

    /// The class of an answer that ended for this reason, which is not [`Reason::Finished`], and whether another request may
    /// succeed.
    fn follows(self) -> (Outcome, Prospect) {
        match self {
            // The same limit and the same filter would stop the same request again.
            Self::Limit | Self::Filter => (Outcome::BadText, Prospect::None),
            Self::Busy => (Outcome::Wait, Prospect::Open),
            Self::Failed => (Outcome::Unknown, Prospect::Open),
            Self::Absent | Self::Finished | Self::Other => (Outcome::BadText, Prospect::Open),
        }
    }

    fn meaning(self) -> &'static str {
        match self {
            Self::Limit => "the model reached its token limit",
            Self::Filter => "the service's content filter stopped it",
            Self::Busy => "the service ran out of resources",
            Self::Failed => "the service failed during the answer",
            Self::Absent | Self::Finished | Self::Other => {
                "the service ended it early for an unknown reason"
            }
        }
    }
}

/// Whether the answer is a complete story, with the flags for its end.
///
/// # Errors
///
/// Why it is not. An empty answer that ended well is not judged here: it has no text, but its end is good.
pub(super) fn verdict(evidence: Evidence<'_>) -> Result<Flags, ProviderError> {
    let reason = evidence.reason.map_or(Reason::Absent, Reason::of);
    if reason == Reason::Absent && evidence.is_doubtful {
        return Err(cut(
            "the stream holds lines that are no part of an answer, and it ended without a reason",
        ));
    }
    let flags = match reason {
        Reason::Absent | Reason::Finished => ended(reason, evidence.is_done, evidence.end)?,
        reason => return Err(unfinished(reason, evidence.reason.unwrap_or_default())),
    };
    if !evidence.refusal.trim().is_empty() {
        let words = evidence.refusal.to_owned();
        return Err(ProviderError::Declined { words });
    }
    match (evidence.has_text, evidence.thoughts) {
        (false, Thoughts::None) if reason == Reason::Absent => {
            Err(cut("the stream ended without a finish reason"))
        }
        (_, Thoughts::Open) | (false, Thoughts::Closed) => Err(ProviderError::OnlyReasoning),
        _ => Ok(flags),
    }
}

/// The table of this module, for answers with a good finish reason or without one.
fn ended(reason: Reason, is_done: bool, end: End) -> Result<Flags, ProviderError> {
    match (reason, is_done, end) {
        (Reason::Finished, true, _) | (Reason::Finished, false, End::Document) => {
            Ok(Flags::default())
        }
        (Reason::Finished, false, End::Proven) | (_, true, End::Proven | End::Document) => {
            Ok(Flags::default().with(Flag::Unproven))
        }
        (_, _, End::Broken(Some(source))) => Err(ProviderError::Cut { source }),
        (Reason::Finished, ..) => Err(cut("the stream ended without `[DONE]`")),
        (_, true, _) => Err(cut("the stream ended without a finish reason")),
        (_, false, _) => Err(cut(
            "the stream ended without `[DONE]` and without a finish reason",
        )),
    }
}

fn unfinished(reason: Reason, word: &str) -> ProviderError {
    let (outcome, prospect) = reason.follows();
    ProviderError::Unfinished {
        reason: word.to_owned(),
        meaning: reason.meaning(),
        outcome,
        prospect,
    }
}

fn cut(why: &'static str) -> ProviderError {
    ProviderError::Cut { source: why.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_means_the_same_in_any_case() {
        for (word, expected) in [
            ("stop", Reason::Finished),
            ("STOP", Reason::Finished),
            ("End_Turn", Reason::Finished),
            ("Completed", Reason::Finished),
            ("", Reason::Absent),
            ("null", Reason::Absent),
            ("MAX_TOKENS", Reason::Limit),
            ("length", Reason::Limit),
            ("SAFETY", Reason::Filter),
            ("insufficient_system_resource", Reason::Busy),
            ("error", Reason::Failed),
            ("tool_calls", Reason::Other),
            ("stopped", Reason::Finished),
            ("EndTurn", Reason::Finished),
            ("FINISH_REASON_MAX_TOKENS", Reason::Limit),
            ("content-filter", Reason::Filter),
        ] {
            assert_eq!(Reason::of(word), expected, "{word}");
        }
    }

    #[test]
    fn the_table_is_what_is_decided() {
        let proven = || End::Proven;
        let unproven = || End::Unproven;
        let document = || End::Document;
        let broken = || End::Broken(Some("reset".into()));
        for (reason, is_done, end, expected) in [
            (Some("stop"), true, broken as fn() -> End, Some("")),
            (Some("stop"), true, unproven, Some("")),
            (Some("stop"), false, proven, Some("unproven")),
            (Some("stop"), false, document, Some("")),
            (Some("stop"), false, unproven, None),
            (Some("stop"), false, broken, None),
            (None, true, proven, Some("unproven")),
            (None, true, unproven, None),
            (None, true, broken, None),
            (None, false, proven, None),
            (None, false, document, None),
            (Some("length"), true, proven, None),
        ] {
            let end = end();
            let evidence = Evidence {
                has_text: true,
                thoughts: Thoughts::None,
                refusal: "",
                reason,
                is_done,
                is_doubtful: false,
                end,
            };
            let noted = verdict(evidence).ok();
            let found = noted.map(|flags| {
                if flags.has(Flag::Unproven) {
                    "unproven"
                } else {
                    ""
                }
            });
            assert_eq!(found, expected, "{reason:?}, done: {is_done}");
        }
    }
}
