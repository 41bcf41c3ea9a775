//! Reading: casts with their counts, characters by all kinds of filters, takes, attempts, runs.

use super::backend::Backend;
use super::given::{
    begun, cast_of, failed, find, finished, imported, new_run, records, run_on, sent, settle,
    settlement, sheet,
};
use crate::store::claims::claim;
use backstory::facade::domain::character::{CastId, Character, CharacterId};
use backstory::facade::domain::flag::{Flag, Flags};
use backstory::facade::domain::outcome::{Ending, Outcome};
use backstory::facade::domain::record::Record;
use backstory::facade::domain::status::Status;
use backstory::facade::store::{Changes, Filter, Ledger, Library, Reopen, Settled, StoreError};
use serde_json::json;
use std::time::Duration;

const THREE: &str = "name,description\nAda,bakes\nBo,rows\nCy,sings";

fn names(records: &[Record]) -> Vec<&str> {
    records.iter().map(|record| record.name.as_str()).collect()
}

async fn an_empty_store_has_no_cast<B: Backend>(store: B) {
    let reader = store.reader().await;
    assert_eq!(reader.casts().await.expect("casts"), []);
    let all = reader.all_casts().await;
    assert!(matches!(all, Err(StoreError::NoCast { .. })), "{all:?}");
    for name in [None, Some("cast")] {
        let one = reader.one_cast(name).await;
        assert!(matches!(one, Err(StoreError::NoCast { .. })), "{one:?}");
    }
    assert_eq!(reader.memory("cast").await.expect("read"), None);
    assert_eq!(reader.key_column("cast").await.expect("read"), None);
    assert_eq!(reader.sheet_digest("cast").await.expect("read"), None);
    assert_eq!(reader.outlines().await.expect("read"), []);
}

async fn one_cast_is_meant_unless_there_are_several<B: Backend>(store: B) {
    imported(&store, &sheet(THREE).of_cast("zoo")).await;
    let reader = store.reader().await;
    assert_eq!(
        reader.one_cast(None).await.expect("a cast").cast_name,
        "zoo"
    );
    imported(&store, &sheet(THREE).of_cast("ark")).await;
    let casts = reader.all_casts().await.expect("casts");
    let listed: Vec<_> = casts.iter().map(|cast| cast.cast_name.as_str()).collect();
    assert_eq!(listed, ["ark", "zoo"], "by name");
    let several = reader.one_cast(None).await;
    assert!(
        matches!(&several, Err(StoreError::SeveralCasts { casts, .. }) if *casts == ["ark", "zoo"]),
        "{several:?}"
    );
    assert_eq!(
        reader
            .one_cast(Some("zoo"))
            .await
            .expect("a cast")
            .cast_name,
        "zoo"
    );
    let unknown = reader.one_cast(Some("Zoo")).await;
    assert!(
        matches!(&unknown, Err(StoreError::UnknownCast { cast, casts, .. })
            if cast == "Zoo" && *casts == ["ark", "zoo"]),
        "{unknown:?}"
    );
}

/// Ada is done, Bo failed, Cy is in flight, Di is pending, Eve is gone.
async fn in_all_states<B: Backend>(store: &B) -> B::Run {
    let five = format!("{THREE}\nDi,flies\nEve,hides");
    imported(store, &sheet(&five)).await;
    let run = begun(store, Reopen::None).await;
    let three = claim(&run, 3).await;
    let ended = three.iter().zip([Settled::Done, Settled::Failed]);
    let ended = ended.map(|(it, state)| settlement(it, it.claim, state));
    settle(&run, ended.collect()).await;
    run
}

async fn leaves<B: Backend>(store: &B, text: &str) {
    imported(store, &sheet(text)).await;
}

