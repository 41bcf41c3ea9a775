//! The paragraphs that any plot may borrow.
//!
//! A beat has one thing to tell: where somebody is from, who mattered, what is carried about. Its lines do not depend on one
//! another, so any of them may stand anywhere between an opening and an ending.

use super::line::Table;

/// What a borrowed paragraph tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beat {
    /// Where the character is from.
    Home,
    /// Who mattered early on.
    Kin,
    /// A thing the character carries about.
    Thing,
    /// How the character goes about a job, whatever it is.
    Work,
    /// What others say: the place for several phrases at once.
    Voices,
    /// An event that changed the direction.
    Turn,
    /// What nobody knows.
    Secret,
    /// A small odd custom.
    Habit,
    /// Somebody who is there now.
    Friend,
    /// What the character would like.
    Wish,
    /// What is told, and may be true.
    Rumour,
    /// A quiet hour.
    Hour,
}

impl Beat {
    /// The beats that lengthen a story, in the order in which they are taken up.
    pub(super) const LENGTHENING: [Beat; 11] = [
        Beat::Turn,
        Beat::Habit,
        Beat::Rumour,
        Beat::Secret,
        Beat::Wish,
        Beat::Thing,
        Beat::Work,
        Beat::Hour,
        Beat::Friend,
        Beat::Kin,
        Beat::Home,
    ];

    /// Whether it belongs to the time before the hinge of a story.
    pub(super) fn is_early(self) -> bool {
        matches!(
            self,
            Beat::Home | Beat::Kin | Beat::Turn | Beat::Thing | Beat::Work
        )
    }

    /// All paragraphs that tell this.
    pub(super) fn lines(self) -> Table {
        match self {
            Beat::Home => HOME,
            Beat::Kin => KIN,
            Beat::Thing => THING,
            Beat::Work => WORK,
            Beat::Voices => VOICES,
            Beat::Turn => TURN,
            Beat::Secret => SECRET,
            Beat::Habit => HABIT,
            Beat::Friend => FRIEND,
            Beat::Wish => WISH,
            Beat::Rumour => RUMOUR,
            Beat::Hour => HOUR,
        }
    }
}

