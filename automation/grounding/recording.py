"""A transcript indexed once: every unit with its line, sentence, clause and second."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from automation.grounding.kinds import SpokenLine
from automation.grounding.lexicon import BACKCHANNEL, ENGLISH_SUBJECTS, Sense, sense_of
from automation.grounding.numbers import units_of
from automation.grounding.silence import PLACEHOLDER
from automation.grounding.units import Unit
from providers.drafting.words import CYRILLIC, language_of, readings

SENTENCE_END = re.compile(r"[!?…]|\.(?!\w)")
CLAUSE_END = frozenset(",;:—–()")
Timed = tuple[float, float, float | None]  # start_s, end_s, confidence
SHORT_CLAUSE = 2
FINITE = frozenset(("VERB", "PRED"))
KEPT_RECORDINGS = 4
UNSURE = 0.5  # a recogniser's confidence under which a word asks to be heard


@dataclass(frozen=True, slots=True)
class Span:
    """Units [first, last] of the recording."""

    first: int
    last: int


@lru_cache(maxsize=20_000)
def _units_of(text: str) -> tuple[Unit, ...]:
    """An edit changes one line; the others are not cut into words again."""
    return tuple(units_of(text))


def recording_of(lines: Sequence[SpokenLine]) -> Recording:
    """The recording of a transcript; the last few are kept, for pages ask again and again."""
    global _kept
    wanted = tuple(lines)
    for recording in _kept:
        if recording.lines == wanted:
            return recording
    recording = Recording(wanted)
    _kept = (recording, *_kept)[:KEPT_RECORDINGS]
    return recording


class Recording:
    """Build one per transcript; it never changes."""

    def __init__(self, lines: Sequence[SpokenLine]) -> None:
        self.lines = tuple(lines)
        self.units: list[Unit] = []
        self.line_of: list[int] = []  # of each unit: position in `lines`
        self.first_of: list[int] = []  # of each line: its first unit
        for position, line in enumerate(self.lines):
            self.first_of.append(len(self.units))
            found = _units_of(line.text)
            self.units.extend(found)
            self.line_of.extend([position] * len(found))
        self.first_of.append(len(self.units))
        self.keys = [unit.key for unit in self.units]
        self.places: dict[str, list[int]] = defaultdict(list)
        for at, key in enumerate(self.keys):
            self.places[key].append(at)
        self.begins = self._sentence_begins()
        self.sense: Sense = sense_of(self.units, self.begins)
        self.position = {line.idx: n for n, line in enumerate(self.lines)}
        self.speakers = frozenset((line.speaker, line.name) for line in self.lines)
        self._clauses: dict[int, list[Span]] = {}
        self._heard: dict[int, list[Timed]] = {}

    @cached_property
    def language(self) -> str:
        return language_of(line.text for line in self.lines)

    @cached_property
    def is_punctuated(self) -> bool:
        """Some recognisers write neither commas nor full stops."""
        return sum(bool(SENTENCE_END.search(line.text)) for line in self.lines) * 2 > len(self.lines)

    def speaker(self, at: int) -> str:
        return self.lines[self.line_of[at]].speaker

    def sentence(self, at: int) -> Span:
        """The sentence a unit stands in; it may run over lines where a recogniser wrote no full stop."""
        n = bisect_right(self.begins, at) - 1
        return Span(self.begins[n], self.begins[n + 1] - 1)

    def clauses(self, sentence: Span) -> list[Span]:
        """The sentence between its commas; fillers and their commas do not part anything."""
        if sentence.first not in self._clauses:
            cuts = [at for at in range(sentence.first + 1, sentence.last + 1) if self._parts(at, sentence)]
            edges = [sentence.first, *cuts, sentence.last + 1]
            self._clauses[sentence.first] = [Span(a, b - 1) for a, b in pairwise(edges)]
        return self._clauses[sentence.first]

    def is_question(self, sentence: Span) -> bool:
        return "?" in self.tail(sentence.last)

    def tail(self, at: int) -> str:
        """The punctuation after a unit."""
        if at + 1 < len(self.units) and self.line_of[at + 1] == self.line_of[at]:
            return self.units[at + 1].before
        return self.lines[self.line_of[at]].text[self.units[at].end :]

    def is_backchannel(self, position: int) -> bool:
        """«Угу.»: the listener's line that interrupts nobody."""
        span = range(self.first_of[position], self.first_of[position + 1])
        return "?" not in self.lines[position].text and all(self.keys[at] in BACKCHANNEL for at in span)

    def span_of(self, positions: Sequence[int]) -> Span | None:
        """The units of some lines, from the first to the last of them."""
        if not positions:
            return None
        first, last = self.first_of[min(positions)], self.first_of[max(positions) + 1] - 1
        return Span(first, last) if last >= first else None

    def text(self, first: int, last: int) -> str:
        """The words from one unit to another as they are written."""
        raw: list[str] = []
        for at in range(max(first, 0), min(last + 1, len(self.units))):
            if not (
                raw and self.units[at].raw == raw[-1] and self.units[at].start == self.units[at - 1].start
            ):
                raw.append(self.units[at].raw)
        return " ".join(raw)

    def hides(self, first: int, last: int) -> bool:
        """Whether something off the record was said between two units."""
        if not self.has_silence:
            return False
        if any(PLACEHOLDER in self.tail(at) or PLACEHOLDER in self.units[at + 1].before
               for at in range(first, last)):  # fmt: skip
            return True
        between = range(self.line_of[first] + 1, self.line_of[last])
        return any(getattr(self.lines[n], "is_silent", False) for n in between)

    @cached_property
    def has_silence(self) -> bool:
        return any(getattr(line, "is_off_record", False) for line in self.lines)

    def start_s(self, at: int) -> float:
        return self._timed(at)[0]

    def end_s(self, at: int) -> float:
        return self._timed(at)[1]

    def confidence(self, at: int) -> float | None:
        """Of the least sure word of a unit; None where the recogniser gave none."""
        return self._timed(at)[2]

    def near(self, key: str, first: int, last: int) -> list[int]:
        """Where a key stands between two places."""
        places = self.places.get(key, [])
        return places[bisect_left(places, first) : bisect_right(places, last)]

    def _timed(self, at: int) -> Timed:
        position = self.line_of[at]
        if position not in self._heard:
            self._heard[position] = self._hear(position)
        return self._heard[position][at - self.first_of[position]]

    def _hear(self, position: int) -> list[Timed]:
        """When the units of a line were said: by its words, or by their letters where those don't agree."""
        line = self.lines[position]
        units = self.units[self.first_of[position] : self.first_of[position + 1]]
        pieces = [match.span() for match in re.finditer(r"\S+", line.text)]
        if len(pieces) != len(line.words):
            letter_s = (line.end_s - line.start_s) / max(len(line.text), 1)
            return [
                (line.start_s + unit.start * letter_s, line.start_s + unit.end * letter_s, None)
                for unit in units
            ]
        timed = []
        for unit in units:
            pairs = zip(pieces, line.words, strict=True)
            said = [word for (start, end), word in pairs if start < unit.end and end > unit.start]
            sure = min((word[3] for word in said if word[3] is not None), default=None)
            timed.append((float(said[0][1]), float(said[-1][2]), sure))
        return timed

    def _sentence_begins(self) -> list[int]:
        begins = {0, len(self.units)}
        for at in range(1, len(self.units)):
            new_line = self.line_of[at] != self.line_of[at - 1]
            another = new_line and self.speaker(at) != self.speaker(at - 1)
            ended = SENTENCE_END.search(self.tail(at - 1) if new_line else self.units[at].before)
            opens = new_line or self.units[at].is_capital or self.units[at].is_number
            if another or (ended and opens) or (new_line and not self.is_punctuated):
                begins.add(at)
        return sorted(begins)

    def _parts(self, at: int, sentence: Span) -> bool:
        before = self.units[at].before
        comma = bool(CLAUSE_END & set(before)) or (" - " in before)
        beside = at in self.sense.quiet or (at - 1 in self.sense.quiet and at - 1 > sentence.first)
        return comma and (not beside or self._begins_again(at, sentence))

    def _begins_again(self, at: int, sentence: Span) -> bool:
        """«…, ну, сосед жаловался»: behind a filler somebody does something of his own."""
        first = at - 1
        while first >= sentence.first and first in self.sense.quiet:
            first -= 1
        if at in self.sense.quiet or first - sentence.first < SHORT_CLAUSE:
            return False
        if not CYRILLIC.search(self.keys[at]):
            return self.keys[at] in ENGLISH_SUBJECTS
        last = (
            next((n for n in range(at + 1, sentence.last + 1) if self._has_comma(n)), sentence.last + 1) - 1
        )
        return self._has_verb(sentence.first, first) and self._has_verb(at, last)

    def _has_comma(self, at: int) -> bool:
        return not CLAUSE_END.isdisjoint(self.units[at].before)

    def _has_verb(self, first: int, last: int) -> bool:
        """Whether somebody does something between two places: a finite verb of a Slavic language."""
        said = (readings(self.keys[n], self.language)[:2] for n in range(first, last + 1))
        return any(reading.pos in FINITE for options in said for reading in options)


_kept: tuple[Recording, ...] = ()
