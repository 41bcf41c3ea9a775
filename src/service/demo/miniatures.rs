//! Stories for people in a hurry: four paragraphs of a sentence or two.
//!
//! Each is one small plot in three parts; what the description says stands between the first and the second.

use super::line::Table;

/// The three parts of one miniature, with pieces that may be left out.
#[derive(Debug)]
pub(super) struct Miniature {
    /// Which worlds it suits, told by the line that opens it.
    pub(super) opening: &'static str,
    /// What happened.
    pub(super) turn: &'static str,
    /// How things stand.
    pub(super) closing: &'static str,
}

/// All miniatures.
pub(super) const MINIATURES: &[Miniature] = &[
    Miniature {
        opening: "{N} came to {town=} with one bag.~{Y}~It held {obj} and a clean shirt, and it was never fully unpacked.",
        turn: "Then the water rose, and somebody had to go back for the old people.~There were {num} of them, and they all wanted their spectacles.~{N} made the trip again and again, and stopped counting.",
        closing: "The bag still stands by the door.~{N} dust{s} it on Fridays.~Nobody in {town=} believes in it any more.",
    },
    Miniature {
        opening: "{N} {has} one rule: never be the second to run.~{Y}~It was made by {kin}, who had been.",
        turn: "Once {N} {was} the first, on to a bridge that was giving way, shouting.~It held for everybody else.",
        closing: "{N} send{s} flowers to the bridge every year.~The card says thank you.~The town assumes that it is from a lover.",
    },
    Miniature {
        opening: "Nobody gave {N} the name; it came with a coat.~{Y}~The coat was on a hook, and it was cold, and there was a label.",
        turn: "One day the owner of the name came to the door.~There was soup, and there were two bowls, and it was a long evening.~In the end it was agreed who needed the name more.",
        closing: "The coat fits by now.~{N} {has} had the pockets mended.~Whoever looks in them will find a little money, in case.",
    },
    Miniature {
        opening: "{N} own{s} {obj}, and very little else.~{Y}~Once a dealer offered a great deal for it, and could not say why.",
        turn: "In the fire there was time to save one thing, and {N} came down the stairs with somebody's dog.~It bit {them} twice.",
        closing: "{obj=} was found next morning, in the ashes, quite unhurt.~The dog was never claimed.~{N} {has} forgiven them both.",
    },
    Miniature {
        opening: "There was a bet in {town=}, and {N} lost it.~{Y}~The stake was {num} days of work, to be paid in person.",
        turn: "By the time the bet was paid, the roof was mended and the well was clean.~So was the quarrel that had been going on beside it.~Nobody could quite remember what the bet had been about.",
        closing: "{N} still turn{s} up.~There is always one more thing to be put right.~People have begun to break them on purpose.",
    },
    Miniature {
        opening: "Every month {N} write{s} a letter and put{s} it in a drawer.~{Y}~They are all for {kin}.",
        turn: "Last year an answer came.~It said: I know about the drawer.~It also said that the handwriting had improved.",
        closing: "{N} bought a stamp.~It has been lying on the table for some weeks.~It is a very good stamp.",
    },
    Miniature {
        opening: "{N} {was} lost for a day, as a child, in {home=}.~{Y}~It is {home:}, and it took some doing.",
        turn: "Everybody searched, and all that time {N} {was} under the table with the map on it.~One hears a good deal from there.",
        closing: "{N} {has} not been lost since.~{They} still know{z} who cried that day, and who only swore.~Nobody who swore has ever lacked for anything.",
    },
    Miniature {
        opening: "{N} left {home=} at noon, in front of everyone.~{Y}~People there prefer to leave at night.",
        turn: "Away from home there came a winter with no coat in it, and then, one morning, there was a coat on the step.~It had {num} buttons, and none of them matched.",
        closing: "One day {N} went back, to find out who had left it.~Everybody said that they had.~{N} stayed.",
    },
    Miniature {
        opening: "{N} learned everything from {kin}.~{Y}~It was not meant as a lesson.",
        turn: "Then came the day when a child stood watching, with a serious face and one shoe.~{N} moved over, so that the work could be seen.",
        closing: "There are two of them at the bench these days.~Nobody has mentioned school.~{N} {has} bought a second lamp.",
    },
    Miniature {
        opening: "{N} cannot read a map.~{Y}~In {town=} this is known, and kindly overlooked.",
        turn: "In the fog it turned out to be an advantage: the others followed the road, and {N} asked a goat.~The road had gone the day before.",
        closing: "{num} people owe {them} their lives.~They tell it without the goat.~{N} put{s} it back in.",
    },
    Miniature {
        opening: "There is a medal in {N's} drawer.~{Y}~It lies face down, under {obj}.",
        turn: "The medal was given for the wrong night; on the right one there was a door, and {N} held it.~Nobody was watching.",
        closing: "{N} never wear{s} the thing.~But {they} cannot pass a door that is closing.~People think that it is manners.",
    },
    Miniature {
        opening: "{N} sang badly, and loudly, in the choir of {town=}.~{Y}~A vote had been held about it.",
        turn: "When the lights failed at practice, the others lost the note, and {N}, who had never had it, sang on.~They followed the noise along the wall, and down, and out.",
        closing: "{They} stand{z} in the front row now.~The concerts are no better.~They are very well attended.",
    },
    Miniature {
        opening: "land: {N} crossed the pass in winter with a borrowed mule.~{Y}~It knew the way and {they} did not.",
        turn: "Halfway over, the mule sat down, and below there was a light, where no house had ever been.~It was that or the wolves.~{N} knocked.",
        closing: "{N} live{s} there now.~The owner has never explained the light.~The mule was sent home with a note.",
    },
    Miniature {
        opening: "far: {N} came aboard {town=} as cargo, by mistake.~{Y}~The papers were in order, which made it worse.",
        turn: "Then the air failed on the lower deck, and somebody came to count the cargo.~That is how {num} people were found in time.",
        closing: "The mistake has never been corrected.~{N} {is} fragile, and this side up.~Once a year {they} {are} signed for, with cake.",
    },
    Miniature {
        opening: "{N} {has} apologised to everyone in {home=} but one.~{Y}~That one keeps moving house.",
        turn: "In the end there was an inn with only one table.~{N} said it all, standing up.~The other went on eating for a while, and then pushed the bread across.",
        closing: "There is a card every year now.~Nothing is written on it.~{N} {has} kept them all.",
    },
    Miniature {
        opening: "There is a song about {N}.~{Y}~It has {num} verses, and the last of them is true.",
        turn: "One evening somebody sang it in {N's} hearing, and {they} corrected one word.~The horse had grown, and so had the river, and {they} let them.",
        closing: "It is sung with that word now.~It no longer rhymes.~Nobody in {town=} has complained.",
    },
    Miniature {
        opening: "{N} lent a ladder to a stranger.~{Y}~Everybody in {town=} said that it was gone for good.",
        turn: "The ladder came back after a year, with two new rungs.~There was a basket of pears tied to it.~There was no note.",
        closing: "{N} {has} a rule about ladders now.~They are lent to strangers first.~The neighbours can wait.",
    },
    Miniature {
        opening: "For a year {N} slept with one shoe on.~{Y}~It was the kind of year in which one is called at night.",
        turn: "When the call came, {N} {was} first at the door.~It was only the midwife, who needed somebody to hold a lamp.~{They} held it until morning.",
        closing: "There is a girl in {town=} called {name}.~She was told that it is an old family name.~Nobody has contradicted it.",
    },
];

/// How phrases are set in a miniature: the first in the frame, others after it in quotes.
pub(super) const REMARKS: Table = r#"
    "{q}," they say in {town=}.
    "{q}," said {kin=}.
    "{q}," the neighbours say.
    "{q}," it says in the register.
    "{q}," wrote the clerk.
    "{q}," people said.
    "{q}," said the landlady.
    "{q}," said the ferryman.
"#;
