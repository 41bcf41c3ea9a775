//! Creates the schema `backstory` on a server, and brings it up to date.
//!
//! All of it is one transaction under a lock that ends with it, so that two programs that start together do it once, also through a
//! transaction pooler, and so that a program that is killed leaves nothing half done. A schema that is newer than this program is
//! refused and not changed.

use super::Postgres;
use super::session::{Limits, Session, Transaction};
use crate::store::StoreError;
use sqlx::{Row, query};
use std::cmp::Ordering;

/// The key of the lock; the same for all programs, whatever their version: `bcks`.
const LOCK: i64 = 0x6263_6B73;

/// The steps, in order; the version of a step is its place in this list, from 1. A step is never edited once it is released.
const STEPS: [(&str, &str); 1] = [(
    "cast",
    include_str!("../../../migrations/postgres/0001_cast.sql"),
)];

/// What a database holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contents {
    /// No schema of this program.
    Nothing,
    /// Our schema, in the version of this program.
    Ours,
    /// Our schema, in an older version.
    Older,
}

impl Postgres {
    /// What the database holds, without changing it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Foreign`] when the schema is another program's; [`StoreError::Newer`] when it is newer than this program.
    pub(super) async fn identify(session: &Session) -> Result<Contents, StoreError> {
        let mut tx = session.read(Limits::Short).await?;
        let version = version(&mut tx, session.db()).await?;
        let contents = compare(&mut tx, session.db(), version).await?;
        tx.finish().await;
        Ok(contents)
    }

    /// Creates the schema if there is none, and brings it up to date.
    ///
    /// # Errors
    ///
    /// As [`Self::identify`], and [`StoreError::Denied`] when the role may not create the schema. Nothing has changed then.
    pub(super) async fn migrate(session: &Session) -> Result<(), StoreError> {
        if Self::identify(session).await? == Contents::Ours {
            return Ok(());
        }
        let doing = "bring the tables up to date";
        let mut tx = session.write(Limits::Long).await?;
        tx.execute(doing, query("SELECT pg_advisory_xact_lock($1)").bind(LOCK))
            .await?;
        // Another program may have done it in the meantime.
        let version = version(&mut tx, session.db()).await?;
        compare(&mut tx, session.db(), version).await?;
        if version == 0 {
            create(&mut tx).await?;
        }
        for (number, (name, sql)) in (1_i32..).zip(STEPS).filter(|(number, _)| *number > version) {
            tx.batch(doing, sql).await?;
            let done = query(
                "INSERT INTO migrations (version, name, program, applied_ms) VALUES ($1, $2, $3, backstory.now_ms())",
            );
            let done = done.bind(number).bind(name).bind(env!("CARGO_PKG_VERSION"));
            tx.execute(doing, done).await?;
        }
        tx.commit(doing).await
    }
}

/// Creates the schema and the list of its steps.
async fn create(tx: &mut Transaction<'_>) -> Result<(), StoreError> {
    let sql = "CREATE SCHEMA IF NOT EXISTS backstory";
    tx.batch("create the schema `backstory`", sql).await?;
    let sql = "CREATE TABLE backstory.migrations (
        version int PRIMARY KEY,
        name text NOT NULL,
        program text NOT NULL,
        applied_ms bigint NOT NULL
    )";
    tx.batch("create the tables", sql).await
}

/// The version of the schema; 0 where there is none.
async fn version(tx: &mut Transaction<'_>, db: &str) -> Result<i32, StoreError> {
    let doing = "read the version";
    // The catalogue can be read without any right to the schema.
    let found = query(
        "SELECT
             count(*) FILTER (WHERE c.relname = 'migrations') > 0,
             count(c.oid) > 0
         FROM pg_catalog.pg_namespace n LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid
         WHERE n.nspname = 'backstory'",
    );
    let found = tx.row(doing, found).await?;
    let (is_ours, has_tables) = found.map_or((false, false), |row| (row.get(0), row.get(1)));
    if !is_ours {
        return if has_tables {
            Err(StoreError::Foreign { db: db.to_owned() })
        } else {
            Ok(0)
        };
    }
    let newest = query("SELECT max(version) FROM backstory.migrations");
    let newest: Option<Option<i32>> = tx.value(doing, newest).await?;
    Ok(newest.flatten().unwrap_or(0))
}

async fn compare(tx: &mut Transaction<'_>, db: &str, version: i32) -> Result<Contents, StoreError> {
    let ours = i32::try_from(STEPS.len()).unwrap_or(i32::MAX);
    match version.cmp(&ours) {
        _ if version == 0 => Ok(Contents::Nothing),
        Ordering::Less => Ok(Contents::Older),
        Ordering::Equal => Ok(Contents::Ours),
        Ordering::Greater => {
            let made_by =
                query("SELECT program FROM backstory.migrations ORDER BY version DESC LIMIT 1");
            let made_by = tx.value("read the version", made_by).await?;
            Err(StoreError::Newer {
                db: db.to_owned(),
                made_by: made_by.unwrap_or_else(|| "unknown".to_owned()),
                version: env!("CARGO_PKG_VERSION"),
            })
        }
    }
}
