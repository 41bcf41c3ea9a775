//! `backstory review [CAST]`: shows what a reader would object to in the stories, and stores it as flags. Nothing is sent.

use crate::app::review::{Objection, Review, Reviewing, dismiss, store};
use crate::cli::choices::flag;
use crate::cli::terminal;
use crate::cli::words::review::{dismissed, in_words, not_stored};
use crate::cli::{CliError, Console, Database};
use crate::domain::flag::{Flag, NotAFlag};
use crate::domain::shown::shown;
use crate::exit::{Exit, Failure};
use crate::report::Gauge;
use clap::Args;
use serde_json::{Value, json};
use std::io::{Write, stderr};

/// Show what a reader would object to: refusals, leaked thoughts, sameness; free
///
/// Each objection is a flag. It never makes a story fail, and a doubtful case gets none. The flags are stored with the stories, for
/// `list --flag`, `export --flag` and `redo --flag`. Nothing is sent.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory review
  backstory review --flag alike             all of one flag, not three examples
  backstory review --dismiss unnamed Zoë '#7'   it is meant so
  backstory review --json | jq -r .name")]
pub(in crate::cli) struct ReviewArgs {
    /// The cast [default: all]
    cast: Option<String>,
    /// Only this flag, with all its stories: refusal, thoughts, meta, placeholder, mojibake, language, loop, unnamed, alike,
    /// borrowed, echo, person, `same_opening`, `odd_length`, and those of `list`
    #[arg(long, value_name = "FLAG", value_parser = flag(), hide_possible_values = true)]
    flag: Option<Flag>,
    /// Dismiss a flag of these stories: it is meant so, and does not come back for that take; WHO is a name, row key or #ROW
    #[arg(long, num_args = 2.., value_names = ["FLAG", "WHO"], conflicts_with_all = ["flag", "json"])]
    dismiss: Vec<String>,
    /// One JSON object per line, one line for each objection
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) async fn review(
    args: ReviewArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let cast = database.cast(args.cast.as_deref())?;
    if let Some((flag, who)) = args.dismiss.split_first() {
        let flag: Flag = flag.parse().map_err(|err| no_flag(flag, &err))?;
        let done = dismiss(&database.db, cast, flag, who).await?;
        writeln!(console.err, "{}", dismissed(flag, done, cast))?;
        return Ok(Exit::Done);
    }
    let reviewing = Reviewing::open(&database.db, cast).await?;
    let several = reviewing.casts() > 1;
    let can_redraw = terminal::can_redraw(&stderr());
    let mut gauge = Gauge::new("reviewing", reviewing.steps(), can_redraw);
    let reviews = reviewing.reviews(|| gauge.advance(1)).await?;
    drop(gauge);
    let stored = store(&database.db, &reviews).await;
    for mut review in reviews {
        if let Some(flag) = args.flag {
            review.objections.retain(|objection| objection.flag == flag);
        }
        if args.json {
            for objection in &review.objections {
                writeln!(console.out, "{}", line(&review, objection))?;
            }
            continue;
        }
        let named = if several {
            Some(review.cast_name.as_str())
        } else {
            cast
        };
        write!(console.out, "{}", in_words(&review, args.flag, named))?;
    }
    match stored {
        Ok(()) => {}
        Err(err) if err.is_denied() => {
            let _ = writeln!(console.err, "{}", not_stored(&err));
        }
        Err(err) => return Err(err.into()),
    }
    Ok(Exit::Done)
}

/// The error for a word that is not a flag.
fn no_flag(word: &str, err: &NotAFlag) -> Failure {
    Failure::usage(
        format!("`--dismiss {}`: not a flag", shown(word)),
        format!("{err}, then the stories"),
    )
}

/// An objection as JSON.
fn line(review: &Review, objection: &Objection) -> Value {
    let other = objection.other.as_ref();
    json!({
        "cast_name": review.cast_name,
        "key": objection.who.key,
        "row": objection.who.row,
        "name": objection.who.name,
        "flag": objection.flag.word(),
        "detail": objection.detail,
        "other_name": other.map(|other| &other.name),
        "other_row": other.map(|other| other.row),
        "similarity": objection.similarity,
    })
}
