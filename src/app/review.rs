//! Reviewing casts: what a reader would object to in their current takes, as data.
//!
//! The stories are read twice, from one state of the database, and no text is held between. [`store`] stores what was found; a
//! review that cannot be stored is a review all the same. Flags that were stored with a take are listed beside those that the review
//! finds.

use super::error::AppError;
use super::find;
use super::judge::{CastPrompt, by_hand};
use super::memory::Memory;
use super::select;
use crate::domain::character::{CastId, CharacterId, TakeNumber};
use crate::domain::flag::{Flag, Flags, TakeFlags};
use crate::review::cast::{CastFinding, FirstPass, Remarks, Story};
use crate::review::{Asked, Finding};
use crate::store::{
    AlikePair, CastRecord, Changes, Library, Location, Reader, Reviewed, ReviewedTake, StoreError,
    StoryRecord,
};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};

/// The provider of takes that the user wrote.
const BY_HAND: &str = "hand";

/// All flags, the most useful first: what makes a story unusable, what falls out of the cast, what the connection left open.
pub(crate) const MOST_USEFUL_FIRST: [Flag; Flag::ALL.len()] = [
    Flag::Refusal,
    Flag::Thoughts,
    Flag::Meta,
    Flag::Placeholder,
    Flag::Mojibake,
    Flag::Language,
    Flag::Loop,
    Flag::Unnamed,
    Flag::Alike,
    Flag::Borrowed,
    Flag::Echo,
    Flag::Person,
    Flag::SameOpening,
    Flag::OddLength,
    Flag::BadUtf8,
    Flag::IgnoredLines,
    Flag::Unfinished,
    Flag::Abrupt,
    Flag::Unproven,
    Flag::Long,
    Flag::Stale,
];

/// A character of the cast, as objections name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Who {
    /// Its row key, if the sheet has row keys.
    pub key: Option<String>,
    /// Its row in the sheet, from 1.
    pub row: i64,
    /// Its name.
    pub name: String,
}

/// One objection to the current take of a character.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Objection {
    /// Its kind.
    pub flag: Flag,
    /// The character.
    pub who: Who,
    /// The words in question, or what is wrong; `None` for a flag that was stored with the take.
    pub detail: Option<String>,
    /// The other character, for `alike` and `borrowed`.
    pub other: Option<Who>,
    /// For `alike`: which part of the shorter story is in the other one, from 0 to 1.
    pub similarity: Option<f64>,
}

/// The review of a cast.
#[derive(Debug)]
pub(crate) struct Review {
    /// The name of the cast.
    pub cast_name: String,
    /// The number of stories.
    pub stories: usize,
    /// The objections: in the order of [`MOST_USEFUL_FIRST`], then of the sheet.
    pub objections: Vec<Objection>,
    /// How many flags would be objections if they were not dismissed.
    pub dismissed: usize,
    /// What is no fault but worth knowing.
    pub remarks: Remarks,
    /// The cast.
    cast: CastId,
    /// What is to be stored.
    reviewed: Reviewed,
}

/// The casts that are to be reviewed, in an opened database.
pub(crate) struct Reviewing {
    db: Reader,
    casts: Vec<CastRecord>,
}

impl Reviewing {
    /// Opens the database. Without a name, all casts are reviewed.
    ///
    /// # Errors
    ///
    /// [`AppError::Store`] where there is no such cast, or no cast at all.
    pub(crate) async fn open(db: &Location, cast: Option<&str>) -> Result<Self, AppError> {
        let (db, casts) = select::casts(db, cast).await?;
        db.hold_still().await?;
        Ok(Self { db, casts })
    }

    /// The number of casts.
    pub(crate) fn casts(&self) -> usize {
        self.casts.len()
    }

    /// How often `step` of [`Self::reviews`] is called, at most: once for each character in each pass.
    pub(crate) fn steps(&self) -> u64 {
        self.casts.iter().map(|cast| 2 * cast.total).sum()
    }

    /// Reviews the casts, one after the other, and closes the database. Calls `step` after each story of each pass.
    ///
    /// # Errors
    ///
    /// [`AppError::Store`] when the database cannot be read.
    pub(crate) async fn reviews(self, mut step: impl FnMut()) -> Result<Vec<Review>, AppError> {
        let mut reviews = Vec::with_capacity(self.casts.len());
        for cast in &self.casts {
            reviews.push(review(&self.db, cast, &mut step).await?);
        }
        self.db.close().await;
        Ok(reviews)
    }
}

