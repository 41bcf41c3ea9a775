//! `language`: the text is reliably in another language than was asked for.
//!
//! The language is recognised by its letters in threes, as `whatlang` does, and only if the text has [`WORDS_MIN`] words and the
//! library is sure. Languages that are written alike (Danish and Norwegian, Croatian and Serbian …) are one here. A passage in
//! another script counts, too: models fall into Chinese in mid-sentence. A language whose name is not known is not judged; nor is
//! a text for which none was asked, except by the rest of the cast.

use super::Finding;
use super::fold::is_unspaced;
use super::reading::Reading;
use crate::domain::flag::Flag;
use crate::domain::prompt::Language;
use std::ops::Range;
use whatlang::{Detector, Info, Lang, Script};

/// A shorter text is not judged.
const WORDS_MIN: usize = 12;
/// So much of a text is looked at, in bytes: more makes no difference.
const SAMPLE_BYTES: usize = 900;
/// So sure must the library be, from 0 to 1.
const CONFIDENCE_MIN: f64 = 0.9;
/// A passage in another script has so many letters, without a letter of the text's script between them.
const PASSAGE_LETTERS: usize = 12;

/// A language that a text was found to be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Tongue(Lang);

impl Tongue {
    /// Its name in English.
    pub(super) fn name(self) -> &'static str {
        self.0.eng_name()
    }

    /// Whether it has articles and capital letters as English has, so that a capital letter within a sentence means a name.
    pub(super) fn marks_names(self) -> bool {
        self.0 != Lang::Deu
    }

    /// The language for rules that have tables.
    pub(super) fn lang(self) -> Lang {
        self.0
    }

    /// Whether the two are written so much alike that a text does not prove which of them it is.
    pub(super) fn is_like(self, other: Self) -> bool {
        self.0 == other.0
            || ALIKE
                .iter()
                .any(|group| group.contains(&self.0) && group.contains(&other.0))
    }
}

/// Languages that are easily taken for each other.
const ALIKE: &[&[Lang]] = &[
    &[Lang::Dan, Lang::Nob, Lang::Swe],
    &[Lang::Hrv, Lang::Srp, Lang::Slv, Lang::Mkd, Lang::Bul],
    &[Lang::Ces, Lang::Slk],
    &[Lang::Rus, Lang::Ukr, Lang::Bel, Lang::Bul],
    &[Lang::Ind, Lang::Jav, Lang::Tgl],
    &[Lang::Spa, Lang::Cat, Lang::Por],
    &[Lang::Nld, Lang::Afr],
    &[Lang::Tur, Lang::Aze, Lang::Tuk, Lang::Uzb],
    &[Lang::Hin, Lang::Mar, Lang::Nep],
    &[Lang::Ara, Lang::Pes, Lang::Urd],
    &[Lang::Lat, Lang::Ita],
    &[Lang::Zul, Lang::Sna],
    &[Lang::Est, Lang::Fin],
];

/// Names that `whatlang` does not have, in lower case.
const NAMES: &[(Lang, &str)] = &[
    (
        Lang::Cmn,
        "chinese | mandarin | mandarin chinese | simplified chinese | traditional chinese | 中文 | 简体中文 | 繁體中文 | 汉语 | zh",
    ),
    (Lang::Nob, "norwegian | norsk | nynorsk"),
    (Lang::Pes, "farsi | persian"),
    (Lang::Spa, "castilian | castellano | es"),
    (Lang::Nld, "flemish | nl"),
    (Lang::Hin, "hindi | hi"),
    (Lang::Tgl, "filipino | tagalog"),
    (Lang::Ell, "greek"),
    (Lang::Pan, "punjabi"),
    (Lang::Ori, "odia"),
    (Lang::Mya, "burmese"),
    (Lang::Ind, "bahasa indonesia"),
    (Lang::Deu, "deutsch | de"),
    (Lang::Eng, "en"),
    (Lang::Fra, "fr"),
    (Lang::Por, "pt"),
    (Lang::Ita, "it"),
    (Lang::Jpn, "ja"),
    (Lang::Kor, "ko"),
    (Lang::Rus, "ru"),
    (Lang::Ara, "ar"),
    (Lang::Pol, "pl"),
    (Lang::Tur, "tr"),
    (Lang::Ukr, "uk"),
    (Lang::Swe, "sv"),
    (Lang::Dan, "da"),
    (Lang::Fin, "fi"),
    (Lang::Ces, "cs"),
];

