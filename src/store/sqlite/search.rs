//! Full-text search in names, descriptions and stories: the best match first, each with a snippet.
//!
//! A search uses the index, and for characters that are not in it a temporary index of the same kind, a part at a time. So the
//! result is the same whether or not the index is up to date.
//!
//! The input is words, never the query syntax of the index. Each word must occur, or be the start of a word that occurs. Case
//! and accents are ignored.

use super::Sqlite;
use super::hit::{Hit, hit};
use super::inside::{inside, is_unspaced};
use super::read::{RECORD, record};
use super::{count, failed};
use crate::domain::character::CharacterId;
use crate::domain::record::Record;
use crate::store::{Found, Snippet, StoreError, Wanted};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row, SqliteConnection, query, query_scalar};
use std::collections::HashMap;

/// The characters that mark a match in a snippet: control characters, which stories do not contain.
const MARKS: (char, char) = ('\u{2}', '\u{3}');

/// How much text is shown on each side of a match that the index did not find, in bytes.
const AROUND_BYTES: usize = 80;

/// How much of a text is searched for a snippet, in letters. Finding the best one is slow where a word occurs often.
const SNIPPET_FROM_CHARS: i64 = 12_000;

/// Words in a snippet.
const SNIPPET_WORDS: i64 = 24;

/// How many characters are searched together without the index, and how many records are read together.
const PART: usize = 200;

/// A match in a name ranks before one in a description, and that before one in a story.
const RANK: &str = "bm25(search, 8.0, 2.0, 1.0)";

impl Sqlite {
    pub(in crate::store) async fn search<E: From<StoreError>>(
        &self,
        wanted: &Wanted,
        mut each: impl FnMut(Found) -> Result<(), E>,
    ) -> Result<u64, E> {
        let Some(expression) = expression(&wanted.words) else {
            return Ok(0);
        };
        let mut reader = self.reader().await;
        let doing = "search";
        query("BEGIN")
            .execute(&mut *reader)
            .await
            .map_err(failed(doing))?;
        let hits = hits(&mut reader, wanted, &expression).await;
        let described = match hits {
            Ok(hits) => describe(&mut reader, &hits, wanted, &expression, &mut each).await,
            Err(err) => Err(failed(doing)(err).into()),
        };
        // The transaction only read, so an error of the rollback loses nothing.
        let _ = query("ROLLBACK").execute(&mut *reader).await;
        described
    }
}

/// The query for the index; `None` when `words` has no letter and no digit.
pub(super) fn expression(words: &str) -> Option<String> {
    let words = words
        .split_whitespace()
        .filter(|word| word.chars().any(char::is_alphanumeric));
    let each: Vec<String> = words
        .map(|word| {
            let spelled = spellings(&word.replace(['"', '\0'], " "));
            // A whole word ranks before the start of a longer word.
            let either: Vec<String> = spelled
                .iter()
                .map(|word| format!("\"{word}\" OR \"{word}\" *"))
                .collect();
            format!("({})", either.join(" OR "))
        })
        .collect();
    (!each.is_empty()).then(|| each.join(" AND "))
}

/// Pairs of what people type and the letter that they may mean. The index does not treat these letters as accented forms.
const LETTERS: [(&str, &str); 12] = [
    ("е", "ё"),
    ("и", "й"),
    ("ا", "أ"),
    ("l", "ł"),
    ("o", "ø"),
    ("d", "đ"),
    ("d", "ð"),
    ("i", "ı"),
    ("ae", "æ"),
    ("oe", "œ"),
    ("ss", "ß"),
    ("th", "þ"),
];

/// The most spellings of a word that are searched for.
const SPELLINGS_MAX: usize = 24;

/// A word and its other spellings, for users whose keyboard lacks a letter: `lukasz` also finds `łukasz`.
fn spellings(word: &str) -> Vec<String> {
    let low = word.to_lowercase();
    let mut spellings = vec![word.to_owned()];
    spellings.extend(greek(&low));
    for (typed, meant) in LETTERS {
        let places: Vec<usize> = low.match_indices(typed).map(|(at, _)| at).collect();
        for at in &places {
            let behind = &low[at + typed.len()..];
            spellings.push(format!("{}{meant}{behind}", &low[..*at]));
        }
        if places.len() > 1 {
            spellings.push(low.replace(typed, meant));
        }
    }
    spellings.truncate(SPELLINGS_MAX);
    spellings
}

