//! What a story is about besides its character: places, people, things.
//!
//! A motif is a line with parts divided by `/`. The first part is how it is introduced, the second how it is called afterwards;
//! people have a third: `she` or `he`. None of them says anything about the character.

use super::line::Table;

/// Names of places, all invented; drawn apart from the descriptions.
pub(super) const PLACE_NAMES: Table = "
    land: Halse
    land: Ostrel
    land: Marrow Ferry
    land: Low Tarn
    land: Quillon
    land: Besk
    land: Tamsel
    land: Oderby
    land: Pellin
    land: Corvane
    land: Nine Wells
    land: Sallow End
    land: Istra Gate
    land: Lanmouth
    land: Dunmarrow
    land: Eskary
    land: Fennick
    land: Hollin
    land: Brackmouth
    land: Verrin
    land: Upper Asp
    land: Tolm
    land: Querry
    land: Old Sarne
    far: Tether Nine
    far: Halcyon Spur
    far: Ring Four
    far: Marrow Station
    far: Pale Dock
    far: Deep Anchor
    far: Second Lantern
    far: Cold Meridian
    far: Ostrel Reach
    far: Low Orrery
    far: Vesper Lock
    far: Tanager Deep
";

/// What a place is; every one begins with its article.
pub(super) const PLACES: Table = "
    land: a river town where the ferries run late on purpose
    land: a hill village with more stairs than people
    land: a harbour that lost its sea to the silt and still mends its nets
    land: a market town that closes for lunch, for rain and for funerals
    land: an island small enough to have only one argument
    land: a border town that has changed sides so often that it keeps both flags in the same drawer
    land: a salt town where even the bread tastes of work
    land: a crossroads with an inn, a well and eleven opinions
    land: a valley so narrow that the sun keeps office hours
    land: a canal town where the cats know the barges by name
    land: a town built on a bridge because nobody could agree on a bank
    land: a mining town with a famous echo
    land: a fishing village that counts its people twice on windy days
    land: a town known for its bells and for never agreeing on the time
    land: a street of rope-makers, exactly as long as the longest rope
    land: a port where every house has a door for guests and a door for news
    land: a windy plateau where hats are a matter of faith
    now: a suburb at the far end of the night bus
    now: a town that the motorway went round
    now: a spa town whose spring dried up and whose orchestra did not
    now: a port city with two universities and one umbrella shop
    now: a housing block with a view of other housing blocks and, on clear days, of one cow
    now: a seaside resort that is only really itself in February
    old: a castle town that has outlived its castle
    old: a walled town with one gate and two gatekeepers who do not speak
    old: a forest village where the trees are counted every spring and the number is never the same
    old: a guild city with a patron saint for lost gloves
    old: a village under a dragon's old road, where every roof is slate
    old: a ferry landing on a river that is said to be asleep
    far: a relay station with a crew of forty and one window
    far: a mining moon where the dust gets into the songs
    far: a ring habitat that has been eleven years from completion for sixty years
    far: a freight dock where every clock shows the time of somewhere else
    far: a greenhouse ship that forgot where it was going and grew tomatoes instead
    far: a colony dome with a leak so old that it has a name
    far: a salvage yard in a slow orbit, full of other people's catastrophes
    far: a listening post that has heard nothing for thirty years and takes careful notes
    far: a repair berth that began as an accident between two larger places
";

