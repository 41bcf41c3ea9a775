//! A database on a server of `PostgreSQL`.

use super::backend::Backend;
use crate::harness::postgres::{self, Database};
use backstory::facade::store::{CastRun, Editor, Holder, Import, Location, NewRun, Reader, Sheet};
use std::sync::Arc;

pub(super) struct Server {
    db: Arc<Holder>,
    database: Database,
}

impl Server {
    async fn open(database: Database) -> Self {
        let db = place(&database).open().await;
        let db = Arc::new(db.expect("a database"));
        Self { db, database }
    }
}

fn place(database: &Database) -> Location {
    Location::of((&database.url).into())
}

impl Backend for Server {
    type Import<'a> = Import<'a>;
    type Run = CastRun;
    type Reader = Reader;
    type Editor = Editor;

    fn is_available() -> bool {
        postgres::server().is_some()
    }

    async fn empty() -> Self {
        Self::open(postgres::database().expect("a server")).await
    }

    async fn reopen(self) -> Self {
        let Self { db, database } = self;
        drop(db);
        // The process of the test lives on, so what would take half a minute is done at once: the leases end.
        database.execute("UPDATE backstory.runs SET alive_until_ms = 0 WHERE ended_ms IS NULL");
        Self::open(database).await
    }

    async fn import(&self, sheet: Sheet) -> Import<'_> {
        self.db.import(sheet).await.expect("an import")
    }

    async fn begin(&self, new: NewRun) -> CastRun {
        self.db.begin_run(new).await.expect("a run")
    }

    async fn end(&self, run: CastRun, exit: u8) {
        run.end(exit).await.expect("ended");
    }

    async fn reader(&self) -> Reader {
        place(&self.database)
            .open_to_read()
            .await
            .expect("a reader")
    }

    async fn editor(&self) -> Editor {
        let editor = place(&self.database).open_to_change().await;
        editor.expect("an editor")
    }
}
