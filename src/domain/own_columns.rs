//! The three columns that an export adds to a sheet: `backstory`, `status`, `error`.
//!
//! A column of the user is never replaced: if the sheet has a column with such a name, ours gets a number, `backstory (2)`. So
//! our columns can be recognised when an export is imported as a sheet.

use std::ops::Range;

/// Their names, if the sheet has no columns with these names.
pub(crate) const OWN: [&str; 3] = ["backstory", "status", "error"];

/// The words that an export writes in the column `status`.
const STATES: [&str; 4] = ["pending", "running", "done", "failed"];

/// The names of our columns for a sheet with these `columns`.
#[must_use]
pub(crate) fn beside(columns: &[String]) -> [String; 3] {
    OWN.map(|name| unused(name, columns))
}

/// The first of `name`, `name (2)`, `name (3)` … that is not in `taken`.
#[must_use]
pub(crate) fn unused(name: &str, taken: &[String]) -> String {
    let is_free = |name: &String| !taken.contains(name);
    let numbered = (2_u64..).map(|number| format!("{name} ({number})"));
    std::iter::once(name.to_owned())
        .chain(numbered)
        .find(is_free)
        .unwrap_or_else(|| name.to_owned())
}

/// The position of our columns from an earlier export in `headers`, if they are there: all three, or the first two if the user
/// has deleted the last. `is_state` says whether the cells of a column are words that an export writes in `status`.
#[must_use]
pub(crate) fn position(
    headers: &[String],
    is_state: impl Fn(usize) -> bool,
) -> Option<Range<usize>> {
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

/// Whether an export can write this cell in the column `status`. An empty cell is accepted, too.
#[must_use]
pub(crate) fn is_state(cell: &str) -> bool {
    cell.trim().is_empty() || STATES.contains(&cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn a_column_of_the_user_keeps_its_name() {
        assert_eq!(beside(&owned(&["name", "Status"])), OWN);
        let taken = owned(&["name", "status", "backstory", "backstory (2)"]);
        assert_eq!(beside(&taken), ["backstory (3)", "status (2)", "error"]);
    }

    #[test]
    fn an_export_is_recognised_by_its_three_columns() {
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
            "other words in `status`"
        );
    }
}