/// The Greek vowels without and with an accent. The index treats the two as different letters.
const GREEK: [(char, char); 7] = [
    ('α', 'ά'),
    ('ε', 'έ'),
    ('η', 'ή'),
    ('ι', 'ί'),
    ('ο', 'ό'),
    ('υ', 'ύ'),
    ('ω', 'ώ'),
];

/// The spellings of a Greek word in lower case: with the accent on each of its vowels, and without it. Empty for other words.
fn greek(low: &str) -> Vec<String> {
    let plain = |char| {
        GREEK
            .iter()
            .find(|(_, accented)| *accented == char)
            .map_or(char, |(plain, _)| *plain)
    };
    let word: Vec<char> = low.chars().map(plain).collect();
    let accented = word.iter().enumerate().filter_map(|(at, char)| {
        let (_, accented) = GREEK.iter().find(|(plain, _)| plain == char)?;
        let letters = word
            .iter()
            .enumerate()
            .map(|(other, char)| if other == at { accented } else { char });
        Some(letters.collect())
    });
    let mut spellings: Vec<String> = accented.collect();
    if !spellings.is_empty() {
        spellings.push(word.iter().collect());
    }
    spellings
}

/// All matches, best first.
async fn hits(
    tx: &mut SqliteConnection,
    wanted: &Wanted,
    expression: &str,
) -> Result<Vec<Hit>, sqlx::Error> {
    if is_unspaced(&wanted.words) {
        return inside(tx, wanted).await;
    }
    note_waiting(tx).await?;
    let mut hits = indexed(tx, wanted, expression).await?;
    scan(tx, wanted, expression, &mut hits).await?;
    best_first(&mut hits);
    Ok(hits)
}

/// Fills `temp.waiting` with the characters that are not up to date in the index; returns how many.
pub(super) async fn note_waiting(tx: &mut SqliteConnection) -> Result<u64, sqlx::Error> {
    query(
        "CREATE TEMP TABLE IF NOT EXISTS waiting (character_id INTEGER PRIMARY KEY);
         DELETE FROM temp.waiting;
         INSERT INTO temp.waiting (character_id) SELECT character_id FROM main.z_search_waiting",
    )
    .execute(&mut *tx)
    .await?;
    let waiting: i64 = query_scalar("SELECT count(*) FROM temp.waiting")
        .fetch_one(tx)
        .await?;
    Ok(count(waiting))
}

/// The matches in the index.
pub(super) async fn indexed(
    tx: &mut SqliteConnection,
    wanted: &Wanted,
    expression: &str,
) -> Result<Vec<Hit>, sqlx::Error> {
    let sql = format!(
        "SELECT search.rowid, {RANK} FROM main.search
         JOIN stored_characters c ON c.id = search.rowid
         JOIN stored_casts k ON k.id = c.cast_id
         WHERE search MATCH ?1 AND (c.gone = 0 OR ?2) AND (?3 IS NULL OR k.name = ?3)
             AND search.rowid NOT IN (SELECT character_id FROM temp.waiting)"
    );
    let rows = query(AssertSqlSafe(sql))
        .bind(expression)
        .bind(wanted.gone)
        .bind(wanted.cast.as_deref())
        .fetch_all(tx)
        .await?;
    Ok(rows.iter().map(hit).collect())
}

pub(super) fn best_first(hits: &mut [Hit]) {
    hits.sort_by(|a, b| a.rank.total_cmp(&b.rank).then(a.id.cmp(&b.id)));
}

