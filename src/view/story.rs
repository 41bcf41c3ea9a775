//! A character: its story to be read, what the sheet says, all takes side by side, and what happened on the way.

use super::House;
use super::address::of_character;
use super::asked::{Asked, PAGE};
use super::browse::{events, flags, heading, link, saying};
use super::error::ViewError;
use super::page::{Frame, moment, number, plural};
use super::routes::meant;
use super::shelf::{Place, Shelf};
use super::watch::strip_of;
use crate::domain::character::CharacterId;
use crate::domain::difference::marked;
use crate::domain::outcome::Outcome;
use crate::domain::record::Record;
use crate::domain::speed::length;
use crate::store::{AttemptRecord, TakeRecord};
use minijinja::{Value, context};
use std::sync::Arc;
use std::time::Duration;

/// Takes that are set side by side at most, the newest of them; beside the one that counts.
const SIDE_BY_SIDE_MAX: usize = 12;

/// As much of what had arrived as is shown, in characters.
const PARTIAL_CHARS: usize = 4_000;

/// Attempts that are shown, the last of them.
const ATTEMPTS_MAX: usize = 200;

/// The width of the bar of the longest attempt.
const BAR: i64 = 1_000;

/// The page of a character, which was reached from the list that `asked` says. The take that counts is compared with take
/// number `with`, else with the newest other one.
///
/// # Errors
///
/// [`ViewError`] when there is no such character, or the database cannot be read.
pub(super) async fn story(
    house: &Arc<House>,
    id: CharacterId,
    asked: &Asked,
    with: Option<i64>,
) -> Result<String, ViewError> {
    let record = house.character(id).await?;
    let casts = house.casts().await?;
    let cast = meant(&casts, Some(&record.cast_name))?;
    let takes = house.db.takes(id).await?;
    let attempts = house.db.attempts(id).await?;
    let picked = house.db.picked(&[id]).await? > 0;
    let listed = asked
        .cast
        .as_ref()
        .and_then(|name| casts.iter().find(|cast| cast.cast_name == *name));
    let place = Shelf::place(house, asked, listed.map(|cast| cast.id), id).await?;
    let values = context! {
        id => id.0,
        token => house.guard.token(),
        list => asked.query(),
        name => record.name.trim(),
        cast => record.cast_name.as_str(),
        row => record.row,
        key => record.key.as_deref(),
        status => record.status.as_str(),
        gone => record.gone,
        error => record.error.as_deref(),
        flags => flags(&record),
        written => written(&record),
        take => record.take,
        columns => saying(&record)
            .into_iter()
            .map(|(column, cell)| (column, lines(&cell)))
            .collect::<Vec<_>>(),
        paragraphs => record.backstory.as_deref().map(paragraphs),
        compared => compared(&takes, with).map(|take| take.take),
        takes => side_by_side(&takes, with, id, asked),
        many => takes.len(),
        picked,
        attempts => timeline(&attempts, &record),
    };
    let body = house.pages.piece("story", values)?;
    let frame = Frame {
        title: record.name.trim(),
        here: "",
        heading: heading(if asked.cast.is_some() || casts.len() == 1 {
            cast
        } else {
            None
        }),
        link: asked.cast.as_deref().unwrap_or_default(),
        events: events(link(&casts, cast)),
        strip: strip_of(house, cast).await?,
        side: house.pages.piece("beside", beside(asked, place.as_ref()))?,
    };
    house.pages.whole(frame, body)
}

/// The way back to the list, and to those who stand before and behind.
fn beside(asked: &Asked, place: Option<&Place>) -> Value {
    let page = place.map_or(asked.page, |place| place.nth / PAGE);
    let to = |id: Option<CharacterId>| id.map(|id| of_character(id, &asked.on_page(page).query()));
    let count = |many: usize| number(u64::try_from(many).unwrap_or(u64::MAX));
    context! {
        back => asked.on_page(page).address(),
        nth => place.map(|place| count(place.nth + 1)),
        total => place.map(|place| count(place.total)),
        previous => place.and_then(|place| to(place.before)),
        next => place.and_then(|place| to(place.behind)),
    }
}

/// Which provider and model wrote the current take, when, and how long it is, on one line.
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

/// The paragraphs of a story: what blank lines part.
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

/// `text` with line ends of one form: another form is no difference to a reader.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// The take that the one that counts is compared with: number `with`, else the newest other one.
fn compared(takes: &[TakeRecord], with: Option<i64>) -> Option<&TakeRecord> {
    let mut others = takes.iter().filter(|take| !take.current);
    let newest = others.clone().next_back();
    others.find(|take| Some(take.take) == with).or(newest)
}

/// The takes with what differs marked: in the one that counts, what the compared one does not have; in all others, what the
/// one that counts does not have. Nothing where there is only one.
fn side_by_side(
    takes: &[TakeRecord],
    with: Option<i64>,
    id: CharacterId,
    asked: &Asked,
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
    let address = of_character(id, &asked.query());
    let joint = if address.contains('?') { '&' } else { '?' };
    let value = |take: &TakeRecord| {
        let own = lines(&take.text);
        let against = if take.current {
            lines(&compared.text)
        } else {
            text.clone()
        };
        // Blanks alone are no difference that anybody sees.
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
            flags => serde_json::from_str::<Vec<String>>(take.flags.get()).unwrap_or_default(),
            pieces,
        }
    };
    std::iter::once(current).chain(shown).map(value).collect()
}

/// The attempts, first to last, each with its share of the time of the longest.
fn timeline(attempts: &[AttemptRecord], record: &Record) -> Vec<Value> {
    let longest = attempts.iter().filter_map(|attempt| attempt.took_ms).max();
    let longest = longest.unwrap_or(0).max(1);
    let skipped = attempts.len().saturating_sub(ATTEMPTS_MAX);
    let in_flight = record.status == "running";
    let value = |(nth, attempt): (usize, &AttemptRecord)| {
        let outcome = Outcome::ALL
            .into_iter()
            .find(|outcome| Some(outcome.word()) == attempt.outcome.as_deref());
        let is_last = nth + 1 == attempts.len();
        let waited = attempt
            .first_text_ms
            .unwrap_or(attempt.took_ms.unwrap_or(0));
        context! {
            attempt => attempt.attempt,
            outcome => attempt.outcome.as_deref(),
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

/// A short time as it was measured, to a tenth of a second from one on; a longer one as people write it.
pub(super) fn seconds(ms: i64) -> String {
    let time = Duration::from_millis(u64::try_from(ms).unwrap_or(0));
    if time < Duration::from_secs(1) {
        format!("{}ms", time.as_millis())
    } else if time < Duration::from_mins(1) {
        format!("{:.1}s", time.as_secs_f64())
    } else {
        length(time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_part_paragraphs_whatever_the_line_ends() {
        assert_eq!(paragraphs("\n a\r\nb \r\n\r\n \n\nc\n"), [" a\nb ", "c"]);
        assert_eq!(paragraphs(" \n"), [""; 0]);
    }

    #[test]
    fn a_time_is_written_as_short_as_it_is() {
        assert_eq!(seconds(7), "7ms");
        assert_eq!(seconds(1_480), "1.5s");
        assert_eq!(seconds(200_000), "3m 20s");
    }
}
