//! Addresses within the page. Values are encoded, so that no part of a value has a meaning of its own in the address.

use crate::domain::character::{CharacterId, TakeNumber};
use std::fmt::Write;

/// `text` as a value in an address.
pub(super) fn value(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte));
            }
            // Writing to a string cannot fail.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    encoded
}

/// `path` with the parts of a query that are set.
pub(super) fn with_query(path: &str, parts: &[(&str, &str)]) -> String {
    let mut address = path.to_owned();
    let said = parts.iter().filter(|(_, part)| !part.is_empty());
    for (nth, (name, part)) in said.enumerate() {
        address.push(if nth == 0 { '?' } else { '&' });
        address.push_str(name);
        address.push('=');
        address.push_str(&value(part));
    }
    address
}

/// The page of a character, with the list that it was reached from.
pub(super) fn of_character(id: CharacterId, list: &str) -> String {
    with_query(&format!("/character/{}", id.0), &[("list", list)])
}

/// The takes of a character, where take `picked` was just picked and is compared with take `with`.
pub(super) fn of_pick(
    id: CharacterId,
    list: &str,
    with: Option<i64>,
    picked: TakeNumber,
) -> String {
    let (with, picked) = (with.map(|with| with.to_string()), picked.0.to_string());
    let parts = [
        ("list", list),
        ("with", with.as_deref().unwrap_or_default()),
        ("picked", &picked),
    ];
    with_query(&format!("/character/{}", id.0), &parts) + "#takes"
}

/// The row of a character in the list at `list`. A browser goes there and focuses it.
pub(super) fn of_row(id: CharacterId, list: &str) -> String {
    format!("{list}#c{}", id.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_in_an_address_stays_a_value() {
        assert_eq!(value("a&b=c d/ë?#%"), "a%26b%3Dc%20d%2F%C3%AB%3F%23%25");
        assert_eq!(with_query("/", &[("q", "x y"), ("cast", "")]), "/?q=x%20y");
        assert_eq!(with_query("/", &[("q", "")]), "/");
        assert_eq!(
            of_character(CharacterId(7), "q=a&page=2"),
            "/character/7?list=q%3Da%26page%3D2"
        );
        assert_eq!(of_row(CharacterId(7), "/?q=a"), "/?q=a#c7");
    }
}
