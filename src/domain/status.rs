//! The state of a character, as lists and filters have it.

use serde::{Serialize, Serializer};
use std::fmt;

/// The state of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It waits for its story, perhaps for a retry.
    Pending,
    /// A live run holds it.
    Running,
    /// It has its story.
    Done,
    /// It failed.
    Failed,
}

impl Status {
    /// All states, in the order in which they are listed.
    pub const ALL: [Self; 4] = [Self::Done, Self::Running, Self::Pending, Self::Failed];

    /// Its name in the database, in output and in filters.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    /// The state with this name.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}
