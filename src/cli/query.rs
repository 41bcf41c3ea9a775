//! `backstory query SQL`: one read-only statement over the documented views.

use super::table::table;
use super::{CliError, Console, Database};
use crate::domain::shown::shown;
use crate::exit::{Exit, Failure};
use crate::output::csv_line;
use crate::store::{Sqlite, StoreError, Value};
use clap::{Args, ValueEnum};
use serde_json::Map;
use std::io::Write;

/// Rows of a table that are written together, under a header of their own.
const PAGE: usize = 1_000;

/// One read-only SQL statement over the documented views
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  backstory query \"select name, words from results order by words desc limit 5\"
  backstory query \"select error_kind, count(*) from failures group by 1\" --format json")]
pub(super) struct QueryArgs {
    /// One statement that begins with SELECT, WITH, VALUES or EXPLAIN
    // It may begin with a comment.
    #[arg(allow_hyphen_values = true)]
    sql: String,
    /// How the rows are written: table, json or csv
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

pub(super) async fn query(
    args: QueryArgs,
    database: &Database,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let db = Sqlite::open_to_read(&database.db).await?;
    db.all_casts().await?;
    let cast = match database.cast(None)? {
        Some(name) => Some(db.one_cast(Some(name)).await?.cast_name),
        None => None,
    };
    let mut writer = Rows::new(args.format, &mut console.out);
    // A statement may run for ever, and whoever reads may have stopped: a signal ends both, because nobody here listens to it.
    let result = db
        .query(&args.sql, cast.as_deref(), |columns, values| {
            writer.row(columns, values)
        })
        .await;
    match result {
        Ok(columns) => writer.finish(&columns)?,
        Err(QueryFailure::Store(StoreError::Statement { reason })) => {
            let words = format!("cannot run the statement: {}", shown(&reason));
            let hint = "one SELECT over the views results, takes, attempts, failures, casts";
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

/// Rows on their way out.
struct Rows<'a> {
    format: Format,
    out: &'a mut dyn Write,
    table: comfy_table::Table,
    written: u64,
}

impl<'a> Rows<'a> {
    fn new(format: Format, out: &'a mut dyn Write) -> Self {
        Self {
            format,
            out,
            table: table(),
            written: 0,
        }
    }

    fn row(&mut self, columns: &[String], values: Vec<Value>) -> Result<(), QueryFailure> {
        let first = self.written == 0;
        self.written += 1;
        match self.format {
            Format::Table => {
                let cells = values.iter().map(|value| shown(&plain(value)).into_owned());
                self.table.add_row(cells);
                if self.table.row_count() == PAGE {
                    self.page(columns)?;
                }
            }
            Format::Json => {
                let object: Map<_, _> = apart(columns)
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

    /// Writes the rows that are there under a header.
    fn page(&mut self, columns: &[String]) -> std::io::Result<()> {
        if self.written > 0 && self.table.is_empty() {
            return Ok(());
        }
        let mut page = std::mem::replace(&mut self.table, table());
        page.set_header(columns.iter().map(|column| shown(column).into_owned()));
        super::table::write(&page, self.out)
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

/// The names of the columns, those that stand there already with a number behind them: an object has each name once.
fn apart(columns: &[String]) -> Vec<String> {
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
