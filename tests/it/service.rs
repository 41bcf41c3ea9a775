//! The Backstory API on this machine, spoken to as the API's page says.

use crate::harness::{Folder, signal};
use rustix::process::Signal;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Child;

/// A service on a free port.
struct Served {
    child: Child,
    address: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        signal(&self.child, Signal::TERM);
        let _ = self.child.wait();
    }
}

fn serve(folder: &Folder, switches: &str) -> Served {
    let line = format!("serve --port 0 {switches}");
    let mut child = folder
        .command(line.trim_end().split(' '))
        .spawn()
        .expect("it starts");
    let mut told = String::new();
    let stderr = child.stderr.take().expect("piped");
    let mut reader = BufReader::new(stderr);
    reader.read_line(&mut told).expect("it says where it is");
    std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
    let address = told
        .trim_end()
        .rsplit("http://")
        .next()
        .expect("an address")
        .to_owned();
    Served { child, address }
}

/// One request, written by hand; the whole answer.
fn ask(served: &Served, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(&served.address).expect("it listens");
    let length = body.len();
    write!(
        stream,
        "{head}\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("UTF-8");
    answer
}

const POST: &str = "POST /character/generate-backstory HTTP/1.1\r\ncontent-type: application/x-www-form-urlencoded";

/// The story in an answer, joined as the page's sample joins it.
fn story(answer: &str) -> String {
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
fn a_form_becomes_a_stream_of_a_few_words_an_event_and_always_the_same() {
    let folder = Folder::new();
    let served = serve(&folder, "");
    let body = "inputText=Lawyer+in+the+New+York+City.+Achiever.+Stubborn.&charName=Mindy";
    let answer = ask(&served, POST, body);
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"),
        "{answer}"
    );
    assert!(answer.matches("data: ").count() > 20, "{answer}");
    let told = story(&answer);
    assert!(
        told.contains("Mindy") && told.to_lowercase().contains("stubborn"),
        "{told}"
    );
    assert!(told.split("\n\n").count() >= 4, "{told}");
    assert_eq!(story(&ask(&served, POST, body)), told);
    let json = "POST /character/generate-backstory HTTP/1.1\r\ncontent-type: application/json";
    let same = ask(
        &served,
        json,
        r#"{"inputText":"Lawyer in the New York City. Achiever. Stubborn.","charName":"Mindy"}"#,
    );
    assert_eq!(story(&same), told);
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
fn what_cannot_be_answered_is_told_in_the_pages_own_form() {
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
fn our_own_provider_gets_whole_stories_from_it() {
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
fn beyond_this_machine_it_wants_a_key() {
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
        "{POST}\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .expect("sent");
    let mut begin = [0; 12];
    stream
        .read_exact(&mut begin)
        .expect("its head comes at once");
    signal(&served.child, Signal::TERM);
    // Signals that come together are one; so the second one is sent until it was heard.
    let ended = (0..100).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        let ended = served.child.try_wait().expect("ours");
        if ended.is_none() {
            signal(&served.child, Signal::TERM);
        }
        ended
    });
    assert_eq!(ended.and_then(|ended| ended.code()), Some(143));
    // Nobody is left to be stopped.
    std::mem::forget(served);
}
