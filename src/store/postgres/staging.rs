//! The rows of a sheet in the form that COPY reads, and the temporary tables of an import.
//!
//! Converting needs no database, so it can be done while earlier rows are stored. The tables end with the import's transaction.

use super::lines::{end_row, push_bytes, push_number, push_text};
use super::values::storable;
use crate::domain::row::Row;
use crate::domain::text::{self, WHITE_SPACE};
use crate::store::Sheet;
use crate::store::staged::{StagedRow, Staging};

/// Creates the tables. A row number is unique, which an index ensures once all rows are there: that is faster.
pub(super) const TABLES: &str = r#"
    CREATE TEMP TABLE incoming (
        row bigint NOT NULL,
        line bigint NOT NULL,
        key text COLLATE "C",
        name text COLLATE "C" NOT NULL,
        description text COLLATE "C" NOT NULL,
        columns text COLLATE "C" NOT NULL,
        content bytea NOT NULL,
        have text COLLATE "C",
        have_words bigint,
        have_flags bigint
    ) ON COMMIT DROP;
    -- The pairs of a row and a character.
    CREATE TEMP TABLE matched (row bigint NOT NULL, character_id bigint NOT NULL) ON COMMIT DROP;
    -- The contents that several rows or several characters have.
    CREATE TEMP TABLE repeated (content bytea NOT NULL) ON COMMIT DROP;
    CREATE TEMP TABLE facts (
        row bigint NOT NULL,
        character_id bigint,
        -- The version of the character that was compared: the transaction that wrote it last.
        seen xid,
        -- The code of the case.
        code bigint NOT NULL,
        -- Whether a cell, the key or the place of the character changes, or whether it was gone.
        differs boolean NOT NULL,
        -- A fitting take of the character's own.
        own_take bigint,
        -- A fitting take of another character, which does not need it.
        spare bigint
    ) ON COMMIT DROP;
    CREATE TEMP TABLE decided (
        code bigint NOT NULL,
        -- The state before and after.
        status_before text COLLATE "C",
        status text COLLATE "C" NOT NULL,
        edited boolean NOT NULL,
        picked boolean NOT NULL,
        -- An earlier take of the same character becomes current again.
        own boolean NOT NULL,
        -- A spare take of another character would finish it.
        wanted boolean NOT NULL,
        -- The row has a story, and one that no cell had before.
        story boolean NOT NULL,
        new_story boolean NOT NULL
    ) ON COMMIT DROP;
    -- The characters that the import changes, but for new ones.
    CREATE TEMP TABLE touched (character_id bigint NOT NULL, seen xid) ON COMMIT DROP;
    -- Those that got a take; new ones, too.
    CREATE TEMP TABLE brought (character_id bigint NOT NULL) ON COMMIT DROP;
    -- The 4 MB that are usual would put the joins of a large sheet on the disk.
    SET LOCAL work_mem = '64MB'
"#;

/// Makes the rows known to the planner, after the last one.
pub(super) const ALL_IN: &str = "
    CREATE UNIQUE INDEX IF NOT EXISTS incoming_row ON incoming (row);
    ANALYZE incoming";

/// The statement that takes the rows in.
pub(super) const COPY: &str = "COPY incoming (row, line, key, name, description, columns, content, have, have_words, have_flags) FROM STDIN";

/// SQL that trims a text as `str::trim` does.
pub(super) fn trimmed(text: &str) -> String {
    format!("btrim({text}, '{WHITE_SPACE}')")
}

/// SQL for whether `w.who` names the row `i`, by the same rules as `Library::find`.
pub(super) fn is_named() -> String {
    format!(
        r#"(i.name = w.who COLLATE "C" OR {} = {} COLLATE "C" OR i.key = w.who COLLATE "C" OR w.who = '#' || i.row)"#,
        trimmed("i.name"),
        trimmed("w.who")
    )
}

/// Converts rows for one import.
pub(in crate::store) struct Form {
    staging: Staging,
}

/// Converted rows.
pub(in crate::store) struct Batch {
    /// What COPY reads: one line a row, with tabs between its values.
    pub(super) copy: String,
}

impl Form {
    pub(super) fn new(sheet: &Sheet) -> Self {
        Self {
            staging: Staging::new(sheet),
        }
    }

    pub(super) fn batch(&self, rows: Vec<Row>) -> Batch {
        let mut copy = String::new();
        for row in rows {
            push_row(&mut copy, &self.staging.staged(cleaned(row)));
        }
        Batch { copy }
    }
}

/// The row with texts that the database can hold. The digest is made from them, so that the same sheet is unchanged next time.
fn cleaned(mut row: Row) -> Row {
    let texts = [&mut row.name, &mut row.description];
    let optional = row.key.iter_mut().chain(&mut row.have);
    for text in texts.into_iter().chain(optional).chain(&mut row.cells) {
        if text.contains('\0') {
            *text = storable(text).into_owned();
        }
    }
    row
}

fn push_row(out: &mut String, row: &StagedRow) {
    let words = row.have.as_deref().map(text::words);
    let flags = words.map(|_| row.have_flags.bits());
    push_number(out, Some(row.number));
    push_number(out, Some(row.line));
    push_text(out, row.key.as_deref());
    push_text(out, Some(&row.name));
    push_text(out, Some(&row.description));
    push_text(out, Some(&row.columns));
    push_bytes(out, &row.content.0);
    push_text(out, row.have.as_deref());
    push_number(out, words);
    push_number(out, flags);
    end_row(out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::character::Content;
    use crate::domain::flag::Flags;

    #[test]
    fn a_row_is_one_line_whatever_its_texts_hold() {
        let row = StagedRow {
            number: 7,
            line: 9,
            key: None,
            name: "A\tb\\N".into(),
            description: "x\ny\r".into(),
            columns: r#"{"a":"\t"}"#.into(),
            content: Content([0x0A; 16]),
            have: Some("Two words.".into()),
            have_flags: Flags::default(),
        };
        let mut line = String::new();
        push_row(&mut line, &row);
        let digest = "0a".repeat(16);
        let expected = format!(
            "7\t9\t\\N\tA\\tb\\\\N\tx\\ny\\r\t{{\"a\":\"\\\\t\"}}\t\\\\x{digest}\tTwo words.\t2\t0\n"
        );
        assert_eq!(line, expected);
    }

    #[test]
    fn what_the_database_cannot_hold_is_replaced_before_the_digest_is_made() {
        let row = |name: &str| Row {
            line: 2,
            number: 1,
            key: Some("k\0".into()),
            name: name.into(),
            description: "d".into(),
            cells: vec![name.into()],
            have: None,
            have_flags: Flags::default(),
        };
        let clean = cleaned(row("a\0b"));
        assert_eq!(clean.key.as_deref(), Some("k\u{fffd}"));
        assert_eq!(clean.name, "a\u{fffd}b");
        assert_eq!(clean.cells, ["a\u{fffd}b"]);
    }
}
