//! The database is removed or replaced while the page is open: nothing is written into the old one, and the page goes on with the
//! new one.

use super::browser::{NAMES, address};
use super::http::{Viewed, cast, names, open_events, token, wait_for_event};
use super::webdriver::Browser;
use crate::fake::{Answer, Fake};
use crate::harness::Folder;

/// A database of one character with two takes, ready to be moved to another path.
fn other() -> Folder {
    let folder = Folder::with_sheet("name,description\nEve,dives\n");
    let fake = Fake::start(|_| Answer::story("Eve dived."));
    assert_eq!(folder.generate(&fake, "").code, 0);
    folder.write("hand.txt", "Eve swam.");
    assert_eq!(folder.run("edit Eve --from hand.txt").code, 0);
    folder
}

fn replace(folder: &Folder, by: &Folder) {
    let (from, to) = (by.path("backstory.db"), folder.path("backstory.db"));
    std::fs::rename(from, to).expect("it was there");
}

fn pick(viewed: &Viewed, page: &str, take: u32) -> (u16, String) {
    let form = format!("token={}&take={take}", token(page));
    let got = viewed.post("/character/1/pick", &form);
    (got.status, got.body)
}

#[test]
fn a_pick_on_a_page_of_a_replaced_database_is_refused_and_damages_nothing() {
    let (folder, viewed) = cast();
    let before = viewed.page("/character/1");
    // What was picked before is in no log that the new file could meet.
    assert_eq!(pick(&viewed, &before, 1).0, 303);
    replace(&folder, &other());
    let (status, body) = pick(&viewed, &before, 1);
    assert_eq!(status, 409, "{body}");
    assert!(
        body.contains(
            "he database was replaced after this page was loaded, so nothing was changed"
        ),
        "{body}"
    );
    let listed = folder.run("list");
    assert_eq!(listed.code, 0, "{}", listed.err);
    assert!(listed.out.contains("Eve"), "{}", listed.out);
    let take = || folder.query("select take from results")[0]["take"].clone();
    assert_eq!(take(), 2, "nothing was picked in the new one");
    let after = viewed.page("/character/1");
    assert!(after.contains("Eve swam."), "{after}");
    assert_eq!(pick(&viewed, &after, 1).0, 303);
    assert_eq!(take(), 1);
    drop(viewed);
    assert_eq!(folder.run("list").code, 0);
}

#[test]
fn a_removed_database_is_not_shown_and_the_next_one_at_its_path_is() {
    let (folder, viewed) = cast();
    let mut events = open_events(&viewed);
    wait_for_event(&mut events, "event: changed");
    std::fs::remove_file(folder.path("backstory.db")).expect("it was there");
    wait_for_event(&mut events, "event: trouble");
    for path in ["/", "/?q=tuesday", "/character/1", "/run"] {
        let got = viewed.get(path);
        assert_eq!(got.status, 503, "{path}: {}", got.body);
        assert!(
            got.body.contains("`backstory.db` was removed or replaced"),
            "{path}: {}",
            got.body
        );
    }
    assert!(!folder.path("backstory.db").exists(), "no file is made");
    // A page that is opened now says so, too.
    let mut later = open_events(&viewed);
    wait_for_event(&mut later, "was removed or replaced");
    replace(&folder, &other());
    wait_for_event(&mut events, "event: changed");
    wait_for_event(&mut later, "event: changed");
    assert_eq!(names(&viewed.page("/")), ["Eve"]);
    assert_eq!(names(&viewed.page("/?q=swam")), ["Eve"]);
    assert_eq!(viewed.get("/character/2").status, 404);
}

#[test]
fn an_open_page_follows_the_database_that_replaces_its_own() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let (folder, viewed) = cast();
    browser.open(&address(&viewed, "/"));
    browser.until(&format!("{NAMES} === 'Zoë,Ada,Bo,Cy'"));
    replace(&folder, &other());
    browser.until(&format!("{NAMES} === 'Eve'"));
    browser.until("document.getElementById('lost').textContent === ''");
    std::fs::remove_file(folder.path("backstory.db")).expect("it was there");
    browser
        .until("document.getElementById('lost').textContent.includes('was removed or replaced')");
    replace(&folder, &other());
    browser.until("document.getElementById('lost').textContent === ''");
    // A page of a character that the new database does not have says so.
    browser.open(&address(&viewed, "/character/1"));
    let (third, fake) = (
        Folder::with_sheet("name,description\nIda,rows\n"),
        Fake::telling(),
    );
    assert_eq!(third.generate(&fake, "--limit 0").code, 0);
    replace(&folder, &third);
    browser.until("document.querySelector('h1').textContent === 'Ida'");
}
