//! A text that is given on the command line, or in a file behind an `@`.

use super::refused::{FileFault, Refused};

/// The text of a template or a prompt: as given, or what the file behind the `@` holds.
pub(super) fn text_or_file(
    what: &'static str,
    given: Option<&str>,
) -> Result<Option<String>, Refused> {
    let Some(file) = given.and_then(|given| given.strip_prefix('@')) else {
        return Ok(given.map(str::to_owned));
    };
    std::fs::read_to_string(file).map(Some).map_err(|err| {
        let file = file.to_owned();
        Refused::File(FileFault::TextFile { what, file, err })
    })
}
