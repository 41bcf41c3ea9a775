//! What importing a sheet would do, as counts: the sum over all cases that occur.
//!
//! It is computed before anything changes, so that `plan` can show it, and so that a question can be asked before much is paid.

use super::recipe::Recipe;
use super::status::Status;
use super::verdict::{Case, Source, Verdict, Wording};

/// What importing a sheet would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Rows of the sheet.
    pub rows: u64,
    /// Rows that match no character of the cast.
    pub new: u64,
    /// Characters whose name or description changed.
    pub edited: u64,
    /// Characters that match a row and are not edited.
    pub unchanged: u64,
    /// Characters that would be pending.
    pub pending: u64,
    /// Characters that would be done.
    pub done: u64,
    /// Characters that would be failed.
    pub failed: u64,
    /// Characters that would be gone.
    pub gone: u64,
    /// Characters that would be gone and are not gone yet.
    pub would_leave: u64,
    /// Characters that would be written again for another recipe, but keep their picked take as the current one.
    pub keep_their_pick: u64,
    /// Characters that are done now and not gone.
    pub finished: u64,
    /// Characters of `finished` that would be gone.
    pub would_go: u64,
    /// Characters of `finished` that would be paid again because they were edited.
    pub would_be_paid_again: u64,
    /// Characters of `would_be_paid_again` whose cells are unchanged: their description comes from another column or template.
    pub made_otherwise: u64,
    /// The previous recipe of the cast, if it differs from the sheet's and the cast has finished characters.
    pub recipe_before: Option<Recipe>,
    /// If the cast is new: another cast in which most of the rows are finished.
    pub elsewhere: Option<String>,
}

impl Comparison {
    /// Adds `many` rows or characters with this case and verdict. `lent` of them get a spare take of another character
    /// (`Source::AnotherTake`); `lent` is at most `many`.
    pub fn add(&mut self, case: Case, verdict: Verdict, many: u64, lent: u64) {
        debug_assert!(lent == 0 || verdict.source == Source::AnotherTake);
        match case {
            Case::Unmatched { status, gone } => {
                self.gone += many;
                if !gone {
                    self.would_leave += many;
                    if status == Status::Done {
                        self.finished += many;
                        self.would_go += many;
                    }
                }
                return;
            }
            Case::New { .. } => self.new += many,
            Case::Matched(_) if verdict.edited => self.edited += many,
            Case::Matched(_) => self.unchanged += many,
        }
        self.rows += many;
        self.done += lent;
        let rest = many - lent;
        match verdict.status {
            Status::Pending => self.pending += rest,
            Status::Done => self.done += rest,
            Status::Failed => self.failed += rest,
            Status::Running => {}
        }
        let Case::Matched(matched) = case else { return };
        if matched.status != Status::Done {
            return;
        }
        let again = u64::from(verdict.status == Status::Pending) * rest;
        if matched.picked && !verdict.edited {
            self.keep_their_pick += again;
        }
        if matched.gone {
            return;
        }
        self.finished += many;
        if verdict.edited {
            self.would_be_paid_again += again;
            if matched.wording == Wording::SameCells {
                self.made_otherwise += again;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::verdict::{Finished, Matched, OwnTake, Story, verdict};

    const DONE: Matched = Matched {
        status: Status::Done,
        gone: false,
        picked: false,
        wording: Wording::Same,
        story: Story::None,
        other_recipe: false,
        own: None,
    };

    /// The counts that are not zero after adding a case seven times. Two of the seven get a spare take, if the verdict allows.
    fn seven(case: Case, finished: Finished) -> Vec<(&'static str, u64)> {
        let mut sum = Comparison::default();
        let verdict = verdict(case, finished);
        let lent = u64::from(verdict.source == Source::AnotherTake) * 2;
        sum.add(case, verdict, 7, lent);
        let mut counts = vec![
            ("rows", sum.rows),
            ("new", sum.new),
            ("edited", sum.edited),
            ("unchanged", sum.unchanged),
            ("pending", sum.pending),
            ("done", sum.done),
            ("failed", sum.failed),
            ("gone", sum.gone),
            ("would leave", sum.would_leave),
            ("keep their pick", sum.keep_their_pick),
            ("finished", sum.finished),
            ("would go", sum.would_go),
            ("paid again", sum.would_be_paid_again),
            ("made otherwise", sum.made_otherwise),
        ];
        counts.retain(|(_, many)| *many > 0);
        counts
    }

    fn matched(change: fn(&mut Matched)) -> Case {
        let mut matched = DONE;
        change(&mut matched);
        Case::Matched(matched)
    }

    #[test]
    fn a_row_is_added_to_the_right_counts() {
        use Finished::{Keep, KeepUnlessEdited, Redo};
        let new = |story| Case::New { story };
        let edited = |row: &mut Matched| row.wording = Wording::Edited;
        let with_own = |row: &mut Matched| {
            row.wording = Wording::Edited;
            row.own = Some(OwnTake { picked: false });
        };
        let picked = |row: &mut Matched| (row.other_recipe, row.picked) = (true, true);
        let back = |row: &mut Matched| (row.gone, row.wording) = (true, Wording::Edited);
        for (case, finished, others) in [
            (new(Story::None), Keep, "new 7, pending 5, done 2"),
            (new(Story::New), Keep, "new 7, done 7"),
            (Case::Matched(DONE), Keep, "unchanged 7, done 7, finished 7"),
            (
                matched(|row| row.status = Status::Failed),
                Keep,
                "unchanged 7, failed 7",
            ),
            (
                matched(|row| row.status = Status::Running),
                Keep,
                "unchanged 7",
            ),
            (
                matched(edited),
                Keep,
                "edited 7, pending 5, done 2, finished 7, paid again 5",
            ),
            (
                matched(|row| row.wording = Wording::SameCells),
                KeepUnlessEdited,
                "edited 7, pending 5, done 2, finished 7, paid again 5, made otherwise 5",
            ),
            (matched(with_own), Keep, "edited 7, done 7, finished 7"),
            (
                matched(picked),
                Redo,
                "unchanged 7, pending 7, keep their pick 7, finished 7",
            ),
            // A character that was already gone is not counted as a loss.
            (matched(back), Keep, "edited 7, pending 5, done 2"),
        ] {
            let counts = seven(case, finished);
            let counts: Vec<String> = counts
                .iter()
                .map(|(name, many)| format!("{name} {many}"))
                .collect();
            assert_eq!(counts.join(", "), format!("rows 7, {others}"), "{case:?}");
        }
    }

    #[test]
    fn a_character_without_a_row_is_gone_and_is_a_loss_only_if_it_was_finished_and_in_the_sheet() {
        for (status, gone, expected) in [
            (
                Status::Done,
                false,
                vec![
                    ("gone", 7),
                    ("would leave", 7),
                    ("finished", 7),
                    ("would go", 7),
                ],
            ),
            (
                Status::Pending,
                false,
                vec![("gone", 7), ("would leave", 7)],
            ),
            (Status::Done, true, vec![("gone", 7)]),
        ] {
            let case = Case::Unmatched { status, gone };
            assert_eq!(seven(case, Finished::Keep), expected);
        }
    }
}
