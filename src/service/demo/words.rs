//! The little English that reading a description takes.
//!
//! Rules about words, and nothing about stories. They would rather say no than be wrong: what is not known to be a trade or a
//! quality is neither.

use super::lexicon::{
    ALONE, DEEDS, DETERMINERS, DONE, FAR, NO_ROLES, NOW, OLD, PAST, PREPOSITIONS, QUALITIES, ROLES,
};
use super::line::World;

/// Whether `word` stands in `list`, in which words are divided by white space.
pub(super) fn listed(list: &str, word: &str) -> bool {
    let divided = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_whitespace);
    let alone = |start: usize| {
        let bytes = list.as_bytes();
        divided(bytes.get(start.wrapping_sub(1))) && divided(bytes.get(start + word.len()))
    };
    !word.is_empty() && list.match_indices(word).any(|(start, _)| alone(start))
}

/// Whether one of the words of `wanted` is among `tokens`.
pub(super) fn any_of(tokens: &[&str], wanted: &str) -> bool {
    wanted
        .split_ascii_whitespace()
        .any(|word| tokens.contains(&word))
}

/// The world that `tokens` hint at; [`World::Land`] if they do not.
pub(super) fn world(tokens: &[&str]) -> World {
    let known = [(World::Far, FAR), (World::Old, OLD), (World::Now, NOW)];
    let hinted = known.into_iter().find(|(_, list)| any_of(tokens, list));
    hinted.map_or(World::Land, |(world, _)| world)
}

/// Whether `c` may be shown: no control but white space, and nothing that turns the direction of the text around it.
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

/// Whether "an" stands before `word`, given in small letters.
pub(super) fn takes_an(word: &str) -> bool {
    let by_ear = ["uni", "use", "eu", "one", "once", "ubi"];
    let mute = ["hour", "honest", "heir", "honour", "honor"];
    let spoken = ["8", "11-", "18-", "unin", "unim"];
    mute.iter()
        .chain(&spoken)
        .any(|start| word.starts_with(start))
        || word.starts_with(['a', 'e', 'i', 'o', 'u'])
            && !by_ear.iter().any(|start| word.starts_with(start))
}

/// Whether there can be only one of what `word`, given in small letters, stands before.
pub(super) fn is_superlative(word: &str) -> bool {
    const OTHERS: &str = "
        honest dishonest modest earnest guest priest forest west harvest quest rest test pest
    ";
    word.ends_with("est") && !listed(OTHERS, word)
        || ["worst", "last", "first", "only"].contains(&word)
}

/// Whether these words name the only one of a thing: "daughter of a pirate", "keeper of the road".
pub(super) fn is_only(tokens: &[&str]) -> bool {
    const ONLY: &str = "
        daughter son child heir heiress widow widower wife husband sister brother keeper captain
        commander ruler king queen lord lady head leader mayor master mistress owner clone
    ";
    let [noun, "of", next, ..] = tokens else {
        return false;
    };
    listed(ONLY, noun) && listed(DETERMINERS, next)
}

/// The pronoun that goes with the title before `name`, if there is one.
pub(super) fn pronoun_of(name: &str) -> Option<&'static str> {
    const SHE: &str = "
        mrs ms miss madame madam dame lady queen princess duchess countess baroness empress mother
        sister aunt auntie grandmother grandma granny señora doña frau mistress
    ";
    const HE: &str = "
        mr mister sir lord king prince duke count baron emperor father brother uncle grandfather
        grandpa señor don herr monsieur
    ";
    let title = name.split(' ').next()?.trim_end_matches('.').to_lowercase();
    let known = name.contains(' ') && listed(SHE, &title);
    let other = name.contains(' ') && listed(HE, &title);
    known.then_some("she").or(other.then_some("he"))
}

/// Whether the full stop after `sentence` belongs to its last word.
pub(super) fn is_abbreviated(sentence: &str) -> bool {
    let word = sentence
        .rsplit(char::is_whitespace)
        .next()
        .unwrap_or_default();
    let known = [
        "Dr", "Mr", "Mrs", "Ms", "St", "Prof", "Jr", "Sr", "Lt", "Capt", "Sgt", "Col", "Gen", "vs",
        "e.g", "i.e", "approx", "ca",
    ];
    let initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    let bullet = !sentence.trim().is_empty() && sentence.trim().chars().all(|c| c.is_ascii_digit());
    known.contains(&word) || initial || bullet
}

/// Whether `text` tells something with a verb, and is not just a noun or an adjective.
pub(super) fn is_told(text: &str) -> bool {
    let tokens = text.split_whitespace().skip(1);
    tokens
        .take_while(|token| !["who", "that", "which", "whose"].contains(token))
        .any(|token| ["is", "was", "were", "are", "has", "had"].contains(&token))
}

