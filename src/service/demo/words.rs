//! The little English that reading a description takes.
//!
//! Lists and rules about single words, and nothing about stories. A word that stands in no list is unknown, and what is unknown
//! is not guessed at.

use super::line::World;

/// Words with which a noun may begin in place of an article.
pub(super) const DETERMINERS: &str = "
    a an the his her their its one somebody's everyone's
";

/// First words that may lose their capital.
pub(super) const STARTS: &str = "
    a an the she he they it his her their its always never not no very too once still has is was
    with without from in of at on by who good bad quite rather
";

/// First words of a part that continues the sentence, so that its comma is not the comma of a list.
pub(super) const JOINERS: &str = "
    who whose whom which that because but yet so while when where until although though if as
    since for nor she he they it i you we then than which, even
";

/// Verbs in the third person, and adverbs that stand before them.
pub(super) const DEEDS: &str = "
    always never often sometimes secretly still rarely loves hates likes dislikes collects wants
    needs fears believes dreams speaks lives works plays keeps knows talks tells sings writes
    reads paints builds makes sells steals lies drinks smokes gambles travels wanders hunts
    fishes cooks bakes repairs mends fixes studies teaches trains fights carries wears owns owes
    hides has is can cannot can't does doesn't will won't refuses tries hopes wishes longs
    misses mourns seeks searches looks sees hears feels thinks trusts mistrusts distrusts sleeps
    dances sails flies drives rides runs walks swears forgets remembers regrets suffers enjoys
    prefers avoids answers asks cares guards protects serves follows leads leaves gives takes
    grows raises laughs cries whistles hums worries counts names apologises apologizes pretends
    saves spends learns invents
";

/// Those of the verbs that say something by themselves.
pub(super) const ALONE: &str = "
    sings lies steals drinks gambles wanders paints dances smokes hums whistles worries writes
";

/// Verbs in the past that want an object.
pub(super) const DONE: &str = "
    lost survived escaped fled left used grew became killed stole served fought spent abandoned
    inherited deserted discovered promised swore won failed gave founded
";

/// Participles of what was done to somebody; with them "to be" stands in the past.
pub(super) const PAST: &str = "
    born raised trained educated exiled banished cursed haunted abandoned orphaned adopted
    betrayed knighted
";

/// Adjectives and the like that stand after "to be".
pub(super) const QUALITIES: &str = "
    afraid fond good bad proud loyal kind stubborn patient impatient shy brave vain bold calm
    clever clumsy cold cruel eager fair funny gentle grumpy greedy happy honest dishonest humble
    lazy lonely mean modest moody nosy polite quiet reckless rude sad sarcastic selfish shrewd
    silent slow smart stern strict strong superstitious timid tired tough weak weary wise witty
    wild warm young old blind deaf mute rich poor blunt bitter sober tender sly cunning charming
    caring loving forgiving understanding hardworking daring intelligent independent confident
    arrogant elegant tolerant persistent diligent violent competent insolent obedient defiant
    reluctant vigilant brilliant hesitant observant ambitious anxious jealous angry hungry
    thirsty sleepy friendly unfriendly lovely cowardly orderly messy noisy tidy untidy thrifty
    sturdy hasty dreamy chatty cheery merry nervous sensible sensitive restless tireless loud
    proper sincere serious naive devout pious aloof frail mad crazy deadly poetic romantic
    cynical practical logical formal moral sentimental punctual methodical musical sceptical
    skeptical whimsical theatrical melancholy melancholic optimistic pessimistic energetic
    enigmatic pragmatic dramatic athletic artistic stoic idealistic materialistic retired
    haunted determined dedicated disciplined reserved spoiled educated bored gifted talented
    organised organized obsessed easily homesick immortal invisible late early alone allergic
    addicted devoted married divorced widowed engaged fearless ruthless feisty fierce faithful
    secretive protective impulsive compulsive adventurous mischievous meticulous scrupulous
    frugal jolly jaded stoical tactless headstrong outspoken forgetful absent-minded soft-spoken
    left-handed quick-witted short-sighted warm-hearted light-fingered self-taught curious
    generous in selfless eccentric diplomatic empathetic sympathetic apologetic neurotic chaotic
";

/// Prepositions that may follow a quality, or end the noun of a role.
const PREPOSITIONS: &str = "
    of at with to about in for by around under on from towards without near aboard among behind
";

