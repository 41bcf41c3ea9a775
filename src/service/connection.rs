//! Connections of the service: taken, served one request after the other, and ended.
//!
//! The head of a request has to come within a time, as its body has. When the service ends, a connection on which no request is
//! being answered is dropped, also one that has sent half a head; answers under way are finished. Small answers leave at once.

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{CONNECTION, HeaderValue};
use axum::http::{Request, Response, Version};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// The time in which the head of a request has to be there.
const HEAD: Duration = Duration::from_secs(10);

/// When no connection can be taken, as when too many files are open, this long passes until the next try.
const FULL: Duration = Duration::from_millis(200);

/// Serves `router` until `until` is over; `stopping` is told then, and answers under way are finished.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    stopping: watch::Sender<bool>,
    until: impl Future<Output = ()> + Send,
) {
    let mut connections = JoinSet::new();
    tokio::pin!(until);
    loop {
        tokio::select! {
            () = &mut until => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let served = connection(stream, router.clone(), stopping.subscribe());
                    connections.spawn(served);
                }
                Err(err) if is_of_one(&err) => {}
                Err(_) => sleep(FULL).await,
            },
        }
    }
    drop(listener);
    stopping.send_replace(true);
    while connections.join_next().await.is_some() {}
}

/// Whether only the connection failed that would have been taken.
fn is_of_one(err: &io::Error) -> bool {
    matches!(
        err.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

/// Serves one connection to its end.
async fn connection(stream: TcpStream, router: Router, mut stopping: watch::Receiver<bool>) {
    // What cannot be set makes it slower, and nothing else.
    let _ = stream.set_nodelay(true);
    let answering = Arc::new(AtomicUsize::new(0));
    let router = TowerToHyperService::new(router);
    let counting = Arc::clone(&answering);
    let service = service_fn(move |request: Request<Incoming>| {
        let counted = Counted::new(&counting);
        let is_old = request.version() < Version::HTTP_11;
        let answer = router.call(request);
        async move {
            let mut response = answer.await?;
            if is_old {
                // It is closed, whatever was asked for: the end of a story has no other sign.
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(CONNECTION, close);
            }
            let (head, body) = response.into_parts();
            Ok::<_, std::convert::Infallible>(Response::from_parts(head, Held { body, counted }))
        }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(served);
    tokio::select! {
        // Whatever ended it, nobody waits for an answer any more.
        _ = &mut served => return,
        _ = stopping.wait_for(|stopping| *stopping) => {}
    }
    if answering.load(Ordering::Relaxed) > 0 {
        served.as_mut().graceful_shutdown();
        let _ = served.await;
    }
}

/// Counts a request for as long as it is answered.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(answering: &Arc<AtomicUsize>) -> Self {
        answering.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(answering))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The body of an answer, which counts until its last byte is gone.
struct Held {
    body: Body,
    #[expect(dead_code, reason = "it counts until it is dropped")]
    counted: Counted,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
