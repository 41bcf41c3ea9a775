//! Faulty answers of the service, and what must follow from each. The server counts its requests.

use crate::fake::{Answer, Fake, Step, Switch, story_of, text_of};
use crate::harness::{Folder, sheet_of};
use serde_json::json;
use std::net::TcpListener;
use std::time::{Duration, Instant};

/// A run on `many` characters; 3 at a time.
fn run_on(many: usize, fake: &Fake, switches: &str) -> (Folder, crate::harness::Ran) {
    let folder = Folder::with_sheet(&sheet_of(many));
    let ran = folder.generate(fake, switches);
    (folder, ran)
}

#[test]
fn a_wrong_key_costs_one_request() {
    let fake = Fake::start(|_| Answer::wrong_key());
    let (folder, ran) = run_on(20, &fake, "");
    assert_eq!(ran.code, 3);
    assert!(
        ran.err
            .contains("error: the service refuses requests: 401: Invalid API key provided."),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("CONVAI_API_KEY"), "{}", ran.err);
    assert_eq!(fake.asked().len(), 1);
    let tries = folder.query("select status, count(*) as many from results group by 1");
    assert_eq!(tries, [json!({"status": "pending", "many": 20})]);
}

#[test]
fn a_revoked_key_costs_no_more_than_the_requests_in_flight() {
    let fake = Fake::start(|asked| match asked.nth {
        0..10 => Answer::story(&story_of(&asked.name)),
        _ => Answer::wrong_key(),
    });
    let (folder, ran) = run_on(50, &fake, "");
    assert_eq!(ran.code, 3);
    assert!(fake.asked().len() <= 13, "{}", fake.asked().len());
    assert_eq!(
        (
            folder.status()["done"].clone(),
            folder.status()["pending"].clone()
        ),
        (json!(10), json!(40))
    );
}

#[test]
fn refusals_of_all_requests_stop_the_run_and_fail_no_character() {
    let quota = r#"{"ERROR": "API usage limit exceeded for current plan."}"#;
    for (status, body, says) in [
        (402, "", "402"),
        (
            403,
            r#"{"detail": "Professional plan required"}"#,
            "403: Professional plan required",
        ),
        (404, "", "404"),
        (405, "", "405"),
        (410, "", "410"),
        (501, "", "501"),
        (
            429,
            quota,
            "429: API usage limit exceeded for current plan.",
        ),
    ] {
        let fake = Fake::start(move |_| Answer::status(status, "", body));
        let (folder, ran) = run_on(5, &fake, "");
        assert_eq!(ran.code, 3, "{status}: {}", ran.err);
        assert!(ran.err.contains(says), "{status}: {}", ran.err);
        assert_eq!(fake.asked().len(), 1, "{status}");
        assert_eq!(folder.status()["pending"], 5, "{status}");
    }
}

#[test]
fn a_redirect_is_not_followed_and_the_key_goes_nowhere() {
    for status in [301, 302, 303, 307, 308] {
        let other = Fake::telling();
        let location = format!("location: http://localhost:{}/x\r\n", other.port);
        let fake = Fake::start(move |_| Answer::status(status, &location, ""));
        let (_, ran) = run_on(3, &fake, "");
        assert_eq!(ran.code, 3, "{status}: {}", ran.err);
        assert!(ran.err.contains("redirect to `localhost`"), "{}", ran.err);
        assert_eq!(
            (fake.asked().len(), other.asked().len()),
            (1, 0),
            "{status}"
        );
    }
}

#[test]
fn a_refused_row_fails_with_the_servers_words_and_the_others_go_on() {
    let fake = Fake::start(|asked| match asked.name.as_str() {
        "Name 2" => Answer::status(
            400,
            "",
            r#"{"ERROR": "inputText is too short", "Reference ID": "ab-1"}"#,
        ),
        name => Answer::story(&story_of(name)),
    });
    let (folder, ran) = run_on(4, &fake, "");
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert_eq!(fake.by_name()["Name 2"], 1);
    let failures = folder.query("select name, error_kind, error, http_status from failures");
    assert_eq!(
        failures,
        [json!({"name": "Name 2", "error_kind": "refused_row",
        "error": "400: inputText is too short (reference ab-1)", "http_status": 400})]
    );
    // Failed characters stay failed until the user asks for them.
    assert_eq!(folder.generate(&fake, "").code, 1);
    assert_eq!(fake.by_name()["Name 2"], 1);
    assert_eq!(folder.generate(&fake, "--retry").code, 1);
    assert_eq!(fake.by_name()["Name 2"], 2);
}

