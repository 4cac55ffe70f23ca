"""Finding the figures and the names of a text, and guessing their kinds.

Kinds of names are guessed from the dictionaries and the words around.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from automation.grounding.numbers import is_known, units_of
from automation.grounding.units import Unit, plain
from providers.drafting.words import CYRILLIC, readings

FactKind = Literal["number", "date", "money", "percent", "name", "organisation", "place"]

MONTHS = re.compile(
    r"январ|феврал|март|апрел|ма[йяе]$|июн|июл|август|сентябр|октябр|ноябр|декабр"
    r"|січ(ень|н)|лют(ий|ого|ому)$|берез(ень|н)"
    r"|квіт(ень|н)|трав(ень|н)|черв(ень|н)|лип(ень|н)|серп(ень|н)|верес(ень|н)|жовт(ень|н)|листопад|груд(ень|н)"
    r"|january|february|march|april|may$|june|july|august|september|october|november|december"
)
DAYS = re.compile(r"(mon|tues|wednes|thurs|fri|satur|sun)days?$")
YEARS = re.compile(r"год(?!ин)|рік|рок[уиа]$|році$|year")
ORGANISATION = re.compile(
    r"(university|council|foundation|bank|ministry|company|inc|ltd|institute|college|agency|party|church|union"
    r"|mutual|insurance|corporation|trust|hospital|clinic|museum|orchestra|society|association|federation)$"
    r"|(университет|институт|министерств|завод|фонд|банк|комбинат|компани|музе[йя]|театр|академи|больниц|агентств"
    r"|університет|інститут|міністерств|компані|академі|лікарн|агентств)"
)
PLACE = re.compile(
    r"(street|river|city|creek|island|lake|road|avenue|valley|county|square|village|bay|harbou?r|head|bend|hill"
    r"|beach|cove|pass|falls|strait|mountain|ridge|forest)$"
)
PLACE_BEFORE = frozenset(("in", "at", "from", "near", "to", "в", "во", "из", "у", "з", "із", "під", "под"))
MONTH_BEFORE = frozenset(
    (
        "в",
        "с",
        "до",
        "по",
        "к",
        "на",
        "у",
        "з",
        "від",
        "о",
        "in",
        "since",
        "by",
        "until",
        "of",
        "last",
        "next",
    )
)
SINCE = ("in", "since", "by", "until")
NAMES = {"Surn", "Patr", "Name", "Geox", "Orgn"}
OPENS_SENTENCE = re.compile(r"[.!?…:]|[«“„\"]\s*$|[—–]\s*$")


@dataclass(frozen=True, slots=True)
class Found:
    kind: FactKind
    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What the recording tells of names: the words it capitalises inside sentences, and its language."""

    inside: frozenset[str]
    language: str


def found_in(text: str, said: Known) -> Iterator[Found]:
    units = units_of(text)
    at = 0
    while at < len(units):
        taken = _figure(units, at) if units[at].is_number else _month(units, at) or _name(units, at, said)
        if taken is not None and _is_idle(taken):
            taken, at = None, at  # «другой», "first": no figure anybody checks
        if taken is not None:
            yield taken
        at = units.index(taken.units[-1], at) + 1 if taken is not None else at + 1


def _figure(units: Sequence[Unit], at: int) -> Found:
    number, after = units[at], units[at + 1 : at + 2]
    key = after[0].key if after else ""
    if key == "%":
        return Found("percent", (number, after[0]))
    if key and key in "$€£₽₴":
        return Found("money", (number, after[0]))
    if MONTHS.match(key):
        return Found("date", (number, after[0]))
    whole_year = 1500 <= (number.value or 0) <= 2100 and number.value == int(number.value or 0)
    before = units[at - 1].key if at else ""
    if YEARS.match(key) and (whole_year or number.ordinal):
        return Found("date", (number,))
    if MONTHS.match(before) or (whole_year and number.raw.isdigit() and before in SINCE):
        return Found("date", (number,))
    return Found("number", (number,))


def _is_idle(found: Found) -> bool:
    number = found.units[0]
    return (
        found.kind == "number" and number.ordinal is True and number.raw.isalpha() and number.value in (1, 2)
    )


