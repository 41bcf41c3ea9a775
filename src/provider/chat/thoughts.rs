//! Separates thoughts that a model writes into its text from the story, while the text arrives.
//!
//! Two forms are known. In the first, the text begins with `<think>…</think>` (or another pair of [`TAGS`], nested or
//! several). In the second, only the closing tag comes, alone on its line, and the text before it was thought. White space
//! between thoughts and story is removed with the thoughts. A tag anywhere else is a part of the story: `She wrote <think>
//! on the wall.`

/// The opening and closing tags in use, in lower case.
const TAGS: [(&str, &str); 7] = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<reasoning>", "</reasoning>"),
    ("<thought>", "</thought>"),
    ("[think]", "[/think]"),
    ("<seed:think>", "</seed:think>"),
    ("◁think▷", "◁/think▷"),
];

/// The longest tag, in bytes.
const TAG_BYTES_MAX: usize = 13;

/// The most bytes after an inner closing tag that are held back; they are the story if no other closing tag comes.
const HELD_BYTES_MAX: usize = 64 << 10;

/// The kind of a part of the text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A part of the story.
    Story(String),
    /// A thought.
    Thought(String),
    /// All of the story so far was a thought.
    AllWasThought,
}

/// Separates thoughts from the story.
#[derive(Default)]
pub(super) struct Splitter {
    state: State,
    /// Text that is still undecided, because a tag may have begun in it.
    held: String,
    /// The held text follows a closing tag that did not close all tags before it.
    is_behind_closing: bool,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Only white space has come: a tag would begin thoughts.
    #[default]
    Start,
    /// The same, after thoughts: the white space belongs to them.
    AfterThoughts,
    /// Between the tags of the pair with this number in [`TAGS`], at this depth.
    Inside { pair: usize, depth: u32 },
    /// In the story, at the beginning of a line or within a line.
    Story { at_line_start: bool },
}

impl Splitter {
    /// Adds the next part of the text; the parts whose kind is now known are added to `found`, in order.
    pub(super) fn push(&mut self, text: String, found: &mut Vec<Kind>) {
        if self.state
            == (State::Story {
                at_line_start: false,
            })
            && self.held.is_empty()
            && !text.contains('\n')
        {
            // The common case: the middle of a line.
            found.push(Kind::Story(text));
            return;
        }
        self.held.push_str(&text);
        while self.step(found, false) {}
    }

    /// The text has ended: the held text is decided. Returns whether thoughts are still open.
    pub(super) fn finish(&mut self, found: &mut Vec<Kind>) -> bool {
        if self.is_behind_closing && !self.held.trim().is_empty() {
            // A tag that the thoughts only mention is never closed: the one that was closed counts.
            self.state = State::AfterThoughts;
        }
        while self.step(found, true) {}
        matches!(self.state, State::Inside { .. })
    }

    /// Decides about the first part of the held text. Returns whether it could.
    fn step(&mut self, found: &mut Vec<Kind>, at_end: bool) -> bool {
        if self.held.is_empty() {
            return false;
        }
        match self.state {
            State::Start => self.start(found, at_end),
            State::AfterThoughts => {
                self.take(blanks(&self.held));
                !self.held.is_empty() && self.start(found, at_end)
            }
            State::Inside { pair, depth } => self.inside(pair, depth, found, at_end),
            State::Story { at_line_start } => self.story(at_line_start, found, at_end),
        }
    }

    /// Before the story: white space, and perhaps an opening tag.
    fn start(&mut self, found: &mut Vec<Kind>, at_end: bool) -> bool {
        let blanks = blanks(&self.held);
        let begin = self.held[blanks..].to_owned();
        for (pair, (opening, _)) in TAGS.iter().enumerate() {
            if starts_with(&begin, opening) {
                let tag = self.take(blanks + opening.len());
                found.push(Kind::Thought(tag));
                self.state = State::Inside { pair, depth: 1 };
                return true;
            }
        }
        let may_open = begin.is_empty() || TAGS.iter().any(|(tag, _)| is_prefix(&begin, tag));
        if may_open && !at_end {
            return false;
        }
        self.state = State::Story {
            at_line_start: true,
        };
        true
    }

    /// Between tags: up to the one that closes the first tag.
    fn inside(&mut self, pair: usize, depth: u32, found: &mut Vec<Kind>, at_end: bool) -> bool {
        let (opening, closing) = TAGS[pair];
        let lower = self.held.to_ascii_lowercase();
        let (open, close) = (lower.find(opening), lower.find(closing));
        let (at, tag, depth) = match (open, close) {
            (Some(open), close) if close.is_none_or(|close| open < close) => {
                (open, opening, depth + 1)
            }
            (_, Some(close)) => (close, closing, depth - 1),
            (_, None) => return self.take_thought(found, at_end),
        };
        let thought = self.take(at + tag.len());
        found.push(Kind::Thought(thought));
        self.is_behind_closing = tag == closing && depth > 0;
        if depth > 0 {
            self.state = State::Inside { pair, depth };
            return true;
        }
        // Other thoughts may follow before the story does.
        self.state = State::AfterThoughts;
        true
    }

    /// Adds the held text as a thought, except an end that may be the beginning of a tag.
    fn take_thought(&mut self, found: &mut Vec<Kind>, at_end: bool) -> bool {
        if self.is_behind_closing && !at_end && self.held.len() < HELD_BYTES_MAX {
            return false;
        }
        self.is_behind_closing = false;
        let sure = if at_end {
            self.held.len()
        } else {
            let sure = self.held.len().saturating_sub(TAG_BYTES_MAX);
            self.held.floor_char_boundary(sure)
        };
        let thought = self.take(sure);
        if thought.is_empty() {
            return false;
        }
        found.push(Kind::Thought(thought));
        !at_end
    }

