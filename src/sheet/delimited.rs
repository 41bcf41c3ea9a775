//! Turns text into records: delimiters, quotes, lines.
//!
//! Every record knows the line where it begins, with any kind of line ends. A line end in quotes is kept byte for byte.
//! Errors that a lenient reader would accept are marked: text after a closing quote, and a quote that makes the rest of the
//! file one cell. The `csv` crate reports neither, nor the position of a quote, and it counts only `\n`. So records are
//! split here, in one pass with those checks. A property test compares the result with the crate for every text that both
//! accept. They differ for a quote after blanks, `, "a, b"`: here it opens a quoted cell, if it closes where the cell ends.
//! The number of cells of a record and their meaning are not checked here.

use super::CELL_MAX;
use super::fault::Fault;
use super::record::{FlawKind, Record};
use super::text::Text;

/// The records of a text.
pub(super) struct Delimited {
    text: Text,
    delimiter: u8,
    /// For each byte, whether it ends a cell that is not in quotes.
    ends_cell: [bool; 256],
    lines: Lines,
    state: State,
    /// The line of the last opening quote.
    opened: u64,
    doubtful: Doubtful,
}

/// A cell that may be in quotes: a quote was opened after blanks.
#[derive(Default)]
struct Doubtful {
    /// The text from the quote on.
    raw: String,
    /// The content of the cell, if it is in quotes.
    inner: String,
}

/// The position in a cell.
#[derive(Clone, Copy)]
enum State {
    /// Before its first byte.
    Begin,
    /// In a cell without quotes; a quote is text there.
    Plain,
    /// Inside quotes.
    Quoted,
    /// After a quote inside quotes: it closes them, or is the first of a pair.
    Closed,
    /// After closing quotes and white space, which is kept.
    Blank,
    /// After blanks at the beginning of a cell.
    Lead,
    /// Inside quotes that were opened after blanks, if they are quotes.
    Doubtful,
    /// After a quote there: it closes them, or is the first of a pair.
    DoubtfulClosed,
    /// After closing quotes of that kind and blanks.
    DoubtfulBlank,
}

/// Counts lines: CRLF, LF and a lone CR each end one.
struct Lines {
    /// The current line, counted from 1.
    number: u64,
    /// The last byte was a CR; an LF now belongs to the same line end.
    after_cr: bool,
}

impl Lines {
    fn end(&mut self, byte: u8) {
        self.number += u64::from(byte == b'\r' || !self.after_cr);
        self.after_cr = byte == b'\r';
    }
}

impl Delimited {
    /// The records of the text, whose first line has this number.
    pub(super) fn new(text: Text, delimiter: u8, line: u64) -> Self {
        let mut ends_cell = [false; 256];
        for byte in [delimiter, b'\r', b'\n'] {
            ends_cell[usize::from(byte)] = true;
        }
        let lines = Lines {
            number: line,
            after_cr: false,
        };
        Self {
            text,
            delimiter,
            ends_cell,
            lines,
            state: State::Begin,
            opened: line,
            doubtful: Doubtful::default(),
        }
    }

    /// The separator of the cells.
    pub(super) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// Reads the next record; `false` at the end. An empty line is a record with one empty cell.
    ///
    /// # Errors
    ///
    /// If the text cannot be read further; no more records follow.
    pub(super) fn read(&mut self, record: &mut Record) -> Result<bool, Fault> {
        if self.lines.after_cr && self.fill()? {
            self.lines.after_cr = false;
            self.text
                .take(usize::from(self.text.rest().starts_with('\n')));
        }
        record.begin(self.lines.number);
        self.state = State::Begin;
        while self.fill()? {
            if self.scan(record) {
                return Ok(true);
            }
        }
        Ok(self.finish(record))
    }

    /// Makes text available; `false` at the end.
    fn fill(&mut self) -> Result<bool, Fault> {
        if !self.text.rest().is_empty() {
            return Ok(true);
        }
        self.text
            .fill()
            .map_err(|problem| Fault::at(self.lines.number, problem))
    }

