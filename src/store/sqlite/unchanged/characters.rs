//! Reads the characters of a cast in the order of its sheet, with the texts that rows are compared with.
//!
//! Many characters come as one text, which is parsed here. Rows of the driver would cost several allocations and a message
//! between threads each; for a million rows that takes longer than reading them.

use crate::domain::character::{CastId, Content};
use crate::domain::status::Status;
use crate::domain::verdict::{Case, Matched, Story, Wording};
use crate::store::sqlite::count;
use crate::store::sqlite::facts::{KNOWN_STATUS, MAY_LEND};
use crate::store::staged::StagedRow;
use sqlx::{AssertSqlSafe, SqliteConnection, query_as};
use std::str::FromStr;
use std::sync::Arc;

/// If the cells or the description of a character are longer than this, in bytes, its texts are not read. This limits the
/// size of what is read at once.
const TEXT_MAX: usize = 8 << 10;

/// The position of a character: its row and its identity.
pub(super) type Place = (i64, i64);

/// A character that was read.
pub(super) enum Item {
    /// It is gone; its identity.
    Gone(i64),
    /// It is in the sheet.
    InSheet(Content, Character),
}

/// A character, with what is compared with a row.
pub(super) struct Character {
    pub(super) id: i64,
    pub(super) row: u64,
    status: Status,
    picked: bool,
    /// Whether it may have a take that it does not need.
    pub(super) lends: bool,
    /// Its texts; absent if they are longer than [`TEXT_MAX`].
    texts: Option<Texts>,
}

/// Key, name, description and columns, one after the other.
struct Texts {
    chunk: Arc<str>,
    start: usize,
    key: Option<usize>,
    lengths: [usize; 3],
}

/// The next `limit` characters of the cast after a position, in the order of the sheet.
pub(super) async fn read(
    tx: &mut SqliteConnection,
    cast: CastId,
    after: Place,
    limit: i64,
) -> Result<Vec<(Place, Item)>, sqlx::Error> {
    let sql = format!(
        "SELECT count(*), group_concat(item, '') FROM (
             SELECT CASE
                 WHEN gone THEN concat('gone ', id, ' ', row, ' ')
                 -- The key and the name are made of cells, so they are no longer than all cells.
                 WHEN octet_length(columns) > {TEXT_MAX} OR octet_length(description) > {TEXT_MAX}
                 THEN concat('long ', id, ' ', row, ' ', {KNOWN_STATUS}, ' ', picked, ' ', {MAY_LEND}, ' ', hex(content), ' ')
                 ELSE concat(
                     'whole ', id, ' ', row, ' ', {KNOWN_STATUS}, ' ', picked, ' ', {MAY_LEND}, ' ', hex(content), ' ',
                     coalesce(octet_length(key), '-'), ' ', octet_length(name), ' ', octet_length(description), ' ',
                     octet_length(columns), ' ', key, name, description, columns
                 )
             END AS item
             FROM stored_characters c
             WHERE cast_id = ?1 AND row >= ?2 AND (row > ?2 OR id > ?3) ORDER BY row, id LIMIT ?4
         )"
    );
    let (many, chunk): (i64, Option<String>) = query_as(AssertSqlSafe(sql))
        .bind(cast)
        .bind(after.0)
        .bind(after.1)
        .bind(limit)
        .fetch_one(tx)
        .await?;
    let chunk: Arc<str> = chunk.unwrap_or_default().into();
    let mut reader = Reader {
        chunk: &chunk,
        at: 0,
    };
    let item = |_| {
        let broken = || sqlx::Error::Protocol("a character in pieces".into());
        reader.item().ok_or_else(broken)
    };
    let mut items = (0..many).map(item).collect::<Result<Vec<_>, _>>()?;
    // They usually come in this order, but SQL does not promise it.
    items.sort_by_key(|(place, _)| *place);
    Ok(items)
}

impl Character {
    /// Whether the row has the same key and texts. Only the number of the row may differ.
    pub(super) fn is_same(&self, row: &StagedRow) -> bool {
        self.texts.as_ref().is_some_and(|texts| {
            let mut at = texts.start;
            let mut next = |length: usize| {
                at += length;
                texts.chunk.get(at - length..at)
            };
            let key = texts.key.map(&mut next);
            key == row.key.as_deref().map(Some)
                && texts
                    .lengths
                    .into_iter()
                    .zip([&row.name, &row.description, &row.columns])
                    .all(|(length, text)| next(length) == Some(text.as_str()))
        })
    }

    /// The case of this character with a row that is the same.
    pub(super) fn case(&self) -> Case {
        Case::Matched(Matched {
            status: self.status,
            gone: false,
            picked: self.picked,
            wording: Wording::Same,
            story: Story::None,
            other_recipe: false,
            own: None,
        })
    }
}

/// Parses a chunk.
struct Reader<'c> {
    chunk: &'c Arc<str>,
    at: usize,
}

impl<'c> Reader<'c> {
    fn item(&mut self) -> Option<(Place, Item)> {
        let kind = self.word()?;
        let (id, row) = (self.number()?, self.number()?);
        let place = (row, id);
        if kind == "gone" {
            return Some((place, Item::Gone(id)));
        }
        let status = Status::of(self.word()?)?;
        let picked = self.word()? == "1";
        let lends = self.word()? == "1";
        let content = content(self.word()?)?;
        let texts = match kind {
            "whole" => Some(self.texts()?),
            _ => None,
        };
        let character = Character {
            id,
            row: count(row),
            status,
            picked,
            lends,
            texts,
        };
        Some((place, Item::InSheet(content, character)))
    }

    fn texts(&mut self) -> Option<Texts> {
        let key = match self.word()? {
            "-" => None,
            length => Some(length.parse().ok()?),
        };
        let lengths = [self.number()?, self.number()?, self.number()?];
        let start = self.at;
        self.at += key.unwrap_or(0) + lengths.iter().sum::<usize>();
        self.chunk.get(start..self.at)?;
        Some(Texts {
            chunk: Arc::clone(self.chunk),
            start,
            key,
            lengths,
        })
    }

    fn number<N: FromStr>(&mut self) -> Option<N> {
        self.word()?.parse().ok()
    }

    /// The text up to the next space.
    fn word(&mut self) -> Option<&'c str> {
        let rest = self.chunk.get(self.at..)?;
        let end = rest.find(' ')?;
        self.at += end + 1;
        Some(&rest[..end])
    }
}

/// A content from its hexadecimal digits.
fn content(digits: &str) -> Option<Content> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    };
    let mut bytes = [0; 16];
    let (pairs, _) = digits.as_bytes().as_chunks::<2>();
    if pairs.len() != bytes.len() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(Content(bytes))
}
