//! A prompt that is filled in long after its sheet was closed, from the cells in the database.
//!
//! When the sheet was read, it was checked that its columns exist and that the prompt can be made for every row.

use super::binding::Binding;
use super::template::Template;
use super::template_kind::TemplateKind;
use super::{SheetError, Source};
use std::sync::Arc;

/// A prompt whose columns are known.
pub(crate) struct Prompt {
    template: Template,
    binding: Arc<Binding>,
    /// The columns in it, in the order of the sheet.
    named: Vec<String>,
}

impl Prompt {
    /// Parses `text` over `columns`; `source` is their name in messages.
    ///
    /// # Errors
    ///
    /// [`SheetError`] if it is not well-formed or uses a column that does not exist.
    pub(crate) fn bind(
        text: &str,
        columns: &[String],
        source: &Source,
    ) -> Result<Self, SheetError> {
        let template = Template::compile(TemplateKind::Prompt, text)?;
        let binding = template.bind(columns, columns.len(), source)?;
        let named = binding.columns().iter().map(|&at| columns[at].clone());
        Ok(Self {
            named: named.collect(),
            template,
            binding,
        })
    }

    /// The columns in it; none if it is the same for all rows.
    #[must_use]
    pub(crate) fn columns(&self) -> &[String] {
        &self.named
    }

    /// The prompt for a row whose cell of a column is given by `cell`.
    ///
    /// # Errors
    ///
    /// The reason, in words, if it cannot be made from these cells.
    pub(crate) fn fill<'c>(&self, cell: impl Fn(&str) -> &'c str) -> Result<String, String> {
        let cells = self.named.iter().map(|column| cell(column));
        self.template
            .render(&self.binding, cells)
            .map_err(|problem| problem.to_string())
    }
}
