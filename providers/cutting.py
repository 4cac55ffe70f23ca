"""Cuts a long recording at quiet points into pieces a recogniser takes in one go.

The pieces tile the recording: nothing that sounds is left out. A cut depends only on what comes after the
cut before it, so a recognition that continues after its last saved piece cuts where the first one would have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from providers.types import SAMPLE_RATE_HZ

# GigaAM is trained on utterances and refuses more than 25 s; its own long-form mode packs 15–22 s.
# Source: https://github.com/salute-developers/GigaAM (gigaam/vad_utils.py, LONGFORM_THRESHOLD).
SHORTEST_S = 15.0
LONGEST_S = 22.0
HARD_LIMIT_S = 25.0

HOP = SAMPLE_RATE_HZ // 100  # cuts fall on hundredths of a second
SMOOTH_HOPS = 31  # ≈ 0.3 s: a pause between sentences beats the closure of a "п"
PAUSE_DB = 15.0  # a pause is this much quieter than the piece's speech
SILENCE_DB = -70.0  # re full scale; quieter than this is a switched-off microphone


@dataclass(frozen=True, slots=True)
class Cutting:
    """One piece of sound. `samples`: float32 (n,), mono, 16 kHz."""

    index: int
    start_s: float
    end_s: float
    samples: NDArray[np.float32]

    @property
    def is_silent(self) -> bool:
        """Whether no part of the piece is louder than −70 dB: not even a whisper at the far end of a room."""
        return float(_levels_db(self.samples).max(initial=-200.0)) < SILENCE_DB


def cut(
    blocks: Iterable[NDArray[np.float32]], *, start_s: float = 0.0, first_index: int = 0
) -> Iterator[Cutting]:
    """Yields the pieces of a stream that begins `start_s` into the recording. Holds 25 s and a block."""
    start = round(start_s * SAMPLE_RATE_HZ)
    limit = round(HARD_LIMIT_S * SAMPLE_RATE_HZ)
    held = np.zeros(0, np.float32)
    index = first_index
    for block in blocks:
        held = np.concatenate([held, block])
        while held.size > limit:
            n = quietest_cut(held[:limit])
            yield _cutting(index, start, held[:n])
            held, start, index = held[n:], start + n, index + 1
    if held.size:
        yield _cutting(index, start, held)


def quietest_cut(samples: NDArray[np.float32]) -> int:
    """Where to end the piece that begins `samples` (25 s of them): a multiple of 10 ms.

    The quietest 0.3 s between 15 and 22 s; where nobody pauses there, the quietest up to 25 s.
    """
    levels = np.convolve(_levels_db(samples), np.full(SMOOTH_HOPS, 1 / SMOOTH_HOPS), mode="same")
    first, last = (round(s * SAMPLE_RATE_HZ / HOP) for s in (SHORTEST_S, LONGEST_S))
    best = _quietest(levels, first, last)
    if levels[best] > np.percentile(levels, 80) - PAUSE_DB:
        best = _quietest(levels, first, levels.size - SMOOTH_HOPS // 2)
    return best * HOP


def _quietest(levels: NDArray[np.float64], first: int, last: int) -> int:
    """The middle of the first quietest stretch: in digital silence many hops are equal."""
    window = levels[first:last]
    lowest = np.flatnonzero(window <= window.min() + 0.5)
    run = np.split(lowest, np.flatnonzero(np.diff(lowest) > 1) + 1)
    longest = max(run, key=len)
    return int(first + longest[longest.size // 2])


def _levels_db(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """RMS level of each 10 ms, dB re full scale."""
    padded = np.pad(samples, (0, -samples.size % HOP)).reshape(-1, HOP).astype(np.float64)
    power: NDArray[np.float64] = np.mean(padded**2, axis=1)
    levels: NDArray[np.float64] = 10 * np.log10(np.maximum(power, 1e-12))
    return levels


def _cutting(index: int, start: int, samples: NDArray[np.float32]) -> Cutting:
    return Cutting(index, start / SAMPLE_RATE_HZ, (start + samples.size) / SAMPLE_RATE_HZ, samples.copy())
