//! Sheets of any size: 90 bytes a row, every name its own.

use crate::Failed;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

const TRADES: [&str; 7] = [
    "keeper",
    "smuggler",
    "archivist",
    "healer",
    "cartographer",
    "bell founder",
    "duellist",
];
const PLACES: [&str; 5] = [
    "Port Sorrow",
    "Vell",
    "the Salt Road",
    "Anhalt",
    "Low Ferry",
];

/// Writes a sheet with so many rows; `have` adds a column with a story for each.
///
/// # Errors
///
/// When there is no room for it.
pub(crate) fn write(path: &Path, rows: usize, have: bool) -> Result<(), Failed> {
    let mut out = BufWriter::new(File::create(path)?);
    let more = if have { ",story" } else { "" };
    writeln!(out, "id,name,role,city,description{more}")?;
    for nth in 1..=rows {
        let (trade, place) = (TRADES[nth % TRADES.len()], PLACES[nth % PLACES.len()]);
        write!(
            out,
            "{nth:07},Mara Quill {nth},{trade},{place},A {trade} who owes {place} a debt of {nth}."
        )?;
        if have {
            write!(out, ",She paid it with the {nth}th lie.")?;
        }
        writeln!(out)?;
    }
    out.flush()?;
    Ok(())
}
