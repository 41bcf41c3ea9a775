//! The text of a cell: its paragraphs, with a line end between them.
//!
//! Comments, drawings and footnotes are left out. White space in the file is one blank, and nothing at the beginning of a
//! paragraph: special tags mean further blanks. At the end of a paragraph it is nothing, too, if it contains a line end:
//! then a program has indented the file.

use std::io::BufRead;

use super::super::Trouble;
use super::super::xml::{Piece, Tag, Xml};

/// The most blanks in a row that are written: more would make any cell too long.
const BLANKS_MAX: u32 = 2 * 1024 * 1024;

/// Reads the content of a cell to its end: the text of its paragraphs, if it has any.
///
/// # Errors
///
/// [`Trouble::Broken`] if the XML is not well-formed, [`Trouble::TooLarge`] if the text uses more bytes than allowed.
pub(super) fn read<R: BufRead>(
    xml: &mut Xml<R>,
    bytes_max: u64,
) -> Result<Option<String>, Trouble> {
    let mut paragraphs = Paragraphs::default();
    // The open tags, and how many of them are paragraphs or are in one.
    let (mut open, mut inside) = (1_usize, 0_usize);
    while open > 0 {
        match xml.next()? {
            Piece::Start(tag) => {
                let is_paragraph = matches!(tag.full_name(), "text:p" | "text:h");
                match begin(&tag, inside > 0, &mut paragraphs)? {
                    Content::Counts => {
                        open += 1;
                        inside += usize::from(is_paragraph || inside > 0);
                    }
                    Content::IsSkipped => xml.skip()?,
                }
            }
            Piece::End(_) => {
                open -= 1;
                inside = inside.saturating_sub(1);
            }
            Piece::Text(text) if inside > 0 => paragraphs.push(&text),
            Piece::Text(_) | Piece::Other | Piece::Nothing => {}
        }
        if u64::try_from(paragraphs.text.len()).is_ok_and(|length| length > bytes_max) {
            return Err(Trouble::TooLarge);
        }
    }
    paragraphs.end();
    Ok((paragraphs.begun > 0).then_some(paragraphs.text))
}

/// What happens to the content of a tag.
enum Content {
    Counts,
    IsSkipped,
}

/// Adds the text that a tag inside a cell means.
fn begin(tag: &Tag<'_>, is_inside: bool, paragraphs: &mut Paragraphs) -> Result<Content, Trouble> {
    match tag.full_name() {
        "text:p" | "text:h" => paragraphs.begin(),
        "text:s" if is_inside => {
            let blanks = tag.attribute("c")?;
            let blanks = blanks.as_deref().map_or(1, count);
            paragraphs.push_space(' ', blanks.min(BLANKS_MAX));
        }
        "text:tab" if is_inside => paragraphs.push_space('\t', 1),
        "text:line-break" if is_inside => paragraphs.push_space('\n', 1),
        // A footnote, and the small text above a word.
        "text:note" | "text:ruby-text" => return Ok(Content::IsSkipped),
        name if name.starts_with("text:") => {}
        // Comments and drawings.
        _ => return Ok(Content::IsSkipped),
    }
    Ok(Content::Counts)
}

/// The text read so far.
#[derive(Debug, Default)]
struct Paragraphs {
    text: String,
    /// The number of paragraphs so far.
    begun: usize,
    /// Whether the paragraph is still empty.
    is_at_start: bool,
    /// White space that was read and may count.
    space: Option<Space>,
}

/// White space in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Space {
    Blanks,
    WithLineEnd,
}

impl Paragraphs {
    fn begin(&mut self) {
        self.end();
        if self.begun > 0 {
            self.text.push('\n');
        }
        self.begun += 1;
        self.is_at_start = true;
    }

    fn end(&mut self) {
        if self.space.take() == Some(Space::Blanks) {
            self.text.push(' ');
        }
    }

