//! Which column is what.
//!
//! A column is found by what its header says, whatever the case, spaces or underscores; where more than one would do, nobody
//! chooses but the person. The three columns that our own export adds are left out, unless a switch names one of them. No
//! cell under the header is looked at.

use std::collections::HashMap;

use super::fault::{Fault, Problem};
use super::role::Role;
use super::shown::{Positions, shown};
use super::{Options, STORIES, SheetError, Source};

/// What our export puts at the end of a sheet.
const OURS: [&str; 3] = [STORIES, "status", "error"];

/// The columns of a sheet, and which of them is what.
#[derive(Debug)]
pub(super) struct Columns {
    /// All that have a header, ours last.
    headers: Vec<String>,
    positions: Positions,
    /// How many of them are not ours.
    pub(super) kept: usize,
    /// How many fields the header has, the empty ones at its end included.
    pub(super) fields: usize,
    pub(super) name: usize,
    /// `None` when a template makes the description.
    pub(super) description: Option<usize>,
    pub(super) key: Option<usize>,
    pub(super) have: Option<usize>,
}

impl Columns {
    /// Finds the columns by the header, which stands on this line.
    ///
    /// # Errors
    ///
    /// [`SheetError::Faults`] for a header that stands twice; [`SheetError::MissingColumn`] and
    /// [`SheetError::AmbiguousColumn`].
    pub(super) fn find(
        header: &[String],
        positions: Positions,
        line: u64,
        options: &Options,
        sheet: &Source,
    ) -> Result<Self, SheetError> {
        let headers = named(header, positions);
        let kept = match headers.len().checked_sub(OURS.len()) {
            Some(kept) if headers[kept..] == OURS => kept,
            _ => headers.len(),
        };
        refuse_duplicates(&headers[..kept], positions, line, sheet)?;
        let finder = Finder {
            headers: &headers,
            kept,
            sheet,
        };
        let name = finder.required(Role::Name, options.name_column.as_deref())?;
        let description = match options.template {
            Some(_) => None,
            None => {
                Some(finder.required(Role::Description, options.description_column.as_deref())?)
            }
        };
        let key = finder.optional(Role::Key, options.key_column.as_deref())?;
        let have = finder.optional(Role::Have, options.have_column.as_deref())?;
        Ok(Self {
            fields: header.len(),
            headers,
            positions,
            kept,
            name,
            description,
            key,
            have,
        })
    }

    /// Without ours.
    pub(super) fn kept(&self) -> &[String] {
        &self.headers[..self.kept]
    }

    /// All that have a header, ours last.
    pub(super) fn headers(&self) -> &[String] {
        &self.headers
    }

    /// The column as a message shows it: by its header, else by its position.
    pub(super) fn shown(&self, index: usize) -> String {
        let header = self.headers.get(index);
        header.map_or_else(
            || self.positions.shown(index),
            |header| format!("`{}`", shown(header)),
        )
    }
}

/// What a name leads to.
pub(super) enum Found {
    One(usize),
    None,
    Several(Vec<usize>),
}

/// Looks a column up among `headers`, of which the first `kept` are not ours: exactly as it is written; else whatever the
/// case, spaces or underscores; else ours, and those only exactly.
pub(super) fn look_up(headers: &[String], kept: usize, name: &str) -> Found {
    let name = name.trim();
    let exactly = |header: &String| header == name;
    let (writers, ours) = headers.split_at(kept);
    if let Some(index) = writers.iter().position(exactly) {
        return Found::One(index);
    }
    let loosely = folded(name);
    match one_of(writers, |header| header == loosely) {
        Found::None => ours
            .iter()
            .position(exactly)
            .map_or(Found::None, |index| Found::One(kept + index)),
        found => found,
    }
}

/// The text without the differences that do not count between headers.
pub(super) fn folded(header: &str) -> String {
    header
        .chars()
        .filter(|char| !char.is_whitespace() && *char != '_')
        .flat_map(char::to_lowercase)
        .collect()
}

fn one_of(headers: &[String], fits: impl Fn(&str) -> bool) -> Found {
    let mut found: Vec<usize> = (0..headers.len())
        .filter(|&index| fits(&folded(&headers[index])))
        .collect();
    match found.len() {
        0 => Found::None,
        1 => found.pop().map_or(Found::None, Found::One),
        _ => Found::Several(found),
    }
}

struct Finder<'a> {
    headers: &'a [String],
    kept: usize,
    sheet: &'a Source,
}

