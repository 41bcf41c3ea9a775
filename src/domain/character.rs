//! A character of a cast, its identity, and the digest by which its content is compared.
//!
//! Two contents are equal exactly when the name, the description and the other cells that the prompt names are equal. White
//! space around a text and the form of line ends are ignored. Only the digest ignores them: the cells are sent unchanged.

use sha2::{Digest, Sha256};

/// A cast's identity in its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CastId(pub i64);

/// A character's identity in its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CharacterId(pub i64);

/// The number of a claim. It rises with each claim of a character; 0 means that there was no claim yet.
///
/// Each attempt has its own claim, so this is also the number of the attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Claim(pub i64);

impl Claim {
    /// The claim after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// A take's number among those of its character, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TakeNumber(pub i64);

/// A character as the runner needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Character {
    /// Its identity.
    pub id: CharacterId,
    /// The last claim of this character; the next one will be higher.
    pub claim: Claim,
    /// Its row in the sheet, from 1.
    pub row: i64,
    /// Its key, if the sheet has a key column.
    pub key: Option<String>,
    /// Its name, exactly as in the sheet.
    pub name: String,
    /// Its description, which is sent.
    pub description: String,
    /// All cells by the name of their column, as a JSON object; only in a run whose prompt names columns.
    pub columns: Option<String>,
    /// The content that its story is made from.
    pub content: Content,
    /// Tries used since the character became pending.
    pub tries: u32,
}

/// A digest of everything of a row that is sent: name, description, and the other cells that the prompt names. Two rows, or a
/// row and a take, with the same digest have the same content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Content(pub [u8; 16]);

impl Content {
    /// The content of a name and a description. White space around them and the form of line ends are ignored.
    #[must_use]
    pub fn of(name: &str, description: &str) -> Self {
        Self::with(name, description, std::iter::empty())
    }

    /// The content of a name, a description and other cells, in their order, that the prompt names.
    #[must_use]
    pub fn with<'c>(
        name: &'c str,
        description: &'c str,
        cells: impl IntoIterator<Item = &'c str>,
    ) -> Self {
        let mut digest = Sha256::new();
        for text in [name, description].into_iter().chain(cells) {
            feed(&mut digest, text);
        }
        let full = digest.finalize();
        let mut short = [0; 16];
        short.copy_from_slice(&full[..16]);
        Self(short)
    }
}

/// Adds one text and its end, so that `ab` + `c` differs from `a` + `bc`.
fn feed(digest: &mut Sha256, text: &str) {
    let mut rest = text.trim();
    while let Some(at) = rest.find('\r') {
        digest.update(&rest.as_bytes()[..at]);
        digest.update(b"\n");
        rest = &rest[at + 1..];
        rest = rest.strip_prefix('\n').unwrap_or(rest);
    }
    digest.update(rest.as_bytes());
    // 0xFF never occurs in UTF-8.
    digest.update([0xFF]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outer_white_space_and_line_ends_are_not_an_edit() {
        let plain = Content::of("Mindy", "Lawyer.\nStubborn.");
        for (name, description) in [
            (" Mindy", "Lawyer.\r\nStubborn."),
            ("Mindy\n", "Lawyer.\rStubborn.\t"),
        ] {
            assert_eq!(Content::of(name, description), plain);
        }
    }

    #[test]
    fn anything_else_is_an_edit() {
        let plain = Content::of("Mindy", "Lawyer. Stubborn.");
        for (name, description) in [
            ("Mind", "yLawyer. Stubborn."),
            ("mindy", "Lawyer. Stubborn."),
            ("Mindy", "Lawyer.  Stubborn."),
            ("Mindy", "Lawyer.\n\nStubborn."),
        ] {
            assert_ne!(Content::of(name, description), plain);
        }
        let with_city = |cell| Content::with("Mindy", "Lawyer. Stubborn.", [cell]);
        assert_ne!(with_city("New York"), plain);
        assert_ne!(with_city("New York"), with_city("Ghent"));
    }
}
