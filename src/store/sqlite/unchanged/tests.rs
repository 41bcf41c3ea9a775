//! Skipping unchanged rows gives the same result as comparing all rows.

use crate::domain::alignment::Limits;
use crate::domain::character::{CharacterId, TakeNumber};
use crate::domain::comparison::Comparison;
use crate::domain::flag::Flags;
use crate::domain::recipe::{Describe, ProviderName, Recipe};
use crate::domain::row::Row;
use crate::domain::verdict::Finished;
use crate::store::StoreError;
use crate::store::sqlite::Sqlite;
use crate::store::sqlite::importing::Way;
use crate::store::{Intake, Sheet, Value};
use proptest::prelude::*;
use sqlx::{AssertSqlSafe, query, query_scalar};
use std::path::Path;

/// A row: key, name, description, another cell, and the number of lines that it takes.
type Line = (u8, &'static str, &'static str, &'static str, u64);

/// One sheet, and what happens to the cast after the import.
#[derive(Debug, Clone)]
struct Step {
    edits: Vec<(u8, usize, Line)>,
    keyed: bool,
    finished: Finished,
    model: Option<&'static str>,
    acts: Vec<(u8, usize)>,
}

fn line() -> impl Strategy<Value = Line> {
    (
        0_u8..30,
        prop::sample::select(vec!["Ada", "Bo", "\u{a0}Bo", "Guard"]),
        prop::sample::select(vec!["a", "b", " b"]),
        prop::sample::select(vec!["x", "y"]),
        1_u64..3,
    )
}

fn step(keyed: impl Strategy<Value = bool>) -> impl Strategy<Value = Step> {
    let finished = prop::sample::select(vec![
        Finished::KeepUnlessEdited,
        Finished::KeepUnlessEdited,
        Finished::Keep,
        Finished::Redo,
    ]);
    (
        prop::collection::vec((0_u8..5, any::<usize>(), line()), 0..4),
        keyed,
        finished,
        prop::sample::select(vec![None, None, None, Some("other")]),
        prop::collection::vec((0_u8..6, any::<usize>()), 0..8),
    )
        .prop_map(|(edits, keyed, finished, model, acts)| Step {
            edits,
            keyed,
            finished,
            model,
            acts,
        })
}

fn edit(rows: &mut Vec<Line>, edits: &[(u8, usize, Line)]) {
    for (what, at, line) in edits {
        let at = at % (rows.len() + 1);
        match what {
            0 => rows.insert(at, *line),
            1 if at < rows.len() => {
                let key = rows[at].0;
                rows[at] = *line;
                rows[at].0 = key;
            }
            2 if at < rows.len() => drop(rows.remove(at)),
            // A second row with the same key, now and then.
            3 if at < rows.len() => rows.insert(at, rows[at]),
            _ => rows.rotate_left(at),
        }
    }
}

fn in_form(lines: &[Line], keyed: bool) -> Vec<Row> {
    let mut next = 2;
    let row = |(number, line): (u64, &Line)| {
        let (key, name, description, other, height) = *line;
        let begins = next;
        next += height;
        Row {
            line: begins,
            number,
            key: keyed.then(|| key.to_string()),
            name: name.to_owned(),
            description: description.to_owned(),
            cells: [name, description, other].map(str::to_owned).to_vec(),
            have: None,
            have_flags: Flags::default(),
        }
    };
    (1..).zip(lines).map(row).collect()
}

fn sheet(step: &Step) -> Sheet {
    Sheet {
        cast: "cast".into(),
        columns: ["name", "description", "other"].map(str::to_owned).to_vec(),
        key_column: step.keyed.then(|| "id".into()),
        have: false,
        recipe: Recipe {
            provider: ProviderName::Demo,
            model: step.model.map(str::to_owned),
            describe: Describe::Column("description".into()),
            prompt: None,
            fields: None,
        },
        prompt_columns: Vec::new(),
        finished: step.finished,
    }
}

/// Everything that an import returns.
type Answers = (
    Vec<(String, u64, u64)>,
    Option<(Comparison, u64, u64, Option<String>)>,
);

/// Imports a sheet, unless a key is repeated in it.
async fn import(db: &Sqlite, step: &Step, lines: &[Line], way: Way) -> Result<Answers, StoreError> {
    let mut import = db.begin_import(sheet(step), way).await?;
    let rows = in_form(lines, step.keyed);
    for rows in rows.chunks(3) {
        let batch = import.form().batch(rows.to_vec());
        import.add(batch).await?;
    }
    let repeated = import.repeated_keys(5).await?;
    if !repeated.is_empty() {
        import.abandon().await?;
        return Ok((repeated, None));
    }
    let compared = import.compare().await?;
    let only = ["Bo", "#2", "7", "nobody"].map(str::to_owned);
    // A new cast has no characters to compare with.
    let (wanted, unknown) = if compared.rows == compared.new {
        (0, None)
    } else {
        (import.wanted(&only).await?, import.unknown(&only).await?)
    };
    let answers = (compared, import.duplicates().await?, wanted, unknown);
    import.apply(Some([7; 32])).await?;
    Ok((repeated, Some(answers)))
}

/// Changes the character of a row in one of several ways.
async fn act(db: &Sqlite, what: u8, at: usize) -> Result<(), StoreError> {
    let mut ids = Vec::new();
    let sql = "SELECT id, takes FROM stored_characters WHERE gone = 0 ORDER BY row";
    db.query::<StoreError>(sql, None, |_, values| {
        if let [Value::Integer(id), Value::Integer(takes)] = values[..] {
            ids.push((id, takes));
        }
        Ok(())
    })
    .await?;
    let Some((id, takes)) = ids.get(at % ids.len().max(1)).copied() else {
        return Ok(());
    };
    let sql = match what {
        0 => {
            db.write_by_hand(CharacterId(id), &format!("By hand {takes}."), Flags::default()).await?;
            return Ok(());
        }
        1 if takes > 0 => {
            db.pick(CharacterId(id), Some(TakeNumber(1))).await?;
            return Ok(());
        }
        2 => format!(
            "UPDATE stored_characters SET status = 'failed', error_kind = 'refused_row' WHERE id = {id} AND status <> 'done'"
        ),
        // A story, under the recipe of the cast.
        _ => format!(
            "INSERT INTO stored_takes (character_id, take, text, words, content, recipe_id, provider, finished_ms)
             SELECT c.id, c.takes + 1, 'Story ' || c.id || '.' || c.takes, 2, c.content, k.recipe_id, 'demo', 0
             FROM stored_characters c JOIN stored_casts k ON k.id = c.cast_id WHERE c.id = {id};
             UPDATE stored_characters SET takes = takes + 1, take = iif(picked, take, takes + 1), status = 'done',
                 flags = iif(picked, flags, 0), error_kind = NULL WHERE id = {id}"
        ),
    };
    let mut writer = db.writer.lock().await;
    let done = query(AssertSqlSafe(sql)).execute(&mut *writer).await;
    done.expect("it is stored");
    Ok(())
}

/// The whole content of a cast, without times.
async fn everything(db: &Sqlite) -> Result<Vec<String>, StoreError> {
    let mut all = Vec::new();
    for sql in [
        "SELECT name, recipe_id, header, key_column, done, failed, pending, gone, flagged, sheet_digest FROM stored_casts",
        "SELECT id, row, key, name, description, columns, content, status, gone, tries, takes, take, picked, flags, error_kind
         FROM stored_characters ORDER BY id",
        "SELECT id, character_id, take, text, content, recipe_id, copied_from, picked, flags FROM stored_takes ORDER BY id",
        "SELECT character_id FROM search_changed ORDER BY 1",
    ] {
        db.query::<StoreError>(sql, None, |_, values| {
            all.push(format!("{values:?}"));
            Ok(())
        })
        .await?;
    }
    Ok(all)
}

/// A database that does not have to survive a power failure.
async fn open(path: &Path) -> Result<Sqlite, StoreError> {
    let db = Sqlite::open(path).await?;
    let quick = query("PRAGMA synchronous = OFF")
        .execute(&mut *db.writer.lock().await)
        .await;
    quick.expect("a setting");
    Ok(db)
}

async fn both_ways(
    mut lines: Vec<Line>,
    steps: Vec<Step>,
    limits: Limits,
) -> Result<(), StoreError> {
    let folder = tempfile::TempDir::new().expect("a folder");
    let short = open(&folder.path().join("short.db")).await?;
    let full = open(&folder.path().join("full.db")).await?;
    for step in &steps {
        let before = lines.clone();
        edit(&mut lines, &step.edits);
        let answers = import(&short, step, &lines, Way::Short(limits)).await?;
        assert_eq!(answers, import(&full, step, &lines, Way::Full).await?);
        assert_eq!(everything(&short).await?, everything(&full).await?);
        if answers.1.is_none() {
            lines = before;
        }
        for (what, at) in &step.acts {
            act(&short, *what, *at).await?;
            act(&full, *what, *at).await?;
        }
    }
    Ok(())
}

#[test]
fn one_edited_one_removed_and_one_new_row_are_all_that_is_staged() {
    for keyed in [false, true] {
        block_on(async {
            let folder = tempfile::TempDir::new().expect("a folder");
            let db = open(&folder.path().join("x.db")).await?;
            let mut lines: Vec<Line> = (0..200).map(|key| (key, "Ada", "a", "x", 1)).collect();
            let names: Vec<&str> = (0..200).map(|n| &*format!("Name {n}").leak()).collect();
            for (line, name) in lines.iter_mut().zip(names) {
                line.1 = name;
            }
            let step = Step {
                edits: Vec::new(),
                keyed,
                finished: Finished::KeepUnlessEdited,
                model: None,
                acts: Vec::new(),
            };
            let way = Way::Short(Limits::default());
            import(&db, &step, &lines, way).await?;
            lines[150].2 = "b";
            lines.remove(100);
            lines.insert(50, (200, "New", "a", "x", 1));
            let mut import = db.begin_import(sheet(&step), way).await?;
            let batch = import.form().batch(in_form(&lines, keyed));
            import.add(batch).await?;
            let compared = import.compare().await?;
            assert_eq!((compared.new, compared.edited), (1, 1));
            assert_eq!((compared.unchanged, compared.would_leave), (198, 1));
            let staged: Vec<i64> = query_scalar("SELECT row FROM temp.incoming")
                .fetch_all(&mut *import.writer)
                .await
                .expect("staged rows");
            assert_eq!(staged, [51, 151]);
            import.abandon().await
        });
    }
}

fn block_on(future: impl Future<Output = Result<(), StoreError>>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let done = runtime.expect("a runtime").block_on(future);
    done.expect("the database can be used");
}

fn lines() -> impl Strategy<Value = Vec<Line>> {
    let keys = Just((0..30).collect::<Vec<u8>>()).prop_shuffle();
    (prop::collection::vec(line(), 1..12), keys).prop_map(|(mut lines, keys)| {
        for (line, key) in lines.iter_mut().zip(keys) {
            line.0 = key;
        }
        lines
    })
}

fn limits() -> impl Strategy<Value = Limits> {
    let limits = |(look_ahead, left_over)| Limits {
        look_ahead,
        left_over,
    };
    (1_usize..6, 0_usize..12).prop_map(limits)
}

proptest! {
    #![proptest_config(property_config!(32))]

    #[test]
    fn the_result_is_the_same_as_comparing_all_rows(
        lines in lines(), steps in prop::collection::vec(step(Just(false)), 2..5), limits in limits(),
    ) {
        block_on(both_ways(lines, steps, limits));
    }

    #[test]
    fn the_result_is_the_same_with_keys(
        lines in lines(), steps in prop::collection::vec(step(Just(true)), 2..5), limits in limits(),
    ) {
        block_on(both_ways(lines, steps, limits));
    }

    #[test]
    fn the_result_is_the_same_when_keys_come_and_go(
        lines in lines(), steps in prop::collection::vec(step(any::<bool>()), 2..5), limits in limits(),
    ) {
        block_on(both_ways(lines, steps, limits));
    }
}
