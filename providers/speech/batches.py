"""Pieces of a recording in batches of near-equal length, so that little of a batch is padding."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from providers.cutting import Cutting
from providers.speech.words import Token

# Batches are chosen among the pieces of this many: more waste less, and the first words wait longer.
LOOK_AHEAD = 2


def in_batches(
    cuttings: Iterable[Cutting], size: int, decode: Callable[[list[Cutting]], list[list[Token]]]
) -> Iterator[tuple[Cutting, list[Token]]]:
    """Yields the pieces in their order, each as soon as it and those before it are decoded.

    Silent ones are never decoded.
    """
    pending = iter(cuttings)
    while window := deque(islice(pending, size * LOOK_AHEAD if size > 1 else 1)):
        done: dict[int, list[Token]] = {piece.index: [] for piece in window if piece.is_silent}
        for batch in [[], *batches_of([piece for piece in window if piece.index not in done], size)]:
            if batch:
                done.update(zip((piece.index for piece in batch), decode(batch), strict=True))
            while window and window[0].index in done:
                piece = window.popleft()
                yield piece, done[piece.index]


def batches_of(pieces: list[Cutting], size: int) -> list[list[Cutting]]:
    """By length, then in the order of their first piece: the earliest words come first."""
    ranked = sorted(pieces, key=lambda piece: piece.samples.size)
    batches = [ranked[start : start + size] for start in range(0, len(ranked), size)]
    return sorted(batches, key=lambda batch: min(piece.index for piece in batch))
