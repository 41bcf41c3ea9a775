//! The plots: how a story opens, on what it turns, how it ends, and which paragraphs stand between.
//!
//! The three parts of one plot go together: any of its openings may be followed by any of its hinges and endings. Nothing in
//! them names a trade, an age or a gender, for these belong to the description.

use super::beats::Beat;
use super::line::Table;

/// One plot.
#[derive(Debug)]
pub(super) struct Plot {
    /// First paragraphs; each has its place for the name and for the first phrase.
    pub(super) openings: Table,
    /// What happened, or how it came about.
    pub(super) hinges: Table,
    /// Last paragraphs.
    pub(super) closings: Table,
    /// The paragraphs before the hinge, each one of several.
    pub(super) before: &'static [&'static [Beat]],
    /// The paragraphs between the hinge and the end, each one of several.
    pub(super) after: &'static [&'static [Beat]],
    /// Whether the plot itself tells where the object comes from, so that no other paragraph may.
    pub(super) owns_object: bool,
}

/// What may be told before a hinge.
const EARLY: &[Beat] = &[Beat::Home, Beat::Kin, Beat::Work, Beat::Turn];
/// What may be told after it.
const LATE: &[Beat] = &[
    Beat::Secret,
    Beat::Habit,
    Beat::Friend,
    Beat::Wish,
    Beat::Rumour,
    Beat::Hour,
];

/// All plots.
pub(super) const PLOTS: &[Plot] = &[
    ARRIVAL, KEEPSAKE, DEBT, WITNESSES, NIGHT, LETTER, RULE, RETURN, NAMESAKE, FINDER, JOURNEY,
    MISTAKE,
];

