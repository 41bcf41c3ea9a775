//! Checks a database before a run: damage, another live run, a rescue file.
//!
//! It takes no lock and changes nothing.

use super::Sqlite;
use super::file::beside;
use super::lock::holder;
use super::{count, failed, rescue};
use crate::store::StoreError;
use sqlx::{query, query_scalar};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

impl Sqlite {
    /// Reads the whole file and looks for damage. Returns the number of casts.
    ///
    /// # Errors
    ///
    /// [`StoreError::Damaged`] with the first damage; [`StoreError::Locked`] when a run is working on it.
    pub(in crate::store) async fn examine(&self) -> Result<u64, StoreError> {
        let damaged = |found: String| StoreError::Damaged {
            db: self.db(),
            found,
        };
        let mut reader = self.reader().await;
        let found: String = query_scalar("PRAGMA quick_check(1)")
            .fetch_one(&mut *reader)
            .await
            .map_err(|err| damaged(err.to_string()))?;
        if found != "ok" {
            return Err(damaged(found));
        }
        let live = query("SELECT 1 FROM z_live_runs")
            .fetch_optional(&mut *reader)
            .await
            .map_err(failed("look for runs"))?;
        if live.is_some() {
            let holder = holder(&self.path).await;
            return Err(StoreError::Locked {
                db: self.db(),
                holder,
            });
        }
        let casts: i64 = query_scalar("SELECT count(*) FROM stored_casts")
            .fetch_one(&mut *reader)
            .await
            .map_err(failed("count the casts"))?;
        Ok(count(casts))
    }

    /// When the last request was sent, to any endpoint.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the database cannot be read.
    pub(in crate::store) async fn last_request(&self) -> Result<Option<SystemTime>, StoreError> {
        let last: Option<i64> = query_scalar("SELECT max(last_start_ms) FROM endpoints")
            .fetch_one(&mut *self.reader().await)
            .await
            .map_err(failed("read the time of the last request"))?;
        let last = last.filter(|last| *last > 0);
        Ok(last.map(|last| UNIX_EPOCH + Duration::from_millis(count(last))))
    }

    /// Whether there is a rescue file: results that an earlier run could not store, and that the next run imports.
    #[must_use]
    pub(in crate::store) fn rescue_waits(&self) -> bool {
        beside(&self.path, rescue::NAME).exists()
    }
}
