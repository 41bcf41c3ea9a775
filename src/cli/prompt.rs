//! What a model is told beside the character: from what was typed and what is remembered to one text.
//!
//! The text is part of the recipe. So a remembered one is used as it was, even when a newer program would word the built-in
//! prompt otherwise: nobody is asked to pay again for that.

use crate::cli::args::PromptArgs;
use crate::cli::memory::Memory;
use crate::cli::prepare::text_or_file;
use crate::domain::prompt::Wishes;
use crate::domain::recipe::ProviderName;
use crate::exit::Failure;
use crate::provider::{Prompting, Request};
use crate::sheet::{Prompt, SheetError, Source};
use serde_json::{Map, Value};
use std::num::NonZeroU32;

/// A prompt, and how it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Told {
    /// Its text, as the recipe has it: columns are named in it, not yet put into it.
    pub(in crate::cli) text: String,
    /// What was wished of the built-in one; `None` when it is somebody's own.
    pub(in crate::cli) wishes: Option<Wishes>,
}

impl Told {
    /// Resolves the prompt for `provider`: typed, else remembered, else built in; none where the provider takes none.
    pub(in crate::cli) fn resolve(
        provider: ProviderName,
        typed: &PromptArgs,
        memory: &Memory,
    ) -> Result<Option<Self>, Failure> {
        if provider != ProviderName::Openai {
            if *typed == PromptArgs::default() {
                return Ok(None);
            }
            let words = format!("`{provider}` takes no prompt");
            let hint = "leave out the switches of the prompt, or choose `--provider openai`";
            return Err(Failure::usage(words, hint));
        }
        if let Some(text) = text_or_file("prompt", typed.prompt.as_deref())? {
            if text.trim().is_empty() {
                let hint = "write what the model should do, or leave out `--prompt`";
                return Err(Failure::usage("the prompt is empty", hint));
            }
            let wishes = None;
            return Ok(Some(Self { text, wishes }));
        }
        let remembered = memory.told().filter(|_| memory.is_of(provider));
        Ok(Some(match remembered {
            Some(told) if *typed == PromptArgs::default() => told,
            remembered => {
                let before = remembered.as_ref().and_then(|told| told.wishes.clone());
                let wishes = wishes(typed, before.clone().unwrap_or_default());
                match remembered {
                    Some(told) if before.as_ref() == Some(&wishes) => told,
                    _ => Self::built_in(wishes),
                }
            }
        }))
    }

    /// About how many words were asked for, where that is known.
    pub(in crate::cli) fn words(&self) -> Option<NonZeroU32> {
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

/// What is typed, else what was wished `before`.
fn wishes(typed: &PromptArgs, before: Wishes) -> Wishes {
    Wishes {
        person: typed.person.unwrap_or(before.person),
        words: typed.length.unwrap_or(before.words),
        language: typed.language.clone().or(before.language),
    }
}

/// What makes the prompt for each request.
pub(in crate::cli) fn prompting(prompt: Prompt) -> Prompting {
    Box::new(move |request: &Request| {
        let cells: Map<String, Value> = match &request.columns {
            Some(columns) => serde_json::from_str(columns).map_err(|err| err.to_string())?,
            None => Map::new(),
        };
        prompt.fill(|column| {
            cells
                .get(column)
                .and_then(Value::as_str)
                .unwrap_or_default()
        })
    })
}

/// A prompt for one character whose cells are known, as a JSON object.
pub(in crate::cli) fn over(text: &str, cells: Option<&str>) -> Result<Prompt, SheetError> {
    let cells: Map<String, Value> = cells
        .and_then(|cells| serde_json::from_str(cells).ok())
        .unwrap_or_default();
    let columns: Vec<String> = cells.keys().cloned().collect();
    Prompt::bind(text, &columns, &Source::File("the character".into()))
}
