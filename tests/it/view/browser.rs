//! The page in a real browser: search, keyboard, picking, a live run, and hostile sheets.

use super::http::{Viewed, cast, token};
use super::webdriver::Browser;
use crate::fake::{Answer, Fake, Step, Switch, story_of};
use crate::harness::{Folder, finished, needs, sheet_of};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::Command;

/// Keys that have no letter, as the protocol names them.
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";

/// The names in the list, one a line.
pub(super) const NAMES: &str =
    "[...document.querySelectorAll('a.row')].map(a => a.textContent).join()";

pub(super) fn address(viewed: &Viewed, path: &str) -> String {
    format!("http://127.0.0.1:{}{path}", viewed.port)
}

#[test]
fn the_list_follows_what_is_typed_and_the_address_follows_the_list() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let (_folder, viewed) = cast();
    browser.look(1600, false);
    browser.open(&address(&viewed, "/"));
    browser.until(&format!("{NAMES} === 'Zoë,Ada,Bo,Cy'"));
    browser.press("/");
    browser.press("lighth");
    browser.until(&format!("{NAMES} === 'Ada'"));
    browser.until("location.search === '?q=lighth'");
    browser.until("document.querySelector('mark').textContent === 'lighthouse'");
    browser.press(ESCAPE);
    browser.until(&format!(
        "{NAMES} === 'Zoë,Ada,Bo,Cy' && location.search === ''"
    ));
    browser.press(ESCAPE);
    browser.click("#sort option[value=name]");
    browser.until(&format!(
        "{NAMES} === 'Ada,Bo,Cy,Zoë' && location.search === '?sort=name'"
    ));
    browser.click("input[name=status][value=failed]");
    browser.until("document.getElementById('count').textContent.trim() === 'No characters'");
    browser.open(&address(&viewed, "/?q=tuesday&sort=name"));
    browser.until(&format!("{NAMES} === 'Ada,Bo,Cy'"));
    browser.until("document.getElementById('q').value === 'tuesday'");
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn keyboard_keys_move_through_the_cast() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let folder = Folder::with_sheet(&sheet_of(60));
    assert_eq!(folder.generate(&Fake::telling(), "").code, 0);
    let viewed = Viewed::of(&folder, "");
    browser.open(&address(&viewed, "/"));
    let on = |name: &str| format!("document.activeElement.textContent === '{name}'");
    browser.press("jj");
    browser.until(&on("Name 2"));
    browser.press("k");
    browser.until(&on("Name 1"));
    browser.press(ENTER);
    browser.until("document.querySelector('h1').textContent === 'Name 1'");
    browser.press("j");
    browser.until("document.querySelector('h1').textContent === 'Name 2'");
    browser.press("k");
    browser.until("document.querySelector('h1').textContent === 'Name 1'");
    browser.press(ESCAPE);
    browser.until("location.pathname === '/'");
    browser.run("[...document.querySelectorAll('a.row')].at(-1).focus()");
    browser.press("j");
    browser.until(&on("Name 51"));
    browser.until("location.search === '?page=2'");
    browser.press("k");
    browser.until(&on("Name 50"));
    browser.press("/");
    browser.until("document.activeElement.id === 'q'");
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn a_take_is_compared_and_picked_with_a_click() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let (folder, viewed) = cast();
    browser.open(&address(&viewed, "/character/1?list=sort%3Dname"));
    browser.until("document.querySelector('.take.current mark').textContent === 'Friday.'");
    browser.click("#takes button");
    browser.until("document.querySelector('.take.current h3').textContent.startsWith('Take 1')");
    browser.until("location.search === '?list=sort%3Dname'");
    browser.until("document.querySelector('.story').textContent.includes('Tuesday')");
    let take = folder.query("select take from results where name = 'Zoë'");
    assert_eq!(take[0]["take"], 1);
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn the_page_shows_new_stories_during_a_run() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let folder = Folder::with_sheet(&sheet_of(4));
    let gates: [Switch; 4] = std::array::from_fn(|_| Switch::default());
    let held = gates.clone();
    let fake = Fake::start(move |asked| match asked.nth {
        0 => Answer::story(&story_of(&asked.name)),
        nth => Answer::begun()
            .then(Step::Until(held[nth].clone()))
            .event("It came.")
            .ended(),
    });
    assert_eq!(folder.generate(&fake, "--limit 1").code, 0);
    let viewed = Viewed::of(&folder, "");
    browser.open(&address(&viewed, "/"));
    browser.until("!document.querySelector('.strip')");
    browser.run("window.same = true");
    let run = folder.start(&fake, "--concurrency 1");
    let how = "document.querySelector('.strip .how')?.textContent";
    browser.until(&format!("{how}.startsWith('1 of 4 · 1 running')"));
    browser.until("document.querySelectorAll('.rows .status.running').length === 1");
    gates[1].on();
    browser.until("document.querySelectorAll('.rows .status.done').length === 2");
    browser.until("document.querySelector('#many-done').textContent === '2'");
    let same = "return window.same ?? false";
    assert_eq!(browser.run(same), true, "the page was not loaded again");
    browser.open(&address(&viewed, "/run"));
    browser.until("document.querySelector('#run progress').value === 2");
    browser.run("window.same = true");
    gates[2].on();
    browser.until("document.querySelector('#run progress').value === 3");
    browser.until("document.querySelector('a.row').textContent === 'Name 3'");
    assert_eq!(browser.run(same), true, "the page was not loaded again");
    browser.open(&address(&viewed, "/"));
    browser.until(&format!("{how}.startsWith('3 of 4')"));
    browser.run("window.same = true");
    gates[3].on();
    browser.until("!document.querySelector('.strip')");
    browser.until("document.querySelectorAll('.rows .status.done').length === 4");
    assert_eq!(browser.run(same), true, "the page was not loaded again");
    assert_eq!(finished(run).code, 0);
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn a_page_says_when_its_content_may_be_outdated() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let (folder, viewed) = cast();
    browser.open(&address(&viewed, "/"));
    browser.until("document.getElementById('lost').textContent === ''");
    // Another program damages the data that is read from now on.
    if let Some(sqlite3) = needs("sqlite3") {
        let spoiled = Command::new(sqlite3)
            .arg(folder.path("backstory.db"))
            .arg("drop view z_live_runs")
            .status();
        assert!(spoiled.expect("it runs").success());
        let old = "This page may be out of date: cannot";
        browser.until(&format!(
            "document.getElementById('lost').textContent.startsWith('{old}')"
        ));
    }
    drop(viewed);
    browser.until("document.getElementById('lost').textContent.includes('does not answer')");
}

