//! What is a guess about a sheet, and needs an answer before anything is sent because of it.

use crate::sheet::{Describe, Guessed, Sheet, Source};

/// What neither the user nor a usual header has decided.
#[derive(Debug, Clone)]
pub struct Guess {
    /// Which things are a guess.
    pub guessed: Guessed,
    /// The sheet.
    pub source: Source,
    /// The columns of the name.
    pub name_from: Vec<String>,
    /// The columns of the description.
    pub description_from: Vec<String>,
    /// The description is made of columns, with their headers in front.
    pub is_made: bool,
}

impl Guess {
    /// What is a guess about the sheet; `None` where nothing is.
    #[must_use]
    pub fn of(sheet: &Sheet) -> Option<Self> {
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        sheet.guessed().any().then(|| Self {
            guessed: sheet.guessed(),
            source: sheet.source().clone(),
            name_from: owned(sheet.name_from()),
            description_from: owned(sheet.description_from()),
            is_made: matches!(sheet.describe(), Describe::Template { .. }),
        })
    }
}
