//! Hints for a sheet that cannot be used.
//!
//! A hint is one line beside the message. It names the switch, or what to change in the sheet. If it would only repeat the
//! message, there is none.

use crate::domain::text::joined;
use crate::sheet::{
    Fault, Foreign, Problem, Role, SEPARATORS, SheetError, SheetOption, TemplateKind, cells_with,
    in_template, needs_quotes, shown,
};

/// The most kinds of faults in one hint: more would not help.
const HINTS_MAX: usize = 3;

/// The message of the error.
pub(in crate::cli) fn words(err: &SheetError) -> String {
    match err {
        SheetError::NotApplicable {
            sheet,
            option,
            found,
        } => format!(
            "`{}` cannot be used with {}: it is {found}",
            option_switch(*option),
            sheet.named()
        ),
        err => joined(err),
    }
}

/// The hint; `None` if the error needs none.
pub(in crate::cli) fn hint(err: &SheetError) -> Option<String> {
    let hint = match err {
        SheetError::CannotRead { .. } => return None,
        SheetError::UnknownSheet { .. } => "choose one of them with `--sheet`",
        SheetError::Faults { faults, .. } => return hints(faults),
        SheetError::MissingColumn {
            role,
            named,
            columns,
            has_header,
            ..
        } => {
            return Some(missing_hint(*role, named.is_some(), columns, *has_header));
        }
        SheetError::NoHeaderLine { .. } => {
            "pass the line of the headers, counted from 1; it must be one of the first 1,000"
        }
        SheetError::NoSheet { kind, .. } => foreign(*kind),
        SheetError::TemplateNamesNothing { columns } => {
            return Some(format!(
                "write columns in double braces, for example `--template '{}'`",
                example(columns)
            ));
        }
        SheetError::AmbiguousColumn {
            role: Role::Key, ..
        } => "choose one with `--key-column`, or none with `--no-key`",
        SheetError::AmbiguousColumn { role, .. } => {
            return Some(format!("choose one with `{}`", switch(*role)));
        }
        SheetError::NoSheetFits { .. } => {
            "choose one with `--sheet`, and its columns with `--name-column` and `--description-column`"
        }
        SheetError::NotApplicable { option, .. } => {
            return Some(format!("leave out `{}`", option_switch(*option)));
        }
        SheetError::TemplateAmbiguous { candidates, .. } => {
            return candidates.first().map(|header| subscript_hint(header));
        }
        SheetError::TemplateColumn { columns, .. } => {
            return columns
                .iter()
                .find(|header| needs_quotes(header))
                .map(|header| subscript_hint(header));
        }
        SheetError::Folder { .. } => "pass the sheet's file",
        SheetError::BrokenWorkbook { .. } => {
            "open it in the program that made it and save it again"
        }
        SheetError::Locked { .. } => "save it without a password",
        SheetError::WorkbookInPipe { .. } => "save it to a file, and pass that file",
        SheetError::NoCharacters { header: true, .. } => {
            "write one character in each row under the header"
        }
        SheetError::NoCharacters { header: false, .. } => {
            "start with a header such as `name,description`"
        }
        SheetError::BadDelimiter { .. } => {
            "`--delimiter` takes one ASCII symbol such as `,` `;` `|` or a tab"
        }
        SheetError::UnknownEncoding { .. } => {
            "known encodings are, for example: windows-1252, iso-8859-2, shift_jis, gb18030, utf-16le"
        }
        SheetError::TemplateSyntax { .. } => "write a column in double braces: `{{ city }}`",
        SheetError::TemplateSubscript { .. } => "write it as `columns[\"Home town\"]`",
    };
    Some(hint.to_owned())
}

/// The switch that chooses the column.
fn switch(role: Role) -> &'static str {
    match role {
        Role::Name => "--name-column",
        Role::Description => "--description-column",
        Role::Key => "--key-column",
        Role::Have => "--have",
    }
}

/// The switch of an option for one kind of sheet.
fn option_switch(option: SheetOption) -> &'static str {
    match option {
        SheetOption::Sheet => "--sheet",
        SheetOption::Delimiter => "--delimiter",
        SheetOption::Encoding => "--encoding",
    }
}

/// The switch of a template.
fn template_switch(what: TemplateKind) -> &'static str {
    match what {
        TemplateKind::Template => "--template",
        TemplateKind::Prompt => "--prompt",
    }
}

