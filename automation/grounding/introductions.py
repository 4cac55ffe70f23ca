"""What a sentence opens with and a quote may not lose: who said it, how sure, by whose count.

No list of hedges is ever whole. So the short phrase before a sentence's first comma, «по нашим сведениям,»,
may be cut off only where the dictionaries see a clause of its own in it, or a time, a place, an order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from automation.grounding.lexicon import BREAKS, COMPLEMENTS, ENGLISH_SUBJECTS, FACTIVE, JOINS, word_set
from automation.grounding.recording import Recording, Span
from providers.drafting.words import CYRILLIC, readings

LONGEST = 6  # units of an introduction
IMPERSONAL = 3
AS_TOLD = word_set("как як as so судя судячи исходя согласно згідно насколько наскільки")
ALLOWING = frozenset(("permitting", "allowing", "willing", "pending", "notwithstanding", "aside"))
#: Say when, where, in what order, for example; a vocative or an answer as well.
NEUTRAL = re.compile(
    r"во|первых|вторых|третьих|кстати|например|наконец|потом|сначала|сперва|затем|сегодня|вчера|завтра|тогда|теперь"
    r"|сейчас|утром|вечером|ночью|днем|зимой|летом|весной|осенью|раньше|однажды|здесь|там|тут|да|нет|поэтому|кроме"
    r"|по|перше|друге|третє|наприклад|нарешті|потім|спочатку|спершу|сьогодні|вчора|учора|тоді|тепер|зараз|вранці"
    r"|ввечері|увечері|вночі|уночі|вдень|взимку|влітку|навесні|восени|раніше|якось|тут|так|ні|тому|крім|цього|того"
    r"|first|firstly|second|secondly|third|finally|then|today|yesterday|tomorrow|now|here|there|yes|no|for|example|instance"
    r"|again|besides|also|therefore|instead|meanwhile|eventually|suddenly|immediately|later|earlier|recently|lately"
)
TIME = re.compile(
    r"год|лет|рок[уиі]|рік|месяц|місяц|недел|тижд|тижн|день|дня|дней|днів|час|минут|хвилин|век|столет|столі|раз|этап"
    r"|year|month|week|day|hour|minute|night|morning|evening|spring|summer|autumn|fall|winter|time|season|century"
    r"|(mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|январ|феврал|март|апрел|ма[йяе]$|июн|июл|август|сентябр|октябр|ноябр|декабр|січ|лют|берез|квіт|трав|черв|лип"
    r"|серп|верес|жовт|листопад|груд|january|february|march|april|may$|june|july|august|september|october|november|dec"
    r"|понедельник|вторник|сред|четверг|пятниц|суббот|воскресен|понеділ|вівтор|серед|четвер|п'ятниц|субот|неділ"
)
ENGLISH_OPENERS = re.compile(
    r"\w+ly|in|on|at|by|to|from|as|of|with|without|under|under|according|given|judging|depending|for|among|between"
)
WHEN = frozenset(("когда", "коли", "when"))
ENGLISH_PAST = re.compile(r"was|were|had|did|came|went|saw|got|took|made|said|left|gave|told|knew|\w+ed")
VERBAL = frozenset(("VERB", "INFN", "PRED", "ADJS", "PRTS", "GRND", "INTJ"))


def introduction(recording: Recording, first: int) -> Iterator[int]:
    """The unit to blame for a quote that begins right after a sentence's introductory phrase."""
    sentence = recording.sentence(first)
    begins = recording.clauses(sentence)
    if len(begins) < 2 or first < begins[1].first:
        return
    between = range(begins[1].first, first)
    if any(at not in recording.sense.quiet for at in between) or recording.keys[first] in BREAKS | JOINS:
        return
    head = [at for at in range(sentence.first, begins[1].first) if at not in recording.sense.quiet]
    if 0 < len(head) <= LONGEST and _introduces(recording, head):
        yield head[0]


