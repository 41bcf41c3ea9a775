//! The cast: who is in it, a page at a time, filtered, searched and in order.

use super::House;
use super::address::{of_character, with_query};
use super::asked::{Asked, Sort};
use super::error::ViewError;
use super::page::{Frame, begin, number, plural};
use super::routes::meant;
use super::shelf::{Part, Shelf};
use super::watch::strip_of;
use crate::domain::flag::Flag;
use crate::domain::record::Record;
use crate::domain::status::Status;
use crate::store::{CastRecord, Snippet};
use minijinja::{Value, context};
use serde_json::Map;
use std::sync::Arc;

/// Columns of a character that its line in the list shows.
const COLUMNS_MAX: usize = 8;

/// As much of a cell as the list shows, in characters.
const CELL_CHARS: usize = 60;

/// As much of a story, or of what stands for it, as the list shows.
const BEGIN_CHARS: usize = 220;

/// The page of the cast that is asked for.
///
/// # Errors
///
/// [`ViewError`] when there is no such cast, or the database cannot be read.
pub(super) async fn browse(house: &Arc<House>, asked: &Asked) -> Result<String, ViewError> {
    let casts = house.casts().await?;
    let cast = meant(&casts, asked.cast.as_deref())?;
    let several = cast.is_none() && casts.len() > 1;
    let part = Shelf::part(house, asked, cast.map(|cast| cast.id)).await?;
    let asked = &asked.on_page(part.page);
    let list = asked.query();
    let rows: Vec<Value> = if asked.words.is_empty() {
        let records = house.db.described(&part.ids).await?;
        let row = |(id, record): &(_, Record)| row(*id, record, None, &list, several);
        records.iter().map(row).collect()
    } else {
        let row = |found: &crate::store::Found| {
            let snippet = Some(&found.snippet);
            row(found.id, &found.record, snippet, &list, several)
        };
        part.found.iter().map(row).collect()
    };
    let frame = Frame {
        title: heading(cast),
        here: "cast",
        heading: heading(cast),
        link: link(&casts, cast),
        events: events(link(&casts, cast)),
        strip: strip_of(house, cast).await?,
        side: filters(house, asked, &casts, cast)?,
    };
    let body = house.pages.piece("browse", body(asked, &part, rows))?;
    house.pages.whole(frame, body)
}

/// What a page about this cast, or all, is headed with.
pub(super) fn heading(cast: Option<&CastRecord>) -> &str {
    cast.map_or("All casts", |cast| &cast.cast_name)
}

/// The cast as addresses have it: nothing where there is only one, or all are meant.
pub(super) fn link<'a>(casts: &[CastRecord], cast: Option<&'a CastRecord>) -> &'a str {
    let named = cast.filter(|_| casts.len() > 1);
    named.map_or("", |cast| &cast.cast_name)
}

/// The address at which changes to this cast, or to all, are told.
pub(super) fn events(link: &str) -> String {
    with_query("/events", &[("cast", link)])
}

fn body(asked: &Asked, part: &Part, rows: Vec<Value>) -> Value {
    let first = part.page * super::asked::PAGE;
    let to = first + rows.len();
    let on = |page: usize| asked.on_page(page).address();
    context! {
        searched => !asked.words.is_empty(),
        words => asked.words.as_str(),
        narrowed => *asked != Asked::default(),
        first => number(u64::try_from(first + 1).unwrap_or(u64::MAX)),
        to => number(u64::try_from(to).unwrap_or(u64::MAX)),
        total => number(u64::try_from(part.total).unwrap_or(u64::MAX)),
        empty => part.total == 0,
        many => part.total > rows.len(),
        start => (part.page > 1).then(|| on(0)),
        previous => (part.page > 0).then(|| on(part.page - 1)),
        next => (to < part.total).then(|| on(part.page + 1)),
        left_out => (part.left_out > 0).then(|| plural(part.left_out, "character is", "characters are")),
        rows,
    }
}

