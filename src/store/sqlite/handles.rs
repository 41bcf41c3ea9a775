//! What may be done with an opened database: read, change it between runs, or run on it.
//!
//! Opening decides which; the compiler then checks it. The larger handle can do what the smaller one can.

use super::Sqlite;
use std::ops::Deref;

/// A database that may be read.
pub struct Reader(pub(super) Sqlite);

/// A database that may also be changed between runs, and beside one.
pub struct Editor(pub(super) Reader);

/// A database that is locked for one process, which may import sheets and send requests.
pub struct Holder(pub(super) Editor);

impl Deref for Reader {
    type Target = Sqlite;

    fn deref(&self) -> &Sqlite {
        &self.0
    }
}

impl Deref for Editor {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.0
    }
}

impl Deref for Holder {
    type Target = Editor;

    fn deref(&self) -> &Editor {
        &self.0
    }
}

impl Reader {
    /// Closes the database, so that only its file and its lock are left.
    pub async fn close(self) {
        self.0.close().await;
    }
}

impl Editor {
    /// Closes the database, so that only its file and its lock are left.
    pub async fn close(self) {
        self.0.close().await;
    }
}

impl Holder {
    /// Closes the database, so that only its file and its lock are left.
    pub async fn close(self) {
        self.0.close().await;
    }

    /// Closes the database; removes one that was only just created.
    pub async fn discard(self) {
        self.0.0.0.discard().await;
    }
}