async fn a_cast_counts_its_characters_by_state<B: Backend>(store: B) {
    let run = in_all_states(&store).await;
    let cast = store.reader().await.one_cast(None).await.expect("a cast");
    assert_eq!((cast.total, cast.done, cast.failed), (5, 1, 1));
    assert_eq!((cast.running, cast.pending, cast.gone), (1, 2, 0));
    assert_eq!((cast.requests, cast.maybe_charged), (3, 0));
    assert!(cast.oldest.is_some() && cast.oldest == cast.newest);
    assert_eq!((cast.cost, cast.cost_maybe), (None, None));
    let counts = run.counts().await.expect("counts");
    assert_eq!((counts.pending, counts.running), (2, 1));
}

async fn gone_characters_are_counted_apart<B: Backend>(store: B) {
    run_on(&store, &sheet(THREE)).await;
    leaves(&store, "name,description\nAda,bakes\nBo,swims").await;
    let cast = store.reader().await.one_cast(None).await.expect("a cast");
    assert_eq!(
        (cast.total, cast.done, cast.pending, cast.gone),
        (2, 1, 1, 1)
    );
    assert_eq!((cast.requests, cast.flagged), (3, 1), "Bo is stale");
}

async fn a_cast_has_a_name_a_recipe_columns_and_a_memory<B: Backend>(store: B) {
    let given = sheet("id,name,description\n1,Ada,bakes");
    imported(&store, &given).await;
    let cast = cast_of(&store).await;
    let reader = store.reader().await;
    assert_eq!(reader.cast_name(cast).await.expect("a name"), "cast");
    assert_eq!(
        reader.recipe(cast).await.expect("a recipe"),
        given.sheet.recipe
    );
    let columns = reader.columns("cast").await.expect("columns");
    assert_eq!(columns, ["id", "name", "description"]);
    let key = reader.key_column("cast").await.expect("read");
    assert_eq!(key.as_deref(), Some("id"));
    let memory = || async {
        let memory = reader
            .memory("cast")
            .await
            .expect("read")
            .expect("a memory");
        serde_json::from_str::<serde_json::Value>(&memory).expect("JSON")
    };
    assert_eq!(memory().await, json!({}));
    let mut new = new_run(cast, Reopen::None);
    new.memory = r#"{"model":"m"}"#.into();
    store.begin(new).await;
    assert_eq!(memory().await, json!({"model": "m"}), "of the last run");
}

async fn failures_are_grouped_by_cause_the_most_frequent_first<B: Backend>(store: B) {
    let five = format!("{THREE}\nDi,flies\nEve,hides");
    imported(&store, &sheet(&five)).await;
    let run = begun(&store, Reopen::None).await;
    let end = |character: &Character, claim| {
        let mut failed = settlement(character, claim, Settled::Failed);
        let (outcome, error) = match character.name.as_str() {
            "Ada" => (Outcome::BadText, "empty"),
            "Bo" => (Outcome::Unknown, "500"),
            _ => (Outcome::RefusedRow, "422"),
        };
        failed.ending = Ending::without_text(outcome, error.into());
        failed
    };
    sent(&run, end).await;
    leaves(&store, &five.replace("\nBo,rows", "")).await;
    let causes = store.reader().await.causes(cast_of(&store).await).await;
    let causes = causes.expect("causes");
    let listed: Vec<_> = causes
        .iter()
        .map(|cause| {
            (
                cause.error_kind,
                cause.error.as_str(),
                cause.many,
                cause.example.as_str(),
            )
        })
        .collect();
    let expected = [
        (Outcome::RefusedRow, "422", 3, "Cy"),
        (Outcome::BadText, "empty", 1, "Ada"),
    ];
    assert_eq!(listed, expected, "Bo is gone");
    let cy = find(&store, "Cy").await.1;
    assert_eq!(
        (cy.error_kind, cy.error.as_deref()),
        (Some(Outcome::RefusedRow), Some("422"))
    );
}

async fn characters_are_filtered_by_state<B: Backend>(store: B) {
    let _run = in_all_states(&store).await;
    for (status, expected) in [
        (None, vec!["Ada", "Bo", "Cy", "Di", "Eve"]),
        (Some(Status::Done), vec!["Ada"]),
        (Some(Status::Failed), vec!["Bo"]),
        (Some(Status::Running), vec!["Cy"]),
        (Some(Status::Pending), vec!["Di", "Eve"]),
    ] {
        let filter = Filter {
            status,
            ..Filter::default()
        };
        assert_eq!(
            names(&records(&store, &filter).await),
            expected,
            "{status:?}"
        );
    }
}

