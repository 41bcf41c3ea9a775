//! Cleans up after dead runs: their attempts become `interrupted` and their characters pending.
//!
//! A run is dead when its lease has ended, by the clock of the server. A process of this machine that no longer exists is known to be
//! dead before that. Any process may clean up; a run that is storing something at this moment is left alone. A run that was only frozen
//! or cut off goes on when it comes back, with what it has got in the meantime.

use super::session::Limits;
use super::{Postgres, count};
use crate::store::StoreError;
use crate::store::process::{is_alive, this_place};
use sqlx::{Row, query};

impl Postgres {
    /// Frees what dead runs hold. Returns how many requests were in flight.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the server cannot be reached, or another change was in the way; nothing has changed then.
    pub(super) async fn recover(&self) -> Result<u64, StoreError> {
        let doing = "clean up after dead runs";
        let mut tx = self.writer.write(Limits::Group).await?;
        let place = this_place();
        let mut dead: Vec<i64> = Vec::new();
        if !place.is_empty() {
            let here = query("SELECT id, pid FROM runs WHERE ended_ms IS NULL AND place = $1");
            let here = tx.rows(doing, here.bind(place)).await?;
            let gone = here.iter().filter(|row| !is_alive(row.get(1)));
            dead.extend(gone.map(|row| row.get::<i64, _>(0)));
        }
        let freed = query("SELECT recover_runs($1)").bind(dead);
        let freed = tx.value::<i64>(doing, freed).await?;
        tx.commit(doing).await?;
        Ok(count(freed.unwrap_or_default()))
    }
}
