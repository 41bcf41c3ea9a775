//! File names made from characters' names: every system accepts them, and they never lead out of their folder.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The longest name in bytes, without its ending: systems accept 255, and some tools add to the name.
const NAME_BYTES_MAX: usize = 120;

/// Names of devices on some systems, whatever their ending.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// The names given so far, so that no two files have the same name, also on systems that ignore case.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// A digest of each name, which keeps memory small. If two names have the same digest, one gets a number that it does
    /// not need.
    given: HashSet<u64>,
}

impl Names {
    /// The file name, without ending, for the character `name`.
    pub(super) fn give(&mut self, name: &str) -> String {
        let safe = safe(name);
        let mut given = safe.clone();
        let mut nth = 1;
        while !self.given.insert(digest(&given)) {
            nth += 1;
            given = format!("{safe} ({nth})");
        }
        given
    }
}

fn digest(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.to_lowercase().hash(&mut hasher);
    hasher.finish()
}

/// `name` without anything that has a meaning for a system.
fn safe(name: &str) -> String {
    let plain = |c: char| match c {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
        c if crate::domain::shown::shown(c.encode_utf8(&mut [0; 4])) != c.to_string() => '_',
        c => c,
    };
    let mut safe: String = name.chars().map(plain).collect();
    safe.truncate(safe.floor_char_boundary(NAME_BYTES_MAX));
    let outer = |c: char| c == '.' || c.is_whitespace();
    let mut safe = safe.trim_matches(outer).to_owned();
    if safe.is_empty() {
        return "character".to_owned();
    }
    let stem = safe.split('.').next().unwrap_or_default().to_lowercase();
    let device = stem.trim().trim_end_matches(|c: char| c.is_ascii_digit());
    if DEVICES.contains(&device) || safe.starts_with('-') {
        safe.insert(0, '_');
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_stays_in_its_folder_and_is_no_device() {
        for (name, expected) in [
            ("Zoë 東京", "Zoë 東京"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("..", "character"),
            (" ", "character"),
            ("a/b\\c:d", "a_b_c_d"),
            ("CON", "_CON"),
            ("com1.txt", "_com1.txt"),
            ("Conrad", "Conrad"),
            ("-rf", "_-rf"),
            (".hidden", "hidden"),
            ("end. ", "end"),
            ("a\u{1b}[31m\u{202e}\0b", "a_[31m__b"),
        ] {
            assert_eq!(safe(name), expected, "{name:?}");
        }
        assert_eq!(safe(&"é".repeat(300)).len(), NAME_BYTES_MAX);
    }

    #[test]
    fn no_two_characters_share_a_file() {
        let mut names = Names::default();
        let given = ["Guard", "guard", "Guard (2)", "GUARD"].map(|name| names.give(name));
        assert_eq!(given, ["Guard", "guard (2)", "Guard (2) (2)", "GUARD (3)"]);
    }
}