#[test]
fn a_hostile_sheet_is_shown_and_executes_nothing() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let hostile = "<script>window.ran=1</script><img src=x onerror=window.ran=1>";
    let folder = Folder::with_sheet(&format!(
        "name,description\n{hostile},<svg onload=window.ran=1>\n"
    ));
    let fake = Fake::start(move |_| Answer::story(&format!("{hostile} came home.")));
    assert_eq!(folder.generate(&fake, "").code, 0);
    folder.write("hand.txt", format!("{hostile} left."));
    assert_eq!(folder.run("edit #1 --from hand.txt").code, 0);
    let viewed = Viewed::of(&folder, "");
    for path in ["/", "/?q=window", "/character/1", "/run"] {
        browser.open(&address(&viewed, path));
        browser.until("document.body.innerText.includes('<script>window.ran=1')");
        // Later events reach the page another way.
        browser.run(
            "document.getElementById('q')?.dispatchEvent(new Event('input', {bubbles: true}))",
        );
        browser.until("document.readyState === 'complete'");
        assert_eq!(
            browser.run("return window.ran ?? null"),
            serde_json::Value::Null,
            "{path}"
        );
        assert_eq!(
            browser.run("return document.querySelectorAll('main img, main script').length"),
            0
        );
    }
    assert_eq!(browser.complaints(), [""; 0]);
    // And if something got in after all, the policy would keep it from running.
    browser.run(
        "document.body.insertAdjacentHTML('beforeend', '<img src=\"data:,\" onerror=\"window.ran = 1\">'); \
         const script = document.createElement('script'); script.textContent = 'window.ran = 1'; document.body.append(script);",
    );
    browser.until("document.querySelector('body > img').complete");
    assert_eq!(
        browser.run("return window.ran ?? null"),
        serde_json::Value::Null
    );
    assert!(
        !browser.complaints().is_empty(),
        "the browser says what it refused"
    );
}

