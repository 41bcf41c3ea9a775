//! Plans the paragraphs of a story, and how many of them fit.
//!
//! A plan has at least four paragraphs, in the order of its plot. It comes close to the requested number of words, as far as
//! that can be estimated before the text exists. It writes no text: see [`super::telling`].

use super::beat::Beat;
use super::data::{DATA, Miniature, Plot};
use super::phrase::Phrase;
use super::random::Random;
use super::teller::Teller;

/// The words for which there may be one more phrase.
const WORDS_A_PHRASE: usize = 45;
/// The average words of a frame without its phrase; also of each sentence that is added automatically.
const FRAME_WORDS: usize = 13;
/// One part in so many may be too much before something is left out: a whole paragraph is worth more than an exact length.
const SLACK: usize = 14;
/// Half of a borrowed paragraph, in words: if the length is closer than this, no paragraph is added or removed.
const HALF_A_PART: usize = 18;
/// The words of a description of a motif, halved because it occurs only once.
const MOTIF_WORDS: usize = 6;

/// The purpose of a paragraph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The first.
    Opening,
    /// The one with the turning point.
    Hinge,
    /// The last.
    Closing,
    /// Borrowed.
    Beat(Beat),
    /// The one of a miniature that contains the phrases.
    Remarks,
}

/// One paragraph.
#[derive(Debug)]
pub(super) struct Part {
    /// The purpose.
    pub(super) purpose: Purpose,
    /// Its pieces.
    pub(super) pieces: Vec<Piece>,
    /// The phrases for its slot `{T}`.
    pub(super) phrases: Vec<usize>,
}

/// One piece of a paragraph.
#[derive(Debug)]
pub(super) struct Piece {
    /// Its template.
    pub(super) text: &'static str,
    /// Its approximate number of words, without phrases.
    words: usize,
    /// Whether it must not be left out.
    needed: bool,
}

/// All paragraphs of a story.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    /// The paragraphs in order.
    pub(super) parts: Vec<Part>,
    /// The phrases that are used.
    pub(super) phrases: &'a [Phrase],
    phrase_words: Vec<usize>,
    to_you: bool,
}

impl<'a> Plan<'a> {
    /// Plans a story of about `aim` words with `phrases`, which has at least one; a miniature if it is `brief`.
    pub(super) fn new(
        mut draw: Random,
        teller: &mut Teller,
        phrases: &'a [Phrase],
        aim: usize,
        brief: bool,
    ) -> Self {
        let count = phrases.len().min((aim / WORDS_A_PHRASE).max(3));
        let phrases = phrases.get(..count).unwrap_or(phrases);
        let phrase_words = phrases.iter().map(Phrase::words).collect();
        let mut plan = Self {
            parts: Vec::new(),
            phrases,
            phrase_words,
            to_you: teller.is_to_you(),
        };
        if brief {
            plan.miniature(&mut draw, teller, aim);
        } else {
            let plot = &DATA.plots[draw.below(DATA.plots.len())];
            plan.skeleton(plot, &mut draw, teller);
            plan.lengthen(plot, &mut draw, teller, aim);
            plan.shorten(aim);
            plan.place_phrases();
        }
        plan.trim(aim);
        plan
    }

    /// Four short paragraphs, and as many phrases as fit.
    fn miniature(&mut self, draw: &mut Random, teller: &mut Teller, aim: usize) {
        let fitting: Vec<&Miniature> = DATA
            .miniatures
            .all
            .iter()
            .filter(|one| one.opening.fits(teller.deck.world))
            .collect();
        let Some(chosen) = fitting.get(draw.below(fitting.len())) else {
            return;
        };
        let mut room = aim * 2 / 5;
        let mut count = 0;
        for words in &self.phrase_words {
            let taken = words + 1;
            if count > 0 && taken > room {
                break;
            }
            room = room.saturating_sub(taken);
            count += 1;
        }
        self.parts = vec![
            self.part(Purpose::Opening, chosen.opening.text),
            Part {
                phrases: (0..count).collect(),
                ..self.part(Purpose::Remarks, "{T}")
            },
            self.part(Purpose::Hinge, chosen.turn),
            self.part(Purpose::Closing, chosen.closing),
        ];
        let offset = draw.below(Beat::LENGTHENING.len());
        for beat in Beat::LENGTHENING.iter().cycle().skip(offset).take(5) {
            if self.weight() >= aim {
                break;
            }
            let part = self.part(Purpose::Beat(*beat), teller.pick(DATA.paragraphs.of(*beat)));
            self.parts.insert(2, part);
        }
    }