def _introduces(recording: Recording, head: list[int]) -> bool:
    units = [recording.units[at] for at in head]
    if any(unit.is_number or TIME.match(unit.key) for unit in units):
        return False
    if all(NEUTRAL.fullmatch(unit.key) or (unit.is_capital and n) for n, unit in enumerate(units)):
        return False
    if units[0].key in AS_TOLD or units[-1].key in ALLOWING:
        return True
    if any(recording.sense.has(at, "negation") for at in head):
        return False  # it says something of its own
    if not CYRILLIC.search(units[0].key):
        clause = any(unit.key in ENGLISH_SUBJECTS for unit in units)
        return bool(ENGLISH_OPENERS.fullmatch(units[0].key)) or (len(head) <= IMPERSONAL and not clause)
    if len(head) <= IMPERSONAL and not any(_is_subject(recording, at) or _acts(recording, at) for at in head):
        return True  # «надо полагать,»
    if units[0].is_capital and _is_person(recording, head):
        return False
    return not any(_is_clause(recording, at) for at in head)


def _is_clause(recording: Recording, at: int) -> bool:
    """A verb, or a noun or pronoun in the nominative: somebody does something of his own here."""
    options = readings(recording.keys[at], recording.language)
    return _is_subject(recording, at) or any(option.pos in VERBAL for option in options[:2])


def _acts(recording: Recording, at: int) -> bool:
    """A verb that somebody does: «позвонил жене,»; not «хочется верить,»."""
    reading = readings(recording.keys[at], recording.language)[0]
    if reading.pos == "NOUN":  # «села хватает,»: an impersonal verb with a noun is a statement too
        return any(readings(recording.keys[n], recording.language)[0].pos == "VERB" for n in (at - 1, at + 1))
    return reading.pos == "VERB" and bool({"masc", "femn", "1per", "2per"} & reading.marks)


def _is_subject(recording: Recording, at: int) -> bool:
    options = readings(recording.keys[at], recording.language)
    noun = options[0].pos == "NOUN" and "nomn" in options[0].marks
    return noun or any(option.pos == "NPRO" and "nomn" in option.marks for option in options)


def is_verbless(recording: Recording, clause: Span) -> bool:
    """«но в следующем году»: it limits the clause before it, for it says nothing of its own."""
    first = clause.first + (recording.keys[clause.first] in BREAKS | JOINS)
    keys = recording.keys[first : clause.last + 1]
    if keys and not CYRILLIC.search(keys[0]):
        return keys[0] not in ENGLISH_SUBJECTS
    return not any(_is_clause(recording, at) for at in range(first, clause.last + 1))


def awaits(recording: Recording, clause: Span, opening: int) -> bool:
    """«…, когда дадут деньги»: a time that has not come is a condition."""
    if recording.keys[opening] not in WHEN:
        return False
    keys = recording.keys[opening + 1 : clause.last + 1]
    if recording.keys[opening] == "when":
        return not any(ENGLISH_PAST.fullmatch(key) for key in keys)
    return any("futr" in readings(key, recording.language)[0].marks for key in keys)


def _is_person(recording: Recording, head: list[int]) -> bool:
    """«Анна Сергеевна, …»: somebody is spoken to."""
    return any(
        {"Name", "Surn", "Patr"} & readings(recording.keys[at], recording.language)[0].marks for at in head
    )


def governor(recording: Recording, first: int) -> Iterator[int]:
    """The word before "that" when a quote begins after it and the speaker did not say it himself.

    "I know that it is safe" may be cut; "a neighbour told me that it is safe" may not.
    """
    opening = _complement(recording, first)
    if opening is None:
        return
    sentence = recording.sentence(first)
    clauses = recording.clauses(sentence)
    inside = next(clause for clause in clauses if clause.first <= opening <= clause.last)
    head = Span(inside.first, opening - 1)
    if opening == inside.first:
        before = next((c for c in reversed(clauses) if c.last < opening), None)
        if before is None:
            return
        head = before
    words = [at for at in range(head.first, head.last + 1) if at not in recording.sense.quiet]
    if words and not any(FACTIVE.fullmatch(recording.keys[at]) for at in words):
        yield words[-1]


def _complement(recording: Recording, first: int) -> int | None:
    """The "that" right before a place."""
    at = first - 1
    sentence = recording.sentence(first)
    while at > sentence.first and at in recording.sense.quiet:
        at -= 1
    if at > sentence.first and recording.keys[at] in COMPLEMENTS:
        return at
    shown = recording.keys[first] in COMPLEMENTS - {
        "чтобы",
        "щоб",
    }  # these say that they depend
    return first if first > sentence.first and shown else None
