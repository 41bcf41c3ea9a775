//! From the bytes of an event stream to the pieces of a story.
//!
//! The story is the data of all events joined as they stand, with nothing between and nothing trimmed. The stream ends well
//! only if the transport did, and then the last piece says what was noted on the way.

use super::guard::{Guard, GuardError, Notes};
use super::refusal;
use super::{Piece, Pieces, ProviderError};
use crate::domain::flag::{Flag, Flags};
use bytes::Bytes;
use eventsource_stream::{Event, EventStream, EventStreamError};
use futures_util::stream::{Stream, StreamExt, once};
use std::future::ready;
use std::sync::Arc;

/// The pieces in `body`. `proven` is whether the transport can tell a whole body from a cut one.
pub(super) fn pieces<S, E>(body: S, proven: bool) -> Pieces
where
    S: Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
    E: std::error::Error + Send + Sync + 'static,
{
    let notes = Arc::new(Notes::default());
    let events = EventStream::new(Guard::new(body, Arc::clone(&notes)));
    let last = once(async move {
        let unproven = Flags::default().with_if(Flag::Unproven, !proven);
        Ok(Piece::Noted(notes.flags().union(unproven)))
    });
    // After an error nothing more may come, least of all the word that all went well.
    events
        .map(piece)
        .chain(last)
        .scan(false, |failed, piece| {
            let stop = std::mem::replace(failed, piece.is_err());
            ready((!stop).then_some(piece))
        })
        .boxed()
}

fn piece<E>(event: Result<Event, EventStreamError<GuardError<E>>>) -> Result<Piece, ProviderError>
where
    E: std::error::Error + Send + Sync + 'static,
{
    match event {
        Ok(event) if event.event == "error" => Err(refusal::reported(&event.data)),
        Ok(event) => Ok(Piece::Text(event.data)),
        Err(EventStreamError::Transport(GuardError::TooLong { what, limit_bytes })) => {
            Err(ProviderError::TooLong { what, limit_bytes })
        }
        Err(EventStreamError::Transport(GuardError::Transport(source))) => {
            Err(ProviderError::Cut {
                source: Box::new(source),
            })
        }
        // The guard hands on whole lines of valid UTF-8, which the parser cannot refuse; were it to, the text is in doubt.
        Err(EventStreamError::Utf8(err)) => Err(ProviderError::Cut {
            source: Box::new(err),
        }),
        Err(EventStreamError::Parser(err)) => Err(ProviderError::Cut {
            source: err.to_string().into(),
        }),
    }
}
