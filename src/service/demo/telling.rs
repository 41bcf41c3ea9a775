//! Writes a plan as text, and chooses the frame of each phrase.
//!
//! The frame of a phrase fits its kind. A story in the second person has the name at its beginning and once more before its
//! end, because nothing else in it would name the character.

use super::beat::Beat;
use super::data::DATA;
use super::line::Table;
use super::phrase::{Kind, Phrase};
use super::plan::{Part, Plan, Purpose};
use super::teller::Teller;

/// The most words of a phrase that may be repeated.
const ECHO_WORDS: usize = 5;
/// In a long story something is repeated after so many paragraphs.
const ECHO_EVERY: usize = 9;

/// Writes `plan` with `teller`.
pub(super) fn tell(plan: &Plan, teller: &mut Teller) {
    let last_but_one = plan.parts.len().saturating_sub(2);
    let short = plan
        .parts
        .iter()
        .any(|part| part.purpose == Purpose::Remarks);
    let (mut before, mut due) = (None, false);
    for (place, part) in plan.parts.iter().enumerate() {
        // Two parts of a kind make one paragraph, but not more than two.
        before = (before != Some(part.purpose)).then_some(part.purpose);
        if before.is_some() {
            teller.begin_paragraph();
        }
        let phrases: Vec<&Phrase> = part
            .phrases
            .iter()
            .filter_map(|phrase| plan.phrases.get(*phrase))
            .collect();
        if part.purpose == Purpose::Remarks {
            remarks(teller, &phrases);
            continue;
        }
        for piece in &part.pieces {
            tell_piece(teller, part, piece.text, &phrases);
        }
        due |= !short && (place == last_but_one || place % ECHO_EVERY == ECHO_EVERY - 1);
        let ends = plan
            .parts
            .get(place + 1)
            .is_some_and(|next| next.purpose != part.purpose);
        if due && ends {
            echo(plan, teller, place == last_but_one, place / ECHO_EVERY);
            due = false;
        }
    }
}

fn tell_piece(teller: &mut Teller, part: &Part, piece: &str, phrases: &[&Phrase]) {
    let spoken = part.purpose == Purpose::Beat(Beat::Voices);
    let mut rest = piece;
    let next = |rest: &str| rest.find("{T}").into_iter().chain(rest.find("{Y}")).min();
    while let Some((before, marked)) = next(rest).and_then(|place| rest.split_at_checked(place)) {
        tell_words(teller, before);
        let (mark, after) = marked.split_at("{T}".len());
        rest = after;
        if mark == "{T}" {
            for phrase in phrases {
                set(teller, phrase, spoken);
            }
        } else if teller.is_to_you() {
            let line = teller.pick(&DATA.frames.named);
            teller.tell(line, None);
        }
    }
    tell_words(teller, rest);
}

fn tell_words(teller: &mut Teller, template: &str) {
    if !template.trim().is_empty() && !teller.has_described(template) {
        teller.tell(template.trim(), None);
    }
}

/// Puts `phrase` into a sentence; `spoken` if the paragraph has people speaking.
fn set(teller: &mut Teller, phrase: &Phrase, spoken: bool) {
    let table = table(teller, phrase, spoken);
    let line = if teller.is_to_you() && teller.deck.below(2) == 0 {
        teller.deck.pick_naming(table)
    } else {
        teller.pick(table)
    };
    teller.tell(line, Some(phrase));
}

fn table(teller: &mut Teller, phrase: &Phrase, spoken: bool) -> Table {
    let (you, chance) = (teller.is_to_you(), teller.deck.below(6));
    let single = phrase.text.is_ascii() && !phrase.text.contains(' ');
    let quoted = match chance {
        0 | 1 if single => &DATA.frames.word,
        2 | 3 if !spoken => &DATA.frames.written,
        2 => &DATA.frames.written,
        _ => &DATA.frames.said,
    };
    match phrase.kind {
        Kind::First => &DATA.frames.own_words,
        Kind::Second if you => &DATA.frames.addressed,
        Kind::Second => &DATA.frames.told,
        Kind::Number => &DATA.frames.number,
        Kind::Sign => &DATA.frames.sign,
        Kind::Proper => &DATA.frames.written,
        Kind::Long => &DATA.frames.long,
        Kind::Sentence if !spoken && teller.may_state(&phrase.text) => &DATA.frames.stated,
        Kind::Sentence if phrase.is_long() => &DATA.frames.long,
        Kind::Deed if !spoken && !you => &DATA.frames.deed,
        Kind::Done if !spoken => &DATA.frames.done,
        Kind::Past if !spoken => &DATA.frames.past,
        Kind::Quality if !spoken && (chance > 0 || !single) => &DATA.frames.quality,
        Kind::Role if !spoken && chance > 0 => &DATA.frames.role,
        _ => quoted,
    }
}

/// The phrases of a miniature: one is reported, the others follow unchanged.
fn remarks(teller: &mut Teller, phrases: &[&Phrase]) {
    for (place, phrase) in phrases.iter().enumerate() {
        let special = matches!(
            phrase.kind,
            Kind::First | Kind::Second | Kind::Number | Kind::Sign | Kind::Sentence
        );
        if special {
            set(teller, phrase, false);
        } else if place == 0 {
            let line = teller.pick(&DATA.miniatures.remarks);
            teller.tell(line, Some(phrase));
        } else {
            teller.tell("\"{q}.\"", Some(phrase));
        }
    }
}

/// Something is repeated: the name, or a phrase; near the end only if there were few of these.
fn echo(plan: &Plan, teller: &mut Teller, near_end: bool, count: usize) {
    let fits = |phrase: &&Phrase| {
        matches!(phrase.kind, Kind::Role | Kind::Quality | Kind::Other)
            && phrase.words() <= ECHO_WORDS
    };
    let phrases: Vec<&Phrase> = plan.phrases.iter().filter(fits).collect();
    if teller.is_to_you() {
        let line = teller.pick(&DATA.frames.called);
        teller.tell(line, None);
    } else if let Some(phrase) = phrases.get(count % phrases.len().max(1))
        && (!near_end || plan.phrases.len() < 3)
    {
        let line = teller.pick(&DATA.frames.echo);
        teller.tell(line, Some(phrase));
    }
}
