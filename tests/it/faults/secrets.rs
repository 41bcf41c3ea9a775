//! The API key is only in the request: every command and every fault with a canary key, then a search through all written files.

use crate::fake::{Answer, Fake, Step, event, story_of};
use crate::harness::{Folder, KEY, sheet_of};

#[test]
fn the_key_is_nowhere_but_in_the_request() {
    let folder = Folder::with_sheet(&sheet_of(14));
    let echo = format!(r#"{{"ERROR": "bad key {KEY}", "Reference ID": "{KEY}"}}"#);
    let fake = Fake::start(move |asked| match asked.nth {
        1 => Answer::status(500, "", &echo),
        2 => Answer::status(422, "", &echo),
        3 => Answer::status(429, "retry-after: 0\r\n", KEY),
        4 => Answer::status(200, "content-type: text/html\r\n", &format!("<b>{KEY}</b>")),
        5 => Answer::chunks([format!("event: error\ndata: {KEY}\n\n")]),
        6 => Answer::begun()
            .event(&format!("half a {KEY}"))
            .then(Step::Reset),
        7 => Answer::status(302, &format!("location: http://x/{KEY}\r\n"), KEY),
        _ => Answer::story(&story_of(&asked.name)),
    });
    let mut said = String::new();
    for progress in ["json", "plain", "none"] {
        let ran = folder.generate(&fake, &format!("--concurrency 1 --progress {progress}"));
        said += &(ran.out + &ran.err);
    }
    let url = fake.url();
    for line in [
        format!("plan cast.csv --base-url {url}"),
        "status".into(),
        "status --json".into(),
        "list --json".into(),
        "show #2 --json".into(),
        "export -o out.csv".into(),
        "export -o out.xlsx".into(),
        "export -o out.jsonl".into(),
        "resume --retry --rate unlimited".into(),
    ] {
        let ran = folder.run(&line);
        said += &(ran.out + &ran.err);
    }
    assert!(fake.asked().len() > 14);
    assert!(
        said.contains("***"),
        "the server's words are quoted, without the key"
    );
    assert!(!said.contains(KEY), "{said}");
    for file in folder.files() {
        let bytes = std::fs::read(folder.path(&file)).expect("a file");
        let found = bytes.windows(KEY.len()).any(|part| part == KEY.as_bytes());
        assert!(!found, "the key is in {file}");
    }
}

#[test]
fn the_key_of_a_model_is_nowhere_but_in_the_request() {
    let folder = Folder::with_sheet(&sheet_of(8));
    folder.write("key", KEY);
    let echo = format!(r#"{{"error": {{"message": "bad key {KEY}", "code": "{KEY}"}}}}"#);
    let fake = Fake::start(move |asked| match asked.nth {
        1 => Answer::status(500, "", &echo),
        2 => Answer::status(422, "", &echo),
        3 => Answer::status(200, "content-type: application/json\r\n", &echo),
        4 => Answer::chunks([event(&echo)]),
        5 => Answer::chunks([event(&format!("nothing that is known: {KEY}"))]),
        6 => Answer::chat(&format!("half a {KEY}"), KEY, (1, 1)),
        _ => Answer::chat(&story_of(&asked.name), "stop", (1, 1)),
    });
    let url = fake.url();
    let how = format!("--provider openai --model m --base-url {url}/v1 --key-file key");
    let mut said = String::new();
    for line in [
        format!("check cast.csv {how} --send"),
        format!("run cast.csv {how} --rate unlimited --concurrency 1 --progress json"),
        format!("run cast.csv {how} --rate unlimited --retry --progress plain"),
        "status".into(),
        "show #2 --json".into(),
        "show #7".into(),
        "export -o out.jsonl".into(),
    ] {
        let ran = folder.run(&line);
        said += &(ran.out + &ran.err);
    }
    assert!(fake.asked().len() > 8 && said.contains("***"), "{said}");
    let sent = fake
        .asked()
        .iter()
        .all(|asked| asked.headers["authorization"] == format!("Bearer {KEY}"));
    assert!(sent && !said.contains(KEY), "{said}");
    for file in folder.files().iter().filter(|file| *file != "key") {
        let bytes = std::fs::read(folder.path(file)).expect("a file");
        let found = bytes.windows(KEY.len()).any(|part| part == KEY.as_bytes());
        assert!(!found, "the key is in {file}");
    }
}

#[test]
fn an_api_key_cannot_be_passed_as_a_switch() {
    let folder = Folder::with_sheet(&sheet_of(1));
    for switch in ["--key x", "--api-key x", "--convai-api-key x"] {
        assert_eq!(folder.run(&format!("run cast.csv {switch}")).code, 2);
    }
}
