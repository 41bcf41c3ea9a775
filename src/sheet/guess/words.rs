//! The usual words of headers, and the role that a header names.
//!
//! A header is compared without case, accents, spaces, underscores and camel case: `char_desc`, `CharDesc` and `Char Desc`
//! are the same two words. A header of one word counts more than one with several (`Name` before `Character Name`). Cells
//! are not examined here.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use icu_normalizer::DecomposingNormalizer;

/// How clearly a header names a role. The better match is the smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::sheet) enum Match {
    /// It is one of the usual names. The number is that of the language.
    Exact(usize),
    /// It is one of the usual names with words that change nothing: `Character Name`.
    Compound,
}

/// The usual names of the column with the names, one language per line.
const NAMES: &[&[&str]] = &[
    &[
        "name",
        "names",
        "charname",
        "character",
        "characters",
        "charactername",
    ],
    &[
        "namen",
        "figur",
        "figuren",
        "charakter",
        "charaktere",
        "charaktername",
    ],
    &["nom", "noms", "personnage", "personnages"],
    &["nombre", "nombres", "personaje", "personajes"],
    &["nome", "nomes", "personagem", "personagens"],
    &["nomi", "personaggio", "personaggi"],
    &["naam", "personage"],
    &["imie", "nazwa", "postac", "postacie"],
    &["jmeno", "postava", "postavy"],
    &[
        "namn",
        "navn",
        "karaktar",
        "karakter",
        "karaktarer",
        "karakterer",
    ],
    &["nimi", "hahmo", "hahmot"],
    &["isim", "adi", "karakterler", "karakteradi"],
    &["nev", "szereplo", "szereplok"],
    &["nume", "personaj", "personaje"],
    &[
        "имя",
        "имена",
        "персонаж",
        "персонажи",
        "название",
        "імя",
        "персонажі",
        "назва",
    ],
    &["ονομα", "χαρακτηρας"],
    &[
        "名字",
        "姓名",
        "名称",
        "名稱",
        "角色",
        "角色名",
        "角色名称",
        "角色名稱",
        "角色名字",
        "人物",
        "人物名",
        "人物姓名",
        "中文名",
        "名",
    ],
    &[
        "名前",
        "氏名",
        "キャラ名",
        "キャラ",
        "キャラクター",
        "キャラクター名",
        "登場人物",
        "キャラクタ名",
    ],
    &[
        "이름",
        "성명",
        "캐릭터",
        "캐릭터이름",
        "캐릭터명",
        "등장인물",
        "인물",
        "인물명",
    ],
    &["اسم", "الاسم", "الشخصية"],
    &["नाम"],
    &["ten", "nhanvat", "tennhanvat"],
    &["nama", "tokoh"],
    &["ชื่อ"],
    &["שם"],
];

/// Those of [`NAMES`] that mean the character itself: the column may be something else about it.
const CHARACTERS: &[&str] = &[
    "character",
    "characters",
    "figur",
    "figuren",
    "charakter",
    "charaktere",
    "personnage",
    "personnages",
    "personaje",
    "personajes",
    "personagem",
    "personagens",
    "personaggio",
    "personaggi",
    "personage",
    "postac",
    "postacie",
    "postava",
    "postavy",
    "karaktar",
    "karakter",
    "karaktarer",
    "karakterer",
    "karakterler",
    "hahmo",
    "hahmot",
    "szereplo",
    "szereplok",
    "personaj",
    "персонаж",
    "персонажи",
    "персонажі",
    "χαρακτηρας",
    "角色",
    "人物",
    "キャラ",
    "キャラクター",
    "登場人物",
    "캐릭터",
    "등장인물",
    "인물",
    "الشخصية",
    "nhanvat",
    "tokoh",
];

/// Words beside one of [`NAMES`] that change nothing.
const BESIDE_NAME: &[&str] = &[
    "character",
    "characters",
    "char",
    "chars",
    "chara",
    "npc",
    "npcs",
    "full",
    "display",
    "displayed",
    "shown",
    "canonical",
    "hero",
    "heroes",
    "heroine",
    "person",
    "persons",
    "people",
    "villager",
    "villagers",
    "monster",
    "monsters",
    "creature",
    "creatures",
    "pokemon",
    "unit",
    "pc",
    "ingame",
    "game",
    "in",
    "the",
    "of",
    "s",
    "complete",
    "official",
    "main",
    "und",
    "voller",
    "vollstandiger",
    "figuren",
    "complet",
    "completo",
    "completa",
    "de",
    "del",
    "du",
    "des",
    "da",
    "do",
    "della",
    "el",
    "la",
    "le",
    "personnage",
    "personaje",
    "personagem",
    "personaggio",
    "postaci",
    "полное",
    "персонажа",
    "героя",
    "figur",
    "charakter",
    "karakter",
    "ad",
    "캐릭터",
    "キャラクター",
    "キャラ",
    "角色",
    "人物",
];

