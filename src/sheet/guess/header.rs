//! Finds the row of a sheet that is its header.
//!
//! Titles, notes and comments may be above it, and there may be no header at all. The first row with a usual header for
//! names is chosen; else the first row that is not a title, unless it looks like the rows below it. Only the first rows of a
//! sheet are examined.

use std::collections::HashMap;

use super::facts::{is_link, is_number};
use super::words::{self, is_header_word};

/// The rows that are examined for a header.
const ROWS_MAX: usize = 20;
/// The rows below a row that are compared with it.
const COMPARED_MAX: usize = 50;
/// The most characters of a header.
const LENGTH_MAX: usize = 80;

/// The position of the header, and how certain it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sheet) enum Header {
    /// This row has a usual header for names.
    Plain(usize),
    /// This row is probably the header.
    Likely(usize),
    /// The first row is probably a character already.
    Absent,
}

/// Finds the header among the first rows of a sheet, whose cells are trimmed. `is_asked_for` says whether a switch names
/// such a column.
pub(in crate::sheet) fn find(rows: &[Vec<&str>], is_asked_for: impl Fn(&str) -> bool) -> Header {
    let first = &rows[..rows.len().min(ROWS_MAX)];
    let width = usual_width(rows);
    // A word that occurs again below itself is not a header, unless the whole header is repeated there.
    let is_repeated = |at: usize, column: usize, cell: &str| {
        let again = |row: &&Vec<&str>| row.get(column) == Some(&cell);
        let is_header = |row: &Vec<&str>| *row == rows[at] || header_words(row) > 1;
        rows[at + 1..]
            .iter()
            .filter(again)
            .any(|row| !is_header(row))
    };
    let names = |at: usize, column: usize, cell: &str| {
        let is_usual = is_asked_for(cell) || words::name(cell).is_some();
        is_usual && !is_repeated(at, column, cell)
    };
    // Rows above the header are titles. One row of another kind may be there, such as the headers in another language.
    let others = |at: usize| {
        first[..at]
            .iter()
            .filter(|row| !is_title(row, width))
            .count()
    };
    let is_plain = |at: usize| {
        let mut cells = rows[at].iter().enumerate();
        is_fit(&rows[at], width)
            && others(at) <= 1
            && cells.any(|(column, cell)| names(at, column, cell))
    };
    let plain = (0..first.len()).find(|&at| is_plain(at));
    // A row with only a word for names may be a title above a row with more headers.
    if let Some(at) = plain {
        let known = |row: &[&str]| {
            row.iter()
                .filter(|cell| is_asked_for(cell) || is_header_word(cell))
                .count()
        };
        let next = first
            .get(at + 1)
            .filter(|next| filled(&first[at]) == 1 && is_fit(next, width) && known(next) > 1);
        return Header::Plain(if next.is_some() { at + 1 } else { at });
    }
    let at = first
        .iter()
        .position(|row| !is_title(row, width))
        .unwrap_or(0);
    match rows.get(at) {
        Some(row) if looks_like_rows(row, &rows[at + 1..]) => Header::Absent,
        _ => Header::Likely(at),
    }
}

/// Whether the row that switches call the header looks like the rows below it.
pub(in crate::sheet) fn is_like_a_row(rows: &[Vec<&str>], at: usize) -> bool {
    rows.get(at)
        .is_some_and(|row| looks_like_rows(row, &rows[at + 1..]))
}

/// How many cells of a row are words that hardly ever occur in rows.
fn header_words(row: &[&str]) -> usize {
    row.iter().filter(|cell| is_header_word(cell)).count()
}

/// How many cells of a row are filled.
fn filled(row: &[&str]) -> usize {
    row.iter().filter(|cell| !cell.is_empty()).count()
}

/// The number of filled cells that most rows have.
fn usual_width(rows: &[Vec<&str>]) -> usize {
    let mut widths: Vec<usize> = rows.iter().map(|row| filled(row)).collect();
    widths.sort_unstable();
    widths.get(widths.len() / 2).copied().unwrap_or(0)
}

