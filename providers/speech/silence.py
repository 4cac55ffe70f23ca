"""Nothing is computed for true silence: a muted track, a gated microphone, a gap in the file.

Only what has no sound at all is left out, for more than two seconds: a whisper, a breath or a quiet room is
heard as before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from providers.cutting import SILENCE_DB
from providers.levels import HOP, HOP_S, levels_db
from providers.speech.words import Token
from providers.types import SAMPLE_RATE_HZ

Samples = NDArray[np.float32]  # float32 (n,), mono, 16 kHz

LEAST_S = 2.0  # shorter silences stay: they are part of how a sentence sounds
MARGIN_S = 0.2  # of silence kept on each side of a sound


def without_silence(decode: Callable[[Samples], list[Token]], samples: Samples) -> list[Token]:
    """The tokens of all stretches that sound, at their times in `samples`; no word spans a silence."""
    tokens: list[Token] = []
    for start, end in sounding(samples):
        start_s = start / SAMPLE_RATE_HZ
        if tokens:
            tokens.append(Token(" ", start_s))
        heard = decode(samples[start:end])
        tokens += [replace(token, start_s=token.start_s + start_s) for token in heard] if start else heard
    return tokens


def sounding(samples: Samples) -> list[tuple[int, int]]:
    """Where the stretches between true silences begin and end, in samples; [] where nothing sounds."""
    loud = np.flatnonzero(levels_db([samples]) >= SILENCE_DB)
    if not loud.size:
        return []
    least, margin = round(LEAST_S / HOP_S), round(MARGIN_S / HOP_S)
    last = -(-samples.size // HOP) - 1
    breaks = np.flatnonzero(np.diff(loud) - 1 > least)  # silent hops between two loud ones
    firsts = [int(loud[0]), *(int(loud[at + 1]) for at in breaks)]
    lasts = [*(int(loud[at]) for at in breaks), int(loud[-1])]
    if firsts[0] <= least:  # a short silence at the edges stays, too
        firsts[0] = 0
    if last - lasts[-1] <= least:
        lasts[-1] = last
    return [
        (max(0, first - margin) * HOP, min(samples.size, (final + 1 + margin) * HOP))
        for first, final in zip(firsts, lasts, strict=True)
    ]
