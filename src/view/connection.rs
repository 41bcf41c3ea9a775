//! The connections of the page: accepting them, serving requests, and closing those that send none.
//!
//! The head of a request must arrive within a time; so must its body, see `routes.rs`. When the page ends, requests in progress
//! get a moment, and all connections are closed.

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::io;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// The time in which the head of a request must arrive. A browser that keeps a connection for later connects again.
const HEAD: Duration = Duration::from_secs(10);

/// The wait before the next try if no connection can be accepted, for example because too many files are open.
const FULL: Duration = Duration::from_millis(200);

/// Serves `router` until `stopping` is true. Then answers in progress get at most `last`.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    mut stopping: watch::Receiver<bool>,
    last: Duration,
) {
    let mut connections = JoinSet::new();
    loop {
        let stopped = stopping.clone();
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, router.clone(), stopped));
                }
                Err(err) if is_of_one(&err) => {}
                Err(_) => sleep(FULL).await,
            },
        }
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    // What is not done by then is dropped with the set.
    let _ = timeout(last, ended).await;
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
    // Small answers are sent at once. If that cannot be set, they are only slower.
    let _ = stream.set_nodelay(true);
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    tokio::pin!(served);
    tokio::select! {
        // Whatever ended the connection, the browser does not wait for an answer any more.
        _ = &mut served => return,
        _ = stopping.wait_for(|stopping| *stopping) => {}
    }
    served.as_mut().graceful_shutdown();
    let _ = served.await;
}
