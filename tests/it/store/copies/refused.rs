//! A copy that cannot be made leaves the target as it was.

use super::{cast, done, sqlite, stored};
use crate::fake::{Answer, Fake, Step, Switch};
use crate::harness::postgres::{self, Database};
use crate::harness::{Folder, finished, sheet_of};

/// A service that holds its stories back until the second switch is on; the first one is on at each request.
fn holding() -> (Fake, Switch, Switch) {
    let (reached, go_on) = (Switch::default(), Switch::default());
    let (arrived, until) = (reached.clone(), go_on.clone());
    let fake = Fake::start(move |_| {
        Answer::begun()
            .event("It ends.")
            .then(Step::Reached(arrived.clone()))
            .then(Step::Until(until.clone()))
            .ended()
    });
    (fake, reached, go_on)
}

/// Asserts that a command ends with this code and these words, and that the folder has the same files after it.
fn refused(folder: &Folder, line: &str, code: i32, words: &str) {
    // A database that is looked at and refused may leave its log, which is empty.
    let files = || {
        let mut files = folder.files();
        files.retain(|file| !file.ends_with("-wal") && !file.ends_with("-shm"));
        files
    };
    let before = files();
    let ran = folder.run(line);
    assert_eq!(ran.code, code, "{line}: {}", ran.err);
    assert!(ran.err.contains(words), "{line}: {}", ran.err);
    assert!(ran.err.contains("\nhint: "), "{line}: {}", ran.err);
    assert_eq!(files(), before, "{line}");
}

fn casts_on(server: &Database) -> String {
    server.ask("SELECT coalesce(string_agg(name, ','), '') FROM stored_casts")
}

#[test]
fn a_cast_that_does_not_exist_makes_no_target() {
    let (folder, _fake) = cast();
    refused(
        &folder,
        "casts copy nobody --to copy.db",
        2,
        "there is no cast `nobody`",
    );
    let ran = folder.run("--db none.db casts copy cast --to copy.db");
    assert_eq!(ran.code, 2, "{}", ran.err);
    refused(
        &folder,
        "casts copy cast --to postgres://a@b/c?pooler=session",
        2,
        "not the address of a database",
    );
    let ran = folder.run("casts copy cast");
    assert_eq!(ran.code, 2, "{}", ran.err);
}

#[test]
fn a_target_with_a_cast_of_that_name_is_not_changed() {
    let (folder, _fake) = cast();
    done(&folder, "casts copy cast --to copy.db");
    let before = stored(&folder, "copy.db");
    let words = "there is a cast `cast` in `copy.db` already";
    refused(&folder, "casts copy cast --to copy.db", 2, words);
    assert_eq!(stored(&folder, "copy.db"), before);
    done(&folder, "--db copy.db casts rename cast old");
    done(&folder, "casts copy cast --to copy.db");
    let Some(server) = postgres::database() else {
        return;
    };
    let copy = format!("casts copy cast --to {}", server.url);
    done(&folder, &copy);
    refused(&folder, &copy, 2, "there is a cast `cast` in `postgres://");
    assert_eq!(casts_on(&server), "cast");
}

#[test]
fn a_database_is_not_copied_into_itself() {
    let (folder, _fake) = cast();
    let words = "is the database that the cast is in";
    for to in ["backstory.db", "./backstory.db"] {
        refused(&folder, &format!("casts copy cast --to {to}"), 2, words);
    }
    std::os::unix::fs::symlink(folder.path("backstory.db"), folder.path("link.db"))
        .expect("a link");
    refused(&folder, "casts copy cast --to link.db", 2, words);
    let Some(server) = postgres::database() else {
        return;
    };
    done(&folder, &format!("casts copy cast --to {}", server.url));
    let other_way = server.url.replace("127.0.0.1", "localhost");
    let line = format!("--db {} casts copy cast --to {other_way}", server.url);
    refused(&folder, &line, 2, words);
    assert_eq!(casts_on(&server), "cast");
}

#[test]
fn a_cast_with_a_live_run_is_not_copied() {
    let folder = Folder::with_sheet(&sheet_of(1));
    let (fake, reached, go_on) = holding();
    let run = folder.start(&fake, "");
    reached.wait(1);
    refused(
        &folder,
        "casts copy cast --to copy.db",
        3,
        "another run is working on",
    );
    go_on.on();
    assert_eq!(finished(run).code, 0);
    done(&folder, "casts copy cast --to copy.db");
}

