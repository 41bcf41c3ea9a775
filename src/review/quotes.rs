//! Which parts of a text are in quotation marks, found while its letters are read in order.
//!
//! It knows double marks of all usual kinds, single marks where they cannot be apostrophes, and dialogue that a dash begins. A
//! mark that is never closed ends with its paragraph, so one mistake does not turn the rest of a text round.

/// Reads a text letter by letter.
pub(super) struct Quotes<'a> {
    text: &'a str,
    open: Option<Mark>,
    before: char,
}

/// The kind of mark that opened a quotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Straight,
    Curly,
    Guillemet,
    Corner,
    Single,
    /// A dash at the beginning of a line: the rest of the line is spoken.
    Dash,
}

impl<'a> Quotes<'a> {
    /// The beginning of `text`.
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            open: None,
            before: '\n',
        }
    }

    /// The next letter, `c`, begins at byte `at`. Returns whether it is in quotation marks.
    pub(super) fn step(&mut self, at: usize, c: char) -> bool {
        let before = std::mem::replace(&mut self.before, c);
        if c.is_ascii_alphabetic() {
            return self.open.is_some();
        }
        let next = || self.text[at + c.len_utf8()..].chars().next();
        self.open = match (self.open, c) {
            (open, '\n') => {
                let ends = open == Some(Mark::Dash) || next() == Some('\n');
                open.filter(|_| !ends)
            }
            (None, '"') => Some(Mark::Straight),
            (None, '“' | '„' | '‟' | '”') => Some(Mark::Curly),
            (None, '«' | '»') => Some(Mark::Guillemet),
            (None, '「' | '『') => Some(Mark::Corner),
            (None, '—' | '–') if before == '\n' => Some(Mark::Dash),
            (None, '\'' | '‘' | '‚') => {
                // An apostrophe stands within a word, or before a word whose beginning is left out: 'tis.
                let opens = before.is_whitespace() && next().is_some_and(char::is_uppercase);
                opens.then_some(Mark::Single)
            }
            (Some(Mark::Straight), '"')
            | (Some(Mark::Curly), '”' | '“')
            | (Some(Mark::Guillemet), '«' | '»')
            | (Some(Mark::Corner), '」' | '』') => None,
            (Some(Mark::Single), '\'' | '’') => {
                let closes = ".,!?…—-".contains(before)
                    || next()
                        .is_none_or(|next| !next.is_alphanumeric() && !before.is_alphanumeric());
                self.open.filter(|_| !closes)
            }
            (open, _) => open,
        };
        self.open.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spoken_is_told_from_what_is_narrated() {
        for (text, spoken) in [
            ("She said \"no way\" and left", "no way"),
            ("Sie sagte: „Niemals“ und ging", "Niemals"),
            ("« Jamais », dit-elle", " Jamais "),
            ("彼は「行く」と言った", "行く"),
            ("'Don't go,' he said. It wasn't 'tis", "Don't go,"),
            ("— No iré\nSalió", " No iré"),
            ("\"He never\n\nclosed it", "He never"),
            ("the sailors' rope", ""),
        ] {
            let mut quotes = Quotes::new(text);
            let mut found = String::new();
            for (at, c) in text.char_indices() {
                if quotes.step(at, c)
                    && !"\"„“”«»「」—".contains(c)
                    && !(c == '\'' && found.is_empty())
                {
                    found.push(c);
                }
            }
            assert_eq!(found, spoken, "{text}");
        }
    }
}
