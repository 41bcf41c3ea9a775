//! Every command says and writes on a server what it does on a file.

use crate::fake::{Answer, Fake, story_of};
use crate::harness::postgres;
use crate::harness::{Folder, Ran};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

const SHEET: &str = "id,name,description,city\n\
    1,Zoë Marchetti,drives a tram,Trieste\n\
    2,Bo,rows,Ghent\n\
    3,\"Ada, the \"\"cook\"\"\",bakes,\n\
    4,Refused,is refused,Ghent\n\
    5,=Sum,counts,Ghent\n";

/// What a person does with a cast, line by line. `BASE` is the address of the service.
const LINES: &[&str] = &[
    "list",
    "plan cast.csv --base-url BASE",
    "run cast.csv --base-url BASE --rate unlimited --concurrency 1",
    "run cast.csv --base-url BASE --rate unlimited",
    "status",
    "status --json",
    "list",
    "list --json",
    "list --status failed",
    "list --name zoë --limit 1",
    "list --flag abrupt",
    "list --cast nobody",
    "show 1",
    "show #3",
    "show Bo --json",
    "show Nobody",
    "search story ghent",
    "search zoe",
    "search nothing-like-it",
    "query select|name,|status,|take,|words,|flags|from|results|order|by|row",
    "query select|name,|attempt,|outcome,|http_status|from|attempts|order|by|name,|attempt --format csv",
    "query select|*|from|failures --format json",
    "query delete|from|results",
    "review",
    "review --json",
    "pick Bo 2",
    "edit Bo --from mine.txt",
    "pick Bo 1",
    "show Bo",
    "retry",
    "resume --rate unlimited --concurrency 1",
    "redo 1 #2 --rate unlimited",
    "show 1",
    "run edited.csv --cast cast --rate unlimited --concurrency 1",
    "run cast.csv --description-column city",
    "run copy.csv --base-url BASE --rate unlimited",
    "list --gone",
    "casts",
    "casts --json",
    "casts rename cast villagers",
    "list --cast villagers --json",
    "export -o out.csv",
    "export -o out.jsonl",
    "export -o out.md",
    "export -o out.html",
    "export -o stories/",
    "export --status done --raw",
    "export -o out.csv",
    "status villagers",
    "casts forget villagers --yes",
    "list",
];

/// Lines whose order may differ, as may that of equally good matches.
const UNORDERED: [&str; 1] = ["search"];

fn prepared() -> Folder {
    let folder = Folder::with_sheet(SHEET);
    folder.write("mine.txt", "My own words.\n");
    folder.write(
        "edited.csv",
        SHEET
            .replace("rows", "swims")
            .replace("5,=Sum,counts,Ghent\n", "6,New,is new,Ghent\n"),
    );
    folder.write("copy.csv", SHEET);
    folder
}

/// Everything that the commands said, and the files that they left, without times.
fn outputs(folder: &Folder, db: &str, shown: &str) -> BTreeMap<String, Vec<String>> {
    let fake = Fake::start(|asked| match asked.name.as_str() {
        "Refused" if asked.nth < 6 => Answer::status(400, "", "no such name"),
        name => Answer::story(&story_of(name)),
    });
    let mut all = BTreeMap::new();
    for (nth, line) in LINES.iter().enumerate() {
        let words = line.replace("BASE", &fake.url());
        let words = words.split(' ').map(|word| word.replace('|', " "));
        let ran = folder.run_args(words.chain(["--db".to_owned(), db.to_owned()]));
        let Ran { code, out, err } = ran;
        let mut lines: Vec<String> = [&out, &err]
            .iter()
            .flat_map(|text| text.lines())
            // How fast it was is not the same twice.
            .filter(|text| !text.starts_with("  speed "))
            .map(|text| timeless(&text.replace(shown, "DATABASE").replace(&fake.url(), "BASE")))
            .collect();
        if UNORDERED.iter().any(|word| line.starts_with(word)) {
            lines.sort();
        }
        lines.insert(0, format!("exit {code}"));
        all.insert(format!("{nth:02} {line}"), lines);
    }
    for (name, text) in files(&folder.path("")) {
        let lines = text.lines().map(timeless);
        all.insert(format!("file {name}"), lines.collect());
    }
    all
}

/// The files of a folder and of its folders, but for the database.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            let inside = files(&entry.path());
            all.extend(
                inside
                    .into_iter()
                    .map(|(inside, text)| (format!("{name}/{inside}"), text)),
            );
        } else if !name.starts_with("backstory.db") {
            all.push((name, fs::read_to_string(entry.path()).expect("a text")));
        }
    }
    all.sort();
    all
}

/// A line with `TIME` for times and durations. The times of JSON end with `Z"`.
fn timeless(line: &str) -> String {
    let mut pieces = line.split("Z\"").peekable();
    let mut text = String::new();
    while let Some(piece) = pieces.next() {
        let end = piece.rfind('"').filter(|_| pieces.peek().is_some());
        text += end.map_or(piece, |end| &piece[..end]);
        text += end.map_or("", |_| "TIME");
    }
    // How long a request took, too.
    for name in ["\"first_text_ms\":", "\"took_ms\":"] {
        text = text
            .split(name)
            .map(|piece| piece.trim_start_matches(|c: char| c.is_ascii_digit()))
            .collect::<Vec<_>>()
            .join(name);
    }
    let line = &text;
    let is_time = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        let number = word.trim_end_matches(char::is_alphabetic);
        let is_duration = matches!(&word[number.len()..], "ms" | "s")
            && !number.is_empty()
            && number.chars().all(|c| c.is_ascii_digit() || c == '.');
        let is_date = word.len() >= 5
            && word.starts_with(|c: char| c.is_ascii_digit())
            && word
                .chars()
                .all(|c| c.is_ascii_digit() || "-:TZ.".contains(c))
            && word.contains([':', '-']);
        is_duration || is_date
    };
    let mut words = Vec::new();
    for word in line.split(' ') {
        words.push(if is_time(word) { "TIME" } else { word });
    }
    words.join(" ")
}

#[test]
fn every_command_does_on_a_server_what_it_does_on_a_file() {
    let Some(database) = postgres::database() else {
        return;
    };
    let (on_file, on_server) = (prepared(), prepared());
    let expected = outputs(&on_file, "backstory.db", "backstory.db");
    let mut found = outputs(&on_server, &database.url, &database.url);
    // The workers are shown where there can be several.
    for lines in found.values_mut() {
        for line in lines {
            *line = line.replace(",\"workers\":[]", "");
        }
    }
    let mut differences = String::new();
    for (line, expected) in &expected {
        let found = found.remove(line).unwrap_or_default();
        if found != *expected {
            let (on_file, on_server) = (expected.join("\n"), found.join("\n"));
            let _ = writeln!(
                differences,
                "== {line}\n-- on a file:\n{on_file}\n-- on a server:\n{on_server}"
            );
        }
    }
    assert!(
        differences.is_empty() && found.is_empty(),
        "{differences}{found:?}"
    );
}
