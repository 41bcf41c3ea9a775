//! The source itself: which part may use which, how long a function may be, that each file has a module comment, and that the
//! page for contributors names files that exist.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What each part may use of this crate.
const ARROWS: [(&str, &[&str]); 13] = [
    ("domain", &[]),
    ("exit", &[]),
    ("sheet", &["domain"]),
    ("provider", &["domain"]),
    ("store", &["domain"]),
    ("report", &["domain"]),
    ("output", &["domain"]),
    ("service", &["domain", "provider"]),
    ("runner", &["domain", "provider", "store", "report"]),
    (
        "app",
        &[
            "domain", "sheet", "provider", "store", "runner", "report", "output",
        ],
    ),
    ("view", &["domain", "store"]),
    (
        "cli",
        &[
            "domain", "exit", "sheet", "provider", "store", "report", "output", "service",
            "runner", "app", "view",
        ],
    ),
    ("main", &["cli", "exit"]),
];

/// A function fits a screen.
const FUNCTION_LINES_MAX: usize = 70;

fn files() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, files: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).expect("src").flatten() {
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
    walk(&root.join("src"), &mut files);
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

#[test]
fn switches_are_known_to_the_command_line_only() {
    for (path, text) in files() {
        if !matches!(part(&path).as_str(), "cli" | "main") {
            assert!(!text.contains("clap::"), "{} uses clap", path.display());
        }
    }
}

#[test]
fn only_the_sqlite_store_uses_sqlx() {
    for (path, text) in files() {
        if !path.starts_with("src/store/sqlite") {
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
            let is_function = [
                "fn ",
                "pub fn ",
                "async fn ",
                "pub async fn ",
                "pub(super) fn ",
                "pub(super) async fn ",
            ]
            .iter()
            .any(|begin| words.starts_with(begin))
                || words.starts_with("pub(crate) fn ");
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
