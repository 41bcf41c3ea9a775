//! The addresses of the page and their handlers.
//!
//! No handler runs before the guard has accepted the request and its body has arrived. A handler always runs to its end, even if
//! the browser has closed the connection: a query that is dropped halfway would keep its read transaction open.

use super::assets::ASSETS;
use super::error::ViewError;
use super::list_query::{ListQuery, RawQuery};
use super::page::Frame;
use super::takes::TakesAsked;
use super::watch::Watch;
use super::{AppState, browse, guard, run, story};
use crate::app::change::{self, Picked};
use crate::domain::character::{CharacterId, TakeNumber};
use crate::store::StoreError;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::rejection::{FormRejection, PathRejection, QueryRejection};
use axum::extract::{Form, Path, Query, Request, State};
use axum::http::header::LOCATION;
use axum::http::{StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use minijinja::context;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// The most requests that are answered at the same time, without event streams.
const ANSWERS_MAX: usize = 64;

/// The time in which the body of a request must arrive.
const BODY: Duration = Duration::from_secs(10);

/// The longest body of a request, in bytes. A form has some numbers and the address of a list.
const BODY_BYTES_MAX: usize = 64 << 10;

pub(super) fn routes(app: Arc<AppState>) -> Router {
    let places = Arc::new(Semaphore::new(ANSWERS_MAX));
    let mut router = Router::new()
        .route("/", get(list))
        .route("/character/{id}", get(character))
        .route("/character/{id}/pick", post(pick))
        .route("/run", get(watched))
        .route("/events", get(events));
    for asset in ASSETS {
        router = router.route(asset.path, get(async move || asset));
    }
    router
        .fallback(async |State(app): State<Arc<AppState>>| failed(&app, &ViewError::NoPage))
        .method_not_allowed_fallback(async |State(app): State<Arc<AppState>>| {
            failed(&app, &ViewError::Method)
        })
        .layer(from_fn_with_state((Arc::clone(&app), places), admit))
        .with_state(app)
}

/// Checks a request, answers it to the end, and adds the headers for the browser.
async fn admit(
    State((app, places)): State<(Arc<AppState>, Arc<Semaphore>)>,
    request: Request,
    next: Next,
) -> Response {
    let mut answer = match accept(&app, places, request).await {
        Ok((request, place)) => {
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

/// Accepts a request with its whole body, and gives it a place. A request that is still being sent has no place, so unfinished
/// requests keep no reader out.
async fn accept(
    app: &AppState,
    places: Arc<Semaphore>,
    request: Request,
) -> Result<(Request, tokio::sync::OwnedSemaphorePermit), ViewError> {
    app.guard.pass(request.uri(), request.headers())?;
    let (head, body) = request.into_parts();
    let unreadable = |status| ViewError::Unreadable { status };
    let body = timeout(BODY, to_bytes(body, BODY_BYTES_MAX))
        .await
        .map_err(|_| unreadable(StatusCode::REQUEST_TIMEOUT))?
        .map_err(|_| unreadable(StatusCode::PAYLOAD_TOO_LARGE))?;
    let place = places.try_acquire_owned().map_err(|_| ViewError::Busy)?;
    Ok((Request::from_parts(head, Body::from(body)), place))
}

async fn list(
    State(app): State<Arc<AppState>>,
    raw: Result<Query<RawQuery>, QueryRejection>,
) -> Response {
    let raw = raw.map(|Query(raw)| raw).unwrap_or_default();
    let page = browse::browse(&app, &raw.into()).await;
    answer(&app, page)
}

/// The list that the user came from, the take to compare with, and the take that was just picked.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Reached {
    list: String,
    with: String,
    picked: String,
}

async fn character(
    State(app): State<Arc<AppState>>,
    id: Result<Path<String>, PathRejection>,
    reached: Result<Query<Reached>, QueryRejection>,
) -> Response {
    let reached = reached.map(|Query(reached)| reached).unwrap_or_default();
    let asked = TakesAsked {
        with: reached.with.parse().ok(),
        chosen: reached.picked.parse().ok(),
    };
    let page = match character_id(id) {
        Ok(id) => story::story(&app, id, &from(&reached.list), asked).await,
        Err(err) => Err(err),
    };
    answer(&app, page)
}

/// The character in an address.
fn character_id(id: Result<Path<String>, PathRejection>) -> Result<CharacterId, ViewError> {
    let number = id.ok().and_then(|Path(id)| id.parse().ok());
    let missing = ViewError::Nothing { what: "character" };
    number.map(CharacterId).ok_or(missing)
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
    /// The take that the current one was compared with.
    #[serde(default)]
    with: String,
}

async fn pick(
    State(app): State<Arc<AppState>>,
    id: Result<Path<String>, PathRejection>,
    chosen: Result<Form<Chosen>, FormRejection>,
) -> Response {
    let picked = async {
        let id = character_id(id)?;
        let Form(chosen) = chosen.map_err(|rejected| ViewError::Unreadable {
            status: rejected.status(),
        })?;
        let take = choose(&app, id, &chosen).await?;
        let (list, with) = (from(&chosen.list).query(), chosen.with.parse::<i64>().ok());
        Ok(super::address::of_pick(id, &list, with, take))
    };
    match picked.await {
        Ok(back) => (StatusCode::SEE_OTHER, [(LOCATION, back)]).into_response(),
        Err(err) => failed(&app, &err),
    }
}

/// Picks a take; returns its number.
async fn choose(app: &AppState, id: CharacterId, chosen: &Chosen) -> Result<TakeNumber, ViewError> {
    let opening = app.guard.pass_change(&chosen.token)?;
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
        Picked::Take { take, .. } => Ok(take),
        Picked::NoSuchTake { .. } => Err(nothing),
    }
}

/// The cast in the address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OfCast {
    cast: String,
}

async fn watched(
    State(app): State<Arc<AppState>>,
    of: Result<Query<OfCast>, QueryRejection>,
) -> Response {
    let cast = of.map(|Query(of)| of.cast).unwrap_or_default();
    let page = run::run(&app, Some(cast.as_str()).filter(|cast| !cast.is_empty())).await;
    answer(&app, page)
}

async fn events(
    State(app): State<Arc<AppState>>,
    of: Result<Query<OfCast>, QueryRejection>,
) -> Response {
    let cast = of.map(|Query(of)| of.cast).unwrap_or_default();
    // A database that cannot be read now may come back: the page gets both events.
    match Watch::listen(&app, app.database.scope(&cast)) {
        Ok(heard) => heard.into_response(),
        Err(err) => failed(&app, &err),
    }
}

fn answer(app: &AppState, page: Result<String, ViewError>) -> Response {
    match page {
        Ok(page) => Html(page).into_response(),
        Err(err) => {
            // Loading the page again does nothing but read.
            let again = matches!(err, ViewError::Store(_));
            error_page(app, &err, again)
        }
    }
}

fn failed(app: &AppState, err: &ViewError) -> Response {
    error_page(app, err, false)
}

/// The page that says why there is no other one. Where `again` is set, it is loaded again when the database can be read again.
fn error_page(app: &AppState, err: &ViewError, again: bool) -> Response {
    let words = capital(&err.words());
    let frame = Frame {
        title: &words,
        heading: "backstory",
        // A page under a wrong address would only be refused again.
        events: match err {
            ViewError::Refused { .. } => String::new(),
            _ => "/events".to_owned(),
        },
        again,
        ..Frame::default()
    };
    let values =
        context! { words => words.as_str(), hint => err.hint().map(|hint| capital(&hint)) };
    let body = app.pages.piece("error", values);
    let page = body.and_then(|body| app.pages.whole(frame, body));
    // If not even the error page can be made, the plain message is sent.
    let page = page.map(Html).map_err(|_| words);
    (err.status(), page).into_response()
}

/// A message as a sentence that begins with a capital letter.
fn capital(message: &str) -> String {
    let mut letters = message.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}
