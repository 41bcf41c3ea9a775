//! A sheet that changed costs exactly its changes.

use crate::fake::{Answer, Fake};
use crate::harness::Folder;
use serde_json::json;

/// Runs on one sheet after the other; returns who was asked for in each, sorted.
fn asked_for(folder: &Folder, sheets: &[&str], switches: &str) -> Vec<Vec<String>> {
    let fake =
        Fake::start(|asked| Answer::story(&format!("Story {} of {}.", asked.nth, asked.name)));
    let mut before = 0;
    let mut all = Vec::new();
    for sheet in sheets {
        folder.write("cast.csv", sheet);
        let ran = folder.generate(&fake, switches);
        assert_eq!(ran.code, 0, "{sheet}: {}", ran.err);
        let asked = fake.asked();
        let mut names: Vec<String> = asked[before..]
            .iter()
            .map(|asked| format!("{}: {}", asked.name, asked.description))
            .collect();
        names.sort();
        before = asked.len();
        all.push(names);
    }
    all
}

const FOUR: &str = "name,description\nAda,a\nBo,b\nCy,c\nDi,d\n";

#[test]
fn reordering_inserting_and_deleting_rows_costs_only_what_is_new() {
    let folder = Folder::new();
    let changed = "name,description\nDi,d\nEve,e\nBo,b\nAda,a\n";
    let asked = asked_for(&folder, &[FOUR, changed], "");
    assert_eq!(asked[1], ["Eve: e"]);
    let gone = folder.query("select name from results where gone = 1");
    assert_eq!(gone, [json!({"name": "Cy"})]);
    let names: Vec<_> = folder.stories().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Di", "Eve", "Bo", "Ada"]);
}

/// A cast of six with everything finished by the demo writer.
fn finished_six() -> Folder {
    let folder = Folder::with_sheet(SIX);
    assert_eq!(folder.run("run cast.csv --provider demo").code, 0);
    folder
}

const SIX: &str = "name,description,role\nAda,a,x\nBo,b,x\nCy,c,x\nDi,d,x\nEve,e,x\nFay,f,x\n";

