//! Encodes what is known about a row of a sheet and its character as one small number: the code of a [`Case`].
//!
//! A million rows have only a few different cases. So the rules in `domain` are called once for each case, and SQL applies the results
//! to the rows. Both kinds of database compute the codes in SQL with these bits. The codes exist only in temporary tables.

use crate::domain::status::Status;
use crate::domain::verdict::{Case, Matched, OwnTake, Story, Wording};

/// The bits of a code that hold the state of the character.
pub(super) const STATUS: i64 = 0b11;
pub(super) const RUNNING: i64 = 1;
pub(super) const DONE: i64 = 2;
pub(super) const FAILED: i64 = 3;
/// The row matched a character.
pub(super) const MATCHED: i64 = 1 << 2;
/// The character was gone.
pub(super) const GONE: i64 = 1 << 3;
/// The current take of the character was picked.
pub(super) const PICKED: i64 = 1 << 4;
/// The content differs from that of the character.
pub(super) const CHANGED: i64 = 1 << 5;
/// The content differs, but no cell does.
pub(super) const SAME_CELLS: i64 = 1 << 6;
/// The row contains a story.
pub(super) const STORY: i64 = 1 << 7;
/// No cell of the character contained this story before.
pub(super) const NEW_STORY: i64 = 1 << 8;
/// The current take has another recipe.
pub(super) const OTHER_RECIPE: i64 = 1 << 9;
/// Another take of the character has the row's content and can become current.
pub(super) const OWN_TAKE: i64 = 1 << 10;
/// That other take was picked.
pub(super) const OWN_PICKED: i64 = 1 << 11;

/// The case of a code.
pub(super) fn case_of(code: i64) -> Case {
    let has = |bit: i64| code & bit != 0;
    let story = match (has(STORY), has(NEW_STORY)) {
        (false, _) => Story::None,
        (true, false) => Story::Known,
        (true, true) => Story::New,
    };
    if !has(MATCHED) {
        return Case::New { story };
    }
    Case::Matched(Matched {
        status: match code & STATUS {
            RUNNING => Status::Running,
            DONE => Status::Done,
            FAILED => Status::Failed,
            _ => Status::Pending,
        },
        gone: has(GONE),
        picked: has(PICKED),
        wording: match (has(CHANGED), has(SAME_CELLS)) {
            (false, _) => Wording::Same,
            (true, false) => Wording::Edited,
            (true, true) => Wording::SameCells,
        },
        story,
        other_recipe: has(OTHER_RECIPE),
        own: has(OWN_TAKE).then(|| OwnTake {
            picked: has(OWN_PICKED),
        }),
    })
}
