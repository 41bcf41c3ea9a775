//! `casts copy` and `export -o copy.db`: a copy is equal to its original, whatever kinds of database the two are in.

mod equal;
mod exported;
mod in_flight;
mod refused;

use crate::fake::{Answer, Fake, story_of};
use crate::harness::Folder;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
use std::collections::BTreeMap;
use std::future::Future;

/// The sheet of [`cast`]: a key column, quotes, tabs, line breaks, other scripts.
const SHEET: &str = "id,name,description,note\n\
    1,Zoë 漢字,\"Keeper, \"\"old\"\"\nof a \\lighthouse\\\",tab\there\n\
    2,Bo,cook,\\N\n\
    3,Bad,fails,x\n\
    4,Gone,leaves,y\n\
    5,Eve,first,\n\
    6,Fay,second,😀\n\
    7,Late,waits,z\n";

/// The sheet later: one character has left, two have changed their places in the story, so that each lends its take to the other.
const SHEET_LATER: &str = "id,name,description,note\n\
    1,Zoë 漢字,\"Keeper, \"\"old\"\"\nof a \\lighthouse\\\",tab\there\n\
    2,Bo,cook,\\N\n\
    3,Bad,fails,x\n\
    5,Fay,second,\n\
    6,Eve,first,😀\n\
    7,Late,waits,z\n";

/// A service that refuses `Bad` and writes the stories of all others.
fn service() -> Fake {
    Fake::start(|asked| match asked.name.as_str() {
        "Bad" => Answer::status(422, "", "no \\ such\tone"),
        name => Answer::story(&format!("{}\n\ttabs \\n", story_of(name))),
    })
}

/// A cast in `backstory.db` that has everything: stories, a failed character, one that is gone, one that is pending, a picked take, one
/// written by hand, two that were lent, flags, costs, several runs.
fn cast() -> (Folder, Fake) {
    let (folder, fake) = (Folder::with_sheet(SHEET), service());
    let ran = folder.generate(&fake, "--limit 6 --price-per-request 0.01");
    assert_eq!(ran.code, 1, "{}", ran.err);
    let again = format!("redo Bo --base-url {} --rate unlimited", fake.url());
    done(&folder, &again);
    done(&folder, "pick Bo 1");
    folder.write("mine.txt", "My own words, with a \u{7f} in them");
    done(&folder, "edit #1 --from mine.txt");
    folder.write("cast.csv", SHEET_LATER);
    let ran = folder.generate(&fake, "--limit 0");
    assert_eq!(ran.code, 1, "{}", ran.err);
    let lent = folder.query("select count(*) as n from stored_takes where copied_from is not null");
    assert_eq!(lent[0]["n"], 2, "each has the take of the other");
    (folder, fake)
}

/// Runs a command that ends with 0.
fn done(folder: &Folder, line: &str) -> String {
    let ran = folder.run(line);
    assert_eq!(ran.code, 0, "{line}: {}", ran.err);
    ran.out
}

/// What commands and exports say of the cast `cast` in a database, by what was asked. Nothing of it may change in a copy.
fn outputs(folder: &Folder, db: &str) -> BTreeMap<String, String> {
    let mut outputs = BTreeMap::new();
    let lines = [
        "status --json",
        "casts --json",
        "list --gone --json",
        "show #1 --json",
        "show Bo --json",
        "show Bad --json",
        "export --gone",
        "export --gone -o out.jsonl",
        "export --gone -o out.md",
        "export --gone -o out.html",
    ];
    for line in lines {
        let mut out = done(folder, &format!("--db {db} {line}"));
        if let Some((_, file)) = line.split_once("-o ") {
            out = folder.read(file);
        }
        outputs.insert(line.to_owned(), out);
    }
    for (view, columns) in [
        (
            "results",
            "row, status, gone, take, words, requests, error_kind, error, provider, model, finished_at",
        ),
        (
            "takes",
            "row, name, take, text, words, provider, model, endpoint, finished_at, current",
        ),
        (
            "attempts",
            "row, attempt, outcome, http_status, error, started_at, first_text_ms, ended_at, bytes, partial, cost, cost_maybe",
        ),
        (
            "failures",
            "row, name, error_kind, error, http_status, tries, failed_at",
        ),
        (
            "casts",
            "total, done, failed, pending, running, gone, requests, maybe_charged, flagged, oldest, newest, created_at, cost",
        ),
    ] {
        let sql = format!("select {columns} from {view} order by {columns}");
        outputs.insert(sql.clone(), asked(folder, db, &sql));
    }
    outputs.insert("xlsx".to_owned(), workbook(folder, db));
    outputs
}

