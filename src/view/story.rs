//! The page of a character: its story, its cells, all takes side by side, and its attempts.

use super::AppState;
use super::address::of_character;
use super::cast::{events, heading, link, meant};
use super::database::list_cache::{ListCache, ListPosition};
use super::error::ViewError;
use super::facts::{saying, seconds};
use super::list_query::{ListQuery, PAGE};
use super::page::{Frame, moment, number, plural};
use super::watch::strip_of;
use crate::domain::character::CharacterId;
use crate::domain::difference::marked;
use crate::domain::outcome::Outcome;
use crate::domain::record::Record;
use crate::domain::status::Status;
use crate::store::{AttemptRecord, Library, TakeRecord};
use minijinja::{Value, context};
use std::sync::Arc;

/// The most takes that are shown beside the current one; the newest of them.
const SIDE_BY_SIDE_MAX: usize = 12;

/// The most characters of a partial text that are shown.
const PARTIAL_CHARS: usize = 4_000;

/// The most attempts that are shown; the last of them.
const ATTEMPTS_MAX: usize = 200;

/// The width of the bar of the longest attempt.
const BAR: i64 = 1_000;

/// The page of a character that was reached from the list `list_query`. The current take is compared with take number `with`,
/// else with the newest other one.
///
/// # Errors
///
/// [`ViewError`] if there is no such character, or the database cannot be read.
pub(super) async fn story(
    app: &Arc<AppState>,
    id: CharacterId,
    list_query: &ListQuery,
    with: Option<i64>,
) -> Result<String, ViewError> {
    let open = &app.database.connections().await?;
    let record = open.character(id).await?;
    let casts = open.casts().await?;
    let cast = meant(&casts, Some(&record.cast_name))?;
    let takes = open.db.takes(id).await?;
    let attempts = open.db.attempts(id).await?;
    let picked = open.db.picked(&[id]).await? > 0;
    let listed = list_query
        .cast
        .as_ref()
        .and_then(|name| casts.iter().find(|cast| cast.cast_name == *name));
    let position = ListCache::position(open, list_query, listed.map(|cast| cast.id), id).await?;
    let values = context! {
        id => id.0,
        token => app.guard.token(open.opening),
        list => list_query.query(),
        name => record.name.trim(),
        cast => record.cast_name.as_str(),
        row => record.row,
        key => record.key.as_deref(),
        status => record.status.word(),
        gone => record.gone,
        error => record.error.as_deref(),
        flags => record.flags.words(),
        written => written(&record),
        take => record.take,
        columns => saying(&record)
            .into_iter()
            .map(|(column, cell)| (column, lines(&cell)))
            .collect::<Vec<_>>(),
        paragraphs => record.backstory.as_deref().map(paragraphs),
        compared => compared(&takes, with).map(|take| take.take),
        takes => side_by_side(&takes, with, id, list_query),
        many => takes.len(),
        picked,
        attempts => timeline(&attempts, &record),
    };
    let body = app.pages.piece("story", values)?;
    let frame = Frame {
        title: record.name.trim(),
        here: "",
        heading: heading(if list_query.cast.is_some() || casts.len() == 1 {
            cast
        } else {
            None
        }),
        link: list_query.cast.as_deref().unwrap_or_default(),
        events: events(link(&casts, cast)),
        strip: strip_of(app, open, link(&casts, cast)).await?,
        side: app
            .pages
            .piece("beside", navigation(list_query, position.as_ref()))?,
    };
    app.pages.whole(frame, body)
}

/// The links to the list, and to the characters before and after this one.
fn navigation(list_query: &ListQuery, position: Option<&ListPosition>) -> Value {
    let page = position.map_or(list_query.page, |at| at.nth / PAGE);
    let to =
        |id: Option<CharacterId>| id.map(|id| of_character(id, &list_query.on_page(page).query()));
    let count = |many: usize| number(u64::try_from(many).unwrap_or(u64::MAX));
    context! {
        back => list_query.on_page(page).address(),
        nth => position.map(|at| count(at.nth + 1)),
        total => position.map(|at| count(at.total)),
        previous => position.and_then(|at| to(at.before)),
        next => position.and_then(|at| to(at.after)),
    }
}

/// The provider and model that wrote the current take, its time, and its length, on one line.
fn written(record: &Record) -> Option<String> {
    let mut parts = vec![record.provider.clone()?];
    parts.extend(record.model.clone());
    parts.extend(record.words.and_then(words));
    parts.extend(
        record
            .finished_at
            .as_deref()
            .map(|at| format!("{} UTC", moment(at))),
    );
    Some(parts.join(" · "))
}

fn words(words: i64) -> Option<String> {
    Some(plural(u64::try_from(words).ok()?, "word", "words"))
}

