//! Reviewing casts: what a reader would object to in their current takes, as data.
//!
//! The stories are read twice, from one state of the database, and no text is held between. Nothing is changed. Flags that were
//! stored with a take are listed beside those that the review finds.

use super::error::AppError;
use super::memory::Memory;
use super::select;
use crate::domain::flag::Flag;
use crate::domain::prompt::Wishes;
use crate::domain::record::Record;
use crate::review::Asked;
use crate::review::cast::{CastFinding, FirstPass, Remarks, Story};
use crate::store::{CastRecord, Filter, Library, Location, Reader};
use serde_json::{Map, Value};

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
    /// What is no fault but worth knowing.
    pub remarks: Remarks,
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

    /// Reviews the casts, one after the other. Calls `step` after each character of each pass.
    ///
    /// # Errors
    ///
    /// [`AppError::Store`] when the database cannot be read.
    pub(crate) async fn reviews(&self, mut step: impl FnMut()) -> Result<Vec<Review>, AppError> {
        let mut reviews = Vec::with_capacity(self.casts.len());
        for cast in &self.casts {
            reviews.push(self.review(&cast.cast_name, &mut step).await?);
        }
        Ok(reviews)
    }

    async fn review(&self, cast_name: &str, step: &mut impl FnMut()) -> Result<Review, AppError> {
        let prompt = CastPrompt::of(&Memory::of_cast(&self.db, cast_name).await?);
        let filter = Filter {
            cast: Some(cast_name.to_owned()),
            ..Filter::default()
        };
        let mut characters: Vec<Who> = Vec::new();
        let mut objections = Vec::new();
        let mut first = FirstPass::new();
        self.db
            .each_record(&filter, |record| {
                step();
                let Some(text) = &record.backstory else {
                    return Ok::<_, AppError>(());
                };
                let row = cells(&record, text);
                let asked = prompt.asked(&record);
                let found = first.add(&Story {
                    asked,
                    row: &row,
                    text,
                });
                let who = Who::of(&record);
                objections.extend(stored(&record, &who));
                objections.extend(found.into_iter().map(|finding| Objection {
                    flag: finding.flag,
                    who: who.clone(),
                    detail: Some(finding.detail),
                    other: None,
                    similarity: None,
                }));
                characters.push(who);
                Ok(())
            })
            .await?;
        let mut second = first.end();
        self.db
            .each_record(&filter, |record| {
                step();
                if let Some(text) = &record.backstory {
                    let asked = prompt.asked(&record);
                    let story = Story {
                        asked,
                        row: "",
                        text,
                    };
                    let found = second.add(&story).into_iter();
                    objections.extend(found.filter_map(|found| of_cast(found, &characters)));
                }
                Ok::<_, AppError>(())
            })
            .await?;
        let place = |flag| MOST_USEFUL_FIRST.iter().position(|one| *one == flag);
        objections.sort_by_key(|objection| (place(objection.flag), objection.who.row));
        Ok(Review {
            cast_name: cast_name.to_owned(),
            stories: characters.len(),
            objections,
            remarks: second.end(),
        })
    }
}

impl Who {
    fn of(record: &Record) -> Self {
        Self {
            key: record.key.clone(),
            row: record.row,
            name: record.name.clone(),
        }
    }
}

/// The flags that are stored with the current take.
fn stored(record: &Record, who: &Who) -> impl Iterator<Item = Objection> {
    let flags = record.flags;
    let stored = Flag::STORED
        .into_iter()
        .filter(move |flag| flags.has(*flag));
    stored.map(|flag| Objection {
        flag,
        who: who.clone(),
        detail: None,
        other: None,
        similarity: None,
    })
}

/// The objection for a finding of the second pass.
fn of_cast(found: CastFinding, characters: &[Who]) -> Option<Objection> {
    let other = found.other.and_then(|other| characters.get(other));
    Some(Objection {
        flag: found.finding.flag,
        who: characters.get(found.story)?.clone(),
        detail: Some(found.finding.detail),
        other: other.cloned(),
        similarity: found.similarity,
    })
}

/// The cells of a character's row, without a cell that holds the story itself.
fn cells(record: &Record, story: &str) -> String {
    let cells: Map<String, Value> = serde_json::from_str(record.columns.get()).unwrap_or_default();
    let texts = cells.values().filter_map(Value::as_str);
    let texts: Vec<&str> = texts
        .filter(|text| text.trim() != story.trim())
        .chain([record.description.as_str()])
        .collect();
    texts.join("\n")
}

/// What the cast's prompt asks of each story.
struct CastPrompt {
    provider: Option<String>,
    text: Option<String>,
    wishes: Option<Wishes>,
}

impl CastPrompt {
    fn of(memory: &Memory) -> Self {
        let prompt = memory.prompt();
        Self {
            provider: memory.provider.clone(),
            text: prompt.as_ref().map(|prompt| prompt.text.clone()),
            wishes: prompt.and_then(|prompt| prompt.wishes),
        }
    }

    /// What was asked of the current take. A take by hand, of another provider or of an earlier recipe had another prompt, which
    /// is not known here.
    fn asked<'a>(&'a self, record: &'a Record) -> Asked<'a> {
        let is_own = record.provider == self.provider && !record.flags.has(Flag::Stale);
        let wishes = self.wishes.as_ref().filter(|_| is_own);
        Asked {
            name: &record.name,
            description: &record.description,
            prompt: self.text.as_deref().filter(|_| is_own),
            person: wishes.map(|wishes| wishes.person),
            language: wishes.and_then(|wishes| wishes.language.as_ref()),
        }
    }
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
