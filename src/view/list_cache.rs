//! A cache of all characters in outline and of the last searches, so that any page of any list is found quickly.
//!
//! The outlines are read again when the database has changed. If reading takes long, it happens rarely, so that it uses only
//! a small share of the time. So the list of a large cast may be some seconds old during a run. What it shows of each
//! character is never old, because that is read for each page.

use super::AppState;
use super::error::ViewError;
use super::list_query::{ListQuery, PAGE, Sort};
use crate::domain::character::{CastId, CharacterId};
use crate::domain::status::Status;
use crate::store::{Found, Hits, Library, Location, Outline, Reader, Search, StoreError};
use std::cmp::Reverse;
use std::collections::{HashMap, VecDeque};
use std::ops::ControlFlow;
use std::sync::{Arc, MutexGuard};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// Outlines that are read in at most this time are checked at each request. They are read again only if the database has
/// changed, or if a character is running.
const QUICK: Duration = Duration::from_millis(25);

/// Reading that takes longer uses at most this share of the time: one twentieth.
const SHARE: u32 = 20;

/// With up to this many characters outside the search index, a search does not write the index first.
const UNINDEXED_MAX: u64 = 200;

/// How long a search waits for the index.
const INDEX_WAIT: Duration = Duration::from_millis(200);

/// Searches that are kept, the last ones: a user who turns the pages of a search repeats it again and again.
const SEARCHES_MAX: usize = 8;

/// All characters in outline, and the last searches.
pub(super) struct ListCache {
    /// Only this cast, if a cast is given.
    only: Option<CastId>,
    db: Mutex<Reader>,
    searcher: Reader,
    loaded: std::sync::Mutex<Option<Loaded>>,
    searched: std::sync::Mutex<VecDeque<Searched>>,
    /// Held while a task writes the search index.
    indexing: Arc<Mutex<()>>,
}

/// The outlines, and when they were read.
#[derive(Clone)]
struct Loaded {
    outlines: Arc<Vec<Outline>>,
    version: i64,
    at: Instant,
    took: Duration,
}

/// The result of a search, and when it was made.
#[derive(Clone)]
struct Searched {
    words: String,
    hits: Arc<Hits>,
    version: i64,
    at: Instant,
    took: Duration,
}

/// A page of a list.
#[derive(Default)]
pub(super) struct Part {
    /// The characters on it.
    pub(super) ids: Vec<CharacterId>,
    /// What was found in each of them, in the same order; empty if there was no search.
    pub(super) found: Vec<Found>,
    /// Characters in the whole list.
    pub(super) total: usize,
    /// The number of this page; the last one if the requested number is too high.
    pub(super) page: usize,
    /// Characters that were not searched, because they are not in the index yet.
    pub(super) left_out: u64,
}

/// The position of a character in a list.
pub(super) struct ListPosition {
    /// From 0.
    pub(super) nth: usize,
    /// Characters in the whole list.
    pub(super) total: usize,
    /// The character before it.
    pub(super) before: Option<CharacterId>,
    /// The character after it.
    pub(super) after: Option<CharacterId>,
}

impl ListCache {
    /// Closes its connections.
    pub(super) async fn close(self) {
        self.searcher.close().await;
        self.db.into_inner().close().await;
    }

    /// Opens the database for outlines and searches; only of the cast `only`, if it is given.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be read.
    pub(super) async fn open(db: &Location, only: Option<CastId>) -> Result<Self, StoreError> {
        Ok(Self {
            only,
            db: Mutex::new(db.open_to_read().await?),
            searcher: db.open_to_read().await?,
            loaded: std::sync::Mutex::default(),
            searched: std::sync::Mutex::default(),
            indexing: Arc::default(),
        })
    }

    /// The page of the list for this query; `cast` is the identity of the cast in it.
    ///
    /// # Errors
    ///
    /// [`ViewError`] if the database cannot be read.
    pub(super) async fn part(
        app: &Arc<AppState>,
        list_query: &ListQuery,
        cast: Option<CastId>,
    ) -> Result<Part, ViewError> {
        let (ids, left_out) = Self::list(app, list_query, cast).await?;
        let mut part = Part {
            total: ids.len(),
            page: list_query.page.min(ids.len().saturating_sub(1) / PAGE),
            left_out,
            ..Part::default()
        };
        let page = ids.into_iter().skip(part.page * PAGE).take(PAGE);
        part.ids = page.collect();
        if !list_query.words.is_empty() {
            let searcher = &app.lists.searcher;
            part.found = searcher.found(&list_query.words, &part.ids).await?;
        }
        Ok(part)
    }