async fn a_name_is_found_by_a_part_in_any_case<B: Backend>(store: B) {
    let text = "name,description\nÉlan Vital,x\nbob_%,x\nBOBBY,x\nZoë,x";
    imported(&store, &sheet(text)).await;
    for (part, expected) in [
        ("bob", vec!["bob_%", "BOBBY"]),
        ("ÉLAN", vec!["Élan Vital"]),
        ("n v", vec!["Élan Vital"]),
        ("_", vec!["bob_%"]),
        ("%", vec!["bob_%"]),
        ("zoe", vec![]),
    ] {
        let filter = Filter {
            name: Some(part.into()),
            ..Filter::default()
        };
        assert_eq!(names(&records(&store, &filter).await), expected, "{part}");
    }
}

async fn characters_are_filtered_by_flag_cast_and_presence<B: Backend>(store: B) {
    run_on(&store, &sheet(THREE)).await;
    imported(&store, &sheet(THREE).of_cast("ark")).await;
    leaves(&store, "name,description\nBo,swims\nCy,sings").await;
    let cast = || Some("cast".to_owned());
    for (filter, expected) in [
        (Filter::default(), vec!["Ada", "Bo", "Cy", "Bo", "Cy"]),
        (
            Filter {
                cast: cast(),
                ..Filter::default()
            },
            vec!["Bo", "Cy"],
        ),
        (
            Filter {
                cast: Some("none".into()),
                ..Filter::default()
            },
            vec![],
        ),
        (
            Filter {
                flag: Some(Flag::Stale),
                ..Filter::default()
            },
            vec!["Bo"],
        ),
        (
            Filter {
                flag: Some(Flag::Long),
                ..Filter::default()
            },
            vec![],
        ),
        (
            Filter {
                limit: Some(4),
                ..Filter::default()
            },
            vec!["Ada", "Bo", "Cy", "Bo"],
        ),
        (
            Filter {
                limit: Some(0),
                ..Filter::default()
            },
            vec![],
        ),
    ] {
        assert_eq!(
            names(&records(&store, &filter).await),
            expected,
            "{filter:?}"
        );
    }
    let all = Filter {
        cast: cast(),
        gone: true,
        ..Filter::default()
    };
    let all = records(&store, &all).await;
    let mut gone: Vec<_> = all.iter().map(|it| (it.name.as_str(), it.gone)).collect();
    gone.sort_unstable();
    assert_eq!(gone, [("Ada", true), ("Bo", false), ("Cy", false)]);
}

async fn all_conditions_of_a_filter_must_hold<B: Backend>(store: B) {
    let _run = in_all_states(&store).await;
    let filter = |status, name: &str| Filter {
        status: Some(status),
        name: Some(name.into()),
        limit: Some(1),
        ..Filter::default()
    };
    let found = records(&store, &filter(Status::Pending, "I")).await;
    assert_eq!(names(&found), ["Di"]);
    assert_eq!(records(&store, &filter(Status::Done, "bo")).await.len(), 0);
}

async fn identities_come_in_the_order_of_the_records<B: Backend>(store: B) {
    imported(&store, &sheet(THREE)).await;
    let reader = store.reader().await;
    let filter = Filter {
        limit: Some(2),
        ..Filter::default()
    };
    let ids = reader.ids(&filter).await.expect("read");
    let described = reader.described(&ids).await.expect("read");
    let named: Vec<_> = described.iter().map(|(_, it)| it.name.as_str()).collect();
    assert_eq!(named, ["Ada", "Bo"]);
}