/// `text` without the mark of a list.
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
    const LABELS: &str = "
        role job occupation profession trait traits personality character description background
        bio notes note class race species summary about city location age who
    ";
    match text.split_once(':') {
        Some((label, rest))
            if listed(LABELS, &label.trim().to_lowercase()) && !rest.trim().is_empty() =>
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
            (inflected || listed(DEEDS, verb)) && !is_adjective(verb)
        }
        [verb] => listed(ALONE, verb),
        [verb, ..] => listed(DEEDS, verb),
        [] => false,
    }
}

/// Whether these words begin with a verb in the past and what it was done to.
pub(super) fn is_done(tokens: &[&str]) -> bool {
    const OBJECTS: &str = "
        up out from to every everything all both two three most nothing everyone home school off
        away into never half some no many several
    ";
    let [verb, next, ..] = tokens else {
        return false;
    };
    listed(DONE, verb) && (listed(OBJECTS, next) || listed(DETERMINERS, next))
}

/// Whether these words begin with what was done to somebody.
pub(super) fn is_past(tokens: &[&str]) -> bool {
    let [done, next, ..] = tokens else {
        return false;
    };
    listed(PAST, done) && (listed(PREPOSITIONS, next) || ["as", "into"].contains(next))
}

/// Whether `text` begins with a proper name, as far as that can be seen.
pub(super) fn is_proper(text: &str) -> bool {
    const KNOWN: &str = "
        french dutch greek swiss german roman american mexican african korean cuban viking welsh
        irish czech thai arab christian muslim jewish buddhist catholic london paris berlin rome
        tokyo mars venus texas
    ";
    let mut words = text.split_whitespace();
    let (first, second) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    listed(KNOWN, &first.to_lowercase())
        || first.len() > 1
            && second.starts_with(char::is_uppercase)
            && first.starts_with(char::is_uppercase)
}

/// Whether "to be" may stand before these words, whatever else is meant by them.
pub(super) fn is_quality(tokens: &[&str]) -> bool {
    const DEGREES: &str = "very quite rather extremely too so not a bit little always";
    let degree = |token: &str| listed(DEGREES, token);
    let adverb =
        |token: &str| token.len() > 4 && token.ends_with("ly") && !listed(QUALITIES, token);
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
        [one, preposition, _, ..] => is_adjective(one) && listed(PREPOSITIONS, preposition),
        _ => false,
    }
}

fn is_adjective(word: &str) -> bool {
    let ends = [
        "ful", "less", "ous", "able", "ible", "minded", "hearted", "handed", "spoken", "eyed",
        "tempered", "witted", "headed", "skinned",
    ];
    listed(QUALITIES, word) && word != "in" && word != "easily"
        || ends
            .iter()
            .any(|end| word.len() > end.len() + 2 && word.ends_with(end))
}

/// Whether these words name a person: the noun before the first preposition does.
pub(super) fn is_role(tokens: &[&str]) -> bool {
    let stop = |token: &str| {
        listed(PREPOSITIONS, token)
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
        .any(|token| listed(DEEDS, token) || ["are", "was", "were", "be"].contains(token));
    let object = before
        .iter()
        .skip(1)
        .any(|token| listed(DETERMINERS, token));
    if verbs || object || noun.len() > 6 || listed(NO_ROLES, head) {
        return false;
    }
    let ends = [
        "er", "or", "ist", "eer", "man", "woman", "smith", "wright", "herd", "monger",
    ];
    let long = head.len() > 4 && head.is_ascii();
    listed(ROLES, head) || long && ends.iter().any(|end| head.ends_with(end))
}

/// What somebody is called who has several names: the first of them, if it is surely one, or the title and the last.
pub(super) fn called(full: &str) -> Option<String> {
    const TITLES: &str = "
        dr mr mrs ms miss captain major colonel general sergeant lieutenant commander admiral
        doctor professor inspector agent officer judge detective chief
    ";
    let names: Vec<&str> = full.split(' ').collect();
    match names.as_slice() {
        [title, first, last] if listed(TITLES, &title.trim_end_matches('.').to_lowercase()) => {
            let plain = [first, last]
                .iter()
                .all(|name| name.starts_with(char::is_uppercase));
            plain.then(|| format!("{title} {last}"))
        }
        _ => first_name(full).map(str::to_owned),
    }
}

fn first_name(full: &str) -> Option<&str> {
    const NO_NAMES: &str = "
        the a an old young little big black white red grey gray blind mad poor good dr mr mrs ms
        miss mister sir dame lord lady king queen prince princess captain major colonel general
        sergeant lieutenant commander admiral doctor professor father mother brother sister
        uncle aunt saint st san santa van von de da di del la le el al ibn bin abu o agent
        officer inspector detective judge count countess baron duke duchess master mistress unit
        madame madam monsieur señor señora don doña frau herr magister granny grandmother grandfather
        grandma grandpa rabbi imam bishop emperor empress chief no one long short tall fat great
        high first last iron silver golden cook tiny auntie nurse comrade
    ";
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
        && !listed(NO_NAMES, &first.to_lowercase());
    let few = full.split(' ').count() < 5;
    (sure && few && first.starts_with(char::is_uppercase)).then_some(first)
}
