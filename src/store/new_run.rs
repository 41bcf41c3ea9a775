//! What the store needs to know to start a run.

use crate::domain::character::{CastId, CharacterId};
use crate::domain::money::BudgetChange;
use crate::domain::recipe::Recipe;
use std::time::Duration;

/// What the store needs to know to start a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRun {
    /// The cast that the run works on.
    pub cast: CastId,
    /// The recipe of its takes.
    pub recipe: Recipe,
    /// The address that its requests go to.
    pub endpoint: String,
    /// The SHA-256 digest of the API key that they are sent with, where there is one. Runs with the same endpoint and key share
    /// their limits.
    pub key_digest: Option<[u8; 32]>,
    /// Which further characters become pending before the run starts.
    pub reopen: Reopen,
    /// The most characters that the run will try. No more than this many are made pending.
    pub characters_max: Option<u64>,
    /// If given, only these characters.
    pub only: Option<Vec<CharacterId>>,
    /// Whether the prompt names columns. Then its requests need the values of these columns.
    pub needs_columns: bool,
    /// How long the run waits for a database that is away.
    pub patience: Duration,
    /// The settings of this run that the cast remembers, as a JSON object.
    pub memory: String,
    /// What becomes of the budget of the cast, before the run starts.
    pub budget: BudgetChange,
}

/// Which further characters become pending when a run starts. Each of them gets its full number of tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reopen {
    /// None: only the characters that are pending already.
    None,
    /// The failed ones.
    Failed,
    /// The failed and the finished ones. A finished character gets one more take.
    All,
}

impl Reopen {
    /// `Failed` if failed characters are to be tried again, else `None`.
    #[must_use]
    pub fn failed_if(retry: bool) -> Self {
        if retry { Self::Failed } else { Self::None }
    }
}
