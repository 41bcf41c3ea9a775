//! The built-in writer: a short story for a name and a description.
//!
//! It promises the same story for the same input, in every version and on every machine; at least four paragraphs; the name; and
//! the first phrases of the description as they were written. It takes any text, and needs no network, no clock, no random
//! numbers and no key.
//!
//! It does not understand the description. Its prose stands in the text files of this folder, and can be edited there: a few
//! hundred paragraphs, with places for phrases of the description. Its code reads the description (`description`, `phrase`,
//! `words`), plans the paragraphs (`plan`), chooses lines (`deck`, `random`) and fills them in (`telling`, `teller`).

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

/// Stands in every seed. Another edition gives other stories for all input. In this one the characters of the sample
/// sheet do not share paragraphs.
const EDITION: &str = "190881";
/// The usual length, in words: this many, and up to [`USUAL_SPREAD`] more.
const USUAL_WORDS: usize = 290;
const USUAL_SPREAD: usize = 20;
/// Below so many words a story is a miniature.
const BRIEF_BELOW: usize = 195;
/// No story is longer than about this, whatever is asked for.
const WORDS_AT_MOST: usize = 20_000;
/// A story is written again at most so many times to come closer to the length.
const TELLINGS_AT_MOST: usize = 8;

/// The story of `name`, who is described by `description`: the same input gives the same story, in every version of the platform.
///
/// `words`: about how many words are wanted; `None` means the usual length (about 260 to 340 words). Fewer than 40 are hardly
/// possible, for there are always four paragraphs, and nothing is longer than about 20,000.
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

/// Of several tellings the one that comes closest to `wanted` words.
///
/// Each aims off by what the one before missed, or between one that was too short and one that was too long.
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

/// `reading`, with something in it.
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
