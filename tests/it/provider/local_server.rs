//! `serve`: the local server answers as the page of the vendor's API documents.

use crate::harness::{Folder, signal};
use rustix::process::Signal;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Child;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// A service on a free port.
pub(crate) struct Served {
    child: Child,
    pub(crate) address: String,
    log: Arc<(Mutex<Vec<String>>, Condvar)>,
}

impl Served {
    /// The first lines of its log, once there are so many.
    pub(crate) fn log(&self, lines: usize) -> Vec<String> {
        let log = self
            .log
            .0
            .lock()
            .expect("no thread panics while it holds the lock");
        let (log, timeout) = self
            .log
            .1
            .wait_timeout_while(log, Duration::from_mins(1), |log| log.len() < lines)
            .expect("no thread panics while it holds the lock");
        assert!(!timeout.timed_out(), "only {log:?}");
        log[..lines].to_vec()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // The second signal does not wait for answers that no client reads to their end.
        for _ in 0..1_500 {
            signal(&self.child, Signal::TERM);
            if self.child.try_wait().is_ok_and(|ended| ended.is_some()) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

pub(crate) fn serve(folder: &Folder, switches: &str) -> Served {
    let line = format!("serve --port 0 {switches}");
    let mut child = folder
        .command(line.trim_end().split(' '))
        .spawn()
        .expect("it starts");
    let mut text = String::new();
    let stderr = child.stderr.take().expect("piped");
    let mut reader = BufReader::new(stderr);
    reader.read_line(&mut text).expect("it says where it is");
    let log: Arc<(Mutex<Vec<String>>, Condvar)> = Arc::default();
    let written = Arc::clone(&log);
    std::thread::spawn(move || {
        for line in reader.lines().map_while(Result::ok) {
            written
                .0
                .lock()
                .expect("no thread panics while it holds the lock")
                .push(line);
            written.1.notify_all();
        }
    });
    let address = text
        .trim_end()
        .rsplit("http://")
        .next()
        .expect("an address")
        .to_owned();
    Served {
        child,
        address,
        log,
    }
}

/// One request, written by hand; the whole answer.
pub(crate) fn ask(served: &Served, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(&served.address).expect("it listens");
    let length = body.len();
    write!(
        stream,
        "{head}\r\nhost: {}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}",
        served.address
    )
    .expect("sent");
    let mut answer = Vec::new();
    // An answer that breaks off is an answer, too.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).expect("UTF-8")
}

pub(crate) const POST: &str = "POST /character/generate-backstory HTTP/1.1\r\ncontent-type: application/x-www-form-urlencoded";

/// The story in an answer, joined as the page's sample joins it.
pub(crate) fn story(answer: &str) -> String {
    let events = answer
        .split("\r\n")
        .filter(|part| part.starts_with("data: "))
        .collect::<String>();
    events
        .split("\n\n")
        .map(|event| {
            event
                .split('\n')
                .map(|line| line.strip_prefix("data: ").unwrap_or(line))
                .collect::<Vec<_>>()
                .join("\n")
        })
        .collect()
}

#[test]
fn a_form_becomes_a_stream_of_a_few_words_per_event_and_is_deterministic() {
    let folder = Folder::new();
    let served = serve(&folder, "");
    let body = "inputText=Lawyer+in+the+New+York+City.+Achiever.+Stubborn.&charName=Mindy";
    let answer = ask(&served, POST, body);
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"),
        "{answer}"
    );
    assert!(answer.matches("data: ").count() > 20, "{answer}");
    let text = story(&answer);
    assert!(
        text.contains("Mindy") && text.to_lowercase().contains("stubborn"),
        "{text}"
    );
    assert!(text.split("\n\n").count() >= 4, "{text}");
    assert_eq!(story(&ask(&served, POST, body)), text);
    let json = "POST /character/generate-backstory HTTP/1.1\r\ncontent-type: application/json";
    let same = ask(
        &served,
        json,
        r#"{"inputText":"Lawyer in the New York City. Achiever. Stubborn.","charName":"Mindy"}"#,
    );
    assert_eq!(story(&same), text);
}

#[test]
fn a_wrong_key_is_the_documented_401() {
    let folder = Folder::new();
    folder.write("key", "secret\n");
    let served = serve(&folder, "--api-key-file key");
    let body = "inputText=x&charName=Mindy";
    for head in [POST.to_owned(), format!("{POST}\r\nCONVAI-API-KEY: wrong")] {
        let answer = ask(&served, &head, body);
        assert!(
            answer.starts_with("HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\n"),
            "{answer}"
        );
        assert!(
            answer.ends_with(r#"{"ERROR":"Invalid API key provided."}"#),
            "{answer}"
        );
    }
    let answer = ask(&served, &format!("{POST}\r\nCONVAI-API-KEY: secret"), body);
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
}

#[test]
fn errors_have_the_form_that_the_vendor_documents() {
    let folder = Folder::new();
    let served = serve(&folder, "");
    for (head, body, status) in [
        (POST, "inputText=x", "400"),
        (POST, "charName=x", "400"),
        ("GET /character/generate-backstory HTTP/1.1", "", "405"),
        ("POST /elsewhere HTTP/1.1", "", "404"),
    ] {
        let answer = ask(&served, head, body);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
        assert!(answer.contains(r#"{"ERROR":""#), "{answer}");
    }
}

#[test]
fn the_provider_gets_complete_stories_from_the_local_server() {
    let folder = Folder::with_sheet("name,description\nMindy,Lawyer\nZoë,Keeper of the light\n");
    let served = serve(&folder, "");
    let ran = folder.run(&format!(
        "run cast.csv --rate unlimited --base-url http://{}",
        served.address
    ));
    assert_eq!(ran.code, 0, "{}", ran.err);
    let flags = folder.query("select distinct flags from results");
    assert_eq!(flags, [serde_json::json!({"flags": "[]"})]);
}

#[test]
fn serve_on_a_public_address_requires_an_api_key() {
    let folder = Folder::new();
    let ran = folder.run("serve --host 0.0.0.0 --port 0");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("--api-key-file"), "{}", ran.err);
}

#[test]
fn a_second_signal_does_not_wait_for_answers() {
    let folder = Folder::new();
    let mut served = serve(&folder, "--latency 1h");
    let mut stream = TcpStream::connect(&served.address).expect("it listens");
    let body = "inputText=x&charName=y";
    write!(
        stream,
        "{POST}\r\nhost: {}\r\ncontent-length: {}\r\n\r\n{body}",
        served.address,
        body.len()
    )
    .expect("sent");
    let mut begin = [0; 12];
    stream
        .read_exact(&mut begin)
        .expect("its head comes at once");
    signal(&served.child, Signal::TERM);
    // Signals that come together count as one. So the second one is sent until the process ends.
    let ended = (0..1_200).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        let ended = served.child.try_wait().expect("ours");
        if ended.is_none() {
            signal(&served.child, Signal::TERM);
        }
        ended
    });
    assert_eq!(ended.and_then(|ended| ended.code()), Some(143));
    // The process has ended: there is none to stop.
    std::mem::forget(served);
}

#[test]
fn a_body_that_is_too_long_or_never_comes_is_refused() {
    let folder = Folder::new();
    let served = serve(&folder, "");
    let long = format!("charName=x&inputText={}", "y".repeat(5 << 20));
    let answer = ask(&served, POST, &long);
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.contains(r#"{"ERROR":""#), "{answer}");
    let mut stream = TcpStream::connect(&served.address).expect("it listens");
    let begun = Instant::now();
    write!(
        stream,
        "{POST}\r\nhost: {}\r\nconnection: close\r\ncontent-length: 99\r\n\r\ncharName=x",
        served.address
    )
    .expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("UTF-8");
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(begun.elapsed() < Duration::from_mins(2));
}

#[test]
fn above_its_rate_the_server_asks_to_wait_and_the_provider_waits() {
    let folder = Folder::with_sheet("name,description\nA,a\nB,b\nC,c\nD,d\n");
    let served = serve(&folder, "--rate 2/s --words 40");
    let body = "inputText=x&charName=Mindy";
    let answers: Vec<String> = (0..3).map(|_| ask(&served, POST, body)).collect();
    assert!(answers[0].starts_with("HTTP/1.1 200") && answers[1].starts_with("HTTP/1.1 200"));
    assert!(answers[2].starts_with("HTTP/1.1 429"), "{}", answers[2]);
    assert!(
        answers[2].contains("retry-after: 1\r\n") && answers[2].contains("rate limit exceeded"),
        "{}",
        answers[2]
    );
    let ran = folder.run(&format!(
        "run cast.csv --rate unlimited --base-url http://{}",
        served.address
    ));
    assert_eq!(ran.code, 0, "{}", ran.err);
    let words = folder.query("select max(words) as words from results");
    assert!(
        words[0]["words"].as_u64().expect("a number") < 80,
        "{words:?}"
    );
}

#[test]
fn each_request_has_a_line_in_the_log_without_keys_and_escapes() {
    let folder = Folder::new();
    folder.write("key", "s3cret-key\n");
    let served = serve(&folder, "--api-key-file key");
    let body = "inputText=x&charName=Mindy";
    ask(
        &served,
        &format!("{POST}\r\nCONVAI-API-KEY: s3cret-key"),
        body,
    );
    ask(
        &served,
        &format!("{POST}\r\nCONVAI-API-KEY: wr0ng-key"),
        body,
    );
    ask(&served, "GET /a\u{9b}31m?key=s3cret-key HTTP/1.1", "");
    let log = served.log(3);
    let about: Vec<&str> = log
        .iter()
        .filter_map(|line| line.split_once("Z "))
        .map(|(_, line)| line)
        .collect();
    assert!(
        about[0].starts_with("POST /character/generate-backstory 200, ")
            && about[0].contains(" words, "),
        "{log:?}"
    );
    assert!(
        about[1].starts_with("POST /character/generate-backstory 401, "),
        "{log:?}"
    );
    assert!(about[2].starts_with("GET /a"), "{log:?}");
    let all = log.join("");
    assert!(!all.contains("key") && !all.contains('\u{9b}'), "{log:?}");
}

/// The begin of a request from a page of this origin.
fn from_page(origin: &str) -> String {
    format!("{POST}\r\norigin: {origin}\r\nsec-fetch-site: cross-site")
}

#[test]
fn other_origins_are_refused_and_one_origin_can_be_allowed() {
    let folder = Folder::new();
    let body = "inputText=x&charName=Mindy";
    let page = "http://127.0.0.1:5173";
    let closed = serve(&folder, "");
    for head in [
        from_page(page),
        format!("{POST}\r\norigin: null"),
        format!("OPTIONS /character/generate-backstory HTTP/1.1\r\norigin: {page}"),
    ] {
        let answer = ask(&closed, &head, body);
        assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
        assert!(answer.contains(r#"{"ERROR":""#), "{answer}");
        assert!(!answer.contains("access-control"), "{answer}");
    }
    let open = serve(&folder, &format!("--cors {page}"));
    let answer = ask(&open, &from_page(page), body);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let allowed = format!("access-control-allow-origin: {page}\r\n");
    assert!(answer.contains(&allowed), "{answer}");
    let preflight = format!(
        "OPTIONS /character/generate-backstory HTTP/1.1\r\norigin: {page}\r\n\
         access-control-request-method: POST\r\naccess-control-request-headers: convai-api-key"
    );
    let answer = ask(&open, &preflight, "");
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    for line in [
        allowed.trim_end(),
        "access-control-allow-methods: POST, OPTIONS",
        "access-control-allow-headers: convai-api-key",
    ] {
        assert!(answer.contains(line), "{line}: {answer}");
    }
    // An error can be read by the page, too, and another page still gets nothing.
    let answer = ask(&open, &from_page(page), "inputText=x");
    assert!(
        answer.starts_with("HTTP/1.1 400") && answer.contains(&allowed),
        "{answer}"
    );
    let answer = ask(&open, &from_page("http://evil.example"), body);
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    let log = open.log(1);
    assert!(log[0].contains(" 200, "), "{log:?}");
}

#[test]
fn other_origins_cause_no_request_upstream() {
    let fake = crate::fake::Fake::chatting();
    let folder = Folder::new();
    let line = format!("--writer openai --model m --upstream {}/v1", fake.url());
    let served = serve(&folder, &line);
    let body = "inputText=x&charName=Mindy";
    ask(&served, &from_page("http://evil.example"), body);
    let mut stream = TcpStream::connect(&served.address).expect("it listens");
    let length = body.len();
    write!(
        stream,
        "{POST}\r\nhost: evil.example\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("UTF-8");
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert_eq!(fake.asked().len(), 0);
}

#[test]
fn a_multipart_form_is_accepted_and_a_405_names_the_allowed_methods() {
    let folder = Folder::new();
    let served = serve(&folder, "");
    let head = "POST /character/generate-backstory HTTP/1.1\r\ncontent-type: multipart/form-data; boundary=b";
    let part = |name: &str, text: &str| {
        format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    };
    let parts = part("inputText", "Lawyer.") + &part("charName", "Mindy") + "--b--\r\n";
    let answer = ask(&served, head, &parts);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let form = ask(&served, POST, "inputText=Lawyer.&charName=Mindy");
    assert_eq!(story(&answer), story(&form));
    let answer = ask(&served, "GET /character/generate-backstory HTTP/1.1", "");
    assert!(answer.contains("\r\nallow: POST, OPTIONS\r\n"), "{answer}");
    let old = POST.replace("1.1", "1.0") + "\r\nconnection: keep-alive";
    let answer = ask(&served, &old, "inputText=x&charName=y");
    assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
}

#[test]
fn an_incomplete_request_head_times_out_and_does_not_delay_shutdown() {
    let folder = Folder::new();
    let mut served = serve(&folder, "");
    let half = |served: &Served| {
        let mut stream = TcpStream::connect(&served.address).expect("it listens");
        write!(stream, "{POST}\r\nhost: x").expect("sent");
        stream
    };
    let (mut stream, begun) = (half(&served), Instant::now());
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    let took = begun.elapsed();
    assert!((5..120).contains(&took.as_secs()), "{took:?}");
    let _held: Vec<TcpStream> = (0..20).map(|_| half(&served)).collect();
    // They have been taken before this one has been answered.
    ask(&served, POST, "inputText=x&charName=y");
    let begun = Instant::now();
    signal(&served.child, Signal::TERM);
    let ended = served.child.wait().expect("ours");
    assert_eq!(ended.code(), Some(143));
    assert!(
        begun.elapsed() < Duration::from_secs(8),
        "{:?}",
        begun.elapsed()
    );
    // The process has ended: there is none to stop.
    std::mem::forget(served);
}

#[test]
fn further_requests_on_a_kept_connection_are_answered_at_once() {
    let folder = Folder::new();
    let served = serve(&folder, "");
    let mut stream = TcpStream::connect(&served.address).expect("it listens");
    stream.set_nodelay(true).expect("a socket");
    let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
    let body = "inputText=x";
    let mut took = Vec::new();
    for _ in 0..40 {
        let begun = Instant::now();
        write!(
            stream,
            "{POST}\r\nhost: {}\r\ncontent-length: {}\r\n\r\n{body}",
            served.address,
            body.len()
        )
        .expect("sent");
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).expect("a line");
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim_end().parse().expect("a length");
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut answer = vec![0; length];
        reader.read_exact(&mut answer).expect("a body");
        took.push(begun.elapsed());
    }
    took.sort();
    // With Nagle's algorithm each would wait 40 ms for an acknowledgement that is delayed. On a busy machine some take as long.
    assert!(took[10] < Duration::from_millis(35), "{took:?}");
}
