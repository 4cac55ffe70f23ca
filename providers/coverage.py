"""What share of the sound became words, and where it did not.

Sound is what is louder than the recording's own background: the level in its short pauses between words, so
that a humming room is not sound and music is. The record says nothing of whether the words are right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from providers.cutting import SILENCE_DB
from providers.levels import HOP_S, smoothed

Said = tuple[float, float]  # where a word begins and ends, s

GAP_S = 2.0  # people pause for less while they speak
BRIDGE_S = 1.0  # what sounds for longer between two words was not heard: stray words must not hide music
MARGIN_S = 0.3  # a recogniser emits a word's first token after the word has begun
ABOVE_BACKGROUND_DB = 6.0
LEAST_ABOVE_DB = 2.0  # steady noise, smoothed over 0.3 s, strays by less
FLAT_DB = 3.0  # words that stand out by less have drowned: nothing is known of the background
BELOW_SPEECH_DB = 30.0  # a whisper across the table; used where the background is not known


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch that sounds for more than GAP_S away from words; a stray word or a pause may be inside it."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """`sounding_s`: seconds louder than the background; `recognised_s`: those at words or close between."""

    sounding_s: float
    recognised_s: float
    gaps: tuple[Gap, ...]

    @property
    def share(self) -> float:
        """0..1; 1.0 of a recording in which nothing sounds."""
        return self.recognised_s / self.sounding_s if self.sounding_s else 1.0


def coverage_of(rms_db: NDArray[np.float32], said: Iterable[Said]) -> Coverage:
    """`rms_db`: the recording's level every 10 ms (`providers.levels`); `said`: its words, in order."""
    levels = smoothed(rms_db)
    near_words = _near_words(said, levels.size)
    sounding = levels > _threshold_db(levels, near_words)
    lost = sounding & ~near_words
    return Coverage(
        sounding_s=round(float(sounding.sum()) * HOP_S, 2),
        recognised_s=round(float((sounding & near_words).sum()) * HOP_S, 2),
        gaps=tuple(_gaps(lost)),
    )


def _near_words(said: Iterable[Said], n: int) -> NDArray[np.bool_]:
    """True at the words and in the pauses beside them that are not longer than BRIDGE_S."""
    near = np.zeros(n, bool)
    until_s = 0.0
    for start_s, end_s in said:
        since_s = start_s - MARGIN_S
        _mark(near, until_s if since_s - until_s <= BRIDGE_S else since_s, end_s + MARGIN_S)
        until_s = max(until_s, end_s + MARGIN_S)
    if until_s and n * HOP_S - until_s <= BRIDGE_S:
        _mark(near, until_s, n * HOP_S)
    return near


def _mark(flags: NDArray[np.bool_], start_s: float, end_s: float) -> None:
    flags[max(0, round(start_s / HOP_S)) : max(0, round(end_s / HOP_S))] = True


def _threshold_db(levels: NDArray[np.float32], near_words: NDArray[np.bool_]) -> float:
    """What is louder sounds. Without words nothing is known of the background: all but silence sounds."""
    if not near_words.any():
        return SILENCE_DB
    background, speech = np.percentile(levels[near_words], (5, 50), overwrite_input=True)
    if speech - background < FLAT_DB:
        return float(max(speech - BELOW_SPEECH_DB, SILENCE_DB))
    raised = min(background + ABOVE_BACKGROUND_DB, speech)
    return float(max(raised, background + LEAST_ABOVE_DB, SILENCE_DB))


def _gaps(lost: NDArray[np.bool_]) -> Iterator[Gap]:
    """`lost`: every 10 ms, whether it sounds away from any word. A gap reaches to the words beside it."""
    edges = np.flatnonzero(np.diff(np.pad(lost.astype(np.int8), 1)))
    pauses = (edges[2::2] - edges[1:-1:2]) * HOP_S
    for run in np.split(edges.reshape(-1, 2), np.flatnonzero(pauses > GAP_S) + 1):
        if run.size and (run[:, 1] - run[:, 0]).sum() * HOP_S > GAP_S:
            start_s, end_s = float(run[0, 0]) * HOP_S - MARGIN_S, float(run[-1, 1]) * HOP_S + MARGIN_S
            yield Gap(round(max(0.0, start_s), 2), round(min(end_s, lost.size * HOP_S), 2))
