"""Finding a quote: its words in order, with nothing left out but fillers, repetitions and honest ellipses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from automation.grounding.numbers import units_of
from automation.grounding.recording import Recording, Span
from automation.grounding.units import Unit, same

ELLIPSIS = re.compile(r"[\[(]\s*(?:…|\.{2,})\s*[\])]|…|\.{2,}")
LONGEST_REPEAT = 3  # «мы хотели мы хотели»: three words may be said twice
WIDEST_SKIP = 12  # fillers and repetitions before the anchor
CANDIDATES = 40


@dataclass(frozen=True, slots=True)
class Path:
    """Where each piece of a quote stands: the recording's unit for every unit of the piece."""

    pieces: tuple[tuple[int, ...], ...]

    @property
    def first(self) -> int:
        return self.pieces[0][0]

    @property
    def last(self) -> int:
        return self.pieces[-1][-1]

    @property
    def units(self) -> list[int]:
        return [at for piece in self.pieces for at in piece]


def pieces_of(text: str) -> list[list[Unit]]:
    """The units of a quote between its ellipses."""
    return [units for part in ELLIPSIS.split(text) if (units := units_of(part))]


def paths(
    pieces: Sequence[Sequence[Unit]], recording: Recording, within: Span | None = None
) -> Iterator[Path]:
    """The places where the pieces stand in their order, the earliest first."""
    whole = within or Span(0, len(recording.units) - 1)
    for number, first in enumerate(runs(pieces[0], recording, whole)):
        if number >= CANDIDATES:
            return
        found = [first]
        for piece in pieces[1:]:
            run = _next(piece, recording, Span(found[-1][-1] + 1, whole.last), recording.speaker(first[0]))
            if run is None:
                break
            found.append(run)
        else:
            yield Path(tuple(found))


def _next(piece: Sequence[Unit], recording: Recording, within: Span, speaker: str) -> tuple[int, ...] | None:
    """The nearest place of a piece, one of the same speaker's where there is one."""
    nearest = None
    for run in runs(piece, recording, within):
        if recording.speaker(run[0]) == speaker:
            return run
        nearest = nearest or run
    return nearest


def runs(piece: Sequence[Unit], recording: Recording, within: Span) -> Iterator[tuple[int, ...]]:
    """Every place where one piece stands, found from its rarest word."""
    offset = min(range(len(piece)), key=lambda n: len(recording.places.get(piece[n].key, ())))
    seen: set[int] = set()
    for anchor in recording.near(piece[offset].key, within.first, within.last):
        begin = max(within.first, anchor - offset - WIDEST_SKIP)
        for start in recording.near(piece[0].key, begin, anchor):
            if start not in seen:
                seen.add(start)
                run = follow(piece, recording, start, within.last)
                if run:
                    yield run


def follow(piece: Sequence[Unit], recording: Recording, start: int, last: int) -> tuple[int, ...] | None:
    """The units the piece is said with when it begins at `start`; None where it is not said there."""
    waiting: list[tuple[int, tuple[int, ...]]] = [(start, ())]
    while waiting:
        at, taken = waiting.pop()
        if len(taken) == len(piece):
            return taken
        if at > last:
            continue
        if taken:
            waiting.extend((at + length, taken) for length in skippable(recording, at))
        if same(recording.units[at], piece[len(taken)]):
            waiting.append((at + 1, (*taken, at)))
    return None


def skippable(recording: Recording, at: int) -> list[int]:
    """How many units may be left out at a place."""
    lengths = list(recording.sense.fillers[at])
    keys = recording.keys
    for length in range(1, LONGEST_REPEAT + 1):
        repeated = keys[at : at + length] == keys[max(at - length, 0) : at]
        denied = at > length and recording.sense.has(at - length - 1, "negation")  # «не боится, боится двоек»
        if (
            repeated
            and not denied
            and recording.sentence(at).first <= at - length
            and not any(unit.is_number for unit in recording.units[at : at + length])
        ):
            lengths.append(length)
    position = recording.line_of[at]
    begins_line = recording.first_of[position] == at
    changes = begins_line and at > 0 and recording.speaker(at) != recording.speaker(at - 1)
    if changes and recording.is_backchannel(position):
        lengths.append(recording.first_of[position + 1] - at)
    return lengths
