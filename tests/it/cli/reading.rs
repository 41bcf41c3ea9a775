//! `status`, `list`, `show`, `query` and exports: the text for people, and the JSON and CSV for programs.

use crate::fake::{Answer, Fake, story_of};
use crate::harness::{Folder, sheet_of};
use serde_json::{Value, json};

/// A cast with a finished character, a failed one, and one with escape sequences in its name.
fn cast() -> Folder {
    let folder = Folder::new();
    folder.write(
        "cast.csv",
        "id,name,description,notes\nm,Mindy,\"Lawyer, stubborn\",=1+1\nz,Zoë 東京,Keeper,\"two\nlines\"\ne,\u{1b}[31mRed\u{202e},x,-5\n",
    );
    let fake = Fake::start(|asked| match asked.name.as_str() {
        "Zoë 東京" => Answer::status(422, "", "\u{1b}[2Jno"),
        name => Answer::story(&story_of(name)),
    });
    assert_eq!(folder.generate(&fake, "").code, 1);
    folder
}

/// Times differ from run to run, and so does the pace, if there is one to speak of.
fn steady(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.starts_with("  pace"));
    let text: Vec<String> = lines.map(steady_line).collect();
    text.join("\n")
}

fn steady_line(line: &str) -> String {
    let is_length = |word: &str| {
        let number = word.strip_suffix('s').unwrap_or_default();
        number.contains('.')
            && number
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    let mut words: Vec<String> = Vec::new();
    let moments = steady_moments(line);
    for word in moments.split(' ') {
        words.push(if is_length(word) {
            "TOOK".to_owned()
        } else {
            word.to_owned()
        });
    }
    words.join(" ")
}

/// Moments as the views have them, and as people read them.
fn steady_moments(text: &str) -> String {
    let mut steady = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("20") {
        let iso = rest
            .get(at..at + 24)
            .filter(|time| time.ends_with('Z') && time.contains('T'));
        let plain = rest
            .get(at..at + 19)
            .filter(|time| time.matches(':').count() == 2 && time.as_bytes()[10] == b' ');
        let time = iso.or(plain);
        let (begin, behind) = rest.split_at(at + time.map_or(2, str::len));
        steady.push_str(if time.is_some() { &begin[..at] } else { begin });
        steady.push_str(if time.is_some() { "TIME" } else { "" });
        rest = behind;
    }
    steady + rest
}

#[test]
fn status_shows_the_counts_and_the_causes_of_failures() {
    let folder = cast();
    // Whether a speed is shown depends on how fast this machine is.
    let ran = folder.run("status");
    let lines = ran.out.lines().filter(|line| !line.starts_with("  speed"));
    let lines: Vec<&str> = lines.collect();
    insta::assert_snapshot!(steady(&lines.join("\n")), @r"
    cast `cast`: 3 characters
      done      2
      failed    1
      pending   0
      running   0
      requests  3
      stories   first TIME UTC, last TIME UTC
    failed:
      1 × `refused_row`: 422: \u{1b}[2Jno (for example Zoë 東京)
        these rows were rejected: change them in the sheet, then `backstory run SHEET`
    ");
    let status = folder.status();
    assert_eq!(
        status
            .as_object()
            .expect("an object")
            .keys()
            .collect::<Vec<_>>(),
        [
            "cast_name",
            "total",
            "done",
            "failed",
            "pending",
            "running",
            "gone",
            "requests",
            "maybe_charged",
            "flagged",
            "oldest",
            "newest",
            "cost",
            "cost_maybe"
        ]
    );
}

#[test]
fn list_shows_foreign_text_escaped_to_people_and_as_it_is_to_programs() {
    let folder = cast();
    insta::assert_snapshot!(folder.run("list").out, @r"
    1  done    8 words  Mindy                     Mindy was born on a Tuesday. Nobody minded.
    2  failed           Zoë 東京                  422: \u{1b}[2Jno
    3  done    8 words  \u{1b}[31mRed\u{202e}     \u{1b}[31mRed\u{202e} was born on a Tuesday. Nobody minded.
    ");
    let lines = folder.run("list --json").out;
    let rows: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(rows[2]["name"], "\u{1b}[31mRed\u{202e}");
    assert_eq!(
        rows[0]
            .as_object()
            .expect("an object")
            .keys()
            .collect::<Vec<_>>(),
        [
            "cast_name",
            "key",
            "row",
            "name",
            "description",
            "columns",
            "status",
            "gone",
            "backstory",
            "take",
            "words",
            "requests",
            "flags",
            "error_kind",
            "error",
            "provider",
            "model",
            "finished_at"
        ]
    );
    assert_eq!(rows[1]["take"], Value::Null);
    assert_eq!(rows[1]["flags"], json!([]));
    assert_eq!(
        rows[0]["columns"],
        json!({"id": "m", "name": "Mindy", "description": "Lawyer, stubborn", "notes": "=1+1"})
    );
}

#[test]
fn list_filters_treat_their_value_as_plain_text() {
    let folder = cast();
    for (switches, names) in [
        ("--status failed", vec!["Zoë 東京"]),
        ("--name ZOË", vec!["Zoë 東京"]),
        ("--name %", vec![]),
        ("--name _", vec![]),
        ("--limit 1", vec!["Mindy"]),
        ("--flag abrupt", vec![]),
    ] {
        let ran = folder.run(&format!("list --json {switches}"));
        assert_eq!(ran.code, 0, "{}", ran.err);
        let found: Vec<String> = ran
            .out
            .lines()
            .map(|line| {
                serde_json::from_str::<Value>(line).expect("JSON")["name"]
                    .as_str()
                    .expect("a name")
                    .to_owned()
            })
            .collect();
        assert_eq!(found, names, "{switches}");
    }
    assert_eq!(folder.run("list --status finished").code, 2);
    assert_eq!(folder.run("list --flag red").code, 2);
}

#[test]
fn show_finds_by_name_key_and_row_and_names_several() {
    let folder = cast();
    insta::assert_snapshot!(steady(&folder.run("show m").out), @"
    Mindy
    cast `cast` · row 1 · done

    id           m
    name         Mindy
    description  Lawyer, stubborn
    notes        =1+1

    Mindy was born on a Tuesday.

    Nobody minded.

    takes:
    * 1  TIME  convai  8 words  current

    attempts:
      1  TIME  ok  TOOK  first text after TOOK
    ");
    assert_eq!(folder.run("show #1").out, folder.run("show Mindy").out);
    assert_eq!(folder.run("show nobody").code, 2);
    let shown: Value = serde_json::from_str(&folder.run("show z --json").out).expect("JSON");
    assert_eq!(shown["attempts"][0]["outcome"], "refused_row");
    assert_eq!(shown["takes"], json!([]));
    folder.write("twins.csv", "name,description\nTwin,one\nTwin,two\n");
    assert_eq!(folder.run("run twins.csv --provider demo").code, 0);
    let twins = folder.run("show Twin --cast twins");
    assert_eq!(twins.code, 2);
    assert!(
        twins.err.contains("#1  Twin: one") && twins.err.contains("#2  Twin: two"),
        "{}",
        twins.err
    );
    folder.write("keyed.csv", "id,name,description\n1,Twin,one\n");
    assert_eq!(folder.run("run keyed.csv --provider demo --new").code, 0);
    folder.write("keyed.csv", "id,name,description\n2,Twin,two\n");
    assert_eq!(folder.run("run keyed.csv").code, 0);
    insta::assert_snapshot!(folder.run("show Twin --cast keyed --gone").err, @"
    error: `Twin` matches several characters:
      #1  Twin (key `1`, gone): one
      #1  Twin (key `2`): two
    hint: choose one by its row key
    ");
    assert_eq!(folder.run("show 1 --cast keyed --gone").code, 0);
    let which = folder.run("show Twin");
    assert_eq!(which.code, 2);
    assert!(which.err.contains("cast, keyed, twins"), "{}", which.err);
}

#[test]
fn a_query_can_only_read() {
    let folder = cast();
    insta::assert_snapshot!(folder.run_args(["query", "select name, words from results order by row"]).out, @r"
    name                   words
    Mindy                  8
    Zoë 東京
    \u{1b}[31mRed\u{202e}  8
    ");
    let csv = folder.run_args([
        "query",
        "select name, notes from (select name, columns->>'notes' as notes from results)",
        "--format",
        "csv",
    ]);
    assert_eq!(
        csv.out,
        "name,notes\nMindy,=1+1\nZoë 東京,\"two\nlines\"\n\u{1b}[31mRed\u{202e},-5\n"
    );
    let before = folder.files();
    for sql in [
        "update stored_characters set name = 'x'",
        "drop view results",
        "attach 'other.db' as other",
        "vacuum into 'other.db'",
        "select 1; attach 'other.db' as other",
        "with a as (select 1) delete from stored_takes",
        "pragma user_version = 3",
        "select nonsense from results",
        "",
    ] {
        let ran = folder.run_args(["query", sql]);
        assert_eq!(ran.code, 2, "{sql}: {}", ran.err);
        assert_eq!(folder.files(), before, "{sql}");
    }
    assert_eq!(
        folder
            .run_args(["query", "select 1 where 0", "--format", "json"])
            .out,
        "[]\n"
    );
}

#[test]
fn a_query_uses_the_given_cast_and_keeps_columns_of_the_same_name() {
    let folder = cast();
    folder.write("crew.csv", "name,description\nBo,cook\n");
    assert_eq!(folder.run("run crew.csv --provider demo").code, 0);
    let count = |switches: &[&str]| {
        let args = [
            "query",
            "select count(*) as n, 1 as n from results",
            "--format",
            "json",
        ];
        folder.run_args(args.iter().chain(switches)).out
    };
    assert_eq!(count(&[]), "[\n{\"n\":4,\"n:1\":1}\n]\n");
    assert_eq!(count(&["--cast", "crew"]), "[\n{\"n\":1,\"n:1\":1}\n]\n");
    assert_eq!(
        folder
            .run_args(["query", "select 1", "--cast", "nope"])
            .code,
        2
    );
}

#[test]
fn the_views_have_the_documented_columns() {
    let folder = cast();
    let columns = |view: &str| -> Vec<String> {
        let rows = folder.query(&format!("select name from pragma_table_info('{view}')"));
        rows.iter()
            .map(|row| row["name"].as_str().expect("a name").to_owned())
            .collect()
    };
    let results = "cast_name key row name description columns status gone backstory take words requests flags error_kind error \
        provider model finished_at";
    assert_eq!(columns("results").join(" "), results);
    let takes = "character_id cast_name key row name take text words flags provider model endpoint finished_at current";
    assert_eq!(columns("takes").join(" "), takes);
    let attempts = "character_id cast_name key row name attempt outcome http_status error started_at first_text_ms ended_at bytes \
        tokens_in tokens_out partial cost cost_maybe";
    assert_eq!(columns("attempts").join(" "), attempts);
    assert_eq!(
        columns("failures").join(" "),
        "cast_name key row name error_kind error http_status tries failed_at"
    );
    assert!(
        columns("casts")
            .join(" ")
            .starts_with("cast_name total done failed pending running gone requests maybe_charged")
    );
    let help = folder.run("help query").out;
    for view in ["results", "takes", "attempts", "failures", "casts", "alike"] {
        assert_eq!(explained(&help, view), columns(view), "{view}");
    }
}

/// The columns of a view that the help of `query` explains, in its order. Each is at the beginning of a line with an indent of
/// four, before its explanation or in a list of columns that have a line to themselves.
fn explained(help: &str, view: &str) -> Vec<String> {
    let lines = help
        .lines()
        .skip_while(|line| !line.starts_with(&format!("  {view}: ")))
        .skip(1)
        .take_while(|line| line.starts_with("    "));
    lines
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| line.split("  ").next())
        .flat_map(|columns| columns.split(", "))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_csv_export_has_the_sheet_and_the_stories_and_neutralises_formulas() {
    let folder = cast();
    let ran = folder.run("export -o out.csv");
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    let out = folder.read("out.csv");
    assert!(
        out.starts_with("\u{feff}id,name,description,notes,backstory,status,error\n"),
        "{out}"
    );
    assert!(
        out.contains(
            "\"Lawyer, stubborn\",'=1+1,\"Mindy was born on a Tuesday.\n\nNobody minded.\",done,\n"
        ),
        "{out}"
    );
    assert!(out.contains(",-5,"), "numbers are left alone");
    let raw = folder.run("export --raw");
    assert!(raw.out.contains(",=1+1,"), "{}", raw.out);
    assert!(
        !folder.files().iter().any(|file| file.starts_with('.')),
        "{:?}",
        folder.files()
    );
}

#[test]
fn a_jsonl_export_is_what_list_prints() {
    let folder = cast();
    assert_eq!(folder.run("export -o out.jsonl").code, 0);
    assert_eq!(folder.read("out.jsonl"), folder.run("list --json").out);
}

#[test]
fn an_export_never_overwrites_the_sheet_or_a_folder() {
    let folder = cast();
    let sheet = folder.read("cast.csv");
    for target in ["cast.csv", "./cast.csv"] {
        let ran = folder.run(&format!("export -o {target}"));
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert!(ran.err.contains("the sheet of a cast"), "{}", ran.err);
    }
    assert_eq!(folder.read("cast.csv"), sheet);
    assert_eq!(folder.run("export -o out.docx").code, 2);
    assert_eq!(folder.run("export -o nowhere/out.csv").code, 3);
}

#[test]
fn several_casts_are_shown_together_or_listed_in_the_error() {
    let folder = cast();
    folder.write("crew.csv", "name,description\nBo,cook\n");
    let ran = folder.run("run crew.csv --provider demo");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let next = "next: backstory list --cast crew · backstory show NAME --cast crew · backstory export -o FILE --cast crew\n";
    assert!(ran.err.ends_with(next), "{}", ran.err);
    assert_eq!(folder.run("status --json").out.lines().count(), 2);
    assert!(
        folder.run("list").out.contains("crew"),
        "{}",
        folder.run("list").out
    );
    assert_eq!(folder.run("list crew --json").out.lines().count(), 1);
    let export = folder.run("export");
    assert_eq!(export.code, 2);
    assert!(export.err.contains("cast, crew"), "{}", export.err);
    assert_eq!(folder.run("export crew").code, 0);
    assert_eq!(folder.run("status nobody").code, 2);
}

#[test]
fn hints_name_the_cast_if_there_are_several() {
    let folder = Folder::with_sheet(&sheet_of(1));
    let fake = Fake::start(|_| Answer::status(500, "", "boom"));
    assert_eq!(folder.generate(&fake, "--max-attempts 1").code, 1);
    let advice = |line: &str| {
        let status = folder.run(line).out;
        let advice = status
            .lines()
            .find(|line| line.contains("may be temporary"));
        advice.map(|advice| advice.trim().to_owned())
    };
    let alone = "may be temporary: `backstory retry --cause unknown`, then `backstory resume`";
    assert_eq!(advice("status").as_deref(), Some(alone));
    folder.write("crew.csv", "name,description\nBo,cook\n");
    assert_eq!(folder.run("run crew.csv --provider demo").code, 0);
    let named = "may be temporary: `backstory retry --cast cast --cause unknown`, then `backstory resume --cast cast`";
    assert_eq!(advice("status").as_deref(), Some(named));
    assert_eq!(advice("status cast").as_deref(), Some(named));
    assert_eq!(folder.run("retry --cast cast").code, 0);
}
