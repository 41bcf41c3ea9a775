//! The page over plain HTTP: what it shows, which requests are refused, and what it changes.

use crate::fake::{Answer, Fake, Switch, story_of};
use crate::harness::{Folder, finished, from_a_shell, sheet_of, signal, wait_for};
use rustix::process::Signal;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Child;
use std::time::Duration;

/// A page on a free port.
pub(crate) struct Viewed {
    child: Child,
    pub(crate) port: u16,
}

impl Drop for Viewed {
    fn drop(&mut self) {
        signal(&self.child, Signal::KILL);
        let _ = self.child.wait();
    }
}

/// An answer, taken apart.
pub(super) struct Got {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

impl Viewed {
    pub(crate) fn of(folder: &Folder, switches: &str) -> Self {
        let line = format!("view --port 0 {switches}");
        let mut child = folder
            .command(line.trim_end().split(' '))
            .spawn()
            .expect("it starts");
        let mut first_line = String::new();
        let stderr = child.stderr.take().expect("piped");
        let mut reader = BufReader::new(stderr);
        reader
            .read_line(&mut first_line)
            .expect("it says where it is");
        std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
        let port = first_line
            .strip_prefix("the cast is at http://127.0.0.1:")
            .and_then(|rest| rest.strip_suffix("/ (press Ctrl-C to stop)\n"))
            .and_then(|port| port.parse().ok());
        let port = port.unwrap_or_else(|| panic!("no address in `{first_line}`"));
        Self { child, port }
    }

