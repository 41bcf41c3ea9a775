//! The cells of a grid in a form that tests compare.

use super::grid::Grid;
use crate::sheet::record::Record;
use crate::sheet::shown::Positions;

/// The rows with their lines; cells are separated by `|`. A formula without a result is `?`.
pub(super) fn rows(grid: Grid) -> Vec<(u64, String)> {
    let mut rows = grid.into_rows().unwrap_or_else(|_| panic!("within bounds"));
    let Positions::Letters { first } = rows.positions() else {
        panic!("columns of a workbook have letters");
    };
    let mut record = Record::default();
    let mut out = Vec::new();
    while rows.read(&mut record) {
        let cells = record.cells().enumerate().map(|(index, cell)| {
            if record.has_no_result(index) {
                "?"
            } else {
                cell
            }
        });
        let before = (0..first).map(|_| "");
        let cells: Vec<&str> = before.chain(cells).collect();
        out.push((record.line, cells.join("|")));
    }
    out
}

/// The same rows, written by hand.
pub(super) fn pairs(rows: &[(u64, &str)]) -> Vec<(u64, String)> {
    let rows = rows.iter();
    rows.map(|&(line, cells)| (line, cells.to_owned()))
        .collect()
}