    /// The position of the character `id` in the list for this query, if it is in the list.
    ///
    /// # Errors
    ///
    /// [`ViewError`] if the database cannot be read.
    pub(super) async fn position(
        app: &Arc<AppState>,
        list_query: &ListQuery,
        cast: Option<CastId>,
        id: CharacterId,
    ) -> Result<Option<ListPosition>, ViewError> {
        let (ids, _) = Self::list(app, list_query, cast).await?;
        let nth = ids.iter().position(|listed| *listed == id);
        Ok(nth.map(|nth| ListPosition {
            nth,
            total: ids.len(),
            before: nth.checked_sub(1).and_then(|at| ids.get(at)).copied(),
            after: ids.get(nth + 1).copied(),
        }))
    }

    /// All characters of the list for this query, in order, and how many were not searched.
    async fn list(
        app: &Arc<AppState>,
        list_query: &ListQuery,
        cast: Option<CastId>,
    ) -> Result<(Vec<CharacterId>, u64), ViewError> {
        let lists = &app.lists;
        let cast = lists.only.or(cast);
        let outlines = Self::outlines(app).await?;
        if list_query.words.is_empty() {
            return Ok((matching(&outlines, list_query, cast, None), 0));
        }
        update_index_briefly(app).await;
        let hits = lists.search(&list_query.words).await?;
        let ids = matching(&outlines, list_query, cast, Some(&hits.ids));
        Ok((ids, hits.left_out))
    }

    /// The result of a search; that of an earlier one, if it is still valid.
    async fn search(&self, words: &str) -> Result<Arc<Hits>, StoreError> {
        let version = self.searcher.version().await?;
        let is_valid = |searched: &&Searched| {
            let is_current =
                searched.version == version || searched.at.elapsed() < valid_for(searched.took);
            searched.words == words && is_current
        };
        let before = self.searches().iter().find(is_valid).cloned();
        if let Some(before) = before {
            return Ok(before.hits);
        }
        let start = Instant::now();
        let hits = Arc::new(self.searcher.hits(words).await?);
        let mut searches = self.searches();
        searches.retain(|searched| searched.words != words);
        searches.truncate(SEARCHES_MAX - 1);
        searches.push_front(Searched {
            words: words.to_owned(),
            hits: Arc::clone(&hits),
            version,
            at: Instant::now(),
            took: start.elapsed(),
        });
        Ok(hits)
    }

    fn searches(&self) -> MutexGuard<'_, VecDeque<Searched>> {
        self.searched
            .lock()
            .expect("no code panics while it holds the lock")
    }

    /// The outlines. If reading takes long, the old ones are returned while a task reads new ones.
    async fn outlines(app: &Arc<AppState>) -> Result<Arc<Vec<Outline>>, StoreError> {
        let lists = &app.lists;
        match lists.cached() {
            Some(loaded) if loaded.at.elapsed() < valid_for(loaded.took) => Ok(loaded.outlines),
            Some(loaded) if loaded.took > QUICK => {
                let app = Arc::clone(app);
                // If this fails, the next request gets the error, too.
                tokio::spawn(async move { app.lists.load().await.map(drop) });
                Ok(loaded.outlines)
            }
            _ => lists.load().await,
        }
    }

    /// Reads the outlines if the database has changed. Concurrent callers wait for the first read and share its result.
    async fn load(&self) -> Result<Arc<Vec<Outline>>, StoreError> {
        let called = Instant::now();
        let db = self.db.lock().await;
        let before = self.cached();
        if let Some(before) = before.as_ref().filter(|before| before.at > called) {
            return Ok(Arc::clone(&before.outlines));
        }
        let version = db.version().await?;
        let unchanged = before.filter(|before| {
            // A killed run does not change the database, but its characters change their state when its lease ends.
            let is_quiet = |outline: &Outline| outline.status != Status::Running;
            before.version == version && before.outlines.iter().all(is_quiet)
        });
        let start = Instant::now();
        let (outlines, took) = match unchanged {
            Some(before) => (before.outlines, before.took),
            None => (Arc::new(db.outlines().await?), start.elapsed()),
        };
        let loaded = Loaded {
            outlines: Arc::clone(&outlines),
            version,
            at: Instant::now(),
            took,
        };
        *self
            .loaded
            .lock()
            .expect("no code panics while it holds the lock") = Some(loaded);
        Ok(outlines)
    }

    fn cached(&self) -> Option<Loaded> {
        self.loaded
            .lock()
            .expect("no code panics while it holds the lock")
            .clone()
    }
}

/// How long a result may be used whose reading took `took`.
fn valid_for(took: Duration) -> Duration {
    if took > QUICK {
        took * SHARE
    } else {
        Duration::ZERO
    }
}

