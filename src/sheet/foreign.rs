//! Files that are not sheets, by their kind.
//!
//! They are recognised by their bytes, not by their names, so that the message can say what the file is and how to save it
//! as a sheet.

use std::fmt;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// The bytes at the end of an archive that are examined: they contain the list of its files.
const TAIL: u64 = 512 * 1024;
/// The bytes of an OLE container that are examined.
const OLE_MAX: u64 = 8 * 1024 * 1024;

/// The kind of a file that is not a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// A sign-in page, which is downloaded if the user is not signed in.
    SignInPage,
    /// A web page.
    Html,
    /// JSON, or JSON lines.
    Json,
    /// Any other XML.
    Xml,
    /// A PDF.
    Pdf,
    /// A document of Word or another word processor.
    Document,
    /// A presentation.
    Presentation,
    /// A sheet of Apple Numbers.
    Numbers,
    /// A picture.
    Picture,
    /// A database file of `SQLite`.
    Database,
    /// A compressed file or an archive of files.
    Archive,
    /// An electronic book.
    Book,
}

impl Foreign {
    /// The kind of a file by its first bytes, if it is not text.
    pub(super) fn of_bytes(first: &[u8]) -> Option<Self> {
        let kinds: [(&[u8], Self); 9] = [
            (b"%PDF-", Self::Pdf),
            (b"\x89PNG", Self::Picture),
            (b"\xFF\xD8\xFF", Self::Picture),
            (b"GIF8", Self::Picture),
            (b"SQLite format 3", Self::Database),
            (b"\x1F\x8B", Self::Archive),
            (b"7z\xBC\xAF", Self::Archive),
            (b"Rar!\x1A", Self::Archive),
            (b"{\\rtf", Self::Document),
        ];
        kinds
            .iter()
            .find(|(begin, _)| first.starts_with(begin))
            .map(|(_, kind)| *kind)
    }

    /// The kind of a text by its beginning, if it is not a table.
    pub(super) fn of_text(begin: &str) -> Option<Self> {
        let begin =
            begin.trim_start_matches(|char: char| char.is_whitespace() || char == '\u{feff}');
        let head: String = begin
            .chars()
            .take(4096)
            .collect::<String>()
            .to_ascii_lowercase();
        let starts = |marks: &[&str]| marks.iter().any(|mark| head.starts_with(mark));
        let is_page = starts(&[
            "<!doctype html",
            "<html",
            "<head",
            "<body",
            "<table",
            "<meta",
            "<script",
        ]) || (starts(&["<?xml", "<!--"]) && head.contains("<html"));
        if is_page {
            let asks = [
                "sign in",
                "sign-in",
                "signin",
                "log in",
                "login",
                "password",
                "anmelden",
                "accounts.google",
            ];
            let is_sign_in = !head.contains("<td") && asks.iter().any(|word| head.contains(word));
            return Some(if is_sign_in {
                Self::SignInPage
            } else {
                Self::Html
            });
        }
        if starts(&["<?xml", "<!doctype", "<workbook", "<office:"]) {
            return Some(Self::Xml);
        }
        is_json(&head).then_some(Self::Json)
    }

    /// The kind of a zip archive or an OLE container that cannot be read as a workbook.
    pub(super) fn of_container(path: &Path) -> Option<Self> {
        let mut file = File::open(path).ok()?;
        let length = file.metadata().ok()?.len();
        let mut bytes = Vec::new();
        let is_zip = {
            let mut first = [0; 2];
            file.read_exact(&mut first).ok()?;
            first == *b"PK"
        };
        let from = if is_zip {
            length.saturating_sub(TAIL)
        } else {
            0
        };
        file.seek(SeekFrom::Start(from)).ok()?;
        file.take(OLE_MAX).read_to_end(&mut bytes).ok()?;
        let has = |name: &str| memchr::memmem::find(&bytes, name.as_bytes()).is_some();
        let has_wide = |name: &str| {
            let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
            memchr::memmem::find(&bytes, &wide).is_some()
        };
        if !is_zip {
            return if has_wide("WordDocument") {
                Some(Self::Document)
            } else {
                has_wide("PowerPoint Document").then_some(Self::Presentation)
            };
        }
        let is_workbook = has("xl/workbook") || has("content.xml") && has("spreadsheet");
        let kinds = [
            (
                has("word/document.xml") || has("opendocument.text"),
                Self::Document,
            ),
            (
                has("ppt/presentation.xml") || has("opendocument.presentation"),
                Self::Presentation,
            ),
            (
                has("Index/Document.iwa") || has("Index.zip") || has(".iwa"),
                Self::Numbers,
            ),
            (has("META-INF/container.xml"), Self::Book),
            (
                !is_workbook && !has("[Content_Types].xml") && has("PK\u{1}\u{2}"),
                Self::Archive,
            ),
        ];
        kinds
            .iter()
            .find(|(is_it, _)| *is_it)
            .map(|(_, kind)| *kind)
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SignInPage => "a web page that asks to sign in",
            Self::Html => "a web page (HTML)",
            Self::Json => "JSON",
            Self::Xml => "an XML file",
            Self::Pdf => "a PDF",
            Self::Document => "a text document",
            Self::Presentation => "a presentation",
            Self::Numbers => "a sheet of Apple Numbers",
            Self::Picture => "a picture",
            Self::Database => "a SQLite database",
            Self::Archive => "a compressed file",
            Self::Book => "an electronic book",
        })
    }
}

/// Whether a text begins like JSON: a brace or bracket, and then a character that may follow it.
fn is_json(head: &str) -> bool {
    let mut chars = head.chars().filter(|char| !char.is_whitespace());
    let (first, second) = (chars.next(), chars.next());
    match first {
        Some('{') => matches!(second, Some('"' | '}')),
        Some('[') => matches!(second, Some('{' | '[' | '"' | ']' | '0'..='9')),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_not_a_table_is_recognised_by_its_beginning() {
        for (text, kind) in [
            (
                "<!DOCTYPE html><html><title>Sign in</title>",
                Some(Foreign::SignInPage),
            ),
            (
                "\u{feff}\n<html><body><table><tr><td>name</td>",
                Some(Foreign::Html),
            ),
            ("<?xml version=\"1.0\"?><Workbook>", Some(Foreign::Xml)),
            ("[{\"name\": \"Ada\"}]", Some(Foreign::Json)),
            ("{\n  \"name\": \"Ada\"", Some(Foreign::Json)),
            ("[Name],[Bio]\n", None),
            ("{{ name }},bio\n", None),
            ("name,bio\n", None),
            ("<name>,bio\n", None),
            ("", None),
        ] {
            assert_eq!(Foreign::of_text(text), kind, "{text}");
        }
        assert_eq!(Foreign::of_bytes(b"%PDF-1.7"), Some(Foreign::Pdf));
        assert_eq!(Foreign::of_bytes(b"name,bio"), None);
    }
}
