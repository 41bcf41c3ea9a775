//! The columns of a sheet, and their roles.
//!
//! A switch names a column by its exact header, or, if no header is exactly this, without regard to case, spaces and
//! underscores. Roles that no switch gives are found or guessed by [`guess`]; if two columns fit equally well, the sheet is
//! refused. The three columns that an export of this program adds are left out, unless a switch names one of them as the
//! column of stories.

use super::fault::{Fault, Problem};
use super::guess::{self, Choice, Column, Facts, is_invisible};
use super::note::Note;
use super::role::Role;
use super::shown::{Positions, shown};
use super::{KeyColumn, Options, SheetError, Source};
use crate::domain::own_columns::{is_state, position, unused};

/// The columns of a sheet, and their roles. Positions are those in [`Columns::headers`].
#[derive(Debug)]
pub(super) struct Columns {
    /// All columns with a header, those of this program last.
    headers: Vec<String>,
    /// The cell of a record for each column.
    cells: Vec<usize>,
    positions: Positions,
    /// How many of them are the writer's own.
    pub(super) kept: usize,
    /// The number of cells of the header, including empty ones at its end.
    pub(super) fields: usize,
    /// Columns with a header that occurs twice in the sheet.
    equal: Vec<usize>,
    /// The column of the names, or the columns whose cells form the name together, in that order.
    pub(super) name: Vec<usize>,
    pub(super) described: Described,
    pub(super) key: Option<usize>,
    pub(super) have: Option<usize>,
    pub(super) guessed: Guessed,
    pub(super) notes: Vec<Note>,
}

/// Possible separators, besides those that are detected without a switch.
pub(crate) const SEPARATORS: [char; 13] = [
    ',', ';', ':', '|', '/', '~', '^', '\t', '，', '；', '、', '｜', '\u{1f}',
];

/// How the description is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Described {
    /// The cell of this column.
    Column(usize),
    /// The cells of these columns.
    Made(Vec<usize>),
    /// The text of a template.
    Template,
}

/// The decisions that come from the cells, and neither from a switch nor from a usual header.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four things, each decided for itself"
)]
pub struct Guessed {
    /// The column with the names.
    pub name: bool,
    /// The columns of the description.
    pub description: bool,
    /// That the sheet has no header.
    pub no_header: bool,
    /// The row that switches call the header looks like a character.
    pub header_like_a_row: bool,
}

impl Guessed {
    /// Whether there was any guess.
    #[must_use]
    pub fn any(self) -> bool {
        self != Self::default()
    }
}

/// The header of a sheet, and the first rows below it.
pub(super) struct Head<'a> {
    /// The cells of the header; letters if the sheet has none.
    pub(super) header: Vec<String>,
    /// `None` if the sheet has none.
    pub(super) line: Option<u64>,
    pub(super) positions: Positions,
    /// The first rows, unchanged.
    pub(super) rows: &'a [Vec<&'a str>],
}

impl Columns {
    /// Finds the columns.
    ///
    /// # Errors
    ///
    /// [`SheetError::Faults`] for a header that occurs twice and is needed; [`SheetError::MissingColumn`] and
    /// [`SheetError::AmbiguousColumn`].
    /// [`SheetError::AmbiguousColumn`].
    pub(super) fn find(head: &Head, options: &Options, sheet: &Source) -> Result<Self, SheetError> {
        let (headers, unnamed) = named(head);
        let facts: Vec<Facts> = (0..headers.len()).map(|at| head.facts(at)).collect();
        let (cells, kept) = ours_last(&headers, head);
        let headers: Vec<String> = cells.iter().map(|&at| headers[at].clone()).collect();
        let (headers, equal, mut notes) = number_equal(headers, kept);
        let under: Vec<Vec<&str>> = cells[..kept]
            .iter()
            .map(|&at| head.column(at).map(str::trim).collect())
            .collect();
        let about: Vec<Column> = (0..kept)
            .map(|at| Column {
                cells: &under[at],
                header: &headers[at],
                facts: &facts[cells[at]],
                is_unnamed: unnamed[cells[at]],
            })
            .collect();
        let finder = Finder {
            headers: &headers,
            kept,
            sheet,
            has_header: head.line.is_some(),
        };
        let have = finder.named(Role::Have, options.have_column.as_deref())?;
        let key = finder.key(&about, options, &mut notes)?;
        let (name, is_name_guessed) = finder.name(&about, options)?;
        let mut taken: Vec<usize> = name.iter().copied().chain(key).chain(have).collect();
        taken.sort_unstable();
        let (described, is_description_guessed) =
            finder.description(&about, &name, &taken, options)?;
        let columns = Self {
            guessed: Guessed {
                name: is_name_guessed,
                description: is_description_guessed,
                ..Guessed::default()
            },
            headers,
            cells,
            positions: head.positions,
            kept,
            fields: head.header.len(),
            equal,
            name,
            described,
            key,
            have,
            notes,
        };
        let described = match columns.described {
            Described::Column(at) => Some(at),
            _ => None,
        };
        let read = columns.name.iter().copied().chain(described);
        let read: Vec<usize> = read.chain(columns.key).chain(columns.have).collect();
        columns.refuse_equal(&read, head.line, sheet)?;
        Ok(columns)
    }

