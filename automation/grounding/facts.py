"""The ledger of facts: what a draft asserts in figures and names, and the sentence each was said in.

A fact without a source stands neither in the recording nor in the editor's notes; with `in_notes` it
stands only in the notes. Kinds of names are guessed from the dictionaries and the words around.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from automation.grounding.blocks import Block, blocks_of
from automation.grounding.kinds import SpokenLine
from automation.grounding.numbers import is_known, units_of
from automation.grounding.recording import Recording
from automation.grounding.units import Unit, plain, same
from providers.drafting.words import CYRILLIC, readings

FactKind = Literal["number", "date", "money", "percent", "name", "organisation", "place"]

MONTHS = re.compile(
    r"январ|феврал|март|апрел|ма[йяе]$|июн|июл|август|сентябр|октябр|ноябр|декабр"
    r"|січ(ень|н)|лют(ий|ого|ому)$|берез(ень|н)"
    r"|квіт(ень|н)|трав(ень|н)|черв(ень|н)|лип(ень|н)|серп(ень|н)|верес(ень|н)|жовт(ень|н)|листопад|груд(ень|н)"
    r"|january|february|march|april|may$|june|july|august|september|october|november|december"
)
DAYS = re.compile(r"(mon|tues|wednes|thurs|fri|satur|sun)days?$")
YEARS = re.compile(r"год|рік|рок[уиа]$|році$|year")
ORGANISATION = re.compile(
    r"(university|council|foundation|bank|ministry|company|inc|ltd|institute|college|agency|party|church|union)$"
)
PLACE = re.compile(
    r"(street|river|city|creek|island|lake|road|avenue|valley|county|square|village|bay|harbou?r)$"
)
PLACE_BEFORE = frozenset(("in", "at", "from", "near", "to", "в", "во", "из", "у", "з", "із", "під", "под"))
COUNTED = re.compile(r"[ \u00a0-]+([^\W\d_]{3,})")
SINCE = ("in", "since", "by", "until")
STEM = 4  # letters two forms of a word share
OPENS_SENTENCE = re.compile(r"[.!?…:]|[«“„\"]\s*$|[—–]\s*$")


@dataclass(frozen=True, slots=True)
class Fact:
    """`start` and `end` are characters of the draft; `source` is the index of a transcript sentence."""

    kind: FactKind
    text: str
    start: int
    end: int
    source: int | None = None
    in_notes: bool = False

    @property
    def supported(self) -> bool:
        return self.source is not None or self.in_notes


@dataclass(frozen=True, slots=True)
class _Found:
    kind: FactKind
    units: tuple[Unit, ...]


def extract(draft: str, lines: Sequence[SpokenLine] | Recording, notes: str = "") -> list[Fact]:
    """Every figure and name of a draft in order, each with where it was said."""
    said = _Said(lines if isinstance(lines, Recording) else Recording(lines), notes)
    facts: list[Fact] = []
    for block in blocks_of(draft):
        for found in _found_in(block, said):
            start, end = block.start + found.units[0].start, block.start + max(u.end for u in found.units)
            source = said.source(found, block)
            in_notes = source is None and said.in_notes(found)
            facts.append(Fact(found.kind, draft[start:end], start, end, source, in_notes))
    return facts


class _Said:
    """The recording and the notes, to look facts up in."""

    def __init__(self, recording: Recording, notes: str) -> None:
        self.recording = recording
        self.notes = units_of(notes)
        self.names: dict[str, set[int]] = defaultdict(set)  # form or lemma → positions of lines
        for at, unit in enumerate(recording.units):
            position = recording.line_of[at]
            self.names[_bare(unit.key)].add(position)
            if unit.is_capital:
                for form in _lemmas(unit):
                    self.names[form].add(position)
        self.callers: dict[str, int] = {}
        for position, line in enumerate(recording.lines):
            for unit in units_of(line.name):
                for form in _lemmas(unit):
                    self.callers.setdefault(form, position)
        self.noted = {form for unit in self.notes for form in _lemmas(unit)}
        begins = set(recording.begins)
        self.inside = {u.key for n, u in enumerate(recording.units) if u.is_capital and n not in begins}

    def source(self, found: _Found, block: Block) -> int | None:
        """The sentence a fact was said in; one the block points to before any other."""
        places = self._number_lines(found) if found.units[0].is_number else self._name_lines(found)
        indices = [self.recording.lines[position].idx for position in sorted(places)]
        pointed = next((idx for idx in indices if idx in block.pointers), None)
        if pointed is not None or found.kind != "number":
            return pointed if pointed is not None else next(iter(indices), None)
        return next((idx for idx in indices if self._counts_the_same(idx, found, block)), None)

    def _counts_the_same(self, idx: int, found: _Found, block: Block) -> bool:
        """«3 нарушения» were not said in «три цеха»: the word counted must be there too."""
        counted = COUNTED.match(block.text, max(unit.end for unit in found.units))
        line = plain(self.recording.lines[self.recording.position[idx]].text)
        return counted is None or plain(counted[1])[:STEM] in line

    def in_notes(self, found: _Found) -> bool:
        if found.units[0].is_number:
            return any(_says(self.notes, at, found) for at in range(len(self.notes)))
        return all(_lemmas(unit) & self.noted for unit in found.units)

    def _number_lines(self, found: _Found) -> set[int]:
        places = self.recording.places.get(found.units[0].key, ())
        return {self.recording.line_of[at] for at in places if _says(self.recording.units, at, found)}

    def _name_lines(self, found: _Found) -> set[int]:
        """The lines with the whole name; else, if each part was said somewhere, those with its last part."""
        parts = [set().union(*(self._places(form) for form in _lemmas(unit))) for unit in found.units]
        together = set.intersection(*parts)
        return together or (parts[-1] if all(parts) else set())

    def _places(self, form: str) -> set[int]:
        return self.names.get(form, set()) | ({self.callers[form]} if form in self.callers else set())


def _says(units: Sequence[Unit], at: int, found: _Found) -> bool:
    """Whether a figure with what belongs to it (%, €, a month) stands at a place."""
    after = units[at + 1].key if at + 1 < len(units) else ""
    if not same(units[at], found.units[0]):
        return False
    if len(found.units) == 1:
        return found.kind != "number" or after != "%"
    belongs = found.units[1].key
    month = MONTHS.match(belongs)
    return after == belongs or (month is not None and after.startswith(month.group()[:4]))


def _found_in(block: Block, said: _Said) -> Iterator[_Found]:
    units = units_of(block.text)
    at = 0
    while at < len(units):
        taken = _figure(units, at) if units[at].is_number else _name(units, at, said)
        if taken is not None:
            yield taken
        at = units.index(taken.units[-1], at) + 1 if taken is not None else at + 1


def _figure(units: Sequence[Unit], at: int) -> _Found:
    number, after = units[at], units[at + 1 : at + 2]
    key = after[0].key if after else ""
    if key == "%":
        return _Found("percent", (number, after[0]))
    if key and key in "$€£₽₴":
        return _Found("money", (number, after[0]))
    if MONTHS.match(key):
        return _Found("date", (number, after[0]))
    whole_year = 1500 <= (number.value or 0) <= 2100 and number.value == int(number.value or 0)
    before = units[at - 1].key if at else ""
    if YEARS.match(key) and (whole_year or number.ordinal):
        return _Found("date", (number,))
    if MONTHS.match(before) or (whole_year and number.raw.isdigit() and before in SINCE):
        return _Found("date", (number,))
    return _Found("number", (number,))


def _name(units: Sequence[Unit], at: int, said: _Said) -> _Found | None:
    run = [units[at]] if _is_name_word(units[at]) else []
    while run and at + len(run) < len(units):
        after = units[at + len(run)]
        joined = not after.before.strip() or after.before == "-"
        if not joined or not _is_name_word(after):
            break
        run.append(after)
    if run and _opens_sentence(units, at) and not _is_titled(units, at):
        while run and not _is_known(run[0], said):  # «Инспектор Иванов»: the first capital is the sentence's
            run, at = run[1:], at + 1
    return _Found(_kind(units, at, run), tuple(run)) if run else None


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


def _is_known(unit: Unit, said: _Said) -> bool:
    """A capital at the start of a sentence is a name's if it is one elsewhere too."""
    if _marks(unit) or unit.key in said.inside:
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
    return frozenset().union(*(r.marks for r in options)) & {"Surn", "Patr", "Name", "Geox", "Orgn"}


def _lemmas(unit: Unit) -> set[str]:
    """The forms under which a name is looked up."""
    if not CYRILLIC.search(unit.key):
        return {_bare(unit.key)}
    found = {plain(r.lemma) for language in ("ru", "uk") for r in readings(unit.key, language)}
    return found | {unit.key}


def _bare(key: str) -> str:
    return re.sub(r"'s?$", "", key)
