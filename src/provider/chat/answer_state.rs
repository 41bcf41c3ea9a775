//! The state of an answer so far, and the pieces that follow from each part of it.
//!
//! It collects all that the verdict at the end needs. It parses nothing itself, and of the text it keeps only what may still
//! turn out to be a thought.

use super::chunk::Part;
use super::halves::Joiner;
use super::thoughts::{Kind, Splitter};
use super::whole::{End, Evidence, Reason, Thoughts, verdict};
use crate::domain::flag::{Flag, Flags};
use crate::domain::outcome::{PARTIAL_BYTES_MAX, Tokens};
use crate::provider::{Piece, ProviderError};
use std::collections::VecDeque;

/// Pieces to pass on, in order.
type Ready = VecDeque<Result<Piece, ProviderError>>;

/// The state of an answer so far.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts about one answer"
)]
pub(super) struct AnswerState {
    /// Something with the form of an answer arrived.
    pub(super) is_answer: bool,
    /// The beginning of the reasoning beside the text.
    pub(super) reasoning: String,
    /// The finish reason of the service.
    pub(super) reason: Option<String>,
    /// The service said that the answer is complete.
    pub(super) is_done: bool,
    pub(super) tokens: Option<Tokens>,
    /// There is text that is not a thought.
    pub(super) has_text: bool,
    /// Something unreadable came after text.
    is_doubtful: bool,
    /// The text of the deltas, to recognise a last event that repeats it.
    gathered: String,
    thoughts: Thoughts,
    refusal: String,
    splitter: Splitter,
    halves: Joiner,
}

impl AnswerState {
    /// Adds a part of the answer.
    pub(super) fn part(&mut self, part: Part, ready: &mut Ready) {
        self.is_answer |= part.is_answer;
        self.tokens = part.tokens.or(self.tokens);
        self.refusal.push_str(&part.refusal);
        if self.reasoning.len() < PARTIAL_BYTES_MAX {
            self.reasoning.push_str(&part.reasoning);
        }
        let is_said = |reason: &String| Reason::of(reason) != Reason::Absent;
        self.reason = match self.reason.take() {
            // A text that was cut does not become complete through a later reason.
            Some(reason) if Reason::of(&reason) != Reason::Finished => Some(reason),
            reason => part.reason.filter(is_said).or(reason),
        };
        let mut text = self.halves.join(part.text);
        if !part.is_message {
            self.gathered.push_str(&text);
        } else if !self.gathered.is_empty() && text.starts_with(&self.gathered) {
            text.drain(..self.gathered.len());
            self.gathered.push_str(&text);
        }
        let mut found = Vec::new();
        if !text.is_empty() {
            self.splitter.push(text, &mut found);
        }
        if found.is_empty() {
            // Something came that shows that the service is alive.
            ready.push_back(Ok(Piece::Text("".into())));
        }
        self.found(found, ready);
    }

    /// Something unreadable came. After text, a part of the story may be lost with it.
    pub(super) fn doubt(&mut self) {
        self.is_doubtful |= self.has_text;
    }

    /// Passes story and thoughts on.
    fn found(&mut self, found: Vec<Kind>, ready: &mut Ready) {
        for kind in found {
            let piece = match kind {
                Kind::Story(text) => {
                    self.has_text |= !text.trim().is_empty();
                    Piece::Text(text.into())
                }
                Kind::Thought(text) => {
                    self.thoughts = Thoughts::Closed;
                    Piece::Thought(text.into())
                }
                Kind::AllWasThought => {
                    self.has_text = false;
                    Piece::AllWasThought
                }
            };
            ready.push_back(Ok(piece));
        }
    }

    /// The answer has ended: text that was held back is passed on, and the answer is judged. `noted` has the flags of the
    /// stream.
    ///
    /// # Errors
    ///
    /// Why it is not a story.
    pub(super) fn end(
        &mut self,
        end: End,
        noted: Flags,
        ready: &mut Ready,
    ) -> Result<Flags, ProviderError> {
        let mut found = Vec::new();
        if let Some(half) = self.halves.alone() {
            self.splitter.push(half.to_string(), &mut found);
        }
        let is_open = self.splitter.finish(&mut found);
        self.found(found, ready);
        if is_open {
            self.thoughts = Thoughts::Open;
        } else if !self.reasoning.trim().is_empty() {
            self.thoughts = Thoughts::Closed;
        }
        let flags = verdict(Evidence {
            has_text: self.has_text,
            thoughts: self.thoughts,
            refusal: &self.refusal,
            reason: self.reason.as_deref(),
            is_done: self.is_done,
            is_doubtful: self.is_doubtful,
            end,
        })?;
        // The end of the protocol proves more than that of the connection.
        let is_unfinished = !self.is_done && noted.has(Flag::Unfinished);
        Ok(flags
            .with_if(
                Flag::BadUtf8,
                noted.has(Flag::BadUtf8) || self.halves.is_broken,
            )
            .with_if(Flag::IgnoredLines, noted.has(Flag::IgnoredLines))
            .with_if(Flag::Unfinished, is_unfinished))
    }
}
