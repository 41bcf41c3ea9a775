//! The roles of columns.
//!
//! Which column of a sheet has the role is not decided here.

use super::shown::shown;

/// The role of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The character's name.
    Name,
    /// The description of the character.
    Description,
    /// The row key, which identifies the character; a sheet may have none.
    Key,
    /// An existing story; only if requested.
    Have,
}

impl Role {
    /// The role in a message.
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
