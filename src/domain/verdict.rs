//! The effect of an import on each character: whether it counts as edited, and the state and story that it has afterwards.
//!
//! If a take with the same name, description and recipe exists, no new one is paid for. Nothing here reads a sheet or a
//! database: the store collects the facts of each row, calls [`verdict`] once for each different case, and applies the result.

use super::status::Status;

/// What happens to finished characters whose cells are unchanged, but whose stories would now be made with another recipe, or
/// from a description of another column or template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finished {
    /// Characters with another recipe keep their stories. Those with another description count as edited.
    KeepUnlessEdited,
    /// They are written again.
    Redo,
    /// They stay.
    Keep,
}

/// The facts about a row, a character, or both, when a sheet is compared with its cast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// A row without a character.
    New {
        /// Whether the row contains a story.
        story: Story,
    },
    /// A row and its character.
    Matched(Matched),
    /// A character without a row.
    Unmatched {
        /// Its state.
        status: Status,
        /// Whether it was already gone.
        gone: bool,
    },
}

/// A row and its character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Matched {
    /// The state of the character. It is `Running` only while a live run has a request for it in flight.
    pub status: Status,
    /// Whether the character was gone: it had no row in the previous sheet.
    pub gone: bool,
    /// Whether the current take was picked.
    pub picked: bool,
    /// The content of the row, compared with that of the character.
    pub wording: Wording,
    /// Whether the row contains a story.
    pub story: Story,
    /// Whether the current take has a known recipe that differs from the sheet's. Only looked up for [`Finished::Redo`].
    pub other_recipe: bool,
    /// A take of the character that fits the row. Only looked up where one may be needed.
    pub own: Option<OwnTake>,
}

/// How the content of a row compares with that of its character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wording {
    /// It is the same.
    Same,
    /// It differs, and so does a cell.
    Edited,
    /// It differs, but the cells of all columns that both sheets have are the same. So the description comes from another
    /// column or template.
    SameCells,
}

/// A story in a cell of the row (`--have`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Story {
    /// The row contains none.
    None,
    /// A cell of the character contained the same story before.
    Known,
    /// No cell of the character contained it before.
    New,
}

/// A take of the character with the content and the recipe of the row. After an edit, a take written by hand fits, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnTake {
    /// Whether it was picked when the row last had this content.
    pub picked: bool,
}

/// The effect of an import on a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Its state afterwards.
    pub status: Status,
    /// Whether the row counts as an edit.
    pub edited: bool,
    /// Whether its current take is a picked one afterwards.
    pub picked: bool,
    /// Where its story comes from.
    pub source: Source,
}

/// Where the story of a character comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The story does not change.
    Unchanged,
    /// An earlier take of the same character becomes current again.
    OwnTake,
    /// A fitting take that another character no longer needs, if there is one. Otherwise a new story is written.
    AnotherTake,
    /// A cell of the sheet.
    Sheet,
}

/// The verdict on a case.
#[must_use]
pub(crate) fn verdict(case: Case, finished: Finished) -> Verdict {
    match case {
        Case::New { story } => {
            let (status, source) = match story {
                Story::None => (Status::Pending, Source::AnotherTake),
                Story::Known | Story::New => (Status::Done, Source::Sheet),
            };
            Verdict {
                status,
                edited: false,
                picked: false,
                source,
            }
        }
        Case::Matched(matched) => of_matched(matched, finished),
        // A character without a row keeps its state and its takes.
        Case::Unmatched { status, .. } => Verdict {
            status,
            edited: false,
            picked: false,
            source: Source::Unchanged,
        },
    }
}

fn of_matched(matched: Matched, finished: Finished) -> Verdict {
    let edited = is_edited(matched, finished);
    let (status, source) = match (matched.story, without_takes(matched, finished), matched.own) {
        (Story::Known | Story::New, ..) => (Status::Done, Source::Sheet),
        (Story::None, Status::Pending, Some(_)) if edited => (Status::Done, Source::OwnTake),
        // The picked take stays current. The fitting take exists, so no new one has to be paid for.
        (Story::None, Status::Pending, Some(_)) if finished == Finished::Redo && matched.picked => {
            (Status::Done, Source::Unchanged)
        }
        (Story::None, Status::Pending, Some(_)) if finished == Finished::Redo => {
            (Status::Done, Source::OwnTake)
        }
        (Story::None, Status::Pending, None) if edited => (Status::Pending, Source::AnotherTake),
        (Story::None, status, _) => (status, Source::Unchanged),
    };
    let picked = match (edited, source, matched.own) {
        (true, Source::OwnTake, Some(own)) => own.picked,
        (true, ..) => false,
        (false, ..) => matched.picked,
    };
    Verdict {
        status,
        edited,
        picked,
        source,
    }
}

/// Whether the row counts as an edit.
fn is_edited(matched: Matched, finished: Finished) -> bool {
    match (matched.wording, finished, matched.status) {
        (Wording::Same, ..) | (Wording::SameCells, Finished::Keep, Status::Done) => false,
        (Wording::SameCells | Wording::Edited, ..) => true,
    }
}

