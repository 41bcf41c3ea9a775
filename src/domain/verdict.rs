//! What a sheet means for each character of its cast: whether it counts as edited, and the state and story it has afterwards.
//!
//! A take with the same name, description and recipe is never bought again. Nothing here reads a sheet or a database: a store
//! gathers the facts of each row, asks for the verdict once for each case that occurs, and carries it out.

use super::status::Status;

/// What becomes of finished characters whose cells are as before, when their stories would be made in another way now: by
/// another recipe, or with a description from another column or template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finished {
    /// Those of another recipe stay; those with another description count as edited.
    KeepUnlessEdited,
    /// They are written again.
    Redo,
    /// They stay.
    Keep,
}

/// All that is known of a row or a character when the two are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// A row without a character.
    New {
        /// Whether the row brings a story.
        story: Story,
    },
    /// A row and its character.
    Matched(Matched),
    /// A character without a row.
    Unmatched {
        /// Its state.
        status: Status,
        /// Whether it had no row before.
        gone: bool,
    },
}

/// A row and its character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Matched {
    /// The state of the character; running only while a live run holds it.
    pub status: Status,
    /// Whether it had no row in the sheet before.
    pub gone: bool,
    /// Whether the take that counts was picked.
    pub picked: bool,
    /// The description and the name in the row, compared with those of the character.
    pub wording: Wording,
    /// Whether the row brings a story.
    pub story: Story,
    /// The recipe of the take that counts is known and another one than the sheet's. Only looked up for [`Finished::Redo`].
    pub other_recipe: bool,
    /// A take of the character that fits what the row says. Only looked up where one may be needed.
    pub own: Option<OwnTake>,
}

/// How the name and the description of a row compare with those of its character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wording {
    /// They read the same.
    Same,
    /// They read otherwise.
    Edited,
    /// They read otherwise although each column that both sheets have kept its cell: another column or template makes them.
    SameCells,
}

/// A story in the sheet itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Story {
    /// The row brings none.
    None,
    /// A cell held it before.
    Known,
    /// No cell held it before.
    New,
}

/// A take of the character with the name, the description and the recipe of the row; after an edit one by hand fits, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnTake {
    /// It was picked when the sheet last said the same.
    pub picked: bool,
}

/// What follows for a row's character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// The state that it has afterwards.
    pub status: Status,
    /// Whether the row counts as an edit.
    pub edited: bool,
    /// Whether the take that counts afterwards is a picked one.
    pub picked: bool,
    /// Where its story comes from.
    pub source: Source,
}

/// Where the story of a character comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// From where it came before.
    Unchanged,
    /// An earlier take of its own counts again.
    OwnTake,
    /// A fitting take that another character has no use for finishes it, if there is one; else it is written.
    AnotherTake,
    /// The sheet.
    Sheet,
}

/// The verdict on a case.
#[must_use]
pub fn verdict(case: Case, finished: Finished) -> Verdict {
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
        // It keeps everything.
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
        // A newer take does not replace a picked one, but it need not be bought either.
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

/// The state that follows before any take is looked for.
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

    /// A character with this state and this wording in the sheet.
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
    fn a_new_row_takes_a_fitting_take_of_another_character_or_is_written() {
        for finished in FINISHED {
            let new = verdict(Case::New { story: Story::None }, finished);
            assert_eq!((new.status, new.source), (Pending, Source::AnotherTake));
            assert!(!new.edited);
        }
    }

    #[test]
    fn a_row_that_brings_its_story_is_finished() {
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
    fn what_reads_as_before_stays_as_it_is() {
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
    fn an_edited_row_is_written_again_in_whatever_state_it_is() {
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
    fn an_edit_that_is_taken_back_gets_its_take_and_its_pick_back() {
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
    fn another_recipe_writes_finished_characters_again_only_where_that_was_asked_for() {
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
    fn writing_again_uses_takes_that_are_there_and_leaves_a_picked_one_in_its_place() {
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
