//! Hints: what to do about a sheet that cannot be used.
//!
//! A hint is one line beside the message. It names the switch, or what to change in the sheet. If it would only repeat the
//! message, there is none.

use super::SheetError;
use super::columns::SEPARATORS;
use super::fault::Fault;
use super::role::Role;
use super::shown::shown;
use super::subscripts::{COLUMNS, quoted};

/// The most kinds of faults in one hint: more would not help.
const HINTS_MAX: usize = 3;

impl SheetError {
    /// What the user can do now.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::CannotRead { .. } => return None,
            Self::UnknownSheet { .. } => "choose one of them with `--sheet`",
            Self::Faults { faults, .. } => return hints(faults),
            Self::MissingColumn {
                role,
                named,
                columns,
                has_header,
                ..
            } => {
                return Some(missing_hint(*role, named.is_some(), columns, *has_header));
            }
            Self::NoHeaderLine { .. } => {
                "pass the line of the headers, counted from 1; it must be one of the first 1,000"
            }
            Self::NoSheet { kind, .. } => kind.hint(),
            Self::TemplateNamesNothing { columns } => {
                return Some(format!(
                    "write columns in double braces, for example `--template '{}'`",
                    example(columns)
                ));
            }
            Self::AmbiguousColumn {
                role: Role::Key, ..
            } => "choose one with `--key-column`, or none with `--no-key`",
            Self::AmbiguousColumn { role, .. } => {
                return Some(format!("choose one with `{}`", role.switch()));
            }
            Self::NoSheetFits { .. } => {
                "choose one with `--sheet`, and its columns with `--name-column` and `--description-column`"
            }
            Self::NotApplicable { switch, .. } => return Some(format!("leave out `{switch}`")),
            Self::TemplateAmbiguous { candidates, .. } => {
                return candidates.first().map(|header| subscript_hint(header));
            }
            Self::TemplateColumn { columns, .. } => {
                return columns
                    .iter()
                    .find(|header| is_awkward(header))
                    .map(|header| subscript_hint(header));
            }
            Self::Folder { .. } => "pass the sheet's file",
            Self::BrokenWorkbook { .. } => "open it in the program that made it and save it again",
            Self::Locked { .. } => "save it without a password",
            Self::WorkbookInPipe { .. } => "save it to a file, and pass that file",
            Self::NoCharacters { header: true, .. } => {
                "write one character in each row under the header"
            }
            Self::NoCharacters { header: false, .. } => {
                "start with a header such as `name,description`"
            }
            Self::BadDelimiter { .. } => {
                "`--delimiter` takes one ASCII symbol such as `,` `;` `|` or a tab"
            }
            Self::UnknownEncoding { .. } => {
                "known encodings are, for example: windows-1252, iso-8859-2, shift_jis, gb18030, utf-16le"
            }
            Self::TemplateSyntax { .. } => "write a column in double braces: `{{ city }}`",
            Self::TemplateSubscript { .. } => "write it as `columns[\"Home town\"]`",
        };
        Some(hint.to_owned())
    }
}

/// Hints for the first kinds of faults, without repetition.
fn hints(faults: &[Fault]) -> Option<String> {
    let mut hints: Vec<String> = Vec::new();
    for hint in faults.iter().filter_map(Fault::hint) {
        if !hints.contains(&hint) && hints.len() < HINTS_MAX {
            hints.push(hint);
        }
    }
    (!hints.is_empty()).then(|| hints.join("; "))
}

fn missing_hint(role: Role, is_named: bool, columns: &[String], has_header: bool) -> String {
    let switch = role.switch();
    let is_unseparated = |header: &String| header.contains(SEPARATORS);
    let full_width = ['，', '；', '、', '｜'];
    match (role, columns) {
        (_, [only]) if only.contains(full_width) => {
            let found = only
                .chars()
                .find(|char| full_width.contains(char))
                .unwrap_or('，');
            format!(
                "`{found}` seems to separate the cells: replace it with a comma `,` or a semicolon `;`"
            )
        }
        (_, [only]) if has_header && is_unseparated(only) => {
            "if something else separates the cells, pass it with `--delimiter`".to_owned()
        }
        _ if is_named => format!("choose one of them with `{switch}`"),
        (Role::Name, _) => {
            format!("choose it with `{switch}`; the cells of several columns are joined")
        }
        _ => format!("choose it with `{switch}`"),
    }
}

/// A template with the first of these columns.
fn example(columns: &[String]) -> String {
    let braces: Vec<String> = columns
        .iter()
        .skip(1)
        .chain(columns.first())
        .take(2)
        .map(|column| braces(column))
        .collect();
    braces.join(", ")
}

/// A column as a template writes it.
fn braces(column: &str) -> String {
    let column = column.trim();
    let is_plain =
        !is_awkward(column) && !column.contains(char::is_whitespace) && column != COLUMNS;
    if is_plain {
        format!("{{{{ {column} }}}}")
    } else {
        format!("{{{{ {COLUMNS}[{}] }}}}", quoted(column))
    }
}

/// Whether a template can name the column only in quotes.
fn is_awkward(header: &str) -> bool {
    let is_fit = |char: char| char.is_alphanumeric() || char.is_whitespace() || char == '_';
    !header.chars().all(is_fit) || header.starts_with(|char: char| char.is_numeric())
}

fn subscript_hint(header: &str) -> String {
    format!(
        "`{{{{ columns[\"{}\"] }}}}` means exactly this column",
        shown(header)
    )
}
