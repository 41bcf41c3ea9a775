//! Small casts, and what is found in them.

use super::*;
use crate::domain::prompt::Person;

/// The findings of both passes over characters with a name, a row and a story: flag, name, the other's name, words.
fn found<'a>(
    cast: &[(&'a str, &'a str, &'a str)],
) -> Vec<(Flag, &'a str, Option<&'a str>, String)> {
    review(cast).0
}

type Found<'a> = Vec<(Flag, &'a str, Option<&'a str>, String)>;

fn review<'a>(cast: &[(&'a str, &'a str, &'a str)]) -> (Found<'a>, Remarks) {
    let story = |(name, row, text): &(&'a str, &'a str, &'a str)| Story {
        asked: Asked {
            name,
            description: row,
            ..Asked::default()
        },
        row,
        text,
    };
    let mut first = FirstPass::new();
    for one in cast {
        first.add(&story(one));
    }
    let mut second = first.end();
    let mut all = Vec::new();
    for one in cast {
        for found in second.add(&story(one)) {
            let other = found.other.map(|other| cast[other].0);
            all.push((
                found.finding.flag,
                cast[found.story].0,
                other,
                found.finding.detail,
            ));
        }
    }
    (all, second.end())
}

fn borrowed<'a>(cast: &[(&'a str, &'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let found = found(cast)
        .into_iter()
        .filter(|found| found.0 == Flag::Borrowed);
    found
        .map(|(_, name, other, _)| (name, other.unwrap_or_default()))
        .collect()
}

#[test]
fn a_story_that_names_another_character_in_full_is_found() {
    for (row, text) in [
        (
            "Baker.",
            "In winter Tom owed money to Mira Vale, and paid in bread.",
        ),
        ("Baker.", "In winter Tom feared Captain Mira Vale's dogs."),
        (
            "Baker.",
            "In winter Tom wrote to M. Vale, who did not answer.",
        ),
        ("Baker.", "In winter Tom met Mira \u{2019}Vale once."),
    ] {
        let cast = [
            ("Tom Reed", row, text),
            ("Dr. Mira Vale", "Surgeon.", "Mira was a surgeon."),
        ];
        assert_eq!(borrowed(&cast), [("Tom Reed", "Dr. Mira Vale")], "{text}");
    }
    let cast = [
        (
            "Иван Серов",
            "Пекарь из Твери.",
            "Иван вырос в Твери, у реки, и с детства боялся гусей. Зимой он писал письма Анне Карениной, но она ему не отвечала, и он перестал.",
        ),
        ("Анна Каренина", "Врач.", "Анна лечила людей."),
    ];
    assert_eq!(borrowed(&cast), [("Иван Серов", "Анна Каренина")]);
    let cast = [
        ("佐藤花子", "パン屋", "佐藤花子は冬に田中太郎と海へ行った。"),
        ("田中太郎", "医者", "田中は医者だった。"),
    ];
    assert_eq!(borrowed(&cast), [("佐藤花子", "田中太郎")]);
    let cast = [
        ("Tom Reed", "Baker.", "In winter he met Jasper at the mill."),
        ("Jasper", "Miller.", "Jasper ground flour."),
    ];
    assert_eq!(borrowed(&cast), [("Tom Reed", "Jasper")]);
}

#[test]
fn a_name_that_is_known_or_only_looks_like_another_is_not_borrowed() {
    for (name, row, text) in [
        (
            "Tom Reed",
            "Baker, married to Mira Vale.",
            "Tom owed money to Mira Vale.",
        ),
        (
            "Tom Reed",
            "Mira's brother.",
            "Tom owed money to Mira Vale.",
        ),
        ("Tom Reed", "Baker.", "Tom met Mira. Vale was a village."),
        ("Tom Reed", "Baker.", "Tom met Mira, Vale and the rest."),
        ("Tom Reed", "Baker.", "Tom saw a mira vale in the fog."),
        ("Tom Reed", "Baker.", "Tom met Mira Valentine."),
        (
            "Mira Vale the Younger",
            "Baker.",
            "Mira Vale was the younger one.",
        ),
        ("Mira Vale", "Baker.", "Mira Vale was another one."),
    ] {
        let cast = [
            (name, row, text),
            ("Mira Vale", "Surgeon.", "Mira was a surgeon."),
        ];
        assert_eq!(borrowed(&cast), [], "{text}");
    }
    let cast = [
        ("Tom Reed", "Baker.", "Tom met Mira Vale."),
        ("Mira Vale", "Hates Tom Reed.", "Mira was a surgeon."),
    ];
    assert_eq!(borrowed(&cast), [], "the other row names the own one");
    let cast = [
        ("Tom Reed", "Baker.", "Then he lost all Hope of rain."),
        ("Hope", "Nun.", "Hope prayed."),
        ("Eve", "Nun.", "Eve had no hope."),
    ];
    assert_eq!(borrowed(&cast), [], "an ordinary word is no name");
    let cast = [
        ("Tom Reed", "Baker.", "Then he met Jasper Stone."),
        ("Jasper", "Miller.", "Jasper ground flour."),
    ];
    assert_eq!(borrowed(&cast), [], "that is another Jasper");
}

const LONG: &str = "was born behind the salt market in the year the river froze. The mother sold bells and the father broke them, and \
     between the two a child learned early what a thing is worth when it is whole. At nine the first lie was told, to a \
     tax clerk, about a goat. At twelve the house burned. What was carried out of it was a ledger, a spoon and a name.";

