//! The same input gives the same story in every version.
//!
//! A change of the data or of a rule changes stories that people have. These tests notice it. They say nothing about how good a
//! story is.

use super::story;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::num::NonZeroU32;

/// Each description is tested with all of these.
const NAMES: [&str; 12] = [
    "Mindy",
    "Gate Guard",
    "Dr. Ada Vey",
    "王芳",
    "Åsa Nilsson",
    "",
    "Mrs Oak",
    "The Old Miller",
    "Ren",
    "Lord Percy of Hale",
    "Jean-Luc Picard",
    "Why?",
];

/// In words; 0 is the usual length.
const LENGTHS: [u32; 8] = [0, 1, 60, 120, 180, 250, 420, 900];

/// A description, and the first 16 hexadecimal digits of the digest of its stories.
const PINNED: [(&str, &str); 36] = [
    ("", "0c4b871a2043599e"),
    ("?", "1869c097e7c5b680"),
    (
        "Lawyer in the New York City. Achiever. Stubborn.",
        "966954a227ecee1d",
    ),
    (
        "A retired lighthouse keeper who collects other people's letters, generous, afraid of silence",
        "fb10cb583edc31b1",
    ),
    ("smith in Ghent. patient, left-handed", "3f509823437d96da"),
    ("京都の古本屋。無口、猫好き。", "da95faec7083b69b"),
    ("You are a guard. You like soup.", "31eaa14e37f0c67c"),
    (
        "I am a baker. I'm tired. My oven is cold.",
        "401decb421b58172",
    ),
    (
        "She is an android; kind, lost a ship, never sleeps, 45, 🦊",
        "0c38b997d8113bcc",
    ),
    (
        "He was born at sea; raised by wolves; haunted by a bell. He has no home.",
        "c213fb896ed7bcc7",
    ),
    (
        "They speak to crows. Their mother was a pirate.",
        "5f5158839c1dd201",
    ),
    (
        "Wizard of the old kingdom, collects runes, fearless, always late, secretly in love with the king",
        "113213f78922ab29",
    ),
    (
        "Space pilot from orbit, reckless, survived a crash, hates the colonists, born on Mars",
        "cc16ab262b76c46d",
    ),
    (
        "Hacker and podcast host, anxious, works in a bus, hums",
        "e6cf7418d6826159",
    ),
    (
        "Role: smith; Traits: calm, slow; Age: 52",
        "9ed92b1d8d8b0937",
    ),
    (
        "Character description: brave. Background bio: failed actor",
        "52c4480f1ec9e21e",
    ),
    (
        "Race species: elf; Who: the last dragon rider",
        "dfb6a34e7ce0a45c",
    ),
    (
        "Daughter of a pirate, keeper of the road, undertaker's apprentice, honest thief",
        "750cfaf3d2e25e51",
    ),
    (
        "8-year-old inventor, unicorn hunter, best baker in town, French chef",
        "ef5f860ef14c077b",
    ),
    (
        "Works for Dr. Vey. Hates 3.5 percent. Answers to \"Pocket\".",
        "47022cfe77143455",
    ),
    (
        "- brave\n- vain\n1. loyal\n2) self-taught",
        "808dc2aad1b1df39",
    ),
    (
        "Sings. Gambles. Steals bread at night, never forgives, often late",
        "a3abadf11c2d7d5c",
    ),
    (
        "Lost her brother, escaped the siege, inherited a debt, founded a school, swore to return",
        "fe41c4f207d9f785",
    ),
    (
        "betrayed by friends, exiled from court, adopted as a child, cursed by a witch",
        "b73ec12fc13096a4",
    ),
    (
        "A smuggler, who never lies, lives in Ghent, although it rains",
        "f34ae2b53ab72de3",
    ),
    ("Ghent, Otto, 1840, Bread and Co", "ecfdceb45f0fa368"),
    (
        "a heart of gold, a short temper, protecting the king, World War I veteran",
        "008eb7ff6270cb5e",
    ),
    (
        "very stubborn, kind and patient, in debt, a bit lonely, quick-witted, hopeless",
        "e072670b521c153a",
    ),
    (
        "captain of the guard, one-eyed, wants a boat, distrusts the harbour master, 🔥🔥",
        "22192d68bf16866d",
    ),
    (
        "A bookbinder in a town where nobody reads any more, who has kept every book that was ever brought back to her, and who sets out each morning with a cart, three maps and a whistle to find the people who left them there before the war",
        "7011eb1caa6c1e41",
    ),
    ("Sie ist Bäckerin in Köln; liebt Käse", "912470f8104665c6"),
    ("مهندس من القاهرة، عنيد، كريم", "1ce3bde85a99132e"),
    (
        "She laughs at funerals; her house has no doors; brave",
        "b5a91ff9377b0067",
    ),
    ("poet / bad cook / haunted house owner", "77b5b473aa704e2a"),
    (
        "Ada's brother, nobody, the only one who knows, somebody's uncle, last of the line",
        "78b6b5a8704b63ba",
    ),
    (
        "Android therapist on a starship, punctual, repairs drones, was switched off once, 7, never sleeps, proud, gentle, talks to plants, afraid of dust",
        "9dd6f4a7d5beb1b5",
    ),
];

/// The digest of the stories of `description`, each with a zero byte behind it: for each name the usual length and one other.
fn digest(description: &str) -> String {
    let mut digest = Sha256::new();
    for (name, length) in NAMES.into_iter().zip(LENGTHS.into_iter().cycle()) {
        for words in [None, NonZeroU32::new(length)] {
            digest.update(story(name, description, words));
            digest.update([0]);
        }
    }
    digest
        .finalize()
        .iter()
        .take(8)
        .fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("a string takes it");
            hex
        })
}

#[test]
fn the_same_input_gives_the_same_story_in_every_version() {
    let changed: Vec<(&str, String)> = PINNED
        .into_iter()
        .map(|(description, kept)| (description, kept, digest(description)))
        .filter(|(_, kept, now)| kept != now)
        .map(|(description, _, now)| (description, now))
        .collect();
    assert!(changed.is_empty(), "{changed:#?}");
}
