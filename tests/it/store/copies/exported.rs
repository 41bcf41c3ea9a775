//! `export -o copy.db` from a server: a database file with the cast, or with some of its characters, also during a run.

use super::{asked, cast, done, outputs, sqlite, stored};
use crate::fake::{Answer, Fake, Step, Switch};
use crate::harness::postgres;
use crate::harness::{Folder, finished, sheet_of, wait_for};

#[test]
fn a_cast_of_a_server_becomes_a_file_that_nothing_is_left_beside() {
    let Some(server) = postgres::database() else {
        return;
    };
    let (folder, fake) = cast();
    done(&folder, &format!("casts copy cast --to {}", server.url));
    let before = folder.files();
    done(
        &folder,
        &format!("--db {} export --gone -o whole.db", server.url),
    );
    let mut after = folder.files();
    after.retain(|file| !before.contains(file));
    assert_eq!(after, ["whole.db"]);
    assert_eq!(stored(&folder, "whole.db"), stored(&folder, "backstory.db"));
    assert_eq!(
        outputs(&folder, "whole.db"),
        outputs(&folder, "backstory.db")
    );
    let requests = fake.asked().len();
    let resume = format!(
        "--db whole.db resume --base-url {} --rate unlimited",
        fake.url()
    );
    assert_eq!(folder.run(&resume).code, 1);
    assert_eq!(fake.asked().len(), requests + 1);
}

#[test]
fn a_selection_of_a_server_is_the_same_as_one_of_a_file() {
    let Some(server) = postgres::database() else {
        return;
    };
    let (folder, _fake) = cast();
    done(&folder, &format!("casts copy cast --to {}", server.url));
    for selection in [
        "--status done",
        "--gone --name e",
        "--name nobody",
        "--limit 1",
    ] {
        done(&folder, &format!("export -o file.db {selection}"));
        done(
            &folder,
            &format!("--db {} export -o server.db {selection}", server.url),
        );
        // A take whose original is left out is no copy any more. Only the copy of a file forgets nothing of that.
        let orphans = "UPDATE stored_takes SET copied_from = NULL WHERE copied_from NOT IN (SELECT id FROM stored_takes)";
        sqlite(&folder, "file.db", orphans);
        assert_eq!(
            stored(&folder, "server.db"),
            stored(&folder, "file.db"),
            "{selection}"
        );
        let files = folder.files().into_iter();
        for file in files.filter(|it| it.starts_with("file.db") || it.starts_with("server.db")) {
            std::fs::remove_file(folder.path(&file)).expect("removed");
        }
    }
}

#[test]
fn a_copy_made_during_a_run_has_its_requests_in_flight_as_interrupted() {
    let Some(server) = postgres::database() else {
        return;
    };
    let folder = Folder::with_sheet(&sheet_of(3));
    let (reached, go_on) = (Switch::default(), Switch::default());
    let (at_each, until) = (reached.clone(), go_on.clone());
    let fake = Fake::start(move |asked| {
        if asked.nth == 0 {
            return Answer::story("It| ends.");
        }
        let reached = Step::Reached(at_each.clone());
        let held = Answer::begun().event("It").then(reached);
        held.then(Step::Until(until.clone()))
            .event(" ends.")
            .ended()
    });
    let switches = format!(
        "--db {} --price-per-request 0.5 --progress json",
        server.url
    );
    let mut run = folder.start(&fake, &switches);
    wait_for(&mut run, "character_done");
    reached.wait(2);
    done(&folder, &format!("--db {} export -o copy.db", server.url));
    go_on.on();
    assert_eq!(finished(run).code, 0);
    assert_eq!(
        asked(
            &folder,
            "copy.db",
            "select done, pending, running, requests, maybe_charged, cost, cost_maybe from casts"
        ),
        r#"[{"done":1,"pending":2,"running":0,"requests":3,"maybe_charged":2,"cost":0.5,"cost_maybe":1.0}]"#
    );
    let outcomes = "select group_concat(outcome) as all_of_them from attempts";
    assert_eq!(
        asked(&folder, "copy.db", outcomes),
        r#"[{"all_of_them":"ok,interrupted,interrupted"}]"#
    );
    let live = "select count(*) as n from runs where ended_ms is null";
    assert_eq!(asked(&folder, "copy.db", live), r#"[{"n":0}]"#);
}
