//! The cast in the browser: pages to read the stories, to search them, and to pick takes, also during a run.
//!
//! The pages are served on this machine only and need no network. They read through their own connections, briefly each
//! time, so a run never waits for them. They write only which take is the current one, if the user picks it, and the search
//! index. Everything they show comes from the database: they have no connection to a running process.

mod address;
mod advice;
mod assets;
mod attempts;
mod browse;
mod cast;
mod chart;
mod connection;
mod database;
mod duration;
mod error;
mod flags;
mod guard;
mod length;
mod list_query;
mod page;
mod routes;
mod run;
mod story;
mod takes;
mod watch;

use crate::store::{Location, StoreError};
use database::{Database, list_cache};
use guard::OriginGuard;
use page::Pages;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch as channel;
use watch::Watch;

/// How long answers in progress may take when the page ends.
const LAST_ANSWERS: Duration = Duration::from_millis(500);

/// The time between two checks whether all tasks have ended.
const STEP: Duration = Duration::from_millis(5);

/// The page, bound to its address but not serving yet.
pub(crate) struct View {
    listener: TcpListener,
    app: AppState,
}

/// The state that all handlers share.
struct AppState {
    database: Database,
    guard: OriginGuard,
    pages: Pages,
    watch: Watch,
    /// True as soon as the program ends.
    stopping: channel::Receiver<bool>,
    stop: channel::Sender<bool>,
}

impl View {
    /// Opens the database at `db` and binds to `port` of this machine; port 0 picks a free one. If `only` names a cast, only
    /// this cast is shown.
    ///
    /// # Errors
    ///
    /// The error of the system if the port cannot be used; an error of the store if the database cannot be read.
    pub(crate) async fn open(
        db: &Location,
        only: Option<&str>,
        port: u16,
    ) -> Result<Self, OpenError> {
        let (stop, stopping) = channel::channel(false);
        let database = Database::open(db, only, stopping.clone()).await?;
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
        let guard = OriginGuard::new(listener.local_addr()?.port())?;
        let app = AppState {
            database,
            guard,
            pages: Pages::new(),
            watch: Watch::default(),
            stopping,
            stop,
        };
        Ok(Self { listener, app })
    }

    /// The address of the page.
    ///
    /// # Errors
    ///
    /// The error of the system.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `until` is complete. Then answers in progress get half a second, event streams are closed, and the
    /// database is closed, so that no file is left beside it.
    ///
    /// # Errors
    ///
    /// The error of the system if it cannot continue.
    pub(crate) async fn serve(
        self,
        until: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let app = Arc::new(self.app);
        let watching = tokio::spawn(watch::watch(Arc::clone(&app)));
        if let Ok(connections) = app.database.connections().await {
            tokio::spawn(list_cache::fill(connections));
        }
        let leaving = Arc::clone(&app);
        tokio::spawn(async move {
            until.await;
            leaving.stop.send_replace(true);
        });
        let router = routes::routes(Arc::clone(&app));
        connection::serve(self.listener, router, app.stopping.clone(), LAST_ANSWERS).await;
        watching.abort();
        // The task that writes the search index stops after its current step and closes what it opened.
        let alone = async {
            while Arc::strong_count(&app) > 1 {
                tokio::time::sleep(STEP).await;
            }
        };
        let _ = tokio::time::timeout(LAST_ANSWERS, alone).await;
        // If a task still holds it, everything is stored all the same.
        if let Some(app) = Arc::into_inner(app) {
            app.database.close().await;
        }
        Ok(())
    }
}

/// Why the page cannot be served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system refuses the port.
    #[error(transparent)]
    System(#[from] io::Error),
}
