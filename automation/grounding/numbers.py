"""Number words → values in three languages: «сорок» is 40, «три с половиной миллиона» 3,5 млн.

The forms of the Slavic numerals come from pymorphy3's dictionaries. No kept library reads Ukrainian
number words, so the grammar is ours: ranks go down, a scale multiplies what stands before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from automation.grounding.units import Unit, number_key, plain, raw_units

UNIT, TEEN, TEN, HUNDRED, SCALE = 1, 2, 3, 4, 5

_RU = """
ноль нуль один два три четыре пять шесть семь восемь девять
десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать
девятнадцать двадцать тридцать сорок
пятьдесят шестьдесят семьдесят восемьдесят девяносто
сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот
первый второй третий четвёртый пятый шестой седьмой восьмой девятый
десятый одиннадцатый двенадцатый тринадцатый четырнадцатый пятнадцатый шестнадцатый семнадцатый
восемнадцатый девятнадцатый двадцатый тридцатый сороковой пятидесятый шестидесятый семидесятый восьмидесятый
девяностый сотый
двое трое четверо пятеро шестеро семеро восьмеро девятеро десятеро
"""
_UK = """
нуль ноль один два три чотири п'ять шість сім вісім дев'ять
десять одинадцять дванадцять тринадцять чотирнадцять п'ятнадцять шістнадцять сімнадцять вісімнадцять
дев'ятнадцять двадцять тридцять сорок п'ятдесят шістдесят сімдесят вісімдесят дев'яносто
сто двісті триста чотириста п'ятсот шістсот сімсот вісімсот дев'ятсот
перший другий третій четвертий п'ятий шостий сьомий восьмий дев'ятий
десятий одинадцятий дванадцятий тринадцятий чотирнадцятий п'ятнадцятий шістнадцятий сімнадцятий вісімнадцятий
дев'ятнадцятий двадцятий тридцятий сороковий п'ятдесятий шістдесятий сімдесятий вісімдесятий дев'яностий сотий
двоє троє четверо п'ятеро шестеро семеро восьмеро дев'ятеро десятеро
"""
_EN = """
zero oh one two three four five six seven eight nine
ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
twenty thirty forty fifty sixty seventy eighty ninety
hundred - - - - - - - -
first second third fourth fifth sixth seventh eighth ninth
tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth
nineteenth twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth hundredth
- - - - - - - - -
"""
_CARDINALS = [0, 0, *range(1, 20), *range(20, 100, 10), *range(100, 1000, 100)]
_ORDINALS = [*range(1, 20), *range(20, 101, 10)]
_VALUES = [*_CARDINALS, *_ORDINALS, *range(2, 11)]
SCALES = {
    "тысяча": 1e3, "миллион": 1e6, "миллиард": 1e9, "тисяча": 1e3, "мільйон": 1e6, "мільярд": 1e9,
    "тыс": 1e3, "тис": 1e3, "млн": 1e6, "млрд": 1e9, "thousand": 1e3, "million": 1e6, "billion": 1e9,
}  # fmt: skip
SIGNS = {
    "процент": "%", "відсоток": "%", "percent": "%", "рубль": "₽", "руб": "₽", "гривня": "₴", "гривна": "₴",
    "грн": "₴", "доллар": "$", "долар": "$", "dollar": "$", "dollars": "$", "евро": "€", "євро": "€",
    "euro": "€", "euros": "€", "фунт": "£", "pound": "£", "pounds": "£",
}  # fmt: skip
ONE_AND_A_HALF = ("полтора", "полторы", "полутора", "півтора", "півтори")
HALVES = {"полмиллиона": 5e5, "полтысячи": 500, "полмиллиарда": 5e8, "півмільйона": 5e5, "півтисячі": 500}
MANY_TOGETHER = {
    "одинадцятеро": 11, "дванадцятеро": 12, "тринадцятеро": 13, "п'ятнадцятеро": 15, "двадцятеро": 20,
    "тридцятеро": 30,
}  # fmt: skip
HALF_AFTER = (("с", "половиной"), ("з", "половиною"), ("and", "a", "half"))
WHOLE = frozenset({"целых", "целая", "целую", "цілих", "ціла", "point"})
PARTS = {
    "десятых": 10, "десятая": 10, "десятую": 10, "сотых": 100, "десятих": 10, "десята": 10, "сотих": 100,
    "десятые": 10, "десяті": 10, "сотые": 100, "соті": 100, "сотая": 100, "сота": 100,
}  # fmt: skip
STOP = frozenset(",;:.!?()—–")
MINUS, PLUS = frozenset({"минус", "мінус", "minus"}), frozenset({"плюс", "plus"})
MINUS_SIGN = re.compile(r"[\s(«„“\"][-−]$")
#: «девяностые», "the nineties" → 90s.
DECADES = {
    f"{word[:-1]}ies": value for word, value in zip(_EN.split()[21:29], range(20, 100, 10), strict=True)
}


@dataclass(frozen=True, slots=True)
class Numeral:
    value: float
    rank: int
    ordinal: bool = False
    alone: bool = True  # may begin a number: «тысяча» may, «тысячи» (thousands) may not


@cache
def numerals() -> dict[str, Numeral]:
    """Every form of every number word of the three languages."""
    table: dict[str, Numeral] = {}
    for words, language in ((_RU, "ru"), (_UK, "uk"), (_EN, "en")):
        for place, (word, value) in enumerate(zip(words.split(), _VALUES, strict=True)):
            if word != "-":
                ordinal = len(_CARDINALS) <= place < len(_CARDINALS) + len(_ORDINALS)
                for form in _forms(word, language):
                    table.setdefault(form, Numeral(value, _rank(value), ordinal))
    table.update({word: Numeral(value, TEN, ordinal=True) for word, value in DECADES.items()})
    table.pop("одни", None)  # «одни» are "some"
    for word, value in SCALES.items():
        for form in _forms(word, _language(word)):
            table[form] = Numeral(value, SCALE, alone=form in (plain(word), plain(word)[:-1] + "у"))
    table.update({word: Numeral(1.5, UNIT) for word in ONE_AND_A_HALF})
    table.update({word: Numeral(value, _rank(value)) for word, value in MANY_TOGETHER.items()})
    table.update({word: Numeral(value, HUNDRED) for word, value in HALVES.items()})
    return table


@cache
def signs() -> dict[str, str]:
    """«процентов» → %, «рублей» → ₽."""
    return {form: sign for word, sign in SIGNS.items() for form in _forms(word, _language(word))}


def units_of(text: str) -> list[Unit]:
    """The units of a text with number words, currencies and per cents put together."""
    units = raw_units(text)
    known, marks = numerals(), signs()
    if not any(unit.is_number or unit.key in known or unit.key in marks for unit in units):
        return units
    folded: list[Unit] = []
    at = 0
    while at < len(units):
        number, after = _number(units, at)
        unit = number or units[at]
        at = after if number else at + 1
        if unit.key == "per" and at < len(units) and units[at].key == "cent":
            unit, at = replace(unit, key="%", raw="per cent", end=units[at].end), at + 1
        folded.append(replace(unit, key=marks[unit.key]) if unit.key in marks else unit)
    return _below_zero(_currency_after(folded))


def _currency_after(units: list[Unit]) -> list[Unit]:
    """$5 → 5 $."""
    at = 0
    while at < len(units) - 1:
        sign, number = units[at], units[at + 1]
        if sign.key in "$€£₽₴" and sign.raw == sign.key and number.is_number and not number.before.strip():
            units[at] = replace(number, before=sign.before)
            units[at + 1] = replace(sign, before="", end=number.end)
            at += 1
        at += 1
    return units


def _number(units: Sequence[Unit], at: int) -> tuple[Unit | None, int]:
    """The number that begins at a place and the place after it; None where none begins."""
    begin, half = at, False
    if units[at].key == "half" and _key(units, at + 1) == "a" and _is_scale(units, at + 2):
        at, half = at + 2, True
    elif units[at].key == "пів" and _is_scale(units, at + 1):
        at, half = at + 1, True
    elif units[at].key in ("a", "an") and (_key(units, at + 1) == "hundred" or _is_scale(units, at + 1)):
        at += 1
    first = numerals().get(units[at].key)
    if not units[at].is_number and (first is None or not (first.alone or half)):
        return None, begin
    value, ordinal, end = _figures(units, at) if units[at].is_number else _words(units, at)
    value, end = _fraction(units, value, end)
    value, end = _year(units, value, end)
    value, end = _zero_year(units, value, end)
    value = value / 2 if half else value
    raw = " ".join(unit.raw for unit in units[begin:end])
    first_unit = units[begin]
    return Unit(
        number_key(value), raw, first_unit.start, units[end - 1].end, first_unit.before, value, ordinal
    ), end


def _figures(units: Sequence[Unit], at: int) -> tuple[float, bool | None, int]:
    value = units[at].value or 0.0
    if _is_scale(units, at + 1):
        return value * numerals()[units[at + 1].key].value, None, at + 2
    return value, units[at].ordinal, at + 1


def _words(units: Sequence[Unit], at: int) -> tuple[float, bool | None, int]:
    total, group, rank, scale, ordinal = 0.0, 0.0, 9, 1e12, False
    begin = at
    while at < len(units) and not ordinal and (at == begin or not STOP & set(units[at].before)):
        numeral = numerals().get(units[at].key)
        if numeral is None and _is_joining_and(units, at, rank):
            at += 1
            continue
        if numeral is None or units[at].is_number:
            break
        if numeral.rank == SCALE:
            if numeral.value >= scale or (group == 0 and at > begin):
                break
            total, group, rank, scale = total + (group or 1) * numeral.value, 0.0, 9, numeral.value
        elif units[at].key == "hundred" and 0 < group < 100 and rank != HUNDRED:
            group, rank = group * 100, HUNDRED
        elif numeral.rank < rank and not (rank == TEN and numeral.rank == TEEN) and rank != TEEN:
            group, rank = group + numeral.value, numeral.rank
        else:
            break
        ordinal = numeral.ordinal
        at += 1
    if not ordinal and _is_hundreds_of(scale, group):  # «миллион девятьсот» is 1,9 млн, not 1 000 900
        group *= scale / 1000
    return total + group, ordinal, at


def _is_hundreds_of(scale: float, group: float) -> bool:
    """«два миллиона триста»: in speech the thousands after the millions go without saying."""
    return scale in (1e6, 1e9) and group in range(100, 1000, 100)


def _fraction(units: Sequence[Unit], value: float, at: int) -> tuple[float, int]:
    """«с половиной», «целых пять десятых», "point five", and a scale after them."""
    here = at
    for words in HALF_AFTER:
        if tuple(unit.key for unit in units[at : at + len(words)]) == words:
            value, here = value + 0.5, at + len(words)
    after = numerals().get(_key(units, at + 1))
    if _key(units, at) in WHOLE and after is not None and after.rank <= TEN:
        part = PARTS.get(_key(units, at + 2), 0)
        value, here = value + after.value / (part or 10), at + (3 if part else 2)
    part = PARTS.get(_key(units, at + 2), 0)
    if here == at and _key(units, at) in ("и", "і", "й") and after is not None and part:  # «три і дві десяті»
        value, here = value + after.value / part, at + 3
    if here > at and _is_scale(units, here):
        return value * numerals()[units[here].key].value, here + 1
    return value, here


def _year(units: Sequence[Unit], value: float, at: int) -> tuple[float, int]:
    """nineteen ninety-eight → 1998."""
    after = numerals().get(_key(units, at))
    english = at > 0 and units[at - 1].raw.isascii() and units[at - 1].raw.isalpha()
    if not english or not 11 <= value <= 20 or after is None or after.rank not in (TEEN, TEN):
        return value, at
    rest, _, end = _words(units, at)
    return (value * 100 + rest, end) if rest < 100 else (value, at)


def _zero_year(units: Sequence[Unit], value: float, at: int) -> tuple[float, int]:
    """nineteen oh four → 1904."""
    after = numerals().get(_key(units, at + 1))
    if _key(units, at) != "oh" or not 11 <= value <= 20 or after is None or after.rank != UNIT:
        return value, at
    return value * 100 + after.value, at + 2


def _below_zero(units: list[Unit]) -> list[Unit]:
    """«минус пятнадцать» and −15 → −15; «плюс-минус пять» stays."""
    found: list[Unit] = []
    for unit in units:
        last = found[-1] if found else None
        if unit.value and last and last.key in MINUS and not (len(found) > 1 and found[-2].key in PLUS):
            found[-1] = replace(
                _negative(unit), raw=f"{last.raw} {unit.raw}", start=last.start, before=last.before
            )
        elif (
            unit.value
            and unit.raw[0].isdigit()
            and MINUS_SIGN.search(unit.before if found else f" {unit.before}")
        ):
            found.append(replace(_negative(unit), before=unit.before[:-1], start=unit.start - 1))
        else:
            found.append(unit)
    return found


def _negative(unit: Unit) -> Unit:
    value = -(unit.value or 0)
    return replace(unit, value=value, key=number_key(value))


def _is_joining_and(units: Sequence[Unit], at: int, rank: int) -> bool:
    """two hundred AND fifty."""
    after = numerals().get(_key(units, at + 1))
    return _key(units, at) == "and" and rank in (HUNDRED, 9) and after is not None and after.rank < HUNDRED


def _is_scale(units: Sequence[Unit], at: int) -> bool:
    numeral = numerals().get(_key(units, at))
    return numeral is not None and numeral.rank == SCALE


def _key(units: Sequence[Unit], at: int) -> str:
    return units[at].key if 0 <= at < len(units) else ""


def _rank(value: float) -> int:
    return UNIT if value < 10 else TEEN if value < 20 else TEN if value < 100 else HUNDRED


def _language(word: str) -> str:
    if word.isascii():
        return "en"
    return "uk" if word in ("тисяча", "мільйон", "мільярд", "відсоток", "гривня", "долар", "євро") else "ru"


@cache
def _analyzer(language: str) -> Any:
    import pymorphy3  # here: the web tier starts without it

    return pymorphy3.MorphAnalyzer(lang=language)


def is_known(word: str, language: str) -> bool:
    """Whether a Slavic dictionary holds a word, rather than guessing it by its ending."""
    return bool(_analyzer(language).word_is_known(word))


def _forms(word: str, language: str) -> set[str]:
    if language == "en" or word in ("тыс", "тис", "млн", "млрд", "руб", "грн"):
        return {plain(word)}
    parses = [p for p in _analyzer(language).parse(word) if p.normal_form == word]
    kinds = ("NUMR",) if any("NUMR" in p.tag for p in parses) else ("ADJF",)
    chosen = [p for p in parses if any(kind in p.tag for kind in kinds)] or parses[:1]
    return {plain(word)} | {plain(form.word) for p in chosen for form in p.lexeme}