/// The language that is asked for, if its name is known: `French`, `Brazilian Portuguese`, `日本語`, `zh-TW`.
pub(super) fn asked(language: &Language) -> Option<Tongue> {
    let name = language.name().trim().to_lowercase();
    let known = |name: &str| {
        let listed = NAMES
            .iter()
            .find(|(_, names)| names.split(" | ").any(|known| known == name));
        let listed = listed.map(|(lang, _)| *lang);
        let own = || {
            Lang::all().iter().copied().find(|lang| {
                lang.eng_name().to_lowercase() == name || lang.name().to_lowercase() == name
            })
        };
        listed
            .or_else(own)
            .or_else(|| Lang::from_code(name))
            .map(Tongue)
    };
    // `Serbian (Latin)`, `Brazilian Portuguese`, `zh-TW`: the whole, then its first word, then its last one.
    let mut words = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let first = words.next();
    known(&name)
        .or_else(|| first.and_then(known))
        .or_else(|| words.next_back().and_then(known))
}

/// The language of a text, if that is certain.
pub(super) fn of(reading: &Reading) -> Option<Tongue> {
    if reading.length() < WORDS_MIN {
        return None;
    }
    let text = reading.text;
    let sample = &text[..text.floor_char_boundary(SAMPLE_BYTES)];
    let is_sure = |info: &Info| info.confidence() >= CONFIDENCE_MIN || info.is_reliable();
    let info = whatlang::detect(sample)?;
    let lang = info.lang();
    if is_sure(&info) {
        return Some(Tongue(lang));
    }
    // It may only be unsure which one of languages it is that are one here.
    let alike = ALIKE.iter().flat_map(|group| {
        let others = group.iter().filter(|other| **other != lang);
        others.filter(|_| group.contains(&lang)).copied()
    });
    let info = Detector::with_denylist(alike.collect()).detect(sample)?;
    (is_sure(&info) && info.lang() == lang).then_some(Tongue(lang))
}

/// The finding, if the text is in another language than was asked for.
pub(super) fn find(
    reading: &Reading,
    tongue: Option<Tongue>,
    asked: Option<Tongue>,
) -> Option<Finding> {
    let asked = asked?;
    let finding = |detail: String, at: Range<usize>| Finding {
        flag: Flag::Language,
        detail,
        at,
    };
    if let Some(tongue) = tongue.filter(|tongue| !tongue.is_like(asked)) {
        let detail = format!("{} instead of {}", tongue.name(), asked.name());
        return Some(finding(detail, 0..0));
    }
    let at = passage(reading.text, asked)?;
    Some(finding(reading.text[at.clone()].to_owned(), at))
}

/// The first passage in a script that the language is not written in. Latin letters are in every script's texts.
fn passage(text: &str, asked: Tongue) -> Option<Range<usize>> {
    let own = own_scripts(asked);
    if text.is_ascii() {
        return None;
    }
    let (mut start, mut end, mut letters) = (0, 0, 0);
    for (at, c) in text.char_indices().filter(|(_, c)| c.is_alphabetic()) {
        let is_foreign = !c.is_ascii() && foreign(c, own);
        if !is_foreign {
            letters = 0;
            continue;
        }
        if letters == 0 {
            start = at;
        }
        // A letter of a script without spaces says as much as a syllable.
        letters += if is_unspaced(c) { 2 } else { 1 };
        end = at + c.len_utf8();
        if letters >= PASSAGE_LETTERS * 2 {
            return Some(start..end);
        }
    }
    None.filter(|_| end > 0)
}

