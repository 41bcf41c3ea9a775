//! The wording of the error that a name, a row key or a row does not match exactly one character.

use crate::app::NotFound;
use crate::domain::record::Record;
use crate::domain::shown::{shown, shown_start};
use crate::exit::Failure;
use std::collections::BTreeSet;

/// The failure for the error.
pub(in crate::cli) fn in_words(not_found: &NotFound) -> Failure {
    match &not_found.found[..] {
        [] => none(&not_found.asked),
        found => ambiguous(&not_found.asked, found),
    }
}

fn none(asked: &str) -> Failure {
    Failure::usage(
        format!("there is no character `{}`", shown(asked)),
        "`backstory list` shows all names; `--gone` adds those no longer in the sheet; `#7` means row 7",
    )
}

fn ambiguous(asked: &str, found: &[Record]) -> Failure {
    let (mut rows, mut keyed) = (BTreeSet::new(), true);
    let mut lines = Vec::new();
    for record in found {
        rows.insert(record.row);
        keyed &= record.key.is_some();
        let key = record
            .key
            .as_ref()
            .map(|key| format!("key `{}`", shown(key)));
        let gone = record.gone.then(|| "gone".to_owned());
        let marks: Vec<String> = key.into_iter().chain(gone).collect();
        let marks = if marks.is_empty() {
            String::new()
        } else {
            format!(" ({})", marks.join(", "))
        };
        lines.push(format!(
            "  #{}  {}{marks}: {}",
            record.row,
            shown(&record.name),
            shown_start(&record.description, 50)
        ));
    }
    let words = format!(
        "`{}` matches several characters:\n{}",
        shown(asked),
        lines.join("\n")
    );
    // A gone character can have the same row as another one, and a name can look like a row.
    let by_row = rows.len() == lines.len() && !asked.starts_with('#');
    let hint = match (by_row, keyed, rows.first()) {
        (true, true, Some(row)) => {
            format!("choose one by its row, such as `#{row}`, or its row key")
        }
        (true, false, Some(row)) => format!("choose one by its row, such as `#{row}`"),
        (_, true, _) => "choose one by its row key".to_owned(),
        _ => "these cannot be told apart here; give one another name in the sheet".to_owned(),
    };
    Failure::usage(words, hint)
}
