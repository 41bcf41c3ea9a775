//! The addresses of the page and their handlers.
//!
//! No handler runs before the guard has accepted the request. A handler always runs to its end, even if the browser has
//! closed the connection: a query that is dropped halfway would keep its read transaction open.

use super::error::ViewError;
use super::list_query::{ListQuery, RawQuery};
use super::page::{ICON, SCRIPT, STYLE};
use super::watch::Watch;
use super::{AppState, browse, guard, run, story};
use crate::app::change::{self, Picked};
use crate::domain::character::{CharacterId, TakeNumber};
use crate::store::StoreError;
use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Form, Path, Query, Request, State};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use minijinja::context;
use serde::Deserialize;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The most requests that are answered at the same time, without event streams.
const ANSWERS_MAX: usize = 64;

pub(super) fn routes(app: Arc<AppState>) -> Router {
    let places = Arc::new(Semaphore::new(ANSWERS_MAX));
    Router::new()
        .route("/", get(list))
        .route("/character/{id}", get(character))
        .route("/character/{id}/pick", post(pick))
        .route("/run", get(watched))
        .route("/events", get(events))
        .route("/view.css", asset("text/css; charset=utf-8", STYLE))
        .route("/view.js", asset("text/javascript; charset=utf-8", SCRIPT))
        .route("/icon.svg", asset("image/svg+xml", ICON))
        .fallback(nothing)
        .layer(from_fn_with_state((Arc::clone(&app), places), admit))
        .with_state(app)
}

/// Checks a request, answers it to the end, and adds the headers for the browser.
async fn admit(
    State((app, places)): State<(Arc<AppState>, Arc<Semaphore>)>,
    request: Request,
    next: Next,
) -> Response {
    let passed = app.guard.pass(request.uri(), request.headers());
    let place = places.try_acquire_owned().map_err(|_| ViewError::Busy);
    let mut answer = match passed.and(place) {
        Ok(place) => {
            let answering = tokio::spawn(async move {
                let answer = next.run(request).await;
                drop(place);
                answer
            });
            // The task can only have panicked.
            let failed = |_| StatusCode::INTERNAL_SERVER_ERROR.into_response();
            answering.await.unwrap_or_else(failed)
        }
        Err(err) => failed(&app, &err),
    };
    guard::seal(answer.headers_mut());
    answer
}

fn asset(kind: &'static str, text: &'static str) -> MethodRouter<Arc<AppState>> {
    get(async move || ([(CONTENT_TYPE, kind)], text))
}

async fn nothing(State(app): State<Arc<AppState>>) -> Response {
    failed(&app, &ViewError::Nothing { what: "page" })
}

async fn list(
    State(app): State<Arc<AppState>>,
    raw: Result<Query<RawQuery>, QueryRejection>,
) -> Response {
    let raw = raw.map(|Query(raw)| raw).unwrap_or_default();
    let page = browse::browse(&app, &raw.into()).await;
    answer(&app, page)
}

/// The list that the user came from, and the take to compare with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Reached {
    list: String,
    with: String,
}

async fn character(
    State(app): State<Arc<AppState>>,
    Path(id): Path<String>,
    Query(reached): Query<Reached>,
) -> Response {
    let list_query = from(&reached.list);
    let page = match id.parse() {
        Ok(id) => {
            story::story(
                &app,
                CharacterId(id),
                &list_query,
                reached.with.parse().ok(),
            )
            .await
        }
        Err(_) => Err(ViewError::Nothing { what: "character" }),
    };
    answer(&app, page)
}

/// The list query in the query part of an address.
fn from(query: &str) -> ListQuery {
    let address: Result<Uri, _> = format!("/?{query}").parse();
    let raw = address
        .ok()
        .and_then(|uri| Query::<RawQuery>::try_from_uri(&uri).ok());
    raw.map(|Query(raw)| raw.into()).unwrap_or_default()
}

/// The take that was picked.
#[derive(Debug, Deserialize)]
struct Chosen {
    token: String,
    /// Its number; empty: the newest one, now and later.
    take: String,
    #[serde(default)]
    list: String,
}

async fn pick(
    State(app): State<Arc<AppState>>,
    Path(id): Path<String>,
    Form(chosen): Form<Chosen>,
) -> Response {
    match choose(&app, &id, &chosen).await {
        Ok(id) => {
            let list_query = from(&chosen.list);
            let back = super::address::of_character(id, &list_query.query());
            (StatusCode::SEE_OTHER, [(LOCATION, back)]).into_response()
        }
        Err(err) => failed(&app, &err),
    }
}

/// Picks a take.
async fn choose(app: &AppState, id: &str, chosen: &Chosen) -> Result<CharacterId, ViewError> {
    let opening = app.guard.pass_change(&chosen.token)?;
    let missing = |_| ViewError::Nothing { what: "character" };
    let id = CharacterId(id.parse().map_err(missing)?);
    let nothing = ViewError::Nothing { what: "take" };
    let take = match chosen.take.as_str() {
        "" => None,
        take => match take.parse() {
            Ok(take) => Some(TakeNumber(take)),
            Err(_) => return Err(nothing),
        },
    };
    let open = app.database.connections().await?;
    // In another database the same number is another character.
    if open.opening != opening {
        return Err(ViewError::Outdated);
    }
    // A take can only be picked in a cast that is shown.
    open.character(id).await?;
    let read_only = || StoreError::Failed {
        doing: "pick a take",
        source: "attempt to write a readonly database".into(),
    };
    let editor = open.editor.as_ref().ok_or_else(read_only)?;
    match change::pick(editor, id, take).await? {
        Picked::Take { .. } => Ok(id),
        Picked::NoSuchTake { .. } => Err(nothing),
    }
}

/// The cast in the address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OfCast {
    cast: String,
}

async fn watched(State(app): State<Arc<AppState>>, Query(of): Query<OfCast>) -> Response {
    let cast = Some(of.cast.as_str()).filter(|cast| !cast.is_empty());
    let page = run::run(&app, cast).await;
    answer(&app, page)
}

async fn events(State(app): State<Arc<AppState>>, Query(of): Query<OfCast>) -> Response {
    // A database that cannot be read now may come back: the page is told of both.
    match Watch::listen(&app, app.database.scope(&of.cast)) {
        Ok(heard) => heard.into_response(),
        Err(err) => failed(&app, &err),
    }
}

fn answer(app: &AppState, page: Result<String, ViewError>) -> Response {
    match page {
        Ok(page) => Html(page).into_response(),
        Err(err) => failed(app, &err),
    }
}

fn failed(app: &AppState, err: &ViewError) -> Response {
    let status = match err {
        ViewError::Nothing { .. } => StatusCode::NOT_FOUND,
        ViewError::Refused { .. } => StatusCode::FORBIDDEN,
        ViewError::Busy | ViewError::Store(StoreError::Replaced { .. }) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        ViewError::Outdated => StatusCode::CONFLICT,
        ViewError::Store(_) | ViewError::Page(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let values = context! { words => err.words(), hint => err.hint() };
    let page = app.pages.part("error", values);
    // If not even the error page can be made, the plain message is sent.
    let page = page.map(Html).map_err(|_| err.words());
    (status, page).into_response()
}
