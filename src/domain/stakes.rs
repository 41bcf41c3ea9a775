//! What to ask before a changed sheet is imported.
//!
//! Stories cost money. An import that would pay for many of them again, or leave many of them behind, is refused until the
//! user has said that it is meant. This module only compares counts; it words no question and carries nothing out.

/// From this many finished characters on, losing most of them is asked about.
const FINISHED_MIN: u64 = 5;

/// What an import would do to characters that are finished now. All numbers count characters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Stakes {
    /// Finished now.
    pub finished: u64,
    /// Finished now, and no longer in the sheet.
    pub would_become_gone: u64,
    /// Finished now, and edited in the sheet, so that they are paid again.
    pub would_be_paid_again: u64,
    /// Of these, the ones whose cells did not change: only the column or the template of the description did.
    pub description_source_changed: u64,
    /// The recipe differs from that of the finished characters.
    pub recipe_changed: bool,
    /// The cast is new, but another cast has most of these rows finished.
    pub is_done_elsewhere: bool,
}

/// What happens to finished characters when the recipe changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum OnRecipeChange {
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
pub(crate) struct Answers {
    /// About finished characters, when the recipe changed.
    pub on_recipe_change: OnRecipeChange,
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
pub(crate) fn question(stakes: &Stakes, answers: Answers) -> Option<Question> {
    let redo = answers.on_recipe_change == OnRecipeChange::Redo;
    let finished = stakes.finished;
    if stakes.is_done_elsewhere && !answers.new {
        return Some(Question::Elsewhere);
    }
    if stakes.recipe_changed && answers.on_recipe_change == OnRecipeChange::Ask {
        return Some(Question::Recipe { finished });
    }
    let description_source_changed = stakes.description_source_changed;
    if 2 * description_source_changed > finished && answers.on_recipe_change == OnRecipeChange::Ask
    {
        return Some(Question::Descriptions {
            finished: description_source_changed,
        });
    }
    let go = stakes.would_become_gone;
    // With `Redo`, paying for them is intended.
    let intended = if redo { description_source_changed } else { 0 };
    let again = stakes.would_be_paid_again.saturating_sub(intended);
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
    use OnRecipeChange::{Ask, Keep, Redo};

    fn stakes(
        finished: u64,
        would_become_gone: u64,
        paid_again: u64,
        description_source_changed: u64,
    ) -> Stakes {
        Stakes {
            finished,
            would_become_gone,
            would_be_paid_again: paid_again,
            description_source_changed,
            ..Stakes::default()
        }
    }

    fn asked(stakes: Stakes, on_recipe_change: OnRecipeChange) -> Option<Question> {
        let answers = Answers {
            on_recipe_change,
            ..Answers::default()
        };
        question(&stakes, answers)
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
    fn descriptions_from_another_column_are_asked_about_and_not_counted_again() {
        let most = stakes(3, 0, 2, 2);
        let question = Some(Question::Descriptions { finished: 2 });
        assert_eq!(asked(most, Ask), question);
        assert_eq!(asked(most, Keep), None);
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
            is_done_elsewhere: true,
            ..stakes(10, 10, 0, 0)
        };
        let mut answers = Answers::default();
        assert_eq!(question(&all, answers), Some(Question::Elsewhere));
        answers.new = true;
        assert_eq!(
            question(&all, answers),
            Some(Question::Recipe { finished: 10 })
        );
        answers.on_recipe_change = Keep;
        assert!(matches!(
            question(&all, answers),
            Some(Question::Replace { .. })
        ));
        answers.replace = true;
        assert_eq!(question(&all, answers), None);
    }
}
