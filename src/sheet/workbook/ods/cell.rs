//! One cell of an `OpenDocument` table, as it is shown.
//!
//! The paragraphs of the cell are used, so `007`, `50%` and `Level 3` stay as they are shown, and so does the text of a
//! failed formula, whatever value the program stored beside it. Only full dates and truth values get one form for all
//! languages.

use super::super::Trouble;
use super::super::grid::Value;
use super::super::xml::Tag;
use super::date;
use super::paragraphs::count;
use crate::sheet::number_format::plain;

/// The attributes of a cell.
#[derive(Debug, Default)]
pub(super) struct Head {
    /// The number of columns with this cell, at least 1.
    pub(super) columns: u32,
    /// The number of rows merged with it, at least 1.
    pub(super) rows_merged: u32,
    has_formula: bool,
    kind: Option<Kind>,
    /// The value, in the form of its kind.
    exact: Option<String>,
}

/// The kinds of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Boolean,
    Date,
    Number,
    Text,
    Time,
}

impl Head {
    /// Reads the start tag.
    ///
    /// # Errors
    ///
    /// [`Trouble::Broken`] if it is not well-formed.
    pub(super) fn of(tag: &Tag<'_>) -> Result<Self, Trouble> {
        let mut head = Self {
            columns: 1,
            rows_merged: 1,
            ..Self::default()
        };
        for attribute in tag.attributes() {
            let attribute = attribute?;
            match attribute.full_name() {
                "table:number-columns-repeated" => head.columns = count(&attribute.value()?),
                "table:number-rows-spanned" => head.rows_merged = count(&attribute.value()?),
                "table:formula" => head.has_formula = true,
                "office:value-type" => head.kind = Kind::of(&attribute.value()?),
                "office:value"
                | "office:boolean-value"
                | "office:date-value"
                | "office:string-value"
                | "office:time-value" => {
                    head.exact = Some(attribute.value()?.into_owned());
                }
                _ => {}
            }
        }
        Ok(head)
    }

    /// The text of the cell with the paragraphs `shown`, if it has any; `None` if the cell is empty.
    pub(super) fn value(self, shown: Option<String>) -> Option<Value> {
        // A formula that was calculated has a value, or an empty paragraph if the result is an empty text.
        let has_no_result = self.has_formula && self.exact.is_none() && shown.is_none();
        if has_no_result && self.kind != Some(Kind::Text) {
            return Some(Value::NoResult);
        }
        let (exact, shown) = (self.exact.unwrap_or_default(), shown.unwrap_or_default());
        let text = match self.kind {
            _ if exact.is_empty() => shown,
            Some(Kind::Boolean) if exact == "true" => "TRUE".to_owned(),
            Some(Kind::Boolean) if exact == "false" => "FALSE".to_owned(),
            Some(Kind::Date) => date::date(&exact, &shown),
            // Some libraries only repeat the value here, without a format: `41.0`.
            Some(Kind::Number) if shown.is_empty() || shown == exact => number(&exact),
            // Blanks at the ends only align the column.
            Some(Kind::Number) => shown.trim().to_owned(),
            // The value keeps white space that paragraphs lose.
            Some(Kind::Text) if shown.is_empty() || is_same_but_for_space(&exact, &shown) => exact,
            Some(Kind::Time) if shown.is_empty() => date::time(&exact),
            _ => shown,
        };
        (!text.is_empty()).then_some(Value::Text(text))
    }
}

impl Kind {
    fn of(name: &str) -> Option<Self> {
        match name {
            "boolean" => Some(Self::Boolean),
            "currency" | "float" | "percentage" => Some(Self::Number),
            "date" => Some(Self::Date),
            "string" => Some(Self::Text),
            "time" => Some(Self::Time),
            _ => None,
        }
    }
}

fn number(exact: &str) -> String {
    exact.parse().map_or_else(|_| exact.to_owned(), plain)
}

fn is_same_but_for_space(a: &str, b: &str) -> bool {
    a == b || a.split_whitespace().eq(b.split_whitespace())
}

#[cfg(test)]
mod tests {
    use super::super::super::xml::{Piece, Xml};
    use super::super::paragraphs;
    use super::*;

    /// The text of a cell with these attributes and this content.
    fn cell(attributes: &str, content: &str) -> Option<Value> {
        let text = format!("<table:table-cell {attributes}>{content}</table:table-cell>");
        let mut xml = Xml::new(text.as_bytes(), 10_000);
        let Ok(Piece::Start(tag)) = xml.next() else {
            panic!("a cell")
        };
        let head = Head::of(&tag).unwrap_or_else(|_| panic!("{attributes}"));
        let shown = paragraphs::read(&mut xml, 1000).unwrap_or_else(|_| panic!("{content}"));
        assert!(matches!(xml.next(), Ok(Piece::Nothing)));
        head.value(shown)
    }

    #[test]
    fn numbers_are_as_they_are_shown_and_truth_values_and_dates_the_same_in_all_languages() {
        let of =
            |kind: &str, attribute: &str| format!("office:value-type='{kind}' office:{attribute}");
        for (attributes, shown, text) in [
            (of("float", "value='7'"), "007", "007"),
            (of("percentage", "value='0.5'"), "50%", "50%"),
            (
                of("currency", "value='1200'"),
                "<text:s/>$1,200<text:s/>",
                "$1,200",
            ),
            (of("float", "value='0'"), "#REF!", "#REF!"),
            (of("float", "value='41.0'"), "41.0", "41"),
            (of("float", "value='0.30000000000000004'"), "", "0.3"),
            (of("float", "value='many'"), "", "many"),
            (of("boolean", "boolean-value='true'"), "WAHR", "TRUE"),
            (of("boolean", "boolean-value='false'"), "", "FALSE"),
            (of("boolean", "value='1'"), "VRAI", "VRAI"),
            (
                of("date", "date-value='1985-03-01'"),
                "03/01/85",
                "1985-03-01",
            ),
            (of("date", "date-value='1985-05-15'"), "15-May", "15-May"),
            (of("time", "time-value='PT14H30M00S'"), "", "14:30"),
            (of("string", "string-value='a  b'"), "a b", "a  b"),
            (of("string", "string-value='7'"), "agent 7", "agent 7"),
            (of("string", "string-value='a'"), "", "a"),
            (
                of("float", "value='0' calcext:value-type='string'"),
                "007",
                "007",
            ),
            (of("string", "string-value=''"), "#REF!", "#REF!"),
            (of("string", "string-value=''"), "<text:s/>", " "),
        ] {
            let value = Some(Value::Text(text.to_owned()));
            let content = format!("<text:p>{shown}</text:p>");
            assert_eq!(cell(&attributes, &content), value, "{attributes}");
        }
    }

    #[test]
    fn a_formula_without_value_and_text_has_no_result() {
        let formula = "table:formula='of:=[.A1]'";
        assert_eq!(cell(formula, ""), Some(Value::NoResult));
        let number = format!("{formula} office:value-type='float'");
        assert_eq!(cell(&number, ""), Some(Value::NoResult));
        assert_eq!(cell("", ""), None);
    }

    #[test]
    fn the_result_of_a_formula_may_be_an_empty_text() {
        let formula = "table:formula='of:=[.A1]'";
        // As LibreOffice writes it, and as Excel does.
        assert_eq!(cell(formula, "<text:p/>"), None);
        let text = format!("{formula} office:value-type='string'");
        assert_eq!(cell(&text, ""), None);
        let text = format!("{text} office:string-value=''");
        assert_eq!(cell(&text, ""), None);
    }
}