#[test]
fn a_cast_of_a_server_with_a_live_run_is_not_copied() {
    let Some(server) = postgres::database() else {
        return;
    };
    let folder = Folder::with_sheet(&sheet_of(1));
    let (fake, reached, go_on) = holding();
    let run = folder.start(&fake, &format!("--db {}", server.url));
    reached.wait(1);
    let copy = format!("--db {} casts copy cast --to copy.db", server.url);
    refused(&folder, &copy, 3, "another run is working on");
    go_on.on();
    assert_eq!(finished(run).code, 0);
    done(&folder, &copy);
}

#[test]
fn a_file_on_which_a_run_works_gets_no_copy() {
    let (folder, _fake) = cast();
    let other = Folder::with_sheet(&sheet_of(1));
    let (fake, reached, go_on) = holding();
    let db = folder.path("copy.db");
    let run = other.start(&fake, &format!("--db {}", db.display()));
    reached.wait(1);
    let ran = folder.run("casts copy cast --to copy.db");
    assert_eq!(ran.code, 3, "{}", ran.err);
    go_on.on();
    assert_eq!(finished(run).code, 0);
}

#[test]
fn a_newer_target_is_not_changed() {
    let (folder, _fake) = cast();
    let other = Folder::with_sheet(&sheet_of(1));
    done(&other, "run cast.csv --provider demo --limit 0");
    std::fs::copy(other.path("backstory.db"), folder.path("copy.db")).expect("copied");
    sqlite(
        &folder,
        "copy.db",
        "UPDATE _sqlx_migrations SET version = 999 WHERE version = 1",
    );
    refused(&folder, "casts copy cast --to copy.db", 3, "newer version");
    folder.write(
        "text.db",
        "not a database, but long enough to be one: ".repeat(40),
    );
    refused(
        &folder,
        "casts copy cast --to text.db",
        3,
        "is not a database of backstory",
    );
    let Some(server) = postgres::database() else {
        return;
    };
    done(
        &folder,
        &format!(
            "--db {} run cast.csv --provider demo --limit 0 --cast x",
            server.url
        ),
    );
    server.execute("INSERT INTO backstory.migrations VALUES (99, 'later', '9.9.9', 0)");
    refused(
        &folder,
        &format!("casts copy cast --to {}", server.url),
        3,
        "newer version",
    );
    assert_eq!(casts_on(&server), "x");
}

/// A trigger of the target, such as an administrator may have made, changes what is stored.
#[test]
fn a_copy_that_is_not_equal_is_not_kept() {
    let Some(server) = postgres::database() else {
        return;
    };
    let (folder, _fake) = cast();
    done(&folder, &format!("casts copy cast --to {}", server.url));
    done(
        &folder,
        &format!("--db {} casts forget cast --yes", server.url),
    );
    server.execute(
        "CREATE FUNCTION backstory.spoil() RETURNS trigger LANGUAGE plpgsql AS
             'BEGIN IF new.take = 2 THEN new.text := new.text || ''!''; END IF; RETURN new; END';
         CREATE TRIGGER spoil BEFORE INSERT ON backstory.stored_takes FOR EACH ROW EXECUTE FUNCTION backstory.spoil()",
    );
    let line = format!("casts copy cast --to {}", server.url);
    refused(&folder, &line, 3, "not equal to the original");
    assert_eq!(casts_on(&server), "");

    done(&folder, "casts copy cast --to copy.db");
    done(&folder, "--db copy.db casts forget cast --yes");
    sqlite(
        &folder,
        "copy.db",
        "CREATE TRIGGER lose AFTER INSERT ON stored_attempts WHEN new.outcome <> 'ok'
         BEGIN DELETE FROM stored_attempts WHERE character_id = new.character_id; END",
    );
    refused(
        &folder,
        "casts copy cast --to copy.db",
        3,
        "not equal to the original",
    );
    let ran = folder.run("--db copy.db casts");
    assert!(ran.err.contains("holds no cast"), "{}", ran.err);
}
