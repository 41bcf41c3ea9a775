//! The error texts that spreadsheets show in place of a failed formula.
//!
//! In a text, and in some workbooks, only the form of such a text distinguishes it from typed text. The texts are those of Excel,
//! `LibreOffice`, Google Sheets and Numbers, in the big languages, and any cell of the same form: `#WORD!` or `#WORD?`.

use super::guess::is_invisible;

/// Texts with another form, in capital letters.
const OTHERS: &[&str] = &[
    "LADEN...",
    "WIRD GELADEN...",
    "WIRD GELADEN…",
    "CHARGEMENT...",
    "CHARGEMENT…",
    "CARGANDO...",
    "CARGANDO…",
    "CARREGANDO...",
    "CARREGANDO…",
    "CARICAMENTO...",
    "CARICAMENTO IN CORSO...",
    "ЗАГРУЗКА...",
    "ЗАГРУЗКА…",
    "ŁADOWANIE...",
    "YÜKLENIYOR...",
    "加载中...",
    "加载中…",
    "正在加载...",
    "正在加载…",
    "載入中...",
    "読み込んでいます...",
    "読み込み中...",
    "로드 중...",
    "로드 중…",
    "¡DIV/0!",
    "=#REF!",
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

/// Error words in other languages that have no mark at their end.
const WORDS_MAX: usize = 24;

/// Whether a cell shows that a formula failed.
pub(super) fn is_error(cell: &str) -> bool {
    let cell = cell.trim_matches(|char: char| char.is_whitespace() || is_invisible(char));
    is_marked(cell) || is_too_narrow(cell) || is_code(cell) || is_listed(cell)
}

/// The text for a number or date that is wider than its column.
fn is_too_narrow(cell: &str) -> bool {
    cell.len() > 3 && cell.bytes().all(|byte| byte == b'#')
}

/// `Err:502`.
fn is_code(cell: &str) -> bool {
    let code = cell.strip_prefix("Err:");
    code.is_some_and(|code| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_listed(cell: &str) -> bool {
    cell.len() <= 2 * WORDS_MAX
        && may_be_listed(cell)
        && OTHERS.contains(&cell.to_uppercase().as_str())
}

/// Whether a cell begins or ends like one of the listed texts; most cells do not.
fn may_be_listed(cell: &str) -> bool {
    cell.starts_with(['#', '¡', '=']) || cell.ends_with(['.', '…'])
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
    fn failed_formulas_are_recognised_in_the_big_languages() {
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
            "Wird geladen...",
            "読み込み中...",
            "########",
            "¡DIV/0!",
            "#N/A\u{200b}",
        ] {
            assert!(is_error(cell), "{cell}");
        }
        for cell in [
            "N/A", "#hashtag", "Err: 502", "", "#1", "#7!", "#Wow!", "#", "#!", "Loading",
            "#winning", "#N", "#FFAA00", "###", "Laden", "What?!",
        ] {
            assert!(!is_error(cell), "{cell}");
        }
    }
}
