"""The words a quote may lose and the words whose loss changes it. Lists in their compared form (ё as е).

Russian and Ukrainian stand together: a word of one that means something else in the other is left out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from automation.grounding.units import Unit, plain

Phrase = tuple[str, ...]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _phrases(text: str) -> dict[str, list[Phrase]]:
    """ "a, b c" by first word, the longest first."""
    table: dict[str, list[Phrase]] = defaultdict(list)
    for phrase in text.replace("\n", " ").split(","):
        words = tuple(plain(phrase).split())
        if words:
            table[words[0]].append(words)
    for options in table.values():
        options.sort(key=len, reverse=True)
    return dict(table)


#: Say nothing wherever they stand.
ALWAYS = _phrases("""
ну, э, ээ, эээ, эм, эмм, мм, ммм, хм, ааа, вот, как бы, так сказать, скажем так, это самое, еее, як би,
так би мовити, скажімо так, це саме, um, umm, uh, uhh, er, erm, uhm, hm, hmm, mm, mmm
""")
#: Say nothing when a comma or the end of the sentence stands on both sides.
SET_OFF = _phrases("""
знаете, знаете ли, знаешь, понимаете, понимаешь, видите ли, слушайте, послушайте, смотрите, значит,
короче, короче говоря, в общем, в общем то, вообще, собственно, собственно говоря, так, да, кстати,
честно, честно говоря, скажем, типа, как говорится, вы не поверите, понимаете ли, слышите, знаєте,
знаєш, розумієте, розумієш, бачите, слухайте, дивіться, значить, коротше, коротше кажучи, загалом,
власне, власне кажучи, до речі, чесно, чесно кажучи, типу, ви не повірите, ось, скажімо, так от, ну от,
ну вот, you know, i mean, like, so, well, right, okay, ok, yeah, basically, honestly, frankly, look,
listen, see, you see, let us say, so yeah
""")
#: One side is enough.
HALF_OFF = _phrases("от, ось")
#: «вот почему», «как бы не»: here the words do mean something.
MEANINGFUL_BEFORE = {
    "вот": _set("почему так и где как что кто когда откуда"),
    "от": _set("чому так і де як що хто коли"),
    "ось": _set("чому так і де як що хто коли"),
    "как": _set("не ни то"),
    "як": _set("не ні то"),
}
#: A listener's noises: a line of these alone does not part two sentences of one speaker.
BACKCHANNEL = _set(
    "угу ага да так мм ммм хм ну понятно ясно конечно зрозуміло звісно добре yeah yes right okay ok sure "
    "mhm uh huh hm hmm mm wow really i see"
)

NEGATION = re.compile(
    r"не|ни|нет|нету|нельзя|никто|никого|никому|никем|никогда|ничего|ничто|ничем|ничему|ничуть|нигде|никуда|никак"
    r"|никак(ой|ая|ое|ие|ого|их|им|ими|ую|ому)|ниоткуда|нисколько|некому|нечего|негде|незачем|невозможно|неправда"
    r"|вряд|едва|отнюдь"
    r"|ні|ані|ніхто|нікого|нікому|ніким|ніколи|нічого|ніщо|нічим|нічому|ніде|нікуди"
    r"|ніяк|ніяк(ий|а|е|і|ого|их|ої|ому|у)"
    r"|немає|нема|жод(ен|ний|на|не|ного|ної|ному|ну|ні|них)|неможливо|неправда|навряд|нізащо|неможна"
    r"|отказ(ался|алась|ались|ываюсь|ываемся|ывается)|отрицаю|отрицает|отрицаем|сомневаюсь|сомневаемся"
    r"|відмов(ився|илася|илась|илися|ились|ляюся|ляюсь)|заперечую|заперечує|сумніваюся|сумніваюсь"
    r"|not|no|never|none|nobody|nothing|neither|nor|nowhere|hardly|barely|scarcely|refuse[ds]?|refusing|fail(ed|s)?"
    r"|unable|deny|denies|denied|ложь|ложью|вранье|брехня|брехнею|lie|lies|myth|doubt|doubts|false|untrue"
)
HEDGES = _phrases("""
шучу, жартую, kidding, joking, so to say, по слухам,
наверное, наверно, возможно, вероятно, видимо, похоже, кажется, казалось, вроде, вроде бы, якобы, будто,
будто бы, пожалуй, может быть, может, могут, могли, мог, могла, думаю, думаем, считаю, считаем, полагаю,
полагаем, предполагаю, надеюсь, надеемся, по моему, по нашему, скорее всего, отчасти, частично,
теоретически, бы, б, мабуть, можливо, напевно, певно, імовірно, ймовірно, схоже, здається, здавалося,
начебто, ніби, нібито, наче, може, можуть, могли, міг, могла, вважаю, вважаємо, гадаю, гадаємо, думаємо,
сподіваюся, сподіваюсь, сподіваємося, на мою думку, скоріш за все, скоріше за все, найімовірніше,
частково, теоретично, би, maybe, perhaps, probably, possibly, likely, apparently, allegedly, supposedly,
presumably, seems, seem, seemed, think, thought, guess, believe, suppose, hope, might, may, could,
would, should, partly, sort of, kind of, in theory, if not
""")
#: Weaken the number that follows.
APPROXIMATE = _phrases("""
около, примерно, почти, порядка, где то, приблизительно, более, менее, больше, меньше, свыше, максимум,
минимум, до, близько, майже, десь, приблизно, орієнтовно, понад, більше, менше, більш, менш, щонайменше,
лише, лишь, только, тільки, about, around, roughly, nearly, almost, approximately, some, at least, at
most, more than, less than, up to, over, under, only
""")
CONDITIONS = _set(
    "если ежели кабы якщо якби if unless provided except кроме крім окрім хіба разве пока доки until"
)
REPORTING = re.compile(
    r"говор(ит|ят|ил|ила|или)|сказал[аи]?|заяв(ил|ила|или|ляет|ляют)|утвержда(ет|ют|л|ла|ли)|пиш(ет|ут)|писал[аи]?"
    r"|обеща(ет|ют|л|ла|ли)|рассказ(ывают|ывает|али)|каж(е|уть)|казав|казал[аи]|сказав|заяв(ив|ила|или|ляє|ляють)"
    r"|стверджу(є|ють|вав|вала|вали)|обіця(є|ють|в|ла|ли)|говорить|говорять|пише|пишуть"
    r"|дума(л|ла|ли|в)|дума(ла|ли)|обвин(ил|ила|или|яют|ять)|звинува(тив|тили|чують|чують)"
    r"|saying|accuse[ds]?|accusing"
    r"|say|says|said|claim|claims|claimed|promise|promises|promised|tell|tells|told|report|reports|reported|allege[ds]?"
    r"|слух(и|ам)?|чутк(и|ам)?|rumou?rs?"
)
INTENTION = re.compile(
    r"хоч(у|ет|ем|е|емо|уть)|хот(ел|ела|ели|ят|им|ит|ів|іла|іли)|хотіл(а|и)|хотів|пыта(лся|лась|лись|ются|емся)"
    r"|намага(вся|лася|лися|ються|ємося)|планир(овал|овала|овали|уют|уем)|план(ував|увала|ували|ують|уємо)"
    r"|want|wants|wanted|try|tries|tried|trying|plan|plans|planned"
)
LINKS = _set("что чтобы будто якобы ли как что-то който котор що щоб ніби нібито чи that whether which")
BREAKS = _set("но а однако зато але проте однак зате but because although though while whereas")
JOINS = _set("и й і та да или або чи and or so") | BREAKS
ENGLISH_SUBJECTS = _set("i he she we they it you the my our his her their there this that these")


@dataclass(frozen=True, slots=True)
class Sense:
    """What the words of a text do, a set per unit; `fillers` has how many units may go from each place."""

    kinds: tuple[frozenset[str], ...]
    fillers: tuple[int, ...]
    quiet: frozenset[int]  # units inside a filler

    def has(self, at: int, *kinds: str) -> bool:
        return at not in self.quiet and not self.kinds[at].isdisjoint(kinds)


NOTHING: frozenset[str] = frozenset()


def sense_of(units: Sequence[Unit], ends: Iterable[int] = ()) -> Sense:
    """Reads a text; `ends` are the places before which a sentence has ended."""
    keys = [unit.key for unit in units]
    stops = {0, len(units), *ends}
    fillers = tuple(_filler(units, keys, at, stops) for at in range(len(units)))
    quiet = {n for at, length in enumerate(fillers) for n in range(at, at + length)}
    kinds = [_simple(key) for key in keys]
    for table, kind in ((HEDGES, "hedge"), (APPROXIMATE, "approximate")):
        for at, key in enumerate(keys):
            for n in range(at, at + (_length(table, keys, at) if key in table else 0)):
                kinds[n] |= {kind}
    return Sense(tuple(kinds), fillers, frozenset(quiet))


def _simple(key: str) -> frozenset[str]:
    if key in CONDITIONS:
        return frozenset({"condition"})
    if NEGATION.fullmatch(key):
        return frozenset({"negation"})
    if INTENTION.fullmatch(key):
        return frozenset({"intention"})
    return frozenset({"report"}) if REPORTING.fullmatch(key) else NOTHING


def _length(table: dict[str, list[Phrase]], keys: Sequence[str], at: int) -> int:
    for phrase in table.get(keys[at], ()):
        if tuple(keys[at : at + len(phrase)]) == phrase:
            return len(phrase)
    return 0


def _filler(units: Sequence[Unit], keys: Sequence[str], at: int, stops: set[int]) -> int:
    if not (keys[at] in ALWAYS or keys[at] in SET_OFF or keys[at] in HALF_OFF):
        return 0
    off = _off(units, at, stops)
    if length := _length(SET_OFF, keys, at):
        mid_sentence = at not in stops or keys[at] != "да"
        if off and mid_sentence and _off(units, at + length, stops):
            return length
    if (length := _length(HALF_OFF, keys, at)) and (off or _off(units, at + length, stops)):
        return length if _is_empty(keys, at, length) else 0
    length = _length(ALWAYS, keys, at)
    return length if length and _is_empty(keys, at, length) else 0


def _off(units: Sequence[Unit], at: int, stops: set[int]) -> bool:
    """Whether punctuation or the end of a sentence stands before a place."""
    return at in stops or at >= len(units) or bool(set(units[at].before) & set(",.;:!?…—–"))


def _is_empty(keys: Sequence[str], at: int, length: int) -> bool:
    after = keys[at + length] if at + length < len(keys) else ""
    return after not in MEANINGFUL_BEFORE.get(keys[at], NOTHING)
