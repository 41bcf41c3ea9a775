//! The wording of a review: the flags with their stories, and what is worth knowing besides.

use super::command_line::other_command;
use crate::app::review::{Dismissed, Objection, Review};
use crate::cli::words::plural;
use crate::domain::flag::Flag;
use crate::domain::shown::{shown, shown_start};
use crate::domain::text::joined;
use crate::store::StoreError;
use std::collections::BTreeSet;
use std::fmt::Write;

/// The stories that are shown of each flag, unless one flag is asked for.
const EXAMPLES: usize = 3;
/// The most rows in a command that is shown.
const ROWS_MAX: usize = 10;
/// The most openings and names that are shown.
const REMARKS_SHOWN: usize = 5;
/// The longest name that is shown, in letters.
const NAME_CHARS: usize = 32;

/// What was dismissed, and for how many.
pub(in crate::cli) fn dismissed(flag: Flag, done: Dismissed, cast: Option<&str>) -> String {
    let flag = flag.word();
    let rest = done.named - done.dismissed.min(done.named);
    let mut words = match done.dismissed {
        0 => "nothing changed".to_owned(),
        many => format!(
            "dismissed `{flag}` for {}; it does not come back for {}",
            plural(many, "take"),
            if many == 1 {
                "this take"
            } else {
                "these takes"
            }
        ),
    };
    if rest > 0 {
        let does = if rest == 1 { "does" } else { "do" };
        let stories = match rest {
            1 => "1 story".to_owned(),
            many => format!("{many} stories"),
        };
        let review = other_command("review", cast);
        let _ = write!(
            words,
            "\n{stories} {does} not have `{flag}`; to find and store flags: {review}"
        );
    }
    words
}

/// The note that the review could not be stored.
pub(in crate::cli) fn not_stored(err: &StoreError) -> String {
    format!(
        "note: the flags are shown but not stored, so `list --flag` does not find them: {}",
        joined(err)
    )
}

/// The review of a cast, with all stories of `flag` if that is given. `cast` is the cast that the commands must name, if any.
pub(in crate::cli) fn in_words(review: &Review, flag: Option<Flag>, cast: Option<&str>) -> String {
    let mut text = String::new();
    let rows: BTreeSet<i64> = rows(&review.objections).collect();
    let stories = stories(review.stories);
    let flagged = match (rows.len(), flag) {
        (0, None) if review.dismissed > 0 => format!(
            "nothing to object to ({} dismissed)",
            flags(review.dismissed)
        ),
        (0, None) => "nothing to object to".to_owned(),
        (many, None) => format!("{many} flagged"),
        (many, Some(flag)) => format!("{many} with `{}`", flag.word()),
    };
    // Writing to a string does not fail.
    let _ = writeln!(
        text,
        "cast `{}`: {stories}, {flagged}",
        shown(&review.cast_name)
    );
    for group in review.objections.chunk_by(|a, b| a.flag == b.flag) {
        text.push_str(&one_flag(group, flag.is_some(), cast));
    }
    if flag.is_none() {
        text.push_str(&remarks(review));
    }
    text
}

fn flags(many: usize) -> String {
    match many {
        1 => "1 flag".to_owned(),
        many => format!("{many} flags"),
    }
}

fn stories(many: usize) -> String {
    match many {
        0 => "no stories yet".to_owned(),
        1 => "1 story".to_owned(),
        many => format!("{many} stories"),
    }
}

fn rows(objections: &[Objection]) -> impl Iterator<Item = i64> {
    objections.iter().map(|objection| objection.who.row)
}