#[test]
fn a_row_that_always_gets_a_500_fails_after_its_tries() {
    let fake = Fake::start(|asked| match asked.name.as_str() {
        "Name 1" => Answer::status(500, "", "oops"),
        name => Answer::story(&story_of(name)),
    });
    let (folder, ran) = run_on(5, &fake, "--max-attempts 2");
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert_eq!(fake.by_name()["Name 1"], 2);
    let status = folder.status();
    assert_eq!(
        (status["done"].clone(), status["failed"].clone()),
        (json!(4), json!(1))
    );
    assert_eq!(status["maybe_charged"], 2);
}

#[test]
fn a_rate_limit_costs_no_tries_and_pauses_the_whole_run() {
    let fake = Fake::start(|asked| match asked.nth {
        2 => Answer::status(
            429,
            "retry-after: 1\r\n",
            r#"{"ERROR": "Rate limit exceeded."}"#,
        ),
        _ => Answer::story(&story_of(&asked.name)),
    });
    let (folder, ran) = run_on(9, &fake, "--concurrency 1 --max-attempts 1");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.err.contains("waiting 1s: 429: Rate limit exceeded."),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("the service accepts requests again"),
        "{}",
        ran.err
    );
    let asked = fake.asked();
    assert_eq!(asked.len(), 10);
    assert!(asked[3].at - asked[2].at >= Duration::from_millis(990));
    assert_ne!(
        asked[3].name, asked[2].name,
        "the probe is another character"
    );
    assert_eq!(folder.status()["maybe_charged"], 0);
}

#[test]
fn a_wait_longer_than_patience_stops_the_run_and_says_when_to_come_back() {
    let fake = Fake::start(|_| Answer::status(503, "retry-after: 86400\r\n", ""));
    let (folder, ran) = run_on(9, &fake, "");
    assert_eq!(ran.code, 3);
    assert!(
        ran.err.contains("the service asks to wait 24h")
            && ran
                .err
                .contains("run the same command again in 24h or later"),
        "{}",
        ran.err
    );
    assert_eq!(
        (fake.asked().len(), folder.status()["pending"].clone()),
        (1, json!(9))
    );
}

#[test]
fn an_unreachable_service_gets_one_request_at_a_time_until_patience_ends() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", free.local_addr().expect("bound"));
    drop(free);
    let folder = Folder::with_sheet(&sheet_of(9));
    let start = Instant::now();
    let ran = folder.run(&format!(
        "run cast.csv --rate unlimited --patience 1s --base-url {url}"
    ));
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(
        ran.err
            .contains("error: gave up after waiting (`--patience`): cannot connect to `127.0.0.1`"),
        "{}",
        ran.err
    );
    assert!(start.elapsed() < Duration::from_mins(1));
    let status = folder.status();
    assert_eq!(
        (status["pending"].clone(), status["requests"].clone()),
        (json!(9), json!(0))
    );
    let outcomes = folder.query("select distinct outcome from attempts");
    assert_eq!(outcomes, [json!({"outcome": "not_sent"})]);
}

