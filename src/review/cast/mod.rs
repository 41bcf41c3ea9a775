//! What a reader would object to in a cast as a whole: stories that are alike, openings that come again, names that belong to
//! another character, lengths, persons and languages that fall out.
//!
//! It takes two passes over the stories, in the same order, and holds no text between them: about 1 KB a story. The first pass
//! also judges each story by itself. A story that is another one in the second pass is not judged.
//!
//! ```text
//! FirstPass::new() → add(…) for each story → end() → SecondPass → add(…) for each story → end() → Remarks
//! ```

mod alike;
mod borrowed;
mod candidates;
mod forms;
mod invented;
mod length;
mod majority;
mod name_keys;
mod opening;
mod shingles;
#[cfg(test)]
mod tests;

use super::language::Tongue;
use super::person::Voice;
use super::reading::{Reading, key_of};
use super::{Asked, Finding, Read, name::Name};
use crate::domain::flag::Flag;

/// A story of a cast.
#[derive(Debug, Clone, Copy)]
pub struct Story<'a> {
    /// What was asked for.
    pub asked: Asked<'a>,
    /// What the character's row says: its cells, or its description if there is nothing else.
    pub row: &'a str,
    /// The text.
    pub text: &'a str,
}

/// An objection to a story that follows from the rest of the cast.
#[derive(Debug, Clone, PartialEq)]
pub struct CastFinding {
    /// The number of the story, from 0, in the order of the passes.
    pub story: usize,
    /// What was found. Where the words are is known only for the story that was just added.
    pub finding: Finding,
    /// The number of the other story, for `alike` and `borrowed`.
    pub other: Option<usize>,
    /// For `alike`: which part of the shorter story's wording is in the other one, from 0 to 1.
    pub similarity: Option<f64>,
}

/// What is no fault but worth knowing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Remarks {
    /// The first words that open most stories, with how many, at least three; at most [`REMARKS_MAX`].
    pub openings: Vec<(String, usize)>,
    /// Names that several stories have and no row, with how many stories, at least three; at most [`REMARKS_MAX`].
    pub invented: Vec<(String, usize)>,
    /// The lengths, if there are stories.
    pub lengths: Option<Lengths>,
}

/// The lengths of a cast's stories, in words. Two letters of a script without spaces count as one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lengths {
    /// The shortest.
    pub least: usize,
    /// The middle one.
    pub median: usize,
    /// The longest.
    pub most: usize,
}

/// The most openings and the most names that are listed.
pub(crate) const REMARKS_MAX: usize = 20;

/// What is remembered of each story between the passes.
#[derive(Debug, Default)]
struct Known {
    /// A hash of the text.
    text: u64,
    tongue: Option<Tongue>,
    voice: Option<Voice>,
    /// Whether a person or a language was asked for; these were judged by that already.
    asked: AskedFor,
    length: u32,
}

/// What was asked for and therefore is not judged by the rest of the cast.
#[derive(Debug, Clone, Copy, Default)]
struct AskedFor {
    person: bool,
    language: bool,
}

/// The first pass.
#[derive(Debug, Default)]
pub struct FirstPass {
    known: Vec<Known>,
    candidates: candidates::Signatures,
    openings: opening::Openings,
    names: borrowed::Names,
    invented: invented::Invented,
}

/// The second pass.
#[derive(Debug)]
pub struct SecondPass {
    known: Vec<Known>,
    next: usize,
    alike: alike::Comparisons,
    openings: opening::Openings,
    names: borrowed::Index,
    invented: invented::Invented,
    lengths: Option<length::Usual>,
    voice: Option<Voice>,
    tongue: Option<Tongue>,
}

/// A story as the rules for casts read it.
struct Member<'a> {
    reading: &'a Reading<'a>,
    /// The keys of the words of its own name.
    own: Vec<u64>,
    tongue: Option<Tongue>,
}

impl<'a> Member<'a> {
    fn new(reading: &'a Reading<'a>, name: &str, tongue: Option<Tongue>) -> Self {
        let words = Name::of(name).words;
        Self {
            reading,
            own: words.iter().map(|word| key_of(word)).collect(),
            tongue,
        }
    }
}

impl FirstPass {
    /// Before the first story.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next story, and returns what is to be objected to it alone. Beyond 4,294,967,295 stories nothing is remembered.
    pub fn add(&mut self, story: &Story<'_>) -> Vec<Finding> {
        let read = Read::of(story.text);
        let findings = super::judged(&story.asked, &read);
        let Ok(number) = u32::try_from(self.known.len()) else {
            return findings;
        };
        let is_refusal = findings.iter().any(|finding| finding.flag == Flag::Refusal);
        let member = Member::new(&read.reading, story.asked.name, read.tongue);
        let row = Reading::of(story.row);
        let names = self.names.add(number, story.asked.name, &row, &member);
        if !is_refusal {
            self.invented.add(&member, &names);
        }
        self.openings.count(&member);
        self.candidates.add(&shingles::of(&member));
        self.known.push(Known {
            text: fingerprint(story.text),
            tongue: read.tongue,
            voice: read.voice.as_ref().map(|(voice, _)| *voice),
            asked: AskedFor {
                person: story.asked.person.is_some(),
                language: story
                    .asked
                    .language
                    .is_some_and(|language| super::language::asked(language).is_some()),
            },
            length: u32::try_from(read.reading.length()).unwrap_or(u32::MAX),
        });
        findings
    }

    /// All stories were added.
    #[must_use]
    pub fn end(self) -> SecondPass {
        let lengths: Vec<u32> = self.known.iter().map(|known| known.length).collect();
        SecondPass {
            next: 0,
            alike: alike::Comparisons::of(self.candidates.pairs()),
            openings: self.openings,
            names: self.names.index(),
            invented: self.invented,
            lengths: length::Usual::of(lengths),
            voice: majority::of(self.known.iter().map(|known| known.voice), PartialEq::eq),
            tongue: majority::of(self.known.iter().map(|known| known.tongue), |a, b| {
                a.is_like(*b)
            }),
            known: self.known,
        }
    }
}

impl SecondPass {
    /// Adds the next story, in the order of the first pass, and returns what is now found, also of earlier stories.
    pub fn add(&mut self, story: &Story<'_>) -> Vec<CastFinding> {
        let number = self.next;
        self.next += 1;
        let Some(known) = self
            .known
            .get(number)
            .filter(|known| known.text == fingerprint(story.text))
        else {
            return Vec::new();
        };
        let reading = Reading::of(story.text);
        let member = Member::new(&reading, story.asked.name, known.tongue);
        let mut found = self.alike.add(number, &member);
        let mut alone = |finding: Option<Finding>| {
            found.extend(finding.map(|finding| CastFinding {
                story: number,
                finding,
                other: None,
                similarity: None,
            }));
        };
        let usual = |asked: bool| !asked;
        alone(self.openings.find(&member, self.known.len()));
        alone(
            self.lengths
                .as_ref()
                .and_then(|usual| usual.find(known.length)),
        );
        if usual(known.asked.person) {
            alone(majority::voice(&member, known.voice, self.voice));
        }
        if usual(known.asked.language) {
            alone(majority::tongue(known.tongue, self.tongue));
        }
        found.extend(self.names.find(number, &member));
        found.sort_by_key(|found| (found.story, found.finding.flag));
        found
    }

    /// All stories were added.
    #[must_use]
    pub fn end(self) -> Remarks {
        Remarks {
            openings: self.openings.most(),
            invented: self.invented.most(&self.names),
            lengths: self.lengths.map(|usual| usual.lengths),
        }
    }
}

/// A number that is another one for another text.
fn fingerprint(text: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