const HOME: Table = "
    {N} came from {home}, and it shows in small ways.~{They} cannot pass an open gate without closing it, and on entering a room {they} count{z} the people before {they} count{z} the doors.~{T}
    In {home}, children are given a job at six and a nickname at seven, and are asked about both for the rest of their lives. {N's} job was to carry messages between two houses that did not speak. {They} learned early to improve them a little on the way.~{T}
    {N} {was} happy in {home}, as far as anybody noticed.~There was a wall to sit on, a {beast} to be afraid of, and an argument among the grown-ups that had begun long before and was not expected to finish.~{T}
    People in {home} say that everybody leaves by one of three roads: for love, for money, or at night. {N} took the third, at noon, in front of everyone, with a sandwich.~{T}
    land: The house {N} grew up in was the last one in {home=}. It stood just past the lamp, and on the far side of it there was only the dark and the sound of something drinking.~So {they} grew up believing that light is a thing one has on one side.~{T}
    What {N} remember{s} of {home} is mostly sounds: a loose shutter, a pump, somebody practising the same few bars on the far side of a wall.~{They} never found out who it was. {They} can still hum it, up to the mistake.~{T}
    {home=} had one school, one song and one way of peeling an onion, and {N} got into trouble over all three.~{T}~It is {home:}, and the business with the onion is not forgotten.
    land: In {home}, {N} learned to swim before learning to read, because the water was nearer.~The reading came later, from labels, and for years {they} took it that all books would be about flour, nails and lamp oil.~{T}
    Nobody had much in {home}, so people collected what cost nothing: knots, insults, kinds of silence.~{N} could tell {num} silences apart before {they} could tie a shoe.~{T}
    As a child {N} {was} lost for a whole day in {home}. Everybody searched. {They} {were} found in the middle of it all, under the table on which the searchers had spread their map.~{T}
    There was a time in {home=} when every quarrel ended on the same doorstep, and it was the one {N} grew up behind. People came to be told who was right. They were given something hot and asked to hold the wool, and after an hour of it most of them had forgotten.~{T}
    {N} speak{s} of {home=} rarely, and always as if it were just round the corner.~It is {home:}, and it is not round any corner.~{T}~{They} still sleep{z} with the feet pointing towards it. No one was ever told to do this; in that house everyone did.
    far: In {home}, gravity was lighter on the upper decks, and so was everybody's conscience.~{N} grew up two levels down, where things that were dropped stayed dropped and had to be answered for.~{T}
    far: Until {they} left {home}, {N} had never seen anything farther off than the end of a corridor.~Distance still makes {them} feel looked at.~{T}
    old: {home=} had a lord, a saint and a well, and of these only the well could be relied on. {N} hauled water for all three.~It is {home:}, and the arrangement is thought to be still in force.~{T}
    now: {N} grew up over a shop in {home}, and did homework at the counter, between the scales and the till, in full view of the public.~Customers checked the sums.~{T}
    land: It was the custom in {home} to plant a tree for every child. For {N} it was a quince, by an oversight, since nobody there likes quinces.~It is the only tree in the street that has never missed a year. There is a good deal of jam.~{T}
    {N} {has} never been able to explain {home=} to anyone from elsewhere. One begins with the smell, or the stairs, and then there is the matter of the bell, and by that time they are looking for their coats.~It is {home:}. That is about as far as people let one get.~{T}
    As a child in {home}, {N} used to hide in order to hear what people say when they think they are alone. Mostly they hum. It was a disappointment, and later on a comfort.~{T}
    In {home}, {N} {was} the youngest of a great many and had everything second-hand: coats, books, measles, reputation.~The first new thing {they} ever owned was an opinion. It was not well received.~{T}
";

const KIN: Table = r#"
    {N} {was} brought up, more or less, by {kin}.~It was an education without a plan. On good days there were fractions; on bad days there was only the example.~{T}~{kin=} never said "well done." {k} said "again," in a tone that one could live on for weeks.
    Then there was {kin}, from whom {N} learned to tie a knot, to haggle and to leave a party, in that order.~The last lesson took longest.~{T}
    If {N} {is} any good at anything, that is owed to {kin}.~There was a bench, and a lamp, and one evening a week on which every question was allowed.~{They} saved {their} questions up, and wasted, in all, only two.~{T}
    {kin} had one chair for visitors, and for {num} years it was {N} who sat in it.~Not much was said. Things were handed over: a cup, a tool, half a pear.~It was the best conversation {they} {have} ever had.~{T}
    Everything {N} know{s} about people was learned in the market, carrying the basket for {kin}.~Stall by stall it was explained: this one lies from fear, that one from habit, and the third is honest and will never forgive anyone for it.~{T}
    There was a quarrel with {kin}, long ago, about something so small that both sides have had to keep it secret.~It has been a great bond. Once a year a card arrives with nothing written on it, and {N} send{s} one back.~{T}
    The first to notice that {N} {was} listening was {kin}. Other children made a noise; this one sat under the table and remembered. "Careful," {k} used to tell the guests. "That one keeps it all." {T}
    When {kin} moved in, it was to be for a week, and {N} gave up the better bed.~{They} never got it back. What {they} got, over the years, was {num} card tricks, a way with dogs, and a voice for dealing with officials.~{T}
    The one who counted was {kin}. {k} had no patience with talent. Anybody could have talent; the thing was to come back on a Tuesday. So {N} came back on Tuesdays, and it is surprising how far that goes.~{T}
    Years ago {N} used to lie awake and listen to {kin}, walking up and down on the other side of the wall. A long time afterwards {they} asked what the trouble had been. "Trouble?" said {kin=}. "I was dancing."~{T}
    Of all the advice that came from {kin}, and it came by the bucket, {N} {has} followed one piece: never be the second person to run.~{T}
    Whenever {N} {was} in disgrace, which was often, {kin} would find something heavy that had to be carried a long way by two people.~Not a word was said about the disgrace.~By the time the thing had been set down, it weighed less.~{T}
    {N} and {kin} never lived under one roof for more than a month, and were never, for years, more than a shout apart.~There was a system. A cloth in the window meant come over; two cloths meant come over and act surprised.~{T}
    Some people are given a start in life. {N} {was} given {kin}, and a look at how things are done.~{T}~{k} did them slowly, badly and without ever giving up, and it has saved {N} a lot of time to know that this is allowed.
    From {kin} {N} had one song, one prayer and one way out of a locked room, and the assurance that most of life could be covered by some combination.~{T}
    What {N} admired in {kin} was the way of losing. No one lost an argument better: there was a nod, and a bow, and somehow it was the winner who felt that there had been a lesson.~{T}
    For one whole year {N} did not say a word, and only {kin} did not mind. {k} simply talked for two, and got most of it right.~At the end of the year there was one correction.~{T}
    {kin} used to send {N} out for things that did not exist: a left-handed bucket, striped paint, an honest lock.~{They} always came back with something. In time {they} got rather good at it.~{T}
"#;

const THING: Table = r#"
    Then there is {obj}. {N} take{s} it along even to places where it can only be a nuisance.~Twice it has been mistaken for a weapon, and once for a proposal.~{T}
    {N} carried {obj} out of {home=} under one arm, and {has} been asked about it at every border since.~The explanation gets shorter each time. At present it is a shrug.~{T}
    Near the bed, wherever the bed is, there will be {obj}.~It has no use there. But {N} noticed long ago that a room is only {theirs} once it is in there, and after that it could not be left behind.~{T}
    There are three things that {N} had from {kin}: a debt, a recipe without quantities, and {obj}.~The debt was paid first. The recipe took longer.~{T}
    Those who want to be friends with {N} ask about {obj}. Those who want something else admire it.~It is the only test {they} {have} ever trusted.~{T}
    {N} won {obj} in a game {they} did not understand, from somebody who seemed relieved to lose it.~{T}~For a while {they} waited for the bad luck to start. One day {they} noticed that the waiting had stopped, and that was the luck.
    A dealer once explained to {N}, at length, what was wrong with {obj}: it was a copy. "Of what?" {they} asked, and the dealer, who was an honest man, had to admit that he could not say.~{T}
    There are days when {N} take{s} out {obj} and simply hold{s} it for a while, like somebody else's hand at a crossing.~Nobody has seen it. {They} would deny it.~{T}
    It is no secret that {N} talk{s} to {obj}.~It was done at first to annoy {kin}. It is still done because it helps.~{T}
    {N} {has} pawned {obj} so often that the pawnbroker asks after it. It is worth nothing, and every year the loan gets a little larger.~{T}
    Once, as an experiment, {N} left {obj} at home. Nothing happened. {They} had never known so much nothing to happen, and by noon {they} had gone back for it.~{T}
    A child asked {N} about {obj}, and got an answer that took most of an afternoon.~The child has told nobody, so it must have been good.~{T}
    {N} {has} twice tried to give {obj} back. The first time there was nobody at the address; the second time there was no address.~{T}
    When {N} {is} asked to prove who {they} {are}, {they} put{z} {obj} on the counter.~It proves nothing. But it is done with such calm that nobody has ever asked for papers twice.~{T}
    Somewhere there must be a person who misses {obj}. {N} think{s} of it now and then, on long roads, and {has} a speech ready.~It is a good speech. It does not end with giving it back.~{T}
"#;

const WORK: Table = "
    At work {N} {is} quick and take{s} care to hide it, since nothing annoys people so much as a short job.~{They} walk{z} round the thing once, hum{z}, and reach{ez} for a pencil, whether or not a pencil comes into it.~{T}
    {N} learned the work from somebody who could not explain it and did not try. For {num} months there was only sweeping. Then, one morning, a hand was laid over {theirs} and moved it by the width of a straw, and that was the lesson.~{T}
    There is a way {N} {has} of beginning: sleeves, breath, a look at the ceiling.~Those who work alongside have learned not to speak until it is over.~{T}~What comes after is fast and rather dull to watch, like anything done well.
    {N} keep{s} a list of {their} own mistakes, dated, with drawings. It is lent to beginners, on condition that they add one.~{T}
    The first thing that {N} ever did for pay was to hold a lamp for somebody else. It sounds easy. The trick is to hold it where the other person is about to look, and {they} {have} been doing that, under various titles, ever since.~{T}
    {N} cannot leave a thing half done, and this has cost more than any vice would have.~There were positions lost over it, and at least one engagement.~{T}
    People bring {N} what others have given up on.~There are never any promises. {They} put{z} it on the table, ask{z} when it was last happy, and wait{z} for the owner to stop laughing.~{T}
    For a time {N} {was} bad at it, and {they} would like this to be known, since it is always left out.~There was a whole year of burnt edges and apologies. {They} remember{z} it as a happy one.~{T}
    The pay is poor and comes late, and {N} {has} twice been offered better.~Both times {they} went to look, admired the chairs, and {were} back before anyone had swept the floor.~{T}
    There is a right way, a quick way, and a way that people will pay for, and {N} {has} spent years trying to make the three of them meet.~On a few mornings they have. Nobody else noticed, and {they} took the afternoon off.~{T}
    {N} work{s} best with a noise going on: children, hammering, somebody losing at cards next door.~Given peace, {they} get{z} up to see what is wrong.~{T}
    There was once somebody who did the same work and did it better. {N} used to go and stand outside the window to watch. One day the other one looked up, and went on, and moved a little to the side, out of the light.~{T}
    {N} {is} paid for the result and live{s} for the moment just before it, when everything is laid out and nothing has gone wrong.~{They} {have} been known to make it last until the client coughed.~{T}
    {N} once spent {num} days on a part that nobody would ever see, at the back, on the underside.~{They} said that {they} would know. Since then it has been asked for by name, by people who will never see it either.~{T}
    On the first day {N} {was} told that there are no stupid questions, and by evening {they} had been asked to stop.~So the rest got written down. It is a thick book by now, and nearly half of it has been answered.~{T}
    There is a drawer for the failures. {N} open{s} it in front of anyone who pays {them} a compliment, and explain{s} them one by one, with affection.~{T}
";

const VOICES: Table = "
    Everybody in {town=} has something to say on the subject. {T}~It is generally felt that somebody should ask {N}, and that there is no hurry.
    Those who have known {N} longest say least. {T}~Then they look at one another and order again.
    It depends whom one asks. {T}~All this has been put to {N}, and the only comment was that it could have been worse.
    There are {num} opinions about {N} in {town}, and some of them are printable. {T}
    A person leaves traces, even a careful one. {T}~{N} would sign most of it.
    What others see is soon told. {T}~None of it is wrong. It is like a house described by people who have only stood in front.
    At a wedding, once, the talk at the far table was all about {N}. {T}~{They} {were} sitting behind a pillar the whole time, with cake, and {were} rather moved.
    When the vacancy had to be filled, inquiries were made. {T}~{N} got the place by one vote, and {has} never found out whose.
    A good deal is known for certain. {T}~The rest is conjecture, and is better told.
    A reputation is what stays in the room when somebody goes out of it. {T}~{N} {has} listened at the door once or twice, and come away neither flattered nor surprised.
    What people mention first is never what {N} would have mentioned. {T}
    It is easy to collect testimony. {T}~Not one of those who were asked needed time to think, and that says something too.
    For the anniversary, a page was to be printed about {N}, and people were invited to contribute. {T}~The page came out at last with a recipe on it.
    Two travellers who had both met {N} spent an evening comparing. {T}~Towards midnight they were nearly sure that it was the same person.
";

const TURN: Table = r#"
    What changed everything was a wrong door. {N} opened it, said "Excuse me," {was} handed a lamp, and told to hurry. By the time the mistake came out there was no one else who knew the way back.~{T}
    One morning {N} {was} asked to sign something. It was a reasonable paper, and everyone had signed. {They} read it twice, put down the pen and went for a walk. By evening {they} had lost the position, the room that went with it and, oddly, a headache of {num} years.~{T}
    There was an accident with a ladder. Nobody was badly hurt, but {N} spent {num} weeks looking at a ceiling, and got up with different plans.~{T}
    land: The year the harvest failed, {N} learned what could be eaten, what could be sold, and whom {they} could not look in the eye.~{They} {have} been making up for the third part since.~{T}
    {N} {was} cheated once, thoroughly, by somebody with beautiful manners.~When the anger had gone, what stayed was admiration for the paperwork. {They} learned to read contracts, then to write them, then to hear one coming across a table.~{T}
    land: {N} missed the boat. It is as plain as that: {they} overslept, ran, stood on the landing and watched it go. It did not arrive. For a long time afterwards {they} walked like somebody carrying a full bowl.~{T}
    It was a small vote, in a cold room, on a matter of drains, and {N} raised a hand against everyone, out of tiredness as much as principle.~Within the year it turned out to have been the vote that counted. {They} {have} been asked to things ever since.~{T}
    A stranger fell ill on the stairs, and {N}, being nearest, became responsible. It took {num} days. The stranger talked in fever, in another language, always the same two words, and when it was over {they} looked them up. They meant "more soup."~{T}
    There came a day when {N} could have been rich. All it needed was to keep quiet for an afternoon. {They} got as far as the washing-up, and then {they} could be heard all over the house.~{T}
    The offer was a good one, and {N} had said yes already when {kin} asked what the work would be, and there was no answer that did not sound like somebody else talking. {They} took it back the next day, in person. It cost a tooth.~{T}
    There was a person, that year, of whom {N} never speak{s}. It lasted from the first warm evening until somebody had to catch a boat.~{They} {have} been kind to people with luggage ever since.~{T}
    For one season {N} {was} famous, in a small way, for something {they} had not done.~It opened doors. Then it closed them, one after another and rather fast, and {they} learned the difference between a door and a friend.~{T}
    The letter said that {N} had been chosen. It did not say for what. {They} turned up on the day, washed, with a lunch. There were {num} others, all chosen, all with lunches, and by the time it was clear that nobody was coming, they had founded the club.~{T}
    far: When the long array came back to life it had {num} years of messages waiting, and {N} {was} on shift to sort them. {They} delivered every one by hand: births, bills, apologies to people who had long since forgiven.~{T}
    old: When the old lord died the tax rolls burned, and everybody in {home=} agreed that it had been an accident. {N} {was} seen that night with unusually clean hands.~{T}
    now: The flight was cancelled, and {N} spent a night on the floor of a terminal between two strangers, one of whom had a harmonica.~By morning there was a plan, and it was not a sensible one. {They} never did use the ticket.~{T}
    {kin} fell ill, and {N} stayed, and by the time it was over the place that had been kept elsewhere was gone.~Nobody has ever heard {them} regret it. There was a good deal of chess.~{T}
    Somebody had left a door unlocked, and {N} {has} never been certain that it was an accident. On the other side there was a yard, a wall and a ladder, and the ladder was new.~{T}
    {N} gave the wrong answer in front of everyone, and it was the wrong answer that turned out to be interesting.~Three learned people went away with it. Years afterwards {they} {were} sent a copy of the book, with a blank where the name should have been.~{T}
"#;

const SECRET: Table = "
    What nobody knows is that {N} cannot read a map. {They} nod{z}, turn{z} it once, and ask{z} a child.~It has led to some detours, and to most of {their} friends.~{T}
    {N} {has} a second room in {town=}, rented under another name, with nothing in it but a chair and good light.~{They} sit{z} there for an hour or so, as nobody, and come{z} back refreshed.~{T}
    There is one lie {N} {has} never put right. It was told to spare somebody, and it worked, and it has had to be fed ever since, like a {beast} in the cellar.~{T}
    For years {N} {has} been leaving money in the coats of people who would not take it by hand.~They put it down to luck, or to their own bad memory. {kin} suspects.~{T}
    {N} {was} offered the truth once, in an envelope, and paid to have it burned. {They} {have} never regretted it, except at about four in the morning.~{T}
    It is not generally known that the great quarrel of {town=} was {N's} doing. Two people were about to sign, it would have ruined both, and a quarrel was the quickest thing to hand.~Neither of them has forgiven {them}. Both are doing well.~{T}
    At the bottom of a drawer lies a medal. {N} turn{s} it face down whenever the drawer has to be opened. It was given for the wrong day.~{T}
    land: There is a grave in {home=} that {N} look{s} after, for somebody {they} never met. The name on it is almost {theirs}. It seemed unfair that one letter should make such a difference.~{T}
    {N} once let somebody go who ought to have been held, and stood for a while in the open doorway, getting the story straight.~Nobody ever asked for it. It is still straight, and ready.~{T}
    Nobody knows that {N} write{s}. There is a play in five acts, about a family of hatters, and four of the acts have been burned.~The fifth is funny, and is kept in the flour bin.~{T}
    The truth about the scar is that it was a tin of peaches. {N} {has} never said otherwise. {They} {have} only looked out of the window at the right moment and let people be impressed.~{T}
    {N} can tell when somebody in the house is about to cry. It is no gift. It is like a draught; it comes under every door.~It is the reason why {they} leave{z} parties early and funerals last.~{T}
    There is a bottle at the back of the cupboard that {N} {is} keeping for the day when a certain person admits a certain thing.~They were both there. They both know. It is an excellent bottle, and getting better.~{T}
    {N} failed the examination. It is in nobody's papers, because the man who marked it was called out of the room and never came back, and somebody tidied up.~{They} {have} studied for it every year since, in case it is held again.~{T}
    There is a language that only {N} and one other person ever spoke. It was made up over a single summer, with a grammar, and there were quarrels in it.~{N} {is} the last speaker now, and dream{s} in it, mostly about shopping.~{T}
    {N} did not really forget. It was said on the spur of the moment, to make things easier for somebody, and now everyone is so considerate about {their} memory.~{T}
    Under a floorboard there is a letter that begins: if you are reading this, you were right. {N} {has} no idea to whom it ought to be sent. It is in {their} own hand. It was written in a fever, and the rest is about geese.~{T}
";

const HABIT: Table = r#"
    {N} always order{s} for two and take{s} half of it along. Before the end of the street somebody has generally been found for the other half.~{T}
    {N} collect{s} last words, though only those of conversations.~They lie in a drawer, on slips: "Mind the step." "You would say that." "Well, it's your goat."~{T}
    On entering a house, {N} touch{es} the doorframe, lightly, at the height of a child's head. {They} say{z} that it is for balance.~{T}
    {N} apologise{s} to furniture. It was a custom in {home=}, where the rooms were low and everyone was polite, and elsewhere there has never been a good moment to stop.~{T}
    There is usually something to eat about {N}: a heel of bread, an apple, an egg.~People in despair have it put into their hands without comment. It is hard to go on being tragic while peeling an egg.~{T}
    {N} sleep{s} badly and {has} made something of it. Half the clocks in {town=} have been mended between two and five in the morning, by nobody.~{T}
    {N} {has} not walked past a certain corner of {town=} in {num} years. It adds ten minutes to everything. In those ten minutes {they} {have} come to know the whole of the next street, its dogs, and a widower with a telescope.~{T}
    {N} count{s}. Steps, spoons, people on a landing. It is not nerves. Somebody once came up one short, and nobody had counted.~{T}
    When {N} lie{s}, {they} grow{z} precise. "About noon" is honest; "eleven minutes past" is not.~{kin} noticed it first, and has kept it private, as a good card player would.~{T}
    On the first of every month {N} give{s} away something {they} would rather keep.~It hurts, and {they} complain{z} about it loudly, to the person who has just been given it.~{T}
    {N} greet{s} every animal by name. Where the name is not known one is given on the spot, and it tends to stick.~There is a savage dog in {town=} that now answers to Pudding.~{T}
    In any room {N} choose{s} the worst chair. Somebody has to have it, {they} say{z}, and now everybody can stop pretending to offer.~{T}
    {N} read{s} the ends of books first, to see whether it will be worth getting fond of anyone.~{They} {have} been wrong about this {num} times, and can list them.~{T}
    Bread is torn, never cut, when {N} {is} in the house; knives lie with the edge to the wall; nobody whistles after dark.~Asked which of these is superstition, {they} say{z}: two.~{T}
    {N} never take{s} the last of anything. There are cupboards in {town=} with one biscuit, one match and one inch of string in them, waiting for somebody with fewer scruples.~{T}
    Wherever there is a crowd, {N} look{s} for the way out, then for the children, then for whoever is selling something hot.~By that time the crowd has usually turned out to be a wedding.~{T}
    {N} tell{s} the time by other people: the baker's shutters, the widow's cough, the boy who is always late.~Away from home {they} {are} lost until about the third day.~{T}
"#;

const FRIEND: Table = "
    There is one friend, if that is the word for somebody who has robbed {N} twice. The third time there was nothing left to take, so there was supper instead, and it has been suppers ever since.~{T}
    {N's} oldest enemy lives across the way. Every morning there is an exchange of nods. When one of the two falls ill, the other puts up with it for a day or so and then comes over with soup, in a temper.~{T}
    land: The {beast} was not {Ns} to begin with. It followed {them} out of {home=}, or {they} followed it; accounts differ.~It dislikes everyone alike, and this has spared {them} a good many acquaintances.~{T}
    Twice a year {N} play{s} the same game of draughts with somebody who used to be famous. It has been going on for {num} years. Neither side remembers who is black.~{T}
    On market days a girl of about ten sits down beside {N} and asks one question, and {they} answer{z} as if it had come from a committee. The answers are written down. {They} would give a good deal to know what for.~{T}
    There were four of them once, with a plan and a borrowed boat. One became respectable, one became rich, and one is not mentioned.~{N} became the one who remembers the song.~{T}
    {N} {is} the only person in {town=} who likes the tax collector. It is not policy. The man was seen once, late, through a window, dancing with a broom, and after that it was impossible to go on fearing him.~{T}
    Somebody keeps repairing things for {N} at night: a hinge, a strap, once a whole shutter.~{They} leave{z} out bread. It is the most satisfactory friendship {they} {have} ever had.~{T}
    The woman at the bread stall is the one who knows when things are bad. On such days {N} come{s} in for one roll and count{s} the change aloud, and there are two in the bag.~It has never been discussed.~{T}
    {N} once pulled a man out of the water, and he has never stopped complaining about the coat.~He comes by on Fridays to complain. He brings the cards.~{T}
    There is a choir in {town=}, and {N} {has} the worst voice in it and has never missed a practice. A vote was held. {They} stayed, by a large majority, on condition of standing at the back.~{T}
    For a while {N} wrote letters for a man who could not write, to a woman who could not read. Somebody at the other end read them out to her. Years later {they} ran into that somebody. Each knew the other's voice at once.~{T}
    Whenever {N} go{es} away, a neighbour comes in to water the plants. There are no plants. The floor is swept, the chairs have been sat in, and there is a note to say that all of them are doing well.~{T}
    There is an old man whom {N} visit{s} every week, and who takes {them} for his brother. For a while {they} corrected him. The brother, it appears, was a great dancer. {They} {have} been taking lessons.~{T}
    A boy once threw a stone at {N}, missed, and apologised for his aim.~The boy carries the bags now, and his aim is no better.~{T}
    {N} get{s} on best with people who do not talk at breakfast. There are two of them at the long table, and after all these years each could pick out the others' silence in the dark.~{T}
";

const WISH: Table = r#"
    What {N} want{s} is not much: a door, a table behind it, and nobody asking for anything before noon.~It has been very nearly managed. It is the noon that keeps slipping.~{T}
    If {N} could have one thing back it would be an afternoon in {home=} when it was too hot to work, and somebody read aloud, and {they} fell asleep before the end.~{They} would like to know how it came out.~{T}
    {N} {has} plans. They are drawn on the backs of other papers, and they show a house with a great many windows and, as {kin} once pointed out, no stairs.~"I'll manage," {they} said, and drew in a tree.~{T}
    More than anything {N} would like to be thanked by one particular person, and {has} taken care never to be where it could happen.~{T}
    Before it is too late {N} mean{s} to learn one thing properly. The choice at present lies between the violin and forgiveness. The violin is ahead.~{T}
    Some people want to be remembered. {N} would rather be forgotten by the right ones, and keep{s} a short list.~{T}
    There is a bench in {town=} that catches the last of the light, and {N} intend{s} to grow old on it.~{They} {have} already quarrelled with the person who sits there now.~{T}
    {N} would like an apprentice, though that is not the word {they} use. Somebody to hand things to. Somebody to be wrong in front of.~{T}
    One question would be enough. {N} {has} it ready for {kin}, worn smooth by years of rehearsal.~But it can be asked only once, and so far there has always been a better evening coming.~{T}
    In the worst week of every year {N} still buy{s} a ticket in the raffle. First prize is a pig. Behind the house, where nobody goes, there is already a place cleared for it.~{T}
    {N} would like, just once, to be late for something and find that they had waited.~{They} {have} practised. So far people simply begin, and glance at the door.~{T}
    It is a modest ambition. {N} want{s} to owe nothing, own little, and be missed at breakfast.~{T}
    Asked what {they} would do with a great deal of money, {N} say{s}: lose it, but more slowly than {kin} would expect.~Pressed, {they} admit{z} to a boat. It would not have to float.~{T}
    {N} would like to be present, just once, at the beginning of something. So far the chairs have always been taken and somebody has been halfway through a sentence.~{T}
    There is a word that {N} would like to hear from {kin}. It is quite a short one, and not the one that comes to mind. It is "stay."~{T}
    What {N} would like best is to finish. There is a shelf of things begun: a ship in a bottle, a quarrel, a grammar of whistling.~It gets dusted on Sundays and added to on Mondays.~{T}
"#;

const RUMOUR: Table = r#"
    It is told in {town=} that {N} once talked a bailiff into carrying the furniture back up. This is true. It is also told that the bailiff stayed to dinner, which is not; it was only coffee.~{T}
    Of the stories that go round about {N}, the one with the bear is false, and the one with the bishop is worse than they tell it.~{T}
    Children in {town=} say that {N} never sleep{s}, {has} a twin, and can smell a lie. {They} {have} denied the twin.~{T}
    People believe that there is gold. There has to be; why else would anybody live like that? Once a year somebody breaks in to look. {N} leave{s} out a lamp, and a note about the third step.~{T}
    The tale most often told is how {N} won {num} games running against a man who had never lost, and then gave it all back. The part about giving it back was added later, by {N}.~{T}
    There is a song. It has {num} verses, and in the last but one {N} come{s} riding over the pass on a {beast}. It was on foot, {they} like{z} to point out, and there was no pass.~{T}
    Somebody once swore before witnesses that {N} had been in two places on the same evening. Both places were rather proud of it, and neither has given way.~{T}
    For a time it was believed that {N} had a powerful protector. Doors opened; fines were forgotten.~It was all a mistake about somebody's hat, and {they} enjoyed it with a clear conscience until it stopped.~{T}
    In {home=} they still show the place from which {N} {is} supposed to have jumped. It gets higher every year. {They} used the steps.~{T}
    {N} {is} mentioned in print exactly once, in a footnote, among "others present." {They} {have} the page by heart.~{T}
    If half of what they say were true, {N} would have to be about two hundred years old. The other half, which is true, gets told much less. It is mostly about carrying things.~{T}
    There is talk of a duel. There was one, at dawn, in {town=}. Both parties had come to apologise, and it went on for an hour.~{T}
    It is widely held that {N} can read minds. What {they} read{z} is shoes. The shoes know where their owner has been, and mostly they know where their owner would rather go.~{T}
    According to the barber, {N} once ate a whole wheel of cheese for a bet. It was a small wheel, and it was grief.~{T}
    They say that {N} {was} offered a throne somewhere, and asked to see the kitchen first. It was not a throne, only an inn, and the kitchen settled it.~{T}
    There is a version in which {N} dies at the end. It is very popular, and {they} {have} been sent flowers. {They} wrote back to say how well they were lasting.~{T}
"#;

const HOUR: Table = "
    Late, when the others have gone, {N} sit{s} down among the empty chairs and take{s} stock. Nothing broken, nobody lost, one thing said that should not have been. It is a good average.~{T}
    land: When it snows, {N} go{es} out at once, whatever the hour, to the edge of {town=} and back. {They} like{z} to be the first mistake on the page.~{T}
    There are evenings when {N} read{s} the same page of the same book, aloud, to nobody. It is a page about a man waiting for a horse. The horse is late. {They} {have} never turned over.~{T}
    {N} once stayed up until morning with a frightened {beast} that belonged to somebody else, and told it the plot of every play {they} could remember. It lived. It has shown no interest in drama since.~{T}
    Sometimes, before sleep, {N} go{es} through the old house in {home=}, room by room, touching things. There is one door {they} leave{z} for the end, and {they} {are} always asleep by then.~{T}
    Holidays are difficult. {N} spend{s} them repairing something that was not very broken, in good clothes.~By evening there is usually somebody at the door with a plate, pretending to have cooked too much.~{T}
    The hour before anyone else is up belongs to {N}. {They} use{z} it to make something hot, lose an argument with the past, and lay the table.~{T}
    When {N} cannot sleep {they} sharpen{z} pencils. There are jars of them in every room. It has been a bad year for sleep. It has been an excellent year for pencils.~{T}
    land: A roof is the best place to think, and {N} {has} sat on most of those in {town=}, by arrangement with the owners. The arrangement is that {they} look{z} for loose tiles.~{T}
    There is a tune that {N} hum{s} when things are about to go wrong, without noticing. Other people notice, and move the glasses.~{T}
    On one evening in the year {N} cook{s} {food} for {num} and eat{s} it alone, going from chair to chair. It is not sad, or not all the way round.~{T}
    {N} like{s} the moment after the music, when people have not yet remembered their coats.~{They} {have} sat through whole concerts for it, with {their} eyes on the door.~{T}
    far: On the quiet shifts {N} sit{s} by the one clean port and watch{es} nothing at all go by.~There is a great deal of it. {They} find{z} it good company.~{T}
    Sometimes {N} lay{s} out on the bed everything that {they} own{z}, and look{s} at it, and put{s} it back. It takes less time than one would think. It used to take more.~{T}
    On sleepless nights {N} go{es} down and sit{s} in the kitchen with whoever else is there. In {town=} there is always somebody.~Nobody says why. There is bread, and a great respect for crumbs.~{T}
    There is one hour in the week that {N} keep{s} for no one, and guard{s} like a dog.~What is done in it is not known. There is sawdust, sometimes, and once there was applause.~{T}
";
