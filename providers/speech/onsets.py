"""Words that begin in silence begin with the sound after it.

A recogniser may name a sentence's first letter in the pause before it; a player would then jump too early.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from providers.cutting import Cutting
from providers.levels import HOP_S, levels_db
from providers.types import Word

QUIET_DB = (
    35.0  # this much below its loudest moment a piece is silent; in noise nothing is, and nothing moves
)
FARTHEST_S = 0.6
SHORTEST_HOPS = 3  # a click is no onset


def on_sound(words: tuple[Word, ...], piece: Cutting) -> tuple[Word, ...]:
    """The words with their starts moved to where sound begins, never past their own ends."""
    levels = levels_db([piece.samples])
    loud = levels > levels.max(initial=-200.0) - QUIET_DB
    steady = np.convolve(loud, np.ones(SHORTEST_HOPS), mode="full")[SHORTEST_HOPS - 1 :] == SHORTEST_HOPS
    return tuple(_moved(word, loud, steady, piece.heard_from_s) for word in words)


def _moved(word: Word, loud: NDArray[np.bool_], steady: NDArray[np.bool_], offset_s: float) -> Word:
    first = int((word.start_s - offset_s) / HOP_S)
    if first >= loud.size or loud[first]:
        return word
    ahead = np.flatnonzero(steady[first : first + round(FARTHEST_S / HOP_S)])
    start_s = round(offset_s + (first + int(ahead[0])) * HOP_S, 3) if ahead.size else word.end_s
    return replace(word, start_s=start_s) if start_s < word.end_s else word
