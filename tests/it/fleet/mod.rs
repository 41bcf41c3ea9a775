//! Several workers on one cast of a server: each is a process of the program, and the fake service is the witness.

mod budget;
mod commands;
mod crashes;
mod cut_off;
mod killed;
mod limits;
mod operation;
mod sheets;
mod shown;

use crate::fake::{Answer, Asked, Fake, Switch, story_of, text_of};
use crate::harness::postgres::{self, Database};
use crate::harness::{Folder, Ran, finished};
use std::process::Child;

/// A server's database with a cast of so many characters; `None` where there is no server.
fn database(characters: usize) -> Option<Database> {
    let database = postgres::database()?;
    fill(&database.url, characters, |sql| database.execute(sql));
    Some(database)
}

/// Creates the schema and a cast in a fresh database.
fn fill(url: &str, characters: usize, execute: impl FnOnce(&str)) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        let db = backstory::facade::store::Location::of(url.into())
            .open()
            .await;
        db.expect("it opens").close().await;
    });
    execute(&postgres::cast(characters));
}

/// A service that writes stories, and turns the switch on at each request.
fn counting() -> (Fake, Switch) {
    let switch = Switch::default();
    let at_each = switch.clone();
    let fake = Fake::start(move |asked| {
        at_each.on();
        Answer::story(&story_of(&asked.name))
    });
    (fake, switch)
}

/// A service that holds back the stories of the first `many` requests until `release` is on. `come` is on at each request.
fn holding_first(many: usize) -> (Fake, Switch, Switch) {
    let (come, release) = (Switch::default(), Switch::default());
    let (at_each, wait) = (come.clone(), release.clone());
    let fake = Fake::start(move |asked: &Asked| {
        at_each.on();
        let story = story_of(&asked.name);
        if asked.nth >= many {
            return Answer::story(&story);
        }
        let (first, rest) = story.split_once('|').expect("several events");
        let rest: Vec<&str> = rest.split('|').collect();
        let begun = Answer::begun().event(first);
        let held = begun.then(crate::fake::Step::Until(wait.clone()));
        rest.iter()
            .fold(held, |answer, text| answer.event(text))
            .ended()
    });
    (fake, come, release)
}

/// A worker in this folder, on the cast at this address.
fn worker(folder: &Folder, url: &str, fake: &Fake, switches: &str) -> Child {
    let line = format!(
        "resume --db {url} --base-url {} --rate unlimited {switches}",
        fake.url()
    );
    let started = folder.command(line.split_whitespace()).spawn();
    started.expect("the program starts")
}

/// Waits for workers that do all there is to do.
fn all_done(workers: Vec<Child>) -> Vec<Ran> {
    let ended: Vec<Ran> = workers.into_iter().map(finished).collect();
    for ran in &ended {
        assert_eq!(ran.code, 0, "{}", ran.err);
    }
    ended
}

/// Says that every character has exactly the story that the service sent for it, and that all counts are right.
fn all_is_whole(rows: usize) -> String {
    format!(
        "{}; DO $$
        DECLARE wrong record;
        BEGIN
            SELECT count(*) AS many, min(name) AS name, min(status) AS status INTO wrong FROM results
            WHERE status <> 'done' OR backstory IS DISTINCT FROM replace('{}', 'NAME', name);
            ASSERT wrong.many = 0, format('not whole: %s', wrong);
            ASSERT (SELECT (done, pending, running, failed)::text FROM z_cast_counts) = '({rows},0,0,0)', 'counts';
            ASSERT NOT EXISTS (SELECT FROM attempts WHERE outcome IS NULL), 'an attempt is not settled';
            ASSERT NOT EXISTS (SELECT FROM runs WHERE ended_ms IS NULL), 'a run is not over';
        END
        $$",
        postgres::INVARIANTS,
        text_of("NAME")
    )
}

/// How many requests came beside the first one for each character.
fn surplus(fake: &Fake) -> usize {
    let by_name = fake.by_name();
    by_name.values().map(|requests| requests - 1).sum()
}
