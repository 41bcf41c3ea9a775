//! The three columns that an export adds to a sheet: `backstory`, `status`, `error`.
//!
//! A column of the writer is never replaced: where one has such a name already, ours is numbered, `backstory (2)`. So an export
//! that is read again tells which columns are ours and which are not.

use std::ops::Range;

/// Their names, where the writer has none of them.
pub const OWN: [&str; 3] = ["backstory", "status", "error"];

/// The words that an export writes under `status`.
const STATES: [&str; 4] = ["pending", "running", "done", "failed"];

/// The names of ours beside the writer's `columns`.
#[must_use]
pub fn beside(columns: &[String]) -> [String; 3] {
    OWN.map(|name| unused(name, columns))
}

/// `name`, or `name (2)`, `name (3)` …, whichever is not among `taken`.
#[must_use]
pub fn unused(name: &str, taken: &[String]) -> String {
    let is_free = |name: &String| !taken.contains(name);
    let numbered = (2_u64..).map(|number| format!("{name} ({number})"));
    std::iter::once(name.to_owned())
        .chain(numbered)
        .find(is_free)
        .unwrap_or_else(|| name.to_owned())
}

/// Where those of an earlier export stand among `headers`, if they do: all three, or the first two where the writer has deleted
/// the last. `is_state` tells whether the cells of a column are words that an export writes under `status`.
#[must_use]
pub fn position(headers: &[String], is_state: impl Fn(usize) -> bool) -> Option<Range<usize>> {
    let are_ours = |start: usize, many: usize| {
        let found = headers.get(start..start + many)?;
        let looks_like_ours = found
            .iter()
            .zip(OWN)
            .all(|(header, own)| header.starts_with(own));
        let others = [&headers[..start], &headers[start + many..]].concat();
        (looks_like_ours && is_state(start + 1) && beside(&others)[..many] == *found)
            .then_some(start..start + many)
    };
    let starts = 0..headers.len().saturating_sub(1);
    starts
        .rev()
        .find_map(|start| are_ours(start, 3).or_else(|| are_ours(start, 2)))
}

/// Whether an export writes this word under `status`; nothing is as good as a word.
#[must_use]
pub fn is_state(cell: &str) -> bool {
    cell.trim().is_empty() || STATES.contains(&cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn a_column_of_the_writer_keeps_its_name() {
        assert_eq!(beside(&owned(&["name", "Status"])), OWN);
        let taken = owned(&["name", "status", "backstory", "backstory (2)"]);
        assert_eq!(beside(&taken), ["backstory (3)", "status (2)", "error"]);
    }

    #[test]
    fn an_export_is_known_by_its_three_columns() {
        for (headers, expected) in [
            (
                &["name", "bio", "backstory", "status", "error"][..],
                Some(2..5),
            ),
            (
                &["name", "status", "backstory", "status (2)", "error"],
                Some(2..5),
            ),
            (
                &["name", "backstory", "status", "error", "my notes"],
                Some(1..4),
            ),
            (&["name", "backstory", "status"], Some(1..3)),
            (&["name", "status", "backstory", "error"], None),
            (&["name", "status", "backstory", "status", "error"], None),
            (&["backstory"], None),
        ] {
            assert_eq!(position(&owned(headers), |_| true), expected, "{headers:?}");
        }
        let headers = owned(&["name", "backstory", "status", "error"]);
        assert_eq!(
            position(&headers, |at| at != 2),
            None,
            "the writer's own words"
        );
    }
}
