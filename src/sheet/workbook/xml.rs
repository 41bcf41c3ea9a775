//! Reads XML, in any encoding, as a stream of tags and texts.
//!
//! UTF-8, UTF-16 and the encodings that a declaration names are supported. Names come without their prefix, so `<x:c>` is
//! `c`. Memory is limited: a tag or text, the depth, and the whole document have limits. Only the entities of XML itself are
//! supported. A document with others is refused, so none is ever expanded.

use std::borrow::Cow;
use std::io::{self, BufRead, Error as IoError, ErrorKind, Read};

use quick_xml::encoding::DecodingReader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesEnd, BytesRef, BytesStart, Event};
use quick_xml::{Error, Reader, XmlVersion};

use super::{Trouble, broken};

/// The longest tag or text, in bytes. A cell may have less.
const PIECE_MAX: u64 = 4 * 1024 * 1024;
/// The most tags inside tags.
const DEPTH_MAX: usize = 128;

/// A document that is being read.
pub(super) struct Xml<R: BufRead> {
    reader: Reader<Bounded<DecodingReader<R>>>,
    buffer: Vec<u8>,
    depth: usize,
    /// Whether the next piece is the first.
    is_at_start: bool,
}

/// A piece of a document.
pub(super) enum Piece<'xml> {
    Start(Tag<'xml>),
    /// The end of a tag, also of an empty one: `<v/>` is a start and an end.
    End(EndTag<'xml>),
    /// Text, or a part of one.
    Text(Cow<'xml, str>),
    /// A comment or something else without content.
    Other,
    /// The end of the document.
    Nothing,
}

/// The start of a tag.
pub(super) struct Tag<'xml>(BytesStart<'xml>);

/// The end of a tag.
pub(super) struct EndTag<'xml>(BytesEnd<'xml>);

/// An attribute of a tag.
pub(super) struct Pair<'tag>(Attribute<'tag>);

impl<R: BufRead> Xml<R> {
    /// Reads at most so many bytes, counted after unpacking.
    pub(super) fn new(source: R, bytes_max: u64) -> Self {
        let mut reader = Reader::from_reader(Bounded {
            inner: DecodingReader::new(source),
            piece: 0,
            left: bytes_max,
        });
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            buffer: Vec::new(),
            depth: 0,
            is_at_start: true,
        }
    }

    /// The next piece.
    ///
    /// # Errors
    ///
    /// [`Trouble::Broken`] if this is not XML, [`Trouble::TooLarge`] beyond a limit.
    pub(super) fn next(&mut self) -> Result<Piece<'_>, Trouble> {
        self.buffer.clear();
        self.reader.get_mut().piece = 0;
        let is_first = std::mem::replace(&mut self.is_at_start, false);
        let event = self.reader.read_event_into(&mut self.buffer);
        Ok(match event.map_err(|err| trouble(&err))? {
            Event::Start(tag) => {
                self.depth += 1;
                if self.depth > DEPTH_MAX {
                    return Err(broken("its XML is nested too deeply"));
                }
                Piece::Start(Tag(tag))
            }
            Event::End(tag) => {
                self.depth = self.depth.saturating_sub(1);
                Piece::End(EndTag(tag))
            }
            Event::Text(text) => Piece::Text(text.xml10_content()),
            Event::CData(text) => Piece::Text(text.xml10_content()),
            Event::GeneralRef(entity) => Piece::Text(resolved(&entity)?),
            Event::Decl(declaration) => {
                let source = &mut self.reader.get_mut().inner;
                let is_open = is_first && source.encoding() == encoding_rs::UTF_8;
                match declaration.encoder() {
                    Some(encoding) if is_open && encoding.is_ascii_compatible() => {
                        source.set_encoding(encoding);
                    }
                    _ => {}
                }
                Piece::Other
            }
            Event::Eof if self.depth > 0 => return Err(broken("its XML is cut off")),
            Event::Eof => Piece::Nothing,
            // `expand_empty_elements` leaves no `Event::Empty`.
            Event::Empty(_) | Event::Comment(_) | Event::PI(_) | Event::DocType(_) => Piece::Other,
        })
    }

    /// Skips the content and the end of the tag that has just begun.
    ///
    /// # Errors
    ///
    /// As [`Xml::next`].
    pub(super) fn skip(&mut self) -> Result<(), Trouble> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            self.next()?;
        }
        Ok(())
    }
}

impl Tag<'_> {
    /// The name with its prefix, as in the document.
    pub(super) fn full_name(&self) -> &str {
        self.0.name().into_inner()
    }

    /// The name without its prefix.
    pub(super) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }

    /// The attributes in their order.
    pub(super) fn attributes(&self) -> impl Iterator<Item = Result<Pair<'_>, Trouble>> {
        // Without the search for equal names, whose time grows with the square of their number.
        let mut attributes = self.0.attributes();
        attributes.with_checks(false);
        attributes.map(|attribute| attribute.map(Pair).map_err(|err| trouble(&err.into())))
    }

    /// The value of the attribute with this name, whatever its prefix.
    ///
    /// # Errors
    ///
    /// [`Trouble::Broken`] if an attribute before it is not XML.
    pub(super) fn attribute(&self, name: &str) -> Result<Option<String>, Trouble> {
        for pair in self.attributes() {
            let pair = pair?;
            if pair.name() == name {
                return Ok(Some(pair.value()?.into_owned()));
            }
        }
        Ok(None)
    }
}