/// Whether a row has enough cells for a header, and short ones.
fn is_fit(row: &[&str], width: usize) -> bool {
    let filled = filled(row);
    (filled > 1 || width < 2)
        && 2 * filled >= width
        && row.iter().all(|cell| cell.chars().count() <= LENGTH_MAX)
}

/// Whether a row is above a table: a comment, or a row with far fewer cells than the others.
fn is_title(row: &[&str], width: usize) -> bool {
    let is_comment = row
        .iter()
        .find(|cell| !cell.is_empty())
        .is_some_and(|cell| {
            ["# ", "//", "--", ";", "/*"]
                .iter()
                .any(|mark| cell.starts_with(mark))
                || (cell.starts_with('#') && filled(row) < width)
        });
    // A table with an index has no header above it: the first cell is empty, not the second.
    let is_alone = filled(row) < 2 && width > 1 && row.first().is_some_and(|cell| !cell.is_empty());
    is_comment || is_alone || 2 * filled(row) < width
}

/// Whether the cells of a row are of the same kind as those below.
fn looks_like_rows(row: &[&str], under: &[Vec<&str>]) -> bool {
    let under = &under[..under.len().min(COMPARED_MAX)];
    // A header word that stands under itself again is a value: `actor` under `actor`.
    let is_header = |(column, cell): (usize, &&str)| {
        is_header_word(cell) && !under.iter().any(|row| row.get(column) == Some(cell))
    };
    if under.is_empty() || row.iter().enumerate().any(is_header) {
        return false;
    }
    let mut alike = 0_i32;
    let mut other = 0_i32;
    for (column, cell) in row.iter().enumerate() {
        let cells = under.iter().filter_map(|row| row.get(column).copied());
        let cells: Vec<&str> = cells.filter(|cell| !cell.is_empty()).collect();
        if cell.is_empty() || cells.is_empty() {
            continue;
        }
        let many = |such: fn(&str) -> bool| {
            5 * cells.iter().filter(|cell| such(cell)).count() >= 4 * cells.len()
        };
        if is_number(cell) {
            // Nobody calls a column `1`.
            alike += if many(is_number) { 5 } else { 2 };
        } else if is_link(cell) {
            // No writer heads a column with an address.
            alike += 5;
        } else if many(is_number) {
            other += 3;
        } else if cells.contains(cell) {
            alike += 2;
        } else if cell.ends_with(['.', '!', '?', '。']) {
            // Nobody ends a header like a sentence.
            alike += 2;
        } else if cell.chars().count() > 40 {
            alike += if many(|cell| cell.chars().count() > 20) {
                2
            } else {
                0
            };
        } else {
            match has_shape_of(cell, &cells) {
                Some(true) => alike += 1,
                Some(false) => other += 1,
                None => {}
            }
        }
    }
    alike > 0 && alike >= other
}

