//! A full disk, a database that is locked, foreign, newer, damaged or removed; and rescue files.

use crate::fake::{Answer, Fake, Step, Switch, story_of};
use crate::harness::{Folder, Holder, finished, from_a_shell, needs, sheet_of};
use crate::witness::{Done, hold_to_the_invariants};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

/// The program under a limit on the size of files, in blocks of 1,024 bytes.
fn limited(folder: &Folder, fake: &Fake, blocks: u32) -> crate::harness::Ran {
    finished(from_a_shell(
        folder,
        fake,
        &format!("ulimit -f {blocks}"),
        "--progress none --price-per-request 0.01",
    ))
}

#[test]
fn a_full_disk_stops_the_run_and_every_paid_story_is_rescued() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(400)), Fake::telling());
    let ran = limited(&folder, &fake, 3_000);
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(
        ran.err
            .contains("in `backstory.db.rescue.jsonl`; the next run imports them"),
        "{}",
        ran.err
    );
    let mode = std::fs::metadata(folder.path("backstory.db.rescue.jsonl"))
        .expect("there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let asked = fake.asked().len();
    assert!(asked > 20 && asked < 400, "{asked}");
    let ran = folder.generate(&fake, "--price-per-request 0.01");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.err
            .contains("results that an earlier run could not save"),
        "{}",
        ran.err
    );
    assert!(
        !folder
            .files()
            .contains(&"backstory.db.rescue.jsonl".to_owned())
    );
    hold_to_the_invariants(
        &folder,
        &fake,
        &Done {
            rows: 400,
            concurrency: 3,
            kills: 0,
            rate: None,
        },
    );
    assert_eq!(fake.asked().len(), 400, "nothing was paid twice");
    let status = folder.status();
    assert_eq!(
        (&status["cost"], &status["cost_maybe"]),
        (&serde_json::json!(4), &serde_json::json!(0)),
        "and what was rescued is in the account"
    );
}

#[test]
#[cfg_attr(
    not(debug_assertions),
    ignore = "needs the crash points of a debug build"
)]
fn a_crash_after_a_rescue_file_was_imported_changes_nothing() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(400)), Fake::telling());
    assert_eq!(limited(&folder, &fake, 3_000).code, 3);
    let url = fake.url();
    let mut command =
        folder.command(["run", "cast.csv", "--base-url", &url, "--rate", "unlimited"]);
    let died = command
        .env("BACKSTORY_CRASH_AT", "rescued:1")
        .spawn()
        .expect("it starts");
    assert_eq!(finished(died).code, -9);
    assert_eq!(folder.generate(&fake, "").code, 0);
    hold_to_the_invariants(
        &folder,
        &fake,
        &Done {
            rows: 400,
            concurrency: 3,
            kills: 0,
            rate: None,
        },
    );
    assert_eq!(fake.asked().len(), 400);
}

#[test]
fn a_rescue_file_of_another_database_is_not_changed() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(400)), Fake::telling());
    assert_eq!(limited(&folder, &fake, 3_000).code, 3);
    let other = Folder::with_sheet(&sheet_of(2));
    assert_eq!(other.generate(&fake, "").code, 0);
    let rescued = folder.read("backstory.db.rescue.jsonl");
    other.write("backstory.db.rescue.jsonl", &rescued);
    let ran = other.generate(&fake, "");
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(
        ran.err.contains("holds stories of another database"),
        "{}",
        ran.err
    );
    assert_eq!(other.read("backstory.db.rescue.jsonl"), rescued);
    other.write("backstory.db.rescue.jsonl", "half a li");
    assert_eq!(other.generate(&fake, "").code, 3);
    assert_eq!(other.read("backstory.db.rescue.jsonl"), "half a li");
}

#[test]
fn a_database_that_another_program_writes_to_is_waited_for() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(3)), Fake::telling());
    assert_eq!(folder.generate(&fake, "--max-requests 1").code, 4);
    let Some(holder) = Holder::of(&folder) else {
        return;
    };
    let released = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(1_500));
        drop(holder);
    });
    assert_eq!(folder.generate(&fake, "").code, 0);
    released.join().expect("it lets go");
    assert_eq!(fake.asked().len(), 3);
}

#[test]
fn paths_where_no_database_can_be_are_refused_before_anything_is_sent() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(1)), Fake::telling());
    std::fs::create_dir(folder.path("folder")).expect("a folder");
    for db in ["folder", "nowhere/x.db"] {
        let ran = folder.generate(&fake, &format!("--db {db}"));
        assert_eq!(ran.code, 3, "{db}: {}", ran.err);
        assert!(
            ran.err
                .contains(&format!("cannot open the database `{db}`")),
            "{}",
            ran.err
        );
    }
    assert_eq!(fake.asked().len(), 0);
}

#[test]
fn a_database_of_a_newer_version_is_not_changed() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(1)), Fake::telling());
    assert_eq!(folder.generate(&fake, "").code, 0);
    let sql =
        "insert into _sqlx_migrations values (9999, 'future', current_timestamp, 1, x'00', 0)";
    let Some(sqlite3) = needs("sqlite3") else {
        return;
    };
    let done = Command::new(sqlite3)
        .arg(folder.path("backstory.db"))
        .arg(sql)
        .status();
    assert!(done.expect("it runs").success());
    for line in ["status", "run cast.csv --provider demo"] {
        let ran = folder.run(line);
        assert_eq!(ran.code, 3, "{line}: {}", ran.err);
        assert!(
            ran.err
                .contains("newer version of backstory: 0.1.0, this is 0.1.0"),
            "{}",
            ran.err
        );
    }
}

