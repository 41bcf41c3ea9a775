//! Addresses within the page. Values are encoded, so that no part of a value has a meaning of its own in the address.

use crate::domain::character::CharacterId;
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
    }
}
