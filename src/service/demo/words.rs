//! The rules of English that are needed to read a description.
//!
//! The rules are about words, not about stories; the words themselves are in `words.txt`. In doubt a rule says no: a word
//! that is not known as a trade or a quality counts as neither.

use super::data::DATA;
use super::line::World;

/// A word with the ending of a quality is one if it has at least so many bytes before the ending.
const QUALITY_STEM: usize = 3;

/// Whether one of `wanted` is among `tokens`.
pub(super) fn any_of(tokens: &[&str], wanted: &str) -> bool {
    wanted
        .split_ascii_whitespace()
        .any(|word| tokens.contains(&word))
}

/// The world that `tokens` hint at; [`World::Land`] if they do not.
pub(super) fn world(tokens: &[&str]) -> World {
    let words = &DATA.words;
    let known = [
        (World::Far, &words.far),
        (World::Old, &words.old),
        (World::Now, &words.now),
    ];
    let hinted = known
        .into_iter()
        .find(|(_, list)| tokens.iter().any(|token| list.has(token)));
    hinted.map_or(World::Land, |(world, _)| world)
}

/// Whether `c` may be shown: no control characters except white space, and nothing that changes the direction of text.
pub(super) fn is_shown(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    !turns && (c.is_whitespace() || !c.is_control())
}

/// `text` with a capital.
pub(super) fn capital(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(rest).collect()
    })
}

/// `text` without a capital.
pub(super) fn small(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(rest).collect()
    })
}

/// Whether "an" belongs before `word`, which is in lower case.
pub(super) fn takes_an(word: &str) -> bool {
    let words = &DATA.words;
    let vowel = word.starts_with(['a', 'e', 'i', 'o', 'u']);
    words.an.begins(word) || vowel && !words.no_an.begins(word)
}

/// Whether `word`, which is in lower case, makes the thing after it unique.
pub(super) fn is_superlative(word: &str) -> bool {
    word.ends_with("est") && !DATA.words.no_superlatives.has(word)
        || ["worst", "last", "first", "only"].contains(&word)
}

/// Whether these words name a unique thing: "daughter of a pirate", "keeper of the road".
pub(super) fn is_only(tokens: &[&str]) -> bool {
    let [noun, "of", next, ..] = tokens else {
        return false;
    };
    DATA.words.only_roles.has(noun) && DATA.words.determiners.has(next)
}

/// The pronoun that belongs to the title before `name`, if there is one.
pub(super) fn pronoun_of(name: &str) -> Option<&'static str> {
    let title = name.split(' ').next()?.trim_end_matches('.').to_lowercase();
    let known = name.contains(' ') && DATA.words.she_titles.has(&title);
    let other = name.contains(' ') && DATA.words.he_titles.has(&title);
    known.then_some("she").or(other.then_some("he"))
}

/// Whether the full stop after `sentence` belongs to its last word.
pub(super) fn is_abbreviated(sentence: &str) -> bool {
    let word = sentence
        .rsplit(char::is_whitespace)
        .next()
        .unwrap_or_default();
    let initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    let bullet = !sentence.trim().is_empty() && sentence.trim().chars().all(|c| c.is_ascii_digit());
    DATA.words.abbreviations.has(word) || initial || bullet
}

/// Whether `text` has a verb, and is not only a noun or an adjective.
pub(super) fn has_verb(text: &str) -> bool {
    let tokens = text.split_whitespace().skip(1);
    tokens
        .take_while(|token| !["who", "that", "which", "whose"].contains(token))
        .any(|token| ["is", "was", "were", "are", "has", "had"].contains(&token))
}

/// `text` without the mark of a list item.
pub(super) fn without_bullet(text: &str) -> &str {
    let bare = text.trim_start_matches(['-', '*', '•', '·', '–', '—', '#', '>', ' ']);
    let digits = bare.trim_start_matches(|c: char| c.is_ascii_digit());
    let counted = digits.len() < bare.len() && digits.starts_with([')', '.']);
    let rest = digits.get(1..).unwrap_or_default().trim_start();
    if counted && !rest.is_empty() {
        rest
    } else {
        bare
    }
}

/// `text` without the name of a column before it.
pub(super) fn without_label(text: &str) -> &str {
    match text.split_once(':') {
        Some((label, rest))
            if DATA
                .words
                .labels
                .has_neighbours(&label.trim().to_lowercase())
                && !rest.trim().is_empty() =>
        {
            rest.trim()
        }
        _ => text,
    }
}