    /// Reads as much of the record as is available; `true` at its end.
    fn scan(&mut self, record: &mut Record) -> bool {
        let mut at = 0;
        while let Some(&byte) = self.text.rest().as_bytes().get(at) {
            let rest = self.text.rest();
            let bytes = rest.as_bytes();
            match self.state {
                State::Begin if byte == b'"' => {
                    self.state = State::Quoted;
                    self.opened = self.lines.number;
                    at += 1;
                }
                State::Begin | State::Lead
                    if matches!(byte, b' ' | b'\t') && !self.ends_cell[usize::from(byte)] =>
                {
                    self.state = State::Lead;
                    record.push(&rest[at..=at]);
                    at += 1;
                }
                State::Lead if byte == b'"' => {
                    self.state = State::Doubtful;
                    self.opened = self.lines.number;
                    self.doubtful.open();
                    at += 1;
                }
                State::Doubtful | State::DoubtfulClosed | State::DoubtfulBlank => {
                    at = self.doubt(at, byte, record);
                }
                State::Quoted => at = quoted(rest, at, record, &mut self.lines, &mut self.state),
                State::Closed if byte == b'"' => {
                    self.state = State::Quoted;
                    record.push("\"");
                    at += 1;
                }
                State::Closed | State::Blank if !self.ends_cell[usize::from(byte)] => {
                    if matches!(byte, b' ' | b'\t') {
                        self.state = State::Blank;
                        record.push(&rest[at..=at]);
                        at += 1;
                    } else {
                        self.state = State::Plain;
                        record.mark(
                            self.opened,
                            text_after_quote(self.opened, self.lines.number),
                        );
                    }
                }
                _ => {
                    let end = position(bytes, at, |byte| self.ends_cell[usize::from(byte)]);
                    record.push(&rest[at..end]);
                    self.state = State::Plain;
                    at = end;
                    if let Some(&byte) = bytes.get(end) {
                        record.end_cell();
                        self.state = State::Begin;
                        at += 1;
                        if byte != self.delimiter {
                            self.lines.end(byte);
                            self.text.take(at);
                            return true;
                        }
                    }
                }
            }
        }
        self.text.take(at);
        false
    }

    /// Continues in a cell that may be in quotes; returns the position where it stopped.
    fn doubt(&mut self, at: usize, byte: u8, record: &mut Record) -> usize {
        let ends_cell = self.ends_cell[usize::from(byte)];
        let doubtful = &mut self.doubtful;
        let end = doubtful.read(
            self.text.rest(),
            at,
            ends_cell,
            &mut self.state,
            &mut self.lines,
        );
        match self.state {
            State::Plain => doubtful.give_up(self.opened, self.delimiter, record),
            State::Closed => record.replace_cell(&doubtful.inner),
            _ => {}
        }
        end
    }

    /// The text has ended: `false` if no record has begun.
    fn finish(&self, record: &mut Record) -> bool {
        if matches!(self.state, State::Begin) && record.fields() == 0 {
            return false;
        }
        match self.state {
            State::Doubtful => self.doubtful.give_up(self.opened, self.delimiter, record),
            State::DoubtfulClosed | State::DoubtfulBlank => {
                record.replace_cell(&self.doubtful.inner);
            }
            _ => {}
        }
        if matches!(self.state, State::Quoted) {
            record.mark(self.opened, FlawKind::QuoteNeverClosed);
        }
        record.end_cell();
        true
    }
}

impl Doubtful {
    fn open(&mut self) {
        self.raw.clear();
        self.raw.push('"');
        self.inner.clear();
    }

    /// Reads from `at` while the state stays the same; returns the position where it stopped. The state becomes
    /// [`State::Closed`] at the end of a cell in quotes, and [`State::Plain`] if the cell is not in quotes.
    fn read(
        &mut self,
        rest: &str,
        at: usize,
        ends_cell: bool,
        state: &mut State,
        lines: &mut Lines,
    ) -> usize {
        let byte = rest.as_bytes()[at];
        match state {
            State::Doubtful => {
                let end = position(rest.as_bytes(), at, |byte| {
                    matches!(byte, b'"' | b'\r' | b'\n')
                });
                lines.after_cr &= end == at;
                self.add(&rest[at..end]);
                if self.raw.len() > CELL_MAX {
                    *state = State::Plain;
                    return end;
                }
                match rest.as_bytes().get(end) {
                    Some(b'"') => {
                        self.raw.push('"');
                        lines.after_cr = false;
                        *state = State::DoubtfulClosed;
                        end + 1
                    }
                    Some(&line_end) => {
                        self.add(&rest[end..=end]);
                        lines.end(line_end);
                        end + 1
                    }
                    None => end,
                }
            }
            State::DoubtfulClosed if byte == b'"' => {
                self.raw.push('"');
                self.inner.push('"');
                *state = State::Doubtful;
                at + 1
            }
            _ if ends_cell => {
                *state = State::Closed;
                at
            }
            _ if matches!(byte, b' ' | b'\t') => {
                self.raw.push(char::from(byte));
                *state = State::DoubtfulBlank;
                at + 1
            }
            _ => {
                *state = State::Plain;
                at
            }
        }
    }

