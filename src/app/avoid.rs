//! What a new story should not repeat: the openings and invented names that the stories of its cast use already, as a part of the
//! prompt.
//!
//! It is not part of the recipe: it changes with each story of the cast.

use crate::review::cast::Remarks;

/// The longest such part of a prompt, in bytes.
pub(crate) const BYTES_MAX: usize = 2_000;

/// Whether the model is asked not to repeat the other stories.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Avoid {
    /// It is not.
    #[default]
    Nothing,
    /// It gets the openings and names that are used already.
    UsedUp,
}

/// A part of the prompt, and how much is in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct UsedUp {
    /// The text; empty if nothing is used up.
    pub text: String,
    /// Openings in it.
    pub openings: usize,
    /// Invented names in it.
    pub names: usize,
}

impl UsedUp {
    /// What the stories of a cast use already, the most used first, as much as fits into [`BYTES_MAX`].
    pub(super) fn of(remarks: &Remarks) -> Self {
        let openings = Part::of(
            "Other stories of this cast begin with the following words. Begin this one with other words: ",
            &remarks.openings,
            BYTES_MAX / 2,
        );
        let left = BYTES_MAX.saturating_sub(openings.text.len() + 1);
        let names = Part::of(
            "Other stories of this cast already use the following names. Invent other ones: ",
            &remarks.invented,
            left,
        );
        let parts = [openings.text, names.text];
        let parts: Vec<&str> = parts
            .iter()
            .map(String::as_str)
            .filter(|it| !it.is_empty())
            .collect();
        Self {
            text: parts.join("\n"),
            openings: openings.many,
            names: names.many,
        }
    }
}

/// A sentence with a list.
#[derive(Default)]
struct Part {
    text: String,
    many: usize,
}

impl Part {
    /// The sentence `begin` with as many of `words` as fit into `bytes_max`; empty if none does.
    fn of(begin: &str, words: &[(String, usize)], bytes_max: usize) -> Self {
        let mut part = Self::default();
        for (words, _) in words {
            let between = if part.many == 0 { begin } else { "; " };
            // Words of stories may have line breaks, which would end the list.
            let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
            if part.text.len() + between.len() + words.len() + "\"\".".len() > bytes_max {
                break;
            }
            part.text.extend([between, "\"", &words, "\""]);
            part.many += 1;
        }
        if part.many > 0 {
            part.text.push('.');
        }
        part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remarks(openings: &[&str], invented: &[&str]) -> Remarks {
        let used = |words: &[&str]| words.iter().map(|it| ((*it).to_owned(), 3)).collect();
        Remarks {
            openings: used(openings),
            invented: used(invented),
            lengths: None,
        }
    }

    #[test]
    fn openings_and_names_are_listed_in_their_order() {
        let used = UsedUp::of(&remarks(&["You were born\nin"], &["Elara", "Marsh End"]));
        assert_eq!((used.openings, used.names), (1, 2));
        let lines: Vec<&str> = used.text.lines().collect();
        assert!(
            lines[0].ends_with("other words: \"You were born in\"."),
            "{lines:?}"
        );
        assert!(
            lines[1].ends_with("other ones: \"Elara\"; \"Marsh End\"."),
            "{lines:?}"
        );
        let names = UsedUp::of(&remarks(&[], &["Elara"]));
        assert!(
            names
                .text
                .starts_with("Other stories of this cast already use")
        );
        assert_eq!(UsedUp::of(&remarks(&[], &[])), UsedUp::default());
    }

    #[test]
    fn the_part_is_bounded_whatever_the_stories_use() {
        let long = "x".repeat(300);
        let many: Vec<&str> = vec![&long; 20];
        let used = UsedUp::of(&remarks(&many, &many));
        assert!(used.text.len() <= BYTES_MAX, "{}", used.text.len());
        assert!(used.openings > 1 && used.names > 1);
        let endless = "y".repeat(BYTES_MAX);
        assert_eq!(UsedUp::of(&remarks(&[&endless], &[&endless])).text, "");
    }
}
