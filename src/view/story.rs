//! The page of a character: its story, its cells, its takes, and its attempts.

use super::AppState;
use super::address::{of_character, of_row};
use super::attempts::timeline;
use super::cast::{events, heading, link, meant};
use super::database::list_cache::{ListCache, ListPosition};
use super::error::ViewError;
use super::flags::flags;
use super::length::length;
use super::list_query::{ListQuery, PAGE};
use super::page::{Frame, number};
use super::takes::{Owner, TakesAsked, lines, section};
use super::watch::strip_of;
use crate::domain::character::CharacterId;
use crate::domain::record::Record;
use crate::store::Library;
use minijinja::{Value, context};
use std::sync::Arc;

/// The most characters of a name in the title of a page.
const TITLE_CHARS: usize = 80;

/// The page of a character that was reached from the list `list_query`.
///
/// # Errors
///
/// [`ViewError`] if there is no such character, or the database cannot be read.
pub(super) async fn story(
    app: &Arc<AppState>,
    id: CharacterId,
    list_query: &ListQuery,
    asked: TakesAsked,
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
    let owner = Owner {
        id,
        picked,
        list_query,
        token: &app.guard.token(open.opening),
    };
    let values = context! {
        name => record.name.trim(),
        cast => record.cast_name.as_str(),
        row => record.row,
        key => record.key.as_deref(),
        status => record.status.word(),
        gone => record.gone,
        error => record.error.as_deref(),
        flags => flags(record.flags),
        written => written(&record),
        finished_at => record.finished_at.as_deref(),
        take => record.take,
        columns => record.cells()
            .into_iter()
            .map(|(column, cell)| (column, lines(&cell)))
            .collect::<Vec<_>>(),
        paragraphs => record.backstory.as_deref().map(paragraphs),
        takes => section(&app.pages, &takes, &owner, asked)?,
        many => takes.len(),
        picked,
        attempts => timeline(&attempts, &record),
    };
    let body = app.pages.piece("story", values)?;
    let frame = Frame {
        title: &record
            .name
            .trim()
            .chars()
            .take(TITLE_CHARS)
            .collect::<String>(),
        here: "character",
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
            .piece("beside", navigation(list_query, id, position.as_ref()))?,
        again: false,
    };
    app.pages.whole(frame, body)
}

/// The links to the list, and to the characters before and after this one.
fn navigation(list_query: &ListQuery, id: CharacterId, position: Option<&ListPosition>) -> Value {
    let page = position.map_or(list_query.page, |at| at.nth / PAGE);
    let to =
        |id: Option<CharacterId>| id.map(|id| of_character(id, &list_query.on_page(page).query()));
    let count = |many: usize| number(u64::try_from(many).unwrap_or(u64::MAX));
    context! {
        back => of_row(id, &list_query.on_page(page).address()),
        nth => position.map(|at| count(at.nth + 1)),
        total => position.map(|at| count(at.total)),
        previous => position.and_then(|at| to(at.before)),
        next => position.and_then(|at| to(at.after)),
    }
}

/// The provider and model that wrote the current take, and its length, on one line.
fn written(record: &Record) -> Option<String> {
    let mut parts = vec![record.provider.clone()?];
    parts.extend(record.model.clone());
    parts.extend(
        record
            .backstory
            .as_deref()
            .zip(record.words)
            .map(|(story, words)| length(story, words)),
    );
    Some(parts.join(" · "))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_separate_paragraphs_with_any_line_ends() {
        assert_eq!(paragraphs("\n a\r\nb \r\n\r\n \n\nc\n"), [" a\nb ", "c"]);
        assert_eq!(paragraphs(" \n"), [""; 0]);
    }
}
