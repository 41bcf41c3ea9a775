//! Who stands where: all characters in outline, filtered and in order, so that any page of any list is found at once.
//!
//! The outlines are read again when the database has changed; where that takes long, never so often that it takes more than a
//! small share of the time. So of a large cast while a run goes on a list may be some seconds behind; about those whom it shows
//! it says nothing wrong, because these are read anew for each page.

use super::House;
use super::asked::{Asked, PAGE, Sort};
use super::error::ViewError;
use crate::domain::character::CharacterId;
use crate::domain::status::Status;
use crate::store::{Found, Hits, Outline, Sqlite, StoreError};
use std::cmp::Reverse;
use std::collections::{HashMap, VecDeque};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, MutexGuard};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// What takes no longer than this is read anew for whoever asks.
const WAITED_FOR: Duration = Duration::from_millis(25);

/// What takes longer takes at most this part of the time: one twentieth.
const SHARE: u32 = 20;

/// Characters outside the search index that are searched by themselves, again each time, before the index is written.
const UNINDEXED_MAX: u64 = 200;

/// How long a search waits for the index.
const INDEX_WAIT: Duration = Duration::from_millis(200);

/// Searches that are kept, the last ones: who leafs through what was found asks for the same again and again.
const SEARCHES_MAX: usize = 8;

/// All characters in outline.
pub(super) struct Shelf {
    /// Only this cast, where one is named.
    only: Option<i64>,
    db: Mutex<Sqlite>,
    searcher: Sqlite,
    loaded: std::sync::Mutex<Option<Loaded>>,
    searched: std::sync::Mutex<VecDeque<Searched>>,
    /// Held while somebody writes the search index.
    indexing: Arc<Mutex<()>>,
}

/// The outlines of a moment.
#[derive(Clone)]
struct Loaded {
    outlines: Arc<Vec<Outline>>,
    version: i64,
    at: Instant,
    took: Duration,
}

/// What was found at a moment.
#[derive(Clone)]
struct Searched {
    words: String,
    hits: Arc<Hits>,
    version: i64,
    at: Instant,
    took: Duration,
}

/// A part of a list.
#[derive(Default)]
pub(super) struct Part {
    /// Who stands there, and of each, where words were looked for, what was found.
    pub(super) ids: Vec<CharacterId>,
    /// What was found, in the same order; nothing where no words were looked for.
    pub(super) found: Vec<Found>,
    /// Characters in the whole list.
    pub(super) total: usize,
    /// The page that this is, which is the last one when one beyond it was asked for.
    pub(super) page: usize,
    /// Characters that were not searched, because they are not in the index yet.
    pub(super) left_out: u64,
}

/// The place of a character in a list.
pub(super) struct Place {
    /// From 0.
    pub(super) nth: usize,
    /// Characters in the whole list.
    pub(super) total: usize,
    /// Who stands before it.
    pub(super) before: Option<CharacterId>,
    /// Who stands behind it.
    pub(super) behind: Option<CharacterId>,
}

impl Shelf {
    /// Closes its connections.
    pub(super) async fn close(self) {
        self.searcher.close().await;
        self.db.into_inner().close().await;
    }

