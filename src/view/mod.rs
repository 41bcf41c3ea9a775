//! The cast in the browser: a page to look at, to leaf through and to choose from, while a run goes on or not.
//!
//! It is served on this machine only and needs nothing from elsewhere. It reads through connections of its own, briefly each
//! time, so a run never waits for it; what it writes is which take counts, when somebody says so, and the search index. All
//! that it shows comes from the database: it does not know who runs, and nobody who runs knows of it.

mod address;
mod asked;
mod browse;
mod chart;
mod error;
mod guard;
mod page;
mod routes;
mod run;
mod shelf;
mod story;
mod watch;

use crate::store::{Sqlite, StoreError};
use axum::serve::ListenerExt;
use guard::Guard;
use page::Pages;
use shelf::Shelf;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch as channel;
use watch::Watch;

/// How long answers under way may take when the page is to end.
const LAST_ANSWERS: Duration = Duration::from_millis(500);

/// How often it is looked whether everybody has let go.
const STEP: Duration = Duration::from_millis(5);

/// The page, bound to its address but not serving yet.
pub struct View {
    listener: TcpListener,
    house: House,
}

/// What all answers share.
struct House {
    /// Casts, characters, takes and attempts; and which take counts.
    db: Sqlite,
    /// Only this cast is shown, where one is named.
    only: Option<String>,
    guard: Guard,
    pages: Arc<Pages>,
    shelf: Shelf,
    watch: Watch,
    /// True once the program is to end.
    stopping: channel::Receiver<bool>,
    stop: channel::Sender<bool>,
}

impl View {
    /// Opens the database at `db` and binds to `port` of this machine; port 0 is any free one. Only the cast `only` is shown,
    /// where one is named.
    ///
    /// # Errors
    ///
    /// What the system says when the port cannot be had; an error of the store when the database cannot be read.
    pub async fn open(db: &Path, only: Option<&str>, port: u16) -> Result<Self, OpenError> {
        let opened = match Sqlite::open_to_change(db).await {
            // Where it cannot be written it can still be looked at; choosing a take then says what is wrong.
            Err(StoreError::Unusable { .. }) => Sqlite::open_to_read(db).await,
            opened => opened,
        };
        let opened = opened?;
        let cast = match only {
            Some(only) => Some(opened.one_cast(Some(only)).await?.id),
            None => opened.all_casts().await.map(|_| None)?,
        };
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
        let guard = Guard::new(listener.local_addr()?.port())?;
        let pages = Arc::new(Pages::new());
        let (stop, stopping) = channel::channel(false);
        let house = House {
            db: opened,
            only: only.map(str::to_owned),
            guard,
            shelf: Shelf::open(db, cast).await?,
            watch: Watch::open(db, Arc::clone(&pages)).await?,
            pages,
            stopping,
            stop,
        };
        Ok(Self { listener, house })
    }

    /// Where it is.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `until` is over; answers under way get half a second more then, pages that listen are let go, and the
    /// database is closed, so that nothing is left beside it.
    ///
    /// # Errors
    ///
    /// What the system says when it cannot go on.
    pub async fn serve(self, until: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let house = Arc::new(self.house);
        let watching = tokio::spawn(watch::watch(Arc::clone(&house)));
        tokio::spawn(shelf::prepare(Arc::clone(&house)));
        let leaving = Arc::clone(&house);
        let mut stopping = house.stopping.clone();
        // Small answers leave at once; where that cannot be set they are slower, and nothing else.
        let listener = self.listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let serving = axum::serve(listener, routes::routes(Arc::clone(&house)))
            .with_graceful_shutdown(async move {
                until.await;
                leaving.stop.send_replace(true);
            });
        let served = tokio::select! {
            served = serving.into_future() => served,
            () = async {
                let _ = stopping.wait_for(|stopping| *stopping).await;
                tokio::time::sleep(LAST_ANSWERS).await;
            } => Ok(()),
        };
        watching.abort();
        // Whoever writes the search index has been told to stop, and closes what it opened after its step.
        let alone = async {
            while Arc::strong_count(&house) > 1 {
                tokio::time::sleep(STEP).await;
            }
        };
        let _ = tokio::time::timeout(LAST_ANSWERS, alone).await;
        // Where somebody still holds it, everything in it is stored all the same.
        if let Some(house) = Arc::into_inner(house) {
            house.close().await;
        }
        served
    }
}

impl House {
    async fn close(self) {
        self.watch.close().await;
        self.shelf.close().await;
        // Last, because it is the one that may write the log back.
        self.db.close().await;
    }
}

/// Why the page cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system says no.
    #[error(transparent)]
    System(#[from] io::Error),
}
