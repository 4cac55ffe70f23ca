"""What was said off the record: which words a span covers, and a line without them.

A span is a stretch of time (an `Edit` of its own), so it stays where it is whatever sentences are cut,
corrected or joined to. In doubt a word is covered: it is easier to free a word than to call one back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from automation.grounding.silence import PLACEHOLDER, SLACK_S
from automation.models import Edit
from automation.retiming import TimedWord

OP = "off_record"  # Edit.payload: {start_s, end_s}
ROUNDING_S = 0.001  # of a span's ends


@dataclass(frozen=True, slots=True)
class Span:
    """`place` is the edit's place in the journal: what was typed after it is looked at more strictly."""

    edit_id: int
    start_s: float
    end_s: float
    place: int

    def covers(self, start_s: float, end_s: float) -> bool:
        """Whether a word is off the record: neighbours run into each other a little."""
        shared_s = min(end_s, self.end_s) - max(start_s, self.start_s)
        if shared_s > max(SLACK_S, (end_s - start_s) / 3):
            return True
        return start_s < self.end_s - ROUNDING_S and self._holds((start_s + end_s) / 2)

    def touches(self, start_s: float, end_s: float) -> bool:
        overlaps = start_s < self.end_s - SLACK_S and end_s > self.start_s + SLACK_S
        return overlaps or self._holds((start_s + end_s) / 2)

    def _holds(self, at_s: float) -> bool:
        return self.start_s <= at_s <= self.end_s


def spans_of(edits: Iterable[Edit]) -> list[Span]:
    """The spans that stand, of a whole journal."""
    return [
        Span(edit.id, edit.payload["start_s"], edit.payload["end_s"], place)
        for place, edit in enumerate(edits)
        if edit.op == OP and not edit.undone
    ]


def has_any(edits: Iterable[Edit]) -> bool:
    return any(edit.op == OP and not edit.undone for edit in edits)


def hidden(
    words: Sequence[TimedWord], spans: Sequence[Span], heard: Sequence[TimedWord], typed_at: int
) -> list[int]:
    """The places of the words that are off the record.

    `heard` are the machine's words, `typed_at` the place in the journal of what put others in their stead
    (-1: nobody did). Words typed after a span was marked share the time of those they replaced: when one of
    such a run is covered, all of it is.
    """
    found: set[int] = set()
    kept = {tuple(word[:3]) for word in heard}
    for span in spans:
        covered = {n for n, word in enumerate(words) if span.covers(word[1], word[2])}
        if typed_at > span.place:
            for typed, run in groupby(range(len(words)), key=lambda n: tuple(words[n][:3]) not in kept):
                places = list(run)
                if typed and span.touches(words[places[0]][1], words[places[-1]][2]):
                    covered.update(places)
        found |= covered
    return sorted(found)


def without(words: Sequence[TimedWord], off: Sequence[int]) -> tuple[TimedWord, ...]:
    """The words that may be used, with one placeholder for each run of the others; () where all are off."""
    gone = set(off)
    if len(gone) == len(words):
        return ()
    left: list[TimedWord] = []
    for is_off, run in groupby(range(len(words)), key=gone.__contains__):
        places = list(run)
        if is_off:
            left.append([PLACEHOLDER, words[places[0]][1], words[places[-1]][2], None])
        else:
            left.extend(words[n] for n in places)
    return tuple(left)
