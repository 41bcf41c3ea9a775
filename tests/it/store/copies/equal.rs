//! A copy has the takes, attempts, flags and exports of its original, and a run on it pays for nothing twice.

use super::{asked, cast, done, outputs, sqlite, stored};
use crate::harness::Folder;
use crate::harness::postgres::{self, INVARIANTS, Pooler};
use std::collections::BTreeMap;

fn assert_same(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) {
    // The workers are shown where there can be several.
    let plain = |said: &str| said.replace(",\"workers\":[]", "");
    for (what, said) in one {
        assert_eq!(plain(said), plain(&other[what]), "{what}");
    }
}

#[test]
fn a_copy_in_another_file_is_equal_and_a_run_on_it_asks_only_for_what_was_pending() {
    let (folder, fake) = cast();
    let before = stored(&folder, "backstory.db");
    let ran = folder.run("casts copy cast --to copy.db");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(
        ran.err,
        "copied cast `cast` to `copy.db`: 7 characters, 9 takes, 7 attempts\n"
    );
    let files = folder.files();
    let of_copy: Vec<_> = files.iter().filter(|it| it.starts_with("copy.")).collect();
    assert_eq!(
        of_copy,
        ["copy.db", "copy.db.lock"],
        "its log is written back"
    );
    assert_eq!(stored(&folder, "backstory.db"), before);
    assert_eq!(stored(&folder, "copy.db"), before);
    assert_same(
        &outputs(&folder, "backstory.db"),
        &outputs(&folder, "copy.db"),
    );

    let requests = fake.asked().len();
    let resume = format!("resume --base-url {} --rate unlimited", fake.url());
    let ran = folder.run(&format!("--db copy.db {resume}"));
    assert_eq!(ran.code, 1, "{}", ran.err);
    let new: Vec<_> = fake.asked().split_off(requests);
    let new: Vec<_> = new.iter().map(|asked| asked.name.as_str()).collect();
    assert_eq!(new, ["Late"]);
    let ran = folder.run(&format!(
        "--db copy.db run cast.csv --base-url {} --rate unlimited",
        fake.url()
    ));
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert_eq!(fake.asked().len(), requests + 1, "the sheet is known");
    let found = done(&folder, "--db copy.db search --json tuesday");
    assert_eq!(found.lines().count(), 4, "{found}");
}

#[test]
fn a_cast_that_went_over_a_server_and_back_is_equal() {
    let Some(server) = postgres::database() else {
        return;
    };
    let (folder, fake) = cast();
    let original = outputs(&folder, "backstory.db");
    done(&folder, &format!("casts copy cast --to {}", server.url));
    server.execute(INVARIANTS);
    assert_same(&original, &outputs(&folder, &server.url));
    done(
        &folder,
        &format!("--db {} casts copy cast --to back.db", server.url),
    );
    assert_same(&original, &outputs(&folder, "back.db"));
    assert_eq!(stored(&folder, "back.db"), stored(&folder, "backstory.db"));

    let requests = fake.asked().len();
    for db in [server.url.as_str(), "back.db"] {
        let ran = folder.run(&format!(
            "--db {db} run cast.csv --base-url {} --rate unlimited",
            fake.url()
        ));
        assert_eq!(ran.code, 1, "{}", ran.err);
    }
    let new = fake.asked().split_off(requests);
    let new: Vec<_> = new.iter().map(|asked| asked.name.as_str()).collect();
    assert_eq!(new, ["Late", "Late"]);
    server.execute(INVARIANTS);
}

#[test]
fn a_cast_goes_from_one_server_to_another_with_its_budget() {
    let (Some(one), Some(other)) = (postgres::database(), postgres::database()) else {
        return;
    };
    let (folder, _fake) = cast();
    done(&folder, &format!("casts copy cast --to {}", one.url));
    one.execute("UPDATE backstory.stored_casts SET budget = 9000000000000000");
    done(
        &folder,
        &format!("--db {} casts copy cast --to {}", one.url, other.url),
    );
    assert_same(&outputs(&folder, &one.url), &outputs(&folder, &other.url));
    assert_eq!(
        other.ask("SELECT budget::text FROM stored_casts"),
        "9000000000000000"
    );
    other.execute(INVARIANTS);
}

