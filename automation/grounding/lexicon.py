"""The words a quote may lose and the words whose loss changes it. Lists in their compared form (ё as е).

Russian and Ukrainian stand together: a word of one that means something else in the other is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from automation.grounding.fillers import NOTHING, Phrase, fillers_at, lengths, phrases, word_set
from automation.grounding.units import Unit

#: A listener's noises: a line of these alone does not part two sentences of one speaker.
BACKCHANNEL = word_set(
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
HEDGES = phrases("HEDGES")
#: Weaken the number that follows.
APPROXIMATE = phrases("APPROXIMATE")
#: Say how often; they change what stands in their own clause.
FREQUENCY = phrases("FREQUENCY")
#: Mean that only beside a number: «до двух часов», "around forty", but "we turned around".
BESIDE_NUMBERS = word_set(
    "до за порядка порядку районе районі где то десь больше меньше більше менше свыше понад около близко "
    "близько несколько дещо чуть лишь только лише тільки среднем середньому в у едва ледве плюс минус "
    "мінус с з лишним гаком about around some over under only up to at or so close north upwards as many "
    "much few little bit more most less least than a rather quite pretty fairly barely well just"
)
CONDITIONS = word_set(
    "если ежели кабы якщо якби кроме крім окрім хіба разве пока доки коль if unless provided providing "
    "except until assuming supposing once"
)
#: Conditions of several words; like the words above they open a clause.
CONDITION_PHRASES = phrases("CONDITION_PHRASES")
#: Knowing, seeing and finding out: what follows their "that" is asserted by the speaker too.
FACTIVE = re.compile(
    r"зна(ю|ем|ет|ют|л|ла|ли)|вид(ел|ела|ели|ишь|им|но)|помн(ю|им)|понима(ю|ем|л|ла|ли)|понял[аи]?|оказал(ось|ся|ась)"
    r"|выясни(лось|ли|л|ла)|узнал[аи]?|рад|рада|рады|заметил[аи]?|факт|правда|увидел[аи]?|доказал[аи]?|уверен[аы]?"
    r"|жаль|спасибо|хорошо|плохо|удивительно|удивляет|удивило|горжусь|гордимся|нравится|жалею|значит|доволен|довольна"
    r"|зна(ємо|є|ють|в)|бачи(в|ла|ли|мо|ш)|бачу|пам'ята(ю|ємо)|розумі(ю|ємо|в|ла|ли)|зрозумі(в|ла|ли)|виявил(ося|ось)"
    r"|з'ясувал(ося|и|а)|дізнал(ася|ися)|дізнався|радий|рада|раді|помітил[аи]|помітив|побачи(в|ла|ли)|довели|певен"
    r"|впевнен(ий|а|і)|шкода|дякую|добре|погано|дивно|дивує|здивувало|пишаюся|пишаюсь|пишаємося|подобається|шкодую"
    r"|know|knows|knew|see|saw|seen|remember|remembered|understand|understood|realise[ds]?|realize[ds]?|found|find|learned"
    r"|learnt|glad|happy|proud|sorry|sad|noticed?|fact|true|proved?|sure|certain|means|showed|shows|like|love|surprised"
)
REPORTING = re.compile(
    r"говор(ит|ят|ил|ила|или)|сказал[аи]?|заяв(ил|ила|или|ляет|ляют)|утвержда(ет|ют|л|ла|ли)|пиш(ет|ут)|писал[аи]?"
    r"|обеща(ет|ют|л|ла|ли)|рассказ(ывают|ывает|али)|каж(е|уть)|казав|казал[аи]|сказав|заяв(ив|ила|или|ляє|ляють)"
    r"|стверджу(є|ють|вав|вала|вали)|обіця(є|ють|в|ла|ли)|говорить|говорять|пише|пишуть"
    r"|дума(л|ла|ли|в)|дума(ла|ли)|обвин(ил|ила|или|яют|ять)|звинува(тив|тили|чують|чують)"
    r"|saying|accuse[ds]?|accusing"
    r"|say|says|said|claim|claims|claimed|promise|promises|promised|tell|tells|told|report|reports|reported|allege[ds]?"
    r"|намека(л|ла|ли|ет|ют)|намекнул[аи]?|уверя(л|ла|ли|ет|ют)|предполож(ил|ила|или)|предполага(л|ла|ли|ет|ют)"
    r"|предлага(л|ла|ли|ет|ют)|предложил[аи]?|прогнозиру(ет|ют)|ожида(ет|ют|л|ла|ли)|подозрева(ет|ют|л|ла|ли)"
    r"|счита(ет|ют|л|ла|ли)|полага(ет|ют|л|ла|ли)|наде(ется|ются|ялся|ялась|ялись)|грози(т|л|ла|ли)|признал(ся|ась|ись)"
    r"|сообщ(ил|ила|или|ает|ают)|доказыва(ет|ют|л|ла|ли)|увер(ен|ена|ены)|настаива(ет|ют|л|ла|ли)|твердил[аи]?|твердит"
    r"|натяка(в|ла|ли|є|ють)|натякнув|натякнул[аи]|запевня(в|ла|ли|є|ють)|запевни(в|ла|ли)|припуска(в|ла|ли|є|ють)"
    r"|припусти(в|ла|ли)|пропону(є|ють|вав|вала|вали)|запропонув(ав|ала|али)|прогнозу(є|ють)|очіку(є|ють|вав|вала|вали)"
    r"|підозрю(є|ють|вав|вала|вали)|вважа(є|ють|в|ла|ли)|гада(є|ють|в|ла|ли)|сподіва(ється|ються|вся|лася|лися)"
    r"|погрожу(є|ють|вав|вала|вали)|визна(в|ла|ли)|повідом(ив|ила|или|ляє|ляють)|наполяга(є|ють|в|ла|ли)|тверди(ть|ли)"
    r"|suggest(s|ed)?|argue[ds]?|insist(s|ed)?|hint(s|ed)?|admit(s|ted)?|announce[ds]?|estimate[ds]?|predict(s|ed)?"
    r"|inform(s|ed)?|warn(s|ed)?|assure[ds]?|assert(s|ed)?|threaten(s|ed)?|propose[ds]?|recommend(s|ed)?|implie[ds]|imply|swore|swears?"
    r"|declare[ds]?|confess(es|ed)?|complain(s|ed)?|mention(s|ed)?|explain(s|ed)?|wrote|write|writes|told"
    r"|слух(и|ам)?|чутк(и|ам)?|rumou?rs?"
)
INTENTION = re.compile(
    r"хоч(у|ет|ем|е|емо|уть)|хот(ел|ела|ели|ят|им|ит|ів|іла|іли)|хотіл(а|и)|хотів|пыта(лся|лась|лись|ются|емся)"
    r"|намага(вся|лася|лися|ються|ємося)|планир(овал|овала|овали|уют|уем)|план(ував|увала|ували|ують|уємо)"
    r"|want|wants|wanted|try|tries|tried|trying|planned|planning"
)
COMPLEMENTS = word_set("что чтобы будто якобы що щоб ніби нібито that")  # after «сказал»: what was said
LINKS = word_set("что чтобы будто якобы ли как что-то който котор що щоб ніби нібито чи that whether which")
BREAKS = word_set("но а однако зато але проте однак зате but because although though while whereas")
JOINS = word_set("и й і та да или або чи and or so") | BREAKS
ENGLISH_SUBJECTS = word_set("i he she we they it you the my our his her their there this that these")


TABLES = (
    (FREQUENCY, "frequency"),
    (HEDGES, "hedge"),
    (APPROXIMATE, "approximate"),
    (CONDITION_PHRASES, "condition"),
)


@dataclass(frozen=True, slots=True)
class Sense:
    """What the words of a text do, a set per unit; `fillers` has how many units may go from each place."""

    kinds: tuple[frozenset[str], ...]
    fillers: tuple[tuple[int, ...], ...]  # the longest first
    quiet: frozenset[int]  # units inside a filler

    def has(self, at: int, *kinds: str) -> bool:
        return at not in self.quiet and not self.kinds[at].isdisjoint(kinds)


def sense_of(units: Sequence[Unit], ends: Iterable[int] = ()) -> Sense:
    """Reads a text; `ends` are the places before which a sentence has ended."""
    keys = [unit.key for unit in units]
    stops = {0, len(units), *ends}
    fillers = tuple(fillers_at(units, keys, at, stops) for at in range(len(units)))
    quiet = {n for at, lengths in enumerate(fillers) for n in range(at, at + max(lengths, default=0))}
    kinds = [_simple(key) for key in keys]
    for table, kind in TABLES:
        for at, key in enumerate(keys):
            for n in range(at, at + (_length(table, keys, at) if key in table else 0)):
                kinds[n] |= {kind}
    return Sense(tuple(kinds), fillers, frozenset(quiet))


@lru_cache(maxsize=50_000)
def _simple(key: str) -> frozenset[str]:
    if key in CONDITIONS:
        return frozenset({"condition"})
    if NEGATION.fullmatch(key):
        return frozenset({"negation"})
    if INTENTION.fullmatch(key):
        return frozenset({"intention"})
    return frozenset({"report"}) if REPORTING.fullmatch(key) else NOTHING


def _length(table: dict[str, list[Phrase]], keys: Sequence[str], at: int) -> int:
    return next(lengths(table, keys, at), 0)
