//! Matches the rows of a sheet to the characters of its cast, pass by pass.
