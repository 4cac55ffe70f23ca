"""How loud a recording is, every 10 ms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from providers.types import SAMPLE_RATE_HZ

HOP_S = 0.01
HOP = round(HOP_S * SAMPLE_RATE_HZ)
SMOOTH_HOPS = 31  # ≈ 0.3 s: a syllable, and a pause between sentences, not the closure of a "п"
STRETCH_HOPS = 6000  # smoothed at once: a minute, so that four hours need no more memory


@dataclass(frozen=True, slots=True)
class Loudness:
    """`rms_db`: float32 (n,), dB re full scale of each 10 ms; `peak`: float16 (n,), 0..1, of the same."""

    rms_db: NDArray[np.float32]
    peak: NDArray[np.float16]

    def peaks(self, n: int) -> list[float]:
        """`n` peaks 0..1 of equal stretches of the recording, for a player."""
        if not self.peak.size or n < 1:
            return [0.0] * max(n, 0)
        edges = np.linspace(0, self.peak.size, n + 1).astype(int)
        return [
            min(1.0, round(float(self.peak[a : max(a + 1, b)].max(initial=0)), 3)) for a, b in pairwise(edges)
        ]


def loudness(samples: NDArray[np.float32]) -> Loudness:
    """Of a whole number of hops, but for the last."""
    rows = np.pad(samples, (0, -samples.size % HOP)).reshape(-1, HOP)
    full = samples.size // HOP
    rms_db = _db(rows)
    if full < len(rms_db):
        rms_db[full:] = _db(samples[full * HOP :].reshape(1, -1))
    return Loudness(rms_db, np.abs(rows).max(axis=1, initial=0.0).astype(np.float16))


def joined(parts: Iterable[Loudness]) -> Loudness:
    """Of the recording whose parts follow one another."""
    kept = list(parts)
    return Loudness(
        np.concatenate([np.zeros(0, np.float32), *(part.rms_db for part in kept)]),
        np.concatenate([np.zeros(0, np.float16), *(part.peak for part in kept)]),
    )


def loudness_of(blocks: Iterable[NDArray[np.float32]]) -> Loudness:
    """Of blocks of any size. Holds six bytes for every 10 ms, and a block."""
    parts: list[Loudness] = []
    rest = np.zeros(0, np.float32)
    for block in blocks:
        whole = np.concatenate([rest, block])
        full = whole.size - whole.size % HOP
        parts.append(loudness(whole[:full]))
        rest = whole[full:]
    return joined([*parts, loudness(rest)])


def levels_db(blocks: Iterable[NDArray[np.float32]]) -> NDArray[np.float32]:
    """RMS level of each 10 ms, dB re full scale; the last one may be shorter."""
    return loudness_of(blocks).rms_db


def smoothed(levels: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean level of 0.3 s around each moment; at the ends of what there is of it."""
    smooth = np.empty(levels.size, np.float32)
    half = SMOOTH_HOPS // 2
    for start in range(0, levels.size, STRETCH_HOPS):
        places = np.arange(start, min(levels.size, start + STRETCH_HOPS))
        since, until = np.maximum(places - half, 0), np.minimum(places + half + 1, levels.size)
        sums = np.cumsum(np.pad(levels[since[0] : until[-1]], (1, 0)), dtype=np.float64)
        smooth[places] = (sums[until - since[0]] - sums[since - since[0]]) / (until - since)
    return smooth


def _db(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    power = np.einsum("ij,ij->i", rows, rows) / np.float32(rows.shape[1])
    levels: NDArray[np.float32] = 10 * np.log10(np.maximum(power, np.float32(1e-12)))
    return levels
