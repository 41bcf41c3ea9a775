//! The temporary tables of an import. They hold the rows of a sheet until the import is applied.
//!
//! The tables are on disk, so memory does not grow with the sheet. They are dropped at the end of the import's transaction.

use super::values::trimmed;
use crate::domain::character::CastId;

/// The table of rows that are to be compared with their cast.
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

/// The tables of unchanged rows, and of characters that matched no unchanged row.
const FOUND: &str = "
    DROP TABLE IF EXISTS temp.unchanged;
    CREATE TEMP TABLE unchanged (
        -- `many` rows, starting with `row`, are the same as the characters that start with `character_row`.
        row INTEGER PRIMARY KEY,
        many INTEGER NOT NULL,
        character_row INTEGER NOT NULL,
        -- The line of the first row. If the sheet has keys, each further row is one line below.
        line INTEGER NOT NULL,
        -- Whether one of these characters may have a take that it does not need.
        lends INTEGER NOT NULL
    );
    DROP TABLE IF EXISTS temp.left_over;
    CREATE TEMP TABLE left_over (character_id INTEGER PRIMARY KEY)";

/// The characters that a staged row can match: those that matched no unchanged row, and those that are gone.
const CANDIDATES: &str =
    "SELECT c.* FROM temp.left_over l CROSS JOIN stored_characters c ON c.id = l.character_id";

/// SQL that creates the tables of an import, and three views: the characters that a staged row can match (`candidates`), the
/// unchanged characters (`standing`), and all rows of the sheet (`sheet_rows`).
///
/// With `divided`, unchanged rows are found while the sheet is read and are not staged. Otherwise every row is staged, and all
/// characters are candidates.
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
                 u.lends
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

/// SQL for whether `who.value` names the staged row `i`, by the same rules as `Library::find`.
pub(super) fn is_named() -> String {
    format!(
        "(who.value = i.name OR {} = {} OR who.value = i.key OR who.value = '#' || i.row)",
        trimmed("i.name"),
        trimmed("who.value")
    )
}
