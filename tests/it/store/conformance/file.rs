//! A database file of `SQLite`.

use super::backend::Backend;
use backstory::facade::store::{CastRun, Editor, Holder, Import, Location, NewRun, Reader, Sheet};
use std::sync::Arc;

pub(super) struct File {
    folder: tempfile::TempDir,
    db: Arc<Holder>,
}

fn place(folder: &tempfile::TempDir) -> Location {
    Location::File(folder.path().join("x.db"))
}

impl File {
    async fn open(folder: tempfile::TempDir) -> Self {
        let db = place(&folder).open().await;
        let db = Arc::new(db.expect("a database"));
        Self { folder, db }
    }
}

impl Backend for File {
    type Import<'a> = Import<'a>;
    type Run = CastRun;
    type Reader = Reader;
    type Editor = Editor;

    async fn empty() -> Self {
        Self::open(tempfile::TempDir::new().expect("a folder")).await
    }

    async fn reopen(self) -> Self {
        let Self { folder, db } = self;
        drop(db);
        Self::open(folder).await
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
        place(&self.folder).open_to_read().await.expect("a reader")
    }

    async fn editor(&self) -> Editor {
        let editor = place(&self.folder).open_to_change().await;
        editor.expect("an editor")
    }
}