/// What can be asked for, with what is.
fn filters(
    house: &House,
    asked: &Asked,
    casts: &[CastRecord],
    cast: Option<&CastRecord>,
) -> Result<Value, ViewError> {
    let counted: Vec<&CastRecord> = match cast {
        Some(cast) => vec![cast],
        None => casts.iter().collect(),
    };
    let sum = |of: fn(&CastRecord) -> u64| counted.iter().map(|cast| of(cast)).sum::<u64>();
    let many = |status: Status| {
        sum(match status {
            Status::Done => |cast| cast.done,
            Status::Running => |cast| cast.running,
            Status::Pending => |cast| cast.pending,
            Status::Failed => |cast| cast.failed,
        })
    };
    let status = |status: Status| {
        let (word, on) = (status.word(), asked.status == Some(status));
        context! { word, on, many => number(many(status)) }
    };
    let flag = |flag: Flag| context! { word => flag.word(), on => asked.flag == Some(flag) };
    let sort = |sort: Sort| context! { word => sort.word(), label => sort.label(), on => asked.sort == sort };
    let named = |cast: &CastRecord| context! { name => cast.cast_name.as_str(), on => asked.cast.as_ref() == Some(&cast.cast_name) };
    let values = context! {
        words => asked.words.as_str(),
        all => number(sum(|cast| cast.total)),
        any_status => asked.status.is_none(),
        statuses => Status::ALL.map(status).to_vec(),
        flags => Flag::ALL.map(flag).to_vec(),
        sorts => Sort::ALL.map(sort).to_vec(),
        casts => if house.only.is_none() && casts.len() > 1 { casts.iter().map(named).collect() } else { Vec::new() },
        left => (sum(|cast| cast.gone) > 0).then(|| number(sum(|cast| cast.gone))),
        gone => asked.gone,
    };
    house.pages.piece("filters", values)
}

/// A character's line in the list.
fn row(
    id: crate::domain::character::CharacterId,
    record: &Record,
    snippet: Option<&Snippet>,
    list: &str,
    several: bool,
) -> Value {
    let found = snippet.map(pieces).filter(|pieces| !pieces.is_empty());
    let text = record.error.as_ref().filter(|_| record.status == "failed");
    let text = text.or(record.backstory.as_ref());
    context! {
        id => id.0,
        address => of_character(id, list),
        name => record.name.trim(),
        cast => several.then_some(record.cast_name.as_str()),
        row => record.row,
        status => record.status.as_str(),
        gone => record.gone,
        words => record.words.and_then(|words| u64::try_from(words).ok()).map(|words| plural(words, "word", "words")),
        flags => flags(record),
        columns => columns(record),
        found,
        begin => text.map(|text| begin(text, BEGIN_CHARS)),
    }
}

/// The flags of a character.
pub(super) fn flags(record: &Record) -> Vec<String> {
    serde_json::from_str(record.flags.get()).unwrap_or_default()
}

/// A snippet in pieces; what was looked for is marked.
fn pieces(snippet: &Snippet) -> Vec<Value> {
    let piece = |(text, hit): &(String, bool)| {
        let text = text.replace(['\n', '\r', '\t'], " ");
        context! { text, hit => *hit }
    };
    snippet.0.iter().map(piece).collect()
}

/// The first cells that say something, under their columns, each cut to a short line.
fn columns(record: &Record) -> Vec<(String, String)> {
    let short =
        |(column, cell): (String, String)| (begin(&column, CELL_CHARS), begin(&cell, CELL_CHARS));
    let said = saying(record).into_iter().map(short);
    said.take(COLUMNS_MAX).collect()
}

/// The cells that say something beside the name and the story, under their columns.
pub(super) fn saying(record: &Record) -> Vec<(String, String)> {
    let columns: Map<String, serde_json::Value> =
        serde_json::from_str(record.columns.get()).unwrap_or_default();
    let said = columns.into_iter().filter_map(|(column, cell)| {
        let cell = cell.as_str()?.trim();
        let is_story = record.backstory.as_deref().map(str::trim) == Some(cell);
        let says = !cell.is_empty() && cell != record.name.trim() && !is_story;
        says.then(|| (column, cell.to_owned()))
    });
    said.collect()
}
