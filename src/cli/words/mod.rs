//! The wording of messages for the user: errors with their hints, notes, the summary of a run, tables, commands to type.
//!
//! Nothing here decides anything.

pub(in crate::cli) mod advice;
pub(in crate::cli) mod check;
pub(in crate::cli) mod command_line;
pub(in crate::cli) mod failure;
pub(in crate::cli) mod guess;
pub(in crate::cli) mod hints;
pub(in crate::cli) mod not_found;
pub(in crate::cli) mod question;
pub(in crate::cli) mod refused;
pub(in crate::cli) mod review;
pub(in crate::cli) mod sheet_notes;
pub(in crate::cli) mod stopped;
pub(in crate::cli) mod summary;
pub(in crate::cli) mod table;

use crate::app::avoid::UsedUp;
use crate::app::change::Marked;
use crate::app::plan::Plan;
use crate::domain::shown::shown;
use crate::sheet::STORIES;
use command_line::other_command;

/// `1 request`, `2 requests`.
pub(in crate::cli) fn plural(many: u64, what: &str) -> String {
    match many {
        1 => format!("1 {what}"),
        _ => format!("{many} {what}s"),
    }
}

/// The note about stories in the sheet that are not imported.
pub(in crate::cli) fn unread_stories() -> String {
    format!("the column `{STORIES}` is ignored; `--have {STORIES}` imports its stories")
}

/// The note about rows that repeat another row.
pub(in crate::cli) fn equal_rows(many: u64) -> Option<String> {
    (many > 0).then(|| {
        let many = match many {
            1 => "1 row repeats".to_owned(),
            many => format!("{many} rows repeat"),
        };
        format!("{many} an earlier row; each row becomes its own character")
    })
}

/// The note about characters whose new take will not be the current one.
pub(in crate::cli) fn keep_their_pick(many: u64) -> Option<String> {
    let keep = if many == 1 { "keeps" } else { "keep" };
    let characters = plural(many, "character");
    (many > 0).then(|| {
        format!(
            "{characters} {keep} the picked take; `backstory pick WHO --newest` uses the new one"
        )
    })
}

/// The note about what the model is asked not to repeat.
pub(in crate::cli) fn to_avoid(used_up: &UsedUp) -> String {
    if used_up.text.is_empty() {
        return "`--avoid`: no opening and no invented name is used often yet".to_owned();
    }
    let count = |many: usize, what| plural(u64::try_from(many).unwrap_or(u64::MAX), what);
    format!(
        "the model is asked to avoid {} and {}",
        count(used_up.openings, "opening"),
        count(used_up.names, "invented name")
    )
}

/// What was marked to be written again, and what follows.
pub(in crate::cli) fn marked(marked: Marked, cast: Option<&str>) -> String {
    let pending = match (marked.asked, marked.pending_again) {
        (0, _) => return "no character matches; nothing changed".to_owned(),
        (_, 0) => "nothing changed: pending or running already".to_owned(),
        (_, 1) => "1 character is pending again".to_owned(),
        (_, many) => format!("{} are pending again", plural(many, "character")),
    };
    if marked.is_live {
        return format!("{pending}; the run that is going on writes them, unless it is limited");
    }
    let resume = other_command("resume", cast);
    format!("{pending}\nnext: {resume} (or `backstory run SHEET`)")
}

/// The note about characters that are no longer in the sheet.
pub(in crate::cli) fn gone_now(many: u64) -> Option<String> {
    let (characters, their) = match many {
        0 => return None,
        1 => ("1 character is".to_owned(), "its stories are"),
        many => (format!("{many} characters are"), "their stories are"),
    };
    Some(format!(
        "{characters} no longer in the sheet; marked `gone`, {their} kept"
    ))
}

/// The cost of the requests, as the end of a sentence; empty if no price is known.
pub(in crate::cli) fn price(plan: &Plan) -> String {
    let Some(about) = plan.estimate else {
        return String::new();
    };
    let max = plan.max_cost.filter(|max| about > *max);
    let max = max.map(|max| format!("`--max-cost` {max}"));
    let budget = plan.budget.filter(|it| about > it.left);
    let budget = budget.map(|it| format!("what is left of the budget ({it})"));
    let limits: Vec<String> = max.into_iter().chain(budget).collect();
    match limits.as_slice() {
        [] => format!(", about {about}"),
        limits => format!(", about {about}, more than {}", limits.join(" and ")),
    }
}

/// Names in a sentence: `` `a`, `b` and `c` ``.
pub(in crate::cli) fn listed(names: &[String]) -> String {
    let mut quoted: Vec<String> = names
        .iter()
        .map(|name| format!("`{}`", shown(name)))
        .collect();
    match (quoted.pop(), quoted.is_empty()) {
        (Some(last), false) => format!("{} and {last}", quoted.join(", ")),
        (last, _) => last.unwrap_or_default(),
    }
}
