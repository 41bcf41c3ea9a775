//! `backstory query SQL`: runs one read-only statement over the documented views.
//!
//! This is the documentation of the views, which `backstory help query` and `backstory man query` print. Tests compare it with
//! the views themselves and run its queries.
//!
//! ```text
#![doc = include_str!("views.txt")]
//! ```

use crate::app::select;
use crate::cli::words::table::table;
use crate::cli::{CliError, Console, Database};
use crate::domain::shown::shown;
use crate::exit::{Exit, Failure};
use crate::output::csv_line;
use crate::store::{StoreError, Value};
use clap::{Args, ValueEnum};
use serde_json::Map;
use std::borrow::Cow;
use std::io::Write;

/// How many rows of a table are written together, under one header.
const PAGE: usize = 1_000;

/// The smallest width of a column that is still readable, in characters.
const NARROWEST: usize = 8;

/// Examples, for the short and the long help.
macro_rules! examples {
    () => {
        "\
Examples:
  backstory query \"select name, words from results order by words desc limit 5\"
  backstory query \"select name, error from failures\" --format json"
    };
}

/// Run one read-only SQL statement over the documented views
#[derive(Debug, Args)]
#[command(
    after_help = concat!(examples!(), "\n\n`backstory help query` lists the views and their columns."),
    after_long_help = concat!(examples!(), "\n\n", include_str!("views.txt"))
)]
pub(in crate::cli) struct QueryArgs {
    /// One statement that begins with SELECT, WITH, VALUES or EXPLAIN
    // It may begin with a comment.
    #[arg(allow_hyphen_values = true)]
    sql: String,
    /// The format of the rows: table, json or csv
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        default_value_t,
        hide_possible_values = true
    )]
    format: Format,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Format {
    /// For people
    #[default]
    Table,
    /// One array of objects
    Json,
    /// With a header
    Csv,
}

pub(in crate::cli) async fn query(
    args: QueryArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let cast = database.cast(None)?;
    let (db, _) = select::casts(&database.db, cast).await?;
    let mut writer = Rows::new(args.format, &mut console.out);
    // A statement may run without end, and the reader of a pipe may have stopped. Signals are not handled here, so a signal ends
    // the program in both cases.
    let result = db
        .query(&args.sql, cast, |columns, values| {
            writer.row(columns, values)
        })
        .await;
    match result {
        Ok(columns) => writer.finish(&columns)?,
        Err(QueryFailure::Store(StoreError::Statement { reason })) => {
            let words = format!("cannot run the statement: {}", shown(&reason));
            let hint =
                "use one SELECT over the views results, takes, attempts, failures, casts, alike";
            return Err(Failure::usage(words, hint).into());
        }
        Err(QueryFailure::Store(err)) => return Err(err.into()),
        Err(QueryFailure::Output(err)) => return Err(err),
    }
    Ok(Exit::Done)
}

enum QueryFailure {
    Store(StoreError),
    Output(CliError),
}

impl From<StoreError> for QueryFailure {
    fn from(err: StoreError) -> Self {
        Self::Store(err)
    }
}

impl From<std::io::Error> for QueryFailure {
    fn from(err: std::io::Error) -> Self {
        Self::Output(err.into())
    }
}

/// Writes rows in a format.
struct Rows<'a> {
    format: Format,
    out: &'a mut dyn Write,
    /// Rows of a table that are not written yet.
    waiting: Vec<Vec<String>>,
    written: u64,
}

impl<'a> Rows<'a> {
    fn new(format: Format, out: &'a mut dyn Write) -> Self {
        Self {
            format,
            out,
            waiting: Vec::new(),
            written: 0,
        }
    }

    fn row(&mut self, columns: &[String], values: Vec<Value>) -> Result<(), QueryFailure> {
        let first = self.written == 0;
        self.written += 1;
        match self.format {
            Format::Table => {
                let cells = values.iter().map(|value| shown(&plain(value)).into_owned());
                self.waiting.push(cells.collect());
                if self.waiting.len() == PAGE {
                    self.page(columns)?;
                }
            }
            Format::Json => {
                let object: Map<_, _> = unique(columns)
                    .into_iter()
                    .zip(values.into_iter().map(json))
                    .collect();
                let begin = if first { "[\n" } else { ",\n" };
                write!(self.out, "{begin}{}", serde_json::Value::from(object))?;
            }
            Format::Csv => {
                if first {
                    self.out.write_all(&csv_line(columns))?;
                }
                let cells: Vec<String> = values.iter().map(plain).collect();
                self.out.write_all(&csv_line(&cells))?;
            }
        }
        Ok(())
    }

    /// Writes the collected rows.
    fn page(&mut self, columns: &[String]) -> std::io::Result<()> {
        if self.written > 0 && self.waiting.is_empty() {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.waiting);
        let columns: Vec<_> = columns.iter().map(|column| shown(column)).collect();
        let room = table().width().map(usize::from);
        write_rows(&columns, rows, room, self.out)
    }

    fn finish(mut self, columns: &[String]) -> Result<(), CliError> {
        match self.format {
            Format::Table => {
                self.page(columns)?;
            }
            Format::Json if self.written == 0 => writeln!(self.out, "[]")?,
            Format::Json => writeln!(self.out, "\n]")?,
            Format::Csv if self.written == 0 => self.out.write_all(&csv_line(columns))?,
            Format::Csv => {}
        }
        Ok(())
    }
}

/// Writes rows as a table. If `room`, in characters, is too small for that, each row is written with one column per line.
fn write_rows(
    columns: &[Cow<'_, str>],
    rows: Vec<Vec<String>>,
    room: Option<usize>,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    if room.is_none_or(|room| columns.len() * NARROWEST <= room) {
        let mut page = table();
        page.set_header(columns).add_rows(rows);
        return crate::cli::words::table::write(&page, out);
    }
    for row in rows {
        let mut page = table();
        let cells = columns.iter().zip(&row);
        page.add_rows(cells.map(|(column, cell)| [column.as_ref(), cell]));
        crate::cli::words::table::write(&page, out)?;
        writeln!(out)?;
    }
    Ok(())
}

/// The names of the columns, made unique: a repeated name gets a number, because a JSON object has each name once.
fn unique(columns: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(columns.len());
    for column in columns {
        let mut name = column.clone();
        let mut nth = 0;
        while names.contains(&name) {
            nth += 1;
            name = format!("{column}:{nth}");
        }
        names.push(name);
    }
    names
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Blob(bytes) => hex(bytes),
    }
}

fn json(value: Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Integer(number) => number.into(),
        Value::Real(number) => number.into(),
        Value::Text(text) => text.into(),
        Value::Blob(bytes) => hex(&bytes).into(),
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_are_too_wide_for_a_table_get_one_column_per_line() {
        let columns = ["name", "words"].map(Cow::from);
        let rows = || vec![vec!["Ada".to_owned(), "7".to_owned()]];
        for (room, expected) in [
            (None, "name  words\nAda   7\n"),
            (Some(16), "name  words\nAda   7\n"),
            (Some(15), "name   Ada\nwords  7\n\n"),
        ] {
            let mut out = Vec::new();
            write_rows(&columns, rows(), room, &mut out).expect("memory");
            assert_eq!(String::from_utf8_lossy(&out), expected, "{room:?}");
        }
    }
}
