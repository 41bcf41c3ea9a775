//! What may be done with a terminal: drawing a line again, and colours. Both only where somebody sees them.

use std::io::{IsTerminal, stderr, stdin};
use std::path::Path;

/// Whether `stream` is a terminal that can draw a line again.
pub(in crate::cli) fn can_redraw(stream: &impl IsTerminal) -> bool {
    let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    stream.is_terminal() && !dumb
}

/// Whether colours are welcome: `NO_COLOR` says no.
pub(in crate::cli) fn may_colour() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// How many columns the terminal has on which standard error is shown, if it is one.
pub(in crate::cli) fn columns() -> Option<u16> {
    let size = rustix::termios::tcgetwinsize(stderr()).ok()?;
    Some(size.ws_col).filter(|columns| *columns > 0)
}

/// Whether a person can be asked about the sheet at this path: at a terminal, and the sheet does not come from there.
pub(in crate::cli) fn can_ask(sheet: &Path) -> bool {
    sheet != Path::new("-") && stdin().is_terminal() && stderr().is_terminal()
}