/// People: how introduced / how called afterwards / she or he.
pub(super) const KIN: Table = "
    an aunt who mended instruments and broke engagements/the aunt/she
    a grandfather who carved the same duck every year/the grandfather/he
    a neighbour who lent out his tools and never once asked for them back/the neighbour/he
    a retired cook who measured everything in onions/the old cook/he
    an older cousin who could whistle two notes at once/the cousin/she
    a teacher who had failed at three other professions and loved the fourth/the teacher/she
    a lodger who paid in stories and was always a month behind/the lodger/he
    a half-brother with a talent for leaving/the half-brother/he
    a midwife who remembered everybody by weight/the midwife/she
    a bookkeeper who wrote poems in the margins of bad years/the bookkeeper/he
    a grandmother who won at cards by sighing/the grandmother/she
    a great-aunt who answered every question with a proverb of her own making/the great-aunt/she
    a locksmith who never shut a door/the locksmith/she
    a stepfather who apologised to spiders/the stepfather/he
    a night watchman who had learned four languages to have something to mutter/the watchman/he
    a seamstress who could tell a person's plans from their hem/the seamstress/she
    land: a gravedigger who was afraid of the dark/the gravedigger/he
    land: an uncle who kept bees and knew each of his grudges by name/the uncle/he
    land: a washerwoman who knew the whole town by its pockets/the washerwoman/she
    land: a ferrywoman who had never once been to the other side/the ferrywoman/she
    now: a bus driver who wrote notes of apology to the people she had missed/the bus driver/she
    now: a repairman who listened to radios between the stations/the repairman/he
    now: a piano teacher who had gone deaf on one side and chose the side/the piano teacher/she
    old: a hedge witch who could cure everything but her own cough/the hedge witch/she
    old: a retired executioner who grew prize leeks/the executioner/he
    old: a travelling monk who had lost his order and kept the haircut/the monk/he
    far: a mechanic who talked to engines and listened to people/the mechanic/she
    far: an old ship's mind that had outlived its ship/the old mind/she
    far: a navigator who got lost in corridors/the navigator/he
    far: a gardener who had never stood on soil/the gardener/she
";

/// Things, all of them singular and of little use: how introduced / how called afterwards.
pub(super) const OBJECTS: Table = "
    a brass key that fits no lock anyone has shown it/the key
    a tin whistle with one hole too many/the whistle
    a map of a coast that is no longer there/the map
    a coat with somebody else's name sewn into the collar/the coat
    a jar of buttons with no two alike/the jar
    a spoon worn thin on the left side/the spoon
    a small bell without a clapper/the bell
    a folding knife that has only ever cut bread/the knife
    a lantern with one blue pane/the lantern
    one half of a playing card/the half card
    a notebook with all the odd pages torn out/the notebook
    a compass that points steadily at nothing in particular/the compass
    a wooden box that rattles and does not open/the box
    a cup with a crack in the shape of a river/the cup
    a length of rope with eleven knots in it/the rope
    a stone with a hole worn through it/the stone
    a thimble that was once somebody's whole inheritance/the thimble
    a mirror the size of a coin/the mirror
    a packet of seeds with only a date on it/the packet of seeds
    a glass stopper from a bottle that nobody remembers/the stopper
    a ledger in which every debt but one is crossed out/the ledger
    a painted tin soldier with the wrong head/the tin soldier
    now: a ticket for a train that was never run/the ticket
    now: a wristwatch that is right about the minutes/the watch
    now: a photograph of an empty chair/the photograph
    old: a candle that has been lit only twice/the candle
    old: a ring too large for any finger in the family/the ring
    old: a horseshoe that was hung upside down on purpose/the horseshoe
    far: a pressure gauge stuck at a perfect reading/the gauge
    far: a name plate from a ship that is on no list/the name plate
    far: a sealed vial of soil with no planet on the label/the vial
";

/// Numbers that sound counted.
pub(super) const NUMBERS: Table = "
    four
    five
    six
    seven
    nine
    eleven
    twelve
    fourteen
    seventeen
    nineteen
";

/// Plain dishes, without an article.
pub(super) const FOODS: Table = "
    onion soup
    rice and beans
    barley porridge
    lentil stew
    noodles
    cabbage soup
    fish stew
    mashed turnip
    cold rice pudding
    pumpkin soup
";

/// Domestic animals, without an article; each takes "a".
pub(super) const BEASTS: Table = "
    goat
    goose
    mule
    pig
    hen
    donkey
    turkey
    cockerel
";
