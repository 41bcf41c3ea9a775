//! What to do about a sheet that cannot be used.
//!
//! A hint is one line, apart from the message, and names the switch or the thing to change in the sheet. Where there is
//! nothing to say that the message does not say, there is none.

use super::SheetError;
use super::fault::Fault;
use super::role::Role;
use super::shown::shown;

/// What to do is said about so many kinds of faults: more in one line is no help.
const HINTS_MAX: usize = 3;

impl SheetError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::CannotRead { .. } | Self::UnknownSheet { .. } => return None,
            Self::Faults { faults, .. } => return hints(faults),
            Self::MissingColumn {
                below: Some(line), ..
            } => {
                return Some(format!(
                    "the columns seem to be named in line {line}: delete the rows above it"
                ));
            }
            Self::MissingColumn {
                role,
                named,
                columns,
                ..
            } => {
                return Some(missing_hint(*role, named.is_some(), columns));
            }
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
            Self::Folder { .. } => "name the file in it",
            Self::BrokenWorkbook { .. } => "open it in the program that made it and save it again",
            Self::Locked { .. } => "save it without a password",
            Self::NoWorkbook { .. } => "if it is text, rename it so that it ends in `.csv`",
            Self::WorkbookInPipe { .. } => "save it to a file and name that",
            Self::NoCharacters { header: true, .. } => {
                "write one character in each row under the header"
            }
            Self::NoCharacters { header: false, .. } => {
                "begin with a header such as `name,description`"
            }
            Self::BadDelimiter { .. } => {
                "`--delimiter` takes one character such as `,` `;` `|` or a tab"
            }
            Self::UnknownEncoding { .. } => {
                "some that are known: windows-1252, iso-8859-2, shift_jis, gb18030, utf-16le"
            }
            Self::TemplateSyntax { .. } => "a column stands in double braces: `{{ city }}`",
            Self::TemplateSubscript { .. } => "write it as `columns[\"Home town\"]`",
        };
        Some(hint.to_owned())
    }
}

/// What to do about the first kinds of faults, each said once.
fn hints(faults: &[Fault]) -> Option<String> {
    let mut hints: Vec<String> = Vec::new();
    for hint in faults.iter().filter_map(Fault::hint) {
        if !hints.contains(&hint) && hints.len() < HINTS_MAX {
            hints.push(hint);
        }
    }
    (!hints.is_empty()).then(|| hints.join("; "))
}

fn missing_hint(role: Role, is_named: bool, columns: &[String]) -> String {
    let switch = role.switch();
    let is_unseparated =
        |header: &String| header.contains([',', ';', ':', '|', '/', '~', '^', '\t']);
    match (role, columns) {
        (_, [only]) if is_unseparated(only) => {
            "if something else separates the cells, say so with `--delimiter`".to_owned()
        }
        _ if is_named => format!("name one of them with `{switch}`"),
        (Role::Description, _) => {
            format!("name it with `{switch}`, or make it of other columns with `--template`")
        }
        _ => format!("name it with `{switch}`"),
    }
}

/// Whether a template can name the column only in quotes.
fn is_awkward(header: &str) -> bool {
    let is_fit = |char: char| char.is_alphanumeric() || char.is_whitespace() || char == '_';
    !header.chars().all(is_fit) || header.starts_with(|char: char| char.is_numeric())
}

fn subscript_hint(header: &str) -> String {
    format!(
        "`{{{{ columns[\"{}\"] }}}}` names a column exactly",
        shown(header)
    )
}
