//! The recipe, which decides what a story is made from: provider, model, description, prompt, and extra fields of the
//! request.
//!
//! Pace, concurrency, time limits, tries and the endpoint's address are deliberately no part of it: a change of these never
//! makes a finished story count as made in another way.

use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// The kind of service that writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProviderName {
    /// The Convai Backstory API, or a service that speaks its protocol.
    Convai,
    /// Any endpoint that speaks the chat completions of the `OpenAI` API.
    Openai,
    /// The built-in writer.
    Demo,
}

impl ProviderName {
    /// Its name in the database, in switches and in messages.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Convai => "convai",
            Self::Openai => "openai",
            Self::Demo => "demo",
        }
    }
}

impl fmt::Display for ProviderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A word that is not the name of a provider.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected `convai`, `openai` or `demo`")]
pub struct NotAProvider;

impl FromStr for ProviderName {
    type Err = NotAProvider;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [Self::Convai, Self::Openai, Self::Demo]
            .into_iter()
            .find(|name| name.word() == word)
            .ok_or(NotAProvider)
    }
}

/// How the description of a row is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Describe {
    /// It is the cell of this column.
    Column(String),
    /// It is rendered from this template over the columns.
    Template(String),
}

impl Describe {
    /// The name of the kind in the database.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Column(_) => "column",
            Self::Template(_) => "template",
        }
    }

    /// The column's name or the template's text.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Column(text) | Self::Template(text) => text,
        }
    }
}

/// What decides the text of a story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// The provider.
    pub provider: ProviderName,
    /// The provider's model, if it has several.
    pub model: Option<String>,
    /// How the description is made.
    pub describe: Describe,
    /// The prompt that is sent beside the description, if the provider takes one.
    pub prompt: Option<String>,
    /// Extra fields of each request, as a JSON object with sorted keys; `None` if there are none.
    pub fields: Option<String>,
}

impl Recipe {
    /// The digest that identifies equal recipes in a database.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 16] {
        let mut digest = Sha256::new();
        for part in [
            Some(self.provider.word()),
            self.model.as_deref(),
            Some(self.describe.word()),
            // A cell is sent as it is, whatever the name of its column.
            match &self.describe {
                Describe::Column(_) => None,
                Describe::Template(text) => Some(text),
            },
            self.prompt.as_deref(),
        ] {
            // An absent part differs from an empty one; neither byte occurs in UTF-8.
            digest.update(part.map_or([0xFE], |_| [0xFF]));
            digest.update(part.unwrap_or_default().as_bytes());
        }
        // Without fields nothing is added, so recipes from before there were fields keep their digests.
        if let Some(fields) = &self.fields {
            digest.update([0xFD]);
            digest.update(fields.as_bytes());
        }
        let full = digest.finalize();
        let mut short = [0; 16];
        short.copy_from_slice(&full[..16]);
        short
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_further_field_is_another_recipe_and_none_changes_nothing() {
        let recipe = |fields: Option<&str>| Recipe {
            provider: ProviderName::Openai,
            model: Some("m".to_owned()),
            describe: Describe::Column("description".to_owned()),
            prompt: Some("p".to_owned()),
            fields: fields.map(str::to_owned),
        };
        let fingerprint = |fields| recipe(fields).fingerprint();
        let warm = fingerprint(Some(r#"{"temperature":0.9}"#));
        assert_ne!(fingerprint(None), warm);
        assert_ne!(fingerprint(Some(r#"{"temperature":1}"#)), warm);
        // As a release without fields computed it.
        let digest: String = fingerprint(None)
            .iter()
            .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        assert_eq!(digest, "fd11c2584e979c17c1d4649e16cf14ff");
    }
}
