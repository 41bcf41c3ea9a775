//! Hints for an error of the database.

use crate::domain::shown::shown;
use crate::store::{StoreError, Trouble};

/// The hint; `None` if the error needs none.
pub(in crate::cli) fn hint(err: &StoreError) -> Option<String> {
    let hint = match err {
        StoreError::Absent { .. } => {
            "`backstory run SHEET` creates it; `--db FILE` chooses another database"
        }
        StoreError::NoCast { .. } => {
            "`backstory run SHEET` adds one; `--db FILE` chooses another database"
        }
        StoreError::SeveralCasts { .. } => "choose one with `--cast NAME`",
        StoreError::UnknownCast { casts, .. } => {
            let casts: Vec<_> = casts.iter().map(|cast| shown(cast)).collect();
            return Some(format!("it holds: {}", casts.join(", ")));
        }
        StoreError::CastExists { .. } => "choose another name; `backstory casts` lists them",
        StoreError::Foreign { .. } => {
            "choose another file with `--db FILE`; this one was not changed"
        }
        StoreError::Newer { .. } => "update backstory; the database was not changed",
        StoreError::Older { .. } => {
            "wait for the run that uses it, or copy it to a folder where you can write; it was not changed"
        }
        StoreError::Damaged { db, .. } => return Some(about_damage(&shown(db))),
        StoreError::Locked { .. } => {
            "wait for it, or stop it; `list`, `show` and `view` work in the meantime"
        }
        StoreError::Replaced { db } => return Some(about_another_file(&shown(db))),
        StoreError::Removed { .. } => "put it back; otherwise its stories must be generated again",
        StoreError::Rescue { .. } => "repair the file, or move it away; it was not changed",
        StoreError::RescueElsewhere { .. } => {
            "move it next to its own database, named after that one; it was not changed"
        }
        StoreError::Unusable { .. } => err.trouble().map_or(
            "check the path, and that you can write there",
            about_trouble,
        ),
        StoreError::Failed { .. } => about_trouble(err.trouble()?),
        StoreError::CopyDiffers => {
            "the target was not changed; check the disk and the database (`backstory check`), then run the same command"
        }
        StoreError::Address { .. } => {
            "an address looks like `postgres://USER@HOST/DATABASE`; the password can be in `PGPASSWORD` or `~/.pgpass`"
        }
        StoreError::Away { .. } => {
            "check that the server is running and that its address is right, then run the same command"
        }
        StoreError::Refused { .. } => {
            "check user, password (`PGPASSWORD` or `~/.pgpass`) and database; for its certificate, `sslrootcert` and `sslmode`"
        }
        StoreError::Uncertain { .. } => "run the same command: it continues with what was stored",
        StoreError::Pooler { .. } => {
            "add `?pooler=transaction` to the address; nothing wrong was stored"
        }
        StoreError::Denied { .. } => {
            "ask the owner of the database for that right, or use an address with another role"
        }
        StoreError::Impossible { .. } | StoreError::Statement { .. } => return None,
    };
    Some(hint.to_owned())
}

fn about_damage(db: &str) -> String {
    format!(
        "save what can be read: `sqlite3 {db} .recover | sqlite3 saved.db`; if the file was moved here while another program used the old \
         one, first close that program and move `{db}-wal` and `{db}-shm` away"
    )
}

fn about_another_file(db: &str) -> String {
    format!(
        "nothing was changed; run the command again to use the file that is there now. If that one cannot be read, close the programs \
         that use the old one and move `{db}-wal` and `{db}-shm` away"
    )
}

fn about_trouble(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::InUse => {
            "another program is writing to it; run the command again when that is done"
        }
        Trouble::ReadOnly => "it is read-only here; copy it to a folder where you can write",
        Trouble::Malformed => {
            "if the file was moved here while another program used the old one, close that program and move `FILE-wal` and `FILE-shm` away; \
             else restore a copy, or save what can be read: `sqlite3 FILE .recover | sqlite3 NEW`"
        }
        Trouble::Full => "free some space on the disk, then run the same command",
    }
}
