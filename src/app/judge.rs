//! What was asked of a story, and the flags that follow from its words.
//!
//! The prompt is judged as it was given, with the names of columns in it. What an earlier recipe asked for is not known.

use super::memory::Memory;
use super::prompt::PromptText;
use crate::domain::flag::Flags;
use crate::domain::prompt::Wishes;
use crate::review::{Asked, flags};
use crate::runner::Judge;
use std::sync::Arc;

/// What the prompt of a cast asks of each story.
#[derive(Debug, Clone, Default)]
pub(crate) struct CastPrompt {
    text: Option<String>,
    wishes: Option<Wishes>,
}

impl CastPrompt {
    /// What this prompt asks.
    pub(super) fn new(prompt: Option<PromptText>) -> Self {
        match prompt {
            Some(PromptText { text, wishes }) => Self {
                text: Some(text),
                wishes,
            },
            None => Self::default(),
        }
    }

    /// What the prompt asks that the cast remembers.
    pub(super) fn of(memory: &Memory) -> Self {
        Self::new(memory.prompt())
    }

    /// What is asked of the story of one character.
    pub(super) fn asked<'a>(&'a self, name: &'a str, description: &'a str) -> Asked<'a> {
        let wishes = self.wishes.as_ref();
        Asked {
            name,
            description,
            prompt: self.text.as_deref(),
            person: wishes.map(|wishes| wishes.person),
            language: wishes.and_then(|wishes| wishes.language.as_ref()),
        }
    }

    /// Judges the stories of a run.
    pub(super) fn judge(self) -> Judge {
        Arc::new(move |name, description, text| flags(&self.asked(name, description), text))
    }
}

/// What is known of a story that no provider wrote: it may repeat its description, and nothing was asked of it.
pub(super) fn by_hand(name: &str) -> Asked<'_> {
    Asked {
        name,
        ..Asked::default()
    }
}

/// The flags of a story that no provider wrote.
pub(super) fn flags_by_hand(name: &str, text: &str) -> Flags {
    flags(&by_hand(name), text)
}
