//! The two kinds of templates.

use std::fmt;

/// The kind of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TemplateKind {
    /// The description of a row.
    Template,
    /// The prompt that is sent beside it.
    Prompt,
}

impl fmt::Display for TemplateKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Template => "template",
            Self::Prompt => "prompt",
        })
    }
}