/// Beside one of [`NAMES`] these give the language of the name: `name_ja`.
const LANGUAGES: &[&str] = &[
    "de",
    "deutsch",
    "german",
    "en",
    "eng",
    "english",
    "es",
    "spanish",
    "fr",
    "french",
    "it",
    "italian",
    "ja",
    "jp",
    "jpn",
    "japanese",
    "ko",
    "kr",
    "kor",
    "korean",
    "pl",
    "polish",
    "pt",
    "br",
    "portuguese",
    "ru",
    "rus",
    "russian",
    "tr",
    "turkish",
    "zh",
    "cn",
    "tw",
    "chn",
    "chinese",
    "original",
    "romaji",
];

/// Beings that have names in games and books. Below such a header are names, too: `Monster`.
const PEOPLE: &[&str] = &[
    "npc",
    "npcs",
    "hero",
    "heroes",
    "heroine",
    "heroines",
    "villain",
    "villains",
    "villager",
    "villagers",
    "people",
    "person",
    "persons",
    "monster",
    "monsters",
    "creature",
    "creatures",
    "enemy",
    "enemies",
    "boss",
    "bosses",
    "pc",
    "pcs",
    "pokemon",
    "held",
    "helden",
    "gegner",
    "heroe",
    "enemigo",
    "enemigos",
    "monstruo",
    "monstruos",
    "heros",
    "ennemi",
    "ennemis",
    "monstre",
    "monstres",
    "heroi",
    "inimigo",
    "monstro",
    "eroe",
    "eroi",
    "nemico",
    "mostro",
    "mostri",
    "герой",
    "герои",
    "враг",
    "враги",
    "монстр",
    "монстры",
    "怪物",
    "怪獸",
    "敌人",
    "敵人",
    "英雄",
    "武将",
    "武將",
    "将领",
    "宠物",
    "精灵",
    "村民",
    "モンスター",
    "敵",
    "敵キャラ",
    "英雄",
    "武将",
    "몬스터",
    "영웅",
    "적",
    "무장",
];

/// The parts of a name in their order, one language per line: for each part its usual headers. A part that a sheet does not
/// have is left out, but the first and the last are required.
const NAME_PARTS: &[&[&[&str]]] = &[
    &[
        &["firstname", "first", "givenname", "forename", "fname"],
        &["middlename", "middle"],
        &["lastname", "last", "surname", "familyname", "lname"],
    ],
    &[&["firstname", "givenname", "forename"], &["name"]],
    &[&["name"], &["lastname", "surname", "familyname"]],
    &[
        &["vorname"],
        &["nachname", "familienname", "zuname", "name"],
    ],
    &[&["prenom"], &["nom", "nomdefamille"]],
    &[
        &["nombre", "nombres"],
        &["primerapellido", "apellido", "apellidos"],
        &["segundoapellido"],
    ],
    &[&["nome"], &["sobrenome", "apelido", "cognome"]],
    &[&["voornaam"], &["tussenvoegsel"], &["achternaam", "naam"]],
    &[&["imie"], &["nazwisko"]],
    &[&["jmeno"], &["prijmeni"]],
    &[
        &["fornamn", "fornavn"],
        &["efternamn", "etternavn", "efternavn"],
    ],
    &[&["ad", "adi", "isim"], &["soyad", "soyadi", "soyisim"]],
    &[&["имя"], &["отчество"], &["фамилия"]],
    &[&["імя"], &["прізвище"]],
    &[&["姓", "姓氏", "苗字"], &["名", "名前", "下の名前"]],
    &[&["성", "성씨"], &["이름"]],
];

