//! Reading characters of a server that were written by other means than this program's imports and runs.

use crate::harness::postgres::{self, Database};
use backstory::domain::character::CharacterId;
use backstory::domain::flag::Flag;
use backstory::domain::record::Record;
use backstory::domain::status::Status;
use backstory::store::{Filter, Library, Location, Reader, StoreError};

/// Ada is done with two takes, Bo failed, Cy is in flight, Di is in flight of a dead run, Eve is gone.
const CAST: &str = r#"
    SET search_path = backstory;
    INSERT INTO recipes (fingerprint, provider, model, describe, describe_text) VALUES ('\x01', 'demo', NULL, 'column', 'about');
    INSERT INTO endpoints (address) VALUES ('demo');
    INSERT INTO stored_casts (name, created_ms, recipe_id, header) SELECT 'elves', 0, id, '["name","about"]' FROM recipes;
    INSERT INTO runs (cast_id, recipe_id, endpoint_id, version, host, pid, started_ms, alive_until_ms, last_commit_ms, requests, done)
    SELECT k.id, k.recipe_id, e.id, '0', 'here', 40 + n, 60000, CASE n WHEN 1 THEN 0 ELSE now_ms() + 600000 END, 62000, 3 - n, 1
    FROM stored_casts k, endpoints e, generate_series(1, 2) n ORDER BY n;
    INSERT INTO stored_characters
        (id, cast_id, row, name, description, columns, content, status, gone, claim, takes, take, picked, flags, run_id, error_kind, error)
    OVERRIDING SYSTEM VALUE
    SELECT n.id, k.id, n.row, n.name, 'b', '{"name":"x","about":"b"}', '\x00', n.status, n.gone, 2, n.takes, n.take, n.picked, n.flags,
        r.id, n.kind, n.error
    FROM stored_casts k CROSS JOIN (VALUES
        (1, 1, ' Ada', 'done', false, 2, 2, true, 64, NULL, NULL, NULL),
        (2, 2, 'Bo', 'failed', false, 0, NULL, false, 0, NULL, 'refused_row', '422'),
        (3, 3, 'Cy', 'running', false, 0, NULL, false, 0, 42, NULL, NULL),
        (4, 4, 'Di', 'running', false, 0, NULL, false, 0, 41, NULL, NULL),
        (5, 4, 'Eve', 'pending', true, 0, NULL, false, 0, NULL, NULL, NULL)
    ) n (id, row, name, status, gone, takes, take, picked, flags, pid, kind, error)
    LEFT JOIN runs r ON r.pid = n.pid;
    INSERT INTO stored_takes (character_id, take, text, words, flags, content, provider, finished_ms)
    SELECT 1, n, 'Story ' || n, 2, 64, '\x00', 'demo', 1000 * n FROM generate_series(1, 2) n;
    INSERT INTO stored_attempts (character_id, attempt, run_id, started_ms, outcome, ended_ms)
    VALUES (1, 1, 1, 0, 'not_sent', 5), (1, 2, 1, 10, 'ok', 1250);
"#;

async fn opened(database: &Database) -> Reader {
    let location = Location::of((&database.url).into());
    location.open().await.expect("it opens").close().await;
    database.execute(CAST);
    location.open_to_read().await.expect("a reader")
}

async fn listed(reader: &Reader, filter: &Filter) -> Vec<String> {
    let mut names = Vec::new();
    let each = |record: Record| {
        names.push(record.name);
        Ok::<_, StoreError>(())
    };
    reader.each_record(filter, each).await.expect("read");
    names
}

#[tokio::test]
async fn characters_are_filtered_in_the_order_of_the_sheet() {
    let Some(database) = postgres::database() else {
        return;
    };
    let reader = opened(&database).await;
    let all = Filter::default;
    let status = |status| Filter {
        status: Some(status),
        ..all()
    };
    let flag = |flag| Filter {
        flag: Some(flag),
        ..all()
    };
    let named = |name: &str, limit| Filter {
        name: Some(name.into()),
        limit: Some(limit),
        ..all()
    };
    let of = |cast: &str| Filter {
        cast: Some(cast.into()),
        gone: true,
        ..all()
    };
    for (filter, expected) in [
        (all(), vec![" Ada", "Bo", "Cy", "Di"]),
        (status(Status::Running), vec!["Cy"]),
        (status(Status::Pending), vec!["Di"]),
        (flag(Flag::Stale), vec![" Ada"]),
        (flag(Flag::Long), vec![]),
        (named("A", 1), vec![" Ada"]),
        (named("d", 9), vec![" Ada", "Di"]),
        (named("d", 0), vec![]),
        (of("elves"), vec![" Ada", "Bo", "Cy", "Di", "Eve"]),
        (of("orcs"), vec![]),
        (of("el\0ves"), vec![]),
    ] {
        assert_eq!(listed(&reader, &filter).await, expected, "{filter:?}");
        let ids = reader.ids(&filter).await.expect("read");
        assert_eq!(ids.len(), expected.len(), "{filter:?}");
    }
}

#[tokio::test]
async fn a_character_is_found_with_its_takes_and_attempts() {
    let Some(database) = postgres::database() else {
        return;
    };
    let reader = opened(&database).await;
    for (who, gone, expected) in [
        ("Ada", false, vec![1]),
        ("#4", false, vec![4]),
        ("#4", true, vec![4, 5]),
        ("ada", true, vec![]),
        ("\0", true, vec![]),
    ] {
        let found = reader.find("elves", who, gone).await.expect("read");
        let found: Vec<_> = found.iter().map(|(id, _)| id.0).collect();
        assert_eq!(found, expected, "{who}");
    }
    let ada = reader.find("elves", "Ada", false).await.expect("read");
    let (id, record) = &ada[0];
    assert_eq!(record.columns.get(), r#"{"name":"x","about":"b"}"#);
    assert_eq!((record.requests, record.take), (1, Some(2)));
    assert_eq!(
        record.finished_at.as_deref(),
        Some("1970-01-01T00:00:02.000Z")
    );
    let takes = reader.takes(*id).await.expect("read");
    let takes: Vec<_> = takes.iter().map(|it| (it.take, it.current)).collect();
    assert_eq!(takes, [(1, false), (2, true)]);
    let attempts = reader.attempts(*id).await.expect("read");
    let attempts: Vec<_> = attempts.iter().map(|it| (it.attempt, it.took_ms)).collect();
    assert_eq!(attempts, [(1, Some(5)), (2, Some(1_240))]);
    let picked = [*id, CharacterId(2), CharacterId(99)];
    assert_eq!(reader.picked(&picked).await.expect("read"), 1);
    let cast = reader.one_cast(None).await.expect("a cast").id;
    let run = reader.last_run(cast).await.expect("read").expect("a run");
    assert_eq!((run.pid, run.requests), (Some(42), 1));
    assert_eq!(run.started_at, "1970-01-01 00:01");
    let causes = reader.causes(cast).await.expect("read");
    assert_eq!((causes.len(), causes[0].error.as_str()), (1, "422"));
}