    /// Without those of this program.
    pub(super) fn kept(&self) -> &[String] {
        &self.headers[..self.kept]
    }

    /// All columns with a header, those of this program last.
    pub(super) fn headers(&self) -> &[String] {
        &self.headers
    }

    /// The cell of a record for this column.
    pub(super) fn cell(&self, column: usize) -> usize {
        self.cells[column]
    }

    /// The number of cells of a record that have a header.
    pub(super) fn width(&self) -> usize {
        self.headers.len()
    }

    /// The headers of these columns.
    pub(super) fn named(&self, columns: &[usize]) -> Vec<&str> {
        columns
            .iter()
            .map(|&at| self.headers[at].as_str())
            .collect()
    }

    /// The column as messages show it.
    pub(super) fn shown(&self, column: usize) -> String {
        format!("`{}`", shown(&self.headers[column]))
    }

    /// The column of the cell with this number as messages show it: by its header, else by its position.
    pub(super) fn shown_cell(&self, cell: usize) -> String {
        match self.cells.iter().position(|&at| at == cell) {
            Some(column) => self.shown(column),
            None => self.positions.shown(cell),
        }
    }

    /// Refuses columns that are needed although their header occurs twice: only the writer knows which one is meant.
    ///
    /// # Errors
    ///
    /// [`SheetError::Faults`], one for each of them.
    pub(super) fn refuse_equal(
        &self,
        read: &[usize],
        line: Option<u64>,
        sheet: &Source,
    ) -> Result<(), SheetError> {
        let Some(line) = line else { return Ok(()) };
        let base = |at: usize| self.original(at);
        let faults: Vec<Fault> = self
            .equal
            .iter()
            .filter(|at| read.iter().any(|read| base(*read) == base(**at)))
            .map(|&at| {
                let first = (0..at).find(|first| base(*first) == base(at)).unwrap_or(at);
                Fault::at(
                    line,
                    Problem::DuplicateHeader {
                        name: base(at).to_owned(),
                        first: self.positions.shown(self.cells[first]),
                        second: self.positions.shown(self.cells[at]),
                    },
                )
            })
            .collect();
        if faults.is_empty() {
            Ok(())
        } else {
            Err(SheetError::faults(sheet, faults, 0))
        }
    }

    /// The header of a column, as in the sheet.
    fn original(&self, column: usize) -> &str {
        let header = self.headers[column].as_str();
        if self.equal.contains(&column) {
            header
                .rsplit_once(" (")
                .map_or(header, |(before, _)| before)
        } else {
            header
        }
    }
}

impl Head<'_> {
    fn column(&self, at: usize) -> impl Iterator<Item = &str> {
        self.rows
            .iter()
            .map(move |row| row.get(at).copied().unwrap_or(""))
    }

    fn facts(&self, at: usize) -> Facts {
        Facts::of(self.column(at))
    }
}

/// The result of looking up a name.
pub(super) enum Found {
    One(usize),
    None,
    Several(Vec<usize>),
}

