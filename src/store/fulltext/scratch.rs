//! An index in memory, for databases whose own words differ from those of the index of `SQLite`.
//!
//! It cuts texts into words, says which texts match, and makes snippets. It holds a few texts at a time and nothing else.

use super::temporary;
use crate::store::{Snippet, StoreError};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Row, SqliteConnection, query, query_scalar};
use std::collections::{HashMap, HashSet};

/// The most letters of a word that are kept. A letter has at most 4 bytes, and the index of the server takes 2,046 bytes.
pub(in crate::store) const WORD_CHARS: usize = 511;

/// The most bytes of the words of one text. The index of the server takes fewer than 2^20 bytes.
const VECTOR_BYTES: usize = 1_000_000;

/// The texts of a character.
pub(in crate::store) struct Texts {
    pub(in crate::store) id: i64,
    pub(in crate::store) name: String,
    pub(in crate::store) description: String,
    pub(in crate::store) story: Option<String>,
}

/// An index in memory.
pub(in crate::store) struct Scratch(SqliteConnection);

impl Scratch {
    /// An empty one.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when there is no memory for it.
    pub(in crate::store) async fn new() -> Result<Self, StoreError> {
        let mut memory = SqliteConnectOptions::new()
            .filename(":memory:")
            .connect()
            .await
            .map_err(failed)?;
        temporary::create(&mut memory).await.map_err(failed)?;
        // One row for each place of each word.
        query("CREATE VIRTUAL TABLE temp.places USING fts5vocab (temp, search, instance)")
            .execute(&mut memory)
            .await
            .map_err(failed)?;
        Ok(Self(memory))
    }

    /// Replaces the texts.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when there is no memory for them.
    pub(in crate::store) async fn fill(&mut self, texts: &[Texts]) -> Result<(), StoreError> {
        query("DELETE FROM temp.search")
            .execute(&mut self.0)
            .await
            .map_err(failed)?;
        for text in texts {
            query("INSERT INTO temp.search (rowid, name, description, story) VALUES (?, ?, ?, ?)")
                .bind(text.id)
                .bind(&text.name)
                .bind(&text.description)
                .bind(text.story.as_deref())
                .execute(&mut self.0)
                .await
                .map_err(failed)?;
        }
        Ok(())
    }

    /// The words of each text as a server writes a `tsvector`: those of the name have the weight A, those of the description B,
    /// those of the story C. The places count how often a word occurs, up to 3 times; they say nothing of where.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when there is no memory for them.
    pub(in crate::store) async fn vectors(&mut self) -> Result<HashMap<i64, String>, StoreError> {
        // Words consist of letters and digits only, so none needs an escape.
        let rows = query(
            "SELECT doc, group_concat('''' || substr(term, 1, ?) || ''':' || places, ' ') FROM (
                 SELECT doc, term, group_concat(
                     CASE min(many, 3)
                         WHEN 1 THEN start || weight
                         WHEN 2 THEN start || weight || ',' || (start + 1) || weight
                         ELSE start || weight || ',' || (start + 1) || weight || ',' || (start + 2) || weight
                     END
                 ) AS places
                 FROM (
                     SELECT doc, term, count(*) AS many,
                         CASE col WHEN 'name' THEN 'A' WHEN 'description' THEN 'B' ELSE 'C' END AS weight,
                         CASE col WHEN 'name' THEN 1 WHEN 'description' THEN 11 ELSE 21 END AS start
                     FROM temp.places GROUP BY doc, term, col
                 ) GROUP BY doc, term
             ) GROUP BY doc",
        )
        .bind(i64::try_from(WORD_CHARS).unwrap_or(i64::MAX))
        .fetch_all(&mut self.0)
        .await
        .map_err(failed)?;
        let vector = |row: &sqlx::sqlite::SqliteRow| (row.get(0), limited(row.get(1)));
        Ok(rows.iter().map(vector).collect())
    }

    /// The words of a text in their order.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when there is no memory for them.
    pub(in crate::store) async fn words(&mut self, text: &str) -> Result<Vec<String>, StoreError> {
        let only = Texts {
            id: 1,
            name: text.to_owned(),
            description: String::new(),
            story: None,
        };
        self.fill(&[only]).await?;
        query_scalar("SELECT term FROM temp.places ORDER BY \"offset\"")
            .fetch_all(&mut self.0)
            .await
            .map_err(failed)
    }

    /// The texts that match a query of the index.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when there is no memory for that.
    pub(in crate::store) async fn matching(
        &mut self,
        expression: &str,
    ) -> Result<HashSet<i64>, StoreError> {
        let ids: Vec<i64> = query_scalar("SELECT rowid FROM temp.search WHERE search MATCH ?")
            .bind(expression)
            .fetch_all(&mut self.0)
            .await
            .map_err(failed)?;
        Ok(ids.into_iter().collect())
    }

    /// The snippets of all texts that match.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when there is no memory for them.
    pub(in crate::store) async fn snippets(
        &mut self,
        expression: &str,
    ) -> Result<HashMap<i64, Snippet>, StoreError> {
        temporary::snippets(&mut self.0, expression)
            .await
            .map_err(failed)
    }
}