    /// The paragraphs of `plot`; without the one for several phrases if there is only one phrase.
    fn skeleton(&mut self, plot: &'static Plot, draw: &mut Random, teller: &mut Teller) {
        let several = self.phrases.len() > 2;
        let mut chosen = Vec::new();
        let mut choose = |slots: &[Vec<Beat>]| {
            for slot in slots {
                let fresh =
                    |beat: &&Beat| !chosen.contains(*beat) && (several || **beat != Beat::Voices);
                let fresh: Vec<Beat> = slot.iter().filter(fresh).copied().collect();
                chosen.extend(fresh.get(draw.below(fresh.len())));
            }
            std::mem::take(&mut chosen)
        };
        let (before, after) = (choose(&plot.order.before), choose(&plot.order.after));
        let borrowed = |beat: Beat| (Purpose::Beat(beat), DATA.paragraphs.of(beat));
        let mut order = vec![(Purpose::Opening, plot.openings.as_slice())];
        order.extend(before.into_iter().map(borrowed));
        order.push((Purpose::Hinge, &plot.hinges));
        order.extend(after.into_iter().map(borrowed));
        order.push((Purpose::Closing, &plot.closings));
        self.parts = order
            .into_iter()
            .map(|(purpose, table)| self.part(purpose, teller.pick(table)))
            .collect();
    }

    /// Borrows paragraphs until there are enough words.
    fn lengthen(
        &mut self,
        plot: &'static Plot,
        draw: &mut Random,
        teller: &mut Teller,
        aim: usize,
    ) {
        let offset = draw.below(Beat::LENGTHENING.len());
        let beats = Beat::LENGTHENING.iter().cycle().skip(offset);
        let allowed = beats.filter(|beat| **beat != Beat::Thing || !plot.order.owns_object);
        let mut passed_over = 0;
        for beat in allowed {
            if self.weight() + HALF_A_PART >= aim && self.parts.len() >= 4 {
                return;
            }
            // One of each kind comes first, before a second one of any kind.
            if passed_over < Beat::LENGTHENING.len()
                && self
                    .parts
                    .iter()
                    .any(|part| part.purpose == Purpose::Beat(*beat))
            {
                passed_over += 1;
                continue;
            }
            let place = self.place_for(*beat, draw);
            let part = self.part(Purpose::Beat(*beat), teller.pick(DATA.paragraphs.of(*beat)));
            self.parts.insert(place, part);
        }
    }

    /// After its own kind if that is there, else anywhere on its side of the turning point.
    fn place_for(&self, beat: Beat, draw: &mut Random) -> usize {
        if let Some(place) = self
            .parts
            .iter()
            .rposition(|part| part.purpose == Purpose::Beat(beat))
        {
            return place + 1;
        }
        let hinge = self
            .parts
            .iter()
            .position(|part| part.purpose == Purpose::Hinge)
            .unwrap_or(1);
        if beat.is_early() {
            1 + draw.below(hinge)
        } else {
            hinge + 1 + draw.below(self.parts.len() - hinge - 1)
        }
    }

    /// Removes borrowed paragraphs, from the end, that are not needed for `aim` words.
    fn shorten(&mut self, aim: usize) {
        while self.parts.len() > 4 {
            let borrowed =
                |part: &Part| matches!(part.purpose, Purpose::Beat(beat) if beat != Beat::Voices);
            let Some(place) = self.parts.iter().rposition(borrowed) else {
                return;
            };
            let rest = self.weight().saturating_sub(
                self.parts
                    .get(place)
                    .map_or(0, |part| self.part_weight(part)),
            );
            if rest + HALF_A_PART < aim {
                return;
            }
            self.parts.remove(place);
        }
    }

