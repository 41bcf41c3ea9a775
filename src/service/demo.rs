//! The built-in writer: a short story for a name and a description.
//!
//! The same input gives the same story, in every version and on every machine. A story has at least four paragraphs, the
//! name, and the first phrases of the description as they were written. Any text is accepted. No network, clock, random
//! numbers or key are needed.
//!
//! The writer does not understand the description. Its prose is in the text files of this folder and can be edited there: a
//! few hundred paragraphs with slots for phrases of the description. The code reads the description (`description`,
//! `phrase`, `words`), plans the paragraphs (`plan`), chooses lines (`deck`, `random`) and fills them in (`telling`,
//! `teller`).

mod beat;
mod data;
mod deck;
mod description;
mod hero;
mod line;
mod phrase;
#[cfg(test)]
mod pinned;
mod plan;
mod random;
mod sections;
mod teller;
mod telling;
#[cfg(test)]
mod tests;
mod word_list;
mod words;

use std::num::NonZeroU32;

use data::DATA;
use deck::Deck;
use description::Reading;
use hero::Hero;
use phrase::{Kind, Phrase};
use plan::Plan;
use random::Random;
use teller::Teller;

/// A part of every seed. Another edition gives other stories for all input. With this one the characters of the sample sheet
/// share no paragraphs.
const EDITION: &str = "190881";
/// The usual length, in words: from this many to [`USUAL_SPREAD`] more.
const USUAL_WORDS: usize = 290;
const USUAL_SPREAD: usize = 20;
/// A story with fewer words is a miniature.
const BRIEF_BELOW: usize = 195;
/// The longest story, approximately, whatever length is requested.
const WORDS_AT_MOST: usize = 20_000;
/// The most times that a story is written again to come closer to the length.
const TELLINGS_AT_MOST: usize = 8;

/// The story of the character `name` with `description`: the same input gives the same story, in every version and on every
/// platform.
///
/// `words` is the approximate number of words; `None` means the usual length (about 260 to 340 words). Fewer than 40 are
/// hardly possible, because there are always four paragraphs; the most are about 20,000.
pub(crate) fn story(name: &str, description: &str, words: Option<NonZeroU32>) -> String {
    let mut draw = Random::of(&[EDITION, name, description]);
    let full_name = hero::full_name(name);
    let reading = described(description::read(&full_name, description), &mut draw);
    let hero = Hero::new(full_name, description, &reading, &mut draw);
    let usual = USUAL_WORDS + draw.below(USUAL_SPREAD);
    let asked = words.map(|words| usize::try_from(words.get()).unwrap_or(usize::MAX));
    let wanted = asked.unwrap_or(usual).min(WORDS_AT_MOST);
    closest(wanted, |aim| {
        let mut teller = Teller::new(Deck::new(draw.clone(), reading.world), &hero);
        let brief = wanted < BRIEF_BELOW;
        let plan = Plan::new(
            draw.clone().fork(),
            &mut teller,
            &reading.phrases,
            aim,
            brief,
        );
        telling::tell(&plan, &mut teller);
        teller.finish()
    })
}

/// Of several versions of the story, the one that comes closest to `wanted` words.
///
/// The goal of each version is corrected by the error of the one before, or is between a version that was too short and one
/// that was too long.
fn closest(wanted: usize, tell: impl Fn(usize) -> String) -> String {
    let mut aim = wanted;
    let (mut short, mut long) = (None, None);
    let mut best: Option<(usize, String)> = None;
    for _ in 0..TELLINGS_AT_MOST {
        let text = tell(aim);
        let words = text.split_whitespace().count();
        let missed = words.abs_diff(wanted);
        if words < wanted {
            short = Some(aim);
        } else {
            long = Some(aim);
        }
        aim = match (short, long) {
            (Some(short), Some(long)) => usize::midpoint(short, long),
            _ => (aim + wanted).saturating_sub(words).max(1),
        };
        if best.as_ref().is_none_or(|(least, _)| missed < *least) {
            best = Some((missed, text));
        }
        if missed * 12 <= wanted {
            break;
        }
    }
    best.map(|(_, text)| text).unwrap_or_default()
}

/// `reading`; with a substitute if it has no phrase.
fn described(mut reading: Reading, draw: &mut Random) -> Reading {
    if reading.phrases.is_empty() {
        let lines = &DATA.motifs.undescribed;
        let line = lines.get(draw.below(lines.len()));
        reading.phrases.push(Phrase {
            text: line.map(|line| line.text.to_owned()).unwrap_or_default(),
            kind: Kind::Other,
        });
    }
    reading
}
