//! The part with the styles of the cells, of which only the number formats are read.

use std::io::BufRead;

use super::super::Trouble;
use super::super::budget::Budget;
use super::super::styles::Styles;
use super::super::xml::{Piece, Tag, Xml};

/// Reads the part with the styles.
///
/// # Errors
///
/// [`Trouble`].
pub(in super::super) fn read_styles<R: BufRead>(
    mut xml: Xml<R>,
    budget: &mut Budget,
) -> Result<Styles, Trouble> {
    let mut styles = Styles::default();
    let mut is_in_cells = false;
    loop {
        match xml.next()? {
            Piece::Start(tag) => match tag.name() {
                "numFmt" => {
                    let code = tag.attribute("formatCode")?;
                    if let Some((id, code)) = format_id(&tag)?.zip(code) {
                        styles.push_code(id, code);
                    }
                }
                "cellXfs" => is_in_cells = true,
                "xf" if is_in_cells => {
                    styles.push_style(format_id(&tag)?.unwrap_or_default(), budget)?;
                }
                _ => {}
            },
            Piece::End(tag) if tag.name() == "cellXfs" => is_in_cells = false,
            Piece::Nothing => return Ok(styles),
            _ => {}
        }
    }
}

fn format_id(tag: &Tag) -> Result<Option<u32>, Trouble> {
    let value = tag.attribute("numFmtId")?;
    Ok(value.and_then(|value| value.trim().parse().ok()))
}