#[test]
fn a_copy_joins_the_casts_that_are_there() {
    let (folder, _fake) = cast();
    let other = Folder::with_sheet("name,description\nAda,bakes\n");
    let db = folder.path("copy.db");
    let db = db.to_string_lossy();
    done(
        &other,
        &format!("--db {db} run cast.csv --cast other --provider demo"),
    );
    let before = done(&folder, "--db copy.db show Ada --cast other --json");
    done(&folder, "--db copy.db search ada");
    done(&folder, "casts copy cast --to copy.db");
    assert_eq!(
        done(&folder, "--db copy.db show Ada --cast other --json"),
        before
    );
    let counts = |db: &str| {
        asked(
            &folder,
            db,
            "select total, done, gone, requests from casts where cast_name = 'cast'",
        )
    };
    assert_eq!(counts("copy.db"), counts("backstory.db"));
    let found = done(&folder, "--db copy.db search --json tuesday");
    assert_eq!(
        found.lines().count(),
        3,
        "the index learns the new characters"
    );
    let health = asked(
        &folder,
        "copy.db",
        "select integrity_check as health from pragma_integrity_check",
    );
    assert_eq!(health, r#"[{"health":"ok"}]"#);
    let broken = asked(
        &folder,
        "copy.db",
        "select count(*) as n from pragma_foreign_key_check",
    );
    assert_eq!(broken, r#"[{"n":0}]"#);
}

#[test]
fn what_a_server_cannot_hold_is_replaced_in_the_copy_only() {
    let Some(server) = postgres::database() else {
        return;
    };
    let (folder, _fake) = cast();
    sqlite(
        &folder,
        "backstory.db",
        r#"UPDATE stored_takes SET text = 'a' || char(0) || 'b' WHERE take = 1;
           UPDATE stored_characters SET error = 'c' || char(0) WHERE error IS NOT NULL;
           UPDATE stored_characters SET columns = '{"id":"2","note":"\u0000 \\u0000"}' WHERE name = 'Bo'"#,
    );
    let before = stored(&folder, "backstory.db");
    done(&folder, "casts copy cast --to copy.db");
    assert_eq!(stored(&folder, "copy.db"), before);
    done(&folder, &format!("casts copy cast --to {}", server.url));
    assert_eq!(stored(&folder, "backstory.db"), before);
    let note = "SELECT columns->>'note' FROM results WHERE name = 'Bo'";
    assert_eq!(server.ask(note), "\u{fffd} \\u0000");
    let texts = "SELECT DISTINCT text FROM takes WHERE take = 1";
    assert_eq!(server.ask(texts), "a\u{fffd}b");
    assert_eq!(server.ask("SELECT error FROM failures"), "c\u{fffd}");
}

#[test]
fn a_copy_is_described_to_programs() {
    let (folder, _fake) = cast();
    let out = done(&folder, "casts --json copy cast --to copy.db");
    let copied: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let count = |what: &str| copied[what].as_u64().expect("a number");
    assert_eq!(
        (copied["cast_name"].as_str(), copied["to"].as_str()),
        (Some("cast"), Some("copy.db"))
    );
    assert_eq!(
        (
            count("characters"),
            count("takes"),
            count("attempts"),
            count("runs")
        ),
        (7, 9, 7, 3)
    );
    let again = done(&folder, "--db copy.db casts --json copy cast --to again.db");
    let again: serde_json::Value = serde_json::from_str(&again).expect("JSON");
    assert_eq!(
        again["sha256"], copied["sha256"],
        "equal casts have equal digests"
    );
}

#[test]
fn many_takes_and_attempts_of_one_character_are_all_copied() {
    let Some(server) = postgres::database() else {
        return;
    };
    let folder = Folder::with_sheet(&crate::harness::sheet_of(1_203));
    done(&folder, "run cast.csv --provider demo --limit 0");
    sqlite(
        &folder,
        "backstory.db",
        "INSERT INTO stored_takes (character_id, take, text, words, content, provider, finished_ms)
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 777)
         SELECT c.id, n.n, c.name || n.n, 2, c.content, 'hand', n.n FROM stored_characters c, n WHERE c.row IN (1, 2, 500, 501, 1203);
         INSERT INTO stored_attempts (character_id, attempt, run_id, started_ms, outcome, ended_ms)
         SELECT t.character_id, t.take, r.id, t.take, 'ok', t.take FROM stored_takes t, runs r;
         UPDATE stored_characters SET takes = 777, take = 777, claim = 777, status = 'done' WHERE row IN (1, 2, 500, 501, 1203);
         UPDATE stored_casts SET requests = 3885",
    );
    let expected = stored(&folder, "backstory.db");
    done(&folder, "casts copy cast --to copy.db");
    assert_eq!(stored(&folder, "copy.db"), expected);
    done(&folder, &format!("casts copy cast --to {}", server.url));
    server.execute(INVARIANTS);
    done(
        &folder,
        &format!("--db {} casts copy cast --to back.db", server.url),
    );
    assert_eq!(stored(&folder, "back.db"), expected);
}

#[test]
fn a_pooler_in_transaction_mode_may_be_between() {
    let (Some(server), Some(pooler)) = (postgres::database(), Pooler::start()) else {
        return;
    };
    let (folder, _fake) = cast();
    let url = format!("{}?pooler=transaction", pooler.url(&server));
    done(&folder, &format!("casts copy cast --to {url}"));
    done(&folder, &format!("--db {url} casts copy cast --to back.db"));
    assert_eq!(stored(&folder, "back.db"), stored(&folder, "backstory.db"));
}

/// A column that a later migration adds to the tables of a server has to be copied, too, or to be named here.
#[test]
fn every_column_of_a_server_is_copied_or_made_again() {
    let Some(server) = postgres::database() else {
        return;
    };
    let (folder, _fake) = cast();
    done(&folder, &format!("casts copy cast --to {}", server.url));
    let columns = |table: &str| {
        server.ask(&format!(
            "SELECT string_agg(column_name, ' ' ORDER BY column_name) FROM information_schema.columns
             WHERE table_schema = 'backstory' AND table_name = '{table}'"
        ))
    };
    for (table, known) in [
        (
            "stored_casts",
            "budget cost cost_maybe created_ms done failed flagged gone header id key_column maybe_charged memory name \
            newest_ms oldest_ms pending recipe_id requests sheet_digest",
        ),
        (
            "recipes",
            "describe describe_text fields fingerprint id model prompt provider",
        ),
        (
            "endpoints",
            "address halt_reason halted_ms id key_hash last_start_ms next_start_ns pause_reason paused_until_ms \
            probe_run_id",
        ),
        (
            "runs",
            "alive_until_ms budget_reserved cast_done cast_failed cast_flagged cast_id cast_pending concurrency cost cost_maybe \
            done ended_ms endpoint_id exit gap_ns host id in_flight last_commit_ms last_group maybe_charged newest_ms oldest_ms pid \
            place recipe_id requests slots slots_wanted started_ms version was_recovered",
        ),
        (
            "stored_characters",
            "cast_id claim columns content description dismissed error error_kind flags gone id is_answered key name picked row run_id \
            status take takes tries",
        ),
        (
            "stored_takes",
            "attempt character_id content copied_from dismissed endpoint finished_ms flags id model picked provider recipe_id \
            review_flags take text words",
        ),
        (
            "stored_attempts",
            "attempt bytes character_id cost cost_maybe ended_ms error first_text_ms http_status outcome partial \
            run_id started_ms tokens_in tokens_out",
        ),
    ] {
        assert_eq!(columns(table), known, "{table}");
    }
}
