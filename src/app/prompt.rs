//! The prompt of a model: from what was asked and what the cast remembers to the text that each request is made with.

use super::asked::PromptAsked;
use super::refused::Refused;
use super::text_file::text_or_file;
use crate::domain::prompt::Wishes;
use crate::domain::recipe::ProviderName;
use crate::provider::{Prompting, Request};
use crate::sheet::{Prompt, SheetError, Source};
use serde_json::{Map, Value};
use std::num::NonZeroU32;

/// A prompt, and how it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PromptText {
    /// Its text, as the recipe has it: it names columns, which are not put in yet.
    pub text: String,
    /// What was asked of the built-in prompt; `None` for a prompt of the user's own.
    pub wishes: Option<Wishes>,
}

impl PromptText {
    /// Resolves the prompt for `provider`: asked, else remembered, else built in; none where the provider takes none.
    pub(super) fn resolve(
        provider: ProviderName,
        asked: &PromptAsked,
        remembered: Option<Self>,
    ) -> Result<Option<Self>, Refused> {
        if provider != ProviderName::Openai {
            return if *asked == PromptAsked::default() {
                Ok(None)
            } else {
                Err(Refused::TakesNoPrompt(provider))
            };
        }
        if let Some(text) = text_or_file("prompt", asked.prompt.as_deref())? {
            if text.trim().is_empty() {
                return Err(Refused::EmptyPrompt);
            }
            let wishes = None;
            return Ok(Some(Self { text, wishes }));
        }
        Ok(Some(match remembered {
            Some(prompt) if *asked == PromptAsked::default() => prompt,
            remembered => {
                let before = remembered.as_ref().and_then(|prompt| prompt.wishes.clone());
                let wishes = wishes(asked, before.clone().unwrap_or_default());
                match remembered {
                    Some(prompt) if before.as_ref() == Some(&wishes) => prompt,
                    _ => Self::built_in(wishes),
                }
            }
        }))
    }

    /// About how many words were asked for, where that is known.
    pub(super) fn words(&self) -> Option<NonZeroU32> {
        self.wishes.as_ref().map(|wishes| wishes.words)
    }

    /// The built-in prompt with these wishes.
    fn built_in(wishes: Wishes) -> Self {
        Self {
            text: wishes.prompt(),
            wishes: Some(wishes),
        }
    }
}

/// What is asked, else what was asked `before`.
fn wishes(asked: &PromptAsked, before: Wishes) -> Wishes {
    Wishes {
        person: asked.person.unwrap_or(before.person),
        words: asked.length.unwrap_or(before.words),
        language: asked.language.clone().or(before.language),
    }
}

/// What makes the prompt of each request: the prompt over its columns, and behind it `avoid`, which is the same for all of them.
pub(super) fn prompting(prompt: Prompt, avoid: Option<String>) -> Prompting {
    let behind = avoid.map_or_else(String::new, |avoid| format!("\n\n{avoid}"));
    Box::new(move |request: &Request| {
        let cells: Map<String, Value> = match &request.columns {
            Some(columns) => serde_json::from_str(columns).map_err(|err| err.to_string())?,
            None => Map::new(),
        };
        let filled = prompt.fill(|column| {
            cells
                .get(column)
                .and_then(Value::as_str)
                .unwrap_or_default()
        });
        filled.map(|filled| filled + &behind)
    })
}

/// A prompt for one character whose cells are known, as a JSON object.
///
/// # Errors
///
/// [`SheetError`] for a prompt that names another column.
pub(super) fn over(text: &str, cells: Option<&str>) -> Result<Prompt, SheetError> {
    let cells: Map<String, Value> = cells
        .and_then(|cells| serde_json::from_str(cells).ok())
        .unwrap_or_default();
    let columns: Vec<String> = cells.keys().cloned().collect();
    Prompt::bind(text, &columns, &Source::File("the character".into()))
}
