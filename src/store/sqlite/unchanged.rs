//! Finds the rows of a sheet that are exactly the same as characters of the cast. They are not staged, matched or written.
//!
//! The characters are read in parallel with the rows, in the order of the previous sheet; see
//! [`domain::alignment`](crate::domain::alignment). So a sheet of a million rows with one edited row costs little more than
//! reading both. All other rows and characters go to `temp.incoming` and `temp.candidates` and are matched there. The cast is
//! not changed before the import is applied; then unchanged characters that moved get their new row number.

mod characters;

use super::integer;
use super::values::{parts, placeholders};
use crate::domain::alignment::{Alignment, Limits};
use crate::domain::character::CastId;
use crate::domain::verdict::Case;
use crate::store::staged::StagedRow;
use characters::{Character, Item};
use sqlx::{AssertSqlSafe, SqliteConnection, query};

/// The unchanged rows found so far, and the characters that matched none.
pub(super) struct Unchanged {
    cast: CastId,
    keyed: bool,
    /// How many characters are read at once.
    chunk: usize,
    alignment: Alignment<Character>,
    /// Row and identity of the last character that was read.
    cursor: (i64, i64),
    at_end: bool,
    /// The current stretch, which the next unchanged row may extend.
    stretch: Option<Stretch>,
    /// Complete stretches that are not stored yet.
    stretches: Vec<Stretch>,
    /// Characters without an unchanged row that are not stored yet.
    left_over: Vec<i64>,
    /// How often each case occurred.
    cases: Vec<(Case, u64)>,
}

/// Consecutive unchanged rows whose characters are consecutive, too.
struct Stretch {
    row: u64,
    many: u64,
    character_row: u64,
    line: u64,
    lends: bool,
}

impl Unchanged {
    pub(super) fn new(cast: CastId, keyed: bool, limits: Limits) -> Self {
        Self {
            cast,
            keyed,
            chunk: limits.look_ahead.div_ceil(2),
            alignment: Alignment::new(keyed, limits),
            cursor: (i64::MIN, i64::MIN),
            at_end: false,
            stretch: None,
            stretches: Vec::new(),
            left_over: Vec::new(),
            cases: Vec::new(),
        }
    }

    /// Divides the next rows of the sheet into those that are the same as a character and the others, in their order.
    pub(super) async fn divide(
        &mut self,
        tx: &mut SqliteConnection,
        rows: Vec<StagedRow>,
    ) -> Result<(Vec<StagedRow>, Vec<StagedRow>), sqlx::Error> {
        let (mut found, mut left_over) = (Vec::with_capacity(rows.len()), Vec::new());
        for row in rows {
            while self.alignment.is_short() && !self.at_end {
                self.read(tx).await?;
            }
            let same = |character: &Character| character.is_same(&row);
            match self.alignment.find(row.content, same) {
                Some(character) => {
                    self.note(&row, &character);
                    found.push(row);
                }
                None => left_over.push(row),
            }
        }
        let passed = self.alignment.passed().map(|character| character.id);
        self.left_over.extend(passed);
        self.store(tx).await?;
        Ok((found, left_over))
    }

    /// To be called after the last row: all remaining characters have no unchanged row.
    pub(super) async fn finish(&mut self, tx: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let rest = self.alignment.rest().map(|character| character.id);
        self.left_over.extend(rest);
        self.stretches.extend(self.stretch.take());
        self.store(tx).await?;
        if !self.at_end {
            self.at_end = true;
            query(
                "INSERT INTO temp.left_over (character_id)
                 SELECT id FROM stored_characters
                 WHERE cast_id = ?1 AND row >= ?2 AND (row > ?2 OR id > ?3)",
            )
            .bind(self.cast)
            .bind(self.cursor.0)
            .bind(self.cursor.1)
            .execute(tx)
            .await?;
        }
        Ok(())
    }

    /// How often each case occurred.
    pub(super) fn cases(&self) -> &[(Case, u64)] {
        &self.cases
    }

    /// Records that `row` is the same as `character`.
    fn note(&mut self, row: &StagedRow, character: &Character) {
        match &mut self.stretch {
            Some(stretch) if stretch.is_continued_by(row, character, self.keyed) => {
                stretch.many += 1;
                stretch.lends |= character.lends;
            }
            stretch => {
                let next = Stretch {
                    row: row.number,
                    many: 1,
                    character_row: character.row,
                    line: row.line,
                    lends: character.lends,
                };
                self.stretches.extend(stretch.replace(next));
            }
        }
        let case = character.case();
        match self.cases.iter_mut().find(|(other, _)| *other == case) {
            Some((_, many)) => *many += 1,
            None => self.cases.push((case, 1)),
        }
    }

    /// Reads the next characters.
    async fn read(&mut self, tx: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        let limit = integer(self.chunk);
        let items = characters::read(tx, self.cast, self.cursor, limit).await?;
        self.at_end = integer(items.len()) < limit;
        for (place, item) in items {
            self.cursor = place;
            match item {
                Item::Gone(id) => self.left_over.push(id),
                Item::InSheet(content, character) => self.alignment.push(content, character),
            }
        }
        Ok(())
    }

    /// Stores the collected stretches and characters in the temporary tables.
    async fn store(&mut self, tx: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        for part in parts(&self.stretches) {
            let sql = format!(
                "INSERT INTO temp.unchanged (row, many, character_row, line, lends) VALUES {}",
                placeholders(part.len(), 5)
            );
            let mut insert = query(AssertSqlSafe(sql));
            for stretch in part {
                insert = insert
                    .bind(integer(stretch.row))
                    .bind(integer(stretch.many))
                    .bind(integer(stretch.character_row))
                    .bind(integer(stretch.line))
                    .bind(stretch.lends);
            }
            insert.execute(&mut *tx).await?;
        }
        self.stretches.clear();
        for part in parts(&self.left_over) {
            let sql = format!(
                "INSERT INTO temp.left_over (character_id) VALUES {}",
                placeholders(part.len(), 1)
            );
            let mut insert = query(AssertSqlSafe(sql));
            for id in part {
                insert = insert.bind(*id);
            }
            insert.execute(&mut *tx).await?;
        }
        self.left_over.clear();
        Ok(())
    }
}

impl Stretch {
    fn is_continued_by(&self, row: &StagedRow, character: &Character, keyed: bool) -> bool {
        row.number == self.row + self.many
            && character.row == self.character_row + self.many
            && (!keyed || row.line == self.line + self.many)
    }
}

#[cfg(test)]
mod tests;
