"""A quote in the recording's own words, as the transcript writes them: never one that is off the record."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from automation.grounding.matching import pieces_of
from automation.grounding.numbers import units_of
from automation.grounding.recording import Recording
from automation.grounding.units import Unit, same

SWAPPED = 3  # words at an end that the quote may have put in others' stead
STRAYS = 2  # words at an edge that may have been matched in a wrong place
NEAR = 12  # words left out within a sentence are put back; more are a jump
DOTS = "…"
STOPS = frozenset(".!?")
INNER = {"«": str.maketrans("«»", "„“"), "“": str.maketrans("“”", "‘’")}


def spoken(
    old: str, found: Sequence[Sequence[int]], recording: Recording, before: str = ""
) -> tuple[str, int] | None:
    """The quote with other words between its marks and stops, and the unit it begins with.

    `found` are the units of its pieces, `before` the mark in front of it. None where something between
    them is off the record.
    """
    units = units_of(old)
    pieces = _pieces(old, found, recording)
    if not units or not pieces:
        return None
    if len(found) == 1:
        pieces = _whole(units, pieces, recording)
    if any(recording.hides(piece[0], piece[-1]) for piece in pieces):
        return None
    if any(recording.hides(a[-1], b[0]) for a, b in pairwise(pieces)):
        return None
    first, last = pieces[0][0], pieces[-1][-1]
    head, tail = old[: units[0].start], old[units[-1].end :]
    said = _cased(_joined(pieces, recording), old[units[0].start :], head, first, recording)
    said = said.translate(INNER.get(before, {}))
    if "?" in recording.tail(last) and "?" not in tail + said[-1:]:
        tail = "?" + tail.lstrip(".,!…")
    return head + _closed(said, tail), first


def _joined(pieces: Sequence[Sequence[int]], recording: Recording) -> str:
    """The words of all pieces, each with the stop of its sentence and an ellipsis behind it."""
    said = ""
    for piece in pieces:
        said += f" {DOTS} " if said else ""
        said += _words(piece[0], piece[-1], recording)
        stop = recording.tail(piece[-1])[:1]
        said += stop if stop in STOPS and piece is not pieces[-1] else ""
    return said


def _pieces(old: str, found: Sequence[Sequence[int]], recording: Recording) -> list[list[int]]:
    """The stretches a quote was put together of: an ellipsis stays between two, and is made over a jump."""
    dots = len(pieces_of(old)) - 1
    if dots and len(found) == dots + 1:
        return [list(piece) for piece in found]
    units = sorted({at for piece in found for at in piece})
    if len(found) == 1:
        units = _gathered(units, recording)
    joints = {piece[0] for piece in found[1:]}
    gaps = sorted(pairwise(units), key=lambda pair: pair[0] - pair[1])
    cuts = {b for a, b in gaps[:dots] if b > a + 1}
    cuts |= {b for a, b in gaps if b - a > NEAR or (b in joints and b > a + 1)}
    pieces: list[list[int]] = []
    for at in units:
        if not pieces or at in cuts:
            pieces.append([])
        pieces[-1].append(at)
    return pieces


def _whole(units: Sequence[Unit], pieces: list[list[int]], recording: Recording) -> list[list[int]]:
    """With the words at both ends in whose stead the quote has others: «в апреле» for «в марте»."""
    if len(units) > 1:
        first, last = pieces[0][0], pieces[-1][-1]
        lead = next((n for n, unit in enumerate(units) if same(unit, recording.units[first])), 0)
        trail = next((n for n, unit in enumerate(reversed(units)) if same(unit, recording.units[last])), 0)
        begin = max(first - min(lead, SWAPPED), recording.sentence(first).first)
        end = min(last + min(trail, SWAPPED), recording.sentence(last).last)
        pieces[0][:0] = range(begin, first)
        pieces[-1].extend(range(last + 1, end + 1))
    return pieces


def _gathered(units: list[int], recording: Recording) -> list[int]:
    """A word or two at an edge that were matched in another sentence belong to the nearest same word instead.

    Of «Новая не разгоняет туман» the first word may have been found in a sentence that begins with it.
    """
    for _ in range(STRAYS):
        for stray, other in ((units[0], units[1]), (units[-1], units[-2])) if len(units) > STRAYS else ():
            sentence = recording.sentence(other)
            if recording.sentence(stray) == sentence or abs(other - stray) <= STRAYS:
                continue
            units = [at for at in units if at != stray]
            within = (sentence.first, other - 1) if stray < other else (other + 1, sentence.last)
            alike = recording.near(recording.keys[stray], *within)
            units = sorted({*units, *(alike[-1:] if stray < other else alike[:1])})
    return units


def _words(first: int, last: int, recording: Recording) -> str:
    """From one unit to another as the transcript writes it, without what others threw in."""
    speaker, parts = recording.speaker(first), list[str]()
    for position in range(recording.line_of[first], recording.line_of[last] + 1):
        line = recording.lines[position]
        begins, behind = recording.first_of[position], recording.first_of[position + 1]
        if line.speaker != speaker and recording.is_backchannel(position):
            continue
        start = recording.units[first].start if first > begins else 0
        start = recording.units[first].start if position == recording.line_of[first] else start
        is_last = position == recording.line_of[last]
        end = recording.units[last].end if is_last and last < behind else len(line.text)
        parts.append(line.text[start:end])
    return " ".join(" ".join(parts).split())


def _cased(said: str, old: str, head: str, first: int, recording: Recording) -> str:
    """With the capital or small letter the quote began with, if its first word may have that."""
    if old[:1].isupper() and DOTS not in head and ".." not in head:
        return said[:1].upper() + said[1:]
    opens = recording.sentence(first).first == first
    same_word = units_of(old)[0].key == recording.keys[first]
    return said[:1].lower() + said[1:] if opens and same_word and old[:1].islower() else said


def _closed(said: str, tail: str) -> str:
    """An inner quotation that was cut before its closing mark is closed."""
    for opening, closing in (("«", "»"), ("„", "“"), ("‘", "’")):
        if opening != "‘" or "’" not in tail:
            lacks = said.count(opening) > said.count(closing)
            said += closing if lacks and closing not in tail else ""
    return said + tail