/// People whose names do not end like those of people.
pub(super) const ROLES: &str = "
    thief nurse judge cook chef monk nun spy mage witch knight king queen prince orphan student
    android robot clerk priest bard guard rogue ghost mechanic widow widower girl boy child man
    woman mother father sister brother son daughter uncle aunt wizard druid paladin cleric elf
    dwarf orc goblin troll giant vampire werewolf dragon fox cat dog crow poet pilot scribe
    herald heir heiress butler liar beggar scholar burglar sailor tailor actor doctor author
    surgeon captain lieutenant sergeant private agent merchant accountant assistant servant
    immigrant peasant president recluse hermit nomad exile fugitive detective bride groom host
    hostess waitress actress priestess princess duke duchess baron lord lady bishop pope saint
    prophet oracle cyborg clone alien medic veteran apprentice novice amateur genius prodigy
    musician magician physician politician technician librarian historian guardian barbarian
    smith blacksmith locksmith goldsmith mayor neighbour neighbor friend twin volunteer engineer
    pioneer cavalier soldier cashier spirit archivist courier concierge barista diva chemist
    architect adept acrobat aristocrat diplomat bureaucrat vet cellist cadet monster hero
    heroine machine lawyer attorney sheriff bailiff page squire foundling changeling hacker
    nobody drunk drunkard coward lookout stowaway castaway runaway navigator introvert extrovert
    optimist pessimist perfectionist
";

/// Words that end like people and are none.
const NO_ROLES: &str = "
    temper humor humour fever anger power hunger danger laughter water river paper letter number
    winter summer silver weather feather leather matter corner dinner supper order border
    shoulder finger tower flower color colour honor honour error terror horror mirror armor
    armour valor valour floor door hour computer never ever over under after other another
    either rather together whatever however bitter sober tender eager clever proper minor major
    senior junior inner outer upper lower former latter older younger elder better bigger
    greater smaller slower faster stronger wiser poor october december november september per
    for nor or cancer butter sugar ginger pepper trailer career beer deer cheer fear offer favor
    favour labor labour rumor rumour splendor motor manor tumor mister master's sister's
    character charter chapter theater theatre center meter liter mist list fist wrist twist
    exist resist consist insist gist waist heist checklist her layer prayer answer monster's
    manner banner hammer dagger manager's denver chester manchester vancouver hanover rochester
    easter disaster wonder thunder murder ladder spider powder cider shelter quarter harbor
    anchor interior exterior behavior behaviour vigor fewer newer super cover lover's december's
    kosher cooler cleverer sweater slipper whisper semester rubber
";

const FAR: &str = "
    android robot starship spaceship spacecraft orbit orbital planet galaxy galactic cyborg
    alien asteroid terraformer astronaut cosmonaut interstellar starport airlock martian
    hyperspace spacer cryosleep colonist clone mars venus moonbase orbits planets robots
    androids starships asteroids spaceships stars ai zero-g xenobiologist quantum drone nebula
";

const OLD: &str = "
    wizard witch mage knight sword dragon elf elven dwarf dwarven orc goblin troll kingdom
    castle spell potion tavern paladin bard druid sorcerer sorceress alchemist squire
    necromancer monastery abbey rune runes magic cleric baron duke duchess crusade medieval
    siege blacksmith minstrel herbalist warlock halfling apothecary scribe cartographer courtier
    viking samurai enchanter unicorn griffin curse cursed monk abbot falconer king queen pirate
    lute wizards dragons knights
";

const NOW: &str = "
    lawyer phone internet software programmer developer barista taxi subway metro airport
    startup hacker office university bus computer laptop podcast journalist influencer
    accountant hospital police detective supermarket television tv radio film cinema email app
    electrician paramedic tram car motorcycle skateboard vet physicist psychologist therapist
    consultant intern plumber photographer
";

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
    matches!(tokens, [verb, next, ..] if listed(DONE, verb) && (listed(OBJECTS, next) || listed(DETERMINERS, next)))
}

/// Whether these words begin with what was done to somebody.
pub(super) fn is_past(tokens: &[&str]) -> bool {
    matches!(tokens, [done, next, ..] if listed(PAST, done) && (listed(PREPOSITIONS, next) || ["as", "into"].contains(next)))
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
    KNOWN.contains(&first.to_lowercase())
        || first.len() > 1
            && second.starts_with(char::is_uppercase)
            && first.starts_with(char::is_uppercase)
}

/// Whether "to be" may stand before these words, whatever else is meant by them.
pub(super) fn is_quality(tokens: &[&str]) -> bool {
    let degree = |token: &str| {
        [
            "very",
            "quite",
            "rather",
            "extremely",
            "too",
            "so",
            "not",
            "a",
            "bit",
            "little",
            "always",
        ]
        .contains(&token)
    };
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
        madame madam monsieur señor señora don doña frau herr granny grandmother grandfather
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
        && !NO_NAMES.contains(&first.to_lowercase());
    let few = full.split(' ').count() < 5;
    (sure && few && first.starts_with(char::is_uppercase)).then_some(first)
}
