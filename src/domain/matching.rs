//! The passes that pair the rows of a sheet with the characters of its cast, best evidence first.
//!
//! Each pass looks only at rows and characters that no earlier pass has paired, and pairs each at most once. So characters
//! keep their stories when a sheet is sorted, or when rows are inserted or removed. The store decides how to find the pairs of
//! a pass.

/// A pass: what a row and a character must have in common to be a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pass {
    /// The key is the same.
    Key,
    /// The content and all cells are the same. Among equal ones, the first row gets the first character. Characters in the
    /// sheet come before gone ones, each in the order of the sheet.
    ContentAndCells,
    /// The content is the same; equal ones are paired in the same order.
    Content,
    /// All cells are the same; equal ones are paired in the same order. When the description is made in a new way, only the
    /// cells distinguish two rows of the same name.
    Cells,
    /// The trimmed name is the same, and occurs once among the unpaired rows and once among the unpaired characters of this
    /// kind.
    Name(Presence),
}

/// Whether a character still has a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// It was in the previous sheet.
    InSheet,
    /// It was already gone.
    Gone,
}

/// The passes in their order. If `keyed`, the sheet and its cast have the same key column, and only the key decides. With a new
/// or another key column, this one import is matched by content.
#[must_use]
pub(crate) fn passes(keyed: bool) -> &'static [Pass] {
    if keyed {
        &[Pass::Key]
    } else {
        &[
            Pass::ContentAndCells,
            Pass::Content,
            Pass::Cells,
            Pass::Name(Presence::InSheet),
            Pass::Name(Presence::Gone),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_keys_only_the_key_decides() {
        assert_eq!(passes(true), [Pass::Key]);
    }

    #[test]
    fn without_keys_better_evidence_comes_first_and_gone_characters_come_last() {
        let place = |pass| passes(false).iter().position(|other| *other == pass);
        let order = [
            Pass::ContentAndCells,
            Pass::Content,
            Pass::Cells,
            Pass::Name(Presence::InSheet),
            Pass::Name(Presence::Gone),
        ];
        assert!(order.into_iter().map(place).eq((0..5).map(Some)));
        assert_eq!(place(Pass::Key), None);
    }
}
