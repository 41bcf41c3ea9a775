//! A database on a server: its address, its schema, its connections.

use crate::harness::Folder;
use crate::harness::postgres::{self, Database, Pooler};
use backstory::facade::store::{Library, Location, StoreError};
use std::future::Future;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(future)
}

fn location(url: &str) -> Location {
    Location::of(url.into())
}

/// A cast of four characters: finished, finished and gone, failed, pending; with a run that is over.
const CAST: &str = r#"
    SET search_path = backstory;
    INSERT INTO recipes (fingerprint, provider, model, describe, describe_text) VALUES ('\x01', 'demo', NULL, 'column', 'about');
    INSERT INTO endpoints (address) VALUES ('demo');
    INSERT INTO stored_casts (name, created_ms, recipe_id, header, key_column, memory, done, pending, gone, oldest_ms)
    SELECT 'elves', 0, id, '["id","name","about"]', 'id', '{"model":"m"}', 1, 2, 1, 1000 FROM recipes;
    INSERT INTO runs (cast_id, recipe_id, endpoint_id, version, host, pid, started_ms, alive_until_ms, ended_ms, exit, requests, done,
        cast_failed, cast_pending, maybe_charged, newest_ms, cost, cost_maybe)
    SELECT k.id, k.recipe_id, e.id, '0', 'here', 1, 0, 0, 5000, 0, 3, 1, 1, -1, 1, 2000, 7, 2 FROM stored_casts k, endpoints e;
"#;

fn opened() -> Option<Database> {
    let database = postgres::database()?;
    block_on(async {
        let db = location(&database.url).open().await.expect("it opens");
        db.close().await;
    });
    Some(database)
}

#[test]
fn a_database_is_absent_until_a_run_opens_it_and_then_empty() {
    let Some(database) = postgres::database() else {
        return;
    };
    block_on(async {
        let location = location(&database.url);
        let err = location.open_to_read().await.err().expect("nothing there");
        assert!(err.is_absent(), "{err}");
        let err = location
            .open_to_change()
            .await
            .err()
            .expect("nothing there");
        assert!(err.is_absent(), "{err}");
        location.open().await.expect("created").close().await;
        let db = location.open_to_read().await.expect("it is there");
        assert_eq!(db.casts().await.expect("read"), []);
        let err = db.all_casts().await.expect_err("no cast");
        assert!(matches!(err, StoreError::NoCast { .. }), "{err}");
    });
}

#[test]
fn programs_that_start_together_create_the_schema_once() {
    let Some(database) = postgres::database() else {
        return;
    };
    block_on(async {
        let location = location(&database.url);
        let all = std::array::from_fn::<_, 8, _>(|_| location.open());
        for opened in futures_util::future::join_all(all).await {
            opened.expect("created, or found").close().await;
        }
    });
}

#[test]
fn a_newer_schema_and_that_of_another_program_are_refused() {
    let Some(newer) = opened() else { return };
    newer.execute("INSERT INTO backstory.migrations VALUES (99, 'later', '9.9.9', 0)");
    let foreign = postgres::database().expect("a second one");
    foreign.execute("CREATE SCHEMA backstory CREATE TABLE theirs (id int)");
    block_on(async {
        for open_to_read in [false, true] {
            let opened = async |url: &str| {
                if open_to_read {
                    location(url).open_to_read().await.err()
                } else {
                    location(url).open().await.err()
                }
            };
            let err = opened(&newer.url).await.expect("refused");
            let made_by_newer =
                matches!(&err, StoreError::Newer { made_by, .. } if made_by == "9.9.9");
            assert!(made_by_newer, "{err}");
            let err = opened(&foreign.url).await.expect("refused");
            assert!(matches!(err, StoreError::Foreign { .. }), "{err}");
        }
    });
}

#[test]
fn a_role_without_rights_is_told_what_it_may_not_do() {
    let Some(database) = postgres::database() else {
        return;
    };
    let role = format!("worker_{}", database.name);
    database.execute(&format!("CREATE ROLE {role} LOGIN"));
    let url = database.as_role(&role);
    block_on(async {
        let err = location(&url).open().await.err().expect("refused");
        assert!(matches!(err, StoreError::Denied { .. }), "{err:?}");
        assert!(
            err.to_string()
                .contains("may not create the schema `backstory`"),
            "{err}"
        );
    });
    block_on(async { location(&database.url).open().await.expect("created") });
    block_on(async {
        let err = location(&url).open_to_read().await.err().expect("refused");
        assert!(matches!(err, StoreError::Denied { .. }), "{err:?}");
    });
    database.execute(&format!("DROP ROLE {role}"));
}