/// Whether a cell has as many words as most cells below it, with the same capitals. `None` if those differ from each other,
/// or if all are one word, because most columns look like that.
fn has_shape_of(cell: &str, under: &[&str]) -> Option<bool> {
    let shape = |cell: &str| {
        let words = cell.split_whitespace();
        words
            .map(|word| word.starts_with(char::is_lowercase))
            .collect::<Vec<_>>()
    };
    let mut counts: HashMap<Vec<bool>, usize> = HashMap::new();
    for cell in under {
        *counts.entry(shape(cell)).or_default() += 1;
    }
    let own = shape(cell);
    let (usual, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    match (usual == own, 2 * count >= under.len()) {
        (true, true) if own.len() == 1 => None,
        (is_same, true) => Some(is_same),
        (_, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(sheet: &str) -> Header {
        let rows: Vec<Vec<&str>> = sheet
            .lines()
            .map(|line| line.split('|').map(str::trim).collect())
            .collect();
        find(&rows, |_| false)
    }

    #[test]
    fn the_header_is_found_below_titles_and_notes() {
        for (sheet, expected) in [
            ("name|bio\nAda|bakes\nBo|fixes", Header::Plain(0)),
            (
                "Cast of the Winter Play|\nname|role\nAda|baker\nBo|smith",
                Header::Plain(1),
            ),
            (
                "# made by hand\n# do not sort\nName|Role|City\nAda|baker|Ulm\nBo|smith|Graz",
                Header::Plain(2),
            ),
            ("Name|\nName|Role\nAda|baker\nBo|smith", Header::Plain(1)),
            ("Hero|Work\nAda|baker\nBo|smith", Header::Likely(0)),
            (
                "Our cast||\nHero|Work|Town\nAda|baker|Ulm\nBo|smith|Graz",
                Header::Likely(1),
            ),
            (
                "Notes, as of May|by Ann|||\n|Name|Role|City|Age\n1|Ada|baker|Ulm|41\n2|Bo|smith|Graz|40",
                Header::Plain(1),
            ),
            ("Names\nAda\nBo", Header::Plain(0)),
            ("Heroes|Age\nAda|41\nBo|40", Header::Likely(0)),
            ("名前|職業\n太郎|大工\n花子|医者", Header::Plain(0)),
            ("name", Header::Plain(0)),
            // No header.
            (
                "Ada Moor|Bakes bread\nBo Finch|Fixes clocks\nCy Dell|Sews sails",
                Header::Absent,
            ),
            ("Ada Moor\nBo Finch\nCy Dell", Header::Absent),
            (
                "1|Errabauro|Bulbasaur\n2|Huntzauro|Ivysaur\n3|Lorauro|Venusaur",
                Header::Absent,
            ),
            (
                "Tim Burton|director / producer\nJames Marshall|director\nGandja Monteiro|based on drawings by",
                Header::Absent,
            ),
            ("1|Ada|baker\n2|Bo|smith\n3|Cy|baker", Header::Absent),
            (
                "Jenna Ortega|actor\nEmma Myers|actor\nJoy Sunday|actor",
                Header::Absent,
            ),
            (
                "A A Gill|https://a.example/1\nAda Moor|https://a.example/2\nBo Finch|https://a.example/3",
                Header::Absent,
            ),
            (
                "Ada|female|Bakes bread in the old mill by the river.\nBo|male|Fixes clocks in the tower that nobody climbs.\nDi|female|Sews sails for boats that never leave.",
                Header::Absent,
            ),
        ] {
            assert_eq!(found(sheet), expected, "{sheet}");
        }
    }

    #[test]
    fn a_header_further_down_loses_no_row_above_it() {
        for (sheet, expected) in [
            (
                "HEROES|\nName|Description\nAda|Bakes\nEd|Rows\nVILLAINS|\nName|Description\nBo|Kills",
                Header::Plain(1),
            ),
            (
                "Name|Description\nAda|x\nName|Description\nBo|y",
                Header::Plain(0),
            ),
            (
                "Name|Role|City\nAda|a|b\nBo|c|d\nName|Species|Description\nRex|dog|barks",
                Header::Plain(0),
            ),
            (
                "Hero|Story\nAda|baker\nNombre|Bio\nBo|killer",
                Header::Likely(0),
            ),
            (
                "Ada|Bakes bread and sells it.\nBo|Fixes clocks in the town.",
                Header::Absent,
            ),
        ] {
            assert_eq!(found(sheet), expected, "{sheet}");
        }
    }

    #[test]
    fn a_row_with_a_column_that_a_switch_names_is_the_header() {
        let rows = vec![
            vec!["Our cast", ""],
            vec!["Hero", "Work"],
            vec!["Ada", "baker"],
            vec!["Bo", "smith"],
        ];
        assert_eq!(find(&rows, |cell| cell == "Hero"), Header::Plain(1));
    }
}