/// Looks a column up among `headers`, of which the first `kept` are the writer's own: by the exact name; else without regard
/// to case, spaces and underscores; else, by the exact name only, among those of this program.
pub(super) fn look_up(headers: &[String], kept: usize, name: &str) -> Found {
    let name = name.trim();
    let exactly = |header: &String| header == name;
    let (writers, ours) = headers.split_at(kept);
    if let Some(index) = writers.iter().position(exactly) {
        return Found::One(index);
    }
    let loosely = folded(name);
    let mut found: Vec<usize> = (0..kept)
        .filter(|&index| folded(&headers[index]) == loosely)
        .collect();
    match found.len() {
        0 => ours
            .iter()
            .position(exactly)
            .map_or(Found::None, |index| Found::One(kept + index)),
        1 => found.pop().map_or(Found::None, Found::One),
        _ => Found::Several(found),
    }
}

/// The text without the differences that do not count between headers.
pub(super) fn folded(header: &str) -> String {
    header
        .chars()
        .filter(|char| !char.is_whitespace() && *char != '_' && !is_invisible(*char))
        .flat_map(char::to_lowercase)
        .collect()
}

struct Finder<'a> {
    headers: &'a [String],
    kept: usize,
    sheet: &'a Source,
    has_header: bool,
}

impl Finder<'_> {
    /// The column that a switch names.
    fn named(&self, role: Role, named: Option<&str>) -> Result<Option<usize>, SheetError> {
        let Some(named) = named else { return Ok(None) };
        // From the columns that an export added, only stories may be read; otherwise the program's own text would be sent.
        let among = if role == Role::Have {
            self.headers
        } else {
            &self.headers[..self.kept]
        };
        match look_up(among, self.kept, named) {
            Found::One(index) => Ok(Some(index)),
            Found::None => Err(self.missing(role, Some(named))),
            Found::Several(found) => Err(self.ambiguous(role, &found)),
        }
    }

    /// The columns of the name, and whether they are a guess.
    fn name(&self, about: &[Column], options: &Options) -> Result<(Vec<usize>, bool), SheetError> {
        if !options.name_columns.is_empty() {
            let mut named = Vec::new();
            for column in &options.name_columns {
                named.extend(self.named(Role::Name, Some(column))?);
            }
            return Ok((named, false));
        }
        match guess::name(about) {
            Choice::Found(columns) => Ok((columns, false)),
            Choice::Guessed(_) if is_unseparated(about) => Err(self.missing(Role::Name, None)),
            Choice::Guessed(columns) => Ok((columns, true)),
            Choice::Several(columns) => Err(self.ambiguous(Role::Name, &columns)),
            Choice::None => Err(self.missing(Role::Name, None)),
        }
    }

    /// How the description is made, and whether that is a guess.
    fn description(
        &self,
        about: &[Column],
        name: &[usize],
        taken: &[usize],
        options: &Options,
    ) -> Result<(Described, bool), SheetError> {
        if options.template.is_some() {
            return Ok((Described::Template, false));
        }
        if let Some(column) =
            self.named(Role::Description, options.description_column.as_deref())?
        {
            return Ok((Described::Column(column), false));
        }
        match guess::description(about, name, taken) {
            Choice::Found(columns) => Ok((Described::Column(columns[0]), false)),
            Choice::Guessed(columns) => Ok((
                match columns[..] {
                    // Prose needs no label before it, and a letter is not a label.
                    [only] if about[only].facts.is_prose() || about[only].is_unnamed => {
                        Described::Column(only)
                    }
                    _ => Described::Made(columns),
                },
                true,
            )),
            Choice::Several(columns) => Err(self.ambiguous(Role::Description, &columns)),
            // A list of names: only the name can be sent.
            Choice::None => Ok((
                match name {
                    [only] => Described::Column(*only),
                    several => Described::Made(several.to_vec()),
                },
                true,
            )),
        }
    }

    fn key(
        &self,
        about: &[Column],
        options: &Options,
        notes: &mut Vec<Note>,
    ) -> Result<Option<usize>, SheetError> {
        let named = match &options.key {
            KeyColumn::None => return Ok(None),
            KeyColumn::Named(named) => return self.named(Role::Key, Some(named)),
            KeyColumn::Found { before } => before.as_deref(),
        };
        let mut found = Vec::new();
        for (at, column) in about.iter().enumerate() {
            if column.is_unnamed || !guess::is_key(column.header) {
                continue;
            }
            let was_key = named.is_some_and(|before| before == column.header);
            match guess::key(column.facts) {
                guess::Key::Ordinary if !was_key => notes.push(Note::NoKey {
                    column: column.header.to_owned(),
                }),
                _ => found.push(at),
            }
        }
        match found[..] {
            [] => Ok(None),
            [one] => Ok(Some(one)),
            _ => Err(self.ambiguous(Role::Key, &found)),
        }
    }

    fn ambiguous(&self, role: Role, found: &[usize]) -> SheetError {
        SheetError::AmbiguousColumn {
            sheet: self.sheet.clone(),
            role,
            candidates: found
                .iter()
                .map(|&index| self.headers[index].clone())
                .collect(),
        }
    }

    fn missing(&self, role: Role, named: Option<&str>) -> SheetError {
        SheetError::MissingColumn {
            sheet: self.sheet.clone(),
            role,
            named: named.map(str::to_owned),
            columns: self.headers[..self.kept].to_vec(),
            has_header: self.has_header,
        }
    }
}