    /// Adds the content of the quotes.
    fn add(&mut self, text: &str) {
        self.raw.push_str(text);
        self.inner.push_str(text);
    }

    /// The cell was not in quotes: it stays unchanged. If it contains a delimiter or a line end, its end is unclear.
    fn give_up(&self, opened: u64, delimiter: u8, record: &mut Record) {
        let is_end = |byte: &u8| [delimiter, b'\r', b'\n'].contains(byte);
        if self.raw.bytes().any(|byte| is_end(&byte)) {
            record.mark(opened, FlawKind::QuoteBehindBlank);
        }
        record.push(&self.raw);
    }
}

/// Reads inside quotes from `at` to after the next quote or line end; returns that position.
fn quoted(
    rest: &str,
    at: usize,
    record: &mut Record,
    lines: &mut Lines,
    state: &mut State,
) -> usize {
    let bytes = rest.as_bytes();
    let end = position(bytes, at, |byte| matches!(byte, b'"' | b'\r' | b'\n'));
    lines.after_cr &= end == at;
    match bytes.get(end) {
        Some(b'"') => {
            record.push(&rest[at..end]);
            lines.after_cr = false;
            *state = State::Closed;
        }
        Some(&line_end) => {
            record.push(&rest[at..=end]);
            lines.end(line_end);
        }
        None => {
            record.push(&rest[at..]);
            return end;
        }
    }
    end + 1
}

fn text_after_quote(opened: u64, met: u64) -> FlawKind {
    if opened == met {
        FlawKind::TextAfterQuote
    } else {
        FlawKind::QuoteRunsOn { met }
    }
}

