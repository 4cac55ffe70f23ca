"""The words of two pieces that overlap, put together: none twice, none lost.

Both have heard the two seconds around a cut made inside speech. The first piece speaks until the seam, the
second from there. The seam lies after a word on which they agree, the one nearest the middle: at the edges a
word may be half a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from providers.cutting import Cutting
from providers.types import Piece, Word

SAME_S = 0.4  # the same word is heard at about the same time in both
Heard = tuple[Cutting, tuple[Word, ...]]


def joined(heard: Iterable[Heard]) -> Iterator[Piece]:
    """Pieces with their own words, each as soon as it is sure where it ends.

    After a cut in a pause that is at once; after one inside speech, when the next piece has been heard.
    """
    waiting: Heard | None = None
    since_s = 0.0  # where the waiting piece begins to speak
    for cutting, words in heard:
        if waiting is None:
            since_s = cutting.start_s
        else:
            seam_s = _seam_s(waiting, (cutting, words))
            yield _piece(waiting, since_s, seam_s)
            since_s = seam_s
        waiting = (cutting, words)
        if not cutting.tail_s:
            yield _piece(waiting, since_s, cutting.end_s)
            waiting = None
    if waiting is not None:  # whoever recognises stopped early
        yield _piece(waiting, since_s, waiting[0].end_s)


def _piece(heard: Heard, start_s: float, end_s: float) -> Piece:
    """A word belongs where its middle lies."""
    cutting, words = heard
    own = tuple(
        replace(word, start_s=max(word.start_s, start_s), end_s=min(word.end_s, end_s))
        for word in words
        if (start_s <= _middle_s(word) or not cutting.lead_s)
        and (_middle_s(word) < end_s or not cutting.tail_s)
    )
    return Piece(cutting.index, start_s, end_s, own, cutting.loudness)


def _seam_s(left: Heard, right: Heard) -> float:
    """A moment of the overlap, on a thousandth of a second."""
    first_s, last_s = right[0].heard_from_s, left[0].heard_until_s
    before = [word for word in left[1] if _middle_s(word) >= first_s]
    after = [word for word in right[1] if _middle_s(word) <= last_s]
    divided_s = _divided_s(before, after, first_s, last_s)
    said = [word.start_s for word in right[1] if _middle_s(word) >= divided_s]
    kept = [word.start_s for word in left[1] if _middle_s(word) < divided_s]
    # The second piece's first word begins before its middle: the seam goes back to where it begins.
    if said and max([first_s, *kept[-1:]]) < said[0] < divided_s:
        return said[0]
    return round(divided_s, 3)


def _divided_s(before: Sequence[Word], after: Sequence[Word], first_s: float, last_s: float) -> float:
    """Middles of words before it are the first piece's to say, the others the second's."""
    middle_s = (first_s + last_s) / 2
    if not before and not after:
        return middle_s
    if not before or not after:  # one was deaf there
        return last_s if before else first_s
    agreed = [
        max(_middle_s(a), _middle_s(b))
        for a in before
        for b in after
        if _bare(a) == _bare(b) and abs(_middle_s(a) - _middle_s(b)) <= SAME_S
    ]
    middles = sorted([first_s, *map(_middle_s, before), *map(_middle_s, after), last_s])
    if agreed:
        end_s = min(agreed, key=lambda moment_s: abs(moment_s - middle_s))
        return (end_s + next((m for m in middles if m > end_s), last_s)) / 2
    # Nothing is agreed: where neither says a word for longest.
    a, b = max(pairwise(middles), key=lambda pair: pair[1] - pair[0])
    return (a + b) / 2


def _middle_s(word: Word) -> float:
    return (word.start_s + word.end_s) / 2


def _bare(word: Word) -> str:
    return "".join(filter(str.isalnum, word.text)).lower() or word.text
