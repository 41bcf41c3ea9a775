//! Commands that the user can copy: quoted, so that a shell passes exactly the same words, and without control characters.

use crate::domain::shown::shown;
use crate::store::Location;
use std::ffi::OsString;
use std::fmt::Write;

/// A word, quoted for a shell if necessary.
pub(in crate::cli) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=@,+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    if shown(word) == word {
        return format!("'{}'", word.replace('\'', r"'\''"));
    }
    // Characters that cannot be shown are written as escapes that shells understand.
    let mut quoted = String::from("$'");
    for c in word.chars() {
        match c {
            '\'' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c if shown(c.encode_utf8(&mut [0; 4])) == c.to_string() => quoted.push(c),
            c => {
                // Writing to a string does not fail.
                let _ = write!(quoted, "\\U{:08x}", u32::from(c));
            }
        }
    }
    quoted.push('\'');
    quoted
}

/// The command that continues a stopped run: the same command again. For `redo` it is `resume`, with `cast` if that is given.
pub(in crate::cli) fn continuation(cast: Option<&str>) -> String {
    // The same command would pay for one more take of characters that already have theirs.
    if is_redo() {
        return other_command("resume", cast);
    }
    command(typed())
}

/// The arguments as typed, without the values of headers, which may be secrets.
fn typed() -> impl Iterator<Item = OsString> {
    without_values(std::env::args_os().skip(1))
}

fn without_values(words: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    let mut is_header = false;
    words.map(move |word| {
        let text = word.to_string_lossy();
        let (switch, header) = match text.strip_prefix("--header=") {
            Some(header) => ("--header=", header),
            None if is_header => ("", &*text),
            None => {
                is_header = text == "--header";
                return word;
            }
        };
        is_header = false;
        let name = header.split_once(':').map_or("", |(name, _)| name);
        format!("{switch}{name}: …").into()
    })
}

/// The command as typed, with one more switch.
pub(in crate::cli) fn with_switch(switch: &str) -> String {
    let mut words: Vec<OsString> = std::env::args_os().skip(1).collect();
    // After `--`, every argument is a name.
    let end = words
        .iter()
        .position(|word| word == "--")
        .unwrap_or(words.len());
    words.insert(end, OsString::from(switch));
    command(words.into_iter())
}

/// Whether this command is `redo`.
fn is_redo() -> bool {
    std::env::args_os().any(|word| word == "redo")
}

/// The command that tries only the failed characters again, with `cast` if that is given.
pub(in crate::cli) fn failed_again(cast: Option<&str>) -> String {
    // The same command would pay for one more take of all its characters.
    if is_redo() {
        return format!(
            "{}, then {}",
            other_command("retry", cast),
            other_command("resume", cast)
        );
    }
    let has_it = std::env::args_os().any(|word| word == "--retry");
    let more = (!has_it).then(|| OsString::from("--retry"));
    command(typed().chain(more))
}

/// Another command on the same database, with `cast` if that is given.
pub(in crate::cli) fn other_command(command_line: &str, cast: Option<&str>) -> String {
    let words = command_line.split(' ').map(OsString::from);
    let line = command(words.chain(database()));
    match cast {
        Some(cast) => format!("{line} {}", cast_switch(cast)),
        None => line,
    }
}

/// The switch that names a cast.
pub(in crate::cli) fn cast_switch(cast: &str) -> String {
    // A name that starts with `-` must be in one word with the switch.
    let between = if cast.starts_with('-') { '=' } else { ' ' };
    format!("--cast{between}{}", quoted(cast))
}

/// The switch `--db` with its value, as typed.
fn database() -> Vec<OsString> {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    let mut database = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let text = word.to_string_lossy();
        if text == "--db" {
            database.extend(words.get(at..at + 2).unwrap_or_default().iter().cloned());
        } else if text.starts_with("--db=") {
            database.push(word.clone());
        }
    }
    database
}

fn command(words: impl Iterator<Item = OsString>) -> String {
    let words = words.map(|word| quoted(&without_password(&word.to_string_lossy())));
    let all: Vec<String> = std::iter::once("backstory".to_owned())
        .chain(words)
        .collect();
    all.join(" ")
}

/// A word without the password of a server's address.
fn without_password(word: &str) -> String {
    let (switch, value) = match word.strip_prefix("--db=") {
        Some(value) => ("--db=", value),
        None => ("", word),
    };
    match Location::of(value.into()) {
        Location::Server(address) => format!("{switch}{address}"),
        Location::File(_) => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_starts_like_a_switch_is_a_name() {
        assert_eq!(cast_switch("the crew"), "--cast 'the crew'");
        assert_eq!(cast_switch("-x"), "--cast=-x");
    }

    #[test]
    fn the_value_of_a_header_is_never_printed() {
        let words = [
            "run",
            "--header",
            "x: s3cret",
            "--header=y: s3cret",
            "--header",
            "s3cret",
            "--yes",
        ];
        let words = without_values(words.map(OsString::from).into_iter());
        let line = command(words);
        assert_eq!(
            line,
            "backstory run --header 'x: …' '--header=y: …' --header ': …' --yes"
        );
    }

    #[test]
    fn the_password_of_an_address_is_never_printed() {
        let address = "postgres://ada:s3cret@host/db";
        let switch = format!("--db={address}");
        let words = ["list", "--db", address, &switch, "--db=my.db"];
        let line = command(words.map(OsString::from).into_iter());
        let shown = "'postgres://ada:***@host/db' '--db=postgres://ada:***@host/db'";
        assert_eq!(line, format!("backstory list --db {shown} --db=my.db"));
    }

    #[test]
    fn a_shell_gets_the_same_words() {
        for (word, typed) in [
            ("cast.csv", "cast.csv"),
            ("--rate=60/min", "--rate=60/min"),
            ("", "''"),
            ("my cast", "'my cast'"),
            ("#1", "'#1'"),
            ("it's", r"'it'\''s'"),
            ("a\nb'\t", r"$'a\nb\'\t'"),
            ("\u{1b}[31m\u{202e}", r"$'\U0000001b[31m\U0000202e'"),
            ("Zoë", "Zoë"),
            ("$HOME", "'$HOME'"),
        ] {
            assert_eq!(quoted(word), typed);
        }
    }
}
