//! Stores a compared sheet.