/// The identities of the `outlines` that match the query and the cast, in the order of the query. If `hits` are given, the
/// best first, only these.
fn matching(
    outlines: &[Outline],
    list_query: &ListQuery,
    cast: Option<CastId>,
    hits: Option<&[CharacterId]>,
) -> Vec<CharacterId> {
    let ranks: Option<HashMap<CharacterId, usize>> = hits.map(|hits| {
        let ranked = hits.iter().enumerate();
        ranked.map(|(rank, id)| (*id, rank)).collect()
    });
    let rank = |id| ranks.as_ref().and_then(|ranks| ranks.get(&id)).copied();
    let mut wanted: Vec<&Outline> = outlines
        .iter()
        .filter(|outline| {
            cast.is_none_or(|cast| outline.cast == cast)
                && (list_query.gone || !outline.gone)
                && list_query
                    .status
                    .is_none_or(|status| outline.status == status)
                && list_query.flag.is_none_or(|flag| outline.flags.has(flag))
                && (ranks.is_none() || rank(outline.id).is_some())
        })
        .collect();
    match list_query.sort {
        Sort::Natural => wanted.sort_by_key(|outline| rank(outline.id)),
        Sort::Row => {}
        Sort::Name => wanted.sort_by_key(|outline| outline.by_name),
        Sort::Longest => wanted.sort_by_key(|outline| Reverse(outline.words)),
        Sort::Shortest => {
            wanted.sort_by_key(|outline| (outline.words.is_none(), outline.words));
        }
        Sort::Newest => wanted.sort_by_key(|outline| Reverse(outline.finished_ms)),
        Sort::Oldest => {
            wanted.sort_by_key(|outline| (outline.finished_ms.is_none(), outline.finished_ms));
        }
    }
    wanted.into_iter().map(|outline| outline.id).collect()
}

/// Updates the search index if much is missing in it, but does not wait long for it.
async fn update_index_briefly(app: &Arc<AppState>) {
    let missing = app.lists.searcher.unindexed().await.unwrap_or(0);
    if missing <= UNINDEXED_MAX {
        return;
    }
    let indexing = tokio::spawn(update_index(Arc::clone(app)));
    let _ = tokio::time::timeout(INDEX_WAIT, indexing).await;
}

/// Fills the cache before the first request: first the outlines, then the search index.
pub(super) async fn fill(app: Arc<AppState>) {
    // If this fails, the next request gets the error, too.
    let _ = app.lists.load().await;
    update_index(app).await;
}

/// Updates the search index, unless a task does so already. If it cannot be written, searches take longer.
async fn update_index(app: Arc<AppState>) {
    let Ok(_alone) = Arc::clone(&app.lists.indexing).try_lock_owned() else {
        return;
    };
    let until_stopped = |_| {
        if *app.stopping.borrow() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    // Never dropped halfway: it has to close its own connection.
    let _ = app.lists.searcher.index(until_stopped).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::flag::{Flag, Flags};

    fn outlines() -> Vec<Outline> {
        let outline = |id, status, words: Option<i64>| Outline {
            id: CharacterId(id),
            cast: CastId(1 + id / 4),
            status,
            gone: id == 3,
            flags: Flags::default().with_if(Flag::Long, words > Some(100)),
            words,
            finished_ms: words.map(|words| 1_000 - words),
            by_name: 10 - id,
        };
        vec![
            outline(1, Status::Done, Some(50)),
            outline(2, Status::Pending, None),
            outline(3, Status::Done, Some(70)),
            outline(4, Status::Done, Some(200)),
        ]
    }

    fn ids(list_query: &ListQuery, cast: Option<CastId>, hits: Option<Vec<i64>>) -> Vec<i64> {
        let hits: Option<Vec<_>> = hits.map(|hits| hits.into_iter().map(CharacterId).collect());
        let matching = matching(&outlines(), list_query, cast, hits.as_deref());
        matching.into_iter().map(|id| id.0).collect()
    }

    #[test]
    fn orders_by_length_and_time_put_characters_without_a_story_last() {
        for (sort, expected) in [
            (Sort::Natural, [1, 2, 4]),
            (Sort::Row, [1, 2, 4]),
            (Sort::Name, [4, 2, 1]),
            (Sort::Longest, [4, 1, 2]),
            (Sort::Shortest, [1, 4, 2]),
            (Sort::Newest, [1, 4, 2]),
            (Sort::Oldest, [4, 1, 2]),
        ] {
            let list_query = ListQuery {
                sort,
                ..ListQuery::default()
            };
            assert_eq!(ids(&list_query, None, None), expected, "{sort:?}");
        }
    }

    #[test]
    fn a_character_in_the_list_matches_all_filters_and_the_search() {
        let all = ListQuery {
            gone: true,
            ..ListQuery::default()
        };
        assert_eq!(ids(&all, None, Some(vec![3, 1])), [3, 1], "the best first");
        let by_row = ListQuery {
            sort: Sort::Row,
            ..all.clone()
        };
        assert_eq!(ids(&by_row, None, Some(vec![3, 1])), [1, 3]);
        let done = ListQuery {
            status: Some(Status::Done),
            ..all.clone()
        };
        assert_eq!(ids(&done, Some(CastId(1)), None), [1, 3]);
        let long = ListQuery {
            flag: Some(Flag::Long),
            ..all
        };
        assert_eq!(ids(&long, None, None), [4]);
    }
}
