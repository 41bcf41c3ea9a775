//! Which row of a sheet is which character: the passes in which rows and characters are paired, best evidence first.
//!
//! Each pass looks only at rows and characters that no earlier pass paired, and pairs each at most once. So a sheet that was
//! sorted, or has rows inserted or removed, keeps its characters and their stories. How a pass finds its pairs is left to the
//! store.

/// What makes a row and a character a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// The key is the same.
    Key,
    /// The content and all cells are the same. Among equal ones the first row gets the first character: those of the sheet
    /// before those that are gone, each in the sheet's order.
    ContentAndCells,
    /// The content is the same; in the same order.
    Content,
    /// All cells are the same, in the same order: where the description is made in another way than before, nothing else tells
    /// two rows of one name apart.
    Cells,
    /// The name is the same but for white space around it, and stands once among the unpaired rows and once among the unpaired
    /// characters of this kind.
    Name(Presence),
}

/// Whether a character still has a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It was in the sheet before this one.
    InSheet,
    /// It left with an earlier sheet.
    Gone,
}

/// The passes in their order. `keyed` says that the sheet and its cast have the same key column: then the key alone decides.
/// Where a key column appears or changes, the content decides once.
#[must_use]
pub fn passes(keyed: bool) -> &'static [Pass] {
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
    fn a_key_is_never_overruled() {
        assert_eq!(passes(true), [Pass::Key]);
    }

    #[test]
    fn without_keys_better_evidence_comes_first_and_characters_of_the_sheet_before_gone_ones() {
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