def _month(units: Sequence[Unit], at: int) -> Found | None:
    """«в ноябре», "in November": a month without its day."""
    unit = units[at]
    if not MONTHS.match(unit.key) or (not CYRILLIC.search(unit.key) and not unit.is_capital):
        return None
    before = units[at - 1].key if at else ""
    return Found("date", (unit,)) if before in MONTH_BEFORE and not _marks(unit) else None


def _name(units: Sequence[Unit], at: int, said: Known) -> Found | None:
    run = [units[at]] if _is_name_word(units[at]) else []
    while run and at + len(run) < len(units):
        after = units[at + len(run)]
        joined = not after.before.strip() or after.before == "-"
        surname = after.is_number and after.is_capital and after.raw.isalpha()  # «Ганна Сорока»
        if not joined or not (_is_name_word(after) or surname):
            break
        run.append(after)
    if run and _opens_sentence(units, at) and not _is_titled(units, at):
        while run and not _is_known(run[0], said):  # «Инспектор Иванов»: the first capital is the sentence's
            run, at = run[1:], at + 1
    after_run = units[at + len(run) : at + len(run) + 1]
    joined = bool(after_run) and not after_run[0].before.strip()
    if run and joined and CYRILLIC.search(run[-1].key) and ORGANISATION.match(after_run[0].key):
        return Found("organisation", (*run, after_run[0]))  # «Пермский университет»
    return Found(_kind(units, at, run), tuple(run)) if run else None


def _is_titled(units: Sequence[Unit], at: int) -> bool:
    """«Хлебпром»: a few words in quotation marks are a name."""
    opened = units[at].before.rstrip()[-1:] in ("«", "“", "„")
    return opened and (
        any(set("»”“") & set(unit.before) for unit in units[at + 1 : at + 4]) or at + 3 > len(units)
    )


def _is_name_word(unit: Unit) -> bool:
    if unit.is_number or not unit.is_capital or unit.key in ("i", "am", "have", "will", "would", "not"):
        return False
    return not DAYS.match(unit.key) and not (MONTHS.match(unit.key) and not _marks(unit))


def _opens_sentence(units: Sequence[Unit], at: int) -> bool:
    return at == 0 or bool(OPENS_SENTENCE.search(units[at].before))


def _is_known(unit: Unit, said: Known) -> bool:
    """A capital at the start of a sentence is a name's if it is one elsewhere too."""
    likeliest = readings(unit.key, said.language)[0].marks & NAMES if CYRILLIC.search(unit.key) else ()
    if likeliest or unit.key in said.inside:
        return True
    return bool(CYRILLIC.search(unit.key)) and not any(is_known(unit.key, it) for it in ("ru", "uk"))


def _kind(units: Sequence[Unit], at: int, run: Sequence[Unit]) -> FactKind:
    marks = frozenset[str]().union(*(_marks(unit) for unit in run))
    last, raw = run[-1].key, run[0].raw
    if "Orgn" in marks or ORGANISATION.search(last) or (raw.isupper() and len(raw) > 1):
        return "organisation"
    if marks & {"Surn", "Patr", "Name"}:
        return "name"
    if any(mark in run[0].before for mark in "«“„"):
        return "organisation"
    before = units[at - 1].key if at else ""
    if "Geox" in marks or PLACE.search(last) or (len(run) == 1 and before in PLACE_BEFORE):
        return "place"
    return "name"


def _marks(unit: Unit) -> frozenset[str]:
    """Whether a dictionary knows a word as a name of a person, a place, an organisation."""
    if not CYRILLIC.search(unit.key):
        return frozenset()
    known = [language for language in ("ru", "uk") if is_known(unit.key, language)]
    options = [r for language in known for r in readings(unit.key, language)[:2]]
    return frozenset().union(*(r.marks for r in options)) & NAMES


def lemmas_of(unit: Unit) -> set[str]:
    """The forms under which a name is looked up."""
    if not CYRILLIC.search(unit.key):
        return {bare(unit.key)}
    found = {plain(r.lemma) for language in ("ru", "uk") for r in readings(unit.key, language)}
    return found | {unit.key}


def bare(key: str) -> str:
    return re.sub(r"'s?$", "", key)