/// Whether the only column is really several, with a separator that was not detected.
fn is_unseparated(about: &[Column]) -> bool {
    let [only] = about else { return false };
    let separators = only.header.chars().filter(|char| SEPARATORS.contains(char));
    !only.is_unnamed
        && separators
            .into_iter()
            .any(|char| only.facts.mostly_hold(char))
}

/// The headers, trimmed, and which of them are only positions. Empty ones at the end, which spreadsheets leave, are not
/// columns; one between others, for example of an index, is named by its position.
fn named(head: &Head) -> (Vec<String>, Vec<bool>) {
    let is_blank = |char: char| char.is_whitespace() || is_invisible(char);
    let trimmed = |cell: &String| cell.trim_matches(is_blank).to_owned();
    let mut headers: Vec<String> = head.header.iter().map(trimmed).collect();
    let last = headers.iter().rposition(|header| !header.is_empty());
    headers.truncate(last.map_or(0, |last| last + 1));
    let mut unnamed = vec![head.line.is_none(); headers.len()];
    for index in 0..headers.len() {
        if headers[index].is_empty() {
            headers[index] = format!("column {}", head.positions.shown(index));
            unnamed[index] = true;
        }
    }
    (headers, unnamed)
}

/// The cells of the columns, those of this program last, and how many are the writer's own.
fn ours_last(headers: &[String], head: &Head) -> (Vec<usize>, usize) {
    let ours = position(headers, |at| head.column(at).all(is_state));
    let ours = ours.filter(|_| head.line.is_some()).unwrap_or(0..0);
    let mut cells: Vec<usize> = (0..headers.len()).filter(|at| !ours.contains(at)).collect();
    let kept = cells.len();
    cells.extend(ours);
    (cells, kept)
}

