//! A character of a cast, its identity, and the content by which rows and takes are recognised.
//!
//! Two contents are equal exactly when name and description are, apart from outer white space and the form of line ends:
//! those are no edit. The cells themselves are never changed by this: what is sent is the cell as it stands.

use sha2::{Digest, Sha256};

/// A cast's identity in its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CastId(pub i64);

/// A character's identity in its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CharacterId(pub i64);

/// The number of a claim, rising with each claim of a character; 0 is no claim yet.
///
/// An attempt is made under a claim of its own, so this is the attempt's number, too.
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
    /// Who.
    pub id: CharacterId,
    /// The last claim of this character; the next one will be higher.
    pub claim: Claim,
    /// The place in the sheet, from 1.
    pub row: i64,
    /// The key, where the sheet has a key column.
    pub key: Option<String>,
    /// The name as it stands in the sheet.
    pub name: String,
    /// What is sent.
    pub description: String,
    /// All cells by the name of their column, as a JSON object; only in a run whose prompt names columns.
    pub columns: Option<String>,
    /// What its story will have been made from.
    pub content: Content,
    /// Tries used since the character became pending.
    pub tries: u32,
}

/// What makes two rows, or a row and a take, the same to the writer: a digest of name, description, and whatever other cells
/// the writer is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Content(pub [u8; 16]);

impl Content {
    /// The content of a name and a description. White space around them and the form of line ends do not count.
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
    fn outer_white_space_and_line_ends_are_no_edit() {
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
        let told = |cell| Content::with("Mindy", "Lawyer. Stubborn.", [cell]);
        assert_ne!(told("New York"), plain);
        assert_ne!(told("New York"), told("Ghent"));
    }
}