/// The paragraphs of a story, which blank lines separate.
fn paragraphs(story: &str) -> Vec<String> {
    let text = lines(story);
    let mut paragraphs = vec![String::new()];
    for line in text.lines() {
        match (line.trim().is_empty(), paragraphs.last_mut()) {
            (false, Some(last)) => {
                if !last.is_empty() {
                    last.push('\n');
                }
                last.push_str(line);
            }
            _ => paragraphs.push(String::new()),
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs
}

/// `text` with one form of line ends, because readers see no difference.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// The take that the current one is compared with: number `with`, else the newest other one.
fn compared(takes: &[TakeRecord], with: Option<i64>) -> Option<&TakeRecord> {
    let mut others = takes.iter().filter(|take| !take.current);
    let newest = others.clone().next_back();
    others.find(|take| Some(take.take) == with).or(newest)
}

/// The takes with their differences marked: in the current take, what the compared one does not have; in all others, what
/// the current one does not have. Nothing is marked if there is only one take.
fn side_by_side(
    takes: &[TakeRecord],
    with: Option<i64>,
    id: CharacterId,
    list_query: &ListQuery,
) -> Vec<Value> {
    let current = takes.iter().find(|take| take.current);
    let (Some(current), Some(compared)) = (current, compared(takes, with)) else {
        return Vec::new();
    };
    let others = || takes.iter().filter(|take| !take.current);
    let text = lines(&current.text);
    let older = others().count().saturating_sub(SIDE_BY_SIDE_MAX);
    let shown = others().skip(older).chain(
        others()
            .take(older)
            .filter(|take| take.take == compared.take),
    );
    let address = of_character(id, &list_query.query());
    let joint = if address.contains('?') { '&' } else { '?' };
    let value = |take: &TakeRecord| {
        let own = lines(&take.text);
        let against = if take.current {
            lines(&compared.text)
        } else {
            text.clone()
        };
        // A difference of blanks alone cannot be seen.
        let piece = |(text, own): &(&str, bool)| context! { text => *text, own => *own && !text.trim().is_empty() };
        let pieces: Vec<Value> = marked(&own, &against).iter().map(piece).collect();
        context! {
            take => take.take,
            current => take.current,
            compared => take.take == compared.take,
            same => own == against,
            compare => format!("{address}{joint}with={}#takes", take.take),
            provider => take.provider.as_str(),
            model => take.model.as_deref(),
            words => words(take.words),
            finished_at => moment(&take.finished_at),
            flags => take.flags.words(),
            pieces,
        }
    };
    std::iter::once(current).chain(shown).map(value).collect()
}

/// The attempts, first to last, each with its time as a share of the longest one.
fn timeline(attempts: &[AttemptRecord], record: &Record) -> Vec<Value> {
    let longest = attempts.iter().filter_map(|attempt| attempt.took_ms).max();
    let longest = longest.unwrap_or(0).max(1);
    let skipped = attempts.len().saturating_sub(ATTEMPTS_MAX);
    let in_flight = record.status == Status::Running;
    let value = |(nth, attempt): (usize, &AttemptRecord)| {
        let outcome = attempt.outcome;
        let is_last = nth + 1 == attempts.len();
        let waited = attempt
            .first_text_ms
            .unwrap_or(attempt.took_ms.unwrap_or(0));
        context! {
            attempt => attempt.attempt,
            outcome => outcome.map(Outcome::word),
            good => outcome == Some(Outcome::Ok),
            what => what(outcome, in_flight && is_last),
            charged => outcome.is_some_and(Outcome::maybe_charged) || (outcome.is_none() && !(in_flight && is_last)),
            http_status => attempt.http_status,
            error => attempt.error.as_deref(),
            started_at => moment(&attempt.started_at),
            took => attempt.took_ms.map(seconds),
            first_text => attempt.first_text_ms.map(seconds),
            bar => attempt.took_ms.map(|took| took * BAR / longest),
            waited => (waited * BAR / longest).min(BAR),
            bytes => attempt.bytes.and_then(|bytes| u64::try_from(bytes).ok()).map(|bytes| plural(bytes, "byte", "bytes")),
            tokens => attempt.tokens_in.zip(attempt.tokens_out).map(|(sent, came)| format!("{sent} tokens in, {came} out")),
            partial => attempt.partial.as_deref().map(|partial| cut(&lines(partial))),
        }
    };
    attempts
        .iter()
        .enumerate()
        .skip(skipped)
        .map(value)
        .collect()
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(PARTIAL_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// An outcome in words.
fn what(outcome: Option<Outcome>, in_flight: bool) -> &'static str {
    match outcome {
        Some(Outcome::Ok) => "a whole story",
        Some(Outcome::NotSent) => "not sent",
        Some(Outcome::Wait) => "the service asked to wait",
        Some(Outcome::RefusedRow) => "the service refused this character",
        Some(Outcome::RefusedRun) => "the service refused all requests",
        Some(Outcome::Unknown) => "no complete answer",
        Some(Outcome::BadText) => "no usable story",
        Some(Outcome::Interrupted) => "interrupted",
        None if in_flight => "in flight",
        None => "no result recorded",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_separate_paragraphs_with_any_line_ends() {
        assert_eq!(paragraphs("\n a\r\nb \r\n\r\n \n\nc\n"), [" a\nb ", "c"]);
        assert_eq!(paragraphs(" \n"), [""; 0]);
    }

    #[test]
    fn a_duration_is_written_in_the_unit_that_fits() {
        assert_eq!(seconds(7), "7ms");
        assert_eq!(seconds(1_480), "1.5s");
        assert_eq!(seconds(200_000), "3m 20s");
    }
}
