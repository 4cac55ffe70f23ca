"""A recording in overlapping windows of ten seconds, and which of three voices is heard in each frame.

Source: pyannote/segmentation-3.0 (model card): windows of 10 s, seven classes for every set of at most two of
three voices (the "powerset" of Plaquet and Bredin, Interspeech 2023); voices of a window have no names yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from providers.types import SAMPLE_RATE_HZ

Samples = NDArray[np.float32]
Active = NDArray[np.bool_]

SAMPLES = 10 * SAMPLE_RATE_HZ
FIELD, STRIDE = 991, 270  # samples a frame sees, samples between frames (pyannote's SincNet)
FRAMES = (SAMPLES - FIELD) // STRIDE + 1  # 589
STEP = 148 * STRIDE  # 2.5 s: every moment is seen in four windows, whose frames fall together
VOICES = 3
SETS = ((), (0,), (1,), (2,), (0, 1), (0, 2), (1, 2))  # who speaks in each class
QUIET = 1e-4  # peak: -80 dB of full scale
SHORTEST_S = 0.2  # of a voice in a window; less has no timbre


@dataclass(frozen=True, slots=True)
class Window:
    """Ten seconds, padded with silence where the recording ends."""

    start: int  # sample
    samples: Samples  # (160000,)


@dataclass(frozen=True, slots=True)
class Heard:
    """One voice of one window. `frame` is the window's first on the grid of the whole recording."""

    window: int
    frame: int
    active: Active  # (589,)
    alone: Active  # (589,) where nobody else speaks


def windows_of(blocks: Iterable[Samples]) -> Iterator[Window]:
    """Reads the stream once and holds ten seconds of it; the last window reaches the end."""
    held, start, seen = np.zeros(0, np.float32), 0, 0
    for block in blocks:
        held = np.concatenate([held, block])
        while held.size >= SAMPLES:
            yield Window(start, held[:SAMPLES])
            seen = start + SAMPLES
            held, start = held[STEP:], start + STEP
    if start + held.size > seen:
        yield Window(start, np.pad(held, (0, SAMPLES - held.size)))


def voices_in(scores: NDArray[np.float32], window: Window, number: int) -> list[Heard]:
    """The voices of a window, from the scores (589, 7) of its frames."""
    table = np.array([[voice in people for voice in range(VOICES)] for people in SETS])
    active = table[scores.argmax(axis=1)] & _sounding(window.samples)[:, None]
    crowded = active.sum(axis=1) > 1
    least = SHORTEST_S * SAMPLE_RATE_HZ / STRIDE
    return [
        Heard(number, window.start // STRIDE, active[:, voice], active[:, voice] & ~crowded)
        for voice in range(VOICES)
        if active[:, voice].sum() >= least
    ]


def _sounding(samples: Samples) -> Active:
    """Frames (589,) that are not digital silence, of which a model knows nothing; padding is silence too."""
    first = FIELD // 2 - STRIDE // 2
    peaks = np.abs(samples[first : first + FRAMES * STRIDE]).reshape(FRAMES, STRIDE).max(axis=1)
    return np.asarray(peaks > QUIET, bool)


def samples_of(heard: Heard, window: Window) -> Samples:
    """What the voice says alone, put together; where it never speaks alone for long, all it says."""
    enough = SHORTEST_S * SAMPLE_RATE_HZ / STRIDE
    frames = np.flatnonzero(heard.alone if heard.alone.sum() >= enough else heard.active)
    first = FIELD // 2 - STRIDE // 2
    places = (frames[:, None] * STRIDE + first + np.arange(STRIDE)).ravel()
    return np.asarray(window.samples[places], dtype=np.float32)
