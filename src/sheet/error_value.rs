//! The texts that spreadsheets show where a formula failed.
//!
//! In text, and in some workbooks, nothing else tells them from what a writer typed. They are those of Excel, `LibreOffice`,
//! Google Sheets and Numbers, in the big languages; and any other cell that is written as they are, `#WORD!` or `#WORD?`.

/// Texts without the form of the others, in capital letters.
const OTHERS: &[&str] = &[
    "#N/A",
    "#N/D",
    "#NV",
    "#Н/Д",
    "#I/T",
    "#N/B",
    "#HIÁNYZIK",
    "#YOK",
    "#PUUTTUU!",
    "#N/DISP",
    "#N/A N/A",
    "LOADING...",
    "LOADING…",
    "#SPILL",
    "#GETTING_DATA",
    "#CALC",
    "#DIV/0",
    "#REF",
    "#VALUE",
    "#NAME",
    "#NUM",
    "#NULL",
    "#ERROR",
    "#BUSY!",
    "#EXTERNAL!",
];

/// Words of errors in other languages that have no mark at their end.
const WORDS_MAX: usize = 24;

/// Whether a cell shows that a formula failed.
pub(super) fn is_error(cell: &str) -> bool {
    let Some(first) = cell.bytes().next() else {
        return false;
    };
    match first {
        b'#' => is_marked(cell) || is_listed(cell),
        b'L' | b'l' => is_listed(cell),
        b'E' => cell
            .strip_prefix("Err:")
            .is_some_and(|code| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit())),
        _ => false,
    }
}

fn is_listed(cell: &str) -> bool {
    cell.len() <= 2 * WORDS_MAX && OTHERS.contains(&cell.to_uppercase().as_str())
}

/// `#WORD!`, `#WORD?`, `#DIV/0!`: capital letters between a hash and a mark.
fn is_marked(cell: &str) -> bool {
    let inner = cell
        .strip_prefix("#")
        .map(|rest| rest.trim_start_matches(['¡', '¿']))
        .and_then(|rest| rest.strip_suffix(['!', '?', '！', '？']));
    inner.is_some_and(|word| {
        let is_part = |char: char| {
            char.is_alphabetic() && !char.is_lowercase()
                || matches!(char, '/' | '_' | ' ' | '0' | '.' | '-')
        };
        (2..=WORDS_MAX).contains(&word.chars().count())
            && word.chars().all(is_part)
            && word.starts_with(char::is_alphabetic)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_formulas_are_known_in_the_big_languages() {
        for cell in [
            "#N/A",
            "#DIV/0!",
            "Err:502",
            "#REF!",
            "#NAME?",
            "#SPILL!",
            "#CALC!",
            "#BLOCKED!",
            "#FIELD!",
            "#UNKNOWN!",
            "#CONNECT!",
            "#PYTHON!",
            "#GETTING_DATA",
            "#ERROR!",
            "Loading...",
            "#BEZUG!",
            "#NV",
            "#WERT!",
            "#ZAHL!",
            "#ÜBERLAUF!",
            "#¡REF!",
            "#¡VALOR!",
            "#¿NOMBRE?",
            "#VALEUR!",
            "#NOM?",
            "#NOMBRE!",
            "#VALOR!",
            "#NOME?",
            "#RIF!",
            "#VALORE!",
            "#ССЫЛКА!",
            "#ИМЯ?",
            "#ЗНАЧ!",
            "#Н/Д",
            "#ARG!",
            "#ADR!",
            "#NAZWA?",
            "#BAŞV!",
            "#DEĞER!",
            "#AD?",
            "#YOK",
            "#SAYI!",
            "#VERW!",
            "#WAARDE!",
            "#NAAM?",
        ] {
            assert!(is_error(cell), "{cell}");
        }
        for cell in [
            "N/A", "#hashtag", "Err: 502", "", "#1", "#7!", "#Wow!", "#", "#!", "Loading",
            "#winning", "#N", "#FFAA00", "What?!",
        ] {
            assert!(!is_error(cell), "{cell}");
        }
    }
}
