//! The review of a cast of 100,000 stories, and of one story when it is stored.
//!
//! The stories are made again in each pass from their number, so no text is held, and the time for that is measured by itself and
//! taken off. They share a vocabulary as a model's stories do, one in fifty is a near copy of another, and every name is a full one.

use crate::table::{Line, median, secs, time};
use crate::{Bench, Failed};
use backstory::facade::review::cast::{FirstPass, Story};
use backstory::facade::review::{Asked, flags};
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

const STORIES: usize = 100_000;
const WORDS: usize = 300;
/// One in so many stories repeats the one before it, with another name.
const COPY_EVERY: usize = 50;

const FIRST: [&str; 24] = [
    "Mira", "Tom", "Agnes", "Silas", "Ines", "Bram", "Cora", "Dov", "Elke", "Fergus", "Greta",
    "Hugo", "Ida", "Jonas", "Kit", "Lena", "Mabel", "Ned", "Olga", "Piet", "Quinn", "Rosa", "Sven",
    "Tilda",
];
const SYLLABLES: [&str; 40] = [
    "har", "bel", "tor", "vin", "mar", "los", "ken", "dra", "fel", "gor", "hin", "jas", "kol",
    "lum", "mon", "nar", "ost", "pel", "qua", "rin", "sel", "tam", "ulv", "ven", "wes", "yor",
    "zan", "bri", "cre", "dun", "eld", "fro", "gal", "hol", "ist", "jun", "kra", "lin", "mer",
    "nol",
];
/// So that the language can be recognised.
const LARGE: [&str; 120] = [
    "harbour",
    "winter",
    "mother",
    "father",
    "brother",
    "sister",
    "bakery",
    "river",
    "mountain",
    "letter",
    "window",
    "garden",
    "promise",
    "secret",
    "candle",
    "bridge",
    "market",
    "sailor",
    "captain",
    "village",
    "teacher",
    "soldier",
    "doctor",
    "engine",
    "kitchen",
    "ladder",
    "lantern",
    "mirror",
    "needle",
    "orchard",
    "pocket",
    "quarrel",
    "railway",
    "shadow",
    "stranger",
    "summer",
    "thunder",
    "trouble",
    "uncle",
    "valley",
    "walked",
    "carried",
    "waited",
    "learned",
    "counted",
    "opened",
    "answered",
    "followed",
    "promised",
    "refused",
    "remembered",
    "forgotten",
    "broken",
    "hidden",
    "burning",
    "frozen",
    "quiet",
    "narrow",
    "gentle",
    "stubborn",
    "silver",
    "wooden",
    "empty",
    "heavy",
    "honest",
    "lonely",
    "patient",
    "proud",
    "sudden",
    "bitter",
    "another",
    "between",
    "through",
    "without",
    "against",
    "because",
    "beneath",
    "beside",
    "toward",
    "perhaps",
    "morning",
    "evening",
    "autumn",
    "weather",
    "morrow",
    "burial",
    "wedding",
    "funeral",
    "holiday",
    "journey",
    "danger",
    "hunger",
    "courage",
    "silence",
    "whisper",
    "laughter",
    "sorrow",
    "pleasure",
    "mercy",
    "justice",
    "copper",
    "leather",
    "paper",
    "cotton",
    "marble",
    "barrel",
    "basket",
    "blanket",
    "bottle",
    "button",
    "carpet",
    "collar",
    "corner",
    "cradle",
    "drawer",
    "feather",
    "hammer",
    "kettle",
    "pillow",
    "saddle",
];
const SMALL: [&str; 60] = [
    "the", "of", "and", "to", "a", "in", "her", "she", "was", "that", "it", "with", "had", "for",
    "as", "his", "he", "on", "at", "by", "not", "but", "from", "they", "this", "which", "one",
    "all", "when", "there", "never", "were", "out", "into", "who", "after", "what", "them", "then",
    "no", "so", "only", "would", "back", "before", "until", "once", "where", "could", "two",
    "years", "old", "night", "house", "came", "knew", "left", "made", "took", "went",
];

/// A number that follows from another one.
fn next(state: &mut u64) -> usize {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 33).unwrap_or(0)
}

fn name(number: usize) -> String {
    let syllable = |step: usize| SYLLABLES[number / step % SYLLABLES.len()];
    let family = format!(
        "{}{}{}",
        syllable(24),
        syllable(24 * 40),
        syllable(24 * 1_600)
    );
    let (begin, rest) = family.split_at(1);
    format!(
        "{} {}{rest}",
        FIRST[number % FIRST.len()],
        begin.to_uppercase()
    )
}

