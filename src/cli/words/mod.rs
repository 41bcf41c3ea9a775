//! How things are put for a person: errors with their hints, notes, the summary of a run, tables, commands to type.
//!
//! Nothing here decides or prints anything.

pub(in crate::cli) mod command_line;
pub(in crate::cli) mod failure;
pub(in crate::cli) mod sheet_notes;
pub(in crate::cli) mod summary;
pub(in crate::cli) mod table;

use crate::domain::shown::shown;

/// `1 request`, `2 requests`.
pub(in crate::cli) fn plural(many: u64, what: &str) -> String {
    match many {
        1 => format!("1 {what}"),
        _ => format!("{many} {what}s"),
    }
}

/// Names in a sentence: `` `a`, `b` and `c` ``.
pub(in crate::cli) fn listed(names: &[String]) -> String {
    let mut quoted: Vec<String> = names
        .iter()
        .map(|name| format!("`{}`", shown(name)))
        .collect();
    match (quoted.pop(), quoted.is_empty()) {
        (Some(last), false) => format!("{} and {last}", quoted.join(", ")),
        (last, _) => last.unwrap_or_default(),
    }
}