#[test]
fn stories_that_share_their_wording_are_alike_whatever_the_name() {
    let (tom, eve) = (format!("Tom {LONG}"), format!("Eve {LONG} That was all."));
    let half = format!(
        "Ida had another youth, by a lake, among people that fished and sang and hardly spoke. {}",
        &LONG[190..]
    );
    let other = "Bo grew up under the observatory, where nobody looked up. He sold tickets for the one eclipse of his life and refunded \
         them in the rain. Since then he trusts neither priests nor weather, and counts the coins of both twice.";
    let cast = [
        ("Tom", "", tom.as_str()),
        ("Bo", "", other),
        ("Eve", "", eve.as_str()),
        ("Ida", "", half.as_str()),
    ];
    let alike: Vec<(&str, &str)> = found(&cast)
        .into_iter()
        .filter(|found| found.0 == Flag::Alike)
        .map(|(_, name, other, _)| (name, other.unwrap_or_default()))
        .collect();
    assert!(alike.contains(&("Tom", "Eve")) && alike.contains(&("Eve", "Tom")));
    assert!(
        alike.contains(&("Ida", "Tom")) || alike.contains(&("Ida", "Eve")),
        "{alike:?}"
    );
    assert!(!alike.iter().any(|(a, b)| *a == "Bo" || *b == "Bo"));
}

#[test]
fn an_opening_that_comes_again_is_found_and_listed() {
    let text = |name: &str, rest: &str| format!("In the winter {name} {rest}");
    let texts = [
        text("Tom", "left."),
        text("Eve", "stayed."),
        text("Ida", "slept."),
        "Bo had no winter at all.".to_owned(),
    ];
    let names = ["Tom", "Eve", "Ida", "Bo"];
    let cast: Vec<(&str, &str, &str)> = names
        .iter()
        .zip(&texts)
        .map(|(name, text)| (*name, "", text.as_str()))
        .collect();
    let (found, remarks) = review(&cast);
    let same: Vec<&str> = found
        .iter()
        .filter(|found| found.0 == Flag::SameOpening)
        .map(|found| found.1)
        .collect();
    assert_eq!(same, ["Tom", "Eve", "Ida"]);
    assert_eq!(remarks.openings, [("In the winter Tom".to_owned(), 3)]);
    assert_eq!(
        remarks.lengths,
        Some(Lengths {
            least: 5,
            median: 5,
            most: 6
        })
    );
}

#[test]
fn invented_names_are_those_that_no_row_has() {
    let cast = [
        (
            "Tom",
            "Baker in Ghent.",
            "Tom left Ghent for Greyhollow, with Old Marta, in May.",
        ),
        (
            "Eve",
            "Nun.",
            "Eve came from Greyhollow. There Old Marta taught her.",
        ),
        (
            "Ida",
            "Nun.",
            "Ida hates Greyhollow, and Tom, and the English. Then she met Old Marta.",
        ),
    ];
    let (_, remarks) = review(&cast);
    assert_eq!(
        remarks.invented,
        [("Greyhollow".to_owned(), 3), ("Old Marta".to_owned(), 3)]
    );
}

#[test]
fn one_story_in_another_person_or_language_falls_out() {
    let she = "She grew up behind a bakery in Ghent, and her mother counted the loaves aloud. When the flood took the mill, she learned to lie.";
    let you = "You grew up behind a bakery in Ghent, and your mother counted the loaves aloud. When the flood took the mill, you learned to lie.";
    let german = "Sie wuchs hinter einer Bäckerei in Gent auf, und ihre Mutter zählte die Brote laut. Als die Flut kam, lernte sie zu lügen.";
    let cast = [
        ("A1", "", she),
        ("B1", "", she),
        ("C1", "", she),
        ("D1", "", she),
        ("E1", "", she),
        ("F1", "", you),
        ("G1", "", she),
        ("H1", "", german),
    ];
    let found = found(&cast);
    let of = |flag: Flag| -> Vec<&str> {
        found
            .iter()
            .filter(|found| found.0 == flag)
            .map(|found| found.1)
            .collect()
    };
    assert_eq!(of(Flag::Person), ["F1"]);
    assert_eq!(of(Flag::Language), ["H1"]);
}

#[test]
fn what_was_asked_for_is_not_judged_by_the_cast_and_a_changed_story_not_at_all() {
    let she = "She grew up behind a bakery in Ghent, and her mother counted the loaves aloud. When the flood took the mill, she learned to lie.";
    let you = "You grew up behind a bakery in Ghent, and your mother counted the loaves aloud. When the flood took the mill, you learned to lie.";
    let story = |text: &'static str, person: Option<Person>| Story {
        asked: Asked {
            name: "she",
            person,
            ..Asked::default()
        },
        row: "",
        text,
    };
    let mut first = FirstPass::new();
    for _ in 0..5 {
        first.add(&story(she, None));
    }
    first.add(&story(you, Some(Person::Second)));
    first.add(&story(you, None));
    let mut second = first.end();
    let mut persons = Vec::new();
    for text in [she, she, she, she, she, you, she, you] {
        let found = second.add(&story(text, None));
        persons.extend(
            found
                .into_iter()
                .filter(|found| found.finding.flag == Flag::Person),
        );
    }
    assert_eq!(
        persons,
        [],
        "the seventh story is another one now, and there was no eighth"
    );
}
