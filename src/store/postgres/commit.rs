//! Stores one group in one transaction: settles the ended attempts, claims characters and inserts their attempts, renews the lease.
//!
//! While the database is away, a commit goes on trying until the patience of the run is over. A COMMIT whose answer was lost may have
//! happened, so the commit then asks what became of the group before it sends anything again; see `doubt.rs`. So nothing is settled
//! twice, and no claim is forgotten.

use super::Postgres;
use super::doubt::resolve;
use super::group::{carry_out, excepted};
use super::progress::Progress;
use super::run::PostgresRun;
use super::session::Limits;
use super::trouble::is_conflict;
use super::values::millis;
use crate::store::{Committed, Group, Held, NextCharacters, StoreError, Stored, lease};
use sqlx::{Row, query};
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

/// The pause between two tries while the database is away; connecting has pauses of its own.
const PAUSE: Duration = Duration::from_millis(500);

/// How often a group is tried again after a conflict with another transaction.
const CONFLICTS_MAX: u32 = 20;

/// The pause after that, times the number of tries so far.
const AFTER_CONFLICT: Duration = Duration::from_millis(10);

/// How long a commit may still take when the user wants to stop at once.
const HURRY: Duration = Duration::from_secs(3);

/// The shortest time between two searches for dead runs.
const RECOVER_EVERY: Duration = Duration::from_secs(1);

/// What the tries of one commit have found out.
#[derive(Default)]
struct Tries {
    /// Whether the last group that was sent is the one of this commit.
    is_sent: bool,
    /// What an earlier commit, which failed, has stored of the results of this group.
    known: Vec<Stored>,
}

/// Stores `group` for `run`, all of it or nothing.
///
/// # Errors
///
/// [`StoreError`] when the database was away until the patience of the run was over, or when trying again does not help. The next
/// commit finds out whether this one was stored.
pub(super) async fn commit(run: &PostgresRun, group: Group<'_>) -> Result<Committed, StoreError> {
    let mut progress = run.progress.lock().await;
    let mut hurry = run.hurry.subscribe();
    let mut conflicts = 0;
    let mut tries = Tries::default();
    loop {
        let answer = try_once(run, &mut progress, &group, &mut tries);
        let err = tokio::select! {
            stored = answer => match stored {
                Ok(committed) => {
                    progress.away_since = None;
                    return Ok(committed);
                }
                Err(err) => err,
            },
            // Dropping a try leaves the group uncertain, which the next commit resolves.
            () = too_long(&mut hurry) => return Err(too_slow(run)),
        };
        if is_conflict(&err) && conflicts < CONFLICTS_MAX {
            conflicts += 1;
            sleep(AFTER_CONFLICT * conflicts).await;
            continue;
        }
        let away = matches!(err, StoreError::Away { .. } | StoreError::Uncertain { .. });
        let since = *progress.away_since.get_or_insert_with(Instant::now);
        if !away || since.elapsed() + PAUSE > run.patience || *hurry.borrow() {
            return Err(err);
        }
        let _ = timeout(PAUSE, hurry.wait_for(|hurry| *hurry)).await;
    }
}

/// Waits until the user wants to stop at once, and then a little longer.
async fn too_long(hurry: &mut watch::Receiver<bool>) {
    if hurry.wait_for(|hurry| *hurry).await.is_err() {
        std::future::pending::<()>().await;
    }
    sleep(HURRY).await;
}

fn too_slow(run: &PostgresRun) -> StoreError {
    StoreError::Away {
        db: run.db.db.clone(),
        source: Box::new(std::io::Error::from(std::io::ErrorKind::TimedOut)),
    }
}

