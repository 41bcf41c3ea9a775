//! From a file to rows: what is read from a sheet, what is refused, and what is guessed about it.

mod cases;
mod delimited;
mod guesses;
mod old_workbook_cells;
mod opened;
mod refusals;
mod workbook_cells;
mod workbooks;
