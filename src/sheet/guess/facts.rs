//! Facts about the cells of a column, from the first rows of a sheet.
//!
//! Only facts that distinguish kinds of columns are counted: whether cells are numbers, links, file names or prose, and
//! whether they repeat. No conclusion is drawn here.

use std::collections::{HashMap, HashSet};

/// The facts about the cells of one column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::sheet) struct Facts {
    /// Rows that were examined.
    pub(super) rows: usize,
    /// Cells that are not empty. All other counts are of these.
    pub(super) filled: usize,
    /// Cells that are different from all others.
    pub(super) distinct: usize,
    pub(super) numbers: usize,
    /// Numbers that follow the one above them.
    pub(super) counting: usize,
    pub(super) links: usize,
    pub(super) file_names: usize,
    /// One word of letters and digits or underscores, as programs use for names: `npc_007`.
    pub(super) codes: usize,
    /// `TRUE`, `no`, `x` and similar.
    pub(super) switches: usize,
    /// Cells with at least six words, or with the end of a sentence.
    pub(super) prose: usize,
    /// Dates and times in digits.
    pub(super) moments: usize,
    /// Several words.
    pub(super) spaced: usize,
    /// Characters in all cells.
    characters: usize,
    /// For each sign, the number of cells that have it.
    signs: HashMap<char, usize>,
}

/// In a sheet with fewer rows, a missing description is a mistake.
const FEW_ROWS: usize = 8;

/// Endings of files that often occur in sheets.
const FILE_ENDINGS: &[&str] = &[
    "png", "jpg", "jpeg", "gif", "webp", "svg", "bmp", "tga", "psd", "mp3", "ogg", "wav", "mp4",
    "json", "xml", "prefab", "asset", "txt", "md", "pdf", "html", "csv", "lua", "py", "cs", "tscn",
    "tres", "fbx", "glb", "ini", "yaml", "yml",
];

/// The texts of check boxes and similar cells, in lower case.
pub(in crate::sheet) const SWITCHES: &[&str] = &[
    "true",
    "false",
    "yes",
    "no",
    "x",
    "✓",
    "✔",
    "☐",
    "☑",
    "wahr",
    "falsch",
    "ja",
    "nein",
    "vrai",
    "faux",
    "oui",
    "non",
    "verdadero",
    "falso",
    "si",
    "sí",
    "verdadeiro",
    "sim",
    "não",
    "истина",
    "ложь",
    "да",
    "нет",
];

impl Facts {
    /// The facts about the cells of one column.
    pub(in crate::sheet) fn of<'c>(cells: impl Iterator<Item = &'c str>) -> Self {
        let mut facts = Self::default();
        let mut seen = HashSet::new();
        let mut above: Option<i64> = None;
        for cell in cells {
            facts.rows += 1;
            let cell = cell.trim();
            if cell.is_empty() {
                above = None;
                continue;
            }
            facts.filled += 1;
            facts.distinct += usize::from(seen.insert(cell));
            facts.characters += cell.chars().count();
            let number = whole_number(cell);
            facts.counting +=
                usize::from(above.is_some() && above.map(|above| above + 1) == number);
            above = number;
            facts.numbers += usize::from(is_number(cell));
            facts.links += usize::from(is_link(cell));
            facts.file_names += usize::from(is_file_name(cell));
            facts.codes += usize::from(is_code(cell));
            facts.switches += usize::from(SWITCHES.contains(&cell.to_lowercase().as_str()));
            let signs: HashSet<char> = cell
                .chars()
                .filter(|char| !char.is_alphanumeric())
                .collect();
            for sign in signs {
                *facts.signs.entry(sign).or_default() += 1;
            }
            facts.moments += usize::from(is_moment(cell));
            facts.spaced += usize::from(cell.contains(char::is_whitespace));
            facts.prose += usize::from(is_prose(cell));
        }
        facts
    }

    /// Whether at least nine in ten of the filled cells are `such`.
    pub(super) fn mostly(&self, such: usize) -> bool {
        self.filled > 0 && such * 10 >= self.filled * 9
    }

    /// Whether most cells have the sign.
    pub(in crate::sheet) fn mostly_hold(&self, sign: char) -> bool {
        self.mostly(self.signs.get(&sign).copied().unwrap_or(0))
    }

    /// Whether the cells are numbers that count the rows, or nearly do.
    pub(super) fn counts_rows(&self) -> bool {
        self.filled > 2 && (self.counting + 1) * 10 >= self.filled * 9
    }

    /// Whether most cells are sentences.
    pub(in crate::sheet) fn is_prose(&self) -> bool {
        2 * self.prose > self.filled
    }

    /// Whether a column of descriptions is used as one: in a sheet with more than a few rows, at least four of five cells
    /// are filled.
    pub(super) fn describes(&self) -> bool {
        self.rows < FEW_ROWS || 5 * self.filled >= 4 * self.rows
    }

    /// Whether the cells may be names: most are neither numbers nor links nor prose.
    pub(super) fn may_be_names(&self) -> bool {
        let others = [self.numbers, self.links, self.file_names, self.prose];
        others.iter().all(|such| 2 * such <= self.filled)
    }

    /// The mean number of characters of a filled cell.
    pub(super) fn length(&self) -> usize {
        self.characters.checked_div(self.filled).unwrap_or(0)
    }

    /// Whether the cells could identify rows: none is empty and none repeats.
    pub(super) fn identifies(&self) -> bool {
        self.filled == self.rows && self.distinct == self.filled
    }

    /// Cells that are empty or repeat another one.
    pub(super) fn repeats(&self) -> usize {
        self.rows - self.distinct
    }
}

