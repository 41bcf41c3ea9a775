//! `export`: books, Markdown, folders and databases that are complete, safe to open, and have the current takes.

use crate::fake::{Answer, Fake, story_of, text_of};
use crate::harness::{Folder, needs, sheet_of};
use std::process::Command;

/// A cast whose text looks like markup, formulas and paths.
fn hostile() -> (Folder, Fake) {
    let folder = Folder::new();
    folder.write(
        "cast.csv",
        "name,description,note\n\
         <script>alert(1)</script>,\"<img src=x onerror=alert(2)>\",\"\"\" onload=alert(3) \"\"\"\n\
         ../../up,# no heading,1. no list\n\
         CON,x,\u{1b}]0;x\u{7}\u{202e}\n\
         Con,y,{{ 7 * 7 }}\n\
         Nobody,z,&amp;\n",
    );
    let fake = Fake::start(|asked| match asked.name.as_str() {
        "Nobody" => Answer::status(422, "", "no"),
        name => Answer::story(&format!("{}\n\n</p><b>*so* it_ends_.", story_of(name))),
    });
    assert_eq!(folder.generate(&fake, "").code, 1);
    (folder, fake)
}

fn exported(folder: &Folder, line: &str) {
    let ran = folder.run(line);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{line}: {}", ran.err);
}

fn nothing_is_left_beside(folder: &Folder) {
    let hidden: Vec<String> = folder
        .files()
        .into_iter()
        .filter(|file| file.starts_with('.'))
        .collect();
    assert_eq!(hidden, [""; 0]);
}

#[test]
fn a_cast_book_is_one_page_in_which_all_foreign_text_is_escaped() {
    let (folder, _fake) = hostile();
    exported(&folder, "export -o book.html");
    let book = folder.read("book.html");
    for tag in [
        "<script",
        "<img",
        "<b>",
        "onerror=alert(2)>",
        "http://",
        "https://",
        "url(",
        "\u{1b}",
        "\u{202e}",
    ] {
        assert!(!book.contains(tag), "{tag}");
    }
    assert!(
        book.contains("&lt;script&gt;alert(1)&lt;&#x2f;script&gt;"),
        "{book}"
    );
    assert!(book.contains("{{ 7 * 7 }}"), "a cell is never expanded");
    assert!(book.contains("default-src 'none'"));
    assert_eq!(book.matches("<article").count(), 5);
    assert_eq!(book.matches("href=\"#c").count(), 5, "a list to jump from");
    assert!(book.contains("5 characters, 4 with a story"));
    assert!(book.contains("No story: the character failed."));
    nothing_is_left_beside(&folder);
}

#[test]
fn markdown_has_the_columns_and_the_stories_and_no_foreign_markup() {
    let folder = Folder::with_sheet("name,description,age\nZoë,\"Keeper, *old*\",58\nBo,x,\n");
    assert_eq!(folder.generate(&Fake::telling(), "--limit 1").code, 0);
    exported(&folder, "export -o cast.md");
    insta::assert_snapshot!(folder.read("cast.md"), @r"
    # cast

    ## Zoë

    - **description:** Keeper, \*old\*
    - **age:** 58

    Zoë was born on a Tuesday.

    Nobody minded.

    ## Bo

    - **description:** x

    *No story yet.*
    ");
}

#[test]
fn a_folder_gets_one_file_per_character_with_a_safe_name() {
    let (folder, _fake) = hostile();
    exported(&folder, "export -o stories/");
    let mut files: Vec<String> = std::fs::read_dir(folder.path("stories"))
        .expect("a folder")
        .flatten()
        .map(|file| file.file_name().to_string_lossy().into_owned())
        .collect();
    files.sort();
    assert_eq!(
        files,
        [
            "Nobody.md",
            "_.._up.md",
            "_CON.md",
            "_Con (2).md",
            "_script_alert(1)__script_.md"
        ]
    );
    assert!(folder.read("stories/_.._up.md").starts_with("# ../../up\n"));
    nothing_is_left_beside(&folder);
}

#[test]
fn an_existing_folder_keeps_its_other_files_and_no_link_is_followed() {
    let (folder, _fake) = hostile();
    std::fs::create_dir(folder.path("stories")).expect("a folder");
    folder.write("stories/mine.md", "mine");
    folder.write("secret", "not to be touched");
    std::os::unix::fs::symlink(folder.path("secret"), folder.path("stories/Nobody.md"))
        .expect("a link");
    exported(&folder, "export -o stories/");
    assert_eq!(folder.read("stories/mine.md"), "mine");
    assert_eq!(folder.read("secret"), "not to be touched");
    assert!(folder.read("stories/Nobody.md").starts_with("# Nobody"));
    folder.write("plain", "");
    assert_eq!(folder.run("export -o plain/").code, 3);
    assert_eq!(folder.run("export -o nowhere/deep/").code, 3);
    nothing_is_left_beside(&folder);
}

#[test]
fn a_copy_is_a_separate_database_with_only_this_cast() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(3)), Fake::telling());
    assert_eq!(folder.generate(&fake, "--limit 2").code, 0);
    folder.write("crew.csv", "name,description\nSecret Bo,cook\n");
    assert_eq!(folder.run("run crew.csv --provider demo").code, 0);
    assert_eq!(folder.run("search --json name").code, 0);
    assert_eq!(
        folder.run("export -o copy.db").code,
        2,
        "of which of the two"
    );
    exported(&folder, "export cast -o copy.db");
    let bytes = std::fs::read(folder.path("copy.db")).expect("a file");
    let secret = b"Secret Bo";
    assert!(!bytes.windows(secret.len()).any(|window| window == secret));
    let other = Folder::new();
    std::fs::rename(folder.path("copy.db"), other.path("backstory.db")).expect("moved");
    let status = other.status();
    assert_eq!(
        (
            &status["cast_name"],
            &status["done"],
            &status["pending"],
            &status["requests"]
        ),
        (&"cast".into(), &2.into(), &1.into(), &2.into())
    );
    assert_eq!(other.run("search --json tuesday").out.lines().count(), 2);
    assert_eq!(other.run("resume --rate unlimited").code, 0);
    assert_eq!(
        other.stories()[2],
        ("Name 3".to_owned(), Some(text_of("Name 3")))
    );
    assert_eq!(fake.asked().len(), 3);
    nothing_is_left_beside(&folder);
}