/// Whether these words begin with a verb in the third person.
pub(super) fn is_deed(tokens: &[&str]) -> bool {
    match tokens {
        [
            "always" | "never" | "often" | "sometimes" | "secretly" | "still" | "rarely",
            verb,
            ..,
        ] => {
            let inflected = verb.ends_with('s') && !verb.ends_with("ss") && !verb.ends_with("ous")
                || verb.ends_with("ed");
            (inflected || DATA.words.deeds.has(verb)) && !is_adjective(verb)
        }
        [verb] => DATA.words.alone.has(verb),
        [verb, ..] => DATA.words.deeds.has(verb),
        [] => false,
    }
}

/// Whether these words begin with a verb in the past tense and its object.
pub(super) fn is_done(tokens: &[&str]) -> bool {
    let [verb, next, ..] = tokens else {
        return false;
    };
    let words = &DATA.words;
    words.done.has(verb) && (words.done_objects.has(next) || words.determiners.has(next))
}

/// Whether these words begin with something that was done to the character.
pub(super) fn is_past(tokens: &[&str]) -> bool {
    let [done, next, ..] = tokens else {
        return false;
    };
    let words = &DATA.words;
    words.past.has(done) && (words.prepositions.has(next) || ["as", "into"].contains(next))
}

/// Whether `text` begins with a proper name, as far as that can be recognised.
pub(super) fn is_proper(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let (first, second) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    DATA.words.proper.has(&first.to_lowercase())
        || first.len() > 1
            && second.starts_with(char::is_uppercase)
            && first.starts_with(char::is_uppercase)
}

/// Whether these words may follow "to be", whatever other meaning they have.
pub(super) fn is_quality(tokens: &[&str]) -> bool {
    let words = &DATA.words;
    let degree = |token: &str| words.degrees.has(token);
    let adverb =
        |token: &str| token.len() > 4 && token.ends_with("ly") && !words.qualities.has(token);
    if matches!(tokens, ["a", second, ..] if *second != "bit" && *second != "little") {
        return false;
    }
    let rest: Vec<&str> = tokens
        .iter()
        .skip_while(|token| degree(token) || adverb(token))
        .copied()
        .collect();
    match rest.as_slice() {
        ["in", state, ..] => ["love", "debt", "exile", "mourning", "hiding"].contains(state),
        [only] => is_adjective(only),
        [one, "and" | "but" | "yet" | "or", other] => is_adjective(one) && is_adjective(other),
        [one, preposition, _, ..] => is_adjective(one) && words.prepositions.has(preposition),
        _ => false,
    }
}

fn is_adjective(word: &str) -> bool {
    let words = &DATA.words;
    words.qualities.has(word) && word != "in" && word != "easily"
        || words.quality_endings.ends(word, QUALITY_STEM)
}

/// Whether these words name a person: the noun before the first preposition decides.
pub(super) fn is_role(tokens: &[&str]) -> bool {
    let words = &DATA.words;
    let stop = |token: &str| {
        words.prepositions.has(token)
            || ["who", "whose", "that", "and", "or", "turned"].contains(&token)
    };
    let end = tokens
        .iter()
        .position(|token| stop(token))
        .unwrap_or(tokens.len());
    let noun = tokens.get(..end).unwrap_or_default();
    let Some((head, before)) = noun.split_last() else {
        return false;
    };
    let verbs = before
        .iter()
        .any(|token| words.deeds.has(token) || ["are", "was", "were", "be"].contains(token));
    let object = before
        .iter()
        .skip(1)
        .any(|token| words.determiners.has(token));
    if verbs || object || noun.len() > 6 || words.no_roles.has(head) {
        return false;
    }
    let long = head.len() > 4 && head.is_ascii();
    words.roles.has(head) || long && words.role_endings.ends(head, 0)
}

/// The short form of a name with several parts: the first name, if it certainly is one, or the title and the last name.
pub(super) fn called(full: &str) -> Option<String> {
    let names: Vec<&str> = full.split(' ').collect();
    match names.as_slice() {
        [title, first, last] if is_title(title) => {
            let plain = [first, last]
                .iter()
                .all(|name| name.starts_with(char::is_uppercase));
            plain.then(|| format!("{title} {last}"))
        }
        _ => first_name(full).map(str::to_owned),
    }
}

fn is_title(word: &str) -> bool {
    let word = word.trim_end_matches('.').to_lowercase();
    DATA.words.titles.has(&word)
}

fn first_name(full: &str) -> Option<&str> {
    let mut names = full.split(' ');
    let (first, second) = (names.next()?, names.next()?);
    let plain = |word: &str| {
        word.chars().count() > 1
            && word
                .chars()
                .all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '’'))
    };
    let sure = plain(first)
        && second.chars().any(char::is_alphabetic)
        && !DATA.words.no_first_names.has(&first.to_lowercase());
    let few = full.split(' ').count() < 5;
    (sure && few && first.starts_with(char::is_uppercase)).then_some(first)
}
