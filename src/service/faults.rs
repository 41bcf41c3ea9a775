//! Simulated faults: which ones, how often, and the random numbers that decide.
//!
//! The random numbers are computed here, so that a seed gives the same faults on every machine and in every version. Each
//! request uses one number, in the order in which requests arrive; the details of its fault come from the same number.

use std::fmt;
use std::str::FromStr;

/// The number of parts that shares are counted in.
const WHOLE: u64 = 10_000;

/// The parts of one per cent.
const PER_CENT: u64 = WHOLE / 100;

/// The most events before a cut or a stall.
const EVENTS_MAX: u64 = 12;

/// A fault of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// This status and no story.
    Status(u16),
    /// The connection breaks in the middle of the story.
    Cut,
    /// A part of the story comes, then nothing, until the client closes the connection.
    Stall,
    /// The story comes one word at a time.
    Slow,
    /// A page of HTML with the status 200.
    Html,
    /// A complete stream without a story in it.
    Empty,
}

/// The faults that have a name; every other fault is a status.
const WORDS: [(&str, Fault); 5] = [
    ("cut", Fault::Cut),
    ("stall", Fault::Stall),
    ("slow", Fault::Slow),
    ("html", Fault::Html),
    ("empty", Fault::Empty),
];

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = WORDS.iter().find(|(_, fault)| fault == self);
        match (self, word) {
            (_, Some((word, _))) => f.write_str(word),
            (Self::Status(status), None) => write!(f, "{status}"),
            // All faults that are not a status have a name.
            (_, None) => Ok(()),
        }
    }
}

/// The faults and how often each occurs: `429:5%,cut:2%,stall:0.5%`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Faults(Vec<(Fault, u64)>);

/// A text that is not a list of faults.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected faults and how often, such as `429:5%,cut:2.5%`, 100% together at most; \
     a fault is a status from 400 to 599, `cut`, `stall`, `slow`, `html` or `empty`"
)]
pub(crate) struct NotFaults;

impl FromStr for Faults {
    type Err = NotFaults;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let faults = text
            .split(',')
            .map(one)
            .collect::<Option<Vec<_>>>()
            .ok_or(NotFaults)?;
        let together: u64 = faults.iter().map(|(_, share)| share).sum();
        if together > WHOLE {
            return Err(NotFaults);
        }
        Ok(Self(faults))
    }
}

/// One fault and its share.
fn one(text: &str) -> Option<(Fault, u64)> {
    let (name, share) = text.trim().split_once(':')?;
    let word = WORDS.iter().find(|(word, _)| *word == name);
    let fault = if let Some((_, fault)) = word {
        *fault
    } else {
        let status = name.parse().ok();
        Fault::Status(status.filter(|status| (400..600).contains(status))?)
    };
    let (whole, hundredths) = match share.strip_suffix('%')?.split_once('.') {
        Some((whole, decimals)) if decimals.len() <= 2 => (whole, format!("{decimals:0<2}")),
        Some(_) => return None,
        None => (share.strip_suffix('%')?, "00".to_owned()),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() > 3 || !digits(whole) || !digits(&hundredths) {
        return None;
    }
    let share = whole.parse::<u64>().ok()? * PER_CENT + hundredths.parse::<u64>().ok()?;
    Some((fault, share))
}

/// The random choice for one request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Drawn {
    pub(super) fault: Option<Fault>,
    /// The number of events before a cut or a stall, from 1.
    pub(super) events: u64,
}

/// The random numbers that decide about faults.
#[derive(Debug, Clone)]
pub(super) struct Dice {
    faults: Faults,
    state: u64,
}

impl Dice {
    pub(super) fn new(faults: Faults, seed: u64) -> Self {
        Self {
            faults,
            state: seed,
        }
    }

    /// The choice for the next request.
    pub(super) fn draw(&mut self) -> Drawn {
        let throw = self.throw();
        let mut rest = throw % WHOLE;
        let fault = self.faults.0.iter().find(|(_, share)| {
            let is_it = rest < *share;
            rest = rest.saturating_sub(*share);
            is_it
        });
        Drawn {
            fault: fault.map(|(fault, _)| *fault),
            events: 1 + (throw >> 32) % EVENTS_MAX,
        }
    }

    /// The next number of `SplitMix64`, a short generator with an even distribution and the same results everywhere.
    fn throw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_means_the_same_on_every_machine() {
        // The reference values of the generator for the seed 1234567.
        let mut dice = Dice::new(Faults::default(), 1_234_567);
        let throws = [dice.throw(), dice.throw(), dice.throw()];
        assert_eq!(
            throws,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
        let faults: Faults = "429:5%,cut:10%,500:10%,stall:2%".parse().expect("faults");
        let mut dice = Dice::new(faults, 7);
        let drawn: Vec<String> = (0..16)
            .map(|_| {
                dice.draw()
                    .fault
                    .map_or_else(|| "-".to_owned(), |fault| fault.to_string())
            })
            .collect();
        assert_eq!(drawn.join(" "), "- - - 500 - - 500 - - - cut - - - - -");
    }

    #[test]
    fn each_fault_occurs_as_often_as_requested() {
        let faults: Faults = "429:5%,cut:2.5%,html:0.25%,empty:50%"
            .parse()
            .expect("faults");
        let mut dice = Dice::new(faults, 1);
        let mut counts = std::collections::HashMap::new();
        for _ in 0..100_000 {
            let drawn = dice.draw();
            assert!((1..=EVENTS_MAX).contains(&drawn.events));
            let name = drawn.fault.map(|fault| fault.to_string());
            *counts.entry(name).or_insert(0_u32) += 1;
        }
        for (name, expected) in [
            (Some("429"), 5_000),
            (Some("cut"), 2_500),
            (Some("html"), 250),
            (Some("empty"), 50_000),
            (None, 42_250),
        ] {
            let found = counts[&name.map(str::to_owned)];
            assert!(
                found.abs_diff(expected) < 50 + expected / 20,
                "{name:?}: {found}"
            );
        }
    }

    #[test]
    fn faults_are_read_back_and_any_other_text_is_refused() {
        let read: Faults = "401:1%, slow:0.5%,stall:98.50%".parse().expect("faults");
        assert_eq!(
            read.0,
            [
                (Fault::Status(401), 100),
                (Fault::Slow, 50),
                (Fault::Stall, 9_850)
            ]
        );
        for rubbish in [
            "",
            "cut",
            "cut:5",
            "cut:%",
            "200:5%",
            "600:1%",
            "cut:-1%",
            "cut:0.125%",
            "cut:60%,stall:41%",
            "cot:5%",
            "cut:5%,",
            "cut:99999999999999999999%",
        ] {
            assert_eq!(rubbish.parse::<Faults>(), Err(NotFaults), "{rubbish}");
        }
    }
}
