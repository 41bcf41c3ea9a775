//! The cells of a row as a template sees them.
//!
//! Only the columns that the template names are there, each under the name it uses. Whether that name was clear was decided
//! before.

use std::collections::BTreeSet;
use std::sync::Arc;

use minijinja::value::{Object, Value};

use super::subscripts::COLUMNS;

/// What the names in a template stand for in one sheet.
#[derive(Debug)]
pub(super) struct Binding {
    /// Variables, and the place of their column among those that are read.
    variables: Vec<(String, usize)>,
    /// Names in `columns["…"]`, likewise.
    subscripts: Vec<(String, usize)>,
    columns: Vec<usize>,
}

impl Binding {
    /// Binds names to columns, which are given by their position in the sheet.
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

    /// The columns that the template reads, by position, in the order of the sheet.
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

/// `columns["…"]`.
#[derive(Debug)]
struct ByHeader(Arc<Cells>);

impl Object for ByHeader {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.0.cell(&self.0.binding.subscripts, key.as_str()?)
    }
}
