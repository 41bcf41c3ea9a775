//! Finds the columns of the name, the description and the row key, and the header, if no switch gives them.
//!
//! A column with a usual header is *found*. A decision that comes from the cells is a *guess*: a person sees it before
//! anything is sent. If two columns fit equally well, or none does, nothing is decided. Only headers and the first rows of a
//! sheet are examined; nothing is read or refused here.

mod facts;
mod header;
mod words;

use crate::domain::own_columns::OWN;
pub(super) use facts::{Facts, SWITCHES};
pub(super) use header::{Header, find as header, is_like_a_row};
use words::Match;
pub(super) use words::{is_invisible, is_key, speaks_of_names};

/// The usual headers.
pub(super) mod usual {
    pub(in crate::sheet) use super::words::{description, is_key, name};
}

/// A sheet with more columns of numbers is a table of game values, which does not describe a character.
const NUMBERS_MAX: usize = 8;

/// The result for a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Choice {
    /// Found by headers.
    Found(Vec<usize>),
    /// Guessed from cells.
    Guessed(Vec<usize>),
    /// These columns fit equally well.
    Several(Vec<usize>),
    /// No column fits.
    None,
}

/// A column with its header and the facts about its cells.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column<'a> {
    pub(super) header: &'a str,
    pub(super) facts: &'a Facts,
    /// The cells of the first rows, trimmed.
    pub(super) cells: &'a [&'a str],
    /// The sheet has no header for it: it is named by its position.
    pub(super) is_unnamed: bool,
}

/// The column with the names, or those whose cells form the name together, in that order.
pub(super) fn name(columns: &[Column]) -> Choice {
    let headers: Vec<&str> = columns
        .iter()
        .map(|column| if column.is_unnamed { "" } else { column.header })
        .collect();
    let mut usual = by_match(columns, words::name);
    // `Charakter` is the name in one sheet, and a trait in prose in another.
    usual.retain(|(at, _)| {
        !words::is_character(columns[*at].header) || columns[*at].facts.may_be_names()
    });
    if let Some(parts) = words::name_parts(&headers) {
        // A column with the full name is better than columns with its parts.
        if let Some((whole, _)) = usual.iter().find(|(at, _)| !parts.contains(at)) {
            return Choice::Found(vec![*whole]);
        }
        // `Name` beside `Surname` may be the full name, too.
        let last = parts[parts.len() - 1];
        return Choice::Found(match parts.iter().find(|at| holds(columns, **at, last)) {
            Some(whole) => vec![*whole],
            None => parts,
        });
    }
    let best = usual
        .iter()
        .map(|(_, fits)| std::mem::discriminant(fits))
        .next();
    let equal: Vec<(usize, Match)> = usual
        .into_iter()
        .filter(|(_, fits)| Some(std::mem::discriminant(fits)) == best)
        .collect();
    match equal[..] {
        [] => likely_name(columns).map_or(Choice::None, |at| Choice::Guessed(vec![at])),
        [(at, _)] => Choice::Found(vec![at]),
        // The same word in two languages: the sheet is translated, and its own language comes first.
        [(at, Match::Exact(first)), ..]
            if equal[1..]
                .iter()
                .all(|(_, fits)| *fits != Match::Exact(first)) =>
        {
            Choice::Guessed(vec![at])
        }
        // Of names in several languages, the first that most rows have.
        [(first, Match::Compound), ..] => {
            let is_usual = |at: &usize| 2 * columns[*at].facts.filled >= columns[*at].facts.rows;
            let mut each = equal.iter().map(|(at, _)| *at);
            Choice::Guessed(vec![each.find(is_usual).unwrap_or(first)])
        }
        _ => Choice::Several(equal.iter().map(|(at, _)| *at).collect()),
    }
}

