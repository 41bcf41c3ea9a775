//! The addresses of the page, and what is answered at each.
//!
//! Nothing is answered before the guard let the request pass. Each answer is made to its end, also when nobody waits for it any
//! more: a question to the database that is left half-way would hold on to its moment.

use super::asked::{Asked, Typed};
use super::error::ViewError;
use super::page::{ICON, SCRIPT, STYLE};
use super::watch::Watch;
use super::{House, browse, guard, run, story};
use crate::domain::character::{CharacterId, TakeNumber};
use crate::domain::record::Record;
use crate::store::CastRecord;
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

/// Requests that are answered at the same time, those that listen not counted.
const ANSWERS_MAX: usize = 64;

pub(super) fn routes(house: Arc<House>) -> Router {
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
        .layer(from_fn_with_state((Arc::clone(&house), places), admit))
        .with_state(house)
}

/// Lets a request pass or not, answers it to the end, and says what the browser may do with the answer.
async fn admit(
    State((house, places)): State<(Arc<House>, Arc<Semaphore>)>,
    request: Request,
    next: Next,
) -> Response {
    let passed = house.guard.pass(request.uri(), request.headers());
    let place = places.try_acquire_owned().map_err(|_| ViewError::Busy);
    let mut answer = match passed.and(place) {
        Ok(place) => {
            let answering = tokio::spawn(async move {
                let answer = next.run(request).await;
                drop(place);
                answer
            });
            // It can only have panicked.
            let failed = |_| StatusCode::INTERNAL_SERVER_ERROR.into_response();
            answering.await.unwrap_or_else(failed)
        }
        Err(err) => failed(&house, &err),
    };
    guard::seal(answer.headers_mut());
    answer
}

fn asset(kind: &'static str, text: &'static str) -> MethodRouter<Arc<House>> {
    get(async move || ([(CONTENT_TYPE, kind)], text))
}

async fn nothing(State(house): State<Arc<House>>) -> Response {
    failed(&house, &ViewError::Nothing { what: "page" })
}

async fn list(
    State(house): State<Arc<House>>,
    typed: Result<Query<Typed>, QueryRejection>,
) -> Response {
    let typed = typed.map(|Query(typed)| typed).unwrap_or_default();
    let page = browse::browse(&house, &typed.into()).await;
    answer(&house, page)
}

/// Where somebody comes from, and what they want compared.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Reached {
    list: String,
    with: String,
}

async fn character(
    State(house): State<Arc<House>>,
    Path(id): Path<String>,
    Query(reached): Query<Reached>,
) -> Response {
    let asked = from(&reached.list);
    let page = match id.parse() {
        Ok(id) => story::story(&house, CharacterId(id), &asked, reached.with.parse().ok()).await,
        Err(_) => Err(ViewError::Nothing { what: "character" }),
    };
    answer(&house, page)
}

/// The list that a query asks for.
fn from(query: &str) -> Asked {
    let address: Result<Uri, _> = format!("/?{query}").parse();
    let typed = address
        .ok()
        .and_then(|uri| Query::<Typed>::try_from_uri(&uri).ok());
    typed.map(|Query(typed)| typed.into()).unwrap_or_default()
}

/// Which take is to count.
#[derive(Debug, Deserialize)]
struct Chosen {
    token: String,
    /// Its number; empty: the newest one, and each that comes.
    take: String,
    #[serde(default)]
    list: String,
}

async fn pick(
    State(house): State<Arc<House>>,
    Path(id): Path<String>,
    Form(chosen): Form<Chosen>,
) -> Response {
    match choose(&house, &id, &chosen).await {
        Ok(id) => {
            let asked = from(&chosen.list);
            let back = super::address::of_character(id, &asked.query());
            (StatusCode::SEE_OTHER, [(LOCATION, back)]).into_response()
        }
        Err(err) => failed(&house, &err),
    }
}

