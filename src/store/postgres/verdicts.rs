//! What becomes of each row and each character of a compared sheet.