/// The column with the descriptions, or those from which a description is made; none of `taken`.
pub(super) fn description(columns: &[Column], name: &[usize], taken: &[usize]) -> Choice {
    let free: Vec<(usize, Match)> = by_match(columns, words::description)
        .into_iter()
        .filter(|(at, _)| !name.contains(at))
        .collect();
    let exact: Vec<usize> = free
        .iter()
        .filter(|(_, fits)| matches!(fits, Match::Exact(_)))
        .map(|(at, _)| *at)
        .collect();
    match (&exact[..], &free[..]) {
        ([at], _)
            if columns[*at].facts.describes()
                || telling(columns, &[taken, &[*at]].concat()).is_empty() =>
        {
            return Choice::Found(vec![*at]);
        }
        ([_, _, ..], _) => return Choice::Several(exact),
        ([], [(at, _)]) if 2 * columns[*at].facts.filled >= columns[*at].facts.rows => {
            return Choice::Found(vec![*at]);
        }
        _ => {}
    }
    let mut saying = telling(columns, taken);
    let most = saying
        .iter()
        .map(|&at| columns[at].facts.filled)
        .sum::<usize>();
    let rows = columns.first().map_or(0, |column| column.facts.rows);
    if saying.is_empty() {
        return Choice::None;
    }
    if 2 * most < rows {
        // Most rows have nothing in these columns: the name is also sent, otherwise nothing would be.
        saying.splice(0..0, name.iter().copied());
    }
    Choice::Guessed(saying)
}

/// Whether most cells of `whole` contain those of `part`.
fn holds(columns: &[Column], whole: usize, part: usize) -> bool {
    let cells = columns[whole].cells.iter().zip(columns[part].cells);
    let both = cells.filter(|(whole, part)| !whole.is_empty() && !part.is_empty());
    let (mut all, mut holding) = (0, 0);
    for (whole, part) in both {
        all += 1;
        holding += usize::from(whole.len() > part.len() && whole.contains(part));
    }
    whole != part && all > 0 && 2 * holding > all
}

/// The columns whose headers match, the best first.
fn by_match(columns: &[Column], fits: impl Fn(&str) -> Option<Match>) -> Vec<(usize, Match)> {
    let each = columns
        .iter()
        .enumerate()
        .filter(|(_, column)| !column.is_unnamed);
    let mut found: Vec<(usize, Match)> = each
        .filter_map(|(at, column)| Some((at, fits(column.header)?)))
        .collect();
    found.sort_by_key(|(_, fits)| matches!(fits, Match::Compound));
    found
}

/// The column whose cells are most similar to names.
fn likely_name(columns: &[Column]) -> Option<usize> {
    let score = |at: usize, column: &Column| -> Option<usize> {
        let facts = column.facts;
        // Below `Monster` the same name may be in several rows.
        let unlike_min = if words::is_person(column.header) {
            3
        } else {
            7
        };
        let is_like_names = facts.filled > 0
            && 2 * facts.filled >= facts.rows
            && facts.distinct * 10 >= facts.filled * unlike_min
            && [
                facts.numbers,
                facts.links,
                facts.file_names,
                facts.switches,
                facts.prose,
            ]
            .iter()
            .all(|such| such * 10 <= facts.filled)
            && (1..=40).contains(&facts.length());
        let speaks = if words::speaks_of_names(column.header) {
            30
        } else {
            0
        };
        let other = if speaks == 0 && !column.is_unnamed && words::is_header_word(column.header) {
            25
        } else {
            0
        };
        let codes = 20 * facts.codes / facts.filled.max(1);
        let unlike = 40 * facts.distinct / facts.filled.max(1);
        let full = 40 * facts.filled / facts.rows.max(1);
        let base = 100 + speaks + unlike + full;
        is_like_names.then(|| base.saturating_sub(other + codes + 3 * at.min(10)))
    };
    let scored = columns
        .iter()
        .enumerate()
        .filter_map(|(at, column)| Some((score(at, column)?, at)));
    scored
        .max_by_key(|(score, at)| (*score, usize::MAX - at))
        .map(|(_, at)| at)
}

/// The columns that describe a character to a person, in the order of the sheet.
pub(super) fn telling(columns: &[Column], taken: &[usize]) -> Vec<usize> {
    let says = |column: &Column| {
        let facts = column.facts;
        let is_for_programs = (column.is_unnamed || words::is_for_programs(column.header))
            && (facts.mostly(facts.numbers)
                || facts.mostly(facts.codes)
                || facts.mostly(facts.moments))
            || facts.counts_rows() && !words::has_meaning(column.header)
            || words::is_key(column.header) && facts.identifies();
        facts.filled > 0
            && column.header != OWN[0]
            && !is_for_programs
            && !facts.mostly(facts.links)
            && !facts.mostly(facts.file_names)
    };
    let each = columns
        .iter()
        .enumerate()
        .filter(|(at, _)| !taken.contains(at));
    let mut telling: Vec<usize> = each
        .filter(|(_, column)| says(column))
        .map(|(at, _)| at)
        .collect();
    let is_number = |at: &usize| columns[*at].facts.mostly(columns[*at].facts.numbers);
    if telling.iter().filter(|at| is_number(at)).count() > NUMBERS_MAX
        && !telling.iter().all(is_number)
    {
        telling.retain(|at| !is_number(at) || words::has_meaning(columns[*at].header));
    }
    telling
}