/// A run may be using it, and its write-ahead log would be read into the copy.
#[test]
fn a_copy_never_overwrites_a_database() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(2)), Fake::telling());
    assert_eq!(folder.generate(&fake, "").code, 0);
    exported(&folder, "export -o copy.db");
    let before = std::fs::read(folder.path("copy.db")).expect("there");
    for line in ["export -o copy.db", "export -o ./copy.db"] {
        let ran = folder.run(line);
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert!(ran.err.contains("never replaced"), "{}", ran.err);
    }
    assert_eq!(
        std::fs::read(folder.path("copy.db")).expect("there"),
        before
    );
    folder.write("left.db-wal", "what a dead program left");
    assert_eq!(folder.run("export -o left.db").code, 2);
}

#[test]
fn no_sheet_of_a_cast_is_overwritten() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(2)), Fake::telling());
    assert_eq!(folder.generate(&fake, "").code, 0);
    exported(&folder, "export -o finished.csv");
    let line = "run finished.csv --cast cast --limit 0";
    assert_eq!(folder.run(line).code, 0);
    let ran = folder.run("export -o cast.csv");
    assert_eq!(ran.code, 2, "{}", ran.err);
}

#[test]
fn an_export_of_a_selection_has_only_the_selection() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(12)), Fake::telling());
    assert_eq!(folder.generate(&fake, "--limit 11").code, 0);
    exported(&folder, "export -o some.db --status done --name 1");
    exported(&folder, "export -o some.md --status done --name 1");
    exported(&folder, "export -o some.html --status done --name 1");
    exported(&folder, "export -o some.csv --status done --name 1");
    assert_eq!(folder.read("some.md").matches("\n## ").count(), 3);
    assert_eq!(folder.read("some.html").matches("<article").count(), 3);
    assert_eq!(folder.read("some.csv").matches(",done,").count(), 3);
    let copy = folder.run_args(["--db", "some.db", "status", "--json"]);
    let status: serde_json::Value = serde_json::from_str(&copy.out).expect("JSON");
    assert_eq!(
        (&status["total"], &status["done"], &status["requests"]),
        (&3.into(), &3.into(), &3.into())
    );
}

#[test]
fn a_copy_made_during_a_run_is_complete() {
    let folder = Folder::with_sheet(&sheet_of(60));
    let fake = Fake::start(|asked| {
        Answer::story(&story_of(&asked.name)).then(crate::fake::Step::Wait(
            std::time::Duration::from_millis(10),
        ))
    });
    let mut run = folder.start(&fake, "--progress json --concurrency 3");
    crate::harness::wait_for(&mut run, "character_done");
    exported(&folder, "export -o copy.db");
    exported(&folder, "export -o copy.html");
    let health = folder.run_args([
        "--db",
        "copy.db",
        "query",
        "select count(*) from results where status = 'running'",
        "--format",
        "csv",
    ]);
    assert_eq!(health.out, "count(*)\n0\n");
    assert_eq!(folder.read("copy.html").matches("<article").count(), 60);
    assert_eq!(crate::harness::finished(run).code, 0);
}