async fn characters_are_described_in_the_order_that_is_asked_for<B: Backend>(store: B) {
    run_on(&store, &sheet(THREE)).await;
    let reader = store.reader().await;
    let ids = reader.ids(&Filter::default()).await.expect("read");
    let [ada, cy] = [ids[0], ids[2]];
    let described = reader.described(&[cy, CharacterId(1 << 40), ada]).await;
    let described = described.expect("read");
    let found: Vec<_> = described
        .iter()
        .map(|(id, it)| (*id, it.name.as_str()))
        .collect();
    assert_eq!(found, [(cy, "Cy"), (ada, "Ada")]);
    assert_eq!(described[0].1.backstory.as_deref(), Some("Story 1 of Cy."));
}

async fn an_error_of_the_caller_stops_the_reading<B: Backend>(store: B) {
    imported(&store, &sheet(THREE)).await;
    let mut seen = Vec::new();
    let each = |record: Record| {
        seen.push(record.name);
        Err(StoreError::Impossible { what: "test" })
    };
    let read = store
        .reader()
        .await
        .each_record(&Filter::default(), each)
        .await;
    assert!(matches!(read, Err(StoreError::Impossible { what: "test" })));
    assert_eq!(seen, ["Ada"]);
}

async fn a_character_is_found_by_name_key_and_row<B: Backend>(store: B) {
    let text = "id,name,description\n7,Ada,x\n8, Bo ,x\nAda,#1,x\n9,Bo,y";
    imported(&store, &sheet(text)).await;
    let reader = store.reader().await;
    for (who, rows) in [
        ("Ada", vec![1, 3]),
        ("7", vec![1]),
        ("#1", vec![1, 3]),
        ("#4", vec![4]),
        (" Bo", vec![2, 4]),
        ("bo", vec![]),
        ("B", vec![]),
        ("#5", vec![]),
        ("1", vec![]),
    ] {
        let found = reader.find("cast", who, false).await.expect("read");
        let found: Vec<_> = found.iter().map(|(_, it)| it.row).collect();
        assert_eq!(found, rows, "{who}");
    }
    let elsewhere = reader.find("other", "Ada", true).await.expect("read");
    assert!(elsewhere.is_empty());
}

async fn a_gone_character_is_found_only_when_that_is_asked_for<B: Backend>(store: B) {
    imported(&store, &sheet(THREE)).await;
    leaves(&store, "name,description\nAda,bakes").await;
    let reader = store.reader().await;
    for (gone, many) in [(false, 0), (true, 1)] {
        let found = reader.find("cast", "Bo", gone).await.expect("read");
        assert_eq!(found.len(), many);
    }
}

async fn takes_and_attempts_come_first_to_last<B: Backend>(store: B) {
    run_on(&store, &sheet(THREE)).await;
    for _ in 0..2 {
        let run = begun(&store, Reopen::All).await;
        let end = |character: &Character, claim| settlement(character, claim, Settled::Done);
        sent(&run, end).await;
    }
    let ada = find(&store, "Ada").await.0;
    let reader = store.reader().await;
    let takes = reader.takes(ada).await.expect("takes");
    let takes: Vec<_> = takes
        .iter()
        .map(|it| (it.take, it.text.as_str(), it.current))
        .collect();
    let expected = [
        (1, "Story 1 of Ada.", false),
        (2, "Story 2 of Ada.", false),
        (3, "Story 3 of Ada.", true),
    ];
    assert_eq!(takes, expected);
    let attempts = reader.attempts(ada).await.expect("attempts");
    let attempts: Vec<_> = attempts.iter().map(|it| it.attempt).collect();
    assert_eq!(attempts, [1, 2, 3]);
    assert_eq!(find(&store, "Ada").await.1.requests, 3);
}

async fn the_flags_of_a_story_are_those_of_its_transport_and_its_text<B: Backend>(store: B) {
    imported(&store, &sheet("name,description\nAda,bakes")).await;
    let run = begun(&store, Reopen::None).await;
    let end = |character: &Character, claim| {
        let mut done = settlement(character, claim, Settled::Done);
        done.ending.text = "And then".into();
        done.ending.flags = done.ending.flags.with(Flag::Unproven);
        done
    };
    sent(&run, end).await;
    let (ada, record) = find(&store, "Ada").await;
    assert_eq!(record.flags.words(), ["unproven", "abrupt"]);
    let take = store
        .reader()
        .await
        .takes(ada)
        .await
        .expect("takes")
        .remove(0);
    assert_eq!(take.flags.words(), ["unproven", "abrupt"]);
}

