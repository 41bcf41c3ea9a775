//! The columns that a template names in quotes: `columns["Home town"]`, `columns.lines("Role", "City")`.
//!
//! The template engine reports the variables of a template, but not the names that are looked up in them. So this module
//! reads the source, which the engine has accepted. It finds the names in every branch and does not check whether they
//! exist.

use std::collections::BTreeSet;

/// The variable that holds all columns by their header.
pub(super) const COLUMNS: &str = "columns";
/// The method that makes a line for each given column: `Role: baker`. Empty cells are left out.
pub(super) const LINES: &str = "lines";

/// The template that makes a line for each of these columns.
pub(super) fn lines_of<S: AsRef<str>>(headers: &[S]) -> String {
    let quoted: Vec<String> = headers
        .iter()
        .map(|header| quoted(header.as_ref()))
        .collect();
    format!("{{{{ {COLUMNS}.{LINES}({}) }}}}", quoted.join(", "))
}

/// A header in quotes, as a template has it.
pub(super) fn quoted(header: &str) -> String {
    format!("\"{}\"", header.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The names that a template looks up in [`COLUMNS`].
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Subscripts {
    pub(super) names: BTreeSet<String>,
    /// Whether the variable is only used with a name in quotes.
    pub(super) is_plain: bool,
}

impl Subscripts {
    pub(super) fn of(template: &str) -> Self {
        let mut subscripts = Self {
            names: BTreeSet::new(),
            is_plain: true,
        };
        let mut rest = template;
        while let Some(begin) = rest.find('{') {
            rest = &rest[begin + 1..];
            if let Some(comment) = rest.strip_prefix('#') {
                rest = comment.split_once("#}").map_or("", |(_, behind)| behind);
            } else if let Some(code) = rest.strip_prefix(['{', '%']) {
                let is_raw = rest.starts_with('%')
                    && code
                        .trim_start_matches(['-', '+'])
                        .trim_start()
                        .starts_with("raw");
                rest = if is_raw {
                    code.split_once("endraw").map_or("", |(_, behind)| behind)
                } else {
                    subscripts.read(code)
                };
            }
        }
        subscripts
    }

    /// Reads code up to its end; returns the text after it.
    fn read<'t>(&mut self, code: &'t str) -> &'t str {
        let mut rest = code;
        let mut depth = 0_usize;
        let mut before = ' ';
        while let Some(char) = rest.chars().next() {
            let behind = &rest[char.len_utf8()..];
            match char {
                '"' | '\'' => rest = string(rest).map_or("", |(_, behind)| behind),
                '}' | '%' if depth == 0 && behind.starts_with('}') => return &behind[1..],
                '(' | '[' | '{' | ')' | ']' | '}' => {
                    depth = if "([{".contains(char) {
                        depth + 1
                    } else {
                        depth.saturating_sub(1)
                    };
                    rest = behind;
                }
                _ if is_word(char) => {
                    let end = rest.find(|char| !is_word(char)).unwrap_or(rest.len());
                    let word = &rest[..end];
                    rest = &rest[end..];
                    if word == COLUMNS && before != '.' {
                        rest = self.subscript(rest);
                    }
                }
                _ => rest = behind,
            }
            if !char.is_whitespace() {
                before = char;
            }
        }
        rest
    }

    /// Reads `["name"]` or `.lines("name", "name")` after the variable; returns the text after it.
    fn subscript<'t>(&mut self, rest: &'t str) -> &'t str {
        if let Some((names, behind)) = arguments(rest) {
            self.names.extend(names);
            return behind;
        }
        let named = rest
            .trim_start()
            .strip_prefix('[')
            .and_then(|inner| string(inner.trim_start()));
        match named {
            Some((name, behind)) if behind.trim_start().starts_with(']') => {
                self.names.insert(name);
                behind.trim_start().strip_prefix(']').unwrap_or_default()
            }
            _ => {
                self.is_plain = false;
                rest
            }
        }
    }
}

/// The names in `.lines("name", "name")`, and the text after it.
fn arguments(rest: &str) -> Option<(Vec<String>, &str)> {
    let rest = rest.trim_start().strip_prefix('.')?.trim_start();
    let mut rest = rest.strip_prefix(LINES)?.trim_start().strip_prefix('(')?;
    let mut names = Vec::new();
    loop {
        let (name, behind) = string(rest.trim_start())?;
        names.push(name);
        let behind = behind.trim_start();
        match behind.strip_prefix(',') {
            Some(more) => rest = more,
            None => return Some((names, behind.strip_prefix(')')?)),
        }
    }
}

fn is_word(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

/// The string that begins here, and the text after it. Only the escapes that a header needs are decoded.
fn string(rest: &str) -> Option<(String, &str)> {
    let quote = rest
        .chars()
        .next()
        .filter(|char| matches!(char, '"' | '\''))?;
    let mut out = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, char)) = chars.next() {
        if char == quote {
            return Some((out, &rest[at + 1..]));
        }
        out.push(if char == '\\' { chars.next()?.1 } else { char });
    }
    None
}

/// A column as a template writes it.
#[must_use]
pub(crate) fn in_template(column: &str) -> String {
    let column = column.trim();
    let is_plain =
        !needs_quotes(column) && !column.contains(char::is_whitespace) && column != COLUMNS;
    if is_plain {
        format!("{{{{ {column} }}}}")
    } else {
        format!("{{{{ {COLUMNS}[{}] }}}}", quoted(column))
    }
}

/// Whether a template can name the column only in quotes.
#[must_use]
pub(crate) fn needs_quotes(header: &str) -> bool {
    let is_fit = |char: char| char.is_alphanumeric() || char.is_whitespace() || char == '_';
    !header.chars().all(is_fit) || header.starts_with(|char: char| char.is_numeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_quotes_are_found_in_all_code() {
        let names = |template: &str| {
            let found = Subscripts::of(template);
            assert!(found.is_plain, "{template}");
            found.names.into_iter().collect::<Vec<_>>()
        };
        assert_eq!(
            names(
                "{{ columns[\"Home town\"] }} {%- if columns['a'] -%}{{ {'x': {'y': columns['b']}} }}{% endif %}"
            ),
            ["Home town", "a", "b"]
        );
        assert_eq!(
            names(r#"{{ columns['it\'s'] ~ columns["}}"] }}{{ columns["c"] }}"#),
            ["c", "it's", "}}"]
        );
        assert_eq!(
            names(
                "columns['no'] {# columns['no'] #} {% raw %}{{ columns['no'] }}{% endraw %} {{ x.columns['no'] }} { {{ ' columns ' }}"
            ),
            [""; 0]
        );
    }

    #[test]
    fn the_columns_of_lines_are_found() {
        let text = lines_of(&["Role", "It's \"home\"", "a\\b"]);
        let found = Subscripts::of(&text);
        assert!(found.is_plain, "{text}");
        assert_eq!(
            found.names.into_iter().collect::<Vec<_>>(),
            ["It's \"home\"", "Role", "a\\b"]
        );
        assert!(!Subscripts::of("{{ columns.lines(role) }}").is_plain);
        assert!(!Subscripts::of("{{ columns.lines() }}").is_plain);
    }

    #[test]
    fn any_other_use_of_the_variable_is_reported() {
        for template in [
            "{{ columns }}",
            "{{ columns[name] }}",
            "{{ columns.name }}",
            "{% for c in columns %}",
            "{{ columns['a' ~ 'b'] }}",
        ] {
            assert!(!Subscripts::of(template).is_plain, "{template}");
        }
    }
}
