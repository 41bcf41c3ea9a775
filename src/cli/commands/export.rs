//! `backstory export [CAST]`: writes the cast to a file in one of several formats.

use crate::app::export::{ExportAsked, to_file, to_stream};
use crate::cli::args::SelectionArgs;
use crate::cli::words::plural;
use crate::cli::{CliError, Console, Database};
use crate::domain::shown::shown;
use crate::exit::Exit;
use clap::Args;
use std::path::PathBuf;

/// Write the cast as .csv .xlsx .jsonl .md .html .db; without -o, CSV to standard output
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory export -o cast-finished.csv     the sheet, with its stories
  backstory export -o cast-finished.xlsx    the same, as a workbook
  backstory export -o cast.jsonl            one JSON object per line
  backstory export -o cast.html             a book to read and to print
  backstory export -o cast.md --flag long   Markdown, only long stories
  backstory export -o stories/              one Markdown file per character
  backstory export -o copy.db               a separate database
  backstory export --status done | less     CSV to standard output")]
pub(in crate::cli) struct ExportArgs {
    /// The cast [default: the only one]
    cast: Option<String>,
    /// The file: .csv, .xlsx, .jsonl, .md, .html or .db; a folder if it ends with `/`
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Do not escape cells that a spreadsheet would run as formulas
    #[arg(long)]
    raw: bool,
    #[command(flatten)]
    selection: SelectionArgs,
}

pub(in crate::cli) async fn export(
    args: ExportArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let asked = ExportAsked {
        cast: database.cast(args.cast.as_deref())?.map(str::to_owned),
        filter: args.selection.filter(None),
        raw: args.raw,
    };
    let Some(file) = &args.output else {
        to_stream(&asked, &database.db, &mut console.out).await?;
        return Ok(Exit::Done);
    };
    let written = to_file(&asked, &database.db, file).await?;
    let (many, file) = (plural(written, "character"), file.to_string_lossy());
    writeln!(console.err, "wrote {many} to `{}`", shown(&file))?;
    Ok(Exit::Done)
}