#[test]
fn a_partial_story_is_never_accepted_as_a_complete_one() {
    type Cut = (&'static str, fn() -> Answer);
    let cuts: [Cut; 4] = [
        ("reset", || {
            Answer::begun().event("Half a").then(Step::Reset)
        }),
        ("cut", || Answer::begun().event("Half a").then(Step::Close)),
        ("short", || {
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 999\r\n\r\ndata: Half a\n\n";
            Answer(vec![Step::Send(head.into()), Step::Close])
        }),
        ("error event", || {
            Answer::chunks(["data: Half a\n\n", "event: error\ndata: out of luck\n\n"])
        }),
    ];
    for (what, cut) in cuts {
        let fake = Fake::start(move |asked| match asked.nth_for_name {
            0 => cut(),
            _ => Answer::story(&story_of(&asked.name)),
        });
        let (folder, ran) = run_on(1, &fake, "");
        assert_eq!(ran.code, 0, "{what}: {}", ran.err);
        assert_eq!(
            folder.stories(),
            [("Name 1".into(), Some(text_of("Name 1")))],
            "{what}"
        );
        let first = folder.query("select outcome, partial from attempts where attempt = 1");
        assert_eq!(
            first,
            [json!({"outcome": "unknown", "partial": "Half a"})],
            "{what}"
        );
        assert_eq!(folder.status()["maybe_charged"], 1, "{what}");
    }
}

#[test]
fn an_answer_that_is_not_a_story_never_becomes_a_take() {
    let stream = "content-type: text/event-stream\r\n";
    for (headers, body, says) in [
        (
            "content-type: text/html\r\n",
            "<h1>Welcome</h1>",
            "200 with `text/html` instead of an event stream",
        ),
        (
            "content-type: application/json\r\n",
            r#"{"text": "A story."}"#,
            "instead of an event stream",
        ),
        (stream, "", "it had no text"),
        (stream, "data:\n\ndata:  \n\n", "it had no text"),
        (stream, ": ping\n\n", "it had no text"),
    ] {
        let fake = Fake::start(move |_| Answer::status(200, headers, body));
        let (folder, ran) = run_on(1, &fake, "--max-attempts 1");
        assert_eq!(ran.code, 1, "{body}: {}", ran.err);
        let row = folder.query("select status, take, error from results");
        assert_eq!(
            (row[0]["status"].clone(), row[0]["take"].clone()),
            (json!("failed"), json!(null)),
            "{body}"
        );
        assert!(
            row[0]["error"].as_str().expect("words").contains(says),
            "{}",
            row[0]
        );
    }
}

#[test]
fn a_200_whose_json_names_the_key_as_the_error_stops_the_run() {
    let body = r#"{"ERROR": "Invalid API key provided."}"#;
    let fake =
        Fake::start(move |_| Answer::status(200, "content-type: application/json\r\n", body));
    let (_, ran) = run_on(9, &fake, "");
    assert_eq!((ran.code, fake.asked().len()), (3, 1), "{}", ran.err);
}

#[test]
fn a_silent_stream_times_out_and_pings_do_not_count_as_data() {
    let fake = Fake::start(|asked| match asked.nth_for_name {
        0 => {
            let mut answer = Answer::begun().event("Half a");
            for _ in 0..200 {
                answer = answer
                    .then(Step::Send(b"8\r\n: ping\n\n\r\n".to_vec()))
                    .then(Step::Wait(Duration::from_millis(50)));
            }
            answer
        }
        _ => Answer::story("A whole story."),
    });
    let (folder, ran) = run_on(1, &fake, "--idle-timeout 1s");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let first = folder.query("select outcome, error, partial from attempts where attempt = 1");
    assert_eq!(
        first,
        [
            json!({"outcome": "unknown", "error": "no data for 1s (idle timeout)", "partial": "Half a"})
        ]
    );
}

#[test]
fn an_answer_of_unproven_completeness_is_flagged() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
    for (body, text, flags) in [
        (&b"data: A story.\n\n"[..], "A story.", json!(["unproven"])),
        (
            b"data: A story.",
            "A story.",
            json!(["unfinished", "unproven"]),
        ),
        (
            b"data: A st\xffory.\n\n",
            "A st\u{fffd}ory.",
            json!(["unproven", "bad_utf8", "mojibake"]),
        ),
        (
            b"data: A story\nlost. \ndata: , told.\n\n",
            "A story\n, told.",
            json!(["unproven", "ignored_lines"]),
        ),
        (
            b"\xef\xbb\xbfdata: A story\r\rdata:  and\r\n\r\n",
            "A story and",
            json!(["unproven", "abrupt"]),
        ),
    ] {
        let bytes = [head.as_bytes(), body].concat();
        let fake = Fake::start(move |_| Answer(vec![Step::Send(bytes.clone()), Step::Close]));
        let (folder, ran) = run_on(1, &fake, "");
        assert_eq!(ran.code, 0, "{}", ran.err);
        let row = &folder.query("select backstory, flags from results")[0];
        assert_eq!(row["backstory"], text);
        let found: serde_json::Value =
            serde_json::from_str(row["flags"].as_str().expect("JSON")).expect("JSON");
        let mut found: Vec<String> = serde_json::from_value(found).expect("texts");
        // None of these texts names its character, and that has a flag, too.
        found.retain(|flag| flag != "unnamed");
        assert_eq!(serde_json::json!(found), flags);
        assert_eq!(folder.status()["flagged"], 1);
    }
}

