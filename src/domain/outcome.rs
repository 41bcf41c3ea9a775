//! How an attempt can end, and what each ending costs.
//!
//! The classes are the whole truth about money: whether the request may have been charged and whether it uses up one of
//! the character's tries. What follows from an outcome is decided in [`super::retry`].

use super::flag::Flags;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The class of an attempt's ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The whole story arrived.
    Ok,
    /// The request never left: no address, no connection.
    NotSent,
    /// The service asks to wait: it is busy or the pace is too high.
    Wait,
    /// The service refuses this character and would always do so.
    RefusedRow,
    /// The service refuses all of us: key, plan, quota, address.
    RefusedRun,
    /// The request went out and what became of it cannot be known.
    Unknown,
    /// A complete answer without a usable story in it.
    BadText,
    /// We stopped it ourselves or died meanwhile.
    Interrupted,
}

impl Outcome {
    /// All outcomes.
    pub const ALL: [Self; 8] = [
        Self::Ok,
        Self::NotSent,
        Self::Wait,
        Self::RefusedRow,
        Self::RefusedRun,
        Self::Unknown,
        Self::BadText,
        Self::Interrupted,
    ];

    /// The word for it in the database and in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NotSent => "not_sent",
            Self::Wait => "wait",
            Self::RefusedRow => "refused_row",
            Self::RefusedRun => "refused_run",
            Self::Unknown => "unknown",
            Self::BadText => "bad_text",
            Self::Interrupted => "interrupted",
        }
    }

    /// Whether this ending uses up one of the character's tries: it cost or may have cost something, and the fault may lie
    /// with the character. An interruption is ours.
    #[must_use]
    pub fn costs_a_try(self) -> bool {
        matches!(self, Self::Unknown | Self::BadText | Self::RefusedRow)
    }

    /// Whether nobody can say if the request was charged.
    #[must_use]
    pub fn maybe_charged(self) -> bool {
        matches!(self, Self::Unknown | Self::Interrupted)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What the same request would bring if it were sent again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Prospect {
    /// It may succeed.
    #[default]
    Open,
    /// It would end in the same way, and may be charged again.
    None,
    /// It would be refused again; in another form, which is used from now on, it may succeed.
    OtherForm,
}

/// What to do about failures of a class with the message `error`, with the commands, as they are typed, that make failed characters
/// pending again and that go on.
#[must_use]
pub fn advice(error_kind: &str, error: &str, retry: &str, resume: &str) -> String {
    if error.contains("reached its token limit") {
        return format!(
            "the token limit is too low for a story: raise it in the service, or with `--set max_tokens=N`; then `{retry} --cause bad_text`"
        );
    }
    if error_kind == Outcome::RefusedRow.word() {
        "these rows were rejected: change them in the sheet, then `backstory run SHEET`".to_owned()
    } else if error_kind == Outcome::BadText.word() {
        format!(
            "complete answers without a usable story: change the rows in the sheet, or `{retry} --cause bad_text`"
        )
    } else {
        format!("may be temporary: `{retry} --cause {error_kind}`, then `{resume}`")
    }
}

/// What a service says that it has read and written, in its own tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tokens {
    /// Of what was sent.
    pub read: u64,
    /// Of the answer, thoughts that are not shown included.
    pub written: u64,
}

/// As much of an attempt's text, in bytes, as is kept when it did not become a story.
pub const PARTIAL_BYTES_MAX: usize = 64 << 10;

/// All that is known of an attempt when it has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// The class.
    pub outcome: Outcome,
    /// The status of the answer, where there was one.
    pub http_status: Option<u16>,
    /// What went wrong, in words for people; absent when it is [`Outcome::Ok`].
    pub error: Option<String>,
    /// The story, or the begin of what had arrived of it.
    pub text: Arc<str>,
    /// Thoughts of the model that came in the text and were cut off from the story; only with [`Outcome::Ok`].
    pub thoughts: Arc<str>,
    /// Whether sending the same request again makes sense.
    pub prospect: Prospect,
    /// What the transport noted on the way.
    pub flags: Flags,
    /// From sending to the first text.
    pub first_text: Option<Duration>,
    /// Bytes of text received.
    pub bytes: u64,
    /// What the service says that it has read and written, where it says so.
    pub tokens: Option<Tokens>,
    /// How long the service asked us to wait; only with [`Outcome::Wait`].
    pub retry_after: Option<Duration>,
}

impl Ending {
    /// An ending without any text, as when the request was refused.
    #[must_use]
    pub fn without_text(outcome: Outcome, error: String) -> Self {
        Self {
            outcome,
            http_status: None,
            error: Some(error),
            text: Arc::default(),
            thoughts: Arc::default(),
            prospect: Prospect::default(),
            flags: Flags::default(),
            first_text: None,
            bytes: 0,
            tokens: None,
            retry_after: None,
        }
    }
}
