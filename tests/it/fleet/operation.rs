//! What an administrator does with a server: roles, a check before a run, a connection pooler.

use super::{all_done, all_is_whole, database, surplus, worker};
use crate::fake::Fake;
use crate::harness::postgres::{self, Database, Pooler};
use crate::harness::{Folder, Ran, finished, sheet_of};

/// The statements for an administrator, for these two roles.
fn rights(worker: &str, reader: &str) -> String {
    include_str!("../../../samples/fleet/roles.sql")
        .replace(":\"worker\"", worker)
        .replace(":\"reader\"", reader)
}

/// Three roles of this database: its owner has it, a worker and a reader may log in.
fn roles(database: &Database) -> [String; 2] {
    ["worker", "reader"].map(|role| {
        let role = format!("{role}_{}", database.name);
        database.execute(&format!("CREATE ROLE {role} LOGIN"));
        role
    })
}

/// The line of a check about the database.
fn about_database(ran: &Ran) -> &str {
    let line = ran.out.lines().find(|line| line.contains(" database "));
    line.unwrap_or_else(|| panic!("nothing about the database: {}{}", ran.out, ran.err))
}

#[test]
fn a_worker_may_write_rows_and_a_reader_may_only_read() {
    let Some(database) = postgres::database() else {
        return;
    };
    let [worker, reader] = roles(&database);
    let [as_worker, as_reader] = [&worker, &reader].map(|role| database.as_role(role));
    let (folder, fake) = (Folder::with_sheet(&sheet_of(5)), Fake::telling());
    let run = format!("run cast.csv --base-url {} --rate unlimited", fake.url());

    // Without the tables, and without the right to create them.
    for command in [&*run, "list"] {
        let ran = folder.run(&format!("{command} --db {as_worker}"));
        assert_eq!(
            ran.code,
            if command == "list" { 2 } else { 3 },
            "{}",
            ran.err
        );
    }
    assert_eq!(fake.asked().len(), 0);
    let ran = folder.run(&format!("check --provider demo --db {as_worker}"));
    assert!(
        about_database(&ran).contains("this role may not create the schema"),
        "{}",
        ran.out
    );
    let ran = folder.run(&format!("check --provider demo --db {}", database.url));
    assert!(
        about_database(&ran).contains("its tables will be created"),
        "{}",
        ran.out
    );

    assert_eq!(
        folder
            .run(&format!("{run} --limit 1 --db {}", database.url))
            .code,
        0
    );
    let ran = folder.run(&format!("list --db {as_reader}"));
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(
        ran.err
            .contains("ask the owner of the database for that right"),
        "{}",
        ran.err
    );
    database.execute(&rights(&worker, &reader));

    let ran = folder.run(&format!("check --provider demo --db {as_worker}"));
    assert!(about_database(&ran).starts_with("ok "), "{}", ran.out);
    assert!(
        about_database(&ran).contains("this role may write"),
        "{}",
        ran.out
    );
    for command in [&*run, "edit #1 --from cast.csv", "pick #1 1", "redo #1"] {
        let ran = folder.run(&format!("{command} --db {as_worker}"));
        assert_eq!(ran.code, 0, "{command}: {}", ran.err);
    }

    for command in [
        "list",
        "show #1",
        "search story",
        "status",
        "export",
        "casts",
        "review",
        "query select+1",
    ] {
        let line = command.split(' ').map(|word| word.replace('+', " "));
        let ran = folder.run_args(line.chain(["--db".to_owned(), as_reader.clone()]));
        assert_eq!(ran.code, 0, "{command}: {}", ran.err);
    }
    let ran = folder.run(&format!("check --provider demo --db {as_reader}"));
    assert!(
        about_database(&ran).contains("this role may not insert"),
        "{}",
        ran.out
    );
    let before =
        database.ask("SELECT string_agg(r::text, ' ' ORDER BY name) FROM backstory.results r");
    for command in [
        "edit #1 --from cast.csv",
        "redo #1",
        "casts forget cast --yes",
    ] {
        let ran = folder.run(&format!("{command} --db {as_reader}"));
        assert_eq!(ran.code, 3, "{command}: {}", ran.err);
        assert!(ran.err.contains("may not"), "{command}: {}", ran.err);
    }
    let after =
        database.ask("SELECT string_agg(r::text, ' ' ORDER BY name) FROM backstory.results r");
    assert_eq!(before, after);
    database.execute(&format!(
        "DROP OWNED BY {worker}, {reader}; DROP ROLE {worker}, {reader}"
    ));
}

#[test]
fn a_cast_is_written_through_a_pooler_that_the_address_names() {
    let rows = 60;
    let Some(pooler) = Pooler::start() else {
        return;
    };
    let Some(database) = database(rows) else {
        return;
    };
    let (folder, fake) = (Folder::new(), Fake::telling());
    let url = format!("{}?pooler=transaction", pooler.url(&database));
    let four = (0..4).map(|_| worker(&folder, &url, &fake, "--concurrency 8"));
    all_done(four.collect());
    database.execute(&all_is_whole(rows));
    assert_eq!(surplus(&fake), 0);
}

#[test]
fn a_pooler_that_the_address_does_not_name_stops_a_run_and_nothing_wrong_is_stored() {
    let rows = 60;
    let Some(pooler) = Pooler::start() else {
        return;
    };
    let Some(database) = database(rows) else {
        return;
    };
    let (folder, fake) = (Folder::new(), Fake::telling());
    let url = pooler.url(&database);
    let four: Vec<_> = (0..4)
        .map(|_| worker(&folder, &url, &fake, "--concurrency 8"))
        .collect();
    let ended: Vec<Ran> = four.into_iter().map(finished).collect();
    let stopped = ended.iter().filter(|ran| ran.code == 3);
    let stopped: Vec<_> = stopped.collect();
    assert!(!stopped.is_empty(), "nothing was noticed");
    for ran in stopped {
        assert!(
            ran.err.contains("add `?pooler=transaction` to the address"),
            "{}",
            ran.err
        );
    }
    // Without the pooler, the rest is written, and nothing that was paid is lost.
    all_done(vec![worker(&folder, &database.url, &fake, "")]);
    database.execute(&all_is_whole(rows));
}
