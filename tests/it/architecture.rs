//! The source itself: which part may use which, how long a function may be, that each file has a module comment, and that the
//! page for contributors names files that exist.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What each part may use of this crate.
const ARROWS: [(&str, &[&str]); 15] = [
    ("domain", &[]),
    ("exit", &[]),
    ("sheet", &["domain"]),
    ("provider", &["domain"]),
    ("store", &["domain"]),
    ("report", &["domain"]),
    ("output", &["domain"]),
    ("review", &["domain"]),
    ("service", &["domain", "provider"]),
    ("runner", &["domain", "provider", "store", "report"]),
    (
        "app",
        &[
            "domain", "sheet", "provider", "store", "runner", "report", "output", "review",
        ],
    ),
    ("view", &["domain", "store", "app"]),
    (
        "cli",
        &[
            "domain", "exit", "sheet", "provider", "store", "report", "output", "service",
            "runner", "app", "view", "review",
        ],
    ),
    ("main", &["cli", "exit"]),
    (
        "facade",
        &[
            "domain", "provider", "report", "review", "runner", "sheet", "store",
        ],
    ),
];

/// A function fits a screen.
const FUNCTION_LINES_MAX: usize = 70;

fn files() -> Vec<(PathBuf, String)> {
    files_below("src")
}

fn files_below(folder: &str) -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, files: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, files);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).expect("a file of code");
                files.push((path, text));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    walk(&root.join(folder), &mut files);
    let inside = |(path, text): (PathBuf, String)| {
        (path.strip_prefix(root).expect("inside").to_owned(), text)
    };
    files.into_iter().map(inside).collect()
}

/// The part that a file belongs to: `src/store/error.rs` and `src/exit.rs` are `store` and `exit`.
fn part(path: &Path) -> String {
    let second = path.components().nth(1).expect("below src").as_os_str();
    Path::new(second)
        .file_stem()
        .expect("a name")
        .to_string_lossy()
        .into_owned()
}

/// The parts that a text names in paths of this crate.
fn used(text: &str) -> Vec<String> {
    let mut used = Vec::new();
    for line in text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
    {
        for begin in ["crate::", "backstory::"] {
            for (at, _) in line.match_indices(begin) {
                let rest = &line[at + begin.len()..];
                let name: String = rest
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                used.push(name);
            }
        }
    }
    used
}

