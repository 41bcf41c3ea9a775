//! The list of characters: filtered, searched and sorted, one page at a time.

use super::AppState;
use super::address::of_character;
use super::cast::{events, heading, link, meant};
use super::database::Connections;
use super::database::list_cache::{ListCache, Part};
use super::error::ViewError;
use super::flags::flags;
use super::length::length;
use super::list_query::{ListQuery, Sort};
use super::page::{Frame, begin, number, plural};
use super::watch::strip_of;
use crate::app::review::MOST_USEFUL_FIRST;
use crate::domain::flag::Flag;
use crate::domain::record::Record;
use crate::domain::status::Status;
use crate::store::{CastRecord, Library, Snippet};
use minijinja::{Value, context};
use std::sync::Arc;

/// The columns that the list shows of a character.
const COLUMNS_MAX: usize = 8;

/// The most characters of a cell that the list shows.
const CELL_CHARS: usize = 60;

/// The most characters of a story, or of its substitute, that the list shows.
const BEGIN_CHARS: usize = 220;

/// The page of the list for this query.
///
/// # Errors
///
/// [`ViewError`] if there is no such cast, or the database cannot be read.
pub(super) async fn browse(
    app: &Arc<AppState>,
    list_query: &ListQuery,
) -> Result<String, ViewError> {
    let open = &app.database.connections().await?;
    let casts = open.casts().await?;
    let cast = meant(&casts, list_query.cast.as_deref())?;
    let several = cast.is_none() && casts.len() > 1;
    let part = ListCache::part(open, list_query, cast.map(|cast| cast.id)).await?;
    let list_query = &list_query.on_page(part.page);
    let list = list_query.query();
    let rows: Vec<Value> = if list_query.words.is_empty() {
        let records = open.db.described(&part.ids).await?;
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
        title: &title(list_query, heading(cast)),
        here: "cast",
        heading: heading(cast),
        link: link(&casts, cast),
        events: events(link(&casts, cast)),
        strip: strip_of(app, open, link(&casts, cast)).await?,
        side: filters(app, open, list_query, &casts, cast)?,
        again: false,
    };
    let body = app.pages.piece("browse", body(list_query, &part, rows))?;
    app.pages.whole(frame, body)
}

/// The title of a list: what it shows, then the cast.
fn title(list_query: &ListQuery, heading: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    if !list_query.words.is_empty() {
        parts.push(list_query.words.clone());
    }
    parts.extend(settings(list_query));
    if list_query.page > 0 {
        parts.push(format!("page {}", list_query.page + 1));
    }
    parts.push(heading.to_owned());
    parts.join(" · ")
}

/// The filters and the order that are set, in words.
fn settings(list_query: &ListQuery) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(list_query.status.map(|status| status.word().to_owned()));
    parts.extend(list_query.flag.map(|flag| flag.word().to_owned()));
    if list_query.sort != Sort::default() {
        parts.push(list_query.sort.label().to_owned());
    }
    if list_query.gone {
        parts.push("with those no longer in the sheet".to_owned());
    }
    parts
}

fn body(list_query: &ListQuery, part: &Part, rows: Vec<Value>) -> Value {
    let first = part.page * super::list_query::PAGE;
    let to = first + rows.len();
    let on = |page: usize| list_query.on_page(page).address();
    context! {
        searched => !list_query.words.is_empty(),
        words => list_query.words.as_str(),
        narrowed => *list_query != ListQuery::default(),
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

/// The choices of the filters, with the chosen ones.
fn filters(
    app: &AppState,
    open: &Connections,
    list_query: &ListQuery,
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
        let (word, on) = (status.word(), list_query.status == Some(status));
        context! { word, on, many => number(many(status)) }
    };
    let flag = |flag: Flag| context! { word => flag.word(), on => list_query.flag == Some(flag) };
    let sort = |sort: Sort| context! { word => sort.word(), label => sort.label(), on => list_query.sort == sort };
    let named = |cast: &CastRecord| context! { name => cast.cast_name.as_str(), on => list_query.cast.as_ref() == Some(&cast.cast_name) };
    let values = context! {
        words => list_query.words.as_str(),
        set => list_query.cast.clone().into_iter().chain(settings(list_query)).collect::<Vec<_>>().join(", "),
        all => number(sum(|cast| cast.total)),
        any_status => list_query.status.is_none(),
        statuses => Status::ALL.map(status).to_vec(),
        flags => MOST_USEFUL_FIRST.map(flag).to_vec(),
        sorts => Sort::ALL.map(sort).to_vec(),
        casts => if open.shows_all_casts() && casts.len() > 1 { casts.iter().map(named).collect() } else { Vec::new() },
        left => (sum(|cast| cast.gone) > 0).then(|| number(sum(|cast| cast.gone))),
        gone => list_query.gone,
    };
    app.pages.piece("filters", values)
}

/// The line of a character in the list.
fn row(
    id: crate::domain::character::CharacterId,
    record: &Record,
    snippet: Option<&Snippet>,
    list: &str,
    several: bool,
) -> Value {
    let found = snippet.map(pieces).filter(|pieces| !pieces.is_empty());
    let text = record
        .error
        .as_ref()
        .filter(|_| record.status == Status::Failed);
    let text = text.or(record.backstory.as_ref());
    context! {
        id => id.0,
        address => of_character(id, list),
        name => record.name.trim(),
        cast => several.then_some(record.cast_name.as_str()),
        row => record.row,
        status => record.status.word(),
        gone => record.gone,
        words => record.backstory.as_deref().zip(record.words).map(|(story, words)| length(story, words)),
        flags => flags(record.flags),
        columns => columns(record),
        found,
        begin => text.map(|text| begin(text, BEGIN_CHARS)),
    }
}

/// A snippet in pieces; the words that were searched are marked.
fn pieces(snippet: &Snippet) -> Vec<Value> {
    let piece = |(text, hit): &(String, bool)| {
        let text = text.replace(['\n', '\r', '\t'], " ");
        context! { text, hit => *hit }
    };
    snippet.0.iter().map(piece).collect()
}

/// The first cells that are not empty, with their columns, each shortened to a line.
fn columns(record: &Record) -> Vec<(String, String)> {
    let short =
        |(column, cell): (String, String)| (begin(&column, CELL_CHARS), begin(&cell, CELL_CHARS));
    let said = record.cells().into_iter().map(short);
    said.take(COLUMNS_MAX).collect()
}
