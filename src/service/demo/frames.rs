//! The sentences in which a phrase of the description is set.
//!
//! A phrase may be anything, so it is quoted, unless its kind is known for sure: then the narrator says it. A frame fits every
//! phrase of its kind, and says nothing about what the phrase means.

use super::line::Table;

/// All tables of this file, for their tests.
#[cfg(test)]
pub(super) const ALL: [Table; 18] = [
    SAID, WRITTEN, WORD, QUALITY, PAST, ROLE, DEED, DONE, STATED, OWN_WORDS, ADDRESSED, TOLD,
    NUMBER, SIGN, LONG, ECHO, NAMED, CALLED,
];

/// Spoken by people; for any phrase of ordinary length.
pub(super) const SAID: Table = r#"
    land: "{q}," says the woman who rents out the boats, and charges {them} half.
    "{q}," said {kin}, and {k} ought to know.
    "{q}," the neighbours agreed, and it was the last thing they agreed on.
    A child on the stairs put it in one breath: "{q}."
    "{q}," people say, and look round to see who is listening.
    "{q}," said the first landlord. The second said nothing and raised the rent.
    The barber has a version of his own: "{q}."
    "{q}," according to a former friend, who was asked to leave it at that.
    "{q}," the cook likes to say, pointing with the ladle.
    Two sisters who disagree about everything use the same words for it: "{q}."
    "{q}," said a man who still owes {them} money, and he meant it as praise.
    "{q}, and that is on a good day," says the porter.
    It was the doctor who said it first: "{q}."
    "{name}?" they say at the gate. "{q}."
    "That's {name} for you," they say. "{q}."
    Ask for {name} and the answer comes before the directions: "{q}."
    "Ah, {name}," said the old judge, and put down his cards. "{q}."
    "{q}," {kin} once told a full room, and {N} {has} never made up {their} mind whether it was a compliment.
    In {home=} they put it plainly. "{q}," they say, and change the subject.
    "{q}," says the keeper of the lost property, who has seen all kinds.
    Somebody shouted it after {them} once, across a full street: "{q}!"
    "{q}," said the piano tuner, who had been asked about the piano.
    The twins at the corner finish each other's sentences, except this one, which they say together: "{q}."
    "{name}? {q}," said the widow on the ground floor, and did not stop sweeping.
    far: "{q}," says the dockmaster, and stamps it as if it were a permit.
"#;

/// Written down somewhere; for any phrase of ordinary length.
pub(super) const WRITTEN: Table = r#"
    In the register, beside the name, stands a single line: "{q}."
    The form had a space for remarks. Somebody has filled it: "{q}."
    On the back of an old receipt, in pencil, it says: "{q}."
    An old passenger list has it in full: "{name}. {q}."
    The only reference that {they} had with {them} was one line long: "{q}."
    The label on the trunk gave no address, only this: "{q}."
    There is a card in a drawer somewhere that reads: "{name}. {q}."
    "{q}," it says on an old school report, in red.
    The notice on the board named no sum and gave one detail: "{q}."
    A letter of recommendation, never used, begins: "{q}."
    The census taker, who had forty doors still to go, wrote "{q}" and fled.
    Under distinguishing marks the clerk had put: "{q}."
    In the visitors' book, next to {name}, another hand has added: "{q}."
    Somebody scratched it into a bench, where it can still be read: "{q}."
    "{q}," wrote the clerk in the margin, and underlined it, and thought better of the underlining.
"#;

/// For a single word.
pub(super) const WORD: Table = r#"
    Asked for one word, {kin} took a whole evening over it and came back with "{l}."
    The word people reach for is "{l}," and they reach for it early.
    There is a word for it, and the word is "{l}."
    "{q}" is what they call it in {home=}. They have other words, but not in front of guests.
    Of all the things {N} {was} called in those years, only "{l}" has stuck.
    "{q}" is only a word, but it followed {N} from room to room.
    Somebody said "{l}" once, at the wrong moment, and it became official.
    There were kinder words than "{l}," but none that everyone could spell.
    "{q}" was meant as an insult the first time. The second time it was a reference.
    Behind {them} they said "{l}," and in front of {them} they said it louder.
"#;