async fn the_last_run_is_the_last_one_that_sent_a_request<B: Backend>(store: B) {
    imported(&store, &sheet(THREE)).await;
    let cast = cast_of(&store).await;
    let last = |cast: CastId| {
        let store = &store;
        async move { store.reader().await.last_run(cast).await.expect("read") }
    };
    let idle = begun(&store, Reopen::None).await;
    assert_eq!(last(cast).await, None);
    store.end(idle, 0).await;
    failed(&store).await;
    let ended = last(cast).await.expect("a run");
    assert_eq!((ended.requests, ended.done, ended.pid), (3, 0, None));
    let run = begun(&store, Reopen::Failed).await;
    let end = |character: &Character, claim| settlement(character, claim, Settled::Done);
    sent(&run, end).await;
    let live = last(cast).await.expect("a run");
    assert_eq!((live.requests, live.done), (3, 3));
    assert_eq!(live.pid, Some(u64::from(std::process::id())));
}

async fn an_outline_says_what_a_list_is_sorted_by<B: Backend>(store: B) {
    let text = "name,description\n bo,rows\nCy,sings\nada,bakes";
    run_on(&store, &sheet(text)).await;
    leaves(&store, "name,description\n bo,swims\nCy,sings").await;
    let outlines = store.reader().await.outlines().await.expect("read");
    let mut short: Vec<_> = outlines
        .iter()
        .map(|it| (it.by_name, it.status, it.gone, it.flags.words(), it.words))
        .collect();
    short.sort_by_key(|it| it.0);
    let expected = [
        (1, Status::Done, true, vec![], Some(4)),
        (2, Status::Pending, false, vec!["stale"], Some(4)),
        (3, Status::Done, false, vec![], Some(4)),
    ];
    assert_eq!(short, expected);
    assert!(outlines.iter().all(|it| it.finished_ms.is_some()));
    let cast = cast_of(&store).await;
    assert!(outlines.iter().all(|it| it.cast == cast));
}

async fn a_reader_that_holds_still_sees_one_state<B: Backend>(store: B) {
    imported(&store, &sheet(THREE)).await;
    let (still, other) = (store.reader().await, store.reader().await);
    still.hold_still().await.expect("a snapshot");
    finished(&store).await;
    assert_eq!(still.one_cast(None).await.expect("a cast").done, 0);
    assert_eq!(other.one_cast(None).await.expect("a cast").done, 3);
}

async fn a_change_by_another_connection_is_noticed<B: Backend>(store: B) {
    imported(&store, &sheet(THREE)).await;
    let ada = find(&store, "Ada").await.0;
    let (reader, editor) = (store.reader().await, store.editor().await);
    let before = reader.version().await.expect("a version");
    editor
        .write_by_hand(ada, "By hand.", Flags::default())
        .await
        .expect("written");
    assert_ne!(reader.version().await.expect("a version"), before);
}

async fn a_live_run_is_watched<B: Backend>(store: B) {
    let run = in_all_states(&store).await;
    let cast = cast_of(&store).await;
    let reader = store.reader().await;
    let watched = reader.watched(Some(cast)).await.expect("read");
    let watched = watched.expect("a run");
    assert_eq!(
        (watched.cast, watched.alive, watched.exit),
        (cast, true, None)
    );
    assert_eq!((watched.requests, watched.done), (3, 1));
    assert_eq!(watched.endpoint, "http://127.0.0.1:8787");
    assert_eq!(watched.pid, u64::from(std::process::id()));
    assert_eq!(
        watched.spans.iter().map(|span| span.finished).sum::<u64>(),
        1
    );
    assert_eq!(
        (watched.in_back_off, watched.setback),
        (0, None),
        "a refused row delays nothing"
    );
    assert!(watched.last_story.is_some());
    store.end(run, 130).await;
    let watched = reader.watched(None).await.expect("read").expect("a run");
    assert_eq!((watched.alive, watched.exit), (false, Some(130)));
    let elsewhere = reader.watched(Some(CastId(1 << 40))).await;
    assert_eq!(elsewhere.expect("read"), None);
}

