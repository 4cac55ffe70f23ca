"""Words that say nothing: noises, words set off by commas, addresses to the listener, words begun again.

The lists of the three languages are read together: a Ukrainian guest swears in Russian too.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache

from automation.grounding import words_en, words_ru, words_uk
from automation.grounding.units import Unit, plain

Phrase = tuple[str, ...]
NOTHING: frozenset[str] = frozenset()
LONGEST_ASIDE = 8  # units of «если уж говорить совсем честно,»


def word_set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def phrases(name: str) -> dict[str, list[Phrase]]:
    """The list of that name in every language, "a, b c", by first word, the longest first."""
    table: dict[str, list[Phrase]] = defaultdict(list)
    for language in (words_ru, words_uk, words_en):
        for phrase in getattr(language, name).replace("\n", " ").split(","):
            words = tuple(plain(phrase).split())
            if words and words not in table[words[0]]:
                table[words[0]].append(words)
    for options in table.values():
        options.sort(key=len, reverse=True)
    return dict(table)


def lengths(table: dict[str, list[Phrase]], keys: Sequence[str], at: int) -> Iterator[int]:
    """Of every phrase of a table that stands at a place, the longest first."""
    for phrase in table.get(keys[at], ()):
        if tuple(keys[at : at + len(phrase)]) == phrase:
            yield len(phrase)


ALWAYS = phrases("ALWAYS")
SET_OFF = phrases("SET_OFF")
HALF_OFF = phrases("HALF_OFF")
#: «вот почему», «как бы не»: here the words do mean something.
MEANINGFUL_BEFORE = {
    "вот": word_set("почему так и где как что кто когда откуда"),
    "от": word_set("чому так і де як що хто коли"),
    "ось": word_set("чому так і де як що хто коли"),
    "как": word_set("не ни то"),
    "як": word_set("не ні то"),
}
# Spoken to the listener, in three languages: what may stand before the verb, the verb, what may follow.
_RU_YOU = "ну|вот|да|так|как|же|ж|вы|ты|вам|сам|сама|сами|уже|уж"
_RU_SEE = (
    r"понимае(?:те|шь)|знае(?:те|шь)|види(?:те|шь)|помни(?:те|шь)|представляе(?:те|шь)|догадывае(?:тесь|шься)"
    r"|слыши(?:те|шь)|соглас(?:итесь|ись)|повер(?:ьте|ь)|представь(?:те)?|вообрази(?:те)?|пойми(?:те)?"
    r"|послушай(?:те)?|слушай(?:те)?|смотри(?:те)?|гляди(?:те)?|заметь(?:те)?|учти(?:те)?|подумай(?:те)?"
    r"|прости(?:те)?|извини(?:те)?"
)
_RU_ME = "ли|же|ж|сам|сама|сами|себе|мне|меня|нас|пожалуйста|правильно|только|вы|ты"
_UK_YOU = "ну|от|ось|та|так|як|же|ж|ви|ти|вам|сам|сама|самі|вже"
_UK_SEE = (
    r"розуміє(?:те|ш)|знає(?:те|ш)|бачи(?:те|ш)|пам'ятає(?:те|ш)|уявляє(?:те|ш)|здогадує(?:теся|тесь|шся)"
    r"|чує(?:те|ш)|погод(?:ьтеся|ьтесь|ься)|повір(?:те)?|уяв(?:іть|и)|зрозумій(?:те)?|послухай(?:те)?"
    r"|слухай(?:те)?|див(?:іться|ись)|гля(?:ньте|нь)|зауваж(?:те)?|зваж(?:те)?|врахуй(?:те)?|подумай(?:те)?"
    r"|вибач(?:те|айте)?|пробач(?:те)?|даруй(?:те)?"
)
_UK_ME = "же|ж|сам|сама|самі|собі|мені|мене|нас|будь|ласка|правильно|лишень|ви|ти"
#: «ну вы же сами понимаете», "as you can imagine".
TO_YOU = re.compile(
    rf"(?:(?:{_RU_YOU}) ){{0,5}}(?:{_RU_SEE})(?: (?:{_RU_ME})){{0,3}}"
    rf"|(?:(?:{_UK_YOU}) ){{0,5}}(?:{_UK_SEE})(?: (?:{_UK_ME})){{0,3}}"
    r"|(?:(?:well|now|but|so|as) )?you (?:all )?(?:(?:can|will|may|might|would|must|probably|surely) ){0,2}"
    r"(?:know|see|understand|remember|realise|realize|imagine|guess|recall|appreciate)(?: yourself)?"
)
# Of the saying itself, the same way.
_RU_SAY = (
    "скажу|сказать|говорю|говоря|признаюсь|признаться|сознаюсь|замечу|отмечу|повторю|повторюсь|выражаясь"
)
_RU_HOW = (
    "я|ну|вот|вам|тебе|прямо|честно|откровенно|сразу|так|искренне|коротко|кратко|проще|образно|надо|нужно|следует"
    "|должен|должна|хочу|хотел|хотела|бы|уж|еще|раз|совсем|если|говоря"
)
_RU_SO = "вам|тебе|я|так|честно|прямо|откровенно|сразу|начистоту|еще|раз|по|правде|секрету|честному"
_UK_SAY = "скажу|сказати|кажу|кажучи|зізнаюся|зізнаюсь|зізнатися|зауважу|зазначу|повторю|повторюся|повторюсь"
_UK_HOW = (
    "я|ну|от|вам|тобі|прямо|чесно|відверто|щиро|одразу|так|коротко|простіше|образно|треба|слід|варто|мушу|маю"
    "|хочу|хотів|хотіла|би|б|вже|ще|раз|якщо|кажучи"
)
_UK_SO = "вам|тобі|я|так|чесно|прямо|відверто|щиро|одразу|ще|раз|по|правді|секрету"
SAYING = re.compile(
    rf"(?:(?:{_RU_HOW}) ){{1,5}}(?:{_RU_SAY})(?: (?:{_RU_SO})){{0,3}}|(?:{_RU_SAY})(?: (?:{_RU_SO})){{1,3}}"
    r"|признаюсь|признаться|сознаюсь|замечу|отмечу|повторю|повторюсь"
    r"|как (?:я )?(?:уже |тут |вам |только что )*(?:сказал|говорил|упоминал)а?(?: уже)?"
    rf"|(?:(?:{_UK_HOW}) ){{1,5}}(?:{_UK_SAY})(?: (?:{_UK_SO})){{0,3}}|(?:{_UK_SAY})(?: (?:{_UK_SO})){{1,3}}"
    r"|зізнаюся|зізнаюсь|зізнатися|зауважу|зазначу|повторю|повторюся|повторюсь"
    r"|як (?:я )?(?:вже |тут |вам |щойно )*(?:сказа|каза|говори|згадува)(?:в|ла)(?: вже)?"
    r"|(?:as|like) i (?:(?:have|had|just|already|always) ){0,2}(?:say|said|told you|mentioned|explained)"
    r"(?: (?:before|earlier|already))?"
)
FIRST_WORDS = re.compile(
    "|".join(
        (
            _RU_YOU,
            _RU_SEE,
            _UK_YOU,
            _UK_SEE,
            _RU_HOW,
            _RU_SAY,
            _UK_HOW,
            _UK_SAY,
            "well|now|but|so|as|you|like",
        )
    )
)
#: Stand beside another filler without a comma: «ну так понимаете», "oh well you know".
NOISES = word_set(
    "ну вот так да а ой ох эх ээ эм мм хм блин короче значит значить от ось та і й отак "
    "отже so well oh ah um uh er hm mm yeah okay ok right now and like"
)
JOINED = word_set("и а но что і й та але що and but so that because or")
BROKEN_OFF = re.compile(r"[…—–-]|\.\.\.")
PUNCTUATION = frozenset(",.;:!?…—–")
LONE_YES = "да"  # at the start of a sentence it is an answer


def fillers_at(units: Sequence[Unit], keys: Sequence[str], at: int, stops: set[int]) -> tuple[int, ...]:
    """How many units may go from a place, the longest first: «ну и» or «ну» alone.

    `stops` are the places before which a sentence has ended.
    """
    if not may_begin(keys[at]):
        return (1,) if _breaks_off(units, at) else ()
    off = _off(units, at, stops)
    found = {length for length in lengths(ALWAYS, keys, at) if _is_empty(keys, at, length)}
    found |= {
        n
        for n in lengths(HALF_OFF, keys, at)
        if (off or _off(units, at + n, stops)) and _is_empty(keys, at, n)
    }
    joined = at > 0 and keys[at - 1] in JOINED and not off
    if joined:  # «и, знаете, два человека» without its first comma
        ends = range(at + 1, min(at + LONGEST_ASIDE, len(keys)) + 1)
        found |= {end - at for end in ends if _off(units, end, stops) and speaks(tuple(keys[at:end]))}
    if off and (at not in stops or keys[at] != LONE_YES):
        ends = range(at + 1, min(at + LONGEST_ASIDE, len(keys)) + 1)
        found |= {end - at for end in ends if _off(units, end, stops) and says_nothing(tuple(keys[at:end]))}
    if _breaks_off(units, at):
        found.add(1)
    return tuple(sorted(found, reverse=True))


@lru_cache(maxsize=50_000)
def may_begin(key: str) -> bool:
    """Whether a filler may begin with a word."""
    return (
        key in ALWAYS
        or key in SET_OFF
        or key in HALF_OFF
        or key in NOISES
        or bool(FIRST_WORDS.fullmatch(key))
    )


@lru_cache(maxsize=50_000)
def says_nothing(words: Phrase) -> bool:
    """Whether words between two commas are fillers one after another: «ну так вот понимаете»."""
    if not words:
        return False
    if speaks(words):
        return True
    if any(len(words) in lengths(table, words, 0) for table in (SET_OFF, ALWAYS, HALF_OFF)):
        return True
    return (words[0] in NOISES and says_nothing(words[1:])) or (
        words[-1] in NOISES and says_nothing(words[:-1])
    )


def speaks(words: Phrase) -> bool:
    """Whether words only speak to the listener, or of the speaking itself."""
    text = " ".join(words)
    return bool(TO_YOU.fullmatch(text) or SAYING.fullmatch(text))


def _breaks_off(units: Sequence[Unit], at: int) -> bool:
    """«постро… построили»: a word broken off and begun again."""
    if at + 1 >= len(units) or not units[at + 1].key.startswith(units[at].key):
        return False
    if units[at].is_number or units[at + 1].key == units[at].key:
        return False
    return not units[at + 1].before.isspace() and bool(BROKEN_OFF.search(units[at + 1].before))


def _off(units: Sequence[Unit], at: int, stops: set[int]) -> bool:
    """Whether punctuation or the end of a sentence stands before a place."""
    return at in stops or at >= len(units) or not PUNCTUATION.isdisjoint(units[at].before)


def _is_empty(keys: Sequence[str], at: int, length: int) -> bool:
    after = keys[at + length] if at + length < len(keys) else ""
    return after not in MEANINGFUL_BEFORE.get(keys[at], NOTHING)
