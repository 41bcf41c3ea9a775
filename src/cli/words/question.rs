//! The wording of the questions that an import asks before much is paid, and the switches that answer them.

use crate::app::Asks;
use crate::cli::words::command_line::cast_switch;
use crate::cli::words::plural;
use crate::domain::recipe::Recipe;
use crate::domain::shown::{shown, shown_start};
use crate::domain::stakes::Question;
use crate::exit::Failure;

/// The switches that answer the question about a changed recipe or changed descriptions.
const REDO_OR_KEEP: &str =
    "`--redo` writes finished characters again; `--keep` leaves those whose rows did not change";

/// The failure with the question.
pub(in crate::cli) fn in_words(asks: &Asks) -> Failure {
    let cast = shown(&asks.cast);
    let (words, hint) = match asks.question {
        Question::Elsewhere => {
            let other = asks.other_cast.as_deref().unwrap_or_default();
            let words = format!(
                "most rows of `{}` are already finished in cast `{}`",
                asks.sheet,
                shown(other)
            );
            let hint = format!(
                "`{}` continues that cast and pays only for the changes; `--new` pays for a new cast",
                cast_switch(other)
            );
            (words, hint)
        }
        Question::Recipe { finished } => {
            let recipes = asks.recipes.as_deref();
            let change = recipes.map_or_else(String::new, |(before, now)| difference(before, now));
            let words = format!(
                "the recipe of cast `{cast}` changed ({change}); {} finished with the old one",
                are(finished)
            );
            (words, REDO_OR_KEEP.to_owned())
        }
        Question::Descriptions { finished } => {
            let words = format!(
                "the descriptions of cast `{cast}` now come from another column or template; {} finished with the old one",
                are(finished)
            );
            (words, REDO_OR_KEEP.to_owned())
        }
        Question::Replace {
            finished,
            go,
            again,
        } => {
            let words = format!(
                "this would mark {go} of {finished} finished characters of cast `{cast}` as `gone` and pay again for {again} of them"
            );
            let hint = "to do that, pass `--replace`; if this sheet is another cast, choose its name with `--cast NAME`";
            (words, hint.to_owned())
        }
    };
    Failure::usage(words, hint)
}

/// `1 character is`, `2 characters are`.
fn are(characters: u64) -> String {
    let verb = if characters == 1 { "is" } else { "are" };
    format!("{} {verb}", plural(characters, "character"))
}

/// What differs between two recipes, in words.
fn difference(old: &Recipe, new: &Recipe) -> String {
    let text = |text: &str| format!("`{}`", shown_start(text, 40));
    let mut parts = Vec::new();
    if old.provider != new.provider {
        parts.push(format!("provider: `{}` → `{}`", old.provider, new.provider));
    }
    if old.model != new.model {
        let model =
            |model: &Option<String>| model.as_deref().map_or_else(|| "none".to_owned(), text);
        parts.push(format!(
            "model: {} → {}",
            model(&old.model),
            model(&new.model)
        ));
    }
    if old.describe != new.describe {
        let (was, is) = (&old.describe, &new.describe);
        let (was, is) = (
            format!("{} {}", was.word(), text(was.text())),
            format!("{} {}", is.word(), text(is.text())),
        );
        parts.push(format!("description: {was} → {is}"));
    }
    if old.prompt != new.prompt {
        parts.push("another prompt".to_owned());
    }
    if old.fields != new.fields {
        let fields =
            |fields: &Option<String>| fields.as_deref().map_or_else(|| "none".to_owned(), text);
        let (was, is) = (fields(&old.fields), fields(&new.fields));
        parts.push(format!("`--set`: {was} → {is}"));
    }
    parts.join(", ")
}
