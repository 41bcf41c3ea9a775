//! Checks a server before a run: version, rights, tables, clock, a rescue file.

use super::connect::Server;
use super::migrate::Contents;
use super::session::{Limits, Session, Transaction};
use super::{Postgres, count, rescue};
use crate::store::{Examined, ExaminedServer, ServerAddress, StoreError, Tables};
use sqlx::postgres::PgRow;
use sqlx::{Row, query};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// The oldest version of the server that has everything this store uses, and that is tested.
const OLDEST: i32 = 140_000;

/// How many statements the round trip is measured with.
const TRIPS: usize = 5;

impl Postgres {
    /// Looks at the server without changing it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the server cannot be read, is too old or only reads, when the role may not do what a run does, and when
    /// the tables are another program's or newer than this program.
    pub(in crate::store) async fn examine(address: &ServerAddress) -> Result<Examined, StoreError> {
        let server = Server::new(address)?;
        let db = server.db.clone();
        let session = Session::new(server);
        let mut tx = session.read(Limits::Short).await?;
        let version = version(&mut tx).await?;
        let (round_trip, clock_ahead_ms) = clock(&mut tx).await?;
        let may_create = may_create(&mut tx).await?;
        let may_use = may_use(&mut tx).await?;
        tx.finish().await;
        let denied = |doing| StoreError::Denied {
            db: db.clone(),
            doing,
            source: "the role does not have the right".into(),
        };
        if may_use == Some(false) {
            return Err(denied("use the schema `backstory`"));
        }
        let tables = match Self::identify(&session).await? {
            Contents::Nothing if !may_create => {
                return Err(denied("create the schema `backstory`"));
            }
            Contents::Nothing => Tables::Absent,
            Contents::Older => Tables::Older,
            Contents::Ours => Tables::Current,
        };
        let mut examined = Examined {
            casts: 0,
            rescue_waits: false,
            server: Some(ExaminedServer {
                version,
                round_trip,
                clock_ahead_ms,
                tables,
                workers: 0,
            }),
        };
        if tables == Tables::Current {
            let mut tx = session.read(Limits::Short).await?;
            if !may_write(&mut tx).await? {
                return Err(denied("insert, update and delete rows"));
            }
            let found = contents(&mut tx).await?;
            tx.finish().await;
            examined.casts = count(found.get(0));
            examined.rescue_waits = !rescue::files(found.get(1)).is_empty();
            if let Some(server) = &mut examined.server {
                server.workers = count(found.get(2));
            }
        }
        Ok(examined)
    }

    pub(in crate::store) async fn last_request(&self) -> Result<Option<SystemTime>, StoreError> {
        let last = query("SELECT max(last_start_ms) FROM endpoints");
        let mut tx = self.reader.read(Limits::Short).await?;
        let last: Option<Option<i64>> = tx.value("read the time of the last request", last).await?;
        tx.finish().await;
        let last = last.flatten().filter(|last| *last > 0);
        Ok(last.map(|last| UNIX_EPOCH + Duration::from_millis(count(last))))
    }
}

/// The version of the server.
///
/// # Errors
///
/// [`StoreError::Failed`] when it is too old, or a standby, which takes no changes.
async fn version(tx: &mut Transaction<'_>) -> Result<String, StoreError> {
    let doing = "look at the server";
    let about = query(
        "SELECT current_setting('server_version_num')::int, current_setting('server_version'), pg_is_in_recovery()",
    );
    let about = tx.row(doing, about).await?;
    let about = about.ok_or(StoreError::Impossible { what: "version" })?;
    let version: String = about.get(1);
    let refused = |reason: String| StoreError::Failed {
        doing: "change the tables",
        source: reason.into(),
    };
    if about.get::<i32, _>(0) < OLDEST {
        return Err(refused(format!(
            "the server is PostgreSQL {version}, and 14 or newer is needed"
        )));
    }
    if about.get(2) {
        return Err(refused(
            "the server is a standby, which only reads".to_owned(),
        ));
    }
    // Packages add their own name: `15.8 (Debian 15.8-0+deb12u1)`.
    let number = version.split_whitespace().next();
    Ok(number.unwrap_or(&version).to_owned())
}

/// The fastest round trip of some, and by how many milliseconds the server's clock was ahead in the middle of it.
async fn clock(tx: &mut Transaction<'_>) -> Result<(Duration, i64), StoreError> {
    let mut fastest = (Duration::MAX, 0);
    for _ in 0..TRIPS {
        let (begun, ours) = (Instant::now(), SystemTime::now());
        let theirs = query("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint");
        let theirs: Option<i64> = tx.value("read the clock of the server", theirs).await?;
        let took = begun.elapsed();
        let middle = ours + took / 2;
        let ours = middle.duration_since(UNIX_EPOCH).unwrap_or_default();
        let ours = i64::try_from(ours.as_millis()).unwrap_or(i64::MAX);
        fastest = fastest.min((took, theirs.unwrap_or(ours).saturating_sub(ours)));
    }
    Ok(fastest)
}

async fn may_create(tx: &mut Transaction<'_>) -> Result<bool, StoreError> {
    let may = query("SELECT has_database_privilege(current_database(), 'CREATE')");
    let may = tx.value("read the rights", may).await?;
    Ok(may.unwrap_or(false))
}

/// Whether the role may use the schema; `None` where there is none.
async fn may_use(tx: &mut Transaction<'_>) -> Result<Option<bool>, StoreError> {
    let may = query(
        "SELECT has_schema_privilege(oid, 'USAGE') FROM pg_catalog.pg_namespace WHERE nspname = 'backstory'",
    );
    tx.value("read the rights", may).await
}

/// Whether the role may do with each table what a run does.
async fn may_write(tx: &mut Transaction<'_>) -> Result<bool, StoreError> {
    let may = query(
        "SELECT bool_and(has_table_privilege(c.oid, r.right_name))
         FROM pg_catalog.pg_class c
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         CROSS JOIN (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE')) r (right_name)
         WHERE n.nspname = 'backstory' AND c.relkind = 'r'
             AND c.relname IN ('endpoints', 'recipes', 'stored_casts', 'runs', 'stored_characters', 'stored_takes',
                 'stored_attempts', 'search_documents')",
    );
    let may = tx.value("read the rights", may).await?;
    Ok(may.unwrap_or(false))
}

/// How many casts there are, the identity of the database, and how many runs are alive.
async fn contents(tx: &mut Transaction<'_>) -> Result<PgRow, StoreError> {
    let found = query(
        "SELECT (SELECT count(*) FROM stored_casts), (SELECT id FROM identity), (SELECT count(*) FROM z_live_runs)",
    );
    let found = tx.row("count the casts", found).await?;
    found.ok_or(StoreError::Impossible { what: "count" })
}
