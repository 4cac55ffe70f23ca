"""The words of English speech: fillers, hedges, approximations, conditions.

Written as they are compared: small letters, ё as е, contractions open, a hyphen as a space.
"""

#: Say nothing wherever they stand.
ALWAYS = """
er, erm, hm, hmm, mm, mmm, uh, uhh, uhm, um, umm
"""
#: Say nothing when a comma or the end of the sentence stands on both sides.
SET_OFF = """
absolutely, actually, ah, all joking aside, all right, all right so, alright, alright so, and all of that, and
all that, and so forth, and so on, and stuff, and stuff like that, and things, and things like that, and
whatnot, anyhow, anyway, anyways, as a matter of fact, as i always say, as i have said, as i mentioned, as i
said, as i said before, as i say, as i told you, as i was saying, as it happens, as it were, as people say, as
the saying goes, as they say, as we say, as we say here, as you can imagine, as you can see, as you know, as
you may know, as you might imagine, as you probably know, as you see, as you will know, as you will remember,
at the end of the day, aw, aye, basically, bear with me, being frank, being honest, being perfectly honest,
believe it or not, believe me, between us, between you and me, bless her, bless her heart, bless him, bless
his heart, bless their hearts, bless them, bless you, bloody hell, bluntly, by the way, can you believe it,
can you believe that, can you imagine, certainly, clearly, colleagues, come to think of it, cut a long story
short, dammit, damn, damn it, dead right, dear god, dear lord, dear me, definitely, do not you know, do you
see, do you see what i mean, dude, eh, excuse me, excuse my french, excuse my language, excuse the language,
fair enough, fair play, folks, for crying out loud, for god is sake, for goodness sake, for heaven is sake,
for lack of a better term, for lack of a better word, for pete is sake, for sure, for the love of god, for the
record, for want of a better phrase, for want of a better term, for want of a better word, for what it is
worth, frankly, frankly speaking, gentlemen, get it, give me a second, go figure, god, god bless her, god
bless him, god bless them, god bless you, god rest her, god rest her soul, god rest him, god rest his soul,
goes without saying, good god, good grief, good heavens, good lord, goodness, goodness me, gosh, guys, ha,
haha, hang on, hang on a second, hear me out, heavens, heck, hell, here we go, hey, hold on, honestly,
honestly speaking, how can i put it, how can i put this, how can i say, how do i put it, how do i put this,
how do i say, how do i say this, how shall i put it, how shall i say, how should i put it, how should i say,
how to say it, huh, i admit, i am being honest, i am not going to lie, i am not going to lie to you, i am not
joking, i am not kidding, i am telling you, i am telling you now, i can not lie, i can tell you, i confess, i
hasten to add, i have to admit, i have to be honest, i have to be honest with you, i have to confess, i have
to say, i have to tell you, i kid you not, i may add, i mean, i mean to say, i might add, i must admit, i must
be honest, i must confess, i must say, i must tell you, i promise you, i should add, i should say, i swear, i
tell you, i tell you what, i will add, i will admit, i will be blunt, i will be frank, i will be frank with
you, i will be honest, i will be honest with you, i will confess, i will not lie, i will not lie to you, i
will say, i will say this, i will tell you, i will tell you this, i will tell you what, i would add, if i am
honest, if the truth be told, if truth be told, if you can believe it, if you know what i am saying, if you
know what i mean, if you like, if you must know, if you really want to know, if you recall, if you remember,
if you see what i mean, if you think about it, if you will, if you will pardon the expression, imagine, in a
nutshell, in a word, in all honesty, in all seriousness, in fact, in other words, in short, in truth, indeed,
it goes without saying, joking aside, just so you know, just so you understand, just think, know what i mean,
ladies, ladies and gentlemen, let me put it this way, let me remember, let me say, let me see, let me tell
you, let me think, let us be clear, let us be fair, let us be frank, let us be honest, let us be real, let us
face it, let us say, let us see, like, like i always say, like i mentioned, like i said, like i said before,
like i say, like i told you, like i was saying, like the saying goes, like they say, listen, literally, long
story short, look, look here, lord, make no mistake, man, mark you, mate, may he rest in peace, may she rest
in peace, mind, mind you, my dear, my friend, my friends, my god, my goodness, my gosh, naturally, needless to
say, no kidding, no no, no no no, no offence, no offense, no two ways about it, no well, no yeah, not going to
lie, not joking, not kidding, now, now i think of it, now listen, now look, now that i think of it, obviously,
of course, oh, oh boy, oh dear, oh god, oh lord, oh man, oh my, oh my god, oh my goodness, oh my gosh, oh
well, ok, ok so, ok then, okay, okay so, okay then, or something, or something like that, or what have you, or
whatever, or whatever it is, or whatever you call it, pardon, pardon me, pardon my french, pardon the
expression, pardon the pun, personally, phew, plain and simple, plainly, point taken, pure and simple, put
bluntly, put it this way, put plainly, put simply, quite frankly, quite honestly, really, remember, rest
assured, rest her soul, rest his soul, rest in peace, right, right so, right then, say, see, see what i mean,
seriously, shall we say, simply put, so, so anyhow, so anyway, so like, so that you know, so to say, so to
speak, so yeah, so you know, so you understand, sorry, stay with me, sure, sure enough, tell you what, thank
god, thank goodness, thank heaven, thank heavens, thank the lord, that is to say, there is no denying it,
there it is, there we go, there you are, there you go, think about it, to be blunt, to be brutally honest, to
be clear, to be completely honest, to be fair, to be frank, to be honest, to be honest with you, to be
perfectly frank, to be perfectly honest, to be perfectly honest with you, to be quite frank, to be quite
honest, to be quite honest with you, to be really honest, to be totally honest, to be very honest, to cut a
long story short, to give you an idea, to make a long story short, to put it bluntly, to put it plainly, to
put it simply, to tell the truth, to tell you the truth, too right, truly, trust me, truth be told, truth
told, ugh, uh huh, understand, undoubtedly, very honestly, wait, wait a minute, well, well anyway, well i
mean, well look, well see, well then, well you know, what are you going to do, what can i say, what can you
do, what do you call it, what do you do, what have you, what is it called, what is the word, what was it, what
was the word, when all is said and done, when you come to think of it, when you think about it, which is to
say, whoa, with all due respect, with all respect, with respect, without a doubt, without doubt, without
question, would you believe, would you believe it, would you look at that, wow, yeah, yeah no, yeah well, yeah
yeah, yep, yes, yes well, you bet, you follow, you follow me, you get it, you get me, you get the idea, you
get the picture, you know, you know what, you know what i am saying, you know what i mean, you see, you see
what i mean, you understand, you would not believe
"""
#: One side is enough.
HALF_OFF = ""
#: Their loss makes a statement stronger than it was.
HEDGES = """
according to, admittedly, all being well, all but, all in all, all things being equal, all things considered,
alleged, allegedly, apparently, appear, appeared, appears, are believed to, are said to, are thought to,
arguably, as a general rule, as far as anybody, as far as anyone, as far as i am aware, as far as i am
concerned, as far as i can tell, as far as i know, as far as i remember, as far as we can tell, as far as we
know, as i recall, as i understand, as i understand it, as of now, as of this morning, as of today, as we
understand it, assume, assumed, at any rate, at best, at least as far as, at least in theory, at present, at
the moment, at the outside, at this point, at this stage, at worst, believe, believed, believes, broadly
speaking, by all accounts, by and large, by my count, by our count, chances are, conceivably, conditional on,
could, currently, depending on, eventually, evidently, expect, expected, feel like, fingers crossed, for now,
for the moment, for the time being, formally, from what i can tell, from what i have seen, from what i hear,
from what i know, from what i read, from what i understand, from what we can tell, from what we hear, from
what we know, generally speaking, give or take, god willing, granted, guess, guessed, he figures, hope, hoped,
hopefully, hopes, i am afraid, i am not sure, i am told, i assume, i dare say, i doubt, i expect, i fear, i
figure, i gather, i grant, i grant you, i imagine, i reckon, i should think, i suspect, i take it, i was told,
i will grant, i will grant you, i would guess, i would have thought, i would imagine, i would say, i would
think, ideally, if all goes well, if i am not mistaken, if i remember correctly, if i remember rightly, if
memory serves, if not, if you ask me, in a sense, in a way, in all fairness, in any case, in fairness, in many
cases, in most cases, in my book, in my experience, in my judgement, in my judgment, in my opinion, in my
view, in our experience, in our opinion, in our view, in part, in principle, in some cases, in the main, in
theory, informally, is believed to, is said to, is thought to, it appears, it is believed, it is said, it is
thought, it looks like, it seems, joking, kidding, kind of, kinda, knock on wood, knock wood, legend has it,
likely, looks like, loosely speaking, may, maybe, might, more often than not, more or less, nine times out of
ten, nominally, not always, not entirely, not exactly, not necessarily, not quite, not really, not strictly,
not sure, off the record, on balance, on occasion, on one occasion, on paper, on the whole, or thereabouts,
ostensibly, other things being equal, partly, pending, perhaps, plan to, plans to, possibly, potentially,
practically, preliminarily, presumably, presume, presumed, probably, provisionally, purely as an experiment,
purported, purportedly, reckon, reckoned, reportedly, roughly speaking, rumor has it, rumour has it, seem,
seemed, seemingly, seems, self described, she figures, should, so called, so far, so i am told, so i hear, so
i heard, so they say, someday, sort of, sorta, speaking as, strictly speaking, subject to, suppose, supposed,
supposedly, suspect, suspected, technically, tend, tended, tends, tentatively, the story goes, the way i hear
it, the way i heard it, the way i remember it, the word is, theoretically, thereabouts, they figure, they tell
me, they tell us, think, thinks, thought, to a degree, to all intents and purposes, to be exact, to be
precise, to my ear, to my eye, to my knowledge, to my mind, to some extent, touch wood, unless, unofficially,
until further notice, up to a point, virtually, we are told, we were told, weather permitting, with a bit of
luck, with any luck, with luck, within reason, word is, would, would be, would like
"""
#: Weaken the number that follows.
APPROXIMATE = """
a bit, a little, a little over, a little under, about, almost, approximately, around, as few as, as many as,
as much as, at a push, at least, at most, barely, close to, fairly, fewer than, give or take, just over, just
under, less than, more than, nearly, no less than, no more than, north of, only, or so, over, plus or minus,
pretty, quite, rather, roughly, slightly, some, somewhat, tops, under, up to, upwards of, well over
"""
#: Say how often.
FREQUENCY = """
as a rule, for the most part, generally, in general, largely, mainly, most of the time, mostly, normally,
occasionally, often, on average, once in a while, rarely, seldom, some of the time, sometimes, typically,
usually
"""
#: Open a condition.
CONDITION_PHRASES = """
apart from, as long as, as soon as, assuming, barring, best case, even if, excluding, give her, give him, give
it, give me, give them, give us, going by, had it, had they, had we, in case, in the event, leaving aside, not
counting, not including, on condition, only if, only when, other than, provided, save for, setting aside,
should he, should it, should she, should they, should we, should you, so long as, were it, were they, were we,
with one caveat, with the caveat, with the exception, with the proviso, worst case
"""