/// The narrator on what somebody is like.
pub(super) const QUALITY: Table = "
    {N} {was} {l} from the start, as some doors open only inwards.
    Nobody taught {them} to be {l}; it was simply there, like the draught in the hall.
    It is no trick to be {l} for an afternoon. {N} made a life of it.
    {N} {was} {l} even then, and it did not pass.
    To be {l} has its price, and {N} paid it daily, in small coin, without asking for a receipt.
    {N} {was} {l}, and so a good many things that happen to other people simply did not.
    It takes a certain talent to be {l} in company, and {they} had it.
    There are places where it is no use being {l}. {N} {was} {l} in all of them.
    For a while {they} tried not to be {l}. It lasted until lunch.
    {N} {is} still {l}. Some things travel well.
    Somebody has to be {l}, {kin} used to say, and looked at {N} in a tired way.
    It helped to be {l}. It also, quite often, did not.
    If being {l} were a trade, {they} would have had a brass plate on the door.
    {N} {was} {l} on weekdays out of need, and on Sundays for pleasure.
    It is possible to be {l} and happy, and for whole weeks at a time {they} proved it.
    Other people are {l} when they are tired. {N} {was} {l} after breakfast.
    {N} {was} {l} in the mornings, and in the afternoons there was more of it.
    Anyone can be {l} on purpose. With {N} it happened by itself.
    In {home=} they teach children not to be {l}. {N} {was} held up as the example, and rather enjoyed it.
    The doctor had no cure for it: {N} {was} {l}, and healthy otherwise.
";

/// The narrator on what somebody has been through: born, raised, trained.
pub(super) const PAST: Table = "
    {N} {was} {l}, and {has} never made much of it.
    It is on record that {N} {was} {l}. The record is kept in a cellar.
    To be {l} is not a thing one forgets, though {they} tried.
    {N} {was} {l}, and sooner or later it explains everything.
    That {N} {was} {l} came out only by degrees.
    {N} {was} {l}; it is the one part of the story nobody disputes.
";

/// The narrator on what somebody is.
pub(super) const ROLE: Table = r#"
    {N} {is} {a}, and would put it less grandly.
    There are easier things to be than {a}, and {N} tried two of them first.
    {kin} had hoped for almost anything else, and got {a}.
    On paper it is simple: {N} {is} {a}. Paper is patient.
    To strangers {N} {is} {a}, and it is usually best to leave it at that.
    It is not what anyone expects of {a}.
    All this is by way of saying that {N} {is} {a}.
    One would not have taken {them} for {a}, and that has often been useful.
    {N} {is} {a}; somebody has to be.
    When people ask, the answer is {a}, and when they ask again it is the same, with a sigh.
    Most of those who set out to be something end up as something else. {N} ended up as {a}, and {has} stopped being surprised.
    If one must be {a}, {N} say{s}, one should at least be on time.
    The trouble with being {a} is that everybody has met one in a story.
    Nobody had ordered {a}, but {town=} was not in a position to send anything back.
    It says a good deal about {home=} that {a} was the least of its worries.
    {N} {is} {a}, on good days by choice.
    A fortune-teller once promised {them} gold, travel and twins. What came of it is {a}.
    {town=} had a doctor, a drunk and a poet, at times in one person; what it did not have was {a}.
    What does one say to {a}? In {town=} they say good morning, and wait.
    Of the three things that {N} might have been, only {a} came with a room.
    "{A}," {kin} would say, the way other people say "rain again."
"#;

/// The narrator on what somebody does; the phrase begins with a verb in the third person, so "you" cannot be told it.
pub(super) const DEED: Table = "
    {N} {l}, and cannot say when it began.
    It is a plain fact that {N} {l}. Plain facts are rare in {home=}.
    Everybody knows that {N} {l}. Nobody has ever been told why.
    Also, {N} {l}. It comes up sooner or later.
    {N} {l}; those who share a wall with {them} have got used to it.
    If there is one thing that could be proved in court, it is that {N} {l}.
    {kin} blamed the water, but the fact is that {N} {l}.
    And {N} {l}, of course. It would be a different story otherwise.
";

/// The narrator on what somebody once did; fits every person.
pub(super) const DONE: Table = "
    {N} {l}, and does not bring it up.
    Some years before, {N} {l}. It is mentioned here because it is never mentioned there.
    The part that everybody skips is that {N} {l}.
    {N} {l}; the rest follows from that, more or less.
    It is true that {N} {l}, and it was not done lightly.
";

/// A whole sentence about the character, left as it is.
pub(super) const STATED: Table = "
    {q}. It is the first thing that anyone mentions.
    {q}. There are witnesses.
    {q}. {kin} would tell it differently, and at greater length.
    It comes down to this: {l}.
    {q}. In {town=} it is no longer thought worth a remark.
    As for the rest, {l}.
    {q}. It explains less than one might hope.
    {q}. That much is certain.
    One more thing should be said: {l}.
";