async fn a_run_that_waits_for_retries_shows_its_last_setback<B: Backend>(store: B) {
    imported(&store, &sheet(THREE)).await;
    let run = begun(&store, Reopen::None).await;
    let cut = |character: &Character, claim| settlement(character, claim, Settled::Pending);
    sent(&run, cut).await;
    let watched = store.reader().await.watched(None).await.expect("read");
    let watched = watched.expect("a run");
    assert_eq!((watched.in_back_off, watched.done), (3, 0));
    let setback = watched.setback.expect("a setback");
    assert_eq!(setback.outcome, Outcome::Unknown);
    let done = |character: &Character, claim| {
        let mut done = settlement(character, claim, Settled::Done);
        done.at += Duration::from_secs(1);
        done
    };
    sent(&run, done).await;
    let watched = store.reader().await.watched(None).await.expect("read");
    let watched = watched.expect("a run");
    assert_eq!(
        (watched.in_back_off, watched.setback),
        (0, None),
        "it is over"
    );
}

async fn the_newest_stories_come_first<B: Backend>(store: B) {
    run_on(&store, &sheet(THREE)).await;
    let cast = cast_of(&store).await;
    let ada = find(&store, "Ada").await.0;
    let written = store
        .editor()
        .await
        .write_by_hand(ada, "Mine at last.", Flags::default())
        .await;
    written.expect("written");
    imported(&store, &sheet(THREE).of_cast("ark")).await;
    let reader = store.reader().await;
    for cast in [Some(cast), None] {
        let newest = reader.newest(cast, 3).await.expect("read");
        let short: Vec<_> = newest
            .iter()
            .map(|it| (it.name.as_str(), it.words))
            .collect();
        assert_eq!((newest.len(), short[0]), (3, ("Ada", 3)));
        assert_eq!(
            (newest[0].id, newest[0].begin.as_str()),
            (ada, "Mine at last.")
        );
    }
    let ark = reader.one_cast(Some("ark")).await.expect("a cast").id;
    assert_eq!(reader.newest(Some(ark), 3).await.expect("read"), []);
}

each_store!(
    an_empty_store_has_no_cast,
    one_cast_is_meant_unless_there_are_several,
    a_cast_counts_its_characters_by_state,
    gone_characters_are_counted_apart,
    a_cast_has_a_name_a_recipe_columns_and_a_memory,
    failures_are_grouped_by_cause_the_most_frequent_first,
    characters_are_filtered_by_state,
    a_name_is_found_by_a_part_in_any_case,
    characters_are_filtered_by_flag_cast_and_presence,
    all_conditions_of_a_filter_must_hold,
    identities_come_in_the_order_of_the_records,
    characters_are_described_in_the_order_that_is_asked_for,
    an_error_of_the_caller_stops_the_reading,
    a_character_is_found_by_name_key_and_row,
    a_gone_character_is_found_only_when_that_is_asked_for,
    takes_and_attempts_come_first_to_last,
    the_flags_of_a_story_are_those_of_its_transport_and_its_text,
    the_last_run_is_the_last_one_that_sent_a_request,
    an_outline_says_what_a_list_is_sorted_by,
    a_reader_that_holds_still_sees_one_state,
    a_change_by_another_connection_is_noticed,
);

/// What the page shows of a run.
mod page {
    use super::{
        a_live_run_is_watched, a_run_that_waits_for_retries_shows_its_last_setback,
        the_newest_stories_come_first,
    };

    each_database!(
        a_live_run_is_watched,
        a_run_that_waits_for_retries_shows_its_last_setback,
        the_newest_stories_come_first,
    );
}
