//! What a review reads of a cast, and what it stores.

use crate::domain::character::{CharacterId, TakeNumber};
use crate::domain::flag::{Flags, TakeFlags};

/// A character of the sheet with its current take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryRecord {
    /// Its identity.
    pub id: CharacterId,
    /// Its row key, if the sheet has row keys.
    pub key: Option<String>,
    /// Its row in the sheet, from 1.
    pub row: i64,
    /// Its name.
    pub name: String,
    /// What is sent.
    pub description: String,
    /// Its cells by column, as a JSON object.
    pub columns: String,
    /// The number of its current take.
    pub take: TakeNumber,
    /// The text of that take.
    pub text: String,
    /// The provider that wrote it; `hand` for the user.
    pub provider: String,
    /// Its flags.
    pub flags: TakeFlags,
}

/// What a review found in a cast.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reviewed {
    /// The current takes whose flags are others than before.
    pub takes: Vec<ReviewedTake>,
    /// All pairs of stories that are alike, each pair once.
    pub alike: Vec<AlikePair>,
}

/// The flags of a take after a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReviewedTake {
    /// The character.
    pub id: CharacterId,
    /// The take. If the character has another one by now, the flags are stored with this one all the same.
    pub take: TakeNumber,
    /// See [`TakeFlags::own`].
    pub own: Flags,
    /// See [`TakeFlags::review`].
    pub review: Flags,
}

/// Two stories that share much of their wording.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlikePair {
    /// One story.
    pub one: (CharacterId, TakeNumber),
    /// The other story.
    pub other: (CharacterId, TakeNumber),
    /// Which part of the shorter story is in the other one, from 0 to 1.
    pub similarity: f64,
}

impl Reviewed {
    /// Whether there is nothing to store.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.takes.is_empty() && self.alike.is_empty()
    }
}
