//! `serve --fault` simulates faults, and the provider copes with them. The relay never ends a cut story normally.

use super::local_server::{POST, Served, ask, serve, story};
use crate::fake::{Answer, Fake, Step, ended_with, event, said, story_of};
use crate::harness::{Folder, sheet_of};
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpStream;

const BODY: &str = "inputText=Lawyer.+Stubborn.&charName=Mindy";

/// The head of an answer and whether it ended cleanly.
fn end(answer: &str) -> (&str, bool) {
    let head = answer.split("\r\n").next().unwrap_or_default();
    (
        head,
        answer.ends_with("\r\n0\r\n\r\n") || answer.contains("content-length"),
    )
}

#[test]
fn each_simulated_fault_does_what_its_name_says() {
    let folder = Folder::new();
    let play = |fault: &str| {
        let served = serve(&folder, &format!("--fault {fault}:100%"));
        let answer = ask(&served, POST, BODY);
        let log = served.log(1).remove(0);
        (answer, log)
    };
    for status in ["401", "429", "500", "503", "404"] {
        let (answer, log) = play(status);
        assert_eq!(end(&answer).0.split(' ').nth(1), Some(status), "{answer}");
        assert!(answer.contains(r#"{"ERROR":""#), "{answer}");
        let waits = matches!(status, "429" | "503");
        assert_eq!(answer.contains("retry-after: 1\r\n"), waits, "{answer}");
        assert!(log.contains(&format!(" {status} (rehearsed), ")), "{log}");
    }
    let (answer, log) = play("cut");
    assert_eq!(end(&answer), ("HTTP/1.1 200 OK", false));
    assert!(!story(&answer).is_empty(), "a part of it came: {answer}");
    assert!(
        log.contains(" 200 (cut), ") && log.contains("stopped: as rehearsed"),
        "{log}"
    );
    let (answer, _) = play("html");
    assert!(
        answer.contains("content-type: text/html") && answer.contains("<p>"),
        "{answer}"
    );
    let (answer, log) = play("empty");
    assert_eq!(
        (end(&answer), story(&answer).as_str()),
        (("HTTP/1.1 200 OK", true), "")
    );
    assert!(log.contains(" 200 (empty), "), "{log}");
}

#[test]
fn a_stalled_answer_sends_some_text_and_then_nothing_until_the_client_disconnects() {
    let folder = Folder::with_sheet(&sheet_of(1));
    let served = serve(&folder, "--fault stall:100%");
    let url = &served.address;
    let ran = folder.run(&format!(
        "run cast.csv --base-url http://{url} --idle-timeout 1s --max-attempts 1"
    ));
    assert_eq!(ran.code, 1, "{}", ran.err);
    let attempts = folder.query("select outcome, error, length(partial) > 0 as some from attempts");
    assert_eq!(
        attempts,
        [json!({"outcome": "unknown", "error": "no data for 1s (idle timeout)", "some": 1})]
    );
    let log = served.log(1).remove(0);
    assert!(
        log.contains(" 200 (stall), ") && log.contains("the client closed the connection"),
        "{log}"
    );
}

#[test]
fn the_same_seed_gives_the_same_faults() {
    let folder = Folder::new();
    let day = |seed: u32| -> Vec<String> {
        let served = serve(
            &folder,
            &format!("--fault 429:20%,500:20%,html:10% --seed {seed} --words 40"),
        );
        let answers = (0..30).map(|_| ask(&served, POST, BODY));
        answers
            .map(|answer| {
                end(&answer).0.to_owned()
                    + if answer.contains("text/html") {
                        " html"
                    } else {
                        ""
                    }
            })
            .collect()
    };
    let monday = day(7);
    assert_eq!(monday, day(7));
    assert_ne!(monday, day(8));
    let bad = monday
        .iter()
        .filter(|answer| *answer != "HTTP/1.1 200 OK")
        .count();
    assert!((8..23).contains(&bad), "{monday:?}");
}

#[test]
fn simulated_faults_do_not_hide_an_invalid_request() {
    let folder = Folder::new();
    folder.write("key", "k");
    let served = serve(&folder, "--fault cut:100% --api-key-file key");
    assert!(ask(&served, POST, BODY).starts_with("HTTP/1.1 401"));
    assert!(
        ask(
            &served,
            &format!("{POST}\r\nconvai-api-key: k"),
            "charName=x"
        )
        .starts_with("HTTP/1.1 400")
    );
}

#[test]
fn a_run_through_simulated_faults_ends_with_complete_stories() {
    let folder = Folder::with_sheet(&sheet_of(100));
    let good = serve(&folder, "--words 60");
    let line = "run cast.csv --rate unlimited --concurrency 16 --idle-timeout 2s --max-attempts 9 --base-url";
    let ran = folder.run(&format!("{line} http://{} --cast good", good.address));
    assert_eq!(ran.code, 0, "{}", ran.err);
    let bad = serve(
        &folder,
        "--words 60 --fault 429:3%,cut:15%,500:12%,stall:3%,html:3% --seed 7",
    );
    let ran = folder.run(&format!("{line} http://{} --cast bad --new", bad.address));
    assert_eq!(ran.code, 0, "{}", ran.err);
    let same = folder.query(
        "select count(*) as many from results g join results b using (row, backstory) where g.cast_name = 'good' and b.cast_name = 'bad'",
    );
    assert_eq!(same, [json!({"many": 100})], "to the letter");
    let met =
        folder.query("select distinct outcome from attempts where cast_name = 'bad' order by 1");
    assert!(met.contains(&json!({"outcome": "unknown"})), "{met:?}");
}

/// A relay of `upstream`.
fn relay(folder: &Folder, upstream: &Fake) -> Served {
    let url = upstream.url();
    serve(
        folder,
        &format!("--writer openai --model m --words 80 --upstream {url}/v1"),
    )
}

#[test]
fn a_relay_passes_on_the_text_of_a_model() {
    let folder = Folder::with_sheet(&sheet_of(3));
    let upstream = Fake::start(|asked| {
        Answer::chat(
            &format!("{}|\n\nAnd\r\nso on.", story_of(&asked.name)),
            "stop",
            (1, 1),
        )
    });
    let served = relay(&folder, &upstream);
    let ran = folder.run(&format!(
        "run cast.csv --rate unlimited --base-url http://{}",
        served.address
    ));
    assert_eq!(ran.code, 0, "{}", ran.err);
    for (name, stored) in folder.stories() {
        let expected = story_of(&name).replace('|', "") + "\n\nAnd\nso on.";
        assert_eq!(stored, Some(expected));
    }
    let body: serde_json::Value = serde_json::from_slice(&upstream.asked()[0].body).expect("JSON");
    let prompt = body["messages"][0]["content"].as_str().expect("a text");
    assert!(prompt.contains("80 words"), "{prompt}");
    assert_eq!(
        body["messages"][1]["content"],
        "Name: Name 1\nDescription: Description 1"
    );
}

#[test]
fn a_relay_never_ends_a_cut_story_normally() {
    let cuts: [fn() -> Answer; 4] = [
        || {
            Answer::begun()
                .event(&said("Half a"))
                .then(Step::Wait(std::time::Duration::from_millis(50)))
                .then(Step::Reset)
        },
        || Answer::chunks([event(&said("Half a"))]),
        || {
            let end = Step::Send(event(&ended_with("stop")).into());
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
            let begin = [head, &event(&said("Half a"))].concat();
            Answer(vec![Step::Send(begin.into()), end, Step::Close])
        },
        || Answer::chat("Half a", "length", (1, 1)),
    ];
    for cut in cuts {
        let (folder, upstream) = (Folder::new(), Fake::start(move |_| cut()));
        let served = relay(&folder, &upstream);
        let answer = ask(&served, POST, BODY);
        assert!(!end(&answer).1, "{answer}");
        assert!(
            served.log(1)[0].contains("stopped: "),
            "{:?}",
            served.log(1)
        );
    }
}

#[test]
fn a_refusal_upstream_becomes_a_refusal_of_the_relay() {
    for (status, body, here) in [
        (
            401,
            r#"{"error": {"message": "no key", "code": "invalid_api_key"}}"#,
            "403",
        ),
        (
            429,
            r#"{"error": {"message": "slow down", "code": "rate_limit_exceeded"}}"#,
            "429",
        ),
        (
            429,
            r#"{"error": {"message": "empty", "code": "insufficient_quota"}}"#,
            "403",
        ),
        (503, "", "503"),
        (
            400,
            r#"{"error": {"message": "too long", "code": "context_length_exceeded"}}"#,
            "422",
        ),
        (500, "oops", "502"),
    ] {
        let (folder, upstream) = (
            Folder::new(),
            Fake::start(move |_| Answer::status(status, "retry-after: 7\r\n", body)),
        );
        let answer = ask(&relay(&folder, &upstream), POST, BODY);
        assert_eq!(
            end(&answer).0.split(' ').nth(1),
            Some(here),
            "{status}: {answer}"
        );
        let waits = matches!(here, "429" | "503");
        assert!(!waits || answer.contains("retry-after: 7\r\n"), "{answer}");
        assert!(answer.contains(r#"{"ERROR":"The upstream: "#), "{answer}");
    }
    // There is no server at that address. It may come back.
    let folder = Folder::new();
    let served = serve(
        &folder,
        "--writer openai --model m --upstream http://127.0.0.1:1/v1",
    );
    assert!(ask(&served, POST, BODY).starts_with("HTTP/1.1 503"));
}

#[test]
fn a_client_that_disconnects_ends_the_request_upstream() {
    let upstream = Fake::start(|_| {
        let answer = Answer::begun();
        (0..20_000).fold(answer, |answer, _| answer.event(&said("and so on ")))
    });
    let folder = Folder::with_sheet(&sheet_of(1));
    let served = relay(&folder, &upstream);
    let mut stream = TcpStream::connect(&served.address).expect("it listens");
    write!(
        stream,
        "{POST}\r\nhost: {}\r\ncontent-length: {}\r\n\r\n{BODY}",
        served.address,
        BODY.len()
    )
    .expect("sent");
    let mut begin = [0; 64];
    stream.read_exact(&mut begin).expect("it begins");
    drop(stream);
    assert!(
        served.log(1)[0].contains("the client closed the connection"),
        "{:?}",
        served.log(1)
    );
}

#[test]
fn a_relay_without_an_upstream_is_refused() {
    let folder = Folder::new();
    for (switches, says) in [
        (
            "--writer openai",
            "pass `--upstream URL` and `--model MODEL`",
        ),
        (
            "--writer openai --model m --upstream http://example.com/v1",
            "--allow-http",
        ),
        (
            "--writer openai --model m --upstream https://example.com/v1",
            "set OPENAI_API_KEY",
        ),
        ("--model m", "--writer openai"),
        (
            "--fault cot:5%",
            "expected faults and how often, such as `429:5%,cut:2.5%`",
        ),
    ] {
        let ran = folder.run(&format!("serve --port 0 {switches}"));
        assert_eq!(ran.code, 2, "{switches}: {}", ran.err);
        assert!(ran.err.contains(says), "{switches}: {}", ran.err);
    }
}
