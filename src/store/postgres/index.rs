//! Brings the index of the search up to date, in short steps.
//!
//! Texts are cut into words here and not on the server, whose rules for words differ from those of a database file. Each step is one
//! transaction, so the work can stop after any step. The index holds no data of its own: it can always be built again.

use super::session::{Limits, Transaction};
use super::{Postgres, count};
use crate::store::StoreError;
use crate::store::fulltext::scratch::{Scratch, Texts};
use sqlx::postgres::PgRow;
use sqlx::{Row, query};
use std::ops::ControlFlow;
use std::time::Duration;
use tokio::time::Instant;

/// How much of a text is indexed, in letters. The index has a limit for each character.
pub(super) const INDEXED_CHARS: i64 = 100_000;

/// The intended duration of a step. No run waits for a step.
const STEP: Duration = Duration::from_millis(100);

/// The number of characters in the first step, and in the largest.
const FIRST: usize = 16;
const MOST: usize = 1_024;

/// The texts of a character, and which they are.
pub(super) struct Document {
    pub(super) texts: Texts,
    take: Option<i64>,
    content: Vec<u8>,
}

impl Postgres {
    pub(in crate::store) async fn unindexed(&self) -> Result<u64, StoreError> {
        let waiting = query("SELECT count(*) FROM z_search_waiting");
        let mut tx = self.reader.read(Limits::Long).await?;
        let waiting = tx.value("read the index", waiting).await?;
        tx.finish().await;
        Ok(count(waiting.unwrap_or(0)))
    }

    pub(in crate::store) async fn index(
        &self,
        mut progress: impl FnMut(u64) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let mut scratch = Scratch::new().await?;
        let (mut many, mut after, mut passed) = (FIRST, 0, 0);
        loop {
            let begin = Instant::now();
            let documents = self.next_documents(after, many).await?;
            let Some(last) = documents.last() else {
                // What changed behind the place meanwhile is found from the start.
                if passed == 0 {
                    return Ok(());
                }
                (after, passed) = (0, 0);
                continue;
            };
            after = last.texts.id;
            let done = u64::try_from(documents.len()).unwrap_or(u64::MAX);
            passed += done;
            self.store(&mut scratch, documents).await?;
            if progress(done).is_break() {
                return Ok(());
            }
            let took = begin.elapsed();
            if took > STEP {
                many = (many / 2).max(1);
            } else if took < STEP / 3 {
                many = (many * 2).min(MOST);
            }
        }
    }

    /// The next characters to index after this identity.
    async fn next_documents(&self, after: i64, many: usize) -> Result<Vec<Document>, StoreError> {
        let next = query(
            "SELECT character_id FROM z_search_waiting WHERE character_id > $1 ORDER BY character_id LIMIT $2",
        );
        let next = next
            .bind(after)
            .bind(i64::try_from(many).unwrap_or(i64::MAX));
        let mut tx = self.reader.read(Limits::Long).await?;
        let rows = tx.rows("look at the index", next).await?;
        let ids: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
        let documents = documents(&mut tx, &ids, INDEXED_CHARS).await?;
        tx.finish().await;
        Ok(documents)
    }

    async fn store(
        &self,
        scratch: &mut Scratch,
        documents: Vec<Document>,
    ) -> Result<(), StoreError> {
        let doing = "index";
        let mut marks = Vec::with_capacity(documents.len());
        let mut texts = Vec::with_capacity(documents.len());
        for document in documents {
            marks.push((document.texts.id, document.take, document.content));
            texts.push(document.texts);
        }
        scratch.fill(&texts).await?;
        let mut vectors = scratch.vectors().await?;
        let vectors: Vec<String> = marks
            .iter()
            .map(|(id, _, _)| vectors.remove(id).unwrap_or_default())
            .collect();
        let ids: Vec<i64> = marks.iter().map(|mark| mark.0).collect();
        let takes: Vec<Option<i64>> = marks.iter().map(|mark| mark.1).collect();
        let contents: Vec<Vec<u8>> = marks.into_iter().map(|mark| mark.2).collect();
        // A character that was removed meanwhile is left out. The order keeps two programs that index from a deadlock.
        let store = query(
            "INSERT INTO search_documents (character_id, take, content, words)
             SELECT c.id, n.take, n.content, n.words::tsvector
             FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::text[]) AS n (id, take, content, words)
             JOIN stored_characters c ON c.id = n.id
             ORDER BY c.id FOR KEY SHARE OF c
             ON CONFLICT (character_id) DO UPDATE SET take = excluded.take, content = excluded.content, words = excluded.words",
        );
        let store = store.bind(ids).bind(takes).bind(contents).bind(vectors);
        let mut tx = self.writer.write(Limits::Long).await?;
        tx.execute(doing, store).await?;
        tx.commit(doing).await
    }
}

/// The texts of these characters by their identity, at most `chars_max` letters of each.
pub(super) async fn documents(
    tx: &mut Transaction<'_>,
    ids: &[i64],
    chars_max: i64,
) -> Result<Vec<Document>, StoreError> {
    let texts = query(
        "SELECT c.id, left(c.name, $2), left(c.description, $2), left(t.text, $2), c.take, c.content
         FROM stored_characters c
         LEFT JOIN stored_takes t ON t.character_id = c.id AND t.take = c.take
         WHERE c.id = ANY($1::bigint[]) ORDER BY c.id",
    );
    let chars_max = i32::try_from(chars_max).unwrap_or(i32::MAX);
    let rows = tx
        .rows("read the texts", texts.bind(ids).bind(chars_max))
        .await?;
    let document = |row: &PgRow| Document {
        texts: Texts {
            id: row.get(0),
            name: row.get(1),
            description: row.get(2),
            story: row.get(3),
        },
        take: row.get(4),
        content: row.get(5),
    };
    Ok(rows.iter().map(document).collect())
}
