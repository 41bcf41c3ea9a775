//! The templates of the page, and how they are put together.
//!
//! Every text is escaped when it enters a template, and invisible or reversing characters are shown as escapes. This happens
//! here, once for all templates, so that it cannot be forgotten. Only the result of a template enters another one unchanged.

use super::address::with_query;
use super::error::ViewError;
use crate::domain::shown::shown_lines;
use minijinja::{AutoEscape, Environment, Value, context, escape_formatter};

/// The names of the templates, and their texts.
const PARTS: [(&str, &str); 9] = [
    ("layout", include_str!("page/layout.html")),
    ("browse", include_str!("page/browse.html")),
    ("filters", include_str!("page/filters.html")),
    ("story", include_str!("page/story.html")),
    ("takes", include_str!("page/takes.html")),
    ("beside", include_str!("page/beside.html")),
    ("run", include_str!("page/run.html")),
    ("strip", include_str!("page/strip.html")),
    ("error", include_str!("page/error.html")),
];

/// What every page has besides its own part.
#[derive(Default)]
pub(super) struct Frame<'a> {
    /// The title.
    pub(super) title: &'a str,
    /// The kind of page: `cast`, `character`, `run`, or empty.
    pub(super) here: &'static str,
    /// The name of its cast, or of all.
    pub(super) heading: &'a str,
    /// The cast for addresses: empty if there is only one, or if all are meant.
    pub(super) link: &'a str,
    /// The address of the events; empty if the page follows none.
    pub(super) events: String,
    /// The state of the run.
    pub(super) strip: Value,
    /// The side column.
    pub(super) side: Value,
    /// Whether the page is loaded again when the database can be read again.
    pub(super) again: bool,
}

/// All templates.
pub(super) struct Pages {
    parts: Environment<'static>,
}

impl Pages {
    /// # Panics
    ///
    /// Never: the templates are part of the program.
    pub(super) fn new() -> Self {
        let mut parts = Environment::new();
        parts.set_auto_escape_callback(|_| AutoEscape::Html);
        parts.set_formatter(|out, state, value| match value.as_str() {
            Some(text) if !value.is_safe() => {
                escape_formatter(out, state, &Value::from(shown_lines(text).as_ref()))
            }
            _ => escape_formatter(out, state, value),
        });
        parts.add_filter("time", |time: &str| {
            Value::from_safe_string(time_element(time))
        });
        for (name, text) in PARTS {
            parts
                .add_template(name, text)
                .expect("the parts are well-formed");
        }
        Self { parts }
    }

    /// A template, filled in.
    ///
    /// # Errors
    ///
    /// [`ViewError::Page`] if the values do not fit.
    pub(super) fn part(&self, name: &str, values: Value) -> Result<String, ViewError> {
        Ok(self.parts.get_template(name)?.render(values)?)
    }

    /// A template, filled in, that enters another one unchanged.
    ///
    /// # Errors
    ///
    /// [`ViewError::Page`] if the values do not fit.
    pub(super) fn piece(&self, name: &str, values: Value) -> Result<Value, ViewError> {
        self.part(name, values).map(Value::from_safe_string)
    }

    /// A complete page around its own part.
    ///
    /// # Errors
    ///
    /// [`ViewError::Page`] if the values do not fit.
    pub(super) fn whole(&self, frame: Frame<'_>, body: Value) -> Result<String, ViewError> {
        let run = with_query("/run", &[("cast", frame.link)]);
        let home = with_query("/", &[("cast", frame.link)]);
        let values = context! {
            title => frame.title,
            here => frame.here,
            heading => frame.heading,
            events => frame.events,
            strip => frame.strip,
            side => frame.side,
            again => frame.again,
            run,
            home,
            body,
        };
        self.part("layout", values)
    }
}

/// A number as people write it: `98,969`.
pub(super) fn number(count: impl TryInto<u64>) -> String {
    let digits = count.try_into().unwrap_or(u64::MAX).to_string();
    let mut written = String::with_capacity(digits.len() + digits.len() / 3);
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && (digits.len() - nth).is_multiple_of(3) {
            written.push(',');
        }
        written.push(digit);
    }
    written
}

/// A number of things: `1 story`, `2,300 words`.
pub(super) fn plural(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(count), if count == 1 { one } else { many })
}

/// A time for people and for the script, which shows it in local time. The store has it as ISO 8601, in UTC.
fn time_element(time: &str) -> String {
    let (Some(exact), true) = (time.get(..19), time.is_ascii()) else {
        return String::new();
    };
    // The store writes nothing else, but an element is not made of what it never writes.
    if !exact
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"-:T".contains(&byte))
    {
        return String::new();
    }
    let shown = exact.replacen('T', " ", 1);
    format!(
        "<time datetime=\"{exact}Z\" title=\"{shown} UTC\">{} UTC</time>",
        &shown[..16]
    )
}

/// The beginning of `text` on one line, cut after a word, at most `chars_max` characters.
pub(super) fn begin(text: &str, chars_max: usize) -> String {
    let mut line = String::new();
    let mut left = chars_max;
    for word in text.split_whitespace() {
        let long = word.chars().count() + usize::from(!line.is_empty());
        if long > left {
            if line.is_empty() {
                line.extend(word.chars().take(left));
            }
            let whole = line.trim_end_matches(['.', ',', ';', ':', '…']).len();
            line.truncate(whole);
            line.push('…');
            break;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        left -= long;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_in_a_page_is_never_markup() {
        let pages = Pages::new();
        let hint = "</p><script>alert(1)</script>\u{202e}\u{1b}[31m";
        let page = pages.part("error", context! { words => "a & b", hint });
        let page = page.expect("it fits");
        assert!(page.contains("a &amp; b"), "{page}");
        assert!(!page.contains("<script>alert"), "{page}");
        assert!(page.contains("\\u{202e}\\u{1b}[31m"), "{page}");
    }

    #[test]
    fn a_time_is_an_element_that_the_script_can_read() {
        assert_eq!(
            time_element("2026-11-30T09:17:32.120Z"),
            "<time datetime=\"2026-11-30T09:17:32Z\" title=\"2026-11-30 09:17:32 UTC\">2026-11-30 09:17 UTC</time>"
        );
        for wrong in [
            "",
            "2026",
            "<b>                    ",
            "2026-11-30T09:17:3\u{e9}",
        ] {
            assert_eq!(time_element(wrong), "", "{wrong}");
        }
    }

    #[test]
    fn numbers_are_grouped_and_nouns_have_their_plural() {
        assert_eq!(number(0_u64), "0");
        assert_eq!(number(98_969_u64), "98,969");
        assert_eq!(number(1_000_000_u64), "1,000,000");
        assert_eq!(plural(1, "story", "stories"), "1 story");
    }

    #[test]
    fn a_shortened_text_ends_with_a_word() {
        assert_eq!(begin("one\n\ntwo  three", 8), "one two…");
        assert_eq!(begin("one two", 80), "one two");
        assert_eq!(begin("One. Two.", 6), "One…");
        assert_eq!(begin("abcdefgh", 3), "abc…");
        assert_eq!(begin("", 3), "");
    }
}
