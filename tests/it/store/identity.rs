//! For any sheet and any edit of it, the second run asks for exactly the rows that no take fits.

use super::claims::claim;
use backstory::facade::domain::character::{CastId, Content};
use backstory::facade::domain::outcome::{Ending, Outcome};
use backstory::facade::domain::recipe::{Describe, ProviderName, Recipe};
use backstory::facade::domain::row::Row;
use backstory::facade::store::{
    Comparison, Finished, Group, Holder, Import, Intake, Ledger, Library, NewRun, Reopen, Settled,
    Settlement, Sheet, Sqlite, Stored,
};
use proptest::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

/// Name and description of each row; the key is there when the sheet has keys.
type Rows = Vec<(String, String)>;

fn recipe() -> Recipe {
    Recipe {
        provider: ProviderName::Demo,
        model: None,
        describe: Describe::Column("description".into()),
        prompt: None,
        fields: None,
    }
}

fn sheet(keyed: bool) -> Sheet {
    Sheet {
        cast: "cast".into(),
        columns: vec!["name".into(), "description".into()],
        key_column: keyed.then(|| "id".into()),
        have: false,
        recipe: recipe(),
        prompt_columns: Vec::new(),
        finished: Finished::KeepUnlessEdited,
    }
}

fn rows(rows: &Rows, keys: Option<&[usize]>) -> Vec<Row> {
    (1..)
        .zip(rows)
        .map(|(number, (name, description))| Row {
            line: number + 1,
            number,
            key: keys.map(|keys| keys[usize::try_from(number).expect("small") - 1].to_string()),
            name: name.clone(),
            description: description.clone(),
            cells: vec![name.clone(), description.clone()],
            have: None,
        })
        .collect()
}

async fn take_in(db: &Holder, sheet: Sheet, rows: &[Row]) -> (CastId, Comparison) {
    let mut import = db.import(sheet).await.expect("it begins");
    let batch = Import::batch(&import.form(), rows.to_vec());
    import.add(batch).await.expect("stored");
    let compared = import.compare().await.expect("compared");
    (import.apply(None).await.expect("applied"), compared)
}

/// Takes a sheet in and writes a story for whoever is pending; returns what was asked for.
async fn run(db: &Arc<Holder>, sheet: Sheet, rows: &[Row]) -> Vec<Content> {
    let recipe = sheet.recipe.clone();
    let (cast, compared) = take_in(db, sheet, rows).await;
    let new = NewRun {
        cast,
        recipe,
        endpoint: "demo".into(),
        reopen: Reopen::None,
        needs_columns: false,
        characters_max: None,
        only: None,
        memory: "{}".into(),
    };
    let run = db.begin_run(new).await.expect("begun");
    let mut asked = Vec::new();
    loop {
        let claimed = claim(&run, 7).await;
        if claimed.is_empty() {
            break;
        }
        let settlements = claimed.iter().map(|who| {
            let content = Content::of(&who.name, &who.description);
            asked.push(content);
            Settlement {
                id: who.id,
                claim: who.claim,
                content,
                state: Settled::Done,
                tries: 0,
                ending: Ending {
                    text: format!("{} {}.", who.name, asked.len()).into(),
                    ..Ending::without_text(Outcome::Ok, String::new())
                }
                .ok(),
                words: 2,
                cost: None,
                at: SystemTime::now(),
            }
        });
        let group = Group {
            settlements: settlements.collect(),
            ..Group::default()
        };
        let settled = run.commit(group).await.expect("settled").settled;
        assert!(settled.iter().all(|take| matches!(take, Stored::Take(_))));
    }
    assert_eq!(
        u64::try_from(asked.len()),
        Ok(compared.pending),
        "the comparison foretold it"
    );
    run.end(0).await.expect("ended");
    asked
}

trait Fine {
    /// The same without an error.
    fn ok(self) -> Self;
}

