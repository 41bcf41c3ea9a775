//! Rows in the text form that COPY reads: a line for each, with tabs between its values.

use std::fmt::{Display, Write};

/// Appends a number, or nothing.
pub(super) fn push_number(out: &mut String, number: Option<impl Display>) {
    match number {
        // Writing to a text cannot fail.
        Some(number) => drop(write!(out, "{number}")),
        None => out.push_str("\\N"),
    }
    out.push('\t');
}

/// Appends a text, or nothing. What would end the value or the row is escaped.
pub(super) fn push_text(out: &mut String, text: Option<&str>) {
    let mut rest = text.unwrap_or_default();
    if text.is_none() {
        out.push_str("\\N");
    }
    while let Some(at) = rest.find(['\\', '\t', '\n', '\r']) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'\t' => "\\t",
            b'\n' => "\\n",
            b'\r' => "\\r",
            _ => "\\\\",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out.push('\t');
}

/// Appends bytes, in hexadecimal digits.
pub(super) fn push_bytes(out: &mut String, bytes: &[u8]) {
    out.push_str("\\\\x");
    for byte in bytes {
        out.push(digit(byte >> 4));
        out.push(digit(byte & 0xF));
    }
    out.push('\t');
}

/// Ends a row.
pub(super) fn end_row(out: &mut String) {
    out.pop();
    out.push('\n');
}

fn digit(value: u8) -> char {
    char::from_digit(u32::from(value), 16).unwrap_or('0')
}
