//! Checks a server before a run: version, rights, a rescue file.

use super::session::Limits;
use super::{Postgres, count, rescue};
use crate::store::StoreError;
use sqlx::{Row, query};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The oldest version of the server that has everything this store uses, and that is tested.
const OLDEST: i32 = 140_000;

impl Postgres {
    /// Looks at the version of the server and the rights of the role. Returns the number of casts.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the server cannot be read, or is too old, or the role may not write.
    pub(in crate::store) async fn examine(&self) -> Result<u64, StoreError> {
        let doing = "change the tables";
        let facts = query(
            "SELECT current_setting('server_version_num')::int, current_setting('server_version'),
                 (SELECT bool_and(has_table_privilege(c.oid, 'INSERT, UPDATE'))
                  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                  WHERE n.nspname = 'backstory' AND c.relname LIKE 'stored\\_%' AND c.relkind = 'r'),
                 pg_is_in_recovery(),
                 (SELECT count(*) FROM stored_casts)",
        );
        let mut tx = self.reader.read(Limits::Short).await?;
        let facts = tx.row("look at the server", facts).await?;
        tx.finish().await;
        let facts = facts.ok_or(StoreError::Impossible { what: "version" })?;
        let failed = |reason: String| StoreError::Failed {
            doing,
            source: reason.into(),
        };
        if facts.get::<i32, _>(0) < OLDEST {
            let version: &str = facts.get(1);
            return Err(failed(format!(
                "the server is PostgreSQL {version}, and 14 or newer is needed"
            )));
        }
        if facts.get(3) {
            return Err(failed(
                "the server is a standby, which only reads".to_owned(),
            ));
        }
        if facts.get::<Option<bool>, _>(2) == Some(false) {
            return Err(StoreError::Denied {
                db: self.db(),
                doing,
                source: "the role has no right to insert or update".into(),
            });
        }
        Ok(count(facts.get(4)))
    }

    pub(in crate::store) async fn last_request(&self) -> Result<Option<SystemTime>, StoreError> {
        let last = query("SELECT max(last_start_ms) FROM endpoints");
        let mut tx = self.reader.read(Limits::Short).await?;
        let last: Option<Option<i64>> = tx.value("read the time of the last request", last).await?;
        tx.finish().await;
        let last = last.flatten().filter(|last| *last > 0);
        Ok(last.map(|last| UNIX_EPOCH + Duration::from_millis(count(last))))
    }

    /// Whether there is a rescue file of this database.
    pub(in crate::store) fn rescue_waits(&self) -> bool {
        !rescue::files(&self.id).is_empty()
    }
}
