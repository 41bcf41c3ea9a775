//! The connections of the service: accepting them, serving requests, and closing them.
//!
//! The head of a request must arrive within a time, and so must its body. When the service ends, requests in progress are
//! answered to the end. Every other connection is closed, also one that has sent half a head.

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

/// The time in which the head of a request must arrive.
const HEAD: Duration = Duration::from_secs(10);

/// The wait before the next try if no connection can be accepted, for example because too many files are open.
const FULL: Duration = Duration::from_millis(200);

/// Serves `router` until `until` is complete. Then `stopping` becomes true, and requests in progress are answered to the
/// end.
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

/// Whether only this one connection failed while it was accepted.
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
    // If that cannot be set, answers are only slower.
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
                // The connection is closed in any case, because nothing else marks the end of a story.
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
        // Whatever ended the connection, the client does not wait for an answer any more.
        _ = &mut served => return,
        _ = stopping.wait_for(|stopping| *stopping) => {}
    }
    if answering.load(Ordering::Relaxed) > 0 {
        served.as_mut().graceful_shutdown();
        let _ = served.await;
    }
}

/// Counts a request while it is answered.
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

/// The body of an answer; the request counts until its last byte is sent.
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
