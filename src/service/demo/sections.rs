//! Reads the format of the data files: sections with a name and lines.
//!
//! Every error names its file and line. The purpose of a section is not known here: see [`super::data`]. `paragraphs.txt`
//! explains the format at its beginning.

use std::collections::VecDeque;

/// Why a data file cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    /// An entry above the first section.
    #[error("{file}, line {line}: an entry stands above the first section")]
    NoSection { file: &'static str, line: usize },
    /// A section without entries.
    #[error("{file}, line {line}: section `{name}` has no entries")]
    Empty {
        file: &'static str,
        line: usize,
        name: &'static str,
    },
    /// A section that the program looks for and the file does not have.
    #[error("{file} has no section `{name}`")]
    Missing { file: &'static str, name: String },
    /// A section that no code reads: its name is wrong, or the file has it twice.
    #[error("{file}, line {line}: nothing reads section `{name}`, or it stands here twice")]
    Unread {
        file: &'static str,
        line: usize,
        name: &'static str,
    },
    /// An entry that its section cannot have.
    #[error("{file}, line {line}: section `{name}` must have {wanted}")]
    Entries {
        file: &'static str,
        line: usize,
        name: &'static str,
        wanted: &'static str,
    },
}

/// A name and the entries after it; there is at least one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Section {
    file: &'static str,
    /// The line of the name, from 1.
    line: usize,
    /// The name between the brackets.
    pub(super) name: &'static str,
    /// The entries, one per line, without outer white space.
    pub(super) entries: Vec<&'static str>,
}

impl Section {
    /// The error that this section does not have `wanted`.
    pub(super) fn must_have(&self, wanted: &'static str) -> Malformed {
        Malformed::Entries {
            file: self.file,
            line: self.line,
            name: self.name,
            wanted,
        }
    }
}

/// The sections of one file that were not taken yet, in order.
#[derive(Debug)]
pub(super) struct Sections {
    file: &'static str,
    left: VecDeque<Section>,
}

impl Sections {
    /// The sections of `text`, the content of `file`.
    ///
    /// # Errors
    ///
    /// [`Malformed::NoSection`] and [`Malformed::Empty`].
    pub(super) fn of(file: &'static str, text: &'static str) -> Result<Self, Malformed> {
        let mut left = VecDeque::new();
        for (line, entry) in (1..).zip(text.lines().map(str::trim_ascii)) {
            let name = entry
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'));
            if let Some(name) = name {
                left.push_back(Section {
                    file,
                    line,
                    name,
                    entries: Vec::new(),
                });
            } else if !entry.is_empty() && !entry.starts_with('#') {
                let section: Option<&mut Section> = left.back_mut();
                let section = section.ok_or(Malformed::NoSection { file, line })?;
                section.entries.push(entry);
            }
        }
        match left.iter().find(|section| section.entries.is_empty()) {
            Some(&Section { line, name, .. }) => Err(Malformed::Empty { file, line, name }),
            None => Ok(Self { file, left }),
        }
    }

    /// The next section, whatever its name.
    pub(super) fn next(&mut self) -> Option<Section> {
        self.left.pop_front()
    }

    /// The first section with this name.
    ///
    /// # Errors
    ///
    /// [`Malformed::Missing`].
    pub(super) fn take(&mut self, name: &str) -> Result<Section, Malformed> {
        self.left
            .iter()
            .position(|section| section.name == name)
            .and_then(|place| self.left.remove(place))
            .ok_or_else(|| Malformed::Missing {
                file: self.file,
                name: name.to_owned(),
            })
    }

    /// Finishes reading.
    ///
    /// # Errors
    ///
    /// [`Malformed::Unread`] if a section was not taken.
    pub(super) fn end(self) -> Result<(), Malformed> {
        match self.left.front() {
            Some(&Section {
                file, line, name, ..
            }) => Err(Malformed::Unread { file, line, name }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_has_the_lines_below_its_name() {
        let text = "# remark\n\n[one]\n  a b  \n# remark\n\n[c]d\r\n[two words]\r\ne\r\n";
        let mut sections = Sections::of("x.txt", text).expect("well formed");
        assert_eq!(sections.take("two words").expect("there").entries, ["e"]);
        let one = sections.next().expect("one is left");
        assert_eq!((one.name, one.line), ("one", 3));
        assert_eq!(one.entries, ["a b", "[c]d"]);
        assert_eq!(sections.end(), Ok(()));
    }

    #[test]
    fn every_error_has_its_file_and_line() {
        let table = [
            (
                "a\n[b]\nc",
                "x.txt, line 1: an entry stands above the first section",
            ),
            ("[b]\n[c]\nd", "x.txt, line 1: section `b` has no entries"),
            ("[b]\na", "x.txt has no section `wanted`"),
            (
                "[wanted]\na\n[b]\nc",
                "x.txt, line 3: nothing reads section `b`, or it stands here twice",
            ),
            (
                "[wanted]\na\n[wanted]\nc",
                "x.txt, line 3: nothing reads section `wanted`, or it stands here twice",
            ),
        ];
        for (text, fault) in table {
            let read = Sections::of("x.txt", text).and_then(|mut sections| {
                sections.take("wanted")?;
                sections.end()
            });
            assert_eq!(read.map_err(|fault| fault.to_string()), Err(fault.into()));
        }
    }
}
