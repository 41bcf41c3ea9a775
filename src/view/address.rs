//! Addresses within the page: what is put into them, so that nothing of it is read as something else.

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
            // Writing into a text cannot fail.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    encoded
}

/// `path` with the parts of a query that say something.
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

/// The page of a character, which knows the list that one comes from.
pub(super) fn of_character(id: CharacterId, list: &str) -> String {
    with_query(&format!("/character/{}", id.0), &[("list", list)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_put_into_an_address_stays_a_value() {
        assert_eq!(value("a&b=c d/ë?#%"), "a%26b%3Dc%20d%2F%C3%AB%3F%23%25");
        assert_eq!(with_query("/", &[("q", "x y"), ("cast", "")]), "/?q=x%20y");
        assert_eq!(with_query("/", &[("q", "")]), "/");
        assert_eq!(
            of_character(CharacterId(7), "q=a&page=2"),
            "/character/7?list=q%3Da%26page%3D2"
        );
    }
}