/// The kind of a column with a usual header for row keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// It identifies rows; if fewer than one in ten of its cells repeat or are empty, these are faults of the sheet.
    Identifies,
    /// Many of its cells repeat or are empty: it is an ordinary column.
    Ordinary,
}

/// Whether a column with a usual header for row keys identifies the rows.
pub(super) fn key(facts: &Facts) -> Key {
    if facts.repeats() * 10 < facts.rows || facts.rows == 0 {
        Key::Identifies
    } else {
        Key::Ordinary
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is chosen of a sheet whose first line is its header: name, then description, by their headers.
    fn chosen(sheet: &str) -> (String, String) {
        let rows: Vec<Vec<&str>> = sheet
            .lines()
            .map(|line| line.split('|').map(str::trim).collect())
            .collect();
        let facts: Vec<Facts> = (0..rows[0].len())
            .map(|at| {
                Facts::of(
                    rows[1..]
                        .iter()
                        .map(|row| row.get(at).copied().unwrap_or("")),
                )
            })
            .collect();
        let cells: Vec<Vec<&str>> = (0..rows[0].len())
            .map(|at| {
                rows[1..]
                    .iter()
                    .map(|row| row.get(at).copied().unwrap_or(""))
                    .collect()
            })
            .collect();
        let columns: Vec<Column> = rows[0]
            .iter()
            .zip(&facts)
            .zip(&cells)
            .map(|((header, facts), cells)| Column {
                header,
                facts,
                cells,
                is_unnamed: false,
            })
            .collect();
        let shown = |choice: &Choice| {
            let (word, at) = match choice {
                Choice::Found(at) => ("found", at),
                Choice::Guessed(at) => ("guessed", at),
                Choice::Several(at) => ("several", at),
                Choice::None => return "none".to_owned(),
            };
            let headers: Vec<&str> = at.iter().map(|&at| rows[0][at]).collect();
            format!("{word} {}", headers.join(", "))
        };
        let name = name(&columns);
        let taken = match &name {
            Choice::Found(at) | Choice::Guessed(at) => at.clone(),
            _ => Vec::new(),
        };
        (shown(&name), shown(&description(&columns, &taken, &taken)))
    }

    /// A sheet, and how its name and its description are chosen.
    const CHOSEN: &[(&str, &str, &str)] = &[
        ("name|bio\nAda|bakes", "found name", "found bio"),
        (
            "Character Name|Occupation|Home\nAda|baker|Ulm\nBo|smith|Graz",
            "found Character Name",
            "guessed Occupation, Home",
        ),
        (
            "Last Name|First Name|Desc\nMoor|Ada|bakes",
            "found First Name, Last Name",
            "found Desc",
        ),
        (
            "Full Name|First Name|Last Name|Role\nAda Moor|Ada|Moor|baker",
            "found Full Name",
            "guessed First Name, Last Name, Role",
        ),
        (
            "Name|Surname|Bio\nAda|Moor|bakes",
            "found Name, Surname",
            "found Bio",
        ),
        (
            "Name|Surname|Bio\nAda Moor|Moor|bakes\nBo Finch|Finch|fixes",
            "found Name",
            "found Bio",
        ),
        (
            "name|Character|bio\nAda|Ada|bakes",
            "several name, Character",
            "found bio",
        ),
        (
            "name|bio|prompt\nAda|a|b",
            "found name",
            "several bio, prompt",
        ),
        (
            "名前|Name|説明\n太郎|Taro|大工",
            "guessed 名前",
            "found 説明",
        ),
        (
            "Villain|Lair|Weakness\nDr. Moor|volcano|bread\nLady Finch|tower|clocks",
            "guessed Villain",
            "guessed Lair, Weakness",
        ),
        (
            "No|Hero|Age|Portrait|Homepage\n1|Ada|41|a.png|https://a.example\n2|Bo|40|b.png|https://b.example\n3|Cy|17|c.png|https://c.example",
            "guessed Hero",
            "guessed Age",
        ),
        (
            "name|npc_description|notes\nAda|bakes|x",
            "found name",
            "found npc_description",
        ),
        (
            "name|short description|long description\nAda|bakes|bakes bread",
            "found name",
            "guessed short description, long description",
        ),
        ("name|AboutMe\nAda|bakes", "found name", "guessed AboutMe"),
        ("Names\nAda\nBo", "found Names", "none"),
        ("name|bio\n1|bakes\n2|fixes", "found name", "found bio"),
        (
            "Id.|Talent|Charakter\n1|Parkour|Mysterious, and always late for dinner\n2|Hacker|Runs, jumps and never sits still",
            "guessed Talent",
            "guessed Charakter",
        ),
        ("level|score\n1|2\n3|4", "none", "guessed level, score"),
        (
            "id|name_ja|name_en|epithet\nC1|双結八耶|Futayui Yaya|割れた鏡\nC2|上白川琴音|Kamishirakawa Kotone|天才",
            "guessed name_ja",
            "guessed name_en, epithet",
        ),
        (
            "怪物编号|怪物名称|地点\n1|豺狼人|森林\n2|巨蜈蚣|沙漠",
            "found 怪物名称",
            "guessed 地点",
        ),
        (
            "Role|name|note|Trait\nbaker|Ada|x|kind\nsmith|Bo|y|loud",
            "found name",
            "guessed Role, note, Trait",
        ),
        (
            "monster|phase|flavor\nghoul|1|It eats.\nghoul|2|It eats.\nbat|1|It flies.\nbat|2|It flies.",
            "guessed monster",
            "guessed phase, flavor",
        ),
        (
            "sort|phase|flavor\nghoul|1|It eats.\nghoul|2|It eats.\nbat|1|It flies.\nbat|2|It flies.",
            "none",
            "guessed sort, phase, flavor",
        ),
        (
            "name_en|name_zh|job\n|艾达|x\n|波|y\nCy|西|z",
            "guessed name_zh",
            "guessed name_en, job",
        ),
        // Of ten rows seven have a description.
        (
            "name|desc|kind\na|1 x|q\nb|2 x|q\nc|3 x|q\nd|4 x|r\ne|5 x|q\nf|6 x|q\ng|7 x|q\nh||q\ni||r\nj||q",
            "found name",
            "guessed desc, kind",
        ),
        // Of ten rows eight have one: the other two were forgotten.
        (
            "name|desc|kind\na|1 x|q\nb|2 x|q\nc|3 x|q\nd|4 x|r\ne|5 x|q\nf|6 x|q\ng|7 x|q\nh|8 x|q\ni||r\nj||q",
            "found name",
            "found desc",
        ),
        // With so few rows one was forgotten.
        (
            "name|desc|kind\na|1 x|q\nb||q\nc||r",
            "found name",
            "found desc",
        ),
    ];

    #[test]
    fn columns_are_found_or_guessed() {
        for (sheet, name, description) in CHOSEN {
            let expected = ((*name).to_owned(), (*description).to_owned());
            assert_eq!(chosen(sheet), expected, "{sheet}");
        }
    }

    #[test]
    fn no_part_of_a_name_is_lost_and_no_story_is_sent() {
        for (sheet, name, description) in [
            (
                "Nombre|Apellidos|Bio\nAna María|García|x\nJosé Luis|Pérez|y",
                "found Nombre, Apellidos",
                "found Bio",
            ),
            (
                "name|role|backstory\nAda|baker|Once.\nBo|smith|Long ago.",
                "found name",
                "guessed role",
            ),
        ] {
            assert_eq!(
                chosen(sheet),
                (name.to_owned(), description.to_owned()),
                "{sheet}"
            );
        }
    }

    #[test]
    fn game_values_are_not_a_description() {
        let header = "name|type|age|hp|atk|def|spd|luck|mana|cost|crit|evade";
        let row = "Ada|fire|41|5|7|9|4|3|8|6|2|1";
        let other = "Bo|water|40|6|7|8|3|5|9|2|4|1";
        assert_eq!(
            chosen(&format!("{header}\n{row}\n{other}")).1,
            "guessed type, age"
        );
    }

    #[test]
    fn a_column_called_id_is_a_key_if_hardly_a_cell_repeats() {
        let facts = |cells: &[&str]| Facts::of(cells.iter().copied());
        assert_eq!(key(&facts(&["1", "2"])), Key::Identifies);
        assert_eq!(key(&facts(&["Secret", "Public", "Secret"])), Key::Ordinary);
        let mut most: Vec<String> = (0..40).map(|n| n.to_string()).collect();
        most[7] = "8".to_owned();
        assert_eq!(
            key(&Facts::of(most.iter().map(String::as_str))),
            Key::Identifies,
            "a slip is a fault"
        );
    }
}