/// The usual names of the column with the descriptions, one language per line.
const DESCRIPTIONS: &[&[&str]] = &[
    &[
        "description",
        "descriptions",
        "desc",
        "inputtext",
        "bio",
        "bios",
        "biography",
        "biographies",
        "prompt",
    ],
    &[
        "beschreibung",
        "beschreibungen",
        "kurzbeschreibung",
        "biografie",
        "biographie",
    ],
    &["descriptif"],
    &["descripcion", "biografia", "trasfondo"],
    &["descricao"],
    &["descrizione"],
    &["beschrijving", "omschrijving"],
    &["opis"],
    &["popis"],
    &["beskrivning", "beskrivelse"],
    &["kuvaus"],
    &["aciklama", "tanim", "biyografi"],
    &["leiras"],
    &["descriere"],
    &["описание", "биография", "оперсонаже", "опис", "біографія"],
    &["περιγραφη"],
    &[
        "描述",
        "简介",
        "簡介",
        "介绍",
        "介紹",
        "人物简介",
        "人物介绍",
        "角色描述",
        "角色介绍",
        "角色简介",
        "说明",
        "說明",
    ],
    &[
        "説明",
        "紹介",
        "プロフィール",
        "キャラ説明",
        "人物紹介",
        "解説",
    ],
    &["설명", "소개", "캐릭터설명", "인물소개"],
    &["وصف", "الوصف", "السيرة"],
    &["คำอธิบาย"],
    &["תיאור"],
    &["विवरण"],
    &["mota", "tieusu"],
    &["deskripsi"],
];

/// Words beside one of [`DESCRIPTIONS`] that change nothing.
const BESIDE_DESCRIPTION: &[&str] = &[
    "char",
    "character",
    "characters",
    "npc",
    "npcs",
    "hero",
    "person",
    "short",
    "long",
    "full",
    "brief",
    "general",
    "text",
    "the",
    "of",
    "del",
    "de",
    "du",
    "personnage",
    "personaje",
    "personagem",
    "персонажа",
    "краткое",
    "полное",
    "pokedex",
    "monster",
    "public",
    "캐릭터",
    "キャラクター",
];

/// The usual names of the column that identifies a row.
const KEYS: &[&str] = &["id", "key"];

/// Other words that occur in headers of such sheets, and hardly ever in their rows: they distinguish a header from a row.
const OTHERS: &[&str] = &[
    "age",
    "gender",
    "sex",
    "race",
    "species",
    "class",
    "role",
    "job",
    "occupation",
    "profession",
    "title",
    "level",
    "type",
    "kind",
    "city",
    "town",
    "home",
    "hometown",
    "location",
    "place",
    "country",
    "region",
    "notes",
    "note",
    "comment",
    "comments",
    "traits",
    "trait",
    "personality",
    "appearance",
    "hair",
    "eyes",
    "height",
    "weight",
    "birthday",
    "born",
    "birth",
    "date",
    "year",
    "faction",
    "house",
    "family",
    "father",
    "mother",
    "relationship",
    "relations",
    "goal",
    "motivation",
    "status",
    "alignment",
    "skills",
    "abilities",
    "weapon",
    "items",
    "health",
    "hp",
    "strength",
    "number",
    "no",
    "nr",
    "index",
    "image",
    "url",
    "link",
    "source",
    "alias",
    "aliases",
    "nickname",
    "actor",
    "background",
    "details",
    "profile",
    "summary",
    "about",
    "history",
    "story",
    "group",
    "rank",
    "position",
    "nationality",
    "origin",
    "affiliation",
    "quote",
    "voice",
    "color",
    "colour",
    "value",
    "price",
    "rarity",
    "alter",
    "geschlecht",
    "beruf",
    "rolle",
    "ort",
    "stadt",
    "notizen",
    "rasse",
    "klasse",
    "edad",
    "genero",
    "sexo",
    "raza",
    "clase",
    "oficio",
    "ciudad",
    "notas",
    "sexe",
    "metier",
    "ville",
    "idade",
    "raca",
    "classe",
    "cidade",
    "eta",
    "ruolo",
    "citta",
    "возраст",
    "пол",
    "раса",
    "класс",
    "роль",
    "город",
    "профессия",
    "年龄",
    "年齡",
    "性别",
    "性別",
    "种族",
    "職業",
    "职业",
    "年齢",
    "誕生日",
    "身長",
    "나이",
    "성별",
    "직업",
    "직업명",
    "종족",
    "wiek",
    "plec",
    "rasa",
    "klasa",
    "rola",
    "miasto",
    "yas",
    "cinsiyet",
    "irk",
    "sinif",
    "meslek",
    "sehir",
];