/// The rows of a statement, as JSON.
fn asked(folder: &Folder, db: &str, sql: &str) -> String {
    let ran = folder.run_args(["--db", db, "query", "--format", "json", sql]);
    assert_eq!(ran.code, 0, "{sql}: {}", ran.err);
    let rows: Value = serde_json::from_str(&ran.out).expect("JSON");
    rows.to_string()
}

/// The cells of the workbook of a cast. The file itself also has the time when it was written.
fn workbook(folder: &Folder, db: &str) -> String {
    done(folder, &format!("--db {db} export --gone -o out.xlsx"));
    let file = std::fs::File::open(folder.path("out.xlsx")).expect("the workbook");
    let mut archive = zip::ZipArchive::new(file).expect("an archive");
    let mut part = archive
        .by_name("xl/worksheets/sheet1.xml")
        .expect("a sheet");
    let mut xml = String::new();
    std::io::Read::read_to_string(&mut part, &mut xml).expect("text");
    xml
}

/// All columns of all tables of the cast in a database file, but for identities: what is stored and not shown has to be copied, too.
fn stored(folder: &Folder, db: &str) -> Vec<String> {
    let character =
        "(select c.row || ' ' || c.name from stored_characters c where c.id = t.character_id)";
    let original = "(select c.name || ' ' || f.take from stored_takes f join stored_characters c on c.id = f.character_id
         where f.id = t.copied_from)";
    let recipe = "(select hex(p.fingerprint) from recipes p where p.id = t.recipe_id)";
    let run = "(select r.started_ms from runs r where r.id = t.run_id)";
    let endpoint = "(select e.address from endpoints e where e.id = t.endpoint_id)";
    let mut all = Vec::new();
    for (table, besides, order) in [
        ("recipes", vec![], "fingerprint"),
        ("endpoints", vec![], "address"),
        ("stored_casts", vec![recipe], "name"),
        ("runs", vec![recipe, endpoint], "id"),
        ("stored_characters", vec![], "row, id"),
        ("stored_takes", vec![character, original, recipe], "1, 2"),
        ("stored_attempts", vec![character, run], "1, 2"),
    ] {
        let columns = format!("select name from pragma_table_info('{table}')");
        let columns: Value = serde_json::from_str(&asked(folder, db, &columns)).expect("JSON");
        let names = columns.as_array().expect("rows").iter();
        let names = names.map(|row| row["name"].as_str().expect("a name"));
        let is_own = |name: &&str| {
            !matches!(
                *name,
                "id" | "cast_id"
                    | "run_id"
                    | "recipe_id"
                    | "endpoint_id"
                    | "character_id"
                    | "copied_from"
                    | "last_start_ms"
            )
        };
        let cells = names.filter(is_own).map(|name| {
            format!(
                "case typeof(t.{name}) when 'blob' then hex(t.{name}) else t.{name} end as {name}"
            )
        });
        let besides = (1..)
            .zip(besides)
            .map(|(nth, sql)| format!("{sql} as also_{nth}"));
        let cells: Vec<String> = besides.chain(cells).collect();
        let sql = format!(
            "select {} from {table} t order by {order}",
            cells.join(", ")
        );
        all.push(format!("{table}: {}", asked(folder, db, &sql)));
    }
    all
}

/// Carries statements out in a database file, behind the program's back.
fn sqlite(folder: &Folder, db: &str, sql: &str) {
    let (file, sql) = (folder.path(db), sql.to_owned());
    block_on(async {
        let url = format!("sqlite://{}", file.display());
        let mut connection = SqliteConnection::connect(&url).await.expect("a database");
        let done = sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut connection)
            .await;
        done.expect("it is carried out");
        connection.close().await.expect("closed");
    });
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(future)
}
