//! `person`: the text is in another grammatical person than was asked for.
//!
//! Pronouns outside quotation marks are counted, in English, German, French and Spanish. A text is in the first or second person
//! if [`SHARE_PERCENT`] of its words are its pronouns and these outnumber the other's; it is in the third if it has hardly any of
//! both, and pronouns of the third instead. Between these the rule is silent, and in other languages, and for texts under
//! [`WORDS_MIN`] words. So "you could hear the sea" in a story about her is no fault.

use super::Finding;
use super::language::Tongue;
use super::reading::{Reading, bytes, key_of};
use crate::domain::flag::Flag;
use crate::domain::prompt::Person;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;
use whatlang::Lang;

/// A shorter text is not judged.
const WORDS_MIN: usize = 20;
/// The share of pronouns that puts a text into the first or second person, in per cent.
const SHARE_PERCENT: usize = 2;
/// And so many of them, at least.
const PRONOUNS_MIN: usize = 3;
/// In the third person at most this share of the words are pronouns of the first or second, in per cent.
const OTHERS_PERCENT: usize = 1;

/// The grammatical person that a text is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Voice {
    /// "I grew up in Ghent".
    First,
    /// "You grew up in Ghent".
    Second,
    /// "She grew up in Ghent".
    Third,
}

impl Voice {
    /// Its name.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
            Self::Third => "third",
        }
    }
}

impl From<Person> for Voice {
    fn from(person: Person) -> Self {
        match person {
            Person::Second => Self::Second,
            Person::Third => Self::Third,
        }
    }
}