impl EndTag<'_> {
    /// The name without its prefix.
    pub(super) fn name(&self) -> &str {
        self.0.local_name().into_inner()
    }
}

impl<'tag> Pair<'tag> {
    /// The name with its prefix, as in the document.
    pub(super) fn full_name(&self) -> &'tag str {
        self.0.key.into_inner()
    }

    /// The name without its prefix.
    pub(super) fn name(&self) -> &'tag str {
        self.0.key.local_name().into_inner()
    }

    /// The value, with its escapes resolved.
    pub(super) fn value(&self) -> Result<Cow<'tag, str>, Trouble> {
        self.0
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|err| trouble(&err))
    }
}

/// The character that an entity stands for.
fn resolved(entity: &BytesRef) -> Result<Cow<'static, str>, Trouble> {
    if let Some(character) = entity.resolve_char_ref().map_err(|err| trouble(&err))? {
        return Ok(Cow::Owned(character.to_string()));
    }
    resolve_predefined_entity(entity)
        .map(Cow::Borrowed)
        .ok_or_else(|| broken(&format!("its XML has the unknown entity `&{};`", &**entity)))
}

fn trouble(err: &Error) -> Trouble {
    match err {
        Error::Io(err) if err.kind() == ErrorKind::FileTooLarge => Trouble::TooLarge,
        err => broken(&err),
    }
}

/// A reader that ends with an error of the kind [`ErrorKind::FileTooLarge`] beyond a limit.
struct Bounded<R> {
    inner: R,
    /// Bytes of the current piece.
    piece: u64,
    /// Bytes of the document that may still follow.
    left: u64,
}

impl<R: BufRead> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.piece > PIECE_MAX || self.left == 0 {
            return Err(IoError::from(ErrorKind::FileTooLarge));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        let bytes = u64::try_from(amount).unwrap_or(u64::MAX);
        self.piece = self.piece.saturating_add(bytes);
        self.left = self.left.saturating_sub(bytes);
        self.inner.consume(amount);
    }
}

impl<R: BufRead> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut source = self.fill_buf()?;
        let amount = source.read(buffer)?;
        self.consume(amount);
        Ok(amount)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    /// The pieces, in a short form.
    fn pieces(xml: &[u8], bytes_max: u64) -> Result<String, Trouble> {
        let mut xml = Xml::new(xml, bytes_max);
        let mut out = String::new();
        loop {
            match xml.next()? {
                Piece::Start(tag) => {
                    out += "<";
                    out += tag.name();
                    for pair in tag.attributes() {
                        let pair = pair?;
                        let _ = write!(out, " {}={}", pair.name(), pair.value()?);
                    }
                    out += ">";
                }
                Piece::End(tag) => {
                    let _ = write!(out, "</{}>", tag.name());
                }
                Piece::Text(text) => out += &text,
                Piece::Other => out += "~",
                Piece::Nothing => return Ok(out),
            }
        }
    }

    #[test]
    fn a_document_is_tags_and_texts() {
        for (xml, found) in [
            (r#"<x:a r="1" x:t='&lt;é'/>"#, "<a r=1 t=<é></a>"),
            ("<a>x&amp;&#x41;&#233;<![CDATA[<y>]]></a>", "<a>x&Aé<y></a>"),
            ("<a>\r\n</a>", "<a>\n</a>"),
            ("<?xml version=\"1.0\"?><!-- c --><a/>", "~~<a></a>"),
            ("", ""),
        ] {
            assert_eq!(pieces(xml.as_bytes(), 1000).expect("XML"), found, "{xml}");
        }
    }

    #[test]
    fn text_that_is_not_xml_is_refused() {
        for xml in [
            "<a>",
            "<a></b>",
            "<a r=1/>",
            "<a>&nbsp;</a>",
            "<a>&#0;</a>",
            "<a",
            "</a>",
        ] {
            assert!(
                matches!(pieces(xml.as_bytes(), 1000), Err(Trouble::Broken(_))),
                "{xml}"
            );
        }
        assert!(matches!(
            pieces(b"<a>\xFF</a>", 1000),
            Err(Trouble::Broken(_))
        ));
    }

    #[test]
    fn a_document_is_bounded() {
        assert!(matches!(
            pieces(b"<a><b/><b/></a>", 8),
            Err(Trouble::TooLarge)
        ));
        let deep = "<a>".repeat(DEPTH_MAX + 1);
        assert!(matches!(
            pieces(deep.as_bytes(), 1000),
            Err(Trouble::Broken(_))
        ));
    }
}