#[test]
fn an_endless_answer_is_cut_at_its_limit() {
    let fake = Fake::start(|_| {
        let line = format!("data: {}\n\n", "x".repeat(60_000));
        let chunk = format!("{:x}\r\n{line}\r\n", line.len()).into_bytes();
        let mut answer = Answer::begun();
        answer.0.extend((0..200).map(|_| Step::Send(chunk.clone())));
        answer
    });
    let (folder, ran) = run_on(1, &fake, "--max-attempts 1");
    assert_eq!(ran.code, 1, "{}", ran.err);
    let attempt = &folder.query("select outcome, error, length(partial) as kept from attempts")[0];
    assert_eq!(
        *attempt,
        json!({"outcome": "bad_text", "error": "the answer has a body of more than 8388608 bytes",
        "kept": 65536})
    );
}

#[test]
fn a_request_that_is_never_answered_times_out() {
    let fake = Fake::start(|asked| match asked.nth_for_name {
        0 => Answer(vec![Step::Until(Switch::default())]),
        _ => Answer::story(&story_of(&asked.name)),
    });
    let (folder, ran) = run_on(1, &fake, "--idle-timeout 1s");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let first = folder.query("select outcome, error from attempts where attempt = 1");
    assert_eq!(
        first,
        [json!({"outcome": "unknown", "error": "no data for 1s (idle timeout)"})]
    );
}

#[test]
fn a_204_is_not_a_story() {
    let fake = Fake::start(|_| {
        Answer(vec![Step::Send(
            b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
        )])
    });
    let (folder, ran) = run_on(1, &fake, "--max-attempts 2");
    assert_eq!((ran.code, fake.asked().len()), (1, 2), "{}", ran.err);
    let row = folder.query("select error_kind, error, take from results");
    assert_eq!(
        row,
        [json!({"error_kind": "unknown", "error": "204", "take": null})]
    );
}

#[test]
fn an_endless_error_body_is_read_up_to_a_limit() {
    let fake = Fake::start(|_| {
        let head = "HTTP/1.1 422 No\r\ncontent-length: 100000000\r\n\r\n";
        let mut answer = Answer(vec![Step::Send(head.into())]);
        answer
            .0
            .extend((0..200).map(|_| Step::Send(vec![b'n'; 60_000])));
        answer
    });
    let (folder, ran) = run_on(1, &fake, "");
    assert_eq!(ran.code, 1, "{}", ran.err);
    let kept = folder.query("select length(error) as kept from failures");
    assert_eq!(
        kept,
        [json!({"kept": 5 + 500 + 1})],
        "its status and the begin of its words"
    );
}

#[test]
fn lines_in_a_log_have_no_escapes() {
    let fake = Fake::start(|asked| match asked.nth {
        1 => Answer::status(422, "", "\u{1b}[2Jno"),
        2 => Answer::status(429, "retry-after: 1\r\n", "\u{1b}[31mwait"),
        _ => Answer::story(&story_of(&asked.name)),
    });
    let (_, ran) = run_on(5, &fake, "--concurrency 1");
    assert_eq!(ran.code, 1);
    assert!(!ran.err.contains('\u{1b}'), "{}", ran.err);
    assert!(
        ran.err.contains("failed: Name 2: 422: \\u{1b}[2Jno"),
        "{}",
        ran.err
    );
}