/// The pronouns of a language: of the first, second and third person, without case and accents.
type Pronouns = [&'static str; 3];

const ENGLISH: Pronouns = [
    "i me my mine myself",
    "you your yours yourself",
    "he she they him her his hers their theirs them himself herself themselves",
];
/// `Sie` and `ihr` can be the second person, too; they then meet no pronoun of it, and the text counts as third.
const GERMAN: Pronouns = [
    "ich mich mir mein meine meinen meinem meiner meines",
    "du dich dir dein deine deinen deinem deiner deines",
    "er sie es ihn ihm ihr ihre ihren ihrem ihrer ihres sein seine seinen seinem seiner seines",
];
const FRENCH: Pronouns = [
    "je j me m moi mon ma mes",
    "tu te t toi ton ta tes vous votre vos",
    "il elle ils elles lui son sa ses se s leur leurs",
];
/// The subject is mostly left out, so the small words count. `él` is `el` without its accent, an article.
const SPANISH: Pronouns = [
    "yo me mi mis conmigo mio mia",
    "tu te tus ti contigo tuyo tuya",
    "ella ellos ellas su sus se le les",
];

static TABLES: LazyLock<[(Lang, HashMap<u64, Voice>); 4]> = LazyLock::new(|| {
    [
        (Lang::Eng, ENGLISH),
        (Lang::Deu, GERMAN),
        (Lang::Fra, FRENCH),
        (Lang::Spa, SPANISH),
    ]
    .map(|(lang, pronouns)| {
        let voices = [Voice::First, Voice::Second, Voice::Third];
        let of = |(voice, words): (Voice, &'static str)| {
            words.split(' ').map(move |word| (key_of(word), voice))
        };
        (
            lang,
            voices.into_iter().zip(pronouns).flat_map(of).collect(),
        )
    })
});

/// The person that a text is in, with the place of its first pronoun, if that is certain.
pub(super) fn of(reading: &Reading, tongue: Option<Tongue>) -> Option<(Voice, Range<usize>)> {
    let lang = tongue?.lang();
    let (_, table) = TABLES.iter().find(|(known, _)| *known == lang)?;
    let (mut words, mut counts, mut firsts) = (0, [0; 3], [None, None, None]);
    for word in reading.words.iter().filter(|word| !word.place.is_quoted) {
        words += 1;
        if let Some(voice) = table.get(&word.key) {
            let at = index(*voice);
            counts[at] += 1;
            firsts[at] = firsts[at].clone().or(Some(bytes(word)));
        }
    }
    let voice = judged(words, counts)?;
    firsts[index(voice)].clone().map(|at| (voice, at))
}

fn index(voice: Voice) -> usize {
    match voice {
        Voice::First => 0,
        Voice::Second => 1,
        Voice::Third => 2,
    }
}

/// The person of a text with so many words, of which so many are pronouns.
fn judged(words: usize, [first, second, third]: [usize; 3]) -> Option<Voice> {
    if words < WORDS_MIN {
        return None;
    }
    let is_many =
        |pronouns: usize| pronouns >= PRONOUNS_MIN && pronouns * 100 >= words * SHARE_PERCENT;
    let is_few = |pronouns: usize| pronouns * 100 <= words * OTHERS_PERCENT;
    if is_many(second) && second >= first {
        Some(Voice::Second)
    } else if is_many(first) && first > second * 2 {
        Some(Voice::First)
    } else if is_few(first) && is_few(second) && is_many(third) {
        Some(Voice::Third)
    } else {
        None
    }
}

/// The finding, if the text is in another person than was asked for.
pub(super) fn find(
    found: Option<&(Voice, Range<usize>)>,
    asked: Option<Person>,
) -> Option<Finding> {
    let (voice, at) = found?;
    let asked = Voice::from(asked?);
    (*voice != asked).then(|| Finding {
        flag: Flag::Person,
        detail: format!("{} person instead of {}", voice.word(), asked.word()),
        at: at.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::language;
    use super::*;

    fn voice(text: &str) -> Option<Voice> {
        let reading = Reading::of(text);
        of(&reading, language::of(&reading)).map(|(voice, _)| voice)
    }

    #[test]
    fn the_person_of_a_story_is_recognised() {
        for (text, expected) in [
            (
                "You grew up in the back room of a bakery in Ghent, where your mother counted the loaves aloud. When the flood took the mill, you learned to lie about flour.",
                Some(Voice::Second),
            ),
            (
                "She grew up in the back room of a bakery in Ghent, where her mother counted the loaves aloud. When the flood took the mill, she learned to lie about flour.",
                Some(Voice::Third),
            ),
            (
                "I grew up in the back room of a bakery in Ghent, where my mother counted the loaves aloud. When the flood took the mill, I learned to lie about flour.",
                Some(Voice::First),
            ),
            (
                "Du bist in der Backstube deines Vaters in Gent aufgewachsen, wo die Öfen nie kalt wurden. Als das Hochwasser die Mühle nahm, hast du gelernt zu lügen.",
                Some(Voice::Second),
            ),
            (
                "Elle a grandi dans l'arrière-boutique d'une boulangerie de Gand, où sa mère comptait les pains. Quand l'inondation emporta le moulin, elle apprit à mentir.",
                Some(Voice::Third),
            ),
            (
                "Tu infancia fue una panadería de Gante, donde tu madre contaba los panes. Cuando la riada se llevó el molino, te enseñaron a mentir y te gustó.",
                Some(Voice::Second),
            ),
            (
                "She said, \"I told you, you never listen, I know you, you and I are done.\" Her mother shut the window without a word, and she left the house with her coat over her arm.",
                Some(Voice::Third),
            ),
            ("Era panadera en Gante.", None),
            (
                "Ze groeide op in de achterkamer van een bakkerij in Gent, waar de ovens nooit koud werden en niemand de broden telde, behalve zij.",
                None,
            ),
        ] {
            assert_eq!(voice(text), expected, "{text}");
        }
    }

    #[test]
    fn a_remark_to_the_reader_changes_nothing() {
        let text = "She kept the mill through the war and her brother kept the books. On clear nights you could hear the wheel from the bridge. \
             She never told him what she had seen there, and he never asked her for the key to the cellar.";
        assert_ne!(voice(text), Some(Voice::Second));
        assert_eq!(judged(100, [0, 1, 6]), Some(Voice::Third));
        assert_eq!(judged(100, [2, 2, 6]), None);
    }
}