/// A page of another origin on this machine that tries all requests that a browser permits.
fn elsewhere(port: u16, token: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let own = listener.local_addr().expect("bound").port();
    let target = format!("http://127.0.0.1:{port}");
    let page = format!(
        "<!doctype html><title>elsewhere</title><iframe name=f></iframe>\
         <img src='{target}/icon.svg' onload='window.reached=1' onerror='window.refused=1'>\
         <form method=post target=f action='{target}/character/1/pick'><input name=take value=1><input name=token value={token}></form>\
         <script>document.querySelector('iframe').onload = () => window.posted=1; document.forms[0].submit();\
         fetch('{target}/').then(() => window.reached=1, () => window.unread=1);\
         const source = new EventSource('{target}/events');\
         source.onopen = () => window.reached=1; source.onerror = () => window.deaf=1;</script>"
    );
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(&stream).lines();
            while lines
                .next()
                .is_some_and(|line| line.is_ok_and(|line| !line.is_empty()))
            {}
            let length = page.len();
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
            );
            let _ = (&stream).write_all((head + &page).as_bytes());
        }
    });
    format!("http://localhost:{own}/")
}

#[test]
fn a_request_from_another_origin_is_refused() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let (folder, viewed) = cast();
    let page = viewed.page("/character/1");
    // Even if it had learned the token.
    browser.open(&elsewhere(viewed.port, token(&page)));
    browser.until("window.unread && window.deaf && window.refused && window.posted");
    assert_eq!(
        browser.run("return window.reached ?? null"),
        serde_json::Value::Null
    );
    let take = folder.query("select take from results where name = 'Zoë'");
    assert_eq!(take[0]["take"], 2, "nothing was chosen");
}

/// Each text with too little contrast to its background (WCAG AA: 4.5, large text 3), and each field without a name.
const HARD_TO_READ: &str = r"
    const light = (rgb) => {
        const part = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
        return 0.2126 * part(rgb[0]) + 0.7152 * part(rgb[1]) + 0.0722 * part(rgb[2]);
    };
    const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
    const behind = (element) => {
        for (; element; element = element.parentElement) {
            const colour = numbers(getComputedStyle(element).backgroundColor);
            if (colour.length < 4 || colour[3] > 0) return colour;
        }
        return [255, 255, 255];
    };
    const bad = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode()); ) {
        const element = node.parentElement;
        if (!node.data.trim() || !element.checkVisibility() || element.closest('svg, option, .skip')) continue;
        const style = getComputedStyle(element);
        const [one, two] = [light(numbers(style.color)), light(behind(element))].sort((a, b) => b - a);
        const size = parseFloat(style.fontSize);
        const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
        const contrast = (one + 0.05) / (two + 0.05);
        if (contrast < (large ? 3 : 4.5)) bad.push(`${contrast.toFixed(2)} ${element.className} ${node.data.trim()}`);
    }
    for (const field of document.querySelectorAll('input:not([type=hidden]), select'))
        if (!field.labels.length) bad.push(`no label: ${field.name}`);
    if (document.documentElement.scrollWidth > innerWidth) bad.push(`wider than the screen: ${document.documentElement.scrollWidth}`);
    if (document.querySelectorAll('h1').length !== 1) bad.push('not one h1');
    if (document.documentElement.lang !== 'en') bad.push('no lang');
    return bad;
";

#[test]
fn all_pages_are_readable_on_any_screen_in_light_and_dark() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let (folder, viewed) = cast();
    let fake = Fake::start(|_| Answer::status(400, "", r#"{"ERROR":"not this one"}"#));
    folder.write(
        "more.csv",
        format!("name,description\n{},Fails\n", "Verylongname".repeat(30)),
    );
    let url = fake.url();
    let ran = folder.run(&format!("run more.csv --base-url {url} --rate unlimited"));
    assert_eq!(ran.code, 1, "{}", ran.err);
    for dark in [false, true] {
        for width in [400, 900, 1600] {
            for path in [
                "/",
                "/?q=tuesday",
                "/?q=nothing",
                "/character/1",
                "/character/5",
                "/run",
                "/nothing",
            ] {
                browser.look(width, dark);
                browser.open(&address(&viewed, path));
                let bad = browser.run(HARD_TO_READ);
                assert_eq!(bad, serde_json::json!([]), "{path} {width} {dark}");
            }
        }
    }
}

#[test]
fn without_javascript_the_page_can_be_read_and_searched() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let (_folder, viewed) = cast();
    browser.send_command(
        "Emulation.setScriptExecutionDisabled",
        &serde_json::json!({"value": true}),
    );
    browser.open(&address(&viewed, "/"));
    browser.until("!document.querySelector('.scripted')");
    browser.click("#q");
    browser.press("lighthouse");
    browser.click("#filters button");
    browser.until(&format!("{NAMES} === 'Ada'"));
    browser.click("a.row");
    browser.until("document.querySelector('h1').textContent === 'Ada'");
    browser.click("a[data-key=Escape]");
    browser.until("location.search === '?q=lighthouse'");
}