/// A sentence that says "I".
pub(super) const OWN_WORDS: Table = r#"
    "{q}," {N} said once, to a shut door, to hear how it sounded.
    "{q}," {N} tell{s} people, when there is no way round it.
    "{q}," {they} {have} been heard to say in {their} sleep.
    In {N's} own words: "{q}."
    "{q}," {they} wrote on a form, in the space marked other.
    {N} practised it for some time in front of a mirror: "{q}."
    "{q}," {they} said to the cat, who had assumed as much.
"#;

/// A sentence that says "you", told to the character.
pub(super) const ADDRESSED: Table = "
    {q}. It is not much of a secret.
    {q}. So it says on the papers, at least.
    {q}. {kin} always said that it would come to that.
    {q}. You have been told so by several people at once.
    {q}. There it is.
    {q}. Nobody remembers how it started, and you least of all.
";

/// The same, where the story is told about somebody.
pub(super) const TOLD: Table = r#"
    "{q}," {kin} used to tell {them}, across the table.
    "{q}," somebody wrote on a card, and put it where {they} would find it.
    "{q}," the judge said, and {N} could not think of an objection.
    "Listen, {name}," said {kin}. "{q}."
"#;

/// A bare number.
pub(super) const NUMBER: Table = "
    The forms want a number, and {N} always give{s} the same one: {q}.
    Somewhere in the papers there is a figure that nobody has explained: {q}.
    Counting bores {them}, but there is one number {they} never forget{z}: {q}.
    Beside the name, in another ink, stands the number {q}.
";

/// A drawing: neither letters nor digits.
pub(super) const SIGN: Table = "
    {N} sign{s} everything with the same mark: {q}
    Somebody once painted this on the door in {home=}, and it was left there: {q}
    In the corner of every letter from {N} there is a small drawing: {q}
";

/// A phrase that runs on.
pub(super) const LONG: Table = r#"
    The fullest account is in a letter that was never meant to be read aloud: "{q}."
    A clerk with time on his hands set it all down: "{q}."
    There is a paper about {N}, folded small, and this is what it says: "{q}."
    Somebody who knew {them} well once put it like this: "{q}."
    What the archive has is this, in a careful hand: "{q}."
    It was summed up, at the time, by a person with no gift for brevity: "{q}."
    The whole of it was read out once, at a hearing, without expression: "{q}."
"#;

/// A phrase that has been heard before, near the end of a story that has few of them.
pub(super) const ECHO: Table = r#"
    Now and then {they} still hear{z} it in somebody else's mouth, "{l}," and look{z} up.
    At home they still say "{l}," but in a lower voice.
    "{q}" is what the papers say to this day. Nobody has brought them up to date.
    When the old words come up, "{l}," it is like seeing a coat one used to own go by on somebody else.
    As for "{l}," {N} {has} heard it in {num} accents and prefer{s} the first.
    There are worse things to be called than "{l}," and {N} {has} been called most of them.
    "{q}," {they} sometimes murmur{z}, trying it on again.
    Somebody would like to put it on a plate by the door: "{q}."
"#;

/// How a story told to "you" gives the name.
pub(super) const NAMED: Table = "
    The name you gave was {name}, and nobody asked for another.
    You are {name}; it says so on the door.
    They call you {name}, with the stress in the wrong place.
    {name} is the name you answer to, and you answer slowly.
    Somebody wrote {name} beside the date, and you were accounted for.
    Your name, {name}, was the only thing that had not been packed in a hurry.
    Say {name} in the right kitchen and somebody will lay another place; that is you.
    You said your name was {name}, which was true, and looked as though it were not.
    The first person to call you {name} was a child, who got it right.
    When people shout {name} across a room, yours is the head that goes down.
    You sign yourself {name}, without a flourish.
    Your name is {name}. It has been misspelt on better doors than this one.
    For the record, you are {name}, and the record is the only one who asks.
    {name}, they wrote on the list, and you were the only one who read it and thought of you.
";

/// How a story told to "you" gives the name once more.
pub(super) const CALLED: Table = r#"
    Somewhere below, somebody is calling "{name}!" and it is probably about supper.
    They have given up writing "{name}" on the list; it is assumed.
    "Ask {name}," they have begun to say, and you have begun to know the answers.
    There is a dog by now, and a boat, and one small girl who are all called {name}, after you.
    "{name}," you say to the mirror now and then, to see who turns round.
    On the hook where you hang your coat, somebody has painted {name}, and taken trouble with it.
    It has been said that everyone should know a {name}. It was said by somebody who knows only you.
    "Not now, {name}," people say, and make room on the bench.
    Children have a game called {name}. Nobody will explain the rules to you.
    "{name} will know," somebody says in the next room, and you find, quite often, that you do.
    There is a cup with {name} on it in a kitchen that is not yours.
    In the margin of the accounts it says: {name}, see also soup. Nobody remembers why, and you have not asked.
    "{name}!" said the parrot at the inn when you came back, and nobody had taught it to.
    They have begun to say "{name}" when they mean "not yet." You take it as a compliment.
"#;