    /// Distributes the phrases: the first opens the story, the others fill the slots in order.
    fn place_phrases(&mut self) {
        let mut rooms: Vec<usize> = self
            .parts
            .iter()
            .map(|part| usize::from(part.pieces.iter().any(|piece| piece.text.contains("{T}"))))
            .collect();
        let voices = self
            .parts
            .iter()
            .position(|part| part.purpose == Purpose::Beat(Beat::Voices));
        if let Some(room) = voices.and_then(|place| rooms.get_mut(place)) {
            *room = 2;
        }
        let mut left = self.phrases.len();
        let mut counts = vec![0; rooms.len()];
        // First the opening, then the paragraph that needs phrases, then the others.
        let order = std::iter::once(0)
            .chain(voices)
            .chain(1..rooms.len())
            .collect::<Vec<_>>();
        for _round in 0..2 {
            for place in &order {
                if let (Some(count), Some(room)) = (counts.get_mut(*place), rooms.get(*place)) {
                    let taken = left.min(*room - (*room).min(*count));
                    *count += taken;
                    left -= taken;
                }
            }
            rooms
                .iter_mut()
                .skip(1)
                .filter(|room| **room > 0)
                .for_each(|room| *room += 1);
        }
        let mut next = 0;
        for (part, count) in self.parts.iter_mut().zip(counts) {
            part.phrases = (next..next + count).collect();
            next += count;
            part.pieces
                .retain(|piece| count > 0 || !["{T}", "{Y} {T}"].contains(&piece.text));
        }
    }

    /// Leaves out optional parts until the story is close enough to `aim` words.
    fn trim(&mut self, aim: usize) {
        loop {
            let weight = self.weight();
            if weight <= aim + aim / SLACK {
                return;
            }
            let candidates = self.parts.iter().enumerate().filter_map(|(place, part)| {
                let (last, piece) = part
                    .pieces
                    .iter()
                    .enumerate()
                    .skip(1)
                    .rev()
                    .find(|(_, piece)| !piece.needed)?;
                let rest = weight.saturating_sub(piece.words);
                // An ending is worth more than a middle.
                let price = match part.purpose {
                    Purpose::Closing => 30,
                    Purpose::Hinge => 15,
                    _ if part.pieces.len() == 2 => 10,
                    _ => 0,
                };
                Some((rest.abs_diff(aim) + price, rest, place, last))
            });
            match candidates.min() {
                Some((_, rest, place, piece)) if rest.abs_diff(aim) < weight.abs_diff(aim) => {
                    if let Some(part) = self.parts.get_mut(place) {
                        part.pieces.remove(piece);
                    }
                }
                _ => return,
            }
        }
    }

    /// The approximate number of words of the story.
    fn weight(&self) -> usize {
        let placed = self.parts.iter().any(|part| !part.phrases.is_empty());
        let unplaced = if placed {
            0
        } else {
            self.phrase_words
                .iter()
                .map(|words| FRAME_WORDS + words)
                .sum()
        };
        let parts: usize = self.parts.iter().map(|part| self.part_weight(part)).sum();
        // A phrase that is repeated near the end weighs about as much as a frame; a miniature repeats none.
        let brief = self
            .parts
            .iter()
            .any(|part| part.purpose == Purpose::Remarks);
        parts + unplaced + if brief { 0 } else { FRAME_WORDS }
    }

    fn part_weight(&self, part: &Part) -> usize {
        let frame = if part.purpose == Purpose::Remarks {
            2
        } else {
            FRAME_WORDS
        };
        let set = part
            .phrases
            .iter()
            .filter_map(|phrase| self.phrase_words.get(*phrase));
        set.map(|words| frame + words).sum::<usize>()
            + part.pieces.iter().map(|piece| piece.words).sum::<usize>()
    }

    fn part(&self, purpose: Purpose, template: &'static str) -> Part {
        let pieces = template
            .split('~')
            .map(|text| Piece::new(text, self.to_you))
            .collect();
        Part {
            purpose,
            pieces,
            phrases: Vec::new(),
        }
    }
}

impl Piece {
    fn new(text: &'static str, to_you: bool) -> Self {
        let words = |word: &str| match word.split(['{', '}']).nth(1) {
            Some("T") => 0,
            Some("Y") => usize::from(to_you) * FRAME_WORDS,
            Some("home" | "town" | "home:" | "town:" | "obj" | "kin") => 1 + MOTIF_WORDS,
            _ => 1,
        };
        let needed = text.contains("{T}") || to_you && text.contains("{Y}");
        Self {
            text,
            words: text.split_whitespace().map(words).sum(),
            needed,
        }
    }
}
