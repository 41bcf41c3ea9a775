//! A database file of `SQLite`.

use super::backend::Backend;
use backstory::store::{Editor, Holder, Import, NewRun, Reader, Sheet, Sqlite, SqliteRun};
use std::path::PathBuf;
use std::sync::Arc;

pub(super) struct File {
    folder: tempfile::TempDir,
    db: Arc<Holder>,
}

impl File {
    async fn open(folder: tempfile::TempDir) -> Self {
        let db = Sqlite::open(&folder.path().join("x.db")).await;
        let db = Arc::new(db.expect("a database"));
        Self { folder, db }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("x.db")
    }
}

impl Backend for File {
    type Import<'a> = Import<'a>;
    type Run = SqliteRun;
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

    async fn begin(&self, new: NewRun) -> SqliteRun {
        self.db.begin_run(new).await.expect("a run")
    }

    async fn end(&self, run: SqliteRun, exit: u8) {
        run.end(exit).await.expect("ended");
    }

    async fn reader(&self) -> Reader {
        Sqlite::open_to_read(&self.path()).await.expect("a reader")
    }

    async fn editor(&self) -> Editor {
        let editor = Sqlite::open_to_change(&self.path()).await;
        editor.expect("an editor")
    }
}
