"""What a sentence opens with and a quote may not lose: who said it, how sure, by whose count.

No list of hedges is ever whole. So the short phrase before a sentence's first comma, «по нашим сведениям,»,
may be cut off only where the dictionaries see a clause of its own in it, or a time, a place, an order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from automation.grounding.clauses import ALLOWING, governs, is_clause_word, is_subject, may_be_subject
from automation.grounding.fillers import word_set
from automation.grounding.lexicon import BREAKS, COMPLEMENTS, ENGLISH_SUBJECTS, FACTIVE, JOINS, LINKS
from automation.grounding.recording import Recording, Span
from providers.drafting.words import CYRILLIC, readings

LONGEST = 6  # units of an introduction
IMPERSONAL = 3
AS_TOLD = word_set("как як as so сколько скільки судя судячи исходя согласно згідно насколько наскільки")
BY = word_set("по за на с со з із из к до судя by from in to on for according given")
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


def introduction(recording: Recording, first: int) -> Iterator[int]:
    """The unit to blame for a quote that begins right after a sentence's introductory phrase."""
    sentence = recording.sentence(first)
    begins = recording.clauses(sentence)
    loud = [at for at in range(sentence.first, first) if at not in recording.sense.quiet]
    if not loud or recording.keys[first] in BREAKS | JOINS:
        return
    before = next(clause for clause in begins if clause.first <= loud[-1] <= clause.last)
    if before.last >= first:
        return
    head = [at for at in loud if at >= before.first]
    aside = before.first > sentence.first
    if len(head) <= LONGEST and (_introduces(recording, head) if not aside else _is_aside(recording, head)):
        yield head[0]
    if aside and not any(
        recording.keys[clause.first] in JOINS | LINKS for clause in begins[1:] if clause.first < first
    ):
        opening = [at for at in loud if at <= begins[0].last]
        if 0 < len(opening) <= LONGEST and _weakens(recording, opening):
            yield opening[0]  # «по ощущениям, статистики нет, половина выбирает дешёвое»


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
    if sum(may_be_subject(recording, at) for at in head) > 1:
        return False  # «опоры югославские,»
    if _lacks(recording, head):
        return False
    if len(head) <= IMPERSONAL and not any(is_subject(recording, at) or _acts(recording, at) for at in head):
        return True  # «надо полагать,»
    if units[0].is_capital and _is_person(recording, head):
        return False
    if len(head) > IMPERSONAL and may_be_subject(recording, head[0]) and not governs(recording, head[0]):
        return False  # «цистерны вымыты раствором,»
    return not any(is_clause_word(recording, at) for at in head)


def _weakens(recording: Recording, head: list[int]) -> bool:
    said_so = any(recording.sense.has(at, "hedge", "condition") for at in head)
    return said_so or _introduces(recording, head)


def _is_aside(recording: Recording, head: list[int]) -> bool:
    """«там, как мне передавали, …»: between two commas, and the sentence goes on behind it."""
    if len(head) <= IMPERSONAL + 1 and any(recording.sense.has(at, "hedge", "report") for at in head):
        return True
    if recording.keys[head[0]] in BY and _introduces(recording, head):
        return True  # «оглянули дно, за їхніми словами, промивів немає»
    return recording.keys[head[0]] in AS_TOLD or recording.keys[head[-1]] in ALLOWING


def _acts(recording: Recording, at: int) -> bool:
    """A verb that somebody does: «позвонил жене,»; not «хочется верить,»."""
    reading = readings(recording.keys[at], recording.language)[0]
    return reading.pos == "VERB" and bool({"masc", "femn", "1per", "2per"} & reading.marks)


def _lacks(recording: Recording, head: list[int]) -> bool:
    """«коек сейчас хватает,»: an impersonal verb with what there is enough of is a statement too."""
    kinds = [readings(recording.keys[at], recording.language)[0].pos for at in head]
    free = [n for n, at in enumerate(head) if kinds[n] == "NOUN" and not (n and governs(recording, at - 1))]
    return bool(free) and any(kind in ("VERB", "PRED") for kind in kinds)


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