/// Searches the characters in `temp.waiting`, a part at a time, and adds their matches to `hits`.
pub(super) async fn scan(
    tx: &mut SqliteConnection,
    wanted: &Wanted,
    expression: &str,
    hits: &mut Vec<Hit>,
) -> Result<(), sqlx::Error> {
    let sql = format!("SELECT rowid, {RANK} FROM temp.search WHERE search MATCH ?");
    let mut after = 0_i64;
    loop {
        let part: Vec<i64> = query_scalar(
            "SELECT w.character_id
             FROM temp.waiting w
             JOIN stored_characters c ON c.id = w.character_id
             JOIN stored_casts k ON k.id = c.cast_id
             WHERE w.character_id > ?1 AND (c.gone = 0 OR ?2) AND (?3 IS NULL OR k.name = ?3)
             ORDER BY w.character_id LIMIT ?4",
        )
        .bind(after)
        .bind(wanted.gone)
        .bind(wanted.cast.as_deref())
        .bind(super::integer(PART))
        .fetch_all(&mut *tx)
        .await?;
        let Some(last) = part.last() else {
            return Ok(());
        };
        after = *last;
        index_temporarily(tx, &part, i64::MAX).await?;
        let rows = query(AssertSqlSafe(sql.as_str().to_owned()))
            .bind(expression)
            .fetch_all(&mut *tx)
            .await?;
        hits.extend(rows.iter().map(hit));
    }
}

/// Creates a temporary index of the texts of `ids`, with at most `chars_max` letters of each text.
async fn index_temporarily(
    tx: &mut SqliteConnection,
    ids: &[i64],
    chars_max: i64,
) -> Result<(), sqlx::Error> {
    query(
        "DROP TABLE IF EXISTS temp.search;
         CREATE VIRTUAL TABLE temp.search USING fts5 (
             name, description, story, tokenize = 'unicode61 remove_diacritics 2'
         );
         INSERT INTO temp.search (rowid, name, description, story)
         SELECT c.id, c.name, substr(c.description, 1, ?1), substr(t.text, 1, ?1)
         FROM stored_characters c
         LEFT JOIN stored_takes t ON t.character_id = c.id AND t.take = c.take
         WHERE c.id IN (SELECT value FROM json_each(?2))",
    )
    .bind(chars_max)
    .bind(serde_json::json!(ids).to_string())
    .execute(tx)
    .await?;
    Ok(())
}

/// Calls `each` with the records and snippets of the best hits, up to the limit; returns the number of all hits.
pub(super) async fn describe<E: From<StoreError>>(
    tx: &mut SqliteConnection,
    hits: &[Hit],
    wanted: &Wanted,
    expression: &str,
    each: &mut impl FnMut(Found) -> Result<(), E>,
) -> Result<u64, E> {
    let limit = wanted.limit.and_then(|limit| usize::try_from(limit).ok());
    let best = &hits[..limit.unwrap_or(usize::MAX).min(hits.len())];
    for part in best.chunks(PART) {
        let ids: Vec<i64> = part.iter().map(|hit| hit.id).collect();
        let reading = failed("read what was found");
        let mut snippets = snippets(tx, &ids, expression).await.map_err(reading)?;
        let mut records = records(tx, &ids).await?;
        for id in ids {
            if let Some(record) = records.remove(&CharacterId(id)) {
                let around = || Snippet::around(&record, &wanted.words);
                let snippet = snippets.remove(&id).unwrap_or_else(around);
                each(Found {
                    id: CharacterId(id),
                    record,
                    snippet,
                })?;
            }
        }
    }
    Ok(count(super::integer(hits.len())))
}

/// The snippets of `ids`, from a temporary index. The full index would search all its entries again for each snippet.
async fn snippets(
    tx: &mut SqliteConnection,
    ids: &[i64],
    expression: &str,
) -> Result<HashMap<i64, Snippet>, sqlx::Error> {
    index_temporarily(tx, ids, SNIPPET_FROM_CHARS).await?;
    let (open, close) = (u32::from(MARKS.0), u32::from(MARKS.1));
    let around = |column: usize| {
        format!("snippet(search, {column}, char({open}), char({close}), '…', {SNIPPET_WORDS})")
    };
    let (description, story) = (around(1), around(2));
    let sql = format!("SELECT rowid, {description}, {story} FROM temp.search WHERE search MATCH ?");
    let rows = query(AssertSqlSafe(sql))
        .bind(expression)
        .fetch_all(tx)
        .await?;
    let snippet = |row: &SqliteRow| (row.get(0), Snippet::of(row.get(1), row.get(2)));
    Ok(rows.iter().map(snippet).collect())
}