#[test]
fn an_error_body_that_echoes_the_key_is_scrubbed() {
    let body = format!(
        r#"{{"ERROR": "no such key: {}", "x": "{}"}}"#,
        crate::harness::KEY,
        "y".repeat(3_000)
    );
    let fake = Fake::start(move |_| Answer::status(403, "", &body));
    let (folder, ran) = run_on(1, &fake, "");
    assert!(ran.err.contains("no such key: ***"), "{}", ran.err);
    for file in folder.files() {
        let bytes = std::fs::read(folder.path(&file)).expect("a file");
        let key = crate::harness::KEY.as_bytes();
        assert!(!bytes.windows(key.len()).any(|part| part == key), "{file}");
    }
}

#[test]
fn a_run_in_which_most_characters_fail_stops() {
    let fake = Fake::start(|_| Answer::status(422, "", "no"));
    let (folder, ran) = run_on(100, &fake, "");
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(
        ran.err.contains("characters of this run failed"),
        "{}",
        ran.err
    );
    assert!(fake.asked().len() <= 23, "{}", fake.asked().len());
    assert_eq!(folder.generate(&fake, "--keep-going").code, 1);
    assert_eq!(fake.asked().len(), 100);
}

#[test]
fn plain_http_to_another_machine_is_refused() {
    let folder = Folder::with_sheet(&sheet_of(1));
    let ran = folder.run("run cast.csv --base-url http://192.0.2.1:80");
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("--allow-http"), "{}", ran.err);
    assert_eq!(folder.files(), ["cast.csv"]);
}

#[test]
fn an_error_whose_body_never_ends_is_still_that_error() {
    for (status, code, requests) in [(401, 3, 1), (400, 1, 1)] {
        let fake = Fake::start(move |_| {
            let head =
                format!("HTTP/1.1 {status} No\r\ncontent-length: 500\r\n\r\nthe begin of it");
            Answer(vec![
                Step::Send(head.into()),
                Step::Until(Switch::default()),
            ])
        });
        let (_, ran) = run_on(1, &fake, "");
        assert_eq!(
            (ran.code, fake.asked().len()),
            (code, requests),
            "{status}: {}",
            ran.err
        );
    }
}

#[test]
fn a_transfer_coding_without_an_end_marker_does_not_prove_completeness() {
    for coding in ["identity", "chunked, identity"] {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: {coding}\r\n\r\n"
        );
        let bytes = head + "data: A story.\n\n";
        let fake =
            Fake::start(move |_| Answer(vec![Step::Send(bytes.clone().into()), Step::Close]));
        let (folder, _) = run_on(1, &fake, "--max-attempts 1");
        let rows = folder.query("select flags from results where status = 'done'");
        assert!(
            rows.iter()
                .all(|row| row["flags"] == r#"["unproven","unnamed"]"#),
            "{coding}: {rows:?}"
        );
    }
}

#[test]
fn an_error_event_fails_one_attempt_only() {
    let fake = Fake::start(|asked| match asked.name.as_str() {
        "Name 2" => Answer::chunks(["event: error\ndata: could not plan the story\n\n"]),
        name => Answer::story(&story_of(name)),
    });
    let (folder, ran) = run_on(4, &fake, "--max-attempts 2");
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert_eq!(folder.status()["done"], 3);
}

#[test]
fn an_error_in_place_of_a_story_is_an_error_and_not_a_story() {
    let folder = Folder::with_sheet(&sheet_of(5));
    let wrong_key = r#"{"ERROR": "Invalid API key provided."}"#;
    for begin in ["data: ", "event: error\ndata: "] {
        let fake = Fake::start(move |_| Answer::chunks([format!("{begin}{wrong_key}\n\n")]));
        let ran = folder.generate(&fake, "");
        assert_eq!(ran.code, 3, "{begin}: {}", ran.err);
        assert!(ran.err.contains("Invalid API key"), "{}", ran.err);
        assert_eq!(fake.asked().len(), 1, "a wrong key costs one request");
        assert_eq!(folder.status()["pending"], 5, "{begin}");
    }
}
