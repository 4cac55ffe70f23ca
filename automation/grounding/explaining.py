"""How a quote that does not stand in the recording was made out of it: moved, spliced, or changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from automation.grounding.differences import compare, difference
from automation.grounding.kinds import Flag, msg
from automation.grounding.matching import Path, runs
from automation.grounding.recording import Recording, Span
from automation.grounding.units import Unit, same

SHORTEST_RUN = 3  # a splice is made of pieces people recognise
MOST_RUNS = 5
NEAR = 12  # words left out within a sentence; more are a jump
RARE = 25  # a word said oftener says nothing about the place
ENOUGH = 0.45  # of the quote's weight must stand in one place to be called that place, edited
WINDOW_LINES = 4


@dataclass(frozen=True, slots=True)
class Explanation:
    path: Path
    flags: tuple[Flag, ...]


def explain(
    pieces: Sequence[Sequence[Unit]], recording: Recording, pointed: Span | None
) -> Explanation | None:
    """Where the quote was taken from and what was done to it; None when it was not taken from here."""
    return (
        _moved(pieces, recording)
        or _near(pieces, recording, pointed, enough=0.8)
        or _spliced([unit for piece in pieces for unit in piece], recording)
        or _near(pieces, recording, pointed, enough=ENOUGH)
    )


def _moved(pieces: Sequence[Sequence[Unit]], recording: Recording) -> Explanation | None:
    """Each piece was said, in another order."""
    whole = Span(0, len(recording.units) - 1)
    found = [next(runs(piece, recording, whole), None) for piece in pieces]
    if len(pieces) < 2 or any(len(piece) < 2 for piece in pieces):
        return None
    said = [run for run in found if run is not None]
    if len(said) < len(pieces):
        return None
    return Explanation(Path(tuple(sorted(said))), (_reordered(recording, said[0], said[-1]),))


def _reordered(recording: Recording, a: Sequence[int], b: Sequence[int]) -> Flag:
    template = msg(
        "The pieces stand in another order than they were said: “%(later)s” was said after “%(earlier)s”."
    )
    later, earlier = (a, b) if a[0] > b[0] else (b, a)
    return Flag(
        "reordered",
        template,
        {"later": _opening(recording, later), "earlier": _opening(recording, earlier)},
    )


def _opening(recording: Recording, run: Sequence[int]) -> str:
    return recording.text(run[0], min(run[-1], run[0] + 5))


def _spliced(units: Sequence[Unit], recording: Recording) -> Explanation | None:
    """The quote is a chain of pieces that were said in different places, without an ellipsis."""
    chain: list[tuple[int, ...]] = []
    at = 0
    while at < len(units) and len(chain) < MOST_RUNS:
        run = _longest(units[at:], recording)
        if len(run) < SHORTEST_RUN:
            return None
        chain.append(run)
        at += len(run)
    if at < len(units) or len(chain) < 2:
        return None
    flags: list[Flag] = []
    for a, b in pairwise(chain):
        flags.extend(_joint(recording, a, b))
    return Explanation(Path(tuple(sorted(chain))), tuple(flags))


def _joint(recording: Recording, a: tuple[int, ...], b: tuple[int, ...]) -> list[Flag]:
    if b[0] <= a[-1]:
        return [_reordered(recording, a, b)]
    if b[0] - a[-1] <= NEAR and recording.sentence(a[-1]) == recording.sentence(b[0]):
        return difference([], [], recording, list(range(a[-1] + 1, b[0])))
    params = {"seconds": round(recording.start_s(b[0]) - recording.end_s(a[-1]))}
    return [
        Flag(
            "silent_gap",
            msg("%(seconds)s seconds of the recording are left out without an ellipsis."),
            params,
        )
    ]


def _longest(units: Sequence[Unit], recording: Recording) -> tuple[int, ...]:
    best: tuple[int, ...] = ()
    for start in recording.places.get(units[0].key, ()):
        run: list[int] = []
        at = start
        while len(run) < len(units) and at < len(recording.units):
            if same(recording.units[at], units[len(run)]):
                run.append(at)
                at += 1
            elif run and recording.sense.fillers[at]:
                at += recording.sense.fillers[at][0]
            else:
                break
        best = max(best, tuple(run), key=len)
    return best


def _near(
    pieces: Sequence[Sequence[Unit]], recording: Recording, pointed: Span | None, enough: float
) -> Explanation | None:
    """The words of the quote against the place that shares most of its rare words."""
    units = [unit for piece in pieces for unit in piece]
    voted = _vote(units, recording)
    for window in (pointed, voted):
        if window is None:
            continue
        pairs, flags = compare(units, recording, window.first, window.last)
        if len(pairs) >= 2 and _coverage(units, {n for n, _ in pairs}, recording) >= enough:
            return Explanation(Path((tuple(at for _, at in pairs),)), tuple(flags))
    return None


def _coverage(units: Sequence[Unit], found: set[int], recording: Recording) -> float:
    """The share of the quote that was found, rare words counting more, the less of it and of plain words."""
    weights: list[float] = [1 / (1 + len(recording.places.get(unit.key, ()))) ** 0.5 for unit in units]
    weighted = sum(weight for n, weight in enumerate(weights) if n in found) / sum(weights)
    return min(weighted * 1.2, len(found) / len(units))


def _vote(units: Sequence[Unit], recording: Recording) -> Span | None:
    scores: dict[int, float] = {}
    for key in {unit.key for unit in units}:
        places = recording.places.get(key, ())
        if 0 < len(places) <= RARE:
            for at in places:
                line = recording.line_of[at]
                scores[line] = scores.get(line, 0.0) + 1 / len(places)
    if not scores:
        return None
    best = max(scores, key=lambda n: (sum(scores.get(n + k, 0.0) for k in range(WINDOW_LINES)), -n))
    last = min(best + WINDOW_LINES - 1, len(recording.lines) - 1)
    return recording.span_of(range(max(best - 1, 0), last + 1))