    /// Adds text of the file.
    fn push(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            let word = rest.trim_start_matches(is_space);
            let (space, _) = rest.split_at(rest.len() - word.len());
            if !space.is_empty() && !self.is_at_start {
                let has_line_end = space.contains('\n') || self.space == Some(Space::WithLineEnd);
                self.space = Some(if has_line_end {
                    Space::WithLineEnd
                } else {
                    Space::Blanks
                });
            }
            let (word, behind) = word.split_at(word.find(is_space).unwrap_or(word.len()));
            if !word.is_empty() {
                self.end_space();
                self.text.push_str(word);
            }
            rest = behind;
        }
    }

    /// Adds white space that a tag means.
    fn push_space(&mut self, space: char, count: u32) {
        self.end_space();
        self.text.extend((0..count).map(|_| space));
    }

    /// More of the paragraph follows, so the white space before it counts.
    fn end_space(&mut self) {
        if self.space.take().is_some() {
            self.text.push(' ');
        }
        self.is_at_start = false;
    }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// A count in an attribute; 1 if it is not a number.
pub(super) fn count(value: &str) -> u32 {
    value.trim().parse().unwrap_or(1).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(content: &str) -> Option<String> {
        let text = format!("<table:table-cell>{content}</table:table-cell>");
        let mut xml = Xml::new(text.as_bytes(), 10_000);
        assert!(matches!(xml.next(), Ok(Piece::Start(_))));
        let text = read(&mut xml, 1000).unwrap_or_else(|_| panic!("{content}"));
        assert!(matches!(xml.next(), Ok(Piece::Nothing)));
        text
    }

    #[test]
    fn the_paragraphs_of_a_cell_are_its_text() {
        for (content, text) in [
            ("<text:p>Ada</text:p>", "Ada"),
            ("<text:p>one</text:p><text:p>two</text:p>", "one\ntwo"),
            (
                "<text:p>one</text:p><text:p/><text:p>two</text:p>",
                "one\n\ntwo",
            ),
            ("\n  <text:p>\n  Ada\n  Moor\n  </text:p>\n", "Ada Moor"),
            (
                "<text:p>a<text:s text:c='3'/>b<text:s/> c</text:p>",
                "a   b  c",
            ),
            (
                "<text:p><text:s/>a<text:tab/>b<text:line-break/>c</text:p>",
                " a\tb\nc",
            ),
            (
                "<text:p>a <text:span>bold</text:span> <text:a>link</text:a>!</text:p>",
                "a bold link!",
            ),
            (
                "<text:p>&lt;a&gt; &amp; &#x1F600;</text:p>",
                "<a> & \u{1F600}",
            ),
            ("<text:p><![CDATA[<b>]]><!-- no --></text:p>", "<b>"),
            (
                "<text:list><text:list-item><text:p>a</text:p></text:list-item></text:list>",
                "a",
            ),
            (
                "<office:annotation><text:p>a note</text:p></office:annotation><text:p>b</text:p>",
                "b",
            ),
            (
                "<draw:frame><text:p>a drawing</text:p></draw:frame><text:p>b</text:p>",
                "b",
            ),
            (
                "<text:p>a<text:note><text:p>foot</text:p></text:note>b</text:p>",
                "ab",
            ),
            (
                "<text:p><text:ruby><text:ruby-base>\u{6f22}</text:ruby-base><text:ruby-text>kan\
              </text:ruby-text></text:ruby></text:p>",
                "\u{6f22}",
            ),
        ] {
            assert_eq!(text_of(content).as_deref(), Some(text), "{content}");
        }
        assert_eq!(text_of("<text:p> </text:p>").as_deref(), Some(""));
        assert_eq!(text_of("").as_deref(), None);
    }

    #[test]
    fn blanks_that_an_attribute_counts_do_not_take_all_memory() {
        let text =
            "<table:table-cell><text:p><text:s text:c='4000000000'/></text:p></table:table-cell>";
        let mut xml = Xml::new(text.as_bytes(), 10_000);
        assert!(xml.next().is_ok());
        assert!(matches!(read(&mut xml, 1000), Err(Trouble::TooLarge)));
    }
}