    /// Opens the database for outlines and searches, of the cast `only` where one is named.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    pub(super) async fn open(db: &Path, only: Option<i64>) -> Result<Self, StoreError> {
        Ok(Self {
            only,
            db: Mutex::new(Sqlite::open_to_read(db).await?),
            searcher: Sqlite::open_to_read(db).await?,
            loaded: std::sync::Mutex::default(),
            searched: std::sync::Mutex::default(),
            indexing: Arc::default(),
        })
    }

    /// The page of the list that is asked for; `cast` is the identity of the cast that it names.
    ///
    /// # Errors
    ///
    /// [`ViewError`] when the database cannot be read.
    pub(super) async fn part(
        house: &Arc<House>,
        asked: &Asked,
        cast: Option<i64>,
    ) -> Result<Part, ViewError> {
        let (ids, left_out) = Self::list(house, asked, cast).await?;
        let mut part = Part {
            total: ids.len(),
            page: asked.page.min(ids.len().saturating_sub(1) / PAGE),
            left_out,
            ..Part::default()
        };
        let page = ids.into_iter().skip(part.page * PAGE).take(PAGE);
        part.ids = page.collect();
        if !asked.words.is_empty() {
            let searcher = &house.shelf.searcher;
            part.found = searcher.found(&asked.words, &part.ids).await?;
        }
        Ok(part)
    }

    /// Where `who` stands in the list that is asked for, if there.
    ///
    /// # Errors
    ///
    /// [`ViewError`] when the database cannot be read.
    pub(super) async fn place(
        house: &Arc<House>,
        asked: &Asked,
        cast: Option<i64>,
        who: CharacterId,
    ) -> Result<Option<Place>, ViewError> {
        let (ids, _) = Self::list(house, asked, cast).await?;
        let nth = ids.iter().position(|id| *id == who);
        Ok(nth.map(|nth| Place {
            nth,
            total: ids.len(),
            before: nth.checked_sub(1).and_then(|at| ids.get(at)).copied(),
            behind: ids.get(nth + 1).copied(),
        }))
    }

    /// Everybody in the list that is asked for, in order, and how many were not searched.
    async fn list(
        house: &Arc<House>,
        asked: &Asked,
        cast: Option<i64>,
    ) -> Result<(Vec<CharacterId>, u64), ViewError> {
        let shelf = &house.shelf;
        let cast = shelf.only.or(cast);
        let outlines = Self::outlines(house).await?;
        if asked.words.is_empty() {
            return Ok((arranged(&outlines, asked, cast, None), 0));
        }
        catch_up(house).await;
        let hits = shelf.search(&asked.words).await?;
        let ids = arranged(&outlines, asked, cast, Some(&hits.ids));
        Ok((ids, hits.left_out))
    }

    /// Who is found; what was found a moment ago, where that still holds.
    async fn search(&self, words: &str) -> Result<Arc<Hits>, StoreError> {
        let version = self.searcher.version().await?;
        let kept = |searched: &&Searched| {
            let holds =
                searched.version == version || searched.at.elapsed() < good_for(searched.took);
            searched.words == words && holds
        };
        let before = self.searches().iter().find(kept).cloned();
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
        self.searched.lock().expect("nobody panics here")
    }

    /// The outlines: new ones where they are quickly read, else those of a while ago while new ones are on their way.
    async fn outlines(house: &Arc<House>) -> Result<Arc<Vec<Outline>>, StoreError> {
        let shelf = &house.shelf;
        match shelf.at_hand() {
            Some(loaded) if loaded.at.elapsed() < good_for(loaded.took) => Ok(loaded.outlines),
            Some(loaded) if loaded.took > WAITED_FOR => {
                let house = Arc::clone(house);
                // What goes wrong there goes wrong for whoever asks next, too.
                tokio::spawn(async move { house.shelf.load().await.map(drop) });
                Ok(loaded.outlines)
            }
            _ => shelf.load().await,
        }
    }

    /// Reads the outlines if the database has changed. One at a time; who waits for another one is content with what that got.
    async fn load(&self) -> Result<Arc<Vec<Outline>>, StoreError> {
        let asked = Instant::now();
        let db = self.db.lock().await;
        let before = self.at_hand();
        if let Some(before) = before.as_ref().filter(|before| before.at > asked) {
            return Ok(Arc::clone(&before.outlines));
        }
        let version = db.version().await?;
        let unchanged = before.filter(|before| {
            // A run that was killed changes nothing in the database, only its time runs out.
            let quiet = |outline: &Outline| outline.status != Status::Running;
            before.version == version && before.outlines.iter().all(quiet)
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
        *self.loaded.lock().expect("nobody panics here") = Some(loaded);
        Ok(outlines)
    }

    fn at_hand(&self) -> Option<Loaded> {
        self.loaded.lock().expect("nobody panics here").clone()
    }
}

/// How long that is good which took so long to read, though it may be old by then.
fn good_for(took: Duration) -> Duration {
    if took > WAITED_FOR {
        took * SHARE
    } else {
        Duration::ZERO
    }
}

/// Those of `outlines` that are asked for, of this cast where one is given, in the order that is asked for. Where `hits` are
/// given, the best first, only those.
fn arranged(
    outlines: &[Outline],
    asked: &Asked,
    cast: Option<i64>,
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
                && (asked.gone || !outline.gone)
                && asked.status.is_none_or(|status| outline.status == status)
                && asked.flag.is_none_or(|flag| outline.flags.has(flag))
                && (ranks.is_none() || rank(outline.id).is_some())
        })
        .collect();
    match asked.sort {
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

/// Brings the search index up to date if much is missing in it, but does not wait long for it.
async fn catch_up(house: &Arc<House>) {
    let missing = house.shelf.searcher.unindexed().await.unwrap_or(0);
    if missing <= UNINDEXED_MAX {
        return;
    }
    let indexing = tokio::spawn(bring_up_to_date(Arc::clone(house)));
    let _ = tokio::time::timeout(INDEX_WAIT, indexing).await;
}

/// Has everything at hand before somebody asks: first the outlines, then the search index.
pub(super) async fn prepare(house: Arc<House>) {
    // What goes wrong here goes wrong for whoever asks, too.
    let _ = house.shelf.load().await;
    bring_up_to_date(house).await;
}

/// Brings the search index up to date, unless somebody is at it. Where it cannot be written, searching takes longer.
async fn bring_up_to_date(house: Arc<House>) {
    let Ok(_alone) = Arc::clone(&house.shelf.indexing).try_lock_owned() else {
        return;
    };
    let go_on = |_| {
        if *house.stopping.borrow() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    // Never dropped half-way: it has a connection of its own to close.
    let _ = house.shelf.searcher.index(go_on).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::flag::{Flag, Flags};

    fn outlines() -> Vec<Outline> {
        let outline = |id, status, words: Option<i64>| Outline {
            id: CharacterId(id),
            cast: 1 + id / 4,
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

    fn ids(asked: &Asked, cast: Option<i64>, hits: Option<Vec<i64>>) -> Vec<i64> {
        let hits: Option<Vec<_>> = hits.map(|hits| hits.into_iter().map(CharacterId).collect());
        let arranged = arranged(&outlines(), asked, cast, hits.as_deref());
        arranged.into_iter().map(|id| id.0).collect()
    }

    #[test]
    fn each_order_puts_those_without_a_story_last() {
        for (sort, expected) in [
            (Sort::Natural, [1, 2, 4]),
            (Sort::Row, [1, 2, 4]),
            (Sort::Name, [4, 2, 1]),
            (Sort::Longest, [4, 1, 2]),
            (Sort::Shortest, [1, 4, 2]),
            (Sort::Newest, [1, 4, 2]),
            (Sort::Oldest, [4, 1, 2]),
        ] {
            let asked = Asked {
                sort,
                ..Asked::default()
            };
            assert_eq!(ids(&asked, None, None), expected, "{sort:?}");
        }
    }

    #[test]
    fn filters_and_words_are_all_met() {
        let all = Asked {
            gone: true,
            ..Asked::default()
        };
        assert_eq!(ids(&all, None, Some(vec![3, 1])), [3, 1], "the best first");
        let by_row = Asked {
            sort: Sort::Row,
            ..all.clone()
        };
        assert_eq!(ids(&by_row, None, Some(vec![3, 1])), [1, 3]);
        let done = Asked {
            status: Some(Status::Done),
            ..all.clone()
        };
        assert_eq!(ids(&done, Some(1), None), [1, 3]);
        let long = Asked {
            flag: Some(Flag::Long),
            ..all
        };
        assert_eq!(ids(&long, None, None), [4]);
    }
}
