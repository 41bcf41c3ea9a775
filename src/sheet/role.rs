//! What a column is needed for, and the switch that names it.
//!
//! Which column it is in one sheet is not decided here.

use super::shown::shown;

/// What a column is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The character's name.
    Name,
    /// What is sent to describe the character.
    Description,
    /// What tells the characters apart; a sheet may do without.
    Key,
    /// A story that exists already; only when asked for.
    Have,
}

impl Role {
    /// The switch that names the column.
    #[must_use]
    pub fn switch(self) -> &'static str {
        match self {
            Self::Name => "--name-column",
            Self::Description => "--description-column",
            Self::Key => "--key-column",
            Self::Have => "--have",
        }
    }

    /// Which column is meant, for a message.
    pub(super) fn wanted(self, named: Option<&str>) -> String {
        match (named, self) {
            (Some(named), _) => format!("`{}`", shown(named)),
            (None, Self::Name) => "for the name".to_owned(),
            (None, Self::Description) => "for the description".to_owned(),
            (None, Self::Key) => "for the row key".to_owned(),
            (None, Self::Have) => "for the stories".to_owned(),
        }
    }
}