/// Lets a take count.
async fn choose(house: &House, id: &str, chosen: &Chosen) -> Result<CharacterId, ViewError> {
    house.guard.pass_change(&chosen.token)?;
    let nobody = |_| ViewError::Nothing { what: "character" };
    let id = CharacterId(id.parse().map_err(nobody)?);
    let nothing = ViewError::Nothing { what: "take" };
    let take = match chosen.take.as_str() {
        "" => None,
        take => match take.parse() {
            Ok(take) => Some(TakeNumber(take)),
            Err(_) => return Err(nothing),
        },
    };
    // Nobody chooses for a cast that is not shown.
    house.character(id).await?;
    house.db.pick(id, take).await?.map(|_| id).ok_or(nothing)
}

/// The cast that is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OfCast {
    cast: String,
}

async fn watched(State(house): State<Arc<House>>, Query(of): Query<OfCast>) -> Response {
    let cast = Some(of.cast.as_str()).filter(|cast| !cast.is_empty());
    let page = run::run(&house, cast).await;
    answer(&house, page)
}

async fn events(State(house): State<Arc<House>>, Query(of): Query<OfCast>) -> Response {
    let cast = Some(of.cast.as_str()).filter(|cast| !cast.is_empty());
    let heard = async {
        let casts = house.casts().await?;
        let cast = meant(&casts, cast)?;
        Watch::listen(&house, cast.map(|cast| cast.id))
    };
    match heard.await {
        Ok(heard) => heard.into_response(),
        Err(err) => failed(&house, &err),
    }
}

fn answer(house: &House, page: Result<String, ViewError>) -> Response {
    match page {
        Ok(page) => Html(page).into_response(),
        Err(err) => failed(house, &err),
    }
}

fn failed(house: &House, err: &ViewError) -> Response {
    let status = match err {
        ViewError::Nothing { .. } => StatusCode::NOT_FOUND,
        ViewError::Refused { .. } => StatusCode::FORBIDDEN,
        ViewError::Busy => StatusCode::SERVICE_UNAVAILABLE,
        ViewError::Store(_) | ViewError::Page(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let values = context! { words => err.words(), hint => err.hint() };
    let page = house.pages.part("error", values);
    // Where not even that can be made, the words alone are better than nothing.
    let page = page.map(Html).map_err(|_| err.words());
    (status, page).into_response()
}

impl House {
    /// The casts that are shown, of which there is at least one.
    ///
    /// # Errors
    ///
    /// [`ViewError`] when there is none any more, or the database cannot be read.
    pub(super) async fn casts(&self) -> Result<Vec<CastRecord>, ViewError> {
        Ok(match &self.only {
            Some(only) => vec![self.db.one_cast(Some(only)).await?],
            None => self.db.all_casts().await?,
        })
    }

    /// A character that is shown.
    ///
    /// # Errors
    ///
    /// [`ViewError::Nothing`] when there is none, or it is of a cast that is not shown.
    pub(super) async fn character(&self, id: CharacterId) -> Result<Record, ViewError> {
        let found = self.db.described(&[id]).await?.pop();
        let shown = |record: &Record| {
            self.only
                .as_ref()
                .is_none_or(|only| *only == record.cast_name)
        };
        let record = found.map(|(_, record)| record).filter(shown);
        record.ok_or(ViewError::Nothing { what: "character" })
    }
}

/// The cast that is meant: the one that is asked for, else the only one; nothing when that is all of several.
///
/// # Errors
///
/// [`ViewError::Nothing`] when none of `casts` has that name.
pub(super) fn meant<'a>(
    casts: &'a [CastRecord],
    asked: Option<&str>,
) -> Result<Option<&'a CastRecord>, ViewError> {
    let named = |name: &str| casts.iter().find(|cast| cast.cast_name == name);
    match (asked, casts) {
        (Some(name), _) => named(name)
            .map(Some)
            .ok_or(ViewError::Nothing { what: "cast" }),
        (None, [only]) => Ok(Some(only)),
        (None, _) => Ok(None),
    }
}