#[test]
fn each_part_uses_only_the_parts_that_it_may_use() {
    let arrows: BTreeMap<&str, &[&str]> = ARROWS.into_iter().collect();
    let mut broken = Vec::new();
    for (path, text) in files() {
        let part = part(&path);
        if part == "lib" {
            continue;
        }
        let Some(allowed) = arrows.get(part.as_str()) else {
            broken.push(format!("{}: `{part}` is not in the table", path.display()));
            continue;
        };
        for name in used(&text) {
            if name != part && !allowed.contains(&name.as_str()) {
                broken.push(format!("{}: {part} may not use `{name}`", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_domain_uses_no_clock_no_randomness_no_files_and_no_network() {
    let outside = [
        "std::fs",
        "std::net",
        "std::io",
        "Instant",
        "SystemTime::now",
        "tokio",
        "reqwest",
        "sqlx",
        "rand",
    ];
    for (path, text) in files() {
        if part(&path) != "domain" {
            continue;
        }
        for word in outside {
            assert!(!text.contains(word), "{} uses `{word}`", path.display());
        }
    }
}

/// Their times are arguments, so a test can try any of them.
#[test]
fn the_gate_and_the_slots_read_no_clock() {
    let mut checked = 0;
    for (path, text) in files() {
        let has_no_clock = path.starts_with("src/runner/gate") || path.ends_with("runner/slots.rs");
        if !has_no_clock || path.ends_with("tests.rs") {
            continue;
        }
        checked += 1;
        let code = text.split("#[cfg(test)]\nmod tests {").next();
        let code = code.expect("a split has a first part");
        assert!(!code.contains("::now("), "{} reads a clock", path.display());
    }
    assert!(checked > 1, "neither was found");
}

/// The code of a file without its comments and its tests.
fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests").next();
    let lines = code.expect("a split has a first part").lines();
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    lines.filter(is_code).collect::<Vec<_>>().join("\n")
}

/// Whether a text for people names a switch or a command of the program.
fn names_a_switch(line: &str) -> bool {
    let switches = line.match_indices("--").any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + 2..].chars().next();
        before.is_none_or(|c| "`'\" ".contains(c)) && after.is_some_and(|c| c.is_ascii_lowercase())
    });
    line.contains('"') && (switches || line.contains("`backstory "))
}

#[test]
fn switches_and_commands_are_known_to_the_command_line_only() {
    let has = |line: &str| names_a_switch(line);
    assert!(has("\"pass `--new`\"") && has("\"`backstory run SHEET`\""));
    assert!(!has("\"a -- b\"") && !has("\"<!--x\""));
    let mut named = Vec::new();
    for (path, text) in files() {
        // The page has no switches, but it may say which command does what the page cannot do.
        if matches!(part(&path).as_str(), "cli" | "main" | "view") {
            continue;
        }
        assert!(!text.contains("clap::"), "{} knows of clap", path.display());
        let code = code(&text);
        let lines = code.lines().filter(|line| names_a_switch(line));
        named.extend(lines.map(|line| format!("{}: {}", path.display(), line.trim())));
    }
    assert!(named.is_empty(), "{}", named.join("\n"));
}

#[test]
fn the_use_cases_print_nothing_and_read_no_arguments() {
    let mut checked = 0;
    for (path, text) in files() {
        if part(&path) != "app" {
            continue;
        }
        checked += 1;
        for word in [
            "println!",
            "stdout()",
            "stderr()",
            "stdin()",
            "args_os",
            "env::args",
        ] {
            assert!(!text.contains(word), "{}: {word}", path.display());
        }
    }
    assert!(checked > 10, "the use cases were not found");
}

/// A file as a path of modules: `src/store/mod.rs` is `[store]`.
fn module(path: &Path) -> Vec<String> {
    let below = path
        .strip_prefix("src")
        .expect("below src")
        .with_extension("");
    let names = below
        .components()
        .map(|name| name.as_os_str().to_string_lossy().into_owned());
    let mut module: Vec<String> = names.collect();
    if module.last().is_some_and(|name| name == "mod") {
        module.pop();
    }
    module
}

/// The paths of this crate that a text names: `crate::a::{b, c::D}` are `a::b` and `a::c::D`. `here` is where `super` leads to.
fn named_modules(code: &str, here: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (begin, base) in [
        ("crate::", &here[..0]),
        ("super::", &here[..here.len().saturating_sub(1)]),
    ] {
        for (at, _) in code.match_indices(begin) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let rest = &code[at + begin.len()..];
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
            let (path, behind) = rest.split_at(end.unwrap_or(rest.len()));
            let mut base = base.to_vec();
            let mut names: Vec<&str> = path.split("::").filter(|name| !name.is_empty()).collect();
            while names.first() == Some(&"super") {
                names.remove(0);
                base.pop();
            }
            base.extend(names.iter().map(|name| (*name).to_owned()));
            if let Some(list) = behind.strip_prefix('{') {
                let list = list.split('}').next().unwrap_or_default();
                for item in list.split(',') {
                    let item: Vec<String> = item.trim().split("::").map(str::to_owned).collect();
                    found.push([base.clone(), item].concat());
                }
            }
            found.push(base);
        }
    }
    found
}

#[test]
fn no_two_files_import_each_other() {
    let files: BTreeMap<Vec<String>, String> = files()
        .into_iter()
        .filter(|(path, _)| part(path) != "lib")
        .map(|(path, text)| (module(&path), code(&text)))
        .collect();
    let imports_of = |from: &Vec<String>, code: &str| -> BTreeSet<Vec<String>> {
        let mut used = BTreeSet::new();
        for mut path in named_modules(code, from) {
            while !path.is_empty() && !files.contains_key(&path) {
                path.pop();
            }
            if path != *from && !path.is_empty() {
                used.insert(path);
            }
        }
        used
    };
    let used: BTreeMap<&Vec<String>, BTreeSet<Vec<String>>> = files
        .iter()
        .map(|(from, code)| (from, imports_of(from, code)))
        .collect();
    let import: usize = used.values().map(BTreeSet::len).sum();
    assert!(import > 500, "only {import} imports were found");
    let mut circles = Vec::new();
    for (from, names) in &used {
        for to in names.iter().filter(|to| *to > *from) {
            // A folder and a file in it are one room.
            let is_one_room = to.starts_with(from) || from.starts_with(to);
            if !is_one_room && used[to].contains(*from) {
                circles.push(format!("{} and {}", from.join("/"), to.join("/")));
            }
        }
    }
    assert!(
        circles.is_empty(),
        "these import each other:\n{}",
        circles.join("\n")
    );
}

/// A name that no test uses any more hides from the compiler that nothing uses it.
#[test]
fn each_name_of_the_facade_is_used_by_a_test() {
    let tests = files_below("tests").into_iter();
    let used: BTreeSet<Vec<String>> = tests
        .flat_map(|(_, text)| {
            named_modules(&code(&text).replace("backstory::facade::", "crate::"), &[])
        })
        .collect();
    let facade = files()
        .into_iter()
        .find(|(path, _)| path.ends_with("facade.rs"));
    let (_, text) = facade.expect("the facade");
    let names = named_modules(&code(&text), &[]).into_iter();
    let is_name =
        |path: &Vec<String>| path.len() > 1 && path.last().is_some_and(|name| !name.is_empty());
    let names: Vec<_> = names.filter(is_name).collect();
    assert!(names.len() > 50, "only {} names were found", names.len());
    let unused: Vec<String> = names
        .iter()
        .filter(|path| !used.iter().any(|used| used.starts_with(path)))
        .map(|path| path.join("::"))
        .collect();
    assert_eq!(unused, [""; 0]);
}

#[test]
fn only_the_databases_use_sqlx() {
    for (path, text) in files() {
        // The full text is an index of SQLite in memory, which both databases use.
        let is_database = [
            "src/store/sqlite",
            "src/store/postgres",
            "src/store/fulltext",
        ];
        if !is_database.iter().any(|room| path.starts_with(room)) {
            assert!(!text.contains("sqlx::"), "{} uses sqlx", path.display());
        }
    }
}

#[test]
fn each_file_says_what_it_is() {
    for (path, text) in files() {
        assert!(
            text.starts_with("//! "),
            "{} has no module comment",
            path.display()
        );
    }
}

#[test]
fn no_module_is_called_util() {
    for (path, _) in files() {
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let vague = [
            "util", "utils", "types", "helpers", "common", "prelude", "misc",
        ];
        assert!(!vague.contains(&name.as_str()), "{}", path.display());
    }
}

#[test]
fn a_function_fits_on_one_screen() {
    let mut long = Vec::new();
    for (path, text) in files() {
        let mut begun: Vec<(usize, usize, String)> = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let indent = line.len() - line.trim_start().len();
            let words = line.trim_start();
            let visible = words.strip_prefix("pub").map_or(words, |rest| {
                let scope = rest.find(") ").filter(|_| rest.starts_with('('));
                scope.map_or(rest, |end| &rest[end + 1..]).trim_start()
            });
            let is_function = ["fn ", "async fn ", "const fn "]
                .iter()
                .any(|begin| visible.starts_with(begin));
            if is_function && !words.ends_with(';') {
                begun.push((indent, number, words.to_owned()));
            }
            if words == "}" && begun.last().is_some_and(|(begin, _, _)| *begin == indent) {
                let (_, from, words) = begun.pop().expect("there is one");
                let lines = number - from + 1;
                if lines > FUNCTION_LINES_MAX {
                    long.push(format!(
                        "{}:{}: {lines} lines: {words}",
                        path.display(),
                        from + 1
                    ));
                }
            }
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

/// The paths that a page names in back-ticks: what has a `/` or one of our endings, and neither blanks nor placeholders.
fn named_paths(page: &str) -> Vec<&str> {
    let is_path = |name: &&str| {
        let endings = [".rs", ".md", ".toml", ".txt"];
        (name.contains('/') || endings.iter().any(|ending| name.ends_with(ending)))
            && !name.contains(' ')
            && !name.contains("NAME")
    };
    // Every second piece is between two back-ticks.
    page.split('`').skip(1).step_by(2).filter(is_path).collect()
}

#[test]
fn every_path_in_the_page_for_contributors_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join(".github/CONTRIBUTING.md")).expect("the page");
    let prose: String = page
        .split("```")
        .step_by(2)
        .map(|piece| piece.to_owned() + "\n")
        .collect();
    let paths = named_paths(&prose);
    assert!(paths.len() > 40, "{paths:?}");
    // This folder is made by the first property that fails.
    let missing = paths
        .into_iter()
        .filter(|path| *path != "tests/proptest-regressions" && !root.join(path).exists());
    assert_eq!(missing.collect::<Vec<_>>(), [""; 0]);
    assert!(page.lines().count() <= 150);
}

#[test]
fn the_readme_is_short_and_each_of_its_links_and_samples_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("README.md")).expect("the README");
    assert!(page.lines().count() <= 250);
    let links: Vec<&str> = page
        .split("](")
        .skip(1)
        .filter_map(|link| link.split(')').next())
        .filter(|link| !link.starts_with("https://"))
        .collect();
    assert!(links.len() > 5, "{links:?}");
    let samples: Vec<&str> = page
        .split(|c: char| c.is_whitespace() || c == '`')
        .filter(|word| word.starts_with("samples/"))
        .collect();
    assert!(samples.len() > 5, "{samples:?}");
    for path in links.iter().chain(&samples) {
        assert!(root.join(path).exists(), "{path}");
    }
    for (place, link) in links.iter().enumerate() {
        assert!(!links[..place].contains(link), "{link} is linked twice");
    }
}
