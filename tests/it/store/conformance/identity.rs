//! For any sheet and any edit of it, the second run asks for exactly the rows that no take fits.

use super::backend::Backend;
use super::given::{Given, begun, imported, records, settle, settlement, sheet};
use crate::store::claims::claim;
use backstory::facade::domain::character::Content;
use backstory::facade::domain::flag::{Flag, Flags};
use backstory::facade::domain::row::Row;
use backstory::facade::domain::status::Status;
use backstory::facade::store::{Filter, Library, Reopen, Settled, Stored};
use proptest::prelude::*;
use std::collections::HashMap;

/// Name and description of each row.
type Rows = Vec<(String, String)>;

/// A sheet with these rows, and with keys if there are any.
fn given(rows: &Rows, keys: Option<&[usize]>) -> Given {
    let mut given = sheet("name,description");
    given.sheet.key_column = keys.map(|_| "id".into());
    let row = |(at, (name, description)): (usize, &(String, String))| {
        let number = u64::try_from(at).expect("few") + 1;
        Row {
            line: number + 1,
            number,
            key: keys.map(|keys| keys[at].to_string()),
            name: name.clone(),
            description: description.clone(),
            cells: vec![name.clone(), description.clone()],
            have: None,
            have_flags: Flags::default(),
        }
    };
    given.rows = rows.iter().enumerate().map(row).collect();
    given
}

/// Imports a sheet and writes a story for each pending character. Returns what was asked for.
async fn run<B: Backend>(store: &B, given: &Given) -> Vec<Content> {
    let comparison = imported(store, given).await;
    let run = begun(store, Reopen::None).await;
    let mut asked = Vec::new();
    loop {
        let claimed = claim(&run, 7).await;
        if claimed.is_empty() {
            break;
        }
        let done = claimed
            .iter()
            .map(|it| settlement(it, it.claim, Settled::Done));
        let stored = settle(&run, done.collect()).await;
        assert!(stored.iter().all(|take| matches!(take, Stored::Take(_))));
        asked.extend(claimed.iter().map(|it| it.content));
    }
    let many = u64::try_from(asked.len());
    assert_eq!(
        many,
        Ok(comparison.pending),
        "the comparison said so before"
    );
    store.end(run, 0).await;
    asked
}

fn count(contents: impl IntoIterator<Item = Content>) -> HashMap<Content, usize> {
    let mut counts = HashMap::new();
    for content in contents {
        *counts.entry(content).or_default() += 1;
    }
    counts
}

fn contents(rows: &Rows) -> HashMap<Content, usize> {
    count(
        rows.iter()
            .map(|(name, description)| Content::of(name, description)),
    )
}

fn some_rows() -> impl Strategy<Value = Rows> {
    let name = prop::sample::select(vec!["Ada", "Bo", " Bo", "Guard"]).prop_map(str::to_owned);
    let description =
        prop::sample::select(vec!["a", "b", "b\r\nc", "b\nc "]).prop_map(str::to_owned);
    prop::collection::vec((name, description), 1..9)
}

/// Rows and keys that differ, out of twelve.
fn keyed_rows() -> impl Strategy<Value = (Rows, Vec<usize>)> {
    let keys = Just((0..12).collect::<Vec<usize>>()).prop_shuffle();
    (some_rows(), keys)
}

async fn three_runs<B: Backend>(store: &B, sheets: [(Rows, Option<Vec<usize>>); 3]) {
    let mut bought: HashMap<Content, usize> = HashMap::new();
    for (nth, (rows, keys)) in sheets.iter().enumerate() {
        let given = given(rows, keys.as_deref());
        let asked = count(run(store, &given).await);
        for (content, wanted) in contents(rows) {
            let had = bought.get(&content).copied().unwrap_or(0);
            let expected = wanted.saturating_sub(had);
            let asked = asked.get(&content).copied().unwrap_or(0);
            // A copy that an edit left behind may serve a later sheet as well: then it costs even less.
            if nth < 2 {
                assert_eq!(asked, expected, "run {nth} of {sheets:?}");
            } else {
                assert!(asked <= expected, "run {nth} of {sheets:?}");
            }
        }
        for (content, asked) in asked {
            *bought.entry(content).or_default() += asked;
        }
        every_row_is_finished(store, rows).await;
        importing_it_again_changes_nothing(store, &given).await;
    }
}

/// An unchanged sheet may be skipped, because its import would leave everything as it is. Here it is imported all the same.
async fn importing_it_again_changes_nothing<B: Backend>(store: &B, given: &Given) {
    let before = everything(store).await;
    let comparison = imported(store, given).await;
    assert_eq!((comparison.new, comparison.edited), (0, 0));
    assert_eq!(everything(store).await, before);
}

/// All that a cast consists of.
async fn everything<B: Backend>(store: &B) -> Vec<String> {
    let reader = store.reader().await;
    let mut all = vec![format!("{:?}", reader.casts().await.expect("casts"))];
    let filter = Filter {
        gone: true,
        ..Filter::default()
    };
    // Gone characters keep their rows, so that two may have the same one.
    let mut ids = reader.ids(&filter).await.expect("read");
    ids.sort();
    for (id, record) in reader.described(&ids).await.expect("read") {
        let takes = reader.takes(id).await.expect("takes");
        all.push(format!("{id:?}: {record:?} {takes:?}"));
    }
    all
}

/// Each row has a story that was made from just this row, and the counts are those that counting gives.
async fn every_row_is_finished<B: Backend>(store: &B, rows: &Rows) {
    let records = records(store, &Filter::default()).await;
    let finished = records
        .iter()
        .filter(|it| it.status == Status::Done && !it.flags.has(Flag::Stale));
    let finished = finished.map(|it| (it.name.clone(), it.description.clone()));
    assert_eq!(finished.collect::<Rows>(), *rows);
    let cast = store.reader().await.one_cast(None).await.expect("a cast");
    let done = u64::try_from(rows.len()).expect("few");
    assert_eq!((cast.done, cast.pending, cast.failed), (done, 0, 0));
}

type Keyed = (Rows, Vec<usize>);

async fn the_second_run_asks_for_exactly_the_rows_that_no_take_fits<B: Backend>(
    store: B,
    [a, b, c]: [Rows; 3],
) {
    three_runs(&store, [(a, None), (b, None), (c, None)]).await;
}

async fn it_is_the_same_with_keys<B: Backend>(store: B, sheets: [Keyed; 3]) {
    let sheets = sheets.map(|(rows, keys)| (rows, Some(keys)));
    three_runs(&store, sheets).await;
}

async fn it_is_the_same_when_keys_appear_and_vanish<B: Backend>(
    store: B,
    (a, b, c): (Rows, Keyed, Rows),
) {
    three_runs(&store, [(a, None), (b.0, Some(b.1)), (c, None)]).await;
}

fn three_sheets() -> impl Strategy<Value = [Rows; 3]> {
    [some_rows(), some_rows(), some_rows()]
}

fn three_keyed() -> impl Strategy<Value = [Keyed; 3]> {
    [keyed_rows(), keyed_rows(), keyed_rows()]
}

fn keys_between() -> impl Strategy<Value = (Rows, Keyed, Rows)> {
    (some_rows(), keyed_rows(), some_rows())
}

each_store_with_any!(
    the_second_run_asks_for_exactly_the_rows_that_no_take_fits(three_sheets),
    it_is_the_same_with_keys(three_keyed),
    it_is_the_same_when_keys_appear_and_vanish(keys_between),
);