/// Tries to store the group; first asks what became of the last one, where that is not known.
async fn try_once(
    run: &PostgresRun,
    progress: &mut Progress,
    group: &Group<'_>,
    tries: &mut Tries,
) -> Result<Committed, StoreError> {
    if progress.is_uncertain {
        let resolved = resolve(run, progress, group, tries.is_sent).await?;
        progress.is_uncertain = false;
        match resolved {
            Some(found) if tries.is_sent => {
                progress.stored(group, &found);
                return Ok(found);
            }
            Some(found) => tries.known = found.settled,
            None => {}
        }
    }
    if let Some(next) = look(group)
        && progress.renewed.elapsed() < lease::RENEWED_EVERY
    {
        return look_for(run, progress, next).await;
    }
    let mut committed = send(run, progress, group, tries).await?;
    // What is stored already is not stored again.
    for (settled, known) in committed.settled.iter_mut().zip(&tries.known) {
        if *settled == Stored::NotOurs {
            *settled = *known;
        }
    }
    progress.stored(group, &committed);
    let over = committed.over_budget;
    if over.is_some_and(|over| over.held == Held::ByOthers) && is_time_to_recover(progress) {
        // A dead run may be among them. The group is stored whatever becomes of this; it is tried again.
        let _ = Postgres::recover(&run.db).await;
    }
    match look(group) {
        Some(next) if committed.is_shared => look_for(run, progress, next).await,
        _ => Ok(committed),
    }
}

/// Sends the group under the next number.
async fn send(
    run: &PostgresRun,
    progress: &mut Progress,
    group: &Group<'_>,
    tries: &mut Tries,
) -> Result<Committed, StoreError> {
    let mut tx = run.db.writer.write(Limits::Group).await?;
    let number = progress.number + 1;
    let borrowing = &mut progress.borrowing;
    let committed = carry_out(&mut tx, run, borrowing, number, group).await?;
    // From here on the group may be stored although no answer comes.
    (progress.number, progress.is_uncertain, tries.is_sent) = (number, true, true);
    let ended = tx.commit("store a group").await;
    progress.is_uncertain = matches!(ended, Err(StoreError::Uncertain { .. }));
    ended?;
    progress.renewed = Instant::now();
    Ok(committed)
}

/// What the group only looks for.
fn look<'g, 'a>(group: &'g Group<'a>) -> Option<&'g NextCharacters<'a>> {
    let is_alone = group.settlements.is_empty() && group.starts.is_empty();
    group
        .next
        .as_ref()
        .filter(|next| is_alone && next.most == 0)
}

/// Says whether there is anything to claim. Where other runs hold all that is left, what dead ones among them hold is freed first.
async fn look_for(
    run: &PostgresRun,
    progress: &mut Progress,
    next: &NextCharacters<'_>,
) -> Result<Committed, StoreError> {
    let found = look_once(run, next).await?;
    if !found.is_shared || !is_time_to_recover(progress) {
        return Ok(found);
    }
    Postgres::recover(&run.db).await?;
    look_once(run, next).await
}

/// Whether dead runs were not looked for lately. Then they are now.
fn is_time_to_recover(progress: &mut Progress) -> bool {
    let last = progress.recovered;
    let is_time = last.is_none_or(|last| last.elapsed() >= RECOVER_EVERY);
    if is_time {
        progress.recovered = Some(Instant::now());
    }
    is_time
}

async fn look_once(run: &PostgresRun, next: &NextCharacters<'_>) -> Result<Committed, StoreError> {
    let doing = "look for pending characters";
    let statement = query("SELECT has_pending($1, $2, $3, $4, $5), others_hold($1, $2, $4)")
        .bind(run.id.0)
        .bind(run.cast_id)
        .bind(next.after.0)
        .bind(&run.only)
        .bind(excepted(next));
    let mut tx = run.db.reader.read(Limits::Group).await?;
    let row = tx.row(doing, statement).await?;
    tx.finish().await;
    let (has_pending, others_hold) = row.map_or((false, false), |row| (row.get(0), row.get(1)));
    Ok(Committed {
        is_end: !has_pending,
        is_shared: !has_pending && others_hold,
        ..Committed::default()
    })
}
