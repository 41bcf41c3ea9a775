//! What the pages say over plain HTTP: writing directions, titles, errors, takes; and what unfinished requests may not do.

use super::http::{Viewed, cast, open_events, token, wait_for_event};
use crate::fake::{Answer, Fake};
use crate::harness::Folder;
use std::io::Write;
use std::net::TcpStream;

#[test]
fn foreign_text_has_its_own_writing_direction_on_each_page() {
    let folder = Folder::with_sheet("name,description,مدينة\nعمر,خباز,القاهرة\n");
    let fake = Fake::start(|_| Answer::story("ولد عمر في القاهرة.\n\nثم رحل."));
    assert_eq!(folder.generate(&fake, "").code, 0);
    folder.write("hand.txt", "ولد عمر في دمشق.");
    assert_eq!(folder.run("edit #1 --from hand.txt").code, 0);
    let viewed = Viewed::of(&folder, "");
    for (path, all) in [
        (
            "/",
            &[
                "dir=\"auto\">عمر</a>",
                "<i dir=\"auto\">مدينة</i> <bdi>القاهرة</bdi>",
                "dir=\"auto\">ولد",
            ][..],
        ),
        (
            "/?q=دمشق",
            &["class=\"begin\" dir=\"auto\">", "dir=\"auto\">\n"],
        ),
        (
            "/character/1",
            &[
                "<h1 id=\"name\" dir=\"auto\">عمر</h1>",
                "<dt dir=\"auto\">مدينة</dt><dd dir=\"auto\">القاهرة</dd>",
                "<p dir=\"auto\">ولد عمر",
                "<div class=\"text\" dir=\"auto\">",
            ],
        ),
        (
            "/run",
            &[
                "dir=\"auto\">عمر</a>",
                "<p class=\"begin\" dir=\"auto\">ولد",
            ],
        ),
    ] {
        let path = path.replace("دمشق", "%D8%AF%D9%85%D8%B4%D9%82");
        let page = viewed.page(&path);
        for said in all.iter().filter(|said| !said.ends_with('\n')) {
            assert!(page.contains(said), "{said} at {path}: {page}");
        }
    }
    assert!(
        viewed
            .page("/")
            .contains("spellcheck=\"false\" dir=\"auto\"")
    );
}

#[test]
fn the_title_of_a_list_says_what_it_shows() {
    let (_folder, viewed) = cast();
    for (path, title) in [
        ("/", "cast"),
        ("/?q=tuesday", "tuesday · cast"),
        ("/?status=failed&sort=name", "failed · name · cast"),
        ("/character/2", "Ada"),
        ("/nope", "There is no page at this address"),
    ] {
        let got = viewed.get(path);
        let expected = format!("<title>{title} · backstory</title>");
        assert!(got.body.contains(&expected), "{path}: {}", got.body);
    }
}

#[test]
fn each_wrong_request_gets_the_error_page_with_its_navigation() {
    let (_folder, viewed) = cast();
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    let (host, own) = (
        viewed.host(),
        format!("origin: http://127.0.0.1:{}\r\n", viewed.port),
    );
    let token = token(&viewed.page("/character/1")).to_owned();
    for (first, headers, body, status, said) in [
        (
            "GET /nope",
            "",
            String::new(),
            404,
            "There is no page at this address",
        ),
        (
            "GET /character/%ff",
            "",
            String::new(),
            404,
            "There is no such character",
        ),
        (
            "GET /character/99",
            "",
            String::new(),
            404,
            "There is no such character",
        ),
        (
            "GET /run?cast=nobody",
            "",
            String::new(),
            404,
            "There is no such cast",
        ),
        (
            "POST /",
            "",
            String::new(),
            405,
            "This address cannot be used in this way",
        ),
        (
            "POST /character/1/pick",
            form,
            "take=1".into(),
            422,
            "so nothing was changed",
        ),
        (
            "POST /character/1/pick",
            "",
            "take=1".into(),
            415,
            "so nothing was changed",
        ),
        (
            "POST /character/1/pick",
            form,
            "token=0&take=1".into(),
            403,
            "from an earlier",
        ),
        (
            "POST /character/1/pick",
            form,
            format!("token={token}&take={}", "9".repeat(70_000)),
            413,
            "so nothing was changed",
        ),
    ] {
        let got = viewed.ask(first, &format!("{host}{own}{headers}"), &body);
        assert_eq!(got.status, status, "{first}: {}", got.body);
        for part in ["<h1>", said, "aria-label=\"Pages\"", "/icon.svg"] {
            assert!(got.body.contains(part), "{part} at {first}: {}", got.body);
        }
    }
    for path in [
        "/run?cast=a&cast=b",
        "/character/1?list=a&list=b",
        "/?q=a&q=b",
    ] {
        assert_eq!(viewed.get(path).status, 200, "{path}");
    }
    assert_eq!(viewed.get("/favicon.ico").status, 200);
}

