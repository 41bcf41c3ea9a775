//! The temporary tables of an import, where a sheet lies beside its cast until it is applied.
//!
//! They live on disk, so memory does not grow with the sheet, and go with the transaction or when it is committed.

use super::values::trimmed;
use crate::domain::character::CastId;

/// Where rows wait to be compared with their cast.
const INCOMING: &str = "
    DROP TABLE IF EXISTS temp.incoming;
    CREATE TEMP TABLE incoming (
        row INTEGER PRIMARY KEY,
        line INTEGER NOT NULL,
        key TEXT,
        name TEXT NOT NULL,
        description TEXT NOT NULL,
        columns TEXT NOT NULL,
        content BLOB NOT NULL,
        have TEXT,
        have_words INTEGER,
        have_flags INTEGER
    )";

/// Where it is noted what was found and what was left over.
const FOUND: &str = "
    DROP TABLE IF EXISTS temp.unchanged;
    CREATE TEMP TABLE unchanged (
        -- From this row on, so many rows stand as the characters from that row on.
        row INTEGER PRIMARY KEY,
        many INTEGER NOT NULL,
        character_row INTEGER NOT NULL,
        -- The line of the first row; where there are keys, each row begins a line further down.
        line INTEGER NOT NULL,
        -- The most takes that one of them has.
        takes INTEGER NOT NULL
    );
    DROP TABLE IF EXISTS temp.left_over;
    CREATE TEMP TABLE left_over (character_id INTEGER PRIMARY KEY)";

/// The characters that a row may be: those that were left over, gone ones included.
const CANDIDATES: &str =
    "SELECT c.* FROM temp.left_over l CROSS JOIN stored_characters c ON c.id = l.character_id";

/// SQL that makes the tables of an import, and views of what it is about: the characters that a staged row may be
/// (`candidates`), those that stand as they stood (`standing`), and all rows of the sheet (`sheet_rows`).
///
/// `divided` says that what stands is found while the rows are read; else every row is staged, and all characters are
/// candidates.
pub(super) fn tables(cast: Option<CastId>, divided: bool) -> String {
    let cast = cast.map_or_else(|| "NULL".to_owned(), |CastId(cast)| cast.to_string());
    let candidates = if divided {
        CANDIDATES.to_owned()
    } else {
        format!("SELECT * FROM stored_characters WHERE cast_id = {cast}")
    };
    format!(
        "{INCOMING};
         {FOUND};
         DROP VIEW IF EXISTS temp.sheet_rows;
         DROP VIEW IF EXISTS temp.standing;
         DROP VIEW IF EXISTS temp.candidates;
         CREATE TEMP VIEW candidates AS {candidates};
         CREATE TEMP VIEW standing AS
             SELECT
                 c.*,
                 u.row + c.row - u.character_row AS new_row,
                 u.line + c.row - u.character_row AS line,
                 u.takes AS takes_max
             FROM temp.unchanged u
             CROSS JOIN stored_characters c
                 ON c.cast_id = {cast} AND c.row BETWEEN u.character_row AND u.character_row + u.many - 1
             WHERE c.gone = 0;
         CREATE TEMP VIEW sheet_rows AS
             SELECT row, key, name, content FROM temp.incoming
             UNION ALL
             SELECT new_row, key, name, content FROM temp.standing"
    )
}

/// Whether `who.value` names the staged row `i`: as [`Sqlite::find`] understands it.
pub(super) fn is_named() -> String {
    format!(
        "(who.value = i.name OR {} = {} OR who.value = i.key OR who.value = '#' || i.row)",
        trimmed("i.name"),
        trimmed("who.value")
    )
}