/// Scripts that a text is expected to use.
fn own_scripts(asked: Tongue) -> &'static [Script] {
    match asked.0 {
        Lang::Cmn => &[Script::Mandarin],
        Lang::Jpn => &[Script::Mandarin, Script::Hiragana, Script::Katakana],
        Lang::Kor => &[Script::Hangul, Script::Mandarin],
        Lang::Rus | Lang::Ukr | Lang::Bel | Lang::Bul | Lang::Mkd => &[Script::Cyrillic],
        Lang::Srp | Lang::Uzb | Lang::Aze | Lang::Tuk => {
            &[Script::Cyrillic, Script::Latin, Script::Arabic]
        }
        Lang::Ara | Lang::Pes | Lang::Urd => &[Script::Arabic],
        Lang::Hin | Lang::Mar | Lang::Nep => &[Script::Devanagari],
        Lang::Ben => &[Script::Bengali],
        Lang::Ell => &[Script::Greek],
        Lang::Heb | Lang::Yid => &[Script::Hebrew],
        Lang::Tha => &[Script::Thai],
        Lang::Kat => &[Script::Georgian],
        Lang::Hye => &[Script::Armenian],
        Lang::Tam => &[Script::Tamil],
        Lang::Tel => &[Script::Telugu],
        Lang::Guj => &[Script::Gujarati],
        Lang::Pan => &[Script::Gurmukhi, Script::Arabic],
        Lang::Mal => &[Script::Malayalam],
        Lang::Kan => &[Script::Kannada],
        Lang::Sin => &[Script::Sinhala],
        Lang::Mya => &[Script::Myanmar],
        Lang::Khm => &[Script::Khmer],
        Lang::Ori => &[Script::Oriya],
        Lang::Amh => &[Script::Ethiopic],
        _ => &[Script::Latin],
    }
}

/// Whether `c` is in none of these scripts. Latin letters never are foreign.
fn foreign(c: char, own: &[Script]) -> bool {
    let script = match c {
        '\u{370}'..='\u{3ff}' => Script::Greek,
        '\u{400}'..='\u{52f}' => Script::Cyrillic,
        '\u{590}'..='\u{5ff}' => Script::Hebrew,
        '\u{600}'..='\u{6ff}' => Script::Arabic,
        '\u{900}'..='\u{97f}' => Script::Devanagari,
        '\u{980}'..='\u{9ff}' => Script::Bengali,
        '\u{e00}'..='\u{e7f}' => Script::Thai,
        '\u{3040}'..='\u{309f}' => Script::Hiragana,
        '\u{30a0}'..='\u{30ff}' => Script::Katakana,
        '\u{4e00}'..='\u{9fff}' => Script::Mandarin,
        '\u{ac00}'..='\u{d7a3}' => Script::Hangul,
        _ => return false,
    };
    !own.contains(&script)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(text: &str, language: &str) -> Option<String> {
        let reading = Reading::of(text);
        let language: Language = language.parse().expect("a language");
        find(&reading, of(&reading), asked(&language)).map(|finding| finding.detail)
    }

    const ENGLISH: &str = "She grew up in the back room of a bakery in Ghent, where the ovens were never cold and nobody counted.";
    const GERMAN: &str = "Sie wuchs in der Backstube ihres Vaters in Gent auf, wo die Öfen nie kalt wurden und niemand zählte.";

    #[test]
    fn names_of_languages_are_known_in_many_forms() {
        for (name, code) in [
            ("French", "fra"),
            ("français", "fra"),
            ("Brazilian Portuguese", "por"),
            ("日本語", "jpn"),
            ("zh-TW", "cmn"),
            ("Simplified Chinese", "cmn"),
            ("Serbian (Latin)", "srp"),
            ("German", "deu"),
            ("Deutsch", "deu"),
            ("British English", "eng"),
            ("español", "spa"),
            ("Русский", "rus"),
            ("norsk", "nob"),
            ("한국어", "kor"),
        ] {
            let language: Language = name.parse().expect("a language");
            assert_eq!(
                asked(&language).map(|tongue| tongue.0.code()),
                Some(code),
                "{name}"
            );
        }
        assert_eq!("Klingon".parse().ok().as_ref().and_then(asked), None);
    }

    #[test]
    fn another_language_is_found() {
        assert_eq!(
            judged(GERMAN, "English").as_deref(),
            Some("German instead of English")
        );
        assert_eq!(
            judged(ENGLISH, "French").as_deref(),
            Some("English instead of French")
        );
        let mixed = format!("{ENGLISH} 她在根特一家面包店的后屋长大，炉子从不冷却。");
        assert!(judged(&mixed, "English").is_some());
    }

    #[test]
    fn the_language_that_was_asked_for_and_what_is_uncertain_is_no_fault() {
        for (text, language) in [
            (ENGLISH, "English"),
            (GERMAN, "German"),
            (ENGLISH, "Klingon"),
            ("Ja.", "English"),
            (
                "Hun vokste opp i bakrommet til et bakeri i Gent, der ovnene aldri ble kalde, og ingen telte brødene.",
                "Danish",
            ),
            (
                "She said 彼女は行く and left the bakery in Ghent for good, that winter, with the ovens still warm.",
                "English",
            ),
        ] {
            assert_eq!(judged(text, language), None, "{text}");
        }
    }
}
