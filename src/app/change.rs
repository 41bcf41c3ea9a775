//! What a person changes between runs: the current take of a character, a take written by hand, failed characters that become
//! pending again.
//!
//! Each change is durable when its function returns. Nothing is sent.

use super::error::AppError;
use super::judge::flags_by_hand;
use super::refused::Refused;
use super::resume::{Which, ids};
use super::select::Selected;
use crate::domain::character::{CharacterId, TakeNumber};
use crate::domain::text::words;
use crate::store::{Changes, Editor, Failed, Library, Location, StoreError};
use std::str::Utf8Error;

/// The longest story written by hand, in bytes: the same limit as for stories from a service.
pub(crate) const STORY_BYTES_MAX: usize = 8 << 20;

/// What came of picking a take. `takes` counts all takes of the character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Picked {
    /// This take is the current one now.
    Take {
        /// Its number.
        take: TakeNumber,
        /// All takes.
        takes: usize,
    },
    /// The character has no such take, and nothing changed.
    NoSuchTake {
        /// All takes.
        takes: usize,
    },
}

/// Makes `take` the current take of a character; without `take`, the newest one, now and later.
///
/// # Errors
///
/// [`StoreError`] when the database cannot be written.
pub(crate) async fn pick(
    db: &Editor,
    id: CharacterId,
    take: Option<TakeNumber>,
) -> Result<Picked, StoreError> {
    let picked = db.pick(id, take).await?;
    let takes = db.takes(id).await?.len();
    Ok(match picked {
        Some(take) => Picked::Take { take, takes },
        None => Picked::NoSuchTake { takes },
    })
}

/// Why bytes are no text of a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextFault {
    /// They are not UTF-8.
    NotUtf8(Utf8Error),
    /// They have a NUL byte.
    Nul,
}

/// The text of a story that was read from a file or a stream.
///
/// # Errors
///
/// [`TextFault`] for bytes that are no text.
pub(crate) fn text_of(bytes: Vec<u8>) -> Result<String, TextFault> {
    let text = String::from_utf8(bytes).map_err(|err| TextFault::NotUtf8(err.utf8_error()))?;
    if text.contains('\0') {
        return Err(TextFault::Nul);
    }
    // Some editors add a byte order mark, which is not part of the story.
    Ok(match text.strip_prefix('\u{FEFF}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

/// What came of a text that a person wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edited {
    /// It is the current story already; nothing changed.
    Unchanged,
    /// It is a new take, and the current one.
    Take {
        /// The number of the take.
        take: TakeNumber,
        /// The number of its words.
        words: u64,
    },
}

/// Stores a text that a person wrote, unchanged, as a new take of the character, and picks it. Closes the database.
///
/// # Errors
///
/// [`Refused::EmptyStory`] and [`Refused::LongStory`]; [`AppError::Store`] when the database cannot be written. Nothing has
/// changed then.
pub(crate) async fn write(character: Selected<Editor>, story: &str) -> Result<Edited, AppError> {
    let Selected { db, id, record } = character;
    let edited = if story == record.backstory.as_deref().unwrap_or_default() {
        Edited::Unchanged
    } else {
        accept(story)?;
        Edited::Take {
            take: db
                .write_by_hand(id, story, flags_by_hand(&record.name, story))
                .await?,
            words: words(story),
        }
    };
    db.close().await;
    Ok(edited)
}

/// Refuses a text that cannot be a story.
fn accept(story: &str) -> Result<(), Refused> {
    if story.trim().is_empty() {
        return Err(Refused::EmptyStory);
    }
    if story.len() > STORY_BYTES_MAX {
        let bytes_max = STORY_BYTES_MAX;
        return Err(Refused::LongStory { bytes_max });
    }
    Ok(())
}

/// Makes failed characters of a cast pending again, with their full number of tries. Returns how many.
///
/// # Errors
///
/// [`StoreError`] where there is no such cast, or the database cannot be written.
pub(crate) async fn retry(
    db: &Location,
    cast: Option<&str>,
    which: &Failed,
) -> Result<u64, StoreError> {
    let db = db.open_to_change().await?;
    let cast = db.one_cast(cast).await?;
    let again = db.retry(cast.id, which).await?;
    db.close().await;
    Ok(again)
}

/// What came of marking characters to be written again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Marked {
    /// The characters that were asked for.
    pub asked: u64,
    /// Those that became pending. The others were pending already, or their request is in flight.
    pub pending_again: u64,
    /// Those whose picked take stays the current one although a new one will be written.
    pub keep_their_pick: u64,
    /// Whether a live run works on the cast, which takes them up.
    pub is_live: bool,
}

/// Marks characters to be written again, by a live run or the next one. Nothing is sent.
///
/// # Errors
///
/// [`AppError::NotFound`] for the first that does not name one character; [`AppError::Store`] when the database cannot be written.
/// Nothing has changed then.
pub(crate) async fn write_again(
    db: &Location,
    cast: Option<&str>,
    which: Which,
) -> Result<Marked, AppError> {
    let db = db.open_to_change().await?;
    let cast = db.one_cast(cast).await?;
    let ids = ids(&db, &cast.cast_name, which).await?.unwrap_or_default();
    let marked = Marked {
        asked: u64::try_from(ids.len()).unwrap_or(u64::MAX),
        keep_their_pick: db.picked(&ids).await?,
        is_live: db
            .last_run(cast.id)
            .await?
            .is_some_and(|run| run.pid.is_some()),
        pending_again: db.write_again(&ids).await?,
    };
    db.close().await;
    Ok(marked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_utf_8_without_nul_and_without_its_byte_order_mark() {
        for (bytes, expected) in [
            (&b"Ada's story."[..], Ok("Ada's story.")),
            (b"\xEF\xBB\xBFAda", Ok("Ada")),
            (b"", Ok("")),
            (b"A\0da", Err(true)),
            (b"Ad\xE9", Err(false)),
        ] {
            let read = text_of(bytes.to_vec());
            let read = read.as_deref().map_err(|fault| *fault == TextFault::Nul);
            assert_eq!(read, expected, "{bytes:?}");
        }
    }

    #[test]
    fn a_story_has_letters_and_a_limit() {
        assert!(accept(" a ").is_ok());
        assert!(accept(&"a".repeat(STORY_BYTES_MAX)).is_ok());
        assert!(matches!(accept(" \n"), Err(Refused::EmptyStory)));
        let long = accept(&"a".repeat(STORY_BYTES_MAX + 1));
        assert!(matches!(long, Err(Refused::LongStory { .. })));
    }
}
