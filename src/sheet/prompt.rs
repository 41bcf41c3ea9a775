//! A prompt on its way to a model, long after its sheet was closed: filled from the cells that the database keeps.
//!
//! That its columns exist and that it can be made of every row was found out when the sheet was read.

use super::binding::Binding;
use super::template::{Template, What};
use super::{SheetError, Source};
use std::sync::Arc;

/// A prompt whose columns are known.
pub struct Prompt {
    template: Template,
    binding: Arc<Binding>,
    /// The columns it names, in the order of the sheet.
    named: Vec<String>,
}

impl Prompt {
    /// Understands `text` over `columns`; `source` is what messages call the place where these are.
    ///
    /// # Errors
    ///
    /// [`SheetError`] when it is not well-formed or names a column that is not there.
    pub fn bind(text: &str, columns: &[String], source: &Source) -> Result<Self, SheetError> {
        let template = Template::compile(What::Prompt, text)?;
        let binding = template.bind(columns, columns.len(), source)?;
        let named = binding.columns().iter().map(|&at| columns[at].clone());
        Ok(Self {
            named: named.collect(),
            template,
            binding,
        })
    }

    /// The columns it names; none when it is the same for everybody.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.named
    }

    /// The prompt for a row whose cell of a column is given by `cell`.
    ///
    /// # Errors
    ///
    /// What is wrong, in words, when it cannot be made of these cells.
    pub fn fill<'c>(&self, cell: impl Fn(&str) -> &'c str) -> Result<String, String> {
        let cells = self.named.iter().map(|column| cell(column));
        self.template
            .render(&self.binding, cells)
            .map_err(|problem| problem.to_string())
    }
}
