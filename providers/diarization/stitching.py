"""Named voices of overlapping windows → turns without overlaps, in the order they were said."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from providers.diarization.windows import FIELD, FRAMES, STRIDE, Heard
from providers.types import SAMPLE_RATE_HZ, Turn

MERGE_GAP_S = 0.3  # pauses inside one person's turn
SHORTEST_TURN_S = 0.15  # a shorter one between two of another person is a slip of the windows
NOBODY = -1


def turns_of(heard: Sequence[Heard], labels: NDArray[np.int64], windows: int, step: int) -> list[Turn]:
    """Who speaks most at each moment, by the votes of the windows; SPEAKER_00 speaks first.

    `windows`: how many there were, silent ones too; `step`: frames from one to the next.
    """
    if not heard:
        return []
    length, people = (windows - 1) * step + FRAMES, int(labels.max()) + 1
    votes, seen = np.zeros((length, people), np.float32), np.zeros(length, np.float32)
    for number in range(windows):
        seen[number * step : number * step + FRAMES] += 1
    for voice, label in zip(heard, labels.tolist(), strict=True):
        votes[voice.frame : voice.frame + FRAMES, label] += voice.active
    spoken = votes.max(axis=1) >= seen / 2
    who = np.where(spoken, votes.argmax(axis=1), NOBODY)
    return _named(_joined(_without_slips(_runs(who))))


def _runs(who: NDArray[np.int64]) -> list[tuple[float, float, int]]:
    """(start_s, end_s, person) of every stretch of speech."""
    edges = np.concatenate([[0], np.flatnonzero(np.diff(who)) + 1, [len(who)]])
    offset = FIELD // 2 - STRIDE // 2
    moments = (edges * STRIDE + offset) / SAMPLE_RATE_HZ
    return [
        (float(moments[n]), float(moments[n + 1]), int(who[edges[n]]))
        for n in range(len(edges) - 1)
        if who[edges[n]] != NOBODY
    ]


def _without_slips(runs: list[tuple[float, float, int]]) -> list[tuple[float, float, int]]:
    kept = list(runs)
    for n, (before, (start_s, end_s, person)) in enumerate(pairwise(runs), 1):
        touches = start_s - before[1] < MERGE_GAP_S
        if end_s - start_s < SHORTEST_TURN_S and touches and person != before[2]:
            kept[n] = (start_s, end_s, kept[n - 1][2])
    return kept


def _joined(runs: list[tuple[float, float, int]]) -> list[tuple[float, float, int]]:
    joined: list[tuple[float, float, int]] = []
    for start_s, end_s, person in runs:
        if joined and joined[-1][2] == person and start_s - joined[-1][1] < MERGE_GAP_S:
            joined[-1] = (joined[-1][0], end_s, person)
        else:
            joined.append((start_s, end_s, person))
    return joined


def _named(runs: list[tuple[float, float, int]]) -> list[Turn]:
    names: dict[int, str] = {}
    return [
        Turn(round(start_s, 3), round(end_s, 3), names.setdefault(person, f"SPEAKER_{len(names):02d}"))
        for start_s, end_s, person in runs
    ]