/// A vector without the words that are too many for the index of the server.
fn limited(mut vector: String) -> String {
    if vector.len() > VECTOR_BYTES {
        let end = vector.floor_char_boundary(VECTOR_BYTES);
        let end = vector[..end].rfind(' ').unwrap_or(0);
        vector.truncate(end);
    }
    vector
}

fn failed(err: sqlx::Error) -> StoreError {
    StoreError::Failed {
        doing: "cut texts into words",
        source: Box::new(err),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(id: i64, name: &str, description: &str, story: Option<&str>) -> Texts {
        Texts {
            id,
            name: name.to_owned(),
            description: description.to_owned(),
            story: story.map(str::to_owned),
        }
    }

    #[tokio::test]
    async fn texts_are_cut_into_folded_words() {
        let mut scratch = Scratch::new().await.expect("memory");
        for (text, expected) in [
            ("Zoë's café", vec!["zoe", "s", "cafe"]),
            (
                "user@mail.example 3.14",
                vec!["user", "mail", "example", "3", "14"],
            ),
            ("昔々灯塔の下", vec!["昔々灯塔の下"]),
            ("… - '", vec![]),
        ] {
            assert_eq!(scratch.words(text).await.expect("cut"), expected, "{text}");
        }
    }

    #[tokio::test]
    async fn a_vector_counts_each_word_of_each_text() {
        let mut scratch = Scratch::new().await.expect("memory");
        let all = [
            texts(7, "Ada", "ada bakes", Some("Ada, ada, ADA, ada.")),
            texts(8, "", "", None),
        ];
        scratch.fill(&all).await.expect("filled");
        let vectors = scratch.vectors().await.expect("cut");
        assert_eq!(vectors.len(), 1);
        let mut words: Vec<_> = vectors[&7].split(' ').collect();
        words.sort_unstable();
        assert_eq!(words, ["'ada':11B,1A,21C,22C,23C", "'bakes':11B"]);
    }

    #[tokio::test]
    async fn only_texts_with_a_phrase_match_it() {
        let mut scratch = Scratch::new().await.expect("memory");
        let all = [
            texts(1, "half timbered", "", None),
            texts(2, "timbered half", "", None),
        ];
        scratch.fill(&all).await.expect("filled");
        let found = scratch.matching("\"half-timb\" *").await.expect("searched");
        assert_eq!(found, HashSet::from([1]));
    }

    #[test]
    fn a_vector_that_is_too_long_ends_between_two_words() {
        let long = "'wörd':1A ".repeat(200_000);
        let short = limited(long);
        assert!(short.len() <= VECTOR_BYTES && short.ends_with("'wörd':1A"));
    }
}
