//! What the terminal can do: redraw a line, show colours, answer questions.

use std::io::{IsTerminal, stderr, stdin};
use std::path::Path;

/// Whether `stream` is a terminal that can redraw a line.
pub(in crate::cli) fn can_redraw(stream: &impl IsTerminal) -> bool {
    let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    stream.is_terminal() && !dumb
}

/// Whether colours are allowed: `NO_COLOR` is not set.
pub(in crate::cli) fn may_colour() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// The width of the terminal of standard error, in columns; `None` if it is not a terminal.
pub(in crate::cli) fn columns() -> Option<u16> {
    let size = rustix::termios::tcgetwinsize(stderr()).ok()?;
    Some(size.ws_col).filter(|columns| *columns > 0)
}

/// Whether the user can answer a question about this sheet: at a terminal, and standard input is not the sheet.
pub(in crate::cli) fn can_ask(sheet: &Path) -> bool {
    sheet != Path::new("-") && stdin().is_terminal() && stderr().is_terminal()
}