/// Hints for the first kinds of faults, without repetition.
fn hints(faults: &[Fault]) -> Option<String> {
    let mut hints: Vec<String> = Vec::new();
    for hint in faults.iter().filter_map(fault) {
        if !hints.contains(&hint) && hints.len() < HINTS_MAX {
            hints.push(hint);
        }
    }
    (!hints.is_empty()).then(|| hints.join("; "))
}

fn missing_hint(role: Role, is_named: bool, columns: &[String], has_header: bool) -> String {
    let switch = switch(role);
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

/// What the user can do about a fault.
fn fault(fault: &Fault) -> Option<String> {
    let hint = match &fault.problem {
        Problem::Ragged { delimiter, .. } => {
            return Some(format!("put {} in quotes", cells_with(*delimiter)));
        }
        Problem::NoHeader { column } => {
            return Some(format!("give column {column} a header, or empty the cell"));
        }
        Problem::NoName => "give every character a name, or delete the row",
        Problem::NoDescription => {
            "describe the character, or delete the row; `--template` makes the description from other columns"
        }
        Problem::NoKey { .. } => {
            "give every row a row key; `--key-column` chooses another column, `--no-key` uses none"
        }
        Problem::Nul { .. } => "remove the NUL byte, or save the sheet again as UTF-8",
        Problem::CellTooLong { .. } | Problem::RowTooLong => {
            "look for a quote that is never closed"
        }
        Problem::TextAfterQuote { .. } => "write a quote inside quotes twice: `\"\"`",
        Problem::QuoteRunsOn { .. } => {
            return Some(format!("close the quote that line {} opens", fault.line));
        }
        Problem::QuoteBehindBlank { .. } => "delete the space before the quote, or the quotes",
        Problem::QuoteNeverClosed => "close it with another `\"`",
        Problem::NotDecoded {
            likely: Some(likely),
            ..
        } => {
            return Some(format!(
                "if it should read `{}`, add `--encoding {}`",
                shown(&likely.reads),
                likely.label
            ));
        }
        Problem::NotDecoded { likely: None, .. } => {
            "save the sheet as UTF-8, or pass its encoding with `--encoding`"
        }
        Problem::NoResult { .. } => {
            "open the sheet in a spreadsheet program, which calculates it, and save it again"
        }
        Problem::ErrorValue { .. } => "correct the formula in the spreadsheet",
        Problem::Template { what, .. } => {
            return Some(format!("correct `{}`, or the row", template_switch(*what)));
        }
        Problem::DuplicateKey { .. } => {
            "give each row its own row key; `--key-column` chooses another column, `--no-key` uses none"
        }
        Problem::DuplicateHeader { .. } => "give each column a different header",
        Problem::Unreadable { .. } => return None,
    };
    Some(hint.to_owned())
}

/// The hint for a file of another kind: how to get a sheet from it.
fn foreign(kind: Foreign) -> &'static str {
    match kind {
        Foreign::SignInPage => {
            "sign in with a browser, download the sheet there as .xlsx or .csv, and use that file"
        }
        Foreign::Html | Foreign::Xml => {
            "open it in Excel, LibreOffice or a browser, save the table as .xlsx or .csv, and use that file"
        }
        Foreign::Json => {
            "convert it to CSV: one line for each character, the field names as the header"
        }
        Foreign::Pdf
        | Foreign::Document
        | Foreign::Presentation
        | Foreign::Picture
        | Foreign::Book => {
            "copy the table into a spreadsheet, save it as .xlsx or .csv, and use that file"
        }
        Foreign::Numbers => {
            "open it in Numbers, choose File > Export To > Excel or CSV, and use that file"
        }
        Foreign::Database => {
            "export the table as CSV, and use that file; `--db` is for a database of casts"
        }
        Foreign::Archive => "unpack it, and use the sheet inside",
    }
}

/// A template with the first of these columns.
fn example(columns: &[String]) -> String {
    let braces: Vec<String> = columns
        .iter()
        .skip(1)
        .chain(columns.first())
        .take(2)
        .map(|column| in_template(column))
        .collect();
    braces.join(", ")
}

fn subscript_hint(header: &str) -> String {
    format!(
        "`{{{{ columns[\"{}\"] }}}}` means exactly this column",
        shown(header)
    )
}