/// The records of these characters.
pub(super) async fn records(
    tx: &mut SqliteConnection,
    ids: &[i64],
) -> Result<HashMap<CharacterId, Record>, StoreError> {
    let sql = format!("{RECORD} WHERE id IN (SELECT value FROM json_each(?))");
    let rows = query(AssertSqlSafe(sql))
        .bind(serde_json::json!(ids).to_string())
        .fetch_all(tx)
        .await
        .map_err(failed("read the characters"))?;
    rows.iter()
        .map(|row| Ok((CharacterId(row.get("id")), record(row)?)))
        .collect()
}

impl Snippet {
    /// The part of the story if it has a match, else the part of the description if that has one, else the start of the text.
    fn of(description: &str, story: Option<String>) -> Self {
        let found = |text: &String| text.contains(MARKS.0);
        let text = match story {
            Some(story) if found(&story) || !description.contains(MARKS.0) => story,
            _ => description.to_owned(),
        };
        let mut pieces = Vec::new();
        let mut rest = text.as_str();
        while let Some((plain, behind)) = rest.split_once(MARKS.0) {
            let (hit, behind) = behind.split_once(MARKS.1).unwrap_or((behind, ""));
            pieces.push((plain.to_owned(), false));
            pieces.push((hit.to_owned(), true));
            rest = behind;
        }
        pieces.push((rest.to_owned(), false));
        pieces.retain(|(piece, _)| !piece.is_empty());
        Self(pieces)
    }

    /// A snippet without the index: around the first of `words` in the story, else in the description, else the start of the
    /// text.
    fn around(record: &Record, words: &str) -> Self {
        let story = record.backstory.as_deref().unwrap_or_default();
        let place = |text: &str| {
            words
                .split_whitespace()
                .find_map(|word| Some((text.find(word)?, word.len())))
        };
        let (text, (at, length)) = match (place(story), place(&record.description)) {
            (Some(place), _) => (story, place),
            (None, Some(place)) => (record.description.as_str(), place),
            (None, None) if story.is_empty() => (record.description.as_str(), (0, 0)),
            (None, None) => (story, (0, 0)),
        };
        let begin = text.floor_char_boundary(at.saturating_sub(AROUND_BYTES));
        let end = text.ceil_char_boundary((at + length + AROUND_BYTES).min(text.len()));
        let dots = |cut: bool| if cut { "…" } else { "" };
        let pieces = [
            (format!("{}{}", dots(begin > 0), &text[begin..at]), false),
            (text[at..at + length].to_owned(), true),
            (
                format!("{}{}", &text[at + length..end], dots(end < text.len())),
                false,
            ),
        ];
        Self(
            pieces
                .into_iter()
                .filter(|(piece, _)| !piece.is_empty())
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_input_is_words_and_never_query_syntax() {
        for (typed, expected) in [
            ("xyz", "(\"xyz\" OR \"xyz\" *)"),
            ("AN a*", "(\"AN\" OR \"AN\" *) AND (\"a*\" OR \"a*\" *)"),
            ("say \"x", "(\"say\" OR \"say\" *) AND (\" x\" OR \" x\" *)"),
        ] {
            assert_eq!(expression(typed).as_deref(), Some(expected));
        }
        for nothing in ["", "  ", "* - \" ()", "\u{1b}"] {
            assert_eq!(expression(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn a_word_is_found_without_its_strokes_and_ligatures() {
        for (typed, meant) in [
            ("Lukasz", "łukasz"),
            ("dorde", "đorđe"),
            ("soren", "søren"),
            ("strasse", "straße"),
        ] {
            assert!(spellings(typed).contains(&meant.to_owned()), "{meant}");
        }
        assert!(spellings(&"lo".repeat(500)).len() <= SPELLINGS_MAX);
    }

    #[test]
    fn a_snippet_comes_from_the_text_with_a_match() {
        let story = || Some("The \u{2}keeper\u{3} left.".to_owned());
        let expected = [("The ", false), ("keeper", true), (" left.", false)];
        let pieces = |snippet: Snippet| snippet.0;
        let expected: Vec<_> = expected.map(|(text, hit)| (text.to_owned(), hit)).into();
        assert_eq!(pieces(Snippet::of("a \u{2}keeper\u{3}", story())), expected);
        assert_eq!(Snippet::of("a \u{2}keeper\u{3}", None).text(), "a keeper");
        assert_eq!(
            Snippet::of("a", Some("The begin".into())).text(),
            "The begin"
        );
    }
}
