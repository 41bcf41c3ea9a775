//! The cells of a row as a template sees them.
//!
//! Only the columns that the template uses are there, under the names in the template. Whether a name was unambiguous was
//! decided before.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

use minijinja::value::{Object, Value};
use minijinja::{Error, ErrorKind, State};

use super::subscripts::{COLUMNS, LINES};

/// The columns of one sheet that the names in a template mean.
#[derive(Debug)]
pub(super) struct Binding {
    /// Variables, with the index of their column among those that are read.
    variables: Vec<(String, usize)>,
    /// Names in `columns["…"]`, likewise.
    subscripts: Vec<(String, usize)>,
    columns: Vec<usize>,
}

impl Binding {
    /// Binds names to columns; a column is given by its position in the sheet.
    pub(super) fn new(
        mut variables: Vec<(String, usize)>,
        mut subscripts: Vec<(String, usize)>,
    ) -> Self {
        let columns: BTreeSet<usize> = variables
            .iter()
            .chain(&subscripts)
            .map(|(_, index)| *index)
            .collect();
        let columns: Vec<usize> = columns.into_iter().collect();
        for (_, index) in variables.iter_mut().chain(&mut subscripts) {
            *index = columns.binary_search(index).unwrap_or_default();
        }
        Self {
            variables,
            subscripts,
            columns,
        }
    }

    /// The columns that the template reads, as positions, in the order of the sheet.
    pub(super) fn columns(&self) -> &[usize] {
        &self.columns
    }
}

/// The cells of one row as the template sees them.
#[derive(Debug)]
pub(super) struct Cells {
    binding: Arc<Binding>,
    values: Vec<Value>,
}

impl Object for Cells {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        if key == COLUMNS {
            return Some(Value::from_object(ByHeader(Arc::clone(self))));
        }
        self.cell(&self.binding.variables, key)
    }
}

impl Cells {
    /// The cells of [`Binding::columns`], in that order.
    pub(super) fn of<'c>(binding: &Arc<Binding>, cells: impl Iterator<Item = &'c str>) -> Value {
        let values = cells.map(Value::from).collect();
        Value::from_object(Self {
            binding: Arc::clone(binding),
            values,
        })
    }

    fn cell(&self, names: &[(String, usize)], key: &str) -> Option<Value> {
        let (_, index) = names.iter().find(|(name, _)| name == key)?;
        self.values.get(*index).cloned()
    }
}

/// `columns["…"]` and `columns.lines("…", "…")`.
#[derive(Debug)]
struct ByHeader(Arc<Cells>);

impl Object for ByHeader {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.0.cell(&self.0.binding.subscripts, key.as_str()?)
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        names: &[Value],
    ) -> Result<Value, Error> {
        if method != LINES {
            return Err(Error::new(
                ErrorKind::UnknownMethod,
                "`columns` has only `lines`",
            ));
        }
        let mut lines = String::new();
        for name in names.iter().filter_map(Value::as_str) {
            let cell = self.0.cell(&self.0.binding.subscripts, name);
            let text = cell
                .as_ref()
                .and_then(Value::as_str)
                .unwrap_or_default()
                .trim();
            if !text.is_empty() {
                let line_end = if lines.is_empty() { "" } else { "\n" };
                // Writing to a string cannot fail.
                let _ = write!(lines, "{line_end}{name}: {text}");
            }
        }
        Ok(Value::from(lines))
    }
}
