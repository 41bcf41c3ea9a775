//! The cast in the browser: pages to read the stories, to search them, and to pick takes, also during a run.
//!
//! The pages are served on this machine only and need no network. They read through their own connections, briefly each
//! time, so a run never waits for them. They write only which take is the current one, if the user picks it, and the search
//! index. Everything they show comes from the database: they have no connection to a running process.

mod address;
mod advice;
mod browse;
mod cast;
mod chart;
mod error;
mod facts;
mod guard;
mod list_cache;
mod list_query;
mod page;
mod routes;
mod run;
mod story;
mod watch;

use crate::store::{Editor, Library, Location, Reader, StoreError};
use axum::serve::ListenerExt;
use guard::OriginGuard;
use list_cache::ListCache;
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
    /// Casts, characters, takes and attempts.
    db: Reader,
    /// What picks are stored with; `None` where the database cannot be written.
    editor: Option<Editor>,
    /// Only this cast is shown, if a cast is given.
    only: Option<String>,
    guard: OriginGuard,
    pages: Arc<Pages>,
    lists: ListCache,
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
        let opened = db.open_to_read().await?;
        let editor = match db.open_to_change().await {
            Ok(editor) => Some(editor),
            // A database that cannot be written can still be read.
            Err(StoreError::Unusable { .. }) => None,
            Err(err) => return Err(err.into()),
        };
        let cast = match only {
            Some(only) => Some(opened.one_cast(Some(only)).await?.id),
            None => opened.all_casts().await.map(|_| None)?,
        };
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
        let guard = OriginGuard::new(listener.local_addr()?.port())?;
        let pages = Arc::new(Pages::new());
        let (stop, stopping) = channel::channel(false);
        let app = AppState {
            db: opened,
            editor,
            only: only.map(str::to_owned),
            guard,
            lists: ListCache::open(db, cast).await?,
            watch: Watch::open(db, Arc::clone(&pages)).await?,
            pages,
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
        tokio::spawn(list_cache::fill(Arc::clone(&app)));
        let leaving = Arc::clone(&app);
        let mut stopping = app.stopping.clone();
        // Small answers are sent at once. If that cannot be set, they are only slower.
        let listener = self.listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let serving = axum::serve(listener, routes::routes(Arc::clone(&app)))
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
        // The task that writes the search index stops after its current step and closes what it opened.
        let alone = async {
            while Arc::strong_count(&app) > 1 {
                tokio::time::sleep(STEP).await;
            }
        };
        let _ = tokio::time::timeout(LAST_ANSWERS, alone).await;
        // If a task still holds it, everything is stored all the same.
        if let Some(app) = Arc::into_inner(app) {
            app.close().await;
        }
        served
    }
}

impl AppState {
    async fn close(self) {
        self.watch.close().await;
        self.lists.close().await;
        // Last, because only this connection may write the log back.
        self.db.close().await;
        if let Some(editor) = self.editor {
            editor.close().await;
        }
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
