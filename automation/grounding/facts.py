"""The ledger of facts: what a draft asserts in figures and names, and the sentence each was said in.

A fact without a source stands neither in the recording nor in the editor's notes; with `in_notes` it
stands only in the notes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from automation.grounding.blocks import blocks_of
from automation.grounding.kinds import SpokenLine
from automation.grounding.numbers import units_of
from automation.grounding.recording import Recording
from automation.grounding.spotting import MONTHS, FactKind, Found, Known, bare, found_in, lemmas_of
from automation.grounding.units import SIGN, Unit, plain, same

COUNTED = re.compile(r"[ \u00a0-]+([^\W\d_]{3,})")
NEAR_LINES = 2  # «… письма с фронта. Их сто шестьдесят.»
TELLING = 100  # from here a number is not said of two things by chance
STEM = 4  # letters two forms of a word share


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


class Told(Protocol):
    """A block of an article: its text, and the sentences it points to."""

    @property
    def text(self) -> str: ...
    @property
    def pointers(self) -> tuple[int, ...]: ...


def extract(draft: str, lines: Sequence[SpokenLine] | Recording, notes: str = "") -> list[Fact]:
    """Every figure and name of a draft in order, each with where it was said."""
    recording = lines if isinstance(lines, Recording) else Recording(lines)
    blocks = list(blocks_of(draft))
    return [
        replace(fact, text=draft[fact.start + block.start : fact.end + block.start],
                start=fact.start + block.start, end=fact.end + block.start)
        for block, facts in zip(blocks, facts_of(blocks, recording, notes), strict=True)
        for fact in facts
    ]  # fmt: skip


def facts_of(blocks: Sequence[Told], recording: Recording, notes: str = "") -> list[list[Fact]]:
    """The facts of each block; `start` and `end` are characters of its text."""
    said = Said(recording, notes)
    return [[_fact(found, block, said) for found in found_in(block.text, said.known)] for block in blocks]


def _fact(found: Found, block: Told, said: Said) -> Fact:
    start, end = found.units[0].start, max(unit.end for unit in found.units)
    source = said.source(found, block)
    in_notes = source is None and said.in_notes(found)
    return Fact(found.kind, block.text[start:end], start, end, source, in_notes)


class Said:
    """The recording and the notes, to look facts up in."""

    def __init__(self, recording: Recording, notes: str) -> None:
        self.recording = recording
        self.notes = units_of(notes)
        self.names: dict[str, set[int]] = defaultdict(set)  # form or lemma → positions of lines
        for at, unit in enumerate(recording.units):
            position = recording.line_of[at]
            self.names[bare(unit.key)].add(position)
            if unit.is_capital:
                for form in lemmas_of(unit):
                    self.names[form].add(position)
        self.callers: dict[str, int] = {}
        for position, line in enumerate(recording.lines):
            for unit in units_of(line.name):
                for form in lemmas_of(unit):
                    self.callers.setdefault(form, position)
        self.noted = {form for unit in self.notes for form in lemmas_of(unit)}
        begins = set(recording.begins)
        inside = frozenset(u.key for n, u in enumerate(recording.units) if u.is_capital and n not in begins)
        self.known = Known(inside, recording.language)

    def places(self, found: Found) -> set[int]:
        """Positions of the lines a fact was said in."""
        if found.units[0].is_number:
            return self._number_lines(found)
        if found.kind == "date":
            return self._month_lines(found.units[0].key[:STEM])
        return self._name_lines(found)

    def source(self, found: Found, block: Told) -> int | None:
        """The sentence a fact was said in; one the block points to before any other."""
        indices = [self.recording.lines[position].idx for position in sorted(self.places(found))]
        pointed = next((idx for idx in indices if idx in block.pointers), None)
        if pointed is not None or found.kind != "number":
            return pointed if pointed is not None else next(iter(indices), None)
        return next((idx for idx in indices if self._counts_the_same(idx, found, block)), None)

    def _counts_the_same(self, idx: int, found: Found, block: Told) -> bool:
        """«3 нарушения» were not said in «три цеха»: the word counted must be there too."""
        counted = COUNTED.match(block.text, max(unit.end for unit in found.units))
        value = found.units[0].value or 0.0
        if counted is None or (value > TELLING and value not in (1e3, 1e6)):
            return True
        at = self.recording.position[idx]
        near = self.recording.lines[max(at - NEAR_LINES, 0) : at + 2]
        stem = plain(counted[1])
        return stem[: min(STEM, max(3, len(stem) - 2))] in plain(" ".join(line.text for line in near))

    def in_notes(self, found: Found) -> bool:
        if found.units[0].is_number:
            return any(_says(self.notes, at, found) for at in range(len(self.notes)))
        return all(lemmas_of(unit) & self.noted for unit in found.units)

    def _number_lines(self, found: Found) -> set[int]:
        places = self.recording.places.get(found.units[0].key, ())
        return {self.recording.line_of[at] for at in places if _says(self.recording.units, at, found)}

    def _month_lines(self, stem: str) -> set[int]:
        return {
            position
            for key, places in self.recording.places.items() if key.startswith(stem) and MONTHS.match(key)
            for position in (self.recording.line_of[at] for at in places)
        }  # fmt: skip

    def _name_lines(self, found: Found) -> set[int]:
        """The lines with the whole name; else, if each part was said somewhere, those with its last part."""
        parts = [set().union(*(self._named(form) for form in lemmas_of(unit))) for unit in found.units]
        together = set.intersection(*parts)
        return together or (parts[-1] if all(parts) else set())

    def _named(self, form: str) -> set[int]:
        return self.names.get(form, set()) | ({self.callers[form]} if form in self.callers else set())


class Withheld:
    """The facts that stand in `whole` and not in `usable`, which lacks what is off the record."""

    def __init__(self, whole: Recording, usable: Recording) -> None:
        self._said, self._may = Said(whole, ""), Said(usable, "")

    def facts(self, block: Told) -> list[Fact]:
        return [
            _fact(found, block, self._said)
            for found in found_in(block.text, self._said.known)
            if self._said.source(found, block) is not None and self._may.source(found, block) is None
        ]


def _says(units: Sequence[Unit], at: int, found: Found) -> bool:
    """Whether a figure with what belongs to it (%, €, a month) stands at a place."""
    after = units[at + 1].key if at + 1 < len(units) else ""
    if not same(units[at], found.units[0]):
        return False
    if len(found.units) == 1:
        return found.kind != "number" or after != "%"
    if found.kind == "money" and (units[at].value or 0) >= TELLING and after not in SIGN:
        return True  # who speaks of a price seldom names the currency
    belongs = found.units[1].key
    month = MONTHS.match(belongs)
    return after == belongs or (month is not None and after.startswith(month.group()[:4]))
