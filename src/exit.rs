//! Exit codes, and the message of a failure: what, where and why in one line, then a hint what to do.

use std::fmt;

/// How the program ended, for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// The command did everything that it should.
    Done,
    /// Finished, but characters of the cast have failed.
    SomeFailed,
    /// The command or its input is wrong; nothing was sent.
    Usage,
    /// Stopped: the provider, the database or an output cannot be used; the rest is still pending.
    Stopped,
    /// Stopped at a limit that the user set; the rest is still pending.
    Limit,
    /// Stopped by the signal with this number; everything finished is stored.
    Signal(u8),
}

impl Exit {
    /// The exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::SomeFailed => 1,
            Self::Usage => 2,
            Self::Stopped => 3,
            Self::Limit => 4,
            Self::Signal(number) => 128 + number,
        }
    }
}

/// The message of a command that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// How the program ends.
    pub exit: Exit,
    /// What, where and why.
    pub words: String,
    /// What to do now.
    pub hint: Option<String>,
}

impl Failure {
    /// A failure because the command or its input is wrong.
    #[must_use]
    pub fn usage(words: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            exit: Exit::Usage,
            words: words.into(),
            hint: Some(hint.into()),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.words)?;
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_that_scripts_rely_on() {
        let all = [
            Exit::Done,
            Exit::SomeFailed,
            Exit::Usage,
            Exit::Stopped,
            Exit::Limit,
            Exit::Signal(1),
            Exit::Signal(2),
            Exit::Signal(15),
        ];
        assert_eq!(all.map(Exit::code), [0, 1, 2, 3, 4, 129, 130, 143]);
    }
}