impl Finder<'_> {
    fn required(&self, role: Role, named: Option<&str>) -> Result<usize, SheetError> {
        self.optional(role, named)?
            .ok_or_else(|| self.missing(role, None))
    }

    /// `None` only when no column was named and none is found.
    fn optional(&self, role: Role, named: Option<&str>) -> Result<Option<usize>, SheetError> {
        let found = match named {
            None => one_of(&self.headers[..self.kept], |header| {
                role.words().contains(&header)
            }),
            // Only a story may be read from what our export added: anything else would be paid for by our own words.
            Some(named) if role == Role::Have => look_up(self.headers, self.kept, named),
            Some(named) => look_up(&self.headers[..self.kept], self.kept, named),
        };
        match found {
            Found::One(index) => Ok(Some(index)),
            Found::None if named.is_none() => Ok(None),
            Found::None => Err(self.missing(role, named)),
            Found::Several(found) => {
                let candidates = found
                    .into_iter()
                    .map(|index| self.headers[index].clone())
                    .collect();
                Err(SheetError::AmbiguousColumn {
                    sheet: self.sheet.clone(),
                    role,
                    candidates,
                })
            }
        }
    }

    fn missing(&self, role: Role, named: Option<&str>) -> SheetError {
        SheetError::MissingColumn {
            sheet: self.sheet.clone(),
            role,
            named: named.map(str::to_owned),
            columns: self.headers[..self.kept].to_vec(),
            below: None,
        }
    }
}

/// The headers, trimmed. Empty ones at the end, as spreadsheets leave them, are no columns; one between others, as of an
/// index, is called by its position.
fn named(header: &[String], positions: Positions) -> Vec<String> {
    let mut headers: Vec<String> = header.iter().map(|cell| cell.trim().to_owned()).collect();
    let last = headers.iter().rposition(|header| !header.is_empty());
    headers.truncate(last.map_or(0, |last| last + 1));
    for (index, header) in headers.iter_mut().enumerate() {
        if header.is_empty() {
            *header = format!("column {}", positions.shown(index));
        }
    }
    headers
}

fn refuse_duplicates(
    headers: &[String],
    positions: Positions,
    line: u64,
    sheet: &Source,
) -> Result<(), SheetError> {
    let mut seen = HashMap::new();
    let mut faults = Vec::new();
    for (index, header) in headers.iter().enumerate() {
        let first = *seen.entry(header).or_insert(index);
        if first != index {
            let problem = Problem::DuplicateHeader {
                name: header.clone(),
                first: positions.shown(first),
                second: positions.shown(index),
            };
            faults.push(Fault { line, problem });
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(SheetError::faults(sheet, faults, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(header: &[&str], options: &Options) -> Result<Columns, SheetError> {
        let header: Vec<String> = header.iter().map(|&cell| cell.to_owned()).collect();
        Columns::find(
            &header,
            Positions::Numbers,
            1,
            options,
            &Source::File("cast.csv".into()),
        )
    }

    #[test]
    fn columns_are_found_whatever_the_case_spaces_or_underscores() {
        for (name, description) in [
            ("Char Name", "INPUT TEXT"),
            ("char_name", "Input_Text"),
            (" Name ", "BIO"),
            ("CHARACTER", "Prompt"),
        ] {
            let columns =
                find(&["x", name, description, "ID"], &Options::default()).expect("found");
            assert_eq!(
                (columns.name, columns.description, columns.key),
                (1, Some(2), Some(3)),
                "{name} {description}"
            );
        }
    }

    #[test]
    fn a_switch_names_a_column_exactly_before_it_does_so_loosely() {
        let options = Options {
            name_column: Some("hero".into()),
            description_column: Some("the TEXT".into()),
            ..Options::default()
        };
        let columns = find(
            &["Hero", "hero", "The_Text", "name", "bio", "prompt"],
            &options,
        )
        .expect("found");
        assert_eq!((columns.name, columns.description), (1, Some(2)));
        let options = Options {
            name_column: Some("hero".into()),
            ..Options::default()
        };
        assert!(matches!(
            find(&["Hero", "HERO", "bio"], &options),
            Err(SheetError::AmbiguousColumn { .. })
        ));
    }

    #[test]
    fn what_our_export_added_is_no_column_of_the_writer() {
        let header = ["name", "bio", "backstory", "status", "error"];
        let columns = find(&header, &Options::default()).expect("found");
        assert_eq!(columns.kept(), ["name", "bio"]);
        let options = Options {
            have_column: Some("backstory".into()),
            ..Options::default()
        };
        let columns = find(&header, &options).expect("found");
        assert_eq!((columns.kept().len(), columns.have), (2, Some(2)));
        let other = ["name", "bio", "status", "backstory", "error"];
        assert_eq!(
            find(&other, &Options::default())
                .expect("found")
                .kept()
                .len(),
            5,
            "another order is the writer's own"
        );
    }

    #[test]
    fn an_empty_header_is_called_by_its_position_and_none_at_the_end_counts() {
        let columns = find(&["", "name", "bio", " ", ""], &Options::default()).expect("found");
        assert_eq!(columns.kept(), ["column 1", "name", "bio"]);
        assert_eq!(columns.fields, 5);
    }
}