/// Writes the story with this number into `text`.
fn tell(number: usize, text: &mut String) {
    text.clear();
    let is_copy = number % COPY_EVERY == 1;
    let seed = if is_copy { number - 1 } else { number };
    let mut state = u64::try_from(seed)
        .unwrap_or(0)
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        | 1;
    text.push_str(&name(number));
    let mut sentence = 2;
    for _ in 0..WORDS {
        let dice = next(&mut state);
        text.push(' ');
        if dice % 5 < 3 {
            // Small words are not all equally frequent.
            text.push_str(SMALL[(dice / 8 % 60) * (dice / 512 % 60) / 60]);
        } else {
            text.push_str(LARGE[(dice / 8 % 120) * (dice / 1_024 % 120) / 120]);
        }
        sentence += 1;
        if sentence > 9 + dice % 7 {
            sentence = 0;
            text.push_str(if dice.is_multiple_of(11) {
                ".\n\nShe"
            } else {
                ". She"
            });
        }
    }
    if number % 97 == 5 {
        let _ = write!(text, " with {} in the end", name(number * 31 % STORIES));
    }
    text.push('.');
}

/// All stories of a cast, one after the other.
fn each(stories: usize, mut with: impl FnMut(usize, &str, &str)) {
    let mut text = String::new();
    for number in 0..stories {
        tell(number, &mut text);
        with(number, &name(number), &text);
    }
}

fn story<'a>(name: &'a str, text: &'a str) -> Story<'a> {
    Story {
        asked: Asked {
            name,
            description: "Baker in Ghent. Stubborn, left-handed, afraid of geese, and looking for a boat that was sold in her absence.",
            ..Asked::default()
        },
        row: "Baker in Ghent. Stubborn, left-handed, afraid of geese, and looking for a boat that was sold in her absence.",
        text,
    }
}

/// How long making the stories takes.
fn telling(stories: usize) -> Duration {
    let begun = Instant::now();
    each(stories, |_, name, text| {
        black_box((name, text));
    });
    begun.elapsed()
}

/// Both passes. Returns the time, without that for making the stories, and the number of findings.
fn both_passes(stories: usize) -> (Duration, usize) {
    let own = telling(stories) * 2;
    let begun = Instant::now();
    let mut found = 0;
    let mut first = FirstPass::new();
    each(stories, |_, name, text| {
        found += first.add(&story(name, text)).len();
    });
    let mut second = first.end();
    each(stories, |_, name, text| {
        found += second.add(&story(name, text)).len();
    });
    black_box(second.end());
    (begun.elapsed().saturating_sub(own), found)
}

/// The review of a whole cast.
pub(crate) fn cast(bench: &Bench) -> Result<Vec<Line>, Failed> {
    let stories = bench.size(STORIES);
    // What was measured before counts no longer; without the right to say so, the figure is too low at worst.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let before = memory_mib("VmRSS");
    let (mut walls, mut found) = (Vec::new(), 0);
    // A run takes half a minute.
    for _ in 0..bench.runs.min(3) {
        let (wall, many) = both_passes(stories);
        walls.push(wall);
        found = many;
    }
    if found < stories / COPY_EVERY {
        return Err(format!("only {found} findings: the copies were not found").into());
    }
    let walls = secs(&walls);
    let line = Line {
        what: format!("review of {stories} stories of {WORDS} words, every rule, {found} findings"),
        ours: time(median(&walls)),
        ..Line::default()
    };
    let memory = Line {
        what: "memory that it adds".to_owned(),
        ..Line::default()
    };
    let memory = match (before, memory_mib("VmHWM")) {
        (Some(before), Some(after)) => Line {
            ours: format!("{:.0} MB", after - before),
            ..memory.below(&[after - before], 200.0, 120.0, "MB")
        },
        _ => memory,
    };
    Ok(vec![line.below(&walls, 60.0, 20.0, "s"), memory])
}

/// The flags of one story when it is stored.
pub(crate) fn one(bench: &Bench) -> Result<Vec<Line>, Failed> {
    let stories = bench.size(10_000);
    let mut walls = Vec::new();
    for _ in 0..bench.runs {
        let own = telling(stories);
        let begun = Instant::now();
        each(stories, |_, name, text| {
            black_box(flags(&story(name, text).asked, text));
        });
        let each = u32::try_from(stories)?;
        walls.push(begun.elapsed().saturating_sub(own) / each);
    }
    let walls = secs(&walls);
    let line = Line {
        what: format!("flags of one story of {WORDS} words"),
        ours: format!("{:.0} µs", median(&walls) * 1e6),
        ..Line::default()
    };
    let in_ms: Vec<f64> = walls.iter().map(|wall| wall * 1_000.0).collect();
    Ok(vec![line.below(&in_ms, 1.0, 0.2, "ms")])
}

/// A figure of this process's memory, in MiB: `VmRSS` now, `VmHWM` at most.
fn memory_mib(figure: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(figure))?;
    let kib: u32 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(f64::from(kib) / 1_024.0)
}