    /// In the story: a line that is only a closing tag makes everything before it a thought.
    fn story(&mut self, at_line_start: bool, found: &mut Vec<Kind>, at_end: bool) -> bool {
        let line_end = self.held.find('\n');
        if at_line_start {
            let line = self.held[..line_end.unwrap_or(self.held.len())].trim();
            let is_tag = TAGS
                .iter()
                .any(|(_, closing)| line.eq_ignore_ascii_case(closing));
            let is_whole = line_end.is_some() || at_end;
            if is_tag && is_whole {
                let tag = self.take(line_end.map_or(self.held.len(), |end| end + 1));
                found.extend([Kind::AllWasThought, Kind::Thought(tag)]);
                self.state = State::AfterThoughts;
                return true;
            }
            let may_be_tag = TAGS.iter().any(|(_, tag)| is_prefix(line, tag));
            if !is_whole && may_be_tag {
                return false;
            }
        }
        let story = self.take(line_end.map_or(self.held.len(), |end| end + 1));
        found.push(Kind::Story(story));
        self.state = State::Story {
            at_line_start: line_end.is_some(),
        };
        true
    }

    /// Removes so many bytes from the held text.
    fn take(&mut self, bytes: usize) -> String {
        let rest = self.held.split_off(bytes);
        std::mem::replace(&mut self.held, rest)
    }
}

/// The bytes of white space and of invisible marks at the beginning of `text`.
fn blanks(text: &str) -> usize {
    let is_blank = |c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}');
    text.len() - text.trim_start_matches(is_blank).len()
}

/// Whether `text` begins with `tag`, in any case.
fn starts_with(text: &str, tag: &str) -> bool {
    let begin = text.as_bytes().get(..tag.len());
    begin.is_some_and(|begin| begin.eq_ignore_ascii_case(tag.as_bytes()))
}

/// Whether `text` is the beginning of `tag`, in any case.
fn is_prefix(text: &str, tag: &str) -> bool {
    starts_with(tag, text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Story, thoughts, and whether they were left open, for a text in pieces of so many characters.
    fn split(text: &str, chars: usize) -> (String, String, bool) {
        let mut splitter = Splitter::default();
        let mut found = Vec::new();
        let all: Vec<char> = text.chars().collect();
        for piece in all.chunks(chars) {
            splitter.push(piece.iter().collect(), &mut found);
        }
        let open = splitter.finish(&mut found);
        let (mut story, mut thoughts) = (String::new(), String::new());
        for kind in found {
            match kind {
                Kind::Story(text) => story.push_str(&text),
                Kind::Thought(text) => thoughts.push_str(&text),
                Kind::AllWasThought => thoughts.push_str(&std::mem::take(&mut story)),
            }
        }
        (story, thoughts, open)
    }

    #[test]
    fn thoughts_are_removed_and_a_tag_in_the_story_stays() {
        for (text, story, open) in [
            ("She left.", "She left.", false),
            ("<think>\nHm.\n</think>\n\nShe left.", "She left.", false),
            ("  <Thinking>Hm.</THINKING> She left.", "She left.", false),
            (
                "<reasoning>Hm.</reasoning>\r\nShe left.",
                "She left.",
                false,
            ),
            ("[THINK]Hm.[/THINK]She left.", "She left.", false),
            (
                "<think>a<think>b</think>c</think>She left.",
                "She left.",
                false,
            ),
            (
                "<think>a</think>\n<think>b</think>\nShe left.",
                "She left.",
                false,
            ),
            (
                "A sailor, maybe.\n</think>\n\nShe left.",
                "She left.",
                false,
            ),
            ("</think>\n\nShe left.", "She left.", false),
            ("A plan.\n  </think>  \nShe left.\n", "She left.\n", false),
            ("\u{feff}<think>Hm.</think>She left.", "She left.", false),
            (
                "\u{200b}<seed:think>Hm.</seed:think>\nShe left.",
                "She left.",
                false,
            ),
            ("◁think▷Hm.◁/think▷She left.", "She left.", false),
            (
                "<think>The user wrote <think> on the wall. Hm.</think>\n\nShe left.",
                "She left.",
                false,
            ),
            ("<think>Hm.</think>", "", false),
            ("A plan.\n</think>", "", false),
            ("<think>Hm. She left.", "", true),
            (
                "She wrote <think> on the wall.",
                "She wrote <think> on the wall.",
                false,
            ),
            (
                "She wrote\n</think> on the wall.",
                "She wrote\n</think> on the wall.",
                false,
            ),
            ("<thin ice>\nShe left.", "<thin ice>\nShe left.", false),
            ("\n She left.", "\n She left.", false),
            ("<th", "<th", false),
            ("She left.\n</thi", "She left.\n</thi", false),
            ("", "", false),
        ] {
            for chars in [1, 2, 3, 5, 1_000] {
                let found = split(text, chars);
                assert_eq!(
                    (found.0.as_str(), found.2),
                    (story, open),
                    "{text:?} by {chars}"
                );
            }
        }
    }

    proptest! {
        #![proptest_config(property_config!())]
        #[test]
        fn nothing_is_lost_however_the_text_is_cut(
            parts in prop::collection::vec(prop::sample::select(vec![
                "<think>", "</think>", "[THINK]", "[/THINK]", "She left. ", "\n", " ", "é", "<th", "</",
            ]), 0..12),
            chars in 1_usize..9,
        ) {
            let text = parts.concat();
            let whole = split(&text, 1_000);
            prop_assert_eq!(&split(&text, chars), &whole);
            let (story, thoughts, _) = whole;
            let bare = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(bare(&(thoughts + &story)), bare(&text));
        }
    }
}