/// The position of the next such byte, or the end.
fn position(bytes: &[u8], from: usize, found: impl Fn(u8) -> bool) -> usize {
    bytes[from..]
        .iter()
        .position(|&byte| found(byte))
        .map_or(bytes.len(), |distance| from + distance)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    type Cells = Vec<String>;

    /// Line, cells and flaws of each record, read in blocks of this size.
    fn records(text: &str, block: u64) -> Vec<(u64, Cells, Vec<FlawKind>)> {
        let bytes = Box::new(Cursor::new(text.as_bytes().to_vec()));
        let text = Text::open(bytes, block, Some("utf-8"));
        let text = text.expect("a known label").expect("text");
        let mut records = Delimited::new(text, b',', 1);
        let mut record = Record::default();
        let mut out = Vec::new();
        while records.read(&mut record).expect("text") {
            let cells = record.cells().map(str::to_owned).collect();
            let flaws = record.flaws().iter().map(|flaw| flaw.kind).collect();
            out.push((record.line, cells, flaws));
        }
        out
    }

    fn lines(text: &str) -> Vec<u64> {
        records(text, 8).iter().map(|record| record.0).collect()
    }

    #[test]
    fn a_record_knows_its_line_with_any_line_ends() {
        assert_eq!(lines("a\nb\r\nc\rd"), [1, 2, 3, 4]);
        assert_eq!(lines("a\n\r\n\r\rb"), [1, 2, 3, 4, 5], "empty lines count");
        assert_eq!(lines("\"a\r\nb\rc\n\"\nd"), [1, 5]);
        assert_eq!(lines("\"a\r\"\n\nb"), [1, 3, 4]);
        assert_eq!(lines(""), [0; 0]);
    }

    #[test]
    fn cells_are_kept_byte_for_byte() {
        let cells = |text: &str| records(text, 8).remove(0).1;
        assert_eq!(
            cells("a, b ,\"c\r\nd\re\",\"\"\"\",x\"y\"z"),
            ["a", " b ", "c\r\nd\re", "\"", "x\"y\"z"]
        );
        assert_eq!(cells("a,\r\n"), ["a", ""]);
        assert_eq!(cells("\"a\" ,\"b\"\t"), ["a ", "b\t"]);
    }

    #[test]
    fn faulty_quotes_are_marked() {
        let flaws = |text: &str| records(text, 8).remove(0).2;
        assert_eq!(flaws("\"abc\"def,x"), [FlawKind::TextAfterQuote]);
        assert_eq!(flaws("\"a\" \"b\""), [FlawKind::TextAfterQuote]);
        assert_eq!(flaws("x,\"a\n\"y\""), [FlawKind::QuoteRunsOn { met: 2 }]);
        assert_eq!(flaws("x,\"a\ny\nz\n"), [FlawKind::QuoteNeverClosed]);
        assert_eq!(flaws("x,\""), [FlawKind::QuoteNeverClosed]);
        assert_eq!(flaws("x \"y\",z \"z\""), []);
    }

    #[test]
    fn a_quote_after_blanks_opens_a_cell_if_it_also_ends_it() {
        let cells = |text: &str| records(text, 3).remove(0).1;
        assert_eq!(cells("a, \"b\", \"c, d\" ,e"), ["a", "b", "c, d", "e"]);
        assert_eq!(cells("a, \"b \"\"x\"\" c\"\n"), ["a", "b \"x\" c"]);
        assert_eq!(
            cells("a, \"Hello\" she said,b"),
            ["a", " \"Hello\" she said", "b"]
        );
        assert_eq!(cells("a, \"b"), ["a", " \"b"]);
        assert_eq!(cells("a, \"b\nc\" ,d\ne"), ["a", "b\nc", "d"]);
        assert_eq!(cells("a,  \"\",b"), ["a", "", "b"]);
        let flaws = |text: &str| records(text, 3).remove(0).2;
        assert_eq!(flaws("a, \"b, c\nd"), [FlawKind::QuoteBehindBlank]);
        assert_eq!(flaws("a, \"b\nc"), [FlawKind::QuoteBehindBlank]);
        let after: Vec<u64> = records("a, \"b\r\nc\"\r\nd\n", 3)
            .iter()
            .map(|record| record.0)
            .collect();
        assert_eq!(after, [1, 3]);
        assert_eq!(flaws("a, \"b, c\" d,e"), [FlawKind::QuoteBehindBlank]);
        assert_eq!(flaws("a, \"b\" d,e"), []);
    }

    #[test]
    fn text_beyond_the_limits_is_left_out_and_marked() {
        let long = format!("a,{},b\nc", "x".repeat(super::super::CELL_MAX + 1));
        let found = records(&long, 64 * 1024);
        assert_eq!(found[0].2, [FlawKind::CellTooLong]);
        assert!(found[0].1[1].len() <= super::super::CELL_MAX);
        assert_eq!((found[1].0, &found[1].1), (2, &vec!["c".to_owned()]));
        let wide = records(&",".repeat(20_000), 64 * 1024);
        assert_eq!(
            (wide[0].1.len(), &wide[0].2[..]),
            (super::super::COLUMNS_MAX, &[FlawKind::RowTooLong][..])
        );
    }

    proptest! {
        #![proptest_config(property_config!())]
        /// Records without a fault are equal to those of the csv crate, wherever the blocks end.
        #[test]
        fn we_agree_with_the_csv_crate(text in "([a\u{e9}, ]|[\",\r\n]|\r\n|\"\"|\",\"){0,40}", block in 1..30_u64) {
            let ours = records(&text, block);
            prop_assert_eq!(&ours, &records(&text, 4096));
            if ours.iter().all(|(_, _, flaws)| flaws.is_empty()) && !text.contains(" \"") {
                let empty = |cells: &Cells| cells.len() == 1 && cells[0].is_empty();
                let ours: Vec<Cells> = ours.into_iter().map(|(_, cells, _)| cells).filter(|cells| !empty(cells)).collect();
                let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(text.as_bytes());
                let theirs = reader.records().map(|record| record.expect("UTF-8").iter().map(str::to_owned).collect());
                let theirs: Vec<Cells> = theirs.filter(|cells| !empty(cells)).collect();
                prop_assert_eq!(ours, theirs);
            }
        }
    }
}
