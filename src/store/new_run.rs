//! What a run begins with.

use crate::domain::character::{CastId, CharacterId};
use crate::domain::recipe::Recipe;

/// What a run begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRun {
    /// Which cast.
    pub cast: CastId,
    /// The recipe of its takes.
    pub recipe: Recipe,
    /// The address that is called.
    pub endpoint: String,
    /// Who becomes pending first.
    pub reopen: Reopen,
    /// At most so many characters will be taken up; no more become pending.
    pub take_up_max: Option<u64>,
    /// These characters only, where given.
    pub only: Option<Vec<CharacterId>>,
    /// Whether its prompt names columns, so that its requests need them.
    pub tells_columns: bool,
    /// What the cast is to remember of this run, as a JSON object.
    pub memory: String,
}

/// Who becomes pending when a run begins, with all tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reopen {
    /// Nobody else than those who are.
    Nobody,
    /// Those that failed.
    Failed,
    /// Those that have their story, too: they get one more take.
    Everybody,
}

impl Reopen {
    /// Those that failed, if they are to be tried again.
    #[must_use]
    pub fn failed_if(retry: bool) -> Self {
        if retry { Self::Failed } else { Self::Nobody }
    }
}
