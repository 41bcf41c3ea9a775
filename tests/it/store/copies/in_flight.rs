//! What killed runs had in flight is pending in a copy, and counted as interrupted.

use super::{asked, done};
use crate::fake::{Answer, Fake, Step, Switch};
use crate::harness::postgres::{self, INVARIANTS};
use crate::harness::{Folder, killed, sheet_of, wait_for};

/// A folder with a cast of three, on which a run was killed that had one story and two requests in flight.
fn killed_run(db: &str) -> Folder {
    let folder = Folder::with_sheet(&sheet_of(3));
    let (reached, never) = (Switch::default(), Switch::default());
    let at_each = reached.clone();
    let fake = Fake::start(move |asked| {
        if asked.nth == 0 {
            return Answer::story("It| ends.");
        }
        let reached = Step::Reached(at_each.clone());
        Answer::begun()
            .event("It")
            .then(reached)
            .then(Step::Until(never.clone()))
    });
    let switches = format!("--db {db} --price-per-request 0.5 --progress json");
    let mut run = folder.start(&fake, &switches);
    wait_for(&mut run, "character_done");
    reached.wait(2);
    killed(run);
    folder
}

const COUNTS: &str =
    "select done, pending, running, requests, maybe_charged, cost, cost_maybe from casts";
const OUTCOMES: &str = "select row, outcome, error from attempts order by row";

fn is_recovered(folder: &Folder, db: &str) {
    assert_eq!(
        asked(folder, db, COUNTS),
        r#"[{"done":1,"pending":2,"running":0,"requests":3,"maybe_charged":2,"cost":0.5,"cost_maybe":1.0}]"#
    );
    let error = "the run ended while the request was in flight";
    assert_eq!(
        asked(folder, db, OUTCOMES),
        format!(
            r#"[{{"row":1,"outcome":"ok","error":null}},{{"row":2,"outcome":"interrupted","error":"{error}"}},{{"row":3,"outcome":"interrupted","error":"{error}"}}]"#
        )
    );
}

#[test]
fn what_a_killed_run_had_in_flight_is_pending_in_the_copy() {
    let folder = killed_run("backstory.db");
    done(&folder, "casts copy cast --to copy.db");
    is_recovered(&folder, "copy.db");
    let Some(server) = postgres::database() else {
        return;
    };
    done(&folder, &format!("casts copy cast --to {}", server.url));
    server.execute(INVARIANTS);
    is_recovered(&folder, &server.url);
}

#[test]
fn what_a_killed_run_on_a_server_had_in_flight_is_pending_in_the_copy() {
    let Some(server) = postgres::database() else {
        return;
    };
    let folder = killed_run(&server.url);
    done(
        &folder,
        &format!("--db {} casts copy cast --to copy.db", server.url),
    );
    is_recovered(&folder, "copy.db");
    let held = "select count(*) as n from stored_characters where run_id is not null";
    assert_eq!(asked(&folder, "copy.db", held), r#"[{"n":0}]"#);
}
