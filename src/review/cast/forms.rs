//! The part of a name that all its case forms share.
//!
//! Endings are taken off by the language of the text: a genitive `s` everywhere, more in languages that inflect names. The part is
//! only compared with parts made in the same way, so it need not be a word. Where an ending is also the end of another name
//! (`Mara` and `Mary` in Polish), the two are one.

use crate::review::language::Tongue;
use whatlang::Lang;

/// Languages that inflect names in the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// Only a genitive `s`.
    Plain,
    /// Russian, Ukrainian, Serbian …
    Cyrillic,
    /// Polish, Czech, Croatian, Lithuanian … in Latin letters.
    Slavic,
    /// Finnish and Estonian.
    Finnic,
    Hungarian,
    Korean,
}

/// The endings, the longest first, without accents.
const CYRILLIC: &[&str] = &[
    "ами", "ями", "ого", "ому", "его", "ему", "ыми", "ими", "ой", "ей", "ою", "ею", "ом", "ем",
    "ым", "им", "ах", "ях", "ов", "ев", "ая", "ую", "ий", "ии", "а", "я", "у", "ю", "е", "и", "ы",
    "о", "ь", "і",
];
const SLAVIC: &[&str] = &[
    "owi", "iem", "ami", "ovi", "oui", "ego", "emu", "ach", "em", "om", "ie", "ou", "ej", "im",
    "ym", "u", "a", "e", "y", "i", "o",
];
const FINNIC: &[&str] = &["ssa", "sta", "lla", "lle", "lta", "ksi", "na", "n", "t"];
const HUNGARIAN: &[&str] = &[
    "nak", "nek", "val", "vel", "bol", "tol", "rol", "hoz", "hez", "ban", "ben", "rol", "ra", "re",
    "ba", "be", "et", "at", "ot", "on", "en", "t", "a", "e",
];
const KOREAN: &[&str] = &[
    "에게서",
    "에서",
    "에게",
    "으로",
    "한테",
    "까지",
    "부터",
    "이가",
    "이는",
    "은",
    "는",
    "이",
    "가",
    "을",
    "를",
    "의",
    "와",
    "과",
    "도",
    "로",
    "에",
    "께",
    "야",
    "아",
];

/// What must be left of a name, in letters.
const STEM_MIN: usize = 2;

impl Family {
    /// How names in these letters are inflected in a text of this language.
    pub(super) fn of(tongue: Option<Tongue>, word: &str) -> Self {
        if let [single] = Self::for_name(word) {
            return *single;
        }
        match tongue.map(Tongue::lang) {
            Some(
                Lang::Pol
                | Lang::Ces
                | Lang::Slk
                | Lang::Hrv
                | Lang::Srp
                | Lang::Slv
                | Lang::Lit
                | Lang::Lav,
            ) => Self::Slavic,
            Some(Lang::Fin | Lang::Est) => Self::Finnic,
            Some(Lang::Hun) => Self::Hungarian,
            _ => Self::Plain,
        }
    }

    /// The families in whose texts a name in these letters may be inflected.
    pub(super) fn for_name(name: &str) -> &'static [Self] {
        match name.chars().find(|c| c.is_alphabetic()) {
            Some('\u{400}'..='\u{52f}') => &[Self::Cyrillic],
            Some('\u{ac00}'..='\u{d7a3}') => &[Self::Korean],
            Some(c) if c < '\u{250}' => &[Self::Plain, Self::Slavic, Self::Finnic, Self::Hungarian],
            _ => &[Self::Plain],
        }
    }

    /// `word`, which is folded, without an ending.
    pub(super) fn stem(self, word: &str) -> &str {
        let endings = match self {
            Self::Plain => &["s"][..],
            Self::Cyrillic => CYRILLIC,
            Self::Slavic => SLAVIC,
            Self::Finnic => FINNIC,
            Self::Hungarian => HUNGARIAN,
            Self::Korean => KOREAN,
        };
        let stems = endings
            .iter()
            .filter_map(|ending| word.strip_suffix(ending));
        let is_long = |stem: &&str| stem.chars().nth(STEM_MIN - 1).is_some();
        let stem = stems.into_iter().find(is_long).unwrap_or(word);
        if matches!(self, Self::Plain | Self::Korean) {
            return stem;
        }
        // The last vowel changes with the ending.
        let bare = stem.trim_end_matches([
            'a', 'e', 'i', 'o', 'u', 'y', 'а', 'я', 'е', 'и', 'й', 'о', 'ь',
        ]);
        if is_long(&bare) { bare } else { stem }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_of_a_name_have_the_same_stem() {
        for (family, forms) in [
            (Family::Plain, "vale vales"),
            (Family::Cyrillic, "анна анны анне анну анной"),
            (Family::Cyrillic, "петр петра петру петром петре"),
            (Family::Cyrillic, "каренина карениной каренину"),
            (Family::Slavic, "anna anny annie anne anno"),
            (Family::Slavic, "jan jana janowi janem janie"),
            (Family::Finnic, "aino ainon ainolla ainosta"),
            (Family::Hungarian, "peter peternek petert petertol"),
            (Family::Korean, "김민수 김민수는 김민수에게 김민수의"),
        ] {
            let mut stems: Vec<&str> = forms.split(' ').map(|form| family.stem(form)).collect();
            stems.dedup();
            assert_eq!(stems.len(), 1, "{forms}: {stems:?}");
        }
        assert_ne!(Family::Plain.stem("anna"), Family::Plain.stem("ann"));
        assert_eq!(Family::Plain.stem("is"), "is");
    }
}