#[test]
fn a_changed_recipe_is_asked_about_before_anything_is_paid() {
    let (folder, fake) = (finished_six(), Fake::telling());
    let ran = folder.generate(&fake, "--provider convai");
    assert_eq!(ran.code, 2);
    insta::assert_snapshot!(ran.err, @"
    error: the recipe of cast `cast` changed (provider: `demo` → `convai`); 6 characters are finished with the old one
    hint: `--redo` writes finished characters again; `--keep` leaves them as they are
    ");
    assert_eq!(fake.asked().len(), 0);
    // Kept: only what is new is written with it.
    folder.write("cast.csv", format!("{SIX}Gil,g,x\n"));
    assert_eq!(folder.generate(&fake, "--provider convai --keep").code, 0);
    assert_eq!(fake.by_name(), [("Gil".to_owned(), 1)].into());
    let flags = folder.query("select flags, count(*) as many from results group by 1 order by 1");
    assert_eq!(
        flags,
        [
            json!({"flags": r#"["stale"]"#, "many": 6}),
            json!({"flags": "[]", "many": 1})
        ]
    );
    // Redone: everything that another recipe wrote, once; interrupted, it continues.
    assert_eq!(folder.generate(&fake, "--redo --max-requests 2").code, 4);
    assert_eq!(folder.generate(&fake, "").code, 0);
    assert_eq!(fake.asked().len(), 7);
    assert!(fake.by_name().values().all(|times| *times == 1));
    // And back: the first recipe's takes are all there.
    let back = folder.run("run cast.csv --provider demo --redo");
    assert_eq!(back.code, 0, "{}", back.err);
    assert!(
        back.err.contains("1 request in"),
        "only the one that demo never wrote: {}",
        back.err
    );
}

#[test]
fn a_sheet_that_would_throw_most_of_the_cast_away_is_asked_about() {
    let (folder, fake) = (finished_six(), Fake::telling());
    folder.write(
        "cast.csv",
        "name,description,role\nAda,a,x\nBo,b,x\nCy,new,x\nDi,new,x\n",
    );
    let ran = folder.run("run cast.csv");
    assert_eq!(ran.code, 2);
    insta::assert_snapshot!(ran.err, @"
    error: this would mark 2 of 6 finished characters of cast `cast` as `gone` and pay again for 2
    hint: to do that, pass `--replace`; if this sheet is another cast, choose its name with `--cast NAME`
    ");
    assert_eq!(folder.status()["gone"], 0, "nothing was imported");
    let ran = folder.run("run cast.csv --replace");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(
        (folder.status()["gone"].clone(), fake.asked().len()),
        (json!(2), 0)
    );
}

#[test]
fn a_renamed_sheet_is_recognised_and_asked_about() {
    let folder = finished_six();
    std::fs::rename(folder.path("cast.csv"), folder.path("final.csv")).expect("renamed");
    let ran = folder.run("run final.csv --provider demo");
    assert_eq!(ran.code, 2);
    insta::assert_snapshot!(ran.err, @"
    error: most rows of `final.csv` are already finished in cast `cast`
    hint: `--cast cast` continues that cast and pays only for the changes; `--new` pays for a new cast
    ");
    assert_eq!(
        folder.run("status --json").out.lines().count(),
        1,
        "no second cast"
    );
    let ran = folder.run("run final.csv --cast cast");
    assert!(ran.err.contains(" 0 requests in "), "{}", ran.err);
    assert_eq!(folder.run("run final.csv --provider demo --new").code, 0);
    assert_eq!(folder.run("status --json").out.lines().count(), 2);
}

#[test]
fn a_cast_remembers_what_its_last_run_used() {
    let (folder, fake) = (Folder::new(), Fake::telling());
    folder.write("cast.csv", "who;about\nAda;a\nBo;b\n");
    let switches = "--name-column who --template {{about}}!";
    assert_eq!(
        folder
            .generate(&fake, &format!("{switches} --max-requests 1"))
            .code,
        4
    );
    let ran = folder.run("run cast.csv --rate unlimited");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let described: Vec<String> = fake
        .asked()
        .into_iter()
        .map(|asked| asked.description)
        .collect();
    assert_eq!(described, ["a!", "b!"]);
}

#[test]
fn stories_that_the_writer_has_already_are_free() {
    let (folder, fake) = (Folder::new(), Fake::telling());
    folder.write(
        "cast.csv",
        "name,description,story\nAda,a,\"Ada was here.\nOnce.\"\nBo,b, \n",
    );
    assert_eq!(folder.generate(&fake, "--have story").code, 0);
    assert_eq!(fake.by_name(), [("Bo".to_owned(), 1)].into());
    let takes = folder.query("select name, text, provider from takes order by row");
    assert_eq!(
        takes[0],
        json!({"name": "Ada", "text": "Ada was here.\nOnce.", "provider": "hand"})
    );
    assert_eq!(folder.generate(&fake, "--have story").code, 0);
    assert_eq!(
        folder.query("select count(*) as many from takes"),
        [json!({"many": 2})]
    );
}

#[test]
fn only_some_characters_are_taken_up_when_that_is_asked_for() {
    let (folder, fake) = (Folder::with_sheet(SIX), Fake::telling());
    let ran = folder.generate(&fake, "--limit 2");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let names = |fake: &Fake| {
        fake.asked()
            .into_iter()
            .map(|asked| asked.name)
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&fake), ["Ada", "Bo"]);
    assert_eq!(folder.status()["total"], 6, "the whole sheet is imported");
    assert_eq!(folder.generate(&fake, "--only Fay --only #4").code, 0);
    assert_eq!(names(&fake), ["Ada", "Bo", "Di", "Fay"]);
    let ran = folder.generate(&fake, "--only Nobody");
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert_eq!(folder.run("resume --limit 1 --rate unlimited").code, 0);
    assert_eq!(fake.asked().len(), 5);
    for line in [
        "plan cast.csv --only Nobody",
        "run cast.csv --provider demo --keep --only Nobody",
    ] {
        let ran = folder.run(line);
        assert_eq!(ran.code, 2, "{line}: {}", ran.err);
        assert!(
            ran.err.contains("there is no character `Nobody`"),
            "{}",
            ran.err
        );
    }
}

#[test]
fn a_plan_says_what_a_run_would_do_and_changes_nothing() {
    let folder = finished_six();
    let before = folder.query("select * from results");
    folder.write(
        "cast.csv",
        "name,description,role\nAda,a,x\nBo,better,x\nNew,n,x\nNew,n,x\nEve,e,x\nFay,f,x\n",
    );
    let mut command = folder.command(["plan", "cast.csv", "--json", "--rate", "6/min"]);
    let output = command
        .env_remove("CONVAI_API_KEY")
        .output()
        .expect("it runs");
    let plan: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(
        plan,
        json!({"cast_name": "cast", "rows": 6, "new": 2, "edited": 1, "unchanged": 3, "pending": 3, "failed": 0,
        "gone": 2, "duplicates": 1, "requests": 3, "seconds_at_least": 20,
        "columns": {"name": "name", "description": "description", "template": null, "key": null, "have": null},
        "first_description": "a", "estimate": null,
        "name_from": ["name"], "description_from": ["description"], "guessed": false, "notes": []})
    );
    assert_eq!(folder.query("select * from results"), before);
    let ran = folder.run("run cast.csv --dry-run");
    assert_eq!(ran.code, 0);
    insta::assert_snapshot!(ran.out, @"
    cast `cast`: 6 rows (cells separated by commas, UTF-8)
      new       2
      edited    1
      unchanged 3
    after importing this sheet:
      pending   3
      failed    0
      gone      2
    1 row repeats an earlier row; each row becomes its own character
    3 requests
    columns: name `name`; description `description`
    the first description, as it would be sent:
    a
    ");
    let ran = folder.run("run cast.csv");
    assert!(ran.err.contains(" 3 requests in "), "{}", ran.err);
    let elsewhere = Folder::with_sheet(SIX);
    let mut command = elsewhere.command(["plan", "cast.csv"]);
    assert_eq!(
        command.env_clear().output().expect("it runs").status.code(),
        Some(0)
    );
    assert_eq!(elsewhere.files(), ["cast.csv"]);
}

#[test]
fn an_exported_sheet_goes_in_again_and_costs_nothing() {
    let (folder, fake) = (Folder::new(), Fake::telling());
    let sheet = "name,description,notes\n=Ada,\"-a, b\",'=x\nZoë,\"two\nlines\",-5\n'Bo,@b,+1\n";
    folder.write("cast.csv", sheet);
    assert_eq!(folder.generate(&fake, "").code, 0);
    for target in ["out.csv", "out.xlsx"] {
        assert_eq!(folder.run(&format!("export -o {target}")).code, 0);
        let ran = folder.run(&format!("run {target} --cast cast --rate unlimited"));
        assert_eq!(ran.code, 0, "{}", ran.err);
        let columns = folder.query("select columns from results order by row");
        let first: serde_json::Value =
            serde_json::from_str(columns[0]["columns"].as_str().expect("JSON")).expect("JSON");
        assert_eq!(
            first,
            json!({"name": "=Ada", "description": "-a, b", "notes": "'=x"}),
            "{target}"
        );
        assert_eq!(fake.asked().len(), 3, "{target}");
    }
}

#[test]
fn a_story_too_long_for_a_cell_of_a_workbook_is_refused_by_name() {
    let folder = Folder::with_sheet("name,description\nAda,a\n");
    let fake = Fake::start(|_| Answer::story(&"word ".repeat(7_000)));
    assert_eq!(folder.generate(&fake, "").code, 0);
    let ran = folder.run("export -o out.xlsx");
    assert_eq!(ran.code, 2);
    insta::assert_snapshot!(ran.err, @"
    error: a cell of `Ada` is longer than 32767 letters, the most that a workbook can hold
    hint: export to .csv or .jsonl instead
    ");
    let left = |file: &String| file.contains("out.xlsx");
    assert!(!folder.files().iter().any(left), "{:?}", folder.files());
}

#[test]
fn the_project_file_is_used_where_no_switch_is_given_and_sends_no_key_elsewhere() {
    let (folder, fake) = (Folder::with_sheet(SIX), Fake::telling());
    let here = fake.url();
    folder.write("key", "from-the-file");
    folder.write(
        "backstory.toml",
        format!(
            "base-url = \"{here}\"\nkey-file = \"key\"\nrate = \"unlimited\"\nmax-requests = 2\n"
        ),
    );
    assert_eq!(folder.run("run cast.csv").code, 4);
    assert_eq!(fake.asked()[0].headers["convai-api-key"], "from-the-file");
    assert_eq!(
        folder.run("run cast.csv --max-requests 3").code,
        4,
        "what is typed counts for more"
    );
    assert_eq!(fake.asked().len(), 5);
    let elsewhere = Folder::with_sheet(SIX);
    elsewhere.write(
        "backstory.toml",
        "base-url = \"http://192.0.2.1\"\nallow-http = true\nkey-file = \"key\"\nrate = \"1/h\"\n",
    );
    let plan = elsewhere.run("plan cast.csv");
    assert!(
        plan.err.contains("it is not on this machine"),
        "{}",
        plan.err
    );
    assert!(plan.out.contains("at 1/h"), "{}", plan.out);
    for (toml, says) in [
        ("rate = 5\n", "line 1"),
        ("\nspeed = \"1/s\"\n", "speed"),
        ("rate = \"fast\"\n", "N/min"),
    ] {
        elsewhere.write("backstory.toml", toml);
        let ran = elsewhere.run("plan cast.csv");
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert!(ran.err.contains(says), "{}", ran.err);
    }
}

#[test]
fn a_column_that_is_typed_counts_for_more_than_the_files_template() {
    let folder = Folder::with_sheet(CITIES);
    folder.write("backstory.toml", "template = \"In {{ city }}\"\n");
    let first = |line: &str| {
        let plan = folder.run(line);
        let plan: serde_json::Value = serde_json::from_str(&plan.out).expect("an object");
        plan["first_description"].clone()
    };
    assert_eq!(first("plan cast.csv --json"), "In Rome");
    let typed = "plan cast.csv --json --description-column description";
    assert_eq!(first(typed), "a");
}

#[test]
fn standard_input_is_a_sheet_like_any_other() {
    use std::io::Write;
    let (folder, fake) = (Folder::new(), Fake::telling());
    let url = fake.url();
    let mut child = folder
        .command(["run", "-", "--rate", "unlimited", "--base-url", &url])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .expect("it starts");
    child
        .stdin
        .take()
        .expect("piped")
        .write_all(FOUR.as_bytes())
        .expect("written");
    let ran = crate::harness::finished(child);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(folder.status()["cast_name"], "stdin");
    assert_eq!(fake.asked().len(), 4);
}

#[test]
fn what_a_cast_remembers_is_let_go_when_the_sheet_has_it_no_more() {
    let folder = Folder::new();
    let keyed = "code,name,description\n1,Ada,a\n2,Bo,b\n";
    assert_eq!(
        asked_for(&folder, &[keyed], "--key-column code")[0].len(),
        2
    );
    let asked = asked_for(&folder, &["name,description\nAda,a\nBo,b\n"], "");
    assert_eq!(asked[0], Vec::<String>::new());
    // The form of the file is detected again: the same sheet, saved in another encoding, is the same sheet.
    let folder = Folder::new();
    folder.write("cast.csv", b"name,description\nZo\xeb,caf\xe9\n");
    let fake = Fake::telling();
    assert_eq!(folder.generate(&fake, "--encoding windows-1252").code, 0);
    folder.write("cast.csv", "name,description\nZoë,café\n");
    assert_eq!(folder.generate(&fake, "").code, 0);
    assert_eq!(fake.asked().len(), 1);
}

#[test]
fn a_header_that_is_written_otherwise_is_no_other_recipe() {
    let folder = Folder::new();
    let asked = asked_for(
        &folder,
        &[FOUR, &FOUR.replace("name,description", "Name,Bio")],
        "",
    );
    assert_eq!(asked[1], Vec::<String>::new());
}

#[test]
fn our_own_words_are_never_sent_as_a_description() {
    let (folder, fake) = (Folder::new(), Fake::telling());
    folder.write("dr.csv", "name,backstory\nAda,draft a\nBo,draft b\n");
    let run = |sheet: &str, more: &str| {
        folder.run(&format!(
            "run {sheet} --base-url {} --rate unlimited --cast dr{more}",
            fake.url()
        ))
    };
    assert_eq!(run("dr.csv", " --description-column backstory").code, 0);
    assert_eq!(folder.run("export -o out.csv").code, 0);
    let header = folder.read("out.csv");
    assert!(
        header.starts_with("\u{feff}name,backstory,backstory (2),status,error\n"),
        "{header}"
    );
    // The writer's own column is still the description, and ours is none of the writer's.
    let ran = run("out.csv", "");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(fake.asked().len(), 2);
    let named = run("out.csv", " --description-column 'backstory (2)'");
    assert_eq!(named.code, 2, "{}", named.err);
}

#[test]
fn only_what_is_asked_for_is_tried_again() {
    let folder = Folder::with_sheet(FOUR);
    let fake = Fake::start(|asked| match asked.nth {
        0..4 => Answer::status(422, "", "no"),
        _ => Answer::story("A story."),
    });
    assert_eq!(folder.generate(&fake, "").code, 1);
    // The others have failed, but nothing was asked for them.
    let ran = folder.generate(&fake, "--retry --only Bo");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(folder.generate(&fake, "--only Cy").code, 1);
    assert_eq!(folder.generate(&fake, "--retry --limit 1").code, 1);
    assert_eq!(folder.generate(&fake, "--retry --limit 0").code, 1);
    let states = folder.query("select name, status from results order by row");
    let states: Vec<_> = states
        .iter()
        .map(|row| row["status"].as_str().expect("a word"))
        .collect();
    assert_eq!(states, ["done", "done", "failed", "failed"]);
    assert_eq!(fake.asked().len(), 6);
    // One more take of a finished one, while others have failed.
    let ran = folder.run("redo Ada --rate unlimited");
    assert_eq!((ran.code, fake.asked().len()), (0, 7), "{}", ran.err);
}

/// Six with a column to make other descriptions from; two of them have one name.
const CITIES: &str =
    "name,description,city\nAda,a,Rome\nBo,b,Oslo\nCy,c,Bern\nDi,d,Kyiv\nEve,e,Lima\nEve,f,Cork\n";

#[test]
fn finished_ones_are_kept_when_their_descriptions_are_made_otherwise() {
    for otherwise in ["--description-column city", "--template @city.txt"] {
        let (folder, fake) = (Folder::with_sheet(CITIES), Fake::telling());
        folder.write("city.txt", "In {{ city }}");
        assert_eq!(folder.generate(&fake, "").code, 0);
        let asked = folder.generate(&fake, otherwise);
        assert_eq!(asked.code, 2, "{otherwise}: {}", asked.err);
        assert!(asked.err.contains("`--keep` leaves them"), "{}", asked.err);
        let keep = format!("{otherwise} --keep");
        let plan = folder.run(&format!("plan cast.csv --json {keep}")).out;
        let plan: serde_json::Value = serde_json::from_str(&plan).expect("an object");
        let counts = ["edited", "unchanged", "requests"].map(|count| plan[count].clone());
        assert_eq!(counts, [json!(0), json!(6), json!(0)], "{plan}");
        let kept = folder.generate(&fake, &keep);
        assert_eq!((kept.code, fake.asked().len()), (0, 6), "{}", kept.err);
        let flags = folder.query("select distinct flags from results");
        assert_eq!(flags, [json!({"flags": r#"["stale"]"#})]);
        folder.write("cast.csv", CITIES.replace("Oslo", "Bergen"));
        assert_eq!(folder.generate(&fake, otherwise).code, 0);
        assert_eq!(fake.asked().len(), 7, "only the edited one");
        assert!(fake.asked()[6].description.ends_with("Bergen"));
    }
}

#[test]
fn what_is_asked_for_is_not_asked_about_again() {
    for otherwise in ["--description-column city", "--template @city.txt"] {
        let (folder, fake) = (Folder::with_sheet(CITIES), Fake::telling());
        folder.write("city.txt", "In {{ city }}");
        assert_eq!(folder.generate(&fake, "").code, 0);
        let redone = folder.generate(&fake, &format!("{otherwise} --redo"));
        assert_eq!((redone.code, fake.asked().len()), (0, 12), "{}", redone.err);
        assert_eq!(
            folder.query("select count(*) as many from results"),
            [json!({"many": 6})]
        );
        let back = folder.generate(&fake, "--description-column description --redo");
        assert_eq!((back.code, fake.asked().len()), (0, 12), "{}", back.err);
    }
}
