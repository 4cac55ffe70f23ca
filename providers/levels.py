"""How loud a recording is, every 10 ms."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from providers.types import SAMPLE_RATE_HZ

HOP_S = 0.01
HOP = round(HOP_S * SAMPLE_RATE_HZ)
SMOOTH_HOPS = 31  # ≈ 0.3 s, as the cutter: a syllable, not the closure of a "п"


def levels_db(blocks: Iterable[NDArray[np.float32]]) -> NDArray[np.float32]:
    """RMS level of each 10 ms, dB re full scale; the last one may be shorter."""
    parts: list[NDArray[np.float32]] = []
    rest = np.zeros(0, np.float32)
    for block in blocks:
        whole = np.concatenate([rest, block])
        full = whole.size - whole.size % HOP
        parts.append(_db(whole[:full].reshape(-1, HOP)))
        rest = whole[full:]
    if rest.size:
        parts.append(_db(rest.reshape(1, -1)))
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def smoothed(levels: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean level of 0.3 s around each moment; at the ends of what there is of it."""
    if not levels.size:
        return levels
    window = np.ones(min(SMOOTH_HOPS, levels.size))
    total = np.convolve(levels, window, mode="same")
    smooth: NDArray[np.float32] = (total / np.convolve(np.ones(levels.size), window, mode="same")).astype(
        "f4"
    )
    return smooth


def _db(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    power = np.mean(np.square(rows, dtype=np.float64), axis=1)
    levels: NDArray[np.float32] = (10 * np.log10(np.maximum(power, 1e-12))).astype(np.float32)
    return levels