#[test]
fn a_story_that_came_with_the_sheet_stands_once_in_a_book_and_in_markdown() {
    let folder = Folder::with_sheet(
        "name,description,story\nAda,bakes,\"She was born at sea.\r\n\r\nShe stayed.\"\n",
    );
    let fake = Fake::telling();
    assert_eq!(folder.generate(&fake, "--have story").code, 0);
    assert_eq!(fake.asked().len(), 0);
    for file in ["cast.html", "cast.md"] {
        exported(&folder, &format!("export -o {file}"));
        let text = folder.read(file);
        for said in ["born at sea", "She stayed"] {
            assert_eq!(text.matches(said).count(), 1, "{file}: {text}");
        }
        assert!(text.contains("bakes"), "{file}: {text}");
    }
}

#[test]
fn a_long_book_has_a_title_and_links_to_every_hundredth_character() {
    let folder = Folder::with_sheet(&sheet_of(201));
    assert_eq!(folder.generate(&Fake::telling(), "--limit 1").code, 0);
    exported(&folder, "export -o cast.html");
    let book = folder.read("cast.html");
    assert_eq!(book.matches("<h1").count(), 1, "{book}");
    for nth in [1, 101, 201] {
        assert!(book.contains(&format!("href=\"#l{nth}\"")), "{nth}");
        assert!(book.contains(&format!("<li id=\"l{nth}\">")), "{nth}");
    }
    assert!(
        !book.contains("scroll-behavior"),
        "a far link is followed at once"
    );
    exported(&folder, "export -o one.html --limit 1");
    assert!(
        !folder.read("one.html").contains("#l1"),
        "a short list needs none"
    );
}

#[test]
fn the_database_itself_is_never_the_target_of_an_export() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(1)), Fake::telling());
    assert_eq!(folder.generate(&fake, "").code, 0);
    let ran = folder.run("export -o backstory.db");
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert_eq!(folder.status()["done"], 1);
}

#[test]
fn the_sqlite3_program_can_use_the_documented_views() {
    let (folder, fake) = (Folder::with_sheet(&sheet_of(2)), Fake::telling());
    assert_eq!(folder.generate(&fake, "").code, 0);
    assert_eq!(folder.run("search --json name").code, 0);
    let Some(program) = needs("sqlite3") else {
        return;
    };
    let asked = |sql: &str| {
        let mut sqlite3 = Command::new(&program);
        sqlite3.arg("-readonly").arg(folder.path("backstory.db"));
        let ran = sqlite3.args(["-cmd", sql, "select ''"]).output();
        let ran = ran.expect("it runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        text(ran.stdout).trim().to_owned() + &text(ran.stderr)
    };
    let results = asked("select name, status, words from results order by row");
    assert_eq!(results, "Name 1|done|9\nName 2|done|9");
    for (sql, expected) in [
        ("select count(*) from takes where current", "2"),
        ("select group_concat(distinct outcome) from attempts", "ok"),
        ("select count(*) from failures", "0"),
        (
            "select cast_name, total, done, requests from casts",
            "cast|2|2|2",
        ),
        (
            "select columns->>'description' from results limit 1",
            "Description 1",
        ),
        (
            "select count(*) from search where search match 'tuesday'",
            "2",
        ),
        ("pragma integrity_check", "ok"),
    ] {
        assert_eq!(asked(sql), expected, "{sql}");
    }
    let help = folder.run("help query").out;
    let (_, examples) = help.split_once("Ten questions:").expect("the queries");
    let queries: Vec<&str> = examples
        .split_inclusive(';')
        .filter(|sql| sql.contains(';'))
        .collect();
    assert_eq!(queries.len(), 10, "{queries:?}");
    for sql in queries {
        let said = asked(sql);
        assert!(!said.contains("rror"), "{sql}: {said}");
        let ours = folder.run_args(["query", sql]);
        assert_eq!(ours.code, 0, "{sql}: {}", ours.err);
    }
}

#[test]
fn the_column_of_the_stories_is_wide_in_a_workbook_even_where_the_sheet_has_one_of_that_name() {
    let folder = Folder::new();
    folder.write(
        "cast.csv",
        "name,description,backstory\nAda,bakes,an old one\n",
    );
    let ran = folder.run("run cast.csv --provider demo");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let ran = folder.run("export -o cast.xlsx");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let file = std::fs::File::open(folder.path("cast.xlsx")).expect("the workbook");
    let mut archive = zip::ZipArchive::new(file).expect("an archive");
    let mut part = archive
        .by_name("xl/worksheets/sheet1.xml")
        .expect("the sheet");
    let mut xml = String::new();
    std::io::Read::read_to_string(&mut part, &mut xml).expect("text");
    assert!(xml.contains(r#"<col min="4" max="4""#), "{xml}");
}