impl Fine for Ending {
    fn ok(mut self) -> Self {
        self.error = None;
        self
    }
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

async fn three_runs(sheets: [(Rows, Option<Vec<usize>>); 3]) {
    let folder = tempfile::TempDir::new().expect("a folder");
    let db = Sqlite::open(&folder.path().join("x.db"))
        .await
        .expect("a database");
    let db = Arc::new(db);
    let mut bought: HashMap<Content, usize> = HashMap::new();
    for (nth, (sheet_rows, keys)) in sheets.iter().enumerate() {
        let asked = run(
            &db,
            sheet(keys.is_some()),
            &rows(sheet_rows, keys.as_deref()),
        )
        .await;
        let asked = count(asked);
        for (content, wanted) in contents(sheet_rows) {
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
        every_row_stands_finished(&db, sheet_rows).await;
        taking_it_in_again_changes_nothing(&db, sheet_rows, keys.as_deref()).await;
    }
}

/// An unchanged sheet may be passed over, because taking it in would leave everything as it is: here it is taken in all the
/// same.
async fn taking_it_in_again_changes_nothing(
    db: &Holder,
    sheet_rows: &Rows,
    keys: Option<&[usize]>,
) {
    let before = everything(db).await;
    let rows = rows(sheet_rows, keys);
    let (_, compared) = take_in(db, sheet(keys.is_some()), &rows).await;
    assert_eq!((compared.new, compared.edited), (0, 0));
    assert_eq!(everything(db).await, before);
}

/// All that a cast consists of.
async fn everything(db: &Holder) -> Vec<String> {
    let mut all = Vec::new();
    for table in [
        "stored_casts",
        "stored_characters",
        "stored_takes",
        "recipes",
    ] {
        let sql = format!("SELECT * FROM {table} ORDER BY id");
        db.query::<backstory::facade::store::StoreError>(&sql, None, |_, values| {
            all.push(format!("{table}: {values:?}"));
            Ok(())
        })
        .await
        .expect("a query");
    }
    all
}

/// Each row has a story that was made from just this row, and the kept counts are those that counting gives.
async fn every_row_stands_finished(db: &Holder, sheet_rows: &Rows) {
    let sql = "SELECT c.name, c.description FROM stored_characters c
        JOIN stored_takes t ON t.character_id = c.id AND t.take = c.take
        WHERE c.gone = 0 AND c.status = 'done' AND c.flags & 64 = 0 AND t.content = c.content ORDER BY c.row";
    let mut found: Rows = Vec::new();
    db.query::<backstory::facade::store::StoreError>(sql, None, |_, values| {
        use backstory::facade::store::Value::Text;
        let [Text(name), Text(description)] = &values[..] else {
            panic!("two texts")
        };
        found.push((name.clone(), description.clone()));
        Ok(())
    })
    .await
    .expect("a query");
    assert_eq!(&found, sheet_rows);
    let casts = db.casts().await.expect("casts");
    let done = u64::try_from(sheet_rows.len()).expect("small");
    assert_eq!(
        (casts[0].done, casts[0].pending, casts[0].failed),
        (done, 0, 0)
    );
}

/// White space of any kind around a name is no part of it: not where rows are paired by name, not where one is asked for.
#[test]
fn white_space_around_a_name_is_no_part_of_it() {
    block_on(async {
        for blank in ["\u{a0}", "\u{3000}", "\u{2009}", "\u{b}", "\t "] {
            let folder = tempfile::TempDir::new().expect("a folder");
            let db = Sqlite::open(&folder.path().join("x.db"))
                .await
                .expect("a database");
            let one =
                |name: String, description: &str| rows(&vec![(name, description.into())], None);
            take_in(&db, sheet(false), &one("Bo".into(), "a")).await;
            let again = one(format!("{blank}Bo{blank}"), "b");
            let (_, compared) = take_in(&db, sheet(false), &again).await;
            assert_eq!((compared.edited, compared.new), (1, 0), "{blank:?}");
            let found = db.find("cast", "Bo", false).await.expect("a search");
            assert_eq!(found.len(), 1, "{blank:?}");
        }
    });
}

fn block_on(future: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(future);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_second_run_asks_for_exactly_the_rows_that_no_take_fits(a in some_rows(), b in some_rows(), c in some_rows()) {
        block_on(three_runs([(a, None), (b, None), (c, None)]));
    }

    #[test]
    fn so_it_is_with_keys(a in keyed_rows(), b in keyed_rows(), c in keyed_rows()) {
        block_on(three_runs([a, b, c].map(|(rows, keys)| (rows, Some(keys)))));
    }

    #[test]
    fn so_it_is_when_keys_appear_and_vanish(a in some_rows(), b in keyed_rows(), c in some_rows()) {
        block_on(three_runs([(a, None), (b.0, Some(b.1)), (c, None)]));
    }
}
