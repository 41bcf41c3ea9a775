//! What `status` and the page show of several workers.

use super::{all_done, database, holding_first, worker};
use crate::harness::Folder;
use crate::view::http::Viewed;
use serde_json::Value;
use std::time::Duration;

/// How often the status is read until both workers are there. A hundred times what is expected on a slow machine.
const READS_MAX: usize = 600;

/// The status of the only cast, as JSON.
fn status(folder: &Folder, url: &str) -> Value {
    let ran = folder.run(&format!("status --db {url} --json"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    serde_json::from_str(&ran.out).expect("one object")
}

/// How many workers there are, and how many requests all of them have in flight.
fn workers(status: &Value) -> (usize, u64) {
    let workers = status["workers"].as_array().expect("a list");
    let in_flight = workers
        .iter()
        .map(|it| it["in_flight"].as_u64().expect("a number"));
    (workers.len(), in_flight.sum())
}

#[test]
fn status_and_the_page_list_the_workers_of_a_cast() {
    let Some(database) = database(8) else {
        return;
    };
    let (fake, _, release) = holding_first(8);
    let folder = Folder::new();
    let url = &database.url;
    assert_eq!(workers(&status(&folder, url)), (0, 0));
    let two = (0..2).map(|_| worker(&folder, url, &fake, "--concurrency 4"));
    let two: Vec<_> = two.collect();
    let seen = (0..READS_MAX).map(|_| status(&folder, url)).find(|seen| {
        std::thread::sleep(Duration::from_millis(50));
        workers(seen) == (2, 4)
    });
    let seen = seen.expect("both workers, and four requests in flight");
    for worker in seen["workers"].as_array().expect("a list") {
        let pid = worker["pid"].as_u64().expect("a number");
        assert!(two.iter().any(|child| u64::from(child.id()) == pid));
        assert!(worker["host"].is_string() && worker["started_at"].is_string());
        assert_eq!(worker["done"], 0);
    }
    let words = folder.run(&format!("status --db {url}")).out;
    assert!(words.contains("  workers   2\n"), "{words}");
    let page = Viewed::of(&folder, &format!("--db {url}")).page("/run");
    for child in &two {
        let pid = child.id();
        assert!(words.contains(&format!("    process {pid} on ")), "{words}");
        assert!(page.contains(&format!("<td>{pid}</td>")), "{page}");
    }
    release.on();
    all_done(two);
    assert_eq!(workers(&status(&folder, url)), (0, 0));
}