#[test]
fn a_take_with_the_text_of_the_current_one_is_not_shown_again() {
    let folder = Folder::with_sheet("name,description\nAda,bakes\n");
    let fake = Fake::start(|_| Answer::story("Ada was born at sea."));
    assert_eq!(folder.generate(&fake, "").code, 0);
    let url = fake.url();
    for _ in 0..2 {
        assert_eq!(
            folder
                .run(&format!("redo #1 --base-url {url} --rate unlimited"))
                .code,
            0
        );
    }
    folder.write("hand.txt", "Six other words stand right here.");
    assert_eq!(folder.run("edit #1 --from hand.txt").code, 0);
    assert_eq!(folder.run("pick #1 2").code, 0);
    let viewed = Viewed::of(&folder, "");
    let page = viewed.page("/character/1?with=1");
    assert_eq!(
        page.matches("Ada was born at sea.").count(),
        1,
        "only the story: {page}"
    );
    assert!(
        page.contains("Take 1 has the same text as the current take."),
        "{page}"
    );
    let page = viewed.page("/character/1");
    assert!(
        page.contains("Take 4 has hardly a word in common"),
        "{page}"
    );
    assert!(!page.contains("<mark>"), "{page}");
    // What was compared stays, and the page says what was picked.
    let form = format!("token={}&take=3&with=1", token(&page));
    let got = viewed.post("/character/1/pick", &form);
    assert!(
        got.head
            .contains("location: /character/1?with=1&picked=3#takes"),
        "{}",
        got.head
    );
    let page = viewed.page("/character/1?with=1&picked=3");
    assert!(page.contains("Take 3 is the current take now."), "{page}");
    // The newest stories are one for each character, with its current take.
    let page = viewed.page("/run");
    assert_eq!(page.matches("class=\"row\"").count(), 1, "{page}");
    assert!(page.contains("Ada was born at sea."), "{page}");
}

#[test]
fn unfinished_requests_keep_no_one_out() {
    let (_folder, viewed) = cast();
    let head = format!(
        "POST /character/1/pick HTTP/1.1\r\n{}content-type: application/x-www-form-urlencoded\r\ncontent-length: 30\r\n\r\ntake=",
        viewed.host()
    );
    let half = |_| {
        let mut stream = TcpStream::connect(("127.0.0.1", viewed.port)).expect("it listens");
        stream.write_all(head.as_bytes()).expect("sent");
        stream
    };
    let unfinished: Vec<TcpStream> = (0..70).map(half).collect();
    assert_eq!(viewed.get("/").status, 200);
    let mut events = open_events(&viewed);
    wait_for_event(&mut events, "event: changed");
    // Each is ended after a while.
    for mut stream in unfinished {
        let mut answer = String::new();
        std::io::Read::read_to_string(&mut stream, &mut answer).expect("UTF-8");
        assert!(answer.contains("408"), "{answer}");
    }
}
