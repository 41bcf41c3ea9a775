//! A sheet as it is imported: its columns, its recipe, and what was decided about finished characters.

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