/// What is used often in a cast.
///
/// # Errors
///
/// [`AppError::Store`] when the database cannot be read.
pub(super) async fn remarks(db: &Reader, cast: &CastRecord) -> Result<Remarks, AppError> {
    Ok(review(db, cast, &mut || {}).await?.remarks)
}

/// Stores what the reviews found, so that lists, exports and the page have it.
///
/// # Errors
///
/// [`StoreError`] when the database cannot be written. The reviews before the one that failed are stored.
pub(crate) async fn store(db: &Location, reviews: &[Review]) -> Result<(), StoreError> {
    let mut found = reviews
        .iter()
        .filter(|it| !it.reviewed.is_empty())
        .peekable();
    if found.peek().is_none() {
        return Ok(());
    }
    let db = db.open_to_change().await?;
    for review in found {
        db.store_review(review.cast, &review.reviewed).await?;
    }
    db.close().await;
    Ok(())
}

/// What came of dismissing a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dismissed {
    /// The characters that were named.
    pub named: u64,
    /// Those whose story had the flag; it does not come back for that take.
    pub dismissed: u64,
}

/// Dismisses a flag of the stories of these characters: names, row keys or `#ROW`.
///
/// # Errors
///
/// [`AppError::NotFound`] for the first that does not name one character; [`AppError::Store`] when the database cannot be written.
/// Nothing has changed then.
pub(crate) async fn dismiss(
    db: &Location,
    cast: Option<&str>,
    flag: Flag,
    who: &[String],
) -> Result<Dismissed, AppError> {
    let db = db.open_to_change().await?;
    let cast = db.one_cast(cast).await?;
    let named = find::all(&db, &cast.cast_name, who).await?;
    let named: BTreeSet<CharacterId> = named.into_iter().flatten().collect();
    let named: Vec<CharacterId> = named.into_iter().collect();
    let dismissed = db.dismiss(&named, flag).await?;
    db.close().await;
    Ok(Dismissed {
        named: u64::try_from(named.len()).unwrap_or(u64::MAX),
        dismissed,
    })
}

/// A story between the passes.
struct Reading {
    who: Who,
    id: CharacterId,
    take: TakeNumber,
    flags: TakeFlags,
    /// The flags as this review finds them.
    now: TakeFlags,
}

async fn review(
    db: &Reader,
    cast: &CastRecord,
    step: &mut impl FnMut(),
) -> Result<Review, AppError> {
    let memory = Memory::of_cast(db, &cast.cast_name).await?;
    let prompt = CastPrompt::of(&memory);
    let mut stories: Vec<Reading> = Vec::new();
    let mut objections = Vec::new();
    let mut first = FirstPass::new();
    db.each_story(cast.id, |record| {
        step();
        let (asked, is_known) = asked(&prompt, &memory, &record);
        let found = first.add(&Story {
            asked,
            row: &cells(&record),
            text: &record.text,
        });
        let story = Reading::new(&record, &found, is_known);
        objections.extend(
            found
                .into_iter()
                .map(|found| Objection::alone(&story.who, found)),
        );
        stories.push(story);
        Ok::<_, AppError>(())
    })
    .await?;
    let mut second = first.end();
    let mut reviewed = Reviewed::default();
    db.each_story(cast.id, |record| {
        step();
        let story = Story {
            asked: asked(&prompt, &memory, &record).0,
            row: "",
            text: &record.text,
        };
        for found in second.add(&story) {
            reviewed.alike.extend(pair(&found, &stories));
            objections.extend(of_cast(found, &mut stories));
        }
        Ok::<_, AppError>(())
    })
    .await?;
    reviewed.takes = stories.iter().filter_map(Reading::changed).collect();
    Ok(Review {
        cast: cast.id,
        cast_name: cast.cast_name.clone(),
        dismissed: stories.iter().map(Reading::dismissed).sum(),
        objections: shown(objections, &stories),
        stories: stories.len(),
        remarks: second.end(),
        reviewed,
    })
}

impl Reading {
    /// A story after the first pass, which found `found`. Unless it is known what was asked, a flag that was stored stays: when the
    /// story was stored, that was known.
    fn new(record: &StoryRecord, found: &[Finding], is_known: bool) -> Self {
        let of_words = found.iter().map(|finding| finding.flag);
        let of_words = of_words.fold(Flags::default(), Flags::with);
        let flags = record.flags;
        let kept = flags.own.filtered(|flag| !is_known || !flag.is_of_words());
        Self {
            who: Who {
                key: record.key.clone(),
                row: record.row,
                name: record.name.clone(),
            },
            id: record.id,
            take: record.take,
            flags,
            now: TakeFlags {
                own: kept.union(of_words),
                review: Flags::default(),
                ..flags
            },
        }
    }