    /// One request with these lines after the first one; the whole answer.
    pub(super) fn ask(&self, first: &str, headers: &str, body: &str) -> Got {
        let mut stream = self.connect(first, headers, body);
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("UTF-8");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        Got {
            status: head[9..12].parse().expect("a status"),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    pub(super) fn connect(&self, first: &str, headers: &str, body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        let length = body.len();
        write!(
            stream,
            "{first} HTTP/1.1\r\n{headers}connection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .expect("sent");
        stream
    }

    pub(super) fn host(&self) -> String {
        format!("host: 127.0.0.1:{}\r\n", self.port)
    }

    pub(super) fn get(&self, path: &str) -> Got {
        self.ask(&format!("GET {path}"), &self.host(), "")
    }

    /// The page at `path`, which is there.
    pub(crate) fn page(&self, path: &str) -> String {
        let got = self.get(path);
        assert_eq!(got.status, 200, "{path}: {}", got.body);
        got.body
    }

    /// A form, sent as the page itself sends it.
    pub(super) fn post(&self, path: &str, form: &str) -> Got {
        let headers = format!(
            "{}origin: http://127.0.0.1:{}\r\nsec-fetch-site: same-origin\r\ncontent-type: application/x-www-form-urlencoded\r\n",
            self.host(),
            self.port
        );
        self.ask(&format!("POST {path}"), &headers, form)
    }
}

/// The names in the list on a page, in their order.
pub(super) fn names(page: &str) -> Vec<String> {
    let rows = page.split("<a class=\"row\" href=\"").skip(1);
    let name = |row: &str| {
        let (_, behind) = row.split_once('>').expect("a name");
        behind.split_once('<').expect("its end").0.to_owned()
    };
    rows.map(name).collect()
}

/// The text between `from` and `to`.
pub(super) fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let (_, behind) = text
        .split_once(from)
        .unwrap_or_else(|| panic!("no {from} in {text}"));
    behind.split_once(to).expect("an end").0
}

pub(crate) fn token(page: &str) -> &str {
    between(page, "name=\"token\" value=\"", "\"")
}

/// A cast of four with stories. The first character has two takes.
pub(crate) fn cast() -> (Folder, Viewed) {
    let sheet = "name,description,city\nZoë,Drives a tram,Lisbon\nAda,Keeps a lighthouse,Porto\nBo,Bakes,Oslo\nCy,Sails,Bergen\n";
    let (folder, fake) = (Folder::with_sheet(sheet), Fake::telling());
    assert_eq!(folder.generate(&fake, "").code, 0);
    folder.write("hand.txt", "Zoë was born on a Friday.");
    assert_eq!(folder.run("edit Zoë --from hand.txt").code, 0);
    let viewed = Viewed::of(&folder, "");
    (folder, viewed)
}

#[test]
fn the_cast_is_shown_with_columns_status_word_count_and_the_start_of_each_story() {
    let (_folder, viewed) = cast();
    let page = viewed.page("/");
    assert_eq!(names(&page), ["Zoë", "Ada", "Bo", "Cy"]);
    for said in [
        "<html lang=\"en\">",
        "4 characters",
        "<i dir=\"auto\">city</i> <bdi>Lisbon</bdi>",
        "8 words",
        "Ada was born on a Tuesday. Nobody minded.",
        "<span class=\"status done\">done</span>",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(
        !page.contains("style=\""),
        "nothing that the policy refuses"
    );
}

#[test]
fn search_filters_and_order_are_in_the_url() {
    let (folder, viewed) = cast();
    let listed = |path: &str| names(&viewed.page(path));
    assert_eq!(listed("/?q=lighth"), ["Ada"]);
    assert_eq!(listed("/?q=friday"), ["Zoë"], "the take that counts");
    assert_eq!(listed("/?q=dragon"), [""; 0]);
    assert_eq!(listed("/?q=tuesday&sort=name"), ["Ada", "Bo", "Cy"]);
    assert_eq!(listed("/?sort=name"), ["Ada", "Bo", "Cy", "Zoë"]);
    assert_eq!(listed("/?sort=words").last().expect("four"), "Zoë");
    assert_eq!(listed("/?sort=finished_at")[0], "Zoë");
    assert_eq!(listed("/?status=pending"), [""; 0]);
    assert_eq!(
        listed("/?status=rubbish&page=abc&flag=%22"),
        ["Zoë", "Ada", "Bo", "Cy"]
    );
    assert!(viewed.page("/?q=keeps+lighthouse").contains("<mark>"));
    let other = Fake::start(|_| Answer::story("It ends"));
    folder.write("crew.csv", "name,description\nEve,Dives\n");
    let url = other.url();
    assert_eq!(
        folder
            .run(&format!("run crew.csv --base-url {url} --rate unlimited"))
            .code,
        0
    );
    assert_eq!(listed("/?flag=abrupt"), ["Eve"], "as soon as it is stored");
    assert_eq!(listed("/?cast=crew"), ["Eve"]);
    assert_eq!(listed("/").len(), 5);
    assert_eq!(viewed.get("/?cast=nobody").status, 404);
    let one = Viewed::of(&folder, "crew");
    assert_eq!(names(&one.page("/")), ["Eve"]);
    assert_eq!(names(&one.page("/?q=tuesday")), [""; 0]);
    assert_eq!(one.get("/character/1").status, 404, "another cast's");
}

#[test]
fn a_large_cast_is_shown_in_pages() {
    let folder = Folder::with_sheet(&sheet_of(120));
    assert_eq!(folder.generate(&Fake::telling(), "--limit 1").code, 0);
    let viewed = Viewed::of(&folder, "");
    let first = viewed.page("/");
    assert_eq!(names(&first).len(), 50);
    assert!(first.contains("1–50 of 120"), "{first}");
    let last = viewed.page("/?page=3");
    assert_eq!(names(&last).first().expect("twenty"), "Name 101");
    assert_eq!(names(&last).len(), 20);
    assert!(!last.contains("rel=\"next\""));
    assert_eq!(names(&viewed.page("/?page=99")), names(&last));
    let done = viewed.page("/?sort=finished_at");
    assert_eq!(names(&done)[0], "Name 1", "those without a story come last");
}

#[test]
fn a_character_is_shown_with_all_its_takes_and_what_differs_in_them() {
    let (_folder, viewed) = cast();
    let page = viewed.page("/character/1");
    for said in [
        "<h1 id=\"name\" dir=\"auto\">Zoë</h1>",
        "<p dir=\"auto\">Zoë was born on a Friday.</p>",
        "<mark>Friday.</mark>",
        "Pick take 1",
        "a whole story",
        "1 of 4",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(page.contains("rel=\"next\"") && !page.contains("rel=\"prev\""));
    let found = viewed.page("/character/2?list=q%3Dtuesday%26sort%3Dname");
    assert!(
        found.contains("1 of 3"),
        "its place in the list it was found in: {found}"
    );
    for path in ["/character/99", "/character/x", "/elsewhere"] {
        assert_eq!(viewed.get(path).status, 404, "{path}");
    }
}

#[test]
fn a_take_is_picked_and_unpicked_and_a_run_respects_it() {
    let (folder, viewed) = cast();
    let token = token(&viewed.page("/character/1")).to_owned();
    let got = viewed.post(
        "/character/1/pick",
        &format!("token={token}&take=1&list=q%3Dzoe"),
    );
    assert_eq!(got.status, 303, "{}", got.body);
    assert!(
        got.head.contains("location: /character/1?list=q%3Dzoe"),
        "{}",
        got.head
    );
    let take = || folder.query("select take from results where name = 'Zoë'")[0]["take"].clone();
    assert_eq!(take(), 1);
    assert!(viewed.page("/character/1").contains("picked"));
    assert_eq!(
        viewed
            .post("/character/1/pick", &format!("token={token}&take="))
            .status,
        303
    );
    assert_eq!(take(), 2, "the newest take is current again");
    for (path, form) in [
        ("/character/1/pick", format!("token={token}&take=9")),
        ("/character/1/pick", format!("token={token}&take=x")),
        ("/character/99/pick", format!("token={token}&take=1")),
    ] {
        assert_eq!(viewed.post(path, &form).status, 404, "{path} {form}");
    }
    assert_eq!(take(), 2);
}

#[test]
fn the_page_is_reachable_only_with_its_own_host_and_token() {
    let (folder, viewed) = cast();
    let port = viewed.port;
    let host = viewed.host();
    let token = token(&viewed.page("/character/1")).to_owned();
    for headers in [
        String::new(),
        "host: evil.example\r\n".to_owned(),
        format!("host: evil.example:{port}\r\n"),
        format!("{host}origin: http://evil.example\r\n"),
        format!("{host}origin: null\r\n"),
        format!("{host}sec-fetch-site: cross-site\r\n"),
        format!("{host}sec-fetch-site: same-site\r\n"),
    ] {
        for path in ["/", "/run", "/character/1", "/events", "/view.js"] {
            let got = viewed.ask(&format!("GET {path}"), &headers, "");
            assert!(matches!(got.status, 400 | 403), "{path} {headers}");
            assert!(!got.body.contains("Zoë"), "{headers}");
        }
        let form = format!("{headers}content-type: application/x-www-form-urlencoded\r\n");
        let got = viewed.ask(
            "POST /character/1/pick",
            &form,
            &format!("token={token}&take=1"),
        );
        assert!(matches!(got.status, 400 | 403), "{headers}");
    }
    for form in [
        "take=1".to_owned(),
        "token=&take=1".to_owned(),
        format!("token={}&take=1", "0".repeat(32)),
    ] {
        let got = viewed.post("/character/1/pick", &form);
        assert!(matches!(got.status, 403 | 422), "{form}");
    }
    let take = folder.query("select take from results where name = 'Zoë'");
    assert_eq!(take[0]["take"], 2, "nothing was chosen");
    assert!(
        TcpStream::connect(("127.0.0.2", port)).is_err(),
        "only on 127.0.0.1"
    );
    let local = viewed.ask("GET /", &format!("host: localhost:{port}\r\n"), "");
    assert_eq!(local.status, 200);
}

#[test]
fn each_answer_has_the_security_headers() {
    let (_folder, viewed) = cast();
    for path in [
        "/",
        "/character/1",
        "/run",
        "/view.css",
        "/view.js",
        "/icon.svg",
        "/nothing",
    ] {
        let got = viewed.get(path);
        for said in [
            "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'\r\n",
            "x-content-type-options: nosniff\r\n",
            "referrer-policy: same-origin\r\n",
            "cache-control: no-store\r\n",
        ] {
            assert!(got.head.contains(said), "{path}: {}", got.head);
        }
    }
}

#[test]
fn text_of_sheets_and_services_is_escaped_on_the_page() {
    let hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>\u{202e}\u{1b}[31m";
    let sheet = format!(
        "name,description,\"<b>col</b>\"\n{hostile},\"d\"\"><svg onload=alert(3)>\",cell' onclick='x\n"
    );
    let folder = Folder::with_sheet(&sheet);
    let fake = Fake::start(move |_| {
        Answer::story("</p></section><script>alert(4)</script> A story.\n\n<i>End.</i>")
    });
    assert_eq!(folder.generate(&fake, "").code, 0);
    folder.write("hand.txt", "<u>Another</u> story.");
    assert_eq!(folder.run("edit #1 --from hand.txt").code, 0);
    let viewed = Viewed::of(&folder, "");
    for path in [
        "/",
        "/?q=%22%3E%3Cscript%3Ealert(5)%3C/script%3E",
        "/?q=alert",
        "/?cast=%3Cscript%3E",
        "/character/1",
        "/character/1?list=%22%3E%3Cscript%3Ealert(6)",
        "/run",
    ] {
        let got = viewed.get(path);
        for bad in [
            "<script>",
            "<img",
            "<svg onload",
            "<b>col",
            "<u>",
            "<i>End",
            "' onclick",
            "\u{202e}",
            "\u{1b}",
        ] {
            assert!(!got.body.contains(bad), "{bad} at {path}: {}", got.body);
        }
    }
    assert!(
        viewed.page("/").contains("\\u{202e}\\u{1b}[31m"),
        "shown as an escape"
    );
}

/// The events of a stream, until a line has `words`.
pub(super) fn wait_for_event(stream: &mut BufReader<TcpStream>, words: &str) -> String {
    let mut received = String::new();
    while !received.contains(words) {
        let mut line = String::new();
        let read = stream
            .read_line(&mut line)
            .expect("it is first_line in time");
        assert!(read > 0, "`{words}` never came: {received}");
        received.push_str(&line);
    }
    received
}

pub(super) fn open_events(viewed: &Viewed) -> BufReader<TcpStream> {
    let stream = viewed.connect("GET /events", &viewed.host(), "");
    stream
        .set_read_timeout(Some(Duration::from_mins(1)))
        .expect("a socket");
    BufReader::new(stream)
}

#[test]
fn a_run_is_shown_live_with_what_it_waits_for_and_why() {
    // The second request gets a 429. The third one, which is the probe, is held until the page has shown that.
    let go = Switch::default();
    let gate = go.clone();
    let fake = Fake::start(move |asked| match asked.nth {
        1 => Answer::status(429, "retry-after: 1\r\n", r#"{"ERROR":"busy <b>now</b>"}"#),
        2 => Answer::begun()
            .then(crate::fake::Step::Until(gate.clone()))
            .event("A late story.")
            .ended(),
        _ => Answer::story(&story_of(&asked.name)),
    });
    let folder = Folder::with_sheet(&sheet_of(4));
    let fake_url = fake.url();
    let mut run = folder
        .command(
            format!("run cast.csv --base-url {fake_url} --rate unlimited --concurrency 1 --progress json")
                .split(' '),
        )
        .spawn()
        .expect("it starts");
    wait_for(&mut run, "character_done");
    let viewed = Viewed::of(&folder, "");
    let mut events = open_events(&viewed);
    let first = wait_for_event(&mut events, "Running: cast");
    assert!(first.contains("event: run"), "{first}");
    wait_for_event(&mut events, "busy &lt;b&gt;now&lt;&#x2f;b&gt;");
    go.on();
    wait_for_event(&mut events, "4 of 4 characters");
    wait_for_event(&mut events, "Everything asked for is done.");
    assert_eq!(finished(run).code, 0);
    let page = viewed.page("/run");
    assert_eq!(names(&page).len(), 4, "the newest stories");
    assert!(!page.contains("<figure>"), "four stories are no curve");
    assert!(
        !page.contains("No story came since"),
        "nothing is waited for: {page}"
    );
}

#[test]
fn failures_are_shown_by_cause_with_a_hint() {
    let folder = Folder::with_sheet(&sheet_of(3));
    let fake = Fake::start(|asked| match asked.name.as_str() {
        "Name 2" => Answer::status(400, "", r#"{"ERROR":"not this one"}"#),
        name => Answer::story(&story_of(name)),
    });
    assert_eq!(folder.generate(&fake, "").code, 1);
    let viewed = Viewed::of(&folder, "");
    let page = viewed.page("/run");
    assert!(
        page.contains("1 refused by the service") && page.contains("not this one"),
        "{page}"
    );
    assert!(page.contains("these rows were rejected"), "{page}");
    assert_eq!(names(&viewed.page("/?status=failed")), ["Name 2"]);
}

#[test]
fn a_run_is_never_delayed_by_open_pages() {
    let folder = Folder::with_sheet(&sheet_of(300));
    let looked = Switch::default();
    let until = looked.clone();
    // The last story ends only after a look at each page.
    let fake = Fake::start(move |asked| {
        let mut answer = Answer::story(&story_of(&asked.name));
        if asked.nth == 299 {
            answer.0.insert(0, crate::fake::Step::Until(until.clone()));
        }
        answer
    });
    assert_eq!(folder.generate(&fake, "--limit 1").code, 0);
    let viewed = Viewed::of(&folder, "");
    let streams: Vec<_> = (0..8).map(|_| open_events(&viewed)).collect();
    let mut run = folder.start(&fake, "--progress none --concurrency 8");
    while run.try_wait().expect("ours").is_none() {
        for path in ["/", "/?q=tuesday", "/run", "/character/1", "/?sort=words"] {
            viewed.page(path);
        }
        looked.on();
    }
    assert_eq!(finished(run).code, 0);
    assert_eq!(fake.asked().len(), 300);
    drop(streams);
    let page = viewed.page("/run");
    for said in [
        "stories, at most",
        "class=\"top\"",
        "<summary>Values</summary>",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    // On a slow machine a search result is cached for a short time.
    let all = (0..3_000).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        names(&viewed.page("/?q=tuesday&page=6")).len() == 50
    });
    assert!(all, "everything is found in the end");
}

#[test]
fn open_event_streams_are_limited_and_closed_ones_are_released() {
    let (_folder, viewed) = cast();
    let mut streams: Vec<_> = (0..64).map(|_| open_events(&viewed)).collect();
    for stream in &mut streams {
        wait_for_event(stream, "event: changed");
    }
    assert_eq!(viewed.get("/events").status, 503);
    assert_eq!(viewed.get("/").status, 200, "reading goes on");
    streams.truncate(60);
    // A closed stream is noticed when the next event is sent to it.
    let again = (0..600).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        let mut stream = viewed.connect("GET /events", &viewed.host(), "");
        let mut status = [0; 12];
        stream.read_exact(&mut status).expect("an answer");
        status.ends_with(b"200")
    });
    assert!(again, "closed streams are still counted");
}

#[test]
fn a_signal_ends_the_page_at_once_also_with_open_event_streams() {
    for (kind, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let (folder, mut viewed) = cast();
        let mut stream = open_events(&viewed);
        wait_for_event(&mut stream, "event: changed");
        viewed.page("/?q=keeper");
        let start = std::time::Instant::now();
        signal(&viewed.child, kind);
        let status = viewed.child.wait().expect("ours");
        assert_eq!(status.code(), Some(code));
        assert!(start.elapsed() < Duration::from_mins(1));
        let beside = |file: &String| file.ends_with("-wal") || file.ends_with("-shm");
        assert!(!folder.files().iter().any(beside), "{:?}", folder.files());
        std::mem::forget(viewed);
    }
}

#[test]
fn view_without_a_cast_or_a_free_port_is_refused() {
    let folder = Folder::new();
    let ran = folder.run("view --port 0");
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.contains("`backstory.db` does not exist yet"),
        "{}",
        ran.err
    );
    assert_eq!(folder.files(), [""; 0], "no file is made");
    let (folder, viewed) = cast();
    let ran = folder.run("view nobody --port 0");
    assert_eq!(ran.code, 2, "{}", ran.err);
    let ran = folder.run(&format!("view --port {}", viewed.port));
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.err.contains("choose another port"), "{}", ran.err);
}

#[test]
fn a_database_of_an_older_version_is_shown() {
    let folder = Folder::new();
    let older = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/it/fixtures/version-0.1.0.db"
    );
    std::fs::copy(older, folder.path("backstory.db")).expect("a copy");
    let viewed = Viewed::of(&folder, "");
    assert!(names(&viewed.page("/?q=stubborn")).contains(&"Åsa Lindqvist".to_owned()));
}

/// The page is left open while a run is killed.
#[test]
fn a_killed_run_is_no_longer_shown_as_running() {
    let fake = Fake::start(|_| {
        Answer::begun()
            .event("Once")
            .then(crate::fake::Step::Wait(Duration::from_mins(1)))
    });
    let folder = Folder::with_sheet(&sheet_of(1));
    let mut run = from_a_shell(&folder, &fake, "true", "--progress json");
    wait_for(&mut run, "run_started");
    let mut seen = (0..1_200).map(|_| {
        std::thread::sleep(Duration::from_millis(50));
        folder.query("select running from casts")[0]["running"].clone()
    });
    assert!(seen.any(|running| running == 1), "the request is in flight");
    let viewed = Viewed::of(&folder, "");
    assert!(viewed.page("/run").contains("Running: cast"));
    signal(&run, Signal::KILL);
    run.wait().expect("ours");
    let mut events = open_events(&viewed);
    wait_for_event(&mut events, "Killed: requests in flight");
    assert!(viewed.page("/?status=running").contains("No characters"));
}