/// Digits with the signs that occur in numbers: `-5`, `1,200.50`, `50%`, `€ 3`.
pub(super) fn is_number(cell: &str) -> bool {
    let is_part = |char: char| {
        char.is_ascii_digit()
            || matches!(
                char,
                '.' | ',' | '-' | '+' | '−' | '%' | '$' | '€' | '£' | ' ' | '\u{a0}' | '\''
            )
    };
    cell.chars().any(|char| char.is_ascii_digit()) && cell.chars().all(is_part)
}

fn whole_number(cell: &str) -> Option<i64> {
    cell.trim_end_matches('.').parse().ok()
}

pub(super) fn is_link(cell: &str) -> bool {
    let starts = [
        "http://", "https://", "www.", "ftp://", "mailto:", "res://", "data:",
    ];
    starts.iter().any(|start| {
        cell.get(..start.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(start))
    })
}

fn is_file_name(cell: &str) -> bool {
    let ending = cell
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase());
    let is_listed = ending.is_some_and(|ending| FILE_ENDINGS.contains(&ending.as_str()));
    let is_path = cell.contains('/')
        && !cell.contains(' ')
        && cell.len() > 3
        && cell.matches('/').count() > 1;
    (is_listed && cell.len() < 200 && !cell.contains(". ")) || is_path
}

fn is_code(cell: &str) -> bool {
    let is_part =
        |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | '.' | '#' | ':');
    let has = |wanted: fn(&char) -> bool| cell.chars().any(|char| wanted(&char));
    cell.chars().all(is_part)
        && (has(|char| matches!(char, '_' | '#')) || has(char::is_ascii_digit))
        && !is_number(cell)
}

fn is_moment(cell: &str) -> bool {
    let is_part = |char: char| {
        char.is_ascii_digit()
            || matches!(
                char,
                '/' | '-' | '.' | ':' | ' ' | 'T' | 'Z' | 'A' | 'P' | 'M' | '+'
            )
    };
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    digits >= 3 && cell.contains(['/', '-', ':', '.']) && cell.chars().all(is_part)
}

fn is_prose(cell: &str) -> bool {
    let ends = ['.', '!', '?', '…', '。', '！', '？', '」'];
    cell.split_whitespace().count() >= 6
        || (cell.chars().count() >= 15 && cell.ends_with(ends))
        || cell.chars().count() > 80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_facts_of_a_column_are_counted() {
        let facts = |cells: &[&str]| Facts::of(cells.iter().copied());
        assert!(facts(&["1", "2", "3", "4"]).counts_rows());
        assert!(!facts(&["41", "40", "17"]).counts_rows());
        let links = facts(&["https://a.example/x", "www.b.example", ""]);
        assert_eq!((links.rows, links.filled, links.links), (3, 2, 2));
        assert_eq!(facts(&["ada.png", "img/bo.png", "Mr. Bo"]).file_names, 2);
        assert_eq!(facts(&["npc_007", "3f2a-77", "baker", "41"]).codes, 2);
        assert_eq!(
            facts(&[
                "He bakes bread.",
                "baker",
                "up before the birds are every day"
            ])
            .prose,
            2
        );
        assert_eq!(facts(&["1,200", "50%", "$3", "a5"]).numbers, 3);
        assert!(facts(&["a", "b"]).identifies());
        assert!(!facts(&["a", "a"]).identifies());
        assert!(!facts(&["a", ""]).identifies());
    }
}