/// Somebody comes for a while and stays.
const ARRIVAL: Plot = Plot {
    openings: "
        land: {N} came to {town=} on a cart full of chairs, sitting on the only one that was not for sale.~{town=} is {town:}, and it looked {them} over the way it looks over all furniture.~{Y} {T}
        Nobody comes to {town=} by accident. It is {town:}, and when {N} turned up there with one bag and no plan, everybody assumed a plan.~It took them a year to believe that there was none, and by then there was.~{Y} {T}
        On the first night in {town}, {N} slept in a room with a sloping floor and woke up against the door, which {they} took for advice.~The second night {they} moved the bed, and that settled the matter.~{Y} {T}
        There were {num} people waiting when {N} arrived in {town=}, and not one of them was waiting for {N}.~So {they} picked up somebody else's bag and carried it, and got thanked, and that was a beginning.~{Y} {T}
        {N} asked three people in {town=} for the way and got three different answers.~{town=} is {town:}; the short way, which nobody mentions, goes through a kitchen.~{Y} {T}
        {N} meant to stay in {town=} for {num} days, said so at the door, and unpacked accordingly.~The rest of the bag was unpacked by accident, a little every month.~{Y} {T}
        It was the wrong stop. {N} knew it at once, and picked up the bag anyway, and that is how {town=} came by {them}.~Nobody there has complained, and in {town=} that counts as a reception.~{Y} {T}
        far: The shuttle put {N} down at {town=} with the wrong luggage, and left before either mistake could be corrected.~The luggage turned out to hold a very good coat and no explanation.~{Y} {T}
        far: {N} came through the lock at {town=} with the last of the mail, and {was} signed for.~It is {town:}, and somewhere in its books {they} {are} still listed under parcels.~{Y} {T}
    ",
    hinges: "
        land: The first winter decided it. The stores ran low, the road was shut, and the people of {town=} sat in the hall and counted potatoes in front of one another.~{N} stood up, counted them again, and got a different number, a better one.~It was a mistake in the first count and no miracle, but {they} {were} never afterwards allowed to pay for a drink.
        land: One night a wall came down, and there was a child's voice behind it.~{N} {was} the only one still new enough not to know whose wall it was, and simply began taking out the stones.~By morning there were forty people in the line, passing stones, and nobody could remember who the stranger had been.
        The day that counted looked like any other. The water stopped, the only person who understood the pumps had moved away, and everybody went to look at the pumps, because that was something to do.~{N} found the instructions on the back of a menu.~Half the page was missing. The missing half is now known in {town=} as {N's} method, and it has held.
        Somebody had to tell the truth at a meeting, and that is easier for a guest. So {N} stood up and said what they all knew: who had taken the money from the box, and why, and that it had better be called a loan.~There was a long quiet, then a motion, then soup.~The money came back in {num} instalments. So, at the end, did the person who had taken it.
        After some weeks a chair was found to be missing from the hall, then a lamp, then the rest of the lamp oil, and people looked at the newcomer.~{N} said nothing and sat up {num} nights running in the dark. It was the oldest man in {town=}, furnishing a cellar for a wife who had been dead for years.~{N} helped him with the table, and replaced what was missing, and let them go on looking.
        far: Then the air on the lower deck went bad, slowly and politely, so that nobody liked to mention it.~{N} mentioned it. {They} went from door to door with a list and a spare mask, and got everyone up the stairs by telling each of them that the others had already gone.~It was a lie for the first forty people and true for the last.
        It was a book that did it. {N} borrowed one from the only shelf in {town=} and found in the margins, in pencil, the whole life of somebody who had read it before: what to buy, whom to trust, where the roof leaked.~On the last page it said: leave before the fair.~{They} stayed for the fair, to see. It was a very ordinary fair, and at the end of it {they} had won a ham and could not find the bag.
    ",
    closings: "
        The bag stands by the door, packed, as it has stood since the first week. {N} dust{s} it.~Anyone who asks is told that it is only until things settle.
        People who arrive in {town=} now ask {N} for the way. {They} give{z} it, and walk{z} along as far as the corner, because somebody should.~Nobody did it for {them}. That is the whole of the reason.
        If a stranger turned up tomorrow with one bag and no plan, {N} would know what to do: nothing, kindly, for about a week.~It has worked before.
        There is a chair in {town=} that is {Ns}. Nobody has ever said so. But when it broke last year somebody mended it, and set it back in exactly the same place, facing the door.
        The last time anything left {town=} with room for one more, {N} went down to see it off.~{They} waved until it was out of sight, and then a little longer, to be polite to the other one, the one who had meant to leave.
        In the register of {town=}, under the date of that first day, somebody wrote visitor beside the name.~{N} {has} seen it. {They} could have it changed for a small fee, and every year {they} put{z} the fee aside, and every year it goes on something for the roof.
    ",
    before: &[&[Beat::Kin, Beat::Home, Beat::Turn]],
    after: &[&[Beat::Voices], LATE],
    owns_object: false,
};

/// A thing that is carried through a life.
const KEEPSAKE: Plot = Plot {
    openings: r#"
        Of everything {N} ever owned, one thing has always come back: {obj}.~{They} {have} been offered money for it, once, by somebody who would not say what it was.~{Y} {T}
        Before anything else there was {obj}.~It is not worth much. {N} {has} had it valued twice, and both times felt insulted on its behalf.~{Y} {T}
        The first thing {N} look{s} at in the morning, and the last thing {they} talk{z} about, is {obj}.~Visitors who pick it up are asked, quite gently, to put it down.~{Y} {T}
        When they searched {N} at the gate of {town=}, they found bread, some string and {obj}, and it was the last of these that they talked about for the rest of the shift.~Everything was given back. Nobody knew what to charge it as.~{Y} {T}
        {kin} gave {N} exactly one present, and it was {obj}.~There was no ribbon and no explanation, only the words "You will see." So far {they} {have} not.~{Y} {T}
        {N} lost {obj} once, for {num} days, and prefer{s} not to speak of those days.~It was under the bed. That is not the point.~{Y} {T}
        It would be easier to explain {N} if it were not for {obj}.~Everything else about {them} can be checked.~{Y} {T}
        On the list of what {N} brought out of {home=} there is only one entry that the clerk thought worth a question mark: {obj}.~The clerk was told that it was sentimental, and wrote down: mental.~{Y} {T}
    "#,
    hinges: r#"
        {obj=} goes back to {kin}, and to a day when everybody was being sensible.~"Take it," said {kin=}, "before they make a list."~{N} took it, and so it stands on no list, and belongs to nobody else, and cannot be insured.
        Once, in a bad year, {N} sold {obj=} to a dealer for the price of a week's meals.~{They} ate for two days, could not finish on the third, and went back.~The dealer had known it. There it was in the window, at exactly the price that had been paid for it, and not a coin more would he take.
        When the alarm went, everyone in the building had as long as it takes to run down a staircase to decide what they loved.~One neighbour saved a ham. One saved the rent book, and was sorry.~{N} came out with {obj=} in one hand and somebody's dog under the other arm, and could not have said which of the two had been the decision.
        {obj=} has been useful exactly once. A door had to be kept from closing, for about a minute, and there was nothing else to hand.~In that minute {num} people got out.~{N} carried it home afterwards in both hands, the way one carries something hot.
        A man came a long way to see {obj=}. He sat across from {N}, with the thing on the table between the cups, and told {them} who had made it, and for whom, and what it had cost.~It was a long story and a sad one, and it was about a different one entirely; his had been bigger.~{N} let him hold it all the same, until he had finished crying.
        {obj=} was stolen, once. The thief was young and polite and sent it back after a week, with a letter.~It had not let him sleep, he wrote. He did not say how.~{N} answered by return, with an address and a time, and taught him a trade that he was better at.
    "#,
    closings: "
        One day {N} will give {obj=} to somebody, and {they} {have} begun to look at people with that in mind: who picks things up, who puts them back.~So far the best candidate is eight years old and does not like {them}.
        {N} no longer expect{s} {obj=} to explain itself.~There are marriages that rest on less.
        {N} keep{s} {obj=} at the dark end of the shelf. In the evening the light gets there last.~It could be moved nearer to the window. But {they} like{z} to see the light make the effort.
        When people ask {N} what {they} would save from a burning house, the answer is that it depends who is in it.~Then, very quickly, {they} look{z} at {obj=}.
        Nobody else will ever want {obj=}. {N} know{s} that, and it is a comfort, as it is with some people.
        It travels in an inside pocket now, or on a string, or wrapped in a shirt, according to the weather and the company.~If {N} ever arrive{s} anywhere for good, {obj=} will be the first to be told.
    ",
    before: &[EARLY],
    after: &[LATE, &[Beat::Voices]],
    owns_object: true,
};

/// Something is owed.
const DEBT: Plot = Plot {
    openings: "
        {N} owe{s} {num} days to {kin}, and both sides have kept count.~It started as a joke, and the joke has been dead for years.~{Y} {T}
        Everything that {N} {has} done since leaving {home=} can be explained by a sum of money, and the sum is not large.~{home=} is {home:}, and it has a long memory and a good slate.~{Y} {T}
        {N} once made a promise to {kin}. It was late, and talk was cheap, and somebody wrote it down.~The paper still exists.~{Y} {T}
        Somebody paid for {N} once, without being asked, and left before the change was counted.~{They} {have} been looking for that person ever since, with the change.~{Y} {T}
        There is a page in a ledger in {home} with {N's} name at the top, and nothing on it has been crossed out.~{They} could pay. But nobody will say what was bought.~{Y} {T}
        {N} lost a bet in {town=}, over nothing, before {num} witnesses, and {has} been paying it off ever since.~The bet was about whether {they} would stay.~{Y} {T}
        {kin} once saved {N's} life, apologised for the trouble, and never mentioned it again.~It is very hard to pay back somebody who has forgotten to send the bill.~{Y} {T}
        Three times a year {N} put{s} some money in an envelope and post{s} it to an address in {home=} where nobody has lived for a long time.~It has never come back. Somebody, somewhere, is running up a credit.~{Y} {T}
    ",
    hinges: r#"
        The chance to pay came at a bad moment and in front of people.~{N} could have looked away. Instead {they} put down what {they} {were} carrying, said, "That one is mine," and took the blame for a thing {they} had not done.~It cost {them} a good position and a better coat. {They} slept that night like a stone in a river.
        Once the whole of it was nearly together. {N} counted it out on the bed {num} times, and it was enough.~Then somebody knocked who needed exactly that much, and there was no time to be clever.~{They} began again the next morning, with a button and two coins, in what can only be called a good mood.
        When {N} came to the door with all of it, counted and wrapped, nobody was there. There was a note: gone to the market, back at noon, the door is open.~{They} sat on the step until noon and past it, and then there was a smell, and somebody had to go in and stir the soup.~In a manner of speaking {they} {have} been stirring it since.
        It turned out that the debt had been sold. It had passed from hand to hand for years, always for a little less, like a chair at a bad auction, and the last buyer was an old woman who wanted company more than money.~It was settled at one evening a week, with dumplings.~{N} {has} missed two, and brought proof both times.
        In the end {N} asked a lawyer, who asked another, and the two of them read everything there was to read and came out of the room quite pale.~It was the other way round. It had been the other way round from the first day: it was {N} who {was|were} owed.~{N} thanked them, paid for two evenings, and asked that it should go no further.
        There was a year when nothing could be paid at all. {N} wrote to say so, and wrote it badly, and sat with the letter for days.~The answer was one line: then come and eat.~{They} went, and ate, and it was added to the bill, at {their} own insistence, under sundries.
    "#,
    closings: "
        There are {num} payments left. {N} could make them all tomorrow.~But a person who owes nothing is expected to go home, and {they} {are} not done here yet.
        The last coin lies in a dish by the door, where {N} can see it. {They} {have} been on the point of handing it over for some time.~When it is gone there will be nothing left to call on people for but company, and that takes more courage.
        Lately {N} {has} begun to lend: small sums, tools, an afternoon. Nothing is written down.~It feels reckless. {They} recommend{z} it.
        If it is ever paid, {N} will be free, and {has} asked around what that is like.~The reports are mixed.
        {kin} would say that it was settled long ago. {N} would say that this is exactly what a kind creditor says.~So the account stays open, and letters go to and fro about it, and they are the only letters that {they} answer{z} the same day.
        Nobody is pressing. Nobody ever was.~{N} get{s} up early all the same, and count{s}, and go{es} out to earn a little more of it, whistling, like somebody on the way to see a friend.
    ",
    before: &[&[Beat::Home, Beat::Kin, Beat::Turn], &[Beat::Work, Beat::Thing]],
    after: &[&[Beat::Voices], LATE],
    owns_object: false,
};

/// Told by others, who do not agree.
const WITNESSES: Plot = Plot {
    openings: "
        Three people in {town=} claim to know {N} well, and they cannot all be right.~{town=} is {town:}, and being right is one of its few amusements.~{Y} {T}
        Nobody has ever written down the story of {N}, so it has had to be collected from people who were doing something else at the time.~One was shelling peas. She is the most reliable.~{Y} {T}
        There are two portraits of {N}, and they do not look like the same person.~One was made for love and one for money, and opinion in {town} is divided as to which.~{Y} {T}
        At the inquiry, everyone who had seen {N} that day was asked to say only what they had seen. It took {num} hours.~The clerk used up two pens and, towards the end, the back of the menu.~{Y} {T}
        Depending on which door in {town=} one knocks at, {N} {is} a saint, a nuisance or somebody's cousin.~It is {town:}, and nobody there sees a contradiction.~{Y} {T}
        The toast to {N} was meant to last a minute, but people kept correcting it.~In the end the glasses were emptied without it, sentence by sentence.~{Y} {T}
        There is a file on {N}. It is thin, and most of it contradicts itself.~Whoever kept it seems to have grown fond of {them} by the second page.~{Y} {T}
        When the people of {town=} have run out of weather, they talk about {N}.~It is done without malice, and without much regard for the facts.~{Y} {T}
    ",
    hinges: r#"
        The truth is less tidy. On the evening that everybody talks about, {N} {was} neither brave nor proud nor clever. {They} had gone back for {obj}, forgotten on a windowsill, and the rest happened because {they} {were} in the way.~{They} {have} tried to say so.~It is put down to modesty.
        None of the witnesses was there for the part that mattered. It took place in a corridor and lasted as long as it takes to button a coat.~"You don't have to," said {kin}. {N} said, "I know."~That was all of it. Everything that people admire came afterwards, and was only carrying.
        What nobody mentions is the year in between, because nobody saw it. {N} rented a room, slept, mended {their} own shirts badly and spoke to almost no one.~{They} learned to cook one dish and to sit still.~When {they} came out again people said that {they} had changed, and went on describing the person from before.
        Asked for {their} own version, {N} {was} silent for so long that somebody went to see about lunch.~"Put down that I was late," {they} said at last, and that is in fact the key to it. Everybody else had been on time, and had gone in, and the roof had come down.~{N} had been held up by an old man with a bag of plums.
        There was one more witness, and nobody had thought of asking. She was seven at the time, and under the stairs.~"It wasn't shouting," she says. "It was singing. Everybody else was shouting."~{N} {has} never confirmed this, and {has} never been able to look her in the eye without beginning to laugh.
        In the end somebody went through the dates, and they do not work. On the evening when {N} {was} seen pulling people out of the water, {they} {were} also seen at a card table on the other side of town, losing.~Both are sworn to. Both sets of witnesses are respectable.~Asked which of them is right, {they} always say{z} the same thing: "I did lose."
    "#,
    closings: "
        {N} {has} heard all the versions by now, and {has} a favourite. It is the one with the goat.~There was no goat. But it is told with such good faith that {they} {have} begun to remember its name.
        land: Somebody will write it all down in the end, and get it wrong with great care.~{N} {has} asked for one correction only: it was not raining.
        {N} {was} in the room once when the story was told, at the back, by the coats. {They} laughed in the right places.~At the end {they} asked what had become of that person, and nobody knew.
        As for {N}, {they} would rather be known for what {they} {have} fixed: a gate, two quarrels, a tap in {town=} that had dripped for as long as anyone could remember.~Nobody tells stories about a tap that is quiet. But {N} pass{es} it most days, and listen{s}.
        Put all the accounts side by side and there is a gap in the middle, about the size of a person sitting down.~That is the likeness. {N} would know it anywhere.
        When it gets too much, {N} give{s} a version too. It is short and dull, and {they} tell{z} it well, and people thank {them} politely and go back to the others.~It is the true one.
    ",
    before: &[&[Beat::Voices], EARLY],
    after: &[LATE, LATE],
    owns_object: false,
};

/// One night, and what it made.
const NIGHT: Plot = Plot {
    openings: r#"
        On the night when everything went wrong, {N} {was} in the kitchen, looking for a lid.~The lid has never been found. It is about the only thing that nobody mourned.~{Y} {T}
        The lamps went out all at once, from one end of {town=} to the other, and in the dark somebody said, quite calmly, "Where is {name}?"~It is {town:}, and until that night it had not been in the habit of asking.~{Y} {T}
        It was {N} who opened the door, because everybody else was pretending not to have heard the knock.~There is a story that {they} asked who it was. There was no need to ask.~{Y} {T}
        There was exactly one hour between the warning and the thing itself, and {N} spent the first ten minutes of it finishing a bowl of {food}.~{They} {have} been asked about this. Nobody, {they} say{z}, should be brave on an empty stomach.~{Y} {T}
        land: When the river came over the wall, {N} {was} on the wrong side of it, holding somebody else's {beast}.~It was a heavy animal, and it had opinions.~{Y} {T}
        {N} {was} the last one out that night, and {has} the key to prove it.~The door it belongs to is gone.~{Y} {T}
        By the time anybody shouted, {N} {was} already on the stairs, with one shoe on.~The other shoe stood by the bed until morning and was, of all that was in the room, quite unharmed.~{Y} {T}
        far: At the hour when the night shift tells its worst jokes, a red light came on in {town=} that nobody living had ever seen lit, and it was {N} who looked it up.~The manual said only: go quietly.~{Y} {T}
    "#,
    hinges: r#"
        The thing itself lasted about as long as a dull supper. There were {num} people in the house and one way out, and the way out was up.~{N} went first, for no better reason than that {they} knew which stair was rotten.~The others came after, one by one, each stepping over the same stair, each told the same thing: don't look at it, look at me.
        What {N} did that night can be told in three words: {they} went back. What {they} saw there has been told to nobody except {kin}. There was one question, and after that only talk about soup, until it was light.~{They} came out with {num} people, a good deal of plaster in {their} hair, and a new way of listening at doors.
        The thing itself was over by morning. Those who had run came back, looking at their feet.~{N} {was} sitting on what was left of the step, sorting spoons by owner.~Nobody had asked {them} to. It was simply the first thing that could be put right.
        In the end it came down to who would hold the rope. It was not a heroic part: there was nothing to see, it hurt, and it went on for hours.~{N} held it. {They} sang to keep time, the only song {they} knew all the way through, which was about a miller and not suitable.~Those at the other end can still do every verse.
        Long afterwards, when they drew up the list of who had done what, there was one line that nobody could fill. Somebody had gone along the whole row, that night, and knocked at every door.~{N} read the list twice and signed it, and left the line as it was.~{They} had knocked at {num} doors. It is the ones that did not open that {they} could put a name to.
        There was to have been a signal, and the signal never came. So everyone waited, as agreed, while things got worse.~It was {N} who broke the agreement, by the simple method of screaming.~Afterwards it turned out that the man with the lamp had fallen asleep. {N} {has} never let anyone say a word against him. "He'd been up two nights," {they} say{z}. "I'd had a nap."
    "#,
    closings: "
        {N} still wake{s} at that hour. It is no longer fear, only punctuality.~{They} get{z} up, check{z} the door, the lamp and the lid on the pot, and lie{z} down again. Everything is where it was, and {they} never take{z} that for granted.
        Every year somebody proposes a ceremony, and every year {N} come{s} down with a cold.~This year there was a cake instead, on the step, with no name on it. {They} ate it standing up, over the sink, in one go.
        The place has been built over. {N} walk{s} across it with the shopping and slow{s} down for four steps, no more, where the door was.~Nobody notices. It is as near as {they} come{z} to prayer.
        People ask whether {they} would do it again. {N} always say{s} no, firmly, with one ear turned towards the door.
        {N} {has} slept well since, on the whole, though always on the side of the bed that is nearer the door.~It is not for getting out. It is so that whoever comes will know whom to wake.
        A good many people in {town=} are older now than they had any right to expect. {N} see{s} them about, buying fish, complaining, missing the point.~It is the best view {they} know{z}.
    ",
    before: &[&[Beat::Home, Beat::Kin], &[Beat::Work, Beat::Thing, Beat::Turn]],
    after: &[&[Beat::Voices], LATE],
    owns_object: false,
};

/// Somebody is missing, or silent.
const LETTER: Plot = Plot {
    openings: r#"
        Every month {N} write{s} a letter to {kin} and put{s} it in a drawer.~It is the second drawer. The first has been full for years.~{Y} {T}
        The last thing that {kin} said to {N} was "Back by supper."~In one way or another, {N} {has} kept a plate warm ever since.~{Y} {T}
        A letter arrived in {town=} with {N's} name on it and nothing inside.~{They} {have} read it many times.~{Y} {T}
        {N} {was} {num} lines into a reply when the news came that there was nobody left to send it to.~The reply still lies on the desk. It has grown.~{Y} {T}
        There is one question that {N} ask{s} everybody who comes from {home}, and nobody has answered it yet.~It sounds like small talk. It is about the colour of a door.~{Y} {T}
        It was understood that {kin} would send word. {N} {has} been waiting for it since, the way one waits for a kettle, by doing other things loudly.~{Y} {T}
        Somebody keeps sending {N} money. It comes in the first week of the month, wrapped in a page from the same almanac, without a word.~By now {they} {have} nearly the whole almanac.~{Y} {T}
        The house in {home=} is let to strangers, but one room in it is kept locked, and {N} pay{s} for the room.~{home=} is {home:}, and rooms are cheap there. That is what {they} say{z} when people ask.~{Y} {T}
    "#,
    hinges: r#"
        Once {N} went to look. It took {num} weeks, most of the savings and a pair of good boots, and it led to a house with washing on the line and a stranger in the doorway.~"You've just missed them," said the stranger, kindly, about people who had been gone for years.~{N} stayed to help fold the washing.
        Word came at last by way of a pedlar, who had it from a sailor, who had it in a bar. It was four words long, and two of them were plainly wrong.~{N} turned it over for most of a year and decided that the other two were enough.~"Don't wait," said what remained, and bit by bit {N} left off waiting.
        What settled it was {obj}. It came in a parcel with no letter, wrapped in a shirt that {N} knew.~{They} looked for a message in the seams, in the knots of the string, in the order of the stamps.~It took {them} a year to see that nobody sends such a thing with a message. They send it in place of one.
        The waiting ended by mistake, in a queue. There was so much to say that the talk was all about the queue.~When it was {N's} turn {they} let the others go ahead, and then again, until the counter closed.~Nothing was explained. The parting was like any parting before a Thursday, and since then there have been Thursdays.
        There was a day, and {N} could name it, when {they} laid the table without thinking of it at all.~{They} noticed it in the evening, washing up, and had to sit down.~It felt like theft. Then it felt like the first night after a fever, when the bed is only a bed.
        One day a letter came that was meant for somebody else, from a town that {N} had never heard of, full of a stranger's news.~{They} ought to have passed it on. {They} answered it.~It has been going on ever since. Neither side has mentioned the mistake, and by now each knows the other's knees, neighbours and opinion of the soup.
    "#,
    closings: "
        The last letter {N} wrote is the shortest. It says that the roof is mended, that the goat had young, and that nobody is angry.~It is the first one with a stamp on it.
        Some evenings {N} set{s} out a second cup and pour{s} nothing into it.~It has little to do with grief by now. The table simply looks better with two.
        {N} {has} stopped looking at faces in crowds. {They} look{z} at hands now, and hats, and the way people wait.~It is surprising how many of them could be somebody.
        Asked by officials whether there is any family, {N} answer{s}: pending.~The clerk always laughs, and then looks up, and stops.
        land: {N} keep{s} a lamp in the window on the side where the road comes in. It is for the moths, {they} say{z}.~The moths of {town=} are the best received anywhere.
        One day there will be a knock, or there will not. {N} {has} made {their} peace with both.~But the bell has been oiled, and the step has been mended, and nobody in the house is allowed to sing while somebody is coming up the stairs.
    ",
    before: &[EARLY, &[Beat::Home]],
    after: &[&[Beat::Voices], LATE],
    owns_object: true,
};

/// A rule to live by, and the day it did not hold.
const RULE: Plot = Plot {
    openings: "
        {N} {has} three rules: never lend a ladder, never argue on the stairs, and never ask what is in the soup.~There used to be a fourth.~{Y} {T}
        There is one thing {N} will not do, for money or for love, and that is to sit with {their} back to a window.~{They} {have} walked out of two banquets over it, and once out of a proposal.~{Y} {T}
        {N} {has} never told a lie in {town=}. Elsewhere the record is ordinary.~{town=} is {town:}, and it has no idea of its privilege.~{Y} {T}
        The rule was made by {kin}, and it has only five words: finish what is in front. {N} {has} lived by it in {num} houses.~{Y} {T}
        Every evening, whatever else has happened, {N} walk{s} once round the house and touch{es} every door.~Those who live with {them} have stopped asking. One or two have begun to do it themselves.~{Y} {T}
        {N} never sit{s} down to eat before the person who cooked.~It sounds like manners. It is closer to a treaty.~{Y} {T}
        On the wall of {N's} room hangs a list headed Things That Are Not My Business. It is short, and two of the entries are crossed out.~{Y} {T}
        Whatever is offered, {N} take{s} the smaller half. It was noticed first at school and has since been put down to manners, to pride and to a weak stomach.~It is none of these. It is arithmetic, and it goes back a long way.~{Y} {T}
    ",
    hinges: "
        The rule was broken once. There was no time to think it over: somebody was crying behind a door, and the door was locked, and it was, by every rule that {N} had, none of {their} business.~It gave at the second kick.~{They} paid for the hinges. {They} {have} never said what was behind it, and the family still sends a pie every year on the day.
        The whole business began in a bad week, long ago, when everything {N} said was believed and half of it should not have been.~Nobody died of it. A shop closed, two sisters stopped speaking, and a good dog was given away.~At the end of that week {they} sat down with a pencil and worked out how to be less dangerous.
        There has been one exception, and it was for {kin}. It was asked for late, at the foot of the stairs, in a voice that did not expect a yes.~{N} said yes.~It went as badly as rules exist to prevent. {They} would do the same again, and find{z} that rather worrying.
        People took it for a quirk until the day of the accident. Then it turned out that because of a habit which everyone had laughed at, {N} {was} the only one facing the right way.~{They} shouted.~There are grown people in {town=} who owe their lives to it, and who still think that the habit is funny.
        A rule is easy to keep until it is used by somebody else. There came a man with a contract who had studied {N}, and had built the whole thing on what {they} would never do.~It was beautifully made. {They} read it twice, with respect.~Then {they} did it, there, on the carpet, for the first time in {their} life, and it is said that the man applauded.
        The reason is no secret; it is only dull. There was a house once where it would have helped, and nobody had thought of it in time.~{N} {was} small. {They} worked it out afterwards, on the stairs, with all that a child knows about cause and effect.~The reasoning does not hold. {They} went over it again, years later, with a pencil. The rule does.
    ",
    closings: "
        Lately {N} {has} been considering a new rule. It would be about singing, and it would be in favour.
        A rule, {N} say{s}, is a kindness done in advance.~{They} said it once to a child, who thought it over and asked what time supper was, and that is now a rule as well.
        This year {N} gave one rule up. Nobody was told. For some time {they} looked at the place where it had been, as one looks at a suitcase that turned out not to be needed.
        One day somebody will find the rules written down, and take them for wisdom.~They are only a record of where the floor was weak. {N} would be the first to say so.
        The young people of {town=} have begun to keep the rule too, badly, and for the wrong reasons.~{N} pretend{s} to mind.
        It would be wrong to think that it makes {N} safe. It makes {them} late, mostly, and now and then alone.~But {they} can walk through {town=} after dark and meet nobody that {they} would have to cross the street for.
    ",
    before: &[EARLY],
    after: &[&[Beat::Voices], LATE],
    owns_object: false,
};

/// Somebody comes back.
const RETURN: Plot = Plot {
    openings: "
        {N} came back to {home=} on market day, so as not to be noticed, and {was} greeted by {num} people before the first stall.~{home=} is {home:}, and it had kept {their} chair.~{Y} {T}
        Most people leave {home=} once, and for good. {N} {has} left it {num} times.~It is {home:}, and each time the goodbye gets shorter.~{Y} {T}
        The house was smaller, as everyone had warned, but nobody had said that the door would open before {N} touched it.~This was in {home}, where some things are always expected.~{Y} {T}
        {N} had been declared dead in {home=}, with some regret and a small buffet, {num} months before walking in.~The regret was withdrawn. Nothing could be done about the buffet.~{Y} {T}
        When {N} left {home=}, {they} took the long way out, so that the place would be out of sight as late as possible.~When {they} came back {they} took it again, for other reasons.~{Y} {T}
        Nothing had changed in {home=} except the people, the prices and the name of the street, and {N} found the way by smell.~{home=} is {home:}. The smell is hard to explain to outsiders.~{Y} {T}
        {N} returned to {home} with a stranger's hat, a recipe, and no intention of discussing either.~{Y} {T}
        They gave {N} the old room in {home=}, and the old key, and somebody had even found the old blanket, and it was only then that {they} nearly turned round.~The blanket was shorter. Everything else had been kept to scale.~{Y} {T}
    ",
    hinges: r#"
        {N} had left over a sentence. It was said across a full table, and it was true, and {they} had said it.~Nobody had repeated it in all those years, and everybody knew it by heart.~On the third evening {kin} set down the dish. "You were right, you know," said {kin=}. "Pass the salt." That was the whole of the reconciliation.
        There was one door that had to be knocked at, and {N} left it until last, after the baker and the graves and a completely unnecessary visit to the well.~The man who opened had been a boy when {N} wronged him, and he had rehearsed as well.~"I've forgotten my speech," he said. So had {N}. It was agreed that both had been good.
        land: Nobody asked where {N} had been. In {home=} that is a form of punishment.~So {they} mended things: a gutter, then the one next to it, then a roof across the street whose owner watched from a chair and gave directions.~When the last nail was in, the owner said, "And was it far?" And {N} sat down up there and told it, all of it, until dark.
        What {N} had come for was {obj}. It had been left behind in the hurry.~It was where {they} had hidden it, and beside it lay {num} things that had not been there: a sweet, a drawing, a tooth, coins for luck.~Some child had found the hole in the wall years ago and taken it for a shrine. {N} took {obj=}, put in something better, and closed it again.
        The quarrel had been about who should have gone for help, that day, and who should have stayed. There had been only two to choose from, and {N} had run fast.~{kin} had stayed, and had been angry for years in a quiet and regular way, like somebody paying off a house.~"I timed it once," {k} said now. "You couldn't have been faster." {N} {was} still looking for an answer when the plates came.
        On the second day {N} met the one who had got the life that would have been {theirs}: the house, the shop, the seat by the window.~{They} {were} shown everything, down to the cellar. It was all in excellent order.~"And you?" said the other at last, with such envy that {N}, having come to say sorry, talked until supper about boats.
    "#,
    closings: r#"
        land: {N} {has} not said how long {they} mean{z} to stay. But there is something slow planted against the south wall.~It will be {num} years before there is fruit.
        People have stopped saying "since you're back." It was said for a year, and then for another.~Nobody could name the day when it stopped. {N} could.
        The lock still sticks. {N} lift{s} the door a little with one foot, without thinking, as {they} did before {they} knew that other doors were different.
        One day {they} will leave again, {N} say{s}, and {home=} nods, and somebody asks what {they} would like for supper on Sunday.
        {N} had thought of it as going back. It turned out to be a place {they} had never been, full of people who remembered {them}.
        In the evening {N} walk{s} to the last lamp and look{s} the way {they} came. It is a habit, like feeling for a key.~Then {they} turn{z} round, and there are the windows, and {they} can say by now, without counting, which of them is missing a light, and why.
    "#,
    before: &[&[Beat::Kin, Beat::Work, Beat::Turn]],
    after: &[LATE, &[Beat::Voices]],
    owns_object: true,
};

/// Taken for somebody else.
const NAMESAKE: Plot = Plot {
    openings: "
        There are two people called {name} in {town=}. {This is|You are} the one who gets the bills.~It is {town:}, and a third would not surprise it.~{T}
        {name} was somebody else's name first. It stood on a stone in {home=}, where the moss was taken off it twice a year, and {kin} thought it a waste.~{T}
        The famous {name} has a street in {town=} and a kind of cake. {This is|You are} the other one.~{They} {have} eaten the cake. It is dry.~{T}
        A mistake was made at a desk in {home=}, and {N} {was} given a life that had been meant for somebody else.~The other one, it is understood, is doing well.~{Y} {T}
        For {num} weeks in {town=}, {N} {was} taken for somebody important, and did nothing to prevent it.~The meals were excellent.~{Y} {T}
        {N} did not choose the name. It came with the papers, and the papers came with a coat, and the coat had been hanging there for days.~It was a cold evening, and nobody else was using it.~{Y} {T}
        Everybody whom {N} meet{s} is reminded of someone.~It is never the same person, and it is always somebody to whom they owed a letter.~{Y} {T}
        The letters began in the second year. They were addressed to {name}, and they were beautiful, and they were meant for somebody else.~{N} read the first by mistake, the second out of politeness, and after that there was no excuse.~{T}
    ",
    hinges: r#"
        Then the other one turned up. It happened on a staircase, of all places, and each stood aside to let the other pass.~"You'll be the one with my letters," said the stranger. "You'll be the one with my debts," {N} said.~It came out even, more or less, over a bottle, and a good deal of post changed hands.
        It might have gone on for ever if the real one had not been needed. A crowd came to the door at night, with lamps, asking for the person who would know what to do.~{N} looked round. There was only the hall.~So {they} put on {their} boots and went, and thought very hard on the way about what such a person would say. "Show me," {they} said, and that was right.
        Somebody came a long way for revenge, with the right name and the wrong face.~{N} offered the visitor a chair and some {food}. By the second helping it was clear that nobody at that table had done it.~The visitor stayed {num} days, wept once, and left the knife as a present. It is good for bread.
        In the end {N} went to the office and asked to have it put right. The clerk was helpful. There would be a form, a fee and a short wait, and then {they} would be whoever {they} had been in the first place.~{They} asked for time to think it over.~In thirty years, the clerk said, nobody had ever come back, and wished {them} a pleasant afternoon.
        There was a funeral, and {N} went to it, at the back, to see who would come.~There were few of them, and all had loved the other one, and by the time the cups went round every one of them had told {them} a story.~It was a better life than {they} had imagined. {They} went home and began, in a small way, to be worthy of the mistake.
        It came out at a dinner. Somebody's grandmother put on her spectacles, looked down the whole length of the table, and said quite clearly, "That is not {name}."~There was a silence with cutlery in it.~"No," {N} said, "but I do what I can." The old woman considered this, and asked for the potatoes, and the subject has not come up again.
    "#,
    closings: r#"
        When somebody shouts "{name}!" in the street, {N} still wait{s} a moment before turning round, in case it is for the other.~It is usually for {them}. {They} {have} never quite got over the surprise.
        If there is ever a stone, {N} would like it to say {name}, and underneath, in smaller letters: the other one.
        Nobody confuses the two any more.~{N} sometimes miss{es} it: the good tables, the wrong letters, the strangers who were so glad.
        A name is a borrowed coat, {kin} used to say; after enough winters it takes on the elbows.~{name} fits very well now.
        Once a year a parcel still comes for the other one. {N} no longer send{s} it back.~{They} open{z} it, use{z} what would spoil, and put{z} the rest on a shelf, in order, for the day when somebody comes to explain.
        People say that it must be strange, to be taken so often for another. {N} {has} thought about it.~What would be strange, {they} think{z}, is to be taken every single time for oneself.
    "#,
    before: &[&[Beat::Work, Beat::Kin, Beat::Thing]],
    after: &[&[Beat::Voices], LATE],
    owns_object: false,
};

/// Somebody who finds what is lost.
const FINDER: Plot = Plot {
    openings: "
        {N} find{s} things: keys, mostly, and rings, and once a man who had been declared dead and was rather put out.~It is not a trade. It is more like being tall.~{Y} {T}
        People in {town=} do not look for what they have lost. They go and knock at {N's} door.~{town=} is {town:}, and it loses a good deal.~{Y} {T}
        It began with a button. Everybody was looking, and {N}, who {was|were} five, walked across the yard and picked it up.~There was applause. Only {kin} did not clap.~{Y} {T}
        A card in the window says that lost things are found here, no questions. {N} did not put it up.~Somebody in {town=} thought that it ought to be official.~{Y} {T}
        So far {N} {has} found {num} rings, two wills and a bishop, and {has} never kept a pair of gloves for a whole year.~{Y} {T}
        The first time somebody paid {N} to find a thing, it was in the man's other pocket.~{They} gave back the money and told no one, and it was the second part that made {their} name.~{Y} {T}
        When something goes missing in {town}, there are two theories: that {N} will find it, and that {N} took it.~Both have their supporters. They are the same people, on different days.~{Y} {T}
    ",
    hinges: "
        There was one that could not be found. A woman came and said: my son, since the spring. {N} looked for {num} weeks, and came back thin, and had to say no.~The woman said thank you. Everybody else had said soon.~She still comes every year, on the day, and the list is gone through once more, with cake.
        How it is done is a disappointment to everyone. {N} ask{s} where the thing would rather be, and people laugh, and then they go quiet and say where.~In nine cases out of ten it is there.
        Once {N} found something that nobody was meant to find. It lay behind a panel in a house which {they} had been asked to search for spectacles, and it was a second set of books.~{They} came down with the spectacles.~The rest was found a week later by an official, who had been advised to lean on that wall.
        It failed when it mattered. {kin} began to mislay things: a name, then a street, then the use of a fork. And {N} went on finding them and bringing them back, every day a few.~It took a long time to learn to leave them where they lay, and to sit down beside them.
        A rich man lost a ring and offered a house for it. {N} found it on the hand of the girl who did the washing-up, and she had gone quite white.~{N} reported that it was in the drains, and drew a plan.~The man is still having them dug up. The girl has opened a shop.
        A child came with nothing in particular. It had lost something, it said, and it could not remember what.~{N} did not laugh. {They} put on a coat, and the two of them went round {town=} all afternoon, looking at things.~On the last corner the child stood still, and nodded, and went home. {They} {have} never asked.
    ",
    closings: "
        Lately {N} {has} begun to lose things: a glove, an afternoon, the thread.~It is restful. {They} leave{z} them where they are, for somebody else to find.
        There is one thing that {N} {is} still looking for, and nobody has been told what it is.~{They} will know it, {they} say{z}, by where it is.
        On the shelf by the door stand the things that nobody came back for. {N} dust{s} them, and on Sundays, to be fair, {they} take{z} one of them out for an airing.
        A child once asked whether it was magic, and {N} said no: one has only to be sorry enough for the thing.~The child went off at once and found a shoe.
        When {N} {is} gone, they say in {town=}, nobody will ever find anything again.~{They} {have} been leaving notes.
    ",
    before: &[EARLY],
    after: &[&[Beat::Voices], LATE],
    owns_object: false,
};

/// Somebody who has been on the way for a long time.
const JOURNEY: Plot = Plot {
    openings: "
        {N} {has} been on the way to {town=} for {num} years, and {is} expected any day.~It is {town:}, and they have kept the bed aired.~{Y} {T}
        The road from {home=} to {town=} takes four days. {N} {has} so far needed most of a life.~There is a shorter way. Several people have been on the point of mentioning it.~{Y} {T}
        {N} set out with a map, a companion and a reason, and lost them in that order.~{Y} {T}
        At every stop on the way to {town=} there is a table that they call {N's} corner.~It is always the one from which the door can be seen.~{Y} {T}
        {N} left {home=} to deliver a parcel in {town=}, and it is not delivered yet.~It is not a large one. It has been sat on only twice.~{Y} {T}
        Every few months a card from {N} reaches {home}, and it always comes from a little farther off.~The handwriting has not changed. The weather in it is always fair.~{Y} {T}
        far: {N} bought a passage to {town=} on a ship that has since been sold twice, renamed, and turned round.~The ticket is still good. Somebody looked it up.~{Y} {T}
    ",
    hinges: r#"
        For part of the way there was a companion, a man who walked on the left and told lies, and it was the best stretch of the whole road.~At a fork he wanted to go one way and {N} the other, and both of them were sure.~{N} waited at the fork for two days, in case. It came out much later that the other had waited too, a little farther down, on his side.
        What held {N} up was never large: a roof that wanted another pair of hands, a class whose teacher had run off, somebody's trial.~{They} stayed for each of them until it was done, and left before the thanks.~Laid end to end, it comes to about eleven years.
        Once {N} got as far as the gate. It was evening, {town=} was all lit up, and somebody in there was laughing.~{They} stood for a while with one hand on the wood. Then there came back to {them} the matter of a borrowed bucket, two days behind, and {they} went to return it.
        In a bad year {N} went the other way. It was only to see, and it was downhill, and at every door there was somebody who knew {kin}.~After a month of it {they} sat down by the road and looked at {their} shoes for a long time, and turned them round.~That month is never mentioned. It has been put down as weather.
        The road was shut, on account of somebody's war, and {N} sat for {num} months in one room with a man from the other side of it.~There was one pack of cards, and there was one coat.~When it was over the coat was cut in two, and to this day there are letters about the sleeves.
        A woman at a toll gate asked {N} what the business was in {town=}, as she asked everybody, and for once she got an answer.~It took until the lamps were lit. Nobody else came by.~"Well, they won't mind waiting for that," she said, and raised the bar, and would not hear of the penny.
    "#,
    closings: r#"
        By the latest reckoning {N} will be there at the end of the month.~{They} {have} bought a clean collar.
        land: From the last hill one can already see the roofs of {town=}. {N} {has} been on the last hill for some time.~There is a good wall to sit on, and people come by.
        In {town=} they have stopped asking when. They say "when {name} comes," and they mean some day, and not before it matters.~It would be a pity to spoil that. But the bed is made.
        It has occurred to {N} that {they} may have arrived some time ago without noticing.~It would explain the soup.
        At night the shoes stand beside the bed with their toes to the door. In the morning {N} look{s} at them before anything else.~They have always moved a little.
    "#,
    before: &[&[Beat::Kin, Beat::Home, Beat::Thing]],
    after: &[LATE, &[Beat::Voices]],
    owns_object: false,
};

/// One wrong thing, and what came of it.
const MISTAKE: Plot = Plot {
    openings: r#"
        {N} {has} done one unforgivable thing, and it is agreed in {town=} that it was very well done.~{Y} {T}
        It was {N} who left it open. Everything else in this story came in that way.~{Y} {T}
        There is a day in the year on which {N} speak{s} to nobody, out of consideration.~The day is well known in {town=}, and so is the reason. The shops stay open a little longer the evening before.~{Y} {T}
        When a plate breaks in {town=}, in any house whatever, people look at {N}.~It is a habit. It is left over from something bigger.~{Y} {T}
        {N} {has} apologised to everyone in {home=} but one, and that one keeps moving house.~It is {home:}. There is not much of it to move about in.~{Y} {T}
        It took {N} one evening to do the damage, and {num} years to find all of it.~{Y} {T}
        There is a sentence that begins "If it had not been for {name}," and in {town=} it has been known to end both ways.~{Y} {T}
    "#,
    hinges: r#"
        What happened is quickly told. There was a lamp, a letter and an open window, and {N} had been asked to watch only the first.~The store burned to the ground, and with it the winter of {num} families.~Nobody shouted. Somebody held out a spade, and the others moved up to make room.
        {N} had believed the wrong person. It is the oldest mistake there is, and {they} made it thoroughly, in front of a judge, under oath.~The man got {num} months for a thing he had not done. {N} wrote to him every week of it.~The man answered the last letter. He wanted to know how the story about the neighbours had come out.
        It was meant as a joke. {N} changed two words in a notice, and by noon one half of {town=} had sold its hens and the other half had bought them.~The next year went on putting them back, one at a time, at night.~Some of the owners noticed, and began to leave out grain.
        For a long time {N} did nothing about it, and did it with great energy, in other places.~Then there was a message from {kin}, two lines: the roof has gone, and we are one short.~By the next evening {they} {were} up there. Nobody said anything but "nail" and "mind the edge" until it was dark.
        The one who had been wronged turned out to be staying at the same inn, and there was only the one table.~{N} said it all, standing up, and left out nothing.~"I know," said the other. "I have been waiting for years for you to stop following me about."
        The worst of it was that nobody had noticed. The blame had gone to the weather, and the weather had taken it.~{N} held out for {num} weeks. Then {they} stood up in the full hall and explained, with a drawing, how it had really come about.~There was a pause. Somebody asked whether {they} could do the same for the drains.
    "#,
    closings: "
        It has been forgiven by now, and mostly forgotten. {N} look{s} after it alone.~These days it is less like guilt than like a garden: something always comes up, and some of it can be given away.
        {N} check{s} gates now, and lamps, and what it says above the place for the signature. Once, on a strange road, {they} shut a gate that had no fence.~It looked better.
        People come to {N} now when they have broken something. {They} never say{z} that it does not matter.~{They} ask{z} where the pieces are.
        If it could be undone {N} would undo it, and {they} {have} worked out what else would go: two friends, a trade, the dog.~{They} {have} worked it out more than once, and always get{z} up in the end and see{z} to the dog.
        The last of it was made good this year. There was no ceremony.~Somebody left a new latch on {N's} step, with a bow round it.
    ",
    before: &[EARLY, &[Beat::Work, Beat::Turn]],
    after: &[&[Beat::Voices], LATE],
    owns_object: false,
};