/// The headers; a header that occurred before gets a number. Also returns which ones these are.
fn number_equal(mut headers: Vec<String>, kept: usize) -> (Vec<String>, Vec<usize>, Vec<Note>) {
    let (mut equal, mut notes) = (Vec::new(), Vec::new());
    for at in 1..kept {
        if headers[..at].contains(&headers[at]) {
            let header = headers[at].clone();
            headers[at] = unused(&header, &headers[..kept]);
            equal.push(at);
            notes.push(Note::EqualHeader {
                header,
                called: headers[at].clone(),
            });
        }
    }
    (headers, equal, notes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find_in(
        header: &[&str],
        rows: &[&[&str]],
        options: &Options,
    ) -> Result<Columns, SheetError> {
        let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.to_vec()).collect();
        let head = Head {
            header: header.iter().map(|&cell| cell.to_owned()).collect(),
            line: Some(1),
            positions: Positions::Numbers,
            rows: &rows,
        };
        Columns::find(&head, options, &Source::File("cast.csv".into()))
    }

    fn find(header: &[&str], options: &Options) -> Result<Columns, SheetError> {
        let row: Vec<&str> = header.iter().map(|_| "a").collect();
        find_in(header, &[&row], options)
    }

    #[test]
    fn columns_are_found_without_regard_to_case_spaces_and_underscores() {
        for (name, description) in [
            ("Char Name", "INPUT TEXT"),
            ("char_name", "Input_Text"),
            (" Name ", "BIO"),
            ("CHARACTER", "Prompt"),
        ] {
            let columns =
                find(&["x", name, description, "ID"], &Options::default()).expect("found");
            assert_eq!(
                (&columns.name[..], &columns.described, columns.key),
                (&[1][..], &Described::Column(2), Some(3)),
                "{name} {description}"
            );
        }
    }

    #[test]
    fn an_exact_header_is_preferred_to_a_similar_one() {
        let options = Options {
            name_columns: vec!["hero".into()],
            description_column: Some("the TEXT".into()),
            ..Options::default()
        };
        let columns = find(
            &["Hero", "hero", "The_Text", "name", "bio", "prompt"],
            &options,
        )
        .expect("found");
        assert_eq!(
            (&columns.name[..], &columns.described),
            (&[1][..], &Described::Column(2))
        );
        let options = Options {
            name_columns: vec!["hero".into()],
            ..Options::default()
        };
        assert!(matches!(
            find(&["Hero", "HERO", "bio"], &options),
            Err(SheetError::AmbiguousColumn { .. })
        ));
    }

    #[test]
    fn columns_that_an_export_added_are_not_the_writers_own() {
        let header = ["name", "bio", "backstory", "status", "error"];
        let row: &[&str] = &["Ada", "bakes", "Once.", "done", ""];
        let columns = find_in(&header, &[row], &Options::default()).expect("found");
        assert_eq!(columns.kept(), ["name", "bio"]);
        let options = Options {
            have_column: Some("backstory".into()),
            ..Options::default()
        };
        let columns = find_in(&header, &[row], &options).expect("found");
        assert_eq!((columns.kept().len(), columns.have), (2, Some(2)));
        let alive: &[&str] = &["Ada", "bakes", "Once.", "alive", ""];
        let columns = find_in(&header, &[row, alive], &Options::default()).expect("found");
        assert_eq!(columns.kept().len(), 5, "these are no words of an export");
        let later = ["name", "backstory", "status", "error", "bio"];
        let row: &[&str] = &["Ada", "Once.", "done", "", "bakes"];
        let columns = find_in(&later, &[row], &Options::default()).expect("found");
        assert_eq!(
            (columns.kept(), columns.cell(1)),
            (&["name".to_owned(), "bio".to_owned()][..], 4)
        );
        assert_eq!(columns.shown_cell(4), "`bio`");
    }

    #[test]
    fn an_empty_header_is_named_by_its_position_and_ignored_at_the_end() {
        let columns = find(&["", "name", "bio", " ", ""], &Options::default()).expect("found");
        assert_eq!(columns.kept(), ["column 1", "name", "bio"]);
    }

    #[test]
    fn equal_headers_are_numbered_unless_one_of_them_is_read() {
        let columns = find(
            &["name", "bio", "Notes", "Notes", "Notes (2)"],
            &Options::default(),
        )
        .expect("found");
        assert_eq!(
            columns.kept(),
            ["name", "bio", "Notes", "Notes (3)", "Notes (2)"]
        );
        assert_eq!(columns.notes.len(), 1);
        assert!(find(&["name", "bio", "bio"], &Options::default()).is_err());
        assert!(find(&["name", "bio", "age", "age"], &Options::default()).is_ok());
    }

    #[test]
    fn the_key_column_of_before_is_used_again() {
        let header = ["id", "name", "bio"];
        let rows: &[&[&str]] = &[&["1", "Ada", "a"], &["1", "Bo", "b"]];
        let columns = find_in(&header, rows, &Options::default()).expect("found");
        assert_eq!(
            (columns.key, &columns.notes[..]),
            (
                None,
                &[Note::NoKey {
                    column: "id".into()
                }][..]
            )
        );
        let options = Options {
            key: KeyColumn::Found {
                before: Some("id".into()),
            },
            ..Options::default()
        };
        assert_eq!(
            find_in(&header, rows, &options).expect("found").key,
            Some(0)
        );
    }
}
