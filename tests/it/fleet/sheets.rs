//! Sheets that are imported while workers write.

use super::{all_done, counting, surplus};
use crate::fake::{Answer, Fake, Step, Switch, story_of};
use crate::harness::postgres::{self, Database};
use crate::harness::{Folder, sheet_of};
use std::process::Child;
use std::time::Duration;

/// Says that every character is done with a take of what its row says now, and that all counts are right.
fn all_fits(rows: usize) -> String {
    format!(
        "{}; DO $$ BEGIN
            ASSERT (SELECT count(*) FROM backstory.stored_characters) = {rows}, 'rows';
            ASSERT NOT EXISTS (
                SELECT FROM backstory.stored_characters c
                LEFT JOIN backstory.stored_takes t ON t.character_id = c.id AND t.take = c.take
                WHERE c.status <> 'done' OR t.content IS DISTINCT FROM c.content
            ), 'a character without a story of its row';
            ASSERT (SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()) = 0, 'deadlocks';
        END $$",
        postgres::INVARIANTS
    )
}

/// A worker that begins with this sheet of the cast `cast`.
fn running(folder: &Folder, database: &Database, fake: &Fake, sheet: &str, more: &str) -> Child {
    let line = format!(
        "run {sheet} --cast cast --db {} --base-url {} --rate unlimited {more}",
        database.url,
        fake.url()
    );
    let started = folder.command(line.split_whitespace()).spawn();
    started.expect("the program starts")
}

#[test]
fn a_sheet_that_four_workers_import_at_once_becomes_one_cast_with_each_row_once() {
    let rows = 200;
    let Some(database) = postgres::database() else {
        return;
    };
    let (folder, (fake, _)) = (Folder::with_sheet(&sheet_of(rows)), counting());
    let four = (0..4).map(|_| running(&folder, &database, &fake, "cast.csv", "--concurrency 8"));
    all_done(four.collect());
    database.execute(&all_fits(rows));
    assert_eq!((fake.asked().len(), surplus(&fake)), (rows, 0));
}

#[test]
fn edits_that_are_imported_while_workers_write_cost_exactly_what_they_change() {
    let rows = 400;
    let Some(database) = postgres::database() else {
        return;
    };
    let folder = Folder::with_sheet(&sheet_of(rows));
    // The first rows, which are written when the edits come, and the last ones, which are not.
    let edited: Vec<usize> = (1..=5).chain(396..=400).collect();
    let mut sheet = sheet_of(rows);
    for row in &edited {
        let before = format!("Name {row},Description {row}\n");
        sheet = sheet.replace(&before, &format!("Name {row},Edited {row}\n"));
    }
    folder.write("edited.csv", &sheet);
    let come = Switch::default();
    let at_each = come.clone();
    let fake = Fake::start(move |asked| {
        at_each.on();
        let story = story_of(&asked.name);
        let begun = Answer::begun().then(Step::Wait(Duration::from_millis(50)));
        story.split('|').fold(begun, Answer::event).ended()
    });
    let four: Vec<Child> = (0..4)
        .map(|_| running(&folder, &database, &fake, "cast.csv", "--concurrency 16"))
        .collect();
    come.wait(60);
    // Back and forth, so that rows are also edited while their requests are in flight.
    for sheet in ["edited.csv", "cast.csv", "edited.csv"] {
        let importing = running(&folder, &database, &fake, sheet, "--limit 0");
        all_done(vec![importing]);
    }
    all_done(four);
    database.execute(&all_fits(rows));
    let by_name = fake.by_name();
    for (name, requests) in &by_name {
        let is_edited = edited.iter().any(|row| *name == format!("Name {row}"));
        assert!(
            *requests <= if is_edited { 3 } else { 1 },
            "{name}: {requests}"
        );
    }
}
