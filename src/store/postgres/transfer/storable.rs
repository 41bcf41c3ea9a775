//! Replaces what a server cannot hold in a cast that comes from elsewhere: the zero character, also where JSON escapes it.
//!
//! Sheets with that character are refused before they are imported, so it can only be in what a service sent. The digests of names and
//! descriptions are therefore left as they are.

use super::super::values::storable;
use crate::store::transfer::{
    ATTEMPTS, CAST, CHARACTERS, Cell, Column, ENDPOINTS, Kind, Part, RECIPES, RUNS, Record, TAKES,
};

/// How JSON escapes the zero character.
const ESCAPED: &str = "\\u0000";

/// Makes a part storable.
pub(super) fn make_storable(part: &mut Part) {
    match part {
        Part::Head(head) => {
            clean(CAST, &mut head.cast);
            for (columns, records) in [
                (RECIPES, &mut head.recipes),
                (ENDPOINTS, &mut head.endpoints),
                (RUNS, &mut head.runs),
            ] {
                for record in records {
                    clean(columns, record);
                }
            }
        }
        Part::Characters(all) => {
            for record in all {
                clean(CHARACTERS, record);
            }
        }
        Part::Takes(all) => {
            for take in all {
                clean(TAKES, &mut take.record);
            }
        }
        Part::Attempts(all) => {
            for attempt in all {
                clean(ATTEMPTS, &mut attempt.record);
            }
        }
    }
}

fn clean(columns: &[Column], record: &mut Record) {
    for (column, cell) in columns.iter().zip(record) {
        let Cell::Text(text) = cell else { continue };
        if text.contains('\0') {
            *text = storable(text).into_owned();
        }
        if column.kind == Kind::Json && text.contains(ESCAPED) {
            *text = storable_json(text);
        }
    }
}

/// The JSON without escaped zero characters.
fn storable_json(json: &str) -> String {
    let mut clean = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        clean.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(behind) = rest.strip_prefix(ESCAPED) {
            clean.push('\u{fffd}');
            rest = behind;
        } else {
            // The character after it belongs to the escape; it may be a backslash, too.
            let escape = rest.chars().take(2).map(char::len_utf8).sum();
            clean.push_str(&rest[..escape]);
            rest = &rest[escape..];
        }
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_escaped_zero_character_is_replaced_in_json() {
        for (json, expected) in [
            (r#"{"a":"\u0000"}"#, "{\"a\":\"\u{fffd}\"}"),
            (r#"{"a":"\\u0000"}"#, r#"{"a":"\\u0000"}"#),
            (r#"{"a":"\\\u0000"}"#, "{\"a\":\"\\\\\u{fffd}\"}"),
            (
                r#"{"a":"\u00000\u0001\n"}"#,
                "{\"a\":\"\u{fffd}0\\u0001\\n\"}",
            ),
            (r#"{"a":"ü"}"#, r#"{"a":"ü"}"#),
            ("\\", "\\"),
        ] {
            assert_eq!(storable_json(json), expected, "{json}");
        }
    }

    #[test]
    fn a_text_keeps_its_words_where_it_only_looks_like_json() {
        let columns = [Column {
            name: "text",
            kind: Kind::Text,
        }];
        let mut record = vec![Cell::Text("a\0b \\u0000".to_owned())];
        clean(&columns, &mut record);
        assert_eq!(record, [Cell::Text("a\u{fffd}b \\u0000".to_owned())]);
    }
}
