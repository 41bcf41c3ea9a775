//! Reading characters of a server that were written by other means than this program's imports and runs.

use crate::harness::postgres::{self, Database};
use backstory::facade::domain::character::CharacterId;
use backstory::facade::domain::flag::Flag;
use backstory::facade::domain::record::Record;
use backstory::facade::domain::status::Status;
use backstory::facade::store::{
    Filter, Found, Library, Location, Reader, Search, StoreError, Value, Wanted,
};
use std::ops::ControlFlow;

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

async fn index(reader: &Reader) -> u64 {
    let mut all = 0;
    let progress = |many| {
        all += many;
        ControlFlow::Continue(())
    };
    reader.index(progress).await.expect("indexed");
    all
}

#[tokio::test]
async fn texts_are_searched_whether_or_not_the_index_knows_them() {
    let Some(database) = postgres::database() else {
        return;
    };
    let reader = opened(&database).await;
    database.execute(
        "UPDATE backstory.stored_characters SET description = 'a half-timbered café, 林小雨' WHERE name = 'Bo';
         UPDATE backstory.stored_characters SET description = 'timbered by half; Bo' WHERE name = 'Cy'",
    );
    for expected in [5, 0] {
        for (words, expected) in [
            ("half-timb", vec![2]),
            ("HALF timbered", vec![2, 3]),
            ("cafe", vec![2]),
            ("bo", vec![2, 3]),
            ("story 2", vec![1]),
            ("小雨", vec![2]),
            ("story 1", vec![]),
            ("'", vec![]),
        ] {
            let wanted = Wanted {
                words: words.into(),
                cast: Some("elves".into()),
                gone: false,
                limit: None,
            };
            let mut found = Vec::new();
            let each = |one: Found| {
                found.push((one.id.0, one.snippet.text()));
                Ok::<_, StoreError>(())
            };
            reader.search(&wanted, each).await.expect("searched");
            let ids: Vec<_> = found.iter().map(|it| it.0).collect();
            assert_eq!(ids, expected, "{words}");
            assert!(found.iter().all(|it| !it.1.is_empty()), "{words}");
            let hits = reader.hits(words).await.expect("searched").ids;
            assert_eq!(hits.iter().map(|id| id.0).collect::<Vec<_>>(), ids);
        }
        assert_eq!(reader.unindexed().await.expect("counted"), expected);
        assert_eq!(index(&reader).await, expected);
    }
}

#[tokio::test]
async fn the_page_reads_outlines_the_run_and_the_newest_stories() {
    let Some(database) = postgres::database() else {
        return;
    };
    let reader = opened(&database).await;
    let outlines = reader.outlines().await.expect("read");
    let outlines: Vec<_> = outlines
        .iter()
        .map(|it| (it.id.0, it.by_name, it.status))
        .collect();
    let [done, failed, running, pending] = [
        Status::Done,
        Status::Failed,
        Status::Running,
        Status::Pending,
    ];
    let expected = [
        (1, 1, done),
        (2, 2, failed),
        (3, 3, running),
        (4, 4, pending),
        (5, 5, pending),
    ];
    assert_eq!(outlines, expected);
    let version = reader.version().await.expect("read");
    assert_eq!(
        reader
            .described(&[CharacterId(2)])
            .await
            .expect("read")
            .len(),
        1
    );
    database.execute("UPDATE backstory.stored_casts SET memory = '{}'");
    assert_ne!(reader.version().await.expect("read"), version);
    let run = reader.watched(None).await.expect("read").expect("a run");
    assert_eq!((run.alive, run.pid, run.setback), (true, 42, None));
    let newest = reader.newest(None, 1).await.expect("read");
    assert_eq!(newest[0].begin, "Story 2");
}

async fn query(reader: &Reader, sql: &str, cast: Option<&str>) -> Result<Vec<Value>, StoreError> {
    let mut all = Vec::new();
    let each = |_: &[String], mut values: Vec<Value>| {
        all.append(&mut values);
        Ok::<_, StoreError>(())
    };
    reader.query(sql, cast, each).await?;
    Ok(all)
}

#[tokio::test]
async fn a_statement_of_the_user_reads_and_nothing_else() {
    let Some(database) = postgres::database() else {
        return;
    };
    let reader = opened(&database).await;
    let count = "select count(*) from results;";
    for (sql, cast, expected) in [
        (count, None, vec![Value::Integer(5)]),
        (count, Some("elves"), vec![Value::Integer(5)]),
        (count, Some("orcs"), vec![Value::Integer(0)]),
        (
            "values (1.5, null, true) -- x",
            None,
            vec![Value::Real(1.5), Value::Null, Value::Integer(1)],
        ),
        (
            "select 'a;b', columns from results where row = 2",
            None,
            vec![
                Value::Text("a;b".into()),
                Value::Text(r#"{"name": "x", "about": "b"}"#.into()),
            ],
        ),
        ("select 1 where false", None, vec![]),
    ] {
        let found = query(&reader, sql, cast).await;
        assert_eq!(found.expect("read"), expected, "{sql}");
    }
    let none = |_: &[String], _| Ok::<_, StoreError>(());
    let columns = reader
        .query("select name, row from results where false", None, none)
        .await;
    assert_eq!(columns.expect("read"), ["name", "row"]);
    assert_eq!(
        query(&reader, "explain select 1", None)
            .await
            .expect("read")
            .len(),
        1
    );
    for sql in [
        "delete from stored_takes",
        "with x as (delete from stored_takes returning 1) select * from x",
        "select 1; commit; delete from stored_takes",
        "select 1) as u on false; commit; select (1",
        "select * into x from results",
        "explain analyze delete from stored_takes",
        "select nonsense",
    ] {
        for cast in [None, Some("elves")] {
            let err = query(&reader, sql, cast).await.expect_err(sql);
            assert!(
                matches!(err, StoreError::Statement { .. }),
                "{sql}: {err:?}"
            );
        }
    }
    let takes = query(&reader, "select count(*) from takes", None).await;
    assert_eq!(takes.expect("read"), [Value::Integer(2)]);
}
