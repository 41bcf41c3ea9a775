//! An answer as one stream: the request is sent when the stream is first polled, then come the head and the story.

use super::{Piece, ProviderError};
use crate::domain::notice::Notice;
use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::Stream;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// An answer as the stream of its pieces; `S` is the stream of its story.
pub(super) enum Answer<S> {
    /// Nothing is sent before this is first polled.
    Asking(BoxFuture<'static, Result<(Notice, S), ProviderError>>),
    /// The head arrived.
    Telling(S),
    /// There was no answer to read.
    Over,
}

impl<S> Answer<S> {
    /// The answer to the request that `asking` sends.
    pub(super) fn to(
        asking: impl Future<Output = Result<(Notice, S), ProviderError>> + Send + 'static,
    ) -> Self {
        Self::Asking(asking.boxed())
    }
}

impl<S> Stream for Answer<S>
where
    S: Stream<Item = Result<Piece, ProviderError>> + Unpin,
{
    type Item = Result<Piece, ProviderError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = match &mut *self {
            Self::Telling(story) => return Pin::new(story).poll_next(cx),
            Self::Over => return Poll::Ready(None),
            Self::Asking(asking) => match ready!(asking.poll_unpin(cx)) {
                Ok((notice, story)) => {
                    *self = Self::Telling(story);
                    Ok(Piece::Head(notice))
                }
                Err(err) => {
                    *self = Self::Over;
                    Err(err)
                }
            },
        };
        Poll::Ready(Some(piece))
    }
}