/// Headers of numbers that only count rows, and of cells that are for programs.
const FOR_PROGRAMS: &[&str] = &[
    "id",
    "ids",
    "uid",
    "uuid",
    "guid",
    "key",
    "index",
    "idx",
    "no",
    "nr",
    "num",
    "number",
    "row",
    "line",
    "order",
    "sort",
    "serial",
    "code",
    "slug",
    "hash",
    "created",
    "updated",
    "modified",
    "timestamp",
    "createdat",
    "updatedat",
    "createdon",
    "updatedon",
    "lfd",
    "numero",
    "номер",
    "编号",
    "編號",
    "序号",
    "番号",
    "번호",
    "ид",
    "version",
    "x",
    "y",
    "z",
];

/// Headers of numbers that describe a character.
const MEANING: &[&str] = &[
    "age",
    "level",
    "year",
    "born",
    "birth",
    "died",
    "death",
    "height",
    "weight",
    "alter",
    "edad",
    "idade",
    "eta",
    "возраст",
    "年龄",
    "年齢",
    "나이",
    "wiek",
    "yas",
    "rank",
    "generation",
    "children",
    "siblings",
    "income",
    "wealth",
];

/// The words of the header, in lower case and without accents and invisible characters.
pub(in crate::sheet) fn words(header: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut before = ' ';
    for char in DecomposingNormalizer::new_nfkd().normalize(header).chars() {
        if is_accent(char) || is_invisible(char) || char == '\'' || char == '’' {
            continue;
        }
        let is_hump = char.is_uppercase() && before.is_lowercase();
        if (!is_letter(char) || is_hump) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if is_letter(char) {
            // Turkish has two of them; no header differs only in this letter.
            let char = if char == 'ı' { 'i' } else { char };
            word.extend(char.to_lowercase());
        }
        before = char;
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Whether a character shows nothing and has no width.
pub(in crate::sheet) fn is_invisible(char: char) -> bool {
    matches!(char, '\u{AD}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
}

fn is_accent(char: char) -> bool {
    matches!(char, '\u{300}'..='\u{36F}')
}

/// Letters, digits, and the marks that scripts write beside their letters.
fn is_letter(char: char) -> bool {
    char.is_alphanumeric()
        || ('\u{3099}'..='\u{309A}').contains(&char)
        || (!char.is_ascii() && !char.is_whitespace() && !is_sign(char))
}

/// Punctuation and symbols beyond ASCII that occur in headers.
fn is_sign(char: char) -> bool {
    matches!(char, '\u{A0}'..='\u{BF}' | '×' | '÷' | '\u{2000}'..='\u{2BFF}' | '\u{3000}'..='\u{303F}' | '\u{FF00}'..='\u{FF0F}' | '\u{FF1A}'..='\u{FF20}' | '\u{FF3B}'..='\u{FF40}' | '\u{FF5B}'..='\u{FF65}')
}

/// How clearly the header names the column with the names, if it does.
pub(in crate::sheet) fn name(header: &str) -> Option<Match> {
    matched(header, &LISTS.names, &LISTS.beside_name)
}

/// Whether the header means the character itself, and not its name.
pub(super) fn is_character(header: &str) -> bool {
    LISTS.characters.contains(&words(header).concat())
}

/// How clearly the header names the column with the descriptions, if it does.
pub(in crate::sheet) fn description(header: &str) -> Option<Match> {
    matched(header, &LISTS.descriptions, &LISTS.beside_description)
}

/// Whether the header is one of those that identify a row.
pub(in crate::sheet) fn is_key(header: &str) -> bool {
    KEYS.contains(&words(header).concat().as_str())
}

/// The columns with the parts of the name, in their order, if there are any.
pub(super) fn name_parts(headers: &[&str]) -> Option<Vec<usize>> {
    let words: Vec<String> = headers
        .iter()
        .map(|header| words(header).concat())
        .collect();
    let at = |names: &[&str]| {
        let folded = |name: &&str| words.iter().position(|word| *word == fold(name));
        names.iter().find_map(folded)
    };
    NAME_PARTS.iter().find_map(|parts| {
        let needed = |part: Option<&&[&str]>| part.and_then(|names| at(names));
        let (first, last) = match parts {
            // A Spanish name without its second last name is still complete.
            [first, last, _] if first.contains(&"nombre") => {
                (needed(Some(first))?, needed(Some(last))?)
            }
            _ => (needed(parts.first())?, needed(parts.last())?),
        };
        let found: Vec<usize> = parts.iter().filter_map(|names| at(names)).collect();
        (first != last).then_some(found)
    })
}

/// Whether the header is a word that hardly ever occurs in a row of such a sheet.
pub(super) fn is_header_word(header: &str) -> bool {
    let words = words(header);
    let is_other = |word: &String| LISTS.others.contains(word) || LISTS.for_programs.contains(word);
    name(header).is_some()
        || description(header).is_some()
        || LISTS.others.contains(&words.concat())
        || (words.len() <= 3 && words.iter().any(is_other))
}

/// Whether the column is for programs: it counts or identifies rows.
pub(super) fn is_for_programs(header: &str) -> bool {
    let words = words(header);
    let last = words.last();
    let is_so = |word: &String| {
        LISTS.for_programs.contains(word)
            || unspaced(word).any(|(_, after)| LISTS.for_programs.contains(after))
    };
    last.is_none_or(is_so) || LISTS.for_programs.contains(&words.concat())
}

/// Whether a number below this header describes a character.
pub(super) fn has_meaning(header: &str) -> bool {
    words(header)
        .iter()
        .any(|word| LISTS.meaning.contains(word))
}

/// Whether the header is a word for beings with names.
pub(super) fn is_person(header: &str) -> bool {
    LISTS.people.contains(&words(header).concat())
}

/// Whether one of the words is a usual one for names, or for beings with names.
pub(in crate::sheet) fn speaks_of_names(header: &str) -> bool {
    let is_so = |word: &String| LISTS.names.contains_key(word) || LISTS.people.contains(word);
    words(header).iter().any(is_so)
}

/// The lists, in the form that [`words`] gives.
struct Lists {
    /// Each name with its language.
    names: HashMap<String, usize>,
    characters: HashSet<String>,
    people: HashSet<String>,
    beside_name: HashSet<String>,
    descriptions: HashMap<String, usize>,
    beside_description: HashSet<String>,
    others: HashSet<String>,
    for_programs: HashSet<String>,
    meaning: HashSet<String>,
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let set = |list: &[&str]| list.iter().map(|word| fold(word)).collect();
    let by_language = |lists: &[&[&str]]| {
        let each = lists.iter().enumerate().rev();
        each.flat_map(|(language, list)| list.iter().map(move |word| (fold(word), language)))
            .collect()
    };
    Lists {
        names: by_language(NAMES),
        characters: set(CHARACTERS),
        people: set(PEOPLE),
        beside_name: set(&[BESIDE_NAME, LANGUAGES, PEOPLE].concat()),
        descriptions: by_language(DESCRIPTIONS),
        beside_description: set(BESIDE_DESCRIPTION),
        others: set(OTHERS),
        for_programs: set(FOR_PROGRAMS),
        meaning: set(MEANING),
    }
});

fn matched(
    header: &str,
    usual: &HashMap<String, usize>,
    beside: &HashSet<String>,
) -> Option<Match> {
    let words = words(header);
    if let Some(&language) = usual.get(&words.concat()) {
        return Some(Match::Exact(language));
    }
    let is_usual = |word: &String| usual.contains_key(word);
    let fits = |word: &String| is_usual(word) || beside.contains(word);
    let words: Vec<String> = words
        .into_iter()
        .flat_map(|word| {
            if fits(&word) {
                return vec![word];
            }
            let parts = unspaced(&word)
                .filter(|(before, after)| beside.contains(*before) && usual.contains_key(*after));
            let parts = parts.map(|(before, after)| vec![before.to_owned(), after.to_owned()]);
            parts.last().unwrap_or_else(|| vec![word])
        })
        .collect();
    (words.iter().any(is_usual) && words.iter().all(fits)).then_some(Match::Compound)
}

/// The two words that a word may consist of, in scripts without spaces: `怪物名称`.
fn unspaced(word: &str) -> impl Iterator<Item = (&str, &str)> {
    let cuts = word.char_indices().skip(1).map(|(at, _)| at);
    let is_foreign = |(before, after): &(&str, &str)| {
        !before.ends_with(is_spaced) && !after.starts_with(is_spaced)
    };
    cuts.map(|at| word.split_at(at)).filter(is_foreign)
}

/// Letters of scripts with spaces.
fn is_spaced(char: char) -> bool {
    char < '\u{1100}'
}

/// A word of the lists, in the form that [`words`] gives.
fn fold(word: &str) -> String {
    words(word).concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_split_into_words_in_any_form() {
        for (header, expected) in [
            ("char_desc", "char desc"),
            ("npcDescription", "npc description"),
            ("Character Name", "character name"),
            ("\u{200b}name\u{feff}", "name"),
            ("Prénom", "prenom"),
            ("Имя персонажа", "имя персонажа"),
            ("HP (max)", "hp max"),
            ("ID", "id"),
            ("Açıklama", "aciklama"),
            ("Ｎａｍｅ", "name"),
            ("#", ""),
        ] {
            let normal = |text: &str| {
                DecomposingNormalizer::new_nfd()
                    .normalize(text)
                    .into_owned()
            };
            assert_eq!(
                normal(&words(header).join(" ")),
                normal(expected),
                "{header}"
            );
        }
    }

    #[test]
    fn names_are_found_in_the_big_languages() {
        for header in [
            "name",
            "Names",
            "charName",
            "Character",
            "CHARACTER_NAME",
            "Character Name",
            "Full Name",
            "full_name",
            "npcName",
            "canonical_name",
            "DisplayName",
            "nombre",
            "Nombre del personaje",
            "Personagem",
            "nom",
            "Имя",
            "имя_персонажа",
            "名前",
            "キャラ名",
            "이름",
            "캐릭터 이름",
            "角色名称",
            "姓名",
            "İsim",
            "Imię",
            "NPC Name",
            "Name of Character",
            "Naam",
            "الاسم",
            "name_ja",
            "Name (English)",
            "怪物名称",
            "怪物名",
            "敌人名字",
            "英雄姓名",
            "モンスター名前",
            "몬스터 이름",
            "몬스터이름",
        ] {
            assert!(name(header).is_some(), "{header}");
        }
        for header in [
            "Place name",
            "file name",
            "Mother's name",
            "class",
            "Nickname",
            "Player Name",
            "username",
            "Real name",
            "name_id",
            "Last name",
            "Actor",
            "",
            "Namespace",
            "Ship Name",
            "武器名称",
            "技能名称",
            "怪物等级",
        ] {
            assert!(name(header).is_none(), "{header}");
        }
    }

    #[test]
    fn descriptions_are_found_in_the_big_languages() {
        for header in [
            "description",
            "Desc",
            "char_desc",
            "npcDescription",
            "inputText",
            "Input_Text",
            "Biography",
            "BIO",
            "Descripción",
            "Beschreibung",
            "Описание",
            "説明",
            "설명",
            "简介",
            "Short description",
            "Descrição",
            "Prompt",
        ] {
            assert!(description(header).is_some(), "{header}");
        }
        for header in [
            "Weapon description",
            "biome",
            "descent",
            "notes",
            "Ability Description",
            "",
        ] {
            assert!(description(header).is_none(), "{header}");
        }
    }

    #[test]
    fn a_first_name_is_found_with_its_last_name() {
        assert_eq!(
            name_parts(&["id", "Last Name", "First Name"]),
            Some(vec![2, 1])
        );
        assert_eq!(name_parts(&["Vorname", "Name", "Ort"]), Some(vec![0, 1]));
        assert_eq!(name_parts(&["Nombre", "Apellidos"]), Some(vec![0, 1]));
        assert_eq!(name_parts(&["Имя", "Фамилия"]), Some(vec![0, 1]));
        assert_eq!(name_parts(&["姓", "名", "年齢"]), Some(vec![0, 1]));
        assert_eq!(name_parts(&["First Name", "Role"]), None);
        assert_eq!(
            name_parts(&["First Name", "Middle Name", "Last Name"]),
            Some(vec![0, 1, 2])
        );
        assert_eq!(
            name_parts(&["Nombre", "Primer apellido", "Segundo apellido"]),
            Some(vec![0, 1, 2])
        );
        assert_eq!(name_parts(&["姓", "名前"]), Some(vec![0, 1]));
        assert_eq!(name_parts(&["First Name", "Name", "Bio"]), Some(vec![0, 1]));
        assert_eq!(name_parts(&["Naam", "Voornaam"]), Some(vec![1, 0]));
        assert_eq!(name_parts(&["Prénom", "Nom"]), Some(vec![0, 1]));
    }
}