    /// What is to be stored, if it is not stored already.
    fn changed(&self) -> Option<ReviewedTake> {
        (self.now != self.flags).then_some(ReviewedTake {
            id: self.id,
            take: self.take,
            own: self.now.own,
            review: self.now.review,
        })
    }

    /// How many of its flags are dismissed.
    fn dismissed(&self) -> usize {
        let hidden = self.now.all().without(self.now.shown());
        hidden.iter().count()
    }
}

impl Objection {
    /// An objection to one story, which follows from its words.
    fn alone(who: &Who, found: Finding) -> Self {
        Self {
            detail: Some(found.detail),
            ..Self::stored(who, found.flag)
        }
    }

    /// A flag of which only the name is known.
    fn stored(who: &Who, flag: Flag) -> Self {
        Self {
            flag,
            who: who.clone(),
            detail: None,
            other: None,
            similarity: None,
        }
    }
}

/// The objection for a finding of the second pass, whose flag is added to its story.
fn of_cast(found: CastFinding, stories: &mut [Reading]) -> Option<Objection> {
    let other = found.other.and_then(|other| stories.get(other));
    let other = other.map(|other| other.who.clone());
    let story = stories.get_mut(found.story)?;
    story.now.review = story.now.review.with(found.finding.flag);
    Some(Objection {
        other,
        similarity: found.similarity,
        ..Objection::alone(&story.who, found.finding)
    })
}

/// The pair of a finding that is about two similar stories. Both stories have the finding; the pair is that of the earlier one.
fn pair(found: &CastFinding, stories: &[Reading]) -> Option<AlikePair> {
    let (other, similarity) = (found.other?, found.similarity?);
    if found.finding.flag != Flag::Alike || found.story > other {
        return None;
    }
    let take = |story: usize| stories.get(story).map(|story| (story.id, story.take));
    Some(AlikePair {
        one: take(found.story)?,
        other: take(other)?,
        similarity,
    })
}

/// The objections in their order: those that are found and not dismissed, and for other flags that are stored, their names.
fn shown(mut found: Vec<Objection>, stories: &[Reading]) -> Vec<Objection> {
    let place = |flag| MOST_USEFUL_FIRST.iter().position(|one| *one == flag);
    let flags: HashMap<i64, &Reading> = stories.iter().map(|it| (it.who.row, it)).collect();
    let mut detailed: HashMap<i64, Flags> = HashMap::new();
    found.retain(|objection| {
        let row = objection.who.row;
        let known = detailed.entry(row).or_default();
        *known = known.with(objection.flag);
        flags
            .get(&row)
            .is_some_and(|it| it.now.shown().has(objection.flag))
    });
    for story in stories {
        let detailed = detailed.get(&story.who.row).copied().unwrap_or_default();
        let rest = story.now.shown().without(detailed);
        found.extend(rest.iter().map(|flag| Objection::stored(&story.who, flag)));
    }
    found.sort_by_key(|objection| (place(objection.flag), objection.who.row));
    found
}

/// What was asked of a story, and whether all of that is known: of an earlier description or recipe and of another provider it is not.
fn asked<'a>(prompt: &'a CastPrompt, memory: &Memory, story: &'a StoryRecord) -> (Asked<'a>, bool) {
    if story.provider == BY_HAND {
        return (by_hand(&story.name), true);
    }
    if !story.flags.is_stale && memory.provider.as_ref() == Some(&story.provider) {
        return (prompt.asked(&story.name, &story.description), true);
    }
    let asked = Asked {
        name: &story.name,
        description: &story.description,
        ..Asked::default()
    };
    (asked, false)
}

/// The cells of the row, for the names in them; without a cell that is the story itself.
fn cells(story: &StoryRecord) -> String {
    let cells: Map<String, Value> = serde_json::from_str(&story.columns).unwrap_or_default();
    let texts = cells.values().filter_map(Value::as_str);
    let texts: Vec<&str> = texts
        .filter(|text| text.trim() != story.text.trim())
        .chain([story.description.as_str()])
        .collect();
    texts.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_flag_has_a_place_in_the_order() {
        let mut order = MOST_USEFUL_FIRST;
        order.sort();
        assert_eq!(order, Flag::ALL);
    }
}
