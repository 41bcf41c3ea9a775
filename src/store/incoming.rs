//! What is imported or changed: a sheet with its decisions, and which failed characters are tried again.

use crate::domain::recipe::Recipe;
use crate::domain::verdict::Finished;

/// A sheet as it is imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The cast's name.
    pub cast: String,
    /// The sheet's columns, in order.
    pub columns: Vec<String>,
    /// The column that identifies its rows, if there is one.
    pub key_column: Option<String>,
    /// Whether its rows may bring stories of their own.
    pub have: bool,
    /// How its stories are made.
    pub recipe: Recipe,
    /// The positions of the columns, besides those of name and description, that the prompt names.
    pub prompt_columns: Vec<usize>,
    /// What happens to finished characters whose stories would be made otherwise now.
    pub finished: Finished,
}

/// Which failed characters are to be tried again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failed {
    /// Only those whose failure is of this class, or whose message has these words in it, in any case.
    pub cause: Option<String>,
    /// Only those with this in their name, in any case.
    pub name: Option<String>,
}
