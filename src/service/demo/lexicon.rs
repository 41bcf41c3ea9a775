//! Lists of English words, each in small letters, divided by white space.
//!
//! A word that stands in none of them is unknown, and what is unknown is not guessed at.

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
pub(super) const PREPOSITIONS: &str = "
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
pub(super) const NO_ROLES: &str = "
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

/// Words that hint at ships between the stars.
pub(super) const FAR: &str = "
    android robot starship spaceship spacecraft orbit orbital planet galaxy galactic cyborg
    alien asteroid terraformer astronaut cosmonaut interstellar starport airlock martian
    hyperspace spacer cryosleep colonist clone mars venus moonbase orbits planets robots
    androids starships asteroids spaceships stars ai zero-g xenobiologist quantum drone nebula
";

/// Words that hint at castles, guilds and spells.
pub(super) const OLD: &str = "
    wizard witch mage knight sword dragon elf elven dwarf dwarven orc goblin troll kingdom
    castle spell potion tavern paladin bard druid sorcerer sorceress alchemist squire
    necromancer monastery abbey rune runes magic cleric baron duke duchess crusade medieval
    siege blacksmith minstrel herbalist warlock halfling apothecary scribe cartographer courtier
    viking samurai enchanter unicorn griffin curse cursed monk abbot falconer king queen pirate
    lute wizards dragons knights
";

/// Words that hint at here and today.
pub(super) const NOW: &str = "
    lawyer phone internet software programmer developer barista taxi subway metro airport
    startup hacker office university bus computer laptop podcast journalist influencer
    accountant hospital police detective supermarket television tv radio film cinema email app
    electrician paramedic tram car motorcycle skateboard vet physicist psychologist therapist
    consultant intern plumber photographer
";
