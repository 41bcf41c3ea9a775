//! Reading in a real browser: the history, the place in the list, the focus, what a screen reader reads out, and many open pages.

use super::browser::{NAMES, address};
use super::http::{Viewed, cast, open_events, wait_for_event};
use super::webdriver::Browser;
use crate::fake::{Answer, Fake, Step, Switch};
use crate::harness::{Folder, finished, sheet_of};

const ESCAPE: &str = "\u{e00c}";

/// A cast of 60 with stories.
fn sixty() -> (Folder, Viewed) {
    let folder = Folder::with_sheet(&sheet_of(60));
    assert_eq!(folder.generate(&Fake::telling(), "").code, 0);
    let viewed = Viewed::of(&folder, "");
    (folder, viewed)
}

#[test]
fn each_filter_is_a_step_of_the_history_and_typing_is_none() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let (_folder, viewed) = cast();
    browser.look(1600, false);
    browser.open(&address(&viewed, "/"));
    browser.click("input[name=status][value=done]");
    browser.until("location.search === '?status=done'");
    browser.click("input[name=status][value=pending]");
    browser.until("location.search === '?status=pending'");
    browser.until(&format!("{NAMES} === ''"));
    browser.run("history.back()");
    browser.until(&format!(
        "location.search === '?status=done' && {NAMES} === 'Zoë,Ada,Bo,Cy'"
    ));
    browser.until("document.querySelector('[name=status]:checked').value === 'done'");
    browser.press("/");
    browser.press("ada");
    browser.until(&format!("{NAMES} === 'Ada'"));
    browser.run("history.back()");
    browser.until(&format!(
        "location.search === '' && {NAMES} === 'Zoë,Ada,Bo,Cy'"
    ));
    browser.until("document.querySelector('[name=status]:checked').value === ''");
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn the_way_back_to_the_list_ends_at_the_row_that_one_came_from() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let (_folder, viewed) = sixty();
    browser.open(&address(&viewed, "/?sort=row"));
    browser.run("document.querySelectorAll('a.row')[39].click()");
    browser.until("document.querySelector('h1').textContent === 'Name 40'");
    browser.press("j");
    browser.until("document.querySelector('h1').textContent === 'Name 41'");
    browser.press(ESCAPE);
    browser.until(
        "location.search === '?sort=row' && document.activeElement.textContent === 'Name 41'",
    );
    browser.until("document.activeElement.getBoundingClientRect().top < innerHeight");
    // The search field of the same list, with its words selected.
    browser.open(&address(
        &viewed,
        "/character/3?list=q%3Dtuesday%26status%3Ddone",
    ));
    browser.press("/");
    browser
        .until("document.activeElement.id === 'q' && location.search === '?q=tuesday&status=done'");
    browser.until("document.activeElement.selectionEnd === 7");
}

#[test]
fn picking_a_take_leaves_the_reader_where_they_are_and_says_so() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let (_folder, viewed) = cast();
    browser.look(1600, false);
    browser.open(&address(&viewed, "/character/1?with=1"));
    browser.run("window.same = true");
    browser.click("#pick-1");
    browser.until("document.querySelector('.take.current h3').textContent.startsWith('Take 1')");
    browser.until("document.activeElement.id === 'take-1'");
    browser
        .until("document.getElementById('said').textContent === 'Take 1 is the current take now.'");
    browser.until("location.search === '?with=1' && window.same");
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn the_number_of_rows_is_told_by_a_region_that_stays() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let (_folder, viewed) = sixty();
    browser.open(&address(&viewed, "/"));
    browser.run("window.told = document.getElementById('count')");
    browser.press("/");
    browser.press("name 7");
    browser.until("window.told.isConnected && window.told.textContent.trim() === '1 found'");
    browser.until("document.querySelector('h1').textContent === 'cast'");
}

#[test]
fn a_row_that_leaves_the_list_passes_the_focus_on() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let folder = Folder::with_sheet(&sheet_of(4));
    let gates: [Switch; 4] = std::array::from_fn(|_| Switch::default());
    let held = gates.clone();
    let fake = Fake::start(move |asked| {
        Answer::begun()
            .then(Step::Until(held[asked.nth].clone()))
            .event("It came.")
            .ended()
    });
    let run = folder.start(&fake, "--concurrency 1");
    while fake.asked().is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let viewed = Viewed::of(&folder, "");
    browser.open(&address(&viewed, "/?status=pending"));
    browser.until(&format!("{NAMES} === 'Name 2,Name 3,Name 4'"));
    browser.press("j");
    browser.until("document.activeElement.textContent === 'Name 2'");
    gates[0].on();
    browser.until("document.activeElement.textContent === 'Name 3'");
    gates.iter().for_each(Switch::on);
    assert_eq!(finished(run).code, 0);
}

#[test]
fn a_page_that_finds_no_place_is_told_so_and_gets_the_next_one() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let (_folder, viewed) = cast();
    let mut streams: Vec<_> = (0..64).map(|_| open_events(&viewed)).collect();
    for stream in &mut streams {
        wait_for_event(stream, "event: changed");
    }
    browser.open(&address(&viewed, "/"));
    browser
        .until("document.getElementById('lost').textContent.includes('Too many pages are open')");
    drop(streams);
    browser.until("document.getElementById('lost').textContent === ''");
}

#[test]
fn more_pages_can_be_open_than_a_browser_has_connections() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let (folder, viewed) = cast();
    browser.open(&address(&viewed, "/"));
    let mut windows = Vec::new();
    for _ in 0..8 {
        windows.push(browser.new_window());
        browser.open(&address(&viewed, "/"));
        browser.until(&format!("{NAMES} === 'Zoë,Ada,Bo,Cy'"));
    }
    folder.write("hand.txt", "Cy went overboard.");
    assert_eq!(folder.run("edit Cy --from hand.txt").code, 0);
    for window in windows {
        browser.switch_to(&window);
        browser.until("document.getElementById('list').textContent.includes('overboard')");
    }
}

#[test]
fn times_are_shown_by_the_clock_of_the_reader() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let (_folder, viewed) = cast();
    browser.open(&address(&viewed, "/character/1"));
    browser.until("document.querySelectorAll('time').length > 2");
    browser.until("[...document.querySelectorAll('time')].every(t => /^today \\d/.test(t.textContent) && t.title.endsWith('UTC'))");
}

#[test]
fn on_a_small_screen_the_list_begins_near_the_top() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let (_folder, viewed) = cast();
    browser.look(400, false);
    browser.open(&address(&viewed, "/?status=done"));
    browser.until("document.querySelector('a.row').getBoundingClientRect().top < 300");
    browser.until("document.querySelector('.more summary').textContent === 'Filters: done'");
    browser.look(1600, false);
    browser.until("document.getElementById('sort').checkVisibility()");
}
