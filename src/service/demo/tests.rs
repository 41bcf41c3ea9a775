//! What is true of every story, whatever its input.

use super::*;
use std::collections::HashSet;

const MINDY: (&str, &str) = ("Mindy", "Lawyer in the New York City. Achiever. Stubborn.");
const TRAITS: &[&str] = &[
    "Smith in Ghent",
    "patient",
    "afraid of geese",
    "collects bells",
    "left-handed",
    "never sleeps",
    "a liar",
    "Wants a boat",
    "Knight",
    "space pilot from orbit",
    "lawyer",
];

fn usual(name: &str, description: &str) -> String {
    story(name, description, None)
}

fn long(words: u32) -> String {
    story(MINDY.0, MINDY.1, NonZeroU32::new(words))
}

fn count(text: &str) -> usize {
    text.split_whitespace().count()
}

/// Inputs of many kinds, as sheets contain them.
fn inputs() -> Vec<(String, String)> {
    let one = |n: usize| {
        let pick = |step: usize| TRAITS[(n * step + n / 7) % TRAITS.len()];
        (
            format!("Name{n}"),
            format!("{}. {}, {}", pick(1), pick(3), pick(5)),
        )
    };
    (0..500).map(one).collect()
}

#[test]
fn the_same_input_gives_the_same_story() {
    assert_eq!(usual(MINDY.0, MINDY.1), usual(MINDY.0, MINDY.1));
    assert_ne!(usual("ab", "c"), usual("a", "bc"));
}

#[test]
fn a_story_holds_the_name_and_the_first_phrases() {
    let cases = [
        (
            MINDY.0,
            MINDY.1,
            vec!["lawyer in the New York City", "achiever", "stubborn"],
        ),
        (
            "Åsa",
            "smith in Ghent. patient, left-handed",
            vec!["smith in Ghent", "patient", "left-handed"],
        ),
        (
            "王芳",
            "京都の古本屋。無口、猫好き。",
            vec!["京都の古本屋", "無口", "猫好き"],
        ),
        ("Bo", "🦊🔥", vec!["🦊🔥"]),
        ("Cy", "smith, Ghent, 45", vec!["smith", "Ghent", "45"]),
        (
            "Di",
            "You are a guard. You like soup.",
            vec!["you are a guard", "you like soup"],
        ),
    ];
    for (name, description, phrases) in cases {
        let text = usual(name, description);
        assert!(text.matches(name).count() >= 2, "{name} in {text}");
        for phrase in phrases {
            assert!(
                text.to_lowercase().contains(&phrase.to_lowercase()),
                "{phrase} in {text}"
            );
        }
    }
}

#[test]
fn every_story_is_whole() {
    for (name, description) in inputs() {
        for words in [None, NonZeroU32::new(50), NonZeroU32::new(140)] {
            let text = story(&name, &description, words);
            assert!(text.split("\n\n").count() >= 4, "{text}");
            assert!(
                text.split("\n\n")
                    .all(|paragraph| !paragraph.trim().is_empty()),
                "{text}"
            );
            assert!(text.ends_with(['.', '!', '?']), "{text}");
            assert!(
                !text.contains(['{', '}', '~', '|']) && !text.contains("  "),
                "{text}"
            );
            assert!(text.contains(&name), "{text}");
        }
    }
}

#[test]
fn no_two_characters_share_a_story() {
    let stories: Vec<String> = inputs()
        .iter()
        .map(|(name, description)| usual(name, description))
        .collect();
    let nameless = |text: &str| {
        text.split_whitespace()
            .filter(|word| !word.contains("Name"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let whole: HashSet<String> = stories.iter().map(|text| nameless(text)).collect();
    assert_eq!(whole.len(), stories.len());
    let openings: HashSet<String> = stories
        .iter()
        .filter_map(|text| text.split("\n\n").next())
        .map(nameless)
        .collect();
    assert!(openings.len() > 490, "{}", openings.len());
}

#[test]
fn no_sentence_stands_twice_in_one_story() {
    for (name, description) in inputs().into_iter().take(40) {
        for words in [None, NonZeroU32::new(700)] {
            let text = story(&name, &description, words);
            let mut seen = HashSet::new();
            for sentence in text
                .split(['.', '\n'])
                .filter(|sentence| count(sentence) > 5)
            {
                assert!(
                    seen.insert(sentence.trim().to_owned()),
                    "{sentence} twice in {text}"
                );
            }
        }
    }
}

#[test]
fn a_story_has_about_the_requested_length() {
    for words in [100, 120, 150, 170, 180, 200, 250, 300, 400, 700, 1_500] {
        for (name, description) in inputs().into_iter().take(50) {
            let got = count(&story(&name, &description, NonZeroU32::new(words)));
            let wanted = usize::try_from(words).expect("it is small");
            assert!(
                got.abs_diff(wanted) * 100 <= wanted * 15,
                "{name}: {got} of {wanted}"
            );
        }
    }
    for (name, description) in inputs() {
        let got = count(&usual(&name, &description));
        assert!((260..=340).contains(&got), "{name}: {got}");
    }
    assert!(count(&long(50)) < 70);
    assert!(count(&long(1)) < 60);
    assert!(count(&long(u32::MAX)) < 21_000);
}

#[test]
fn any_input_gives_a_story() {
    let endless = "stubborn ".repeat(120_000);
    let many = "Stubborn. Kind, ".repeat(1_000);
    let strange = [
        "",
        " ",
        "?",
        "...",
        "\0",
        "\u{1b}[31mred\u{7}",
        "\u{202e}abc",
        "\r\n\r\n",
        "{N} {T} ~ | {q}",
        "\"",
        "'",
        "(",
        "((((",
        "\u{feff}a",
        "مهندس من القاهرة، عنيد، كريم",
        "איש זקן",
        "👩‍👩‍👧",
        "e\u{301}",
        "a,b,,,c",
        ", , ,",
        ";;;",
        "----",
        "1.",
        "1. ",
        "Dr.",
        "…",
        "I",
        "A",
        "ALL CAPS. STUBBORN LAWYER",
        &endless,
        &many,
        "\u{2028}x\u{2029}y",
        "ß",
        "ŉ",
        "a\u{0}b",
        "。",
        "，、",
        "x:y",
        "Role:",
        "- ",
        "*",
    ];
    for one in strange {
        for (name, description) in [(one, "Baker"), ("Ada", one), (one, one)] {
            for words in [None, NonZeroU32::new(1), NonZeroU32::new(400)] {
                let text = story(name, description, words);
                assert!(text.split("\n\n").count() >= 4, "{text}");
                assert!(text.ends_with(['.', '!', '?']), "{text}");
                assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text}");
            }
        }
    }
}