/// The state that follows if no existing take is used.
fn without_takes(matched: Matched, finished: Finished) -> Status {
    match (finished, matched.status) {
        _ if is_edited(matched, finished) => Status::Pending,
        (Finished::Redo, Status::Done) if matched.other_recipe => Status::Pending,
        (_, status) => status,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Finished::{Keep, KeepUnlessEdited, Redo};
    use Status::{Done, Failed, Pending, Running};

    const FINISHED: [Finished; 3] = [KeepUnlessEdited, Redo, Keep];

    /// A character in this state, whose row has this wording.
    fn known(status: Status, wording: Wording) -> Matched {
        Matched {
            status,
            gone: false,
            picked: false,
            wording,
            story: Story::None,
            other_recipe: false,
            own: None,
        }
    }

    /// State, edited, picked and source.
    fn judged(matched: Matched, finished: Finished) -> (Status, bool, bool, Source) {
        let Verdict {
            status,
            edited,
            picked,
            source,
        } = verdict(Case::Matched(matched), finished);
        (status, edited, picked, source)
    }

    #[test]
    fn a_new_row_gets_a_fitting_take_of_another_character_or_is_written() {
        for finished in FINISHED {
            let new = verdict(Case::New { story: Story::None }, finished);
            assert_eq!((new.status, new.source), (Pending, Source::AnotherTake));
            assert!(!new.edited);
        }
    }

    #[test]
    fn a_row_that_contains_a_story_is_finished() {
        for finished in FINISHED {
            for story in [Story::Known, Story::New] {
                let new = verdict(Case::New { story }, finished);
                assert_eq!((new.status, new.source), (Done, Source::Sheet));
                for status in Status::ALL {
                    let mut row = known(status, Wording::Edited);
                    row.story = story;
                    row.own = Some(OwnTake { picked: true });
                    assert_eq!(judged(row, finished), (Done, true, false, Source::Sheet));
                }
            }
        }
    }

    #[test]
    fn an_unchanged_row_keeps_its_state() {
        for finished in FINISHED {
            for status in Status::ALL {
                let mut row = known(status, Wording::Same);
                row.picked = status == Done;
                let same = (status, false, row.picked, Source::Unchanged);
                assert_eq!(judged(row, finished), same);
            }
        }
    }

    #[test]
    fn an_edited_row_is_written_again_in_every_state() {
        for finished in FINISHED {
            for status in Status::ALL {
                let mut row = known(status, Wording::Edited);
                row.picked = true;
                let again = (Pending, true, false, Source::AnotherTake);
                assert_eq!(judged(row, finished), again);
            }
        }
    }

    #[test]
    fn undoing_an_edit_brings_the_take_and_its_pick_back() {
        for finished in FINISHED {
            for status in Status::ALL {
                for picked in [false, true] {
                    let mut row = known(status, Wording::Edited);
                    row.own = Some(OwnTake { picked });
                    assert_eq!(judged(row, finished), (Done, true, picked, Source::OwnTake));
                }
            }
        }
    }

    #[test]
    fn another_template_over_the_same_cells_is_an_edit_unless_finished_ones_are_kept() {
        let again = (Pending, true, false, Source::AnotherTake);
        for (status, finished, expected) in [
            (Done, KeepUnlessEdited, again),
            (Done, Redo, again),
            (Done, Keep, (Done, false, false, Source::Unchanged)),
            (Pending, Keep, again),
            (Running, Keep, again),
            (Failed, Keep, again),
        ] {
            let row = known(status, Wording::SameCells);
            assert_eq!(judged(row, finished), expected, "{status:?}, {finished:?}");
        }
    }

    #[test]
    fn another_recipe_writes_finished_characters_again_only_with_redo() {
        for (status, finished, expected) in [
            (Done, Redo, Pending),
            (Done, Keep, Done),
            (Done, KeepUnlessEdited, Done),
            (Failed, Redo, Failed),
            (Running, Redo, Running),
        ] {
            let mut row = known(status, Wording::Same);
            row.other_recipe = true;
            let expected = (expected, false, false, Source::Unchanged);
            assert_eq!(judged(row, finished), expected, "{status:?}, {finished:?}");
        }
    }

    #[test]
    fn redo_uses_existing_takes_and_keeps_a_picked_one_current() {
        for (status, picked, source) in [
            (Done, false, Source::OwnTake),
            (Done, true, Source::Unchanged),
            (Pending, false, Source::OwnTake),
        ] {
            let mut row = known(status, Wording::Same);
            row.other_recipe = status == Done;
            row.picked = picked;
            row.own = Some(OwnTake { picked: false });
            assert_eq!(judged(row, Redo), (Done, false, picked, source));
        }
        let mut waiting = known(Pending, Wording::Same);
        waiting.own = Some(OwnTake { picked: false });
        let waits = (Pending, false, false, Source::Unchanged);
        assert_eq!(judged(waiting, KeepUnlessEdited), waits);
    }

    #[test]
    fn a_character_without_a_row_keeps_its_state() {
        for status in Status::ALL {
            for gone in [false, true] {
                let left = verdict(Case::Unmatched { status, gone }, Redo);
                assert_eq!((left.status, left.source), (status, Source::Unchanged));
                assert!(!left.edited);
            }
        }
    }
}