#[test]
fn a_database_of_another_program_is_not_changed() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(1)), Fake::telling());
    let sql = "create table notes (words); insert into notes values ('mine')";
    let Some(sqlite3) = needs("sqlite3") else {
        return;
    };
    let done = Command::new(sqlite3)
        .arg(folder.path("backstory.db"))
        .arg(sql)
        .status();
    assert!(done.expect("it runs").success());
    let before = std::fs::read(folder.path("backstory.db")).expect("there");
    for ran in [folder.run("status"), folder.generate(&fake, "")] {
        assert_eq!(ran.code, 3, "{}", ran.err);
        assert!(
            ran.err.contains("is not a database of backstory"),
            "{}",
            ran.err
        );
    }
    assert_eq!(
        std::fs::read(folder.path("backstory.db")).expect("there"),
        before
    );
    assert_eq!(fake.asked().len(), 0);
}

#[test]
fn a_corrupt_page_of_the_database_stops_the_run() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(3_000)), Fake::telling());
    assert_eq!(folder.generate(&fake, "--max-requests 1").code, 4);
    let mut bytes = std::fs::read(folder.path("backstory.db")).expect("there");
    // Most pages of the database are damaged, so that the next read fails.
    let end = bytes.len() - 4_096;
    for at in (8 * 4_096..end).step_by(4_096) {
        bytes[at..at + 64].fill(0xA5);
    }
    folder.write("backstory.db", &bytes);
    let ran = folder.run(&format!(
        "resume --rate unlimited --base-url {}",
        fake.url()
    ));
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.err.contains("malformed"), "{}", ran.err);
    assert_eq!(fake.asked().len(), 1);
}

#[test]
fn stories_rescued_to_another_folder_are_imported_too() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(400)), Fake::telling());
    std::fs::create_dir(folder.path("elsewhere")).expect("a folder");
    // No file of that name can be written next to the database.
    std::os::unix::fs::symlink("nowhere/x", folder.path("backstory.db.rescue.jsonl"))
        .expect("a link");
    let ran = finished(from_a_shell(
        &folder,
        &fake,
        "export TMPDIR=elsewhere; ulimit -f 3000",
        "--progress none",
    ));
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.err.contains("in `elsewhere/backstory-"), "{}", ran.err);
    let ran = finished(from_a_shell(
        &folder,
        &fake,
        "export TMPDIR=elsewhere",
        "--progress none",
    ));
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(fake.asked().len(), 400, "nothing was paid twice");
    hold_to_the_invariants(
        &folder,
        &fake,
        &Done {
            rows: 400,
            concurrency: 3,
            kills: 0,
            rate: None,
        },
    );
}

/// A service, and how many stories it has sent.
fn counting() -> (Fake, Switch) {
    let sent = Switch::default();
    let counted = sent.clone();
    let fake = Fake::start(move |asked| {
        Answer::begun()
            .event(&story_of(&asked.name))
            .ended()
            .then(Step::Reached(counted.clone()))
    });
    (fake, sent)
}

#[test]
fn a_database_that_is_removed_or_replaced_during_the_run_stops_it() {
    for (nth, what) in ["removed", "replaced", "its lock removed"]
        .iter()
        .enumerate()
    {
        let folder = Folder::with_sheet(&sheet_of(400));
        let (fake, sent) = counting();
        let other = Folder::with_sheet(&sheet_of(1));
        assert_eq!(other.generate(&fake, "").code, 0);
        let run = folder.start(&fake, "--progress none --rate 200/s");
        // One story is the other folder's.
        sent.wait(21);
        match nth {
            0 => std::fs::remove_file(folder.path("backstory.db")),
            1 => std::fs::rename(other.path("backstory.db"), folder.path("backstory.db")),
            _ => std::fs::remove_file(folder.path("backstory.db.lock")),
        }
        .expect("it was there");
        let ran = finished(run);
        assert_eq!(ran.code, 3, "{what}: {}", ran.err);
        let words = "error: `backstory.db` or its lock was removed or replaced during the run";
        assert!(ran.err.contains(words), "{what}: {}", ran.err);
        assert!(fake.asked().len() < 400, "{what}");
        if nth == 1 {
            // The log of the run does not damage the new file.
            let listed = folder.run("list");
            assert_eq!(listed.code, 0, "{}", listed.err);
            assert_eq!(listed.out.lines().count(), 1, "{}", listed.out);
        }
    }
}

#[test]
fn all_paths_of_a_database_share_one_lock() {
    let folder = Folder::with_sheet(&sheet_of(200));
    let (fake, sent) = counting();
    let run = folder.start(&fake, "--progress none --rate 100/s");
    sent.wait(5);
    std::os::unix::fs::symlink("backstory.db", folder.path("link.db")).expect("a link");
    let second = folder.generate(&fake, "--db link.db");
    assert_eq!(second.code, 3, "{}", second.err);
    assert!(
        second.err.contains("another run is working on"),
        "{}",
        second.err
    );
    assert_eq!(finished(run).code, 0);
    assert_eq!(fake.asked().len(), 200);
}