#[test]
fn a_cast_is_read_with_its_counts_and_what_it_remembers() {
    let Some(database) = opened() else { return };
    database.execute(CAST);
    block_on(async {
        let db = location(&database.url)
            .open_to_read()
            .await
            .expect("opened");
        let cast = db.one_cast(None).await.expect("the only one");
        let counts = [
            cast.total,
            cast.done,
            cast.failed,
            cast.pending,
            cast.running,
            cast.gone,
        ];
        assert_eq!(counts, [3, 1, 1, 1, 0, 1]);
        assert_eq!((cast.requests, cast.maybe_charged), (3, 1));
        assert_eq!(cast.oldest.as_deref(), Some("1970-01-01T00:00:01.000Z"));
        assert_eq!(cast.newest.as_deref(), Some("1970-01-01T00:00:02.000Z"));
        assert!(cast.cost.is_some() && cast.cost_maybe.is_some());
        assert_eq!(db.cast_name(cast.id).await.expect("read"), "elves");
        let recipe = db.recipe(cast.id).await.expect("read");
        assert_eq!(recipe.describe.text(), "about");
        let memory = db.memory("elves").await.expect("read");
        assert_eq!(memory.as_deref(), Some(r#"{"model":"m"}"#));
        let columns = db.columns("elves").await.expect("read");
        assert_eq!(columns, ["id", "name", "about"]);
        let key = db.key_column("elves").await.expect("read");
        assert_eq!(key.as_deref(), Some("id"));
        assert_eq!(db.memory("orcs").await.expect("read"), None);
        assert_eq!(db.key_column("orcs").await.expect("read"), None);
        let err = db.one_cast(Some("orcs")).await.expect_err("unknown");
        assert!(matches!(err, StoreError::UnknownCast { .. }), "{err}");
    });
}

#[test]
fn the_views_have_the_columns_of_the_database_file_in_their_order() {
    let Some(database) = opened() else { return };
    let folder = Folder::with_sheet("name,description\nAda,a\n");
    assert_eq!(folder.run("run cast.csv --provider demo").code, 0);
    for view in ["results", "takes", "attempts", "failures", "casts", "alike"] {
        let columns =
            format!("select group_concat(name) as names from pragma_table_info('{view}')");
        let columns = folder.query(&columns);
        let columns = columns[0]["names"].as_str().expect("names");
        database.execute(&format!(
            "DO $$ BEGIN
                 ASSERT (SELECT string_agg(column_name, ',' ORDER BY ordinal_position) FROM information_schema.columns
                         WHERE table_schema = 'backstory' AND table_name = '{view}') = '{columns}', '{view}';
             END $$"
        ));
    }
}

#[test]
fn a_lost_connection_is_made_again() {
    let Some(database) = opened() else { return };
    database.execute(CAST);
    block_on(async {
        let db = location(&database.url)
            .open_to_read()
            .await
            .expect("opened");
        for _ in 0..3 {
            assert_eq!(db.casts().await.expect("read").len(), 1);
            database.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND application_name = 'backstory'",
            );
        }
    });
}

#[test]
fn a_snapshot_that_is_held_does_not_see_what_comes_later() {
    let Some(database) = opened() else { return };
    block_on(async {
        let db = location(&database.url)
            .open_to_read()
            .await
            .expect("opened");
        db.hold_still().await.expect("held");
        database.execute(CAST);
        assert_eq!(db.casts().await.expect("read").len(), 0);
        let other = location(&database.url).open_to_read().await;
        let casts = other.expect("opened").casts().await;
        assert_eq!(casts.expect("read").len(), 1);
    });
}

#[test]
fn a_password_is_shown_nowhere_when_there_is_no_server() {
    let folder = Folder::new();
    for settings in [
        "",
        "?pooler=session",
        "?sslmode=perhaps",
        "?password=secret",
    ] {
        let address = format!("postgres://ada:secret@127.0.0.1:1/cast{settings}");
        for line in [
            "list",
            "check",
            "status --json",
            "run cast.csv --provider demo",
        ] {
            folder.write("cast.csv", "name,description\nAda,a\n");
            let mut command = folder.command(line.split(' '));
            let output = command.args(["--db", &address]).output().expect("it runs");
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8_lossy(&said);
            assert!(!said.contains("secret"), "{line} {settings}: {said}");
            let code = output.status.code();
            let expected = if settings.contains('=') && !settings.contains("password") {
                2
            } else {
                3
            };
            assert!(code == Some(expected), "{line} {settings}: {code:?} {said}");
        }
    }
}

/// Four clients that read, one statement each in turn, so that they change server connections all the time.
async fn four_clients(url: &str) -> Vec<Result<(), StoreError>> {
    let client = async |which: usize| {
        let db = location(url).open_to_read().await?;
        for nth in which..which + 40 {
            match nth % 4 {
                0 => assert_eq!(db.casts().await?.len(), 1),
                1 => assert_eq!(db.key_column("elves").await?.as_deref(), Some("id")),
                2 => assert_eq!(db.columns("elves").await?.len(), 3),
                _ => assert_eq!(db.memory("orcs").await?, None),
            }
        }
        Ok(())
    };
    futures_util::future::join_all((0..4).map(client)).await
}

#[test]
fn a_pooler_that_the_address_names_is_no_trouble_and_one_that_it_does_not_name_is_noticed() {
    let Some(pooler) = Pooler::start() else {
        return;
    };
    let Some(database) = opened() else { return };
    database.execute(CAST);
    block_on(async {
        let url = pooler.url(&database);
        for client in four_clients(&format!("{url}?pooler=transaction")).await {
            client.expect("right answers");
        }
        let unnamed = four_clients(&url).await;
        let noticed = unnamed.iter().filter_map(|client| client.as_ref().err());
        let mut noticed = noticed.peekable();
        assert!(noticed.peek().is_some(), "nothing was noticed");
        for err in noticed {
            assert!(matches!(err, StoreError::Pooler { .. }), "{err:?}");
        }
    });
}