/// A flag: its number of stories, examples or all, and the commands that follow.
fn one_flag(group: &[Objection], is_asked: bool, cast: Option<&str>) -> String {
    let flag = group[0].flag;
    let mut rows: Vec<i64> = rows(group).collect();
    rows.dedup();
    let mut text = format!(
        "\n{}: {} {}\n",
        flag.word(),
        stories(rows.len()),
        meaning(flag)
    );
    // Equal rows are neighbours. Three examples are of three stories.
    let examples = group.chunk_by(|a, b| a.who.row == b.who.row);
    for objections in examples.take(if is_asked { usize::MAX } else { EXAMPLES }) {
        for objection in &objections[..if is_asked { objections.len() } else { 1 }] {
            let _ = writeln!(text, "  {}", example(objection));
        }
    }
    if !is_asked && rows.len() > EXAMPLES {
        let all = other_command(&format!("review --flag {}", flag.word()), cast);
        let _ = writeln!(text, "  and {} more: {all}", rows.len() - EXAMPLES);
    }
    let words: Vec<String> = rows.iter().map(|row| format!(" #{row}")).collect();
    let look = other_command(&format!("show{}", words[0]), cast);
    let again = words.iter().take(ROWS_MAX).cloned().collect::<String>();
    let again = other_command(&format!("redo{again}"), cast);
    let part = if rows.len() > ROWS_MAX {
        format!(" (the first {ROWS_MAX})")
    } else {
        String::new()
    };
    let _ = writeln!(text, "  next: {look} · {again}{part}");
    text
}

/// A story and the words in question.
fn example(objection: &Objection) -> String {
    let Objection {
        flag,
        who,
        detail,
        other,
        similarity,
    } = objection;
    let mut line = format!("#{} {}", who.row, shown_start(&who.name, NAME_CHARS));
    if let Some(other) = other {
        let name = shown_start(&other.name, NAME_CHARS);
        let relation = match similarity {
            Some(share) => format!(", {:.0} % as in", share * 100.0),
            None => ", the name of".to_owned(),
        };
        let _ = write!(line, "{relation} #{} {name}", other.row);
    }
    match detail.as_deref().map(shown) {
        None => {}
        Some(detail) if detail.is_empty() => {}
        Some(detail) if is_quote(*flag) => {
            let _ = write!(line, ": “{detail}”");
        }
        Some(detail) => {
            let _ = write!(line, ": {detail}");
        }
    }
    line
}

/// Whether the detail has words of the story. Otherwise it says what is wrong.
fn is_quote(flag: Flag) -> bool {
    !matches!(
        flag,
        Flag::Unnamed | Flag::Person | Flag::Language | Flag::OddLength
    )
}

/// What a flag means, as the end of a sentence.
fn meaning(flag: Flag) -> &'static str {
    match flag {
        Flag::Refusal => "that begin with a refusal",
        Flag::Meta => "with words about the text itself",
        Flag::Thoughts => "with the model's reasoning",
        Flag::Placeholder => "with a placeholder",
        Flag::Echo => "that repeat the prompt or the description",
        Flag::Unnamed => "without the name of the character",
        Flag::Person => "in another grammatical person",
        Flag::Language => "in another language",
        Flag::Mojibake => "with wrongly decoded letters",
        Flag::Loop => "with the same words again and again",
        Flag::OddLength => "of unusual length",
        Flag::Alike => "with much of their wording in common",
        Flag::SameOpening => "with an opening that is used often",
        Flag::Borrowed => "with the name of another character",
        Flag::Unfinished => "whose last event came without its blank line",
        Flag::Unproven => "that nothing proves to be complete",
        Flag::BadUtf8 => "with invalid UTF-8, which was replaced",
        Flag::IgnoredLines => "whose stream had lines that were ignored",
        Flag::Abrupt => "that do not end like a sentence",
        Flag::Long => "with more words than the vendor's editor takes",
        Flag::Stale => "from an earlier description or recipe",
    }
}

/// What is no fault but worth knowing; empty if there is nothing.
fn remarks(review: &Review) -> String {
    let remarks = &review.remarks;
    let listed = |all: &[(String, usize)]| {
        let words = all.iter().take(REMARKS_SHOWN);
        let words: Vec<String> = words
            .map(|(words, many)| format!("“{}” ({many})", shown(words)))
            .collect();
        words.join(", ")
    };
    let mut text = String::new();
    if !remarks.openings.is_empty() {
        let _ = writeln!(text, "  openings used most: {}", listed(&remarks.openings));
    }
    if !remarks.invented.is_empty() {
        let names = listed(&remarks.invented);
        let _ = writeln!(text, "  invented names in several stories: {names}");
    }
    if let Some(lengths) = remarks.lengths {
        let (least, median, most) = (lengths.least, lengths.median, lengths.most);
        let _ = writeln!(text, "  lengths: {least} to {most} words, median {median}");
    }
    if text.is_empty() {
        return text;
    }
    format!("\nworth knowing:\n{text}")
}
