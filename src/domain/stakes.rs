//! What to ask before a changed sheet is imported.
//!
//! Stories cost money. An import that would pay for many of them again, or leave many of them behind, is refused until the
//! user has said that it is meant. This module only compares counts; it words no question and carries nothing out.

/// From this many finished characters on, losing most of them is asked about.
const FINISHED_MIN: u64 = 5;

/// What an import would do to characters that are finished now. All numbers count characters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stakes {
    /// Finished now.
    pub finished: u64,
    /// Finished now, and no longer in the sheet.
    pub would_go: u64,
    /// Finished now, and edited in the sheet, so that they are paid again.
    pub would_be_paid_again: u64,
    /// Of these, the characters whose cells are as before: only the column or the template of the description changed.
    pub described_otherwise: u64,
    /// The recipe differs from that of the finished characters.
    pub recipe_changed: bool,
    /// The cast is new, but another cast has most of these rows finished.
    pub is_elsewhere: bool,
}

/// What the user wants to happen to finished characters when their stories would be made otherwise now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WhenMadeOtherwise {
    /// The user has not said it.
    #[default]
    Ask,
    /// Write them again.
    Redo,
    /// Keep them as they are.
    Keep,
}

/// What the user has answered before being asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Answers {
    /// About finished characters when the recipe changed.
    pub made_otherwise: WhenMadeOtherwise,
    /// Most of the finished characters may leave the sheet or be paid again.
    pub replace: bool,
    /// A new cast is meant, whatever other casts hold.
    pub new: bool,
}

/// A question that has no answer yet; nothing is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Another cast has most of these rows finished.
    Elsewhere,
    /// The recipe changed, and this many characters are finished with the old one.
    Recipe {
        /// Finished characters.
        finished: u64,
    },
    /// The descriptions come from another column or template, and this many characters are finished with the old ones.
    Descriptions {
        /// Finished characters.
        finished: u64,
    },
    /// Most of the finished characters would go or be paid again.
    Replace {
        /// Finished characters.
        finished: u64,
        /// Of these, the ones that would go.
        go: u64,
        /// Of these, the ones that would be paid again.
        again: u64,
    },
}

/// The first question that the import raises and the answers leave open.
#[must_use]
pub fn question(stakes: &Stakes, answers: &Answers) -> Option<Question> {
    let redo = answers.made_otherwise == WhenMadeOtherwise::Redo;
    let finished = stakes.finished;
    if stakes.is_elsewhere && !answers.new {
        return Some(Question::Elsewhere);
    }
    if stakes.recipe_changed && answers.made_otherwise == WhenMadeOtherwise::Ask {
        return Some(Question::Recipe { finished });
    }
    let described_otherwise = stakes.described_otherwise;
    if 2 * described_otherwise > finished && !redo {
        return Some(Question::Descriptions {
            finished: described_otherwise,
        });
    }
    let go = stakes.would_go;
    // Who writes finished characters again on purpose is not asked about those.
    let meant = if redo { described_otherwise } else { 0 };
    let again = stakes.would_be_paid_again.saturating_sub(meant);
    let are_most = finished >= FINISHED_MIN && 2 * (go + again) > finished;
    (are_most && !answers.replace).then_some(Question::Replace {
        finished,
        go,
        again,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use WhenMadeOtherwise::{Ask, Keep, Redo};

    fn stakes(finished: u64, would_go: u64, paid_again: u64, described_otherwise: u64) -> Stakes {
        Stakes {
            finished,
            would_go,
            would_be_paid_again: paid_again,
            described_otherwise,
            ..Stakes::default()
        }
    }

    fn asked(stakes: Stakes, made_otherwise: WhenMadeOtherwise) -> Option<Question> {
        let answers = Answers {
            made_otherwise,
            ..Answers::default()
        };
        question(&stakes, &answers)
    }

    #[test]
    fn losing_most_of_five_or_more_finished_characters_is_asked_about() {
        for (finished, go, again, is_asked) in [
            (0, 0, 0, false),
            (4, 4, 0, false),
            (5, 2, 0, false),
            (5, 3, 0, true),
            (5, 0, 3, true),
            (6, 2, 1, false),
            (6, 2, 2, true),
            (100, 50, 0, false),
            (100, 0, 51, true),
        ] {
            let expected = is_asked.then_some(Question::Replace {
                finished,
                go,
                again,
            });
            assert_eq!(
                asked(stakes(finished, go, again, 0), Ask),
                expected,
                "{go} + {again} of {finished}"
            );
        }
    }

    #[test]
    fn whatever_the_number_of_finished_characters_a_changed_recipe_is_asked_about_once() {
        let changed = Stakes {
            recipe_changed: true,
            ..stakes(1, 0, 0, 0)
        };
        assert_eq!(asked(changed, Ask), Some(Question::Recipe { finished: 1 }));
        assert_eq!(asked(changed, Redo), None);
        assert_eq!(asked(changed, Keep), None);
    }

    #[test]
    fn descriptions_that_are_made_otherwise_are_asked_about_and_not_counted_again() {
        let most = stakes(3, 0, 2, 2);
        let question = Some(Question::Descriptions { finished: 2 });
        assert_eq!(asked(most, Ask), question);
        assert_eq!(asked(most, Keep), question);
        assert_eq!(asked(most, Redo), None);
        assert_eq!(asked(stakes(4, 0, 2, 2), Ask), None, "half is not most");
        let and_edited = stakes(10, 0, 10, 4);
        assert_eq!(
            asked(and_edited, Redo),
            Some(Question::Replace {
                finished: 10,
                go: 0,
                again: 6
            })
        );
    }

    #[test]
    fn each_answer_answers_its_own_question() {
        let all = Stakes {
            recipe_changed: true,
            is_elsewhere: true,
            ..stakes(10, 10, 0, 0)
        };
        let mut answers = Answers::default();
        assert_eq!(question(&all, &answers), Some(Question::Elsewhere));
        answers.new = true;
        assert_eq!(
            question(&all, &answers),
            Some(Question::Recipe { finished: 10 })
        );
        answers.made_otherwise = Keep;
        assert!(matches!(
            question(&all, &answers),
            Some(Question::Replace { .. })
        ));
        answers.replace = true;
        assert_eq!(question(&all, &answers), None);
    }
}
