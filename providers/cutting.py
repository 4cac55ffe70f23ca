"""Cuts a long recording at quiet points into pieces a recogniser takes in one go.

The pieces tile the recording: nothing that sounds is left out. Where nobody pauses, a cut has to be made
inside speech; there both pieces hear a second beyond it, so that the word on the cut is whole in one of them
(`providers.speech.seams` puts the words together). The plan depends on the recording alone: a recognition
that continues after its last saved piece cuts where the first one would have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from providers.levels import HOP, HOP_S, SMOOTH_HOPS, Loudness, joined, levels_db, loudness, smoothed
from providers.types import SAMPLE_RATE_HZ

# GigaAM is trained on utterances and refuses more than 25 s; its own long-form mode packs 15–22 s.
# Source: https://github.com/salute-developers/GigaAM (gigaam/vad_utils.py, LONGFORM_THRESHOLD).
SHORTEST_S = 15.0
LONGEST_S = 22.0
HARD_LIMIT_S = 25.0
BEYOND_S = 1.0  # both pieces hear so much beyond a cut inside speech: an overlap of two seconds

PAUSE_DB = 15.0  # a pause is this much quieter than the piece's speech,
NOISY_PAUSE_DB = 8.0  # or this much and as even as noise is: a pause in a loud room
EVEN_DB = 1.5  # standard deviation of the 10 ms levels of a pause; wide-band noise has 0.5, speech 3 and more
SILENCE_DB = -70.0  # re full scale; quieter than this is a switched-off microphone


@dataclass(frozen=True, slots=True)
class Cutting:
    """One piece of sound. `samples`: float32 (n,), mono, 16 kHz.

    The piece owns `start_s` to `end_s`; the samples begin `lead_s` before and end `tail_s` after that.
    `loudness`: of the recording since the cutting before this one.
    """

    index: int
    start_s: float
    end_s: float
    samples: NDArray[np.float32]
    lead_s: float = 0.0
    tail_s: float = 0.0
    loudness: Loudness | None = field(default=None, compare=False, repr=False)

    @property
    def heard_from_s(self) -> float:
        """Where the samples begin."""
        return self.start_s - self.lead_s

    @property
    def heard_until_s(self) -> float:
        """Where the samples end."""
        return self.end_s + self.tail_s

    @property
    def is_silent(self) -> bool:
        """Whether no part of the piece is louder than −70 dB: not even a whisper at the far end of a room."""
        return float(levels_db([self.samples]).max(initial=-200.0)) < SILENCE_DB


def cut(
    blocks: Iterable[NDArray[np.float32]], *, skip_until_s: float = 0.0, first_index: int = 0
) -> Iterator[Cutting]:
    """Yields the pieces of a recording, in order. Holds 26 s and a block.

    `blocks`: the recording from its beginning. What ends by `skip_until_s` was heard before and is passed
    over; the first piece after it gets the number `first_index`.
    """
    passed: list[Loudness] = []
    index = first_index
    for piece in _planned(blocks):
        passed.append(piece.loudness or loudness(piece.samples))
        # A seam may lie anywhere in the overlap.
        if piece.end_s <= skip_until_s + piece.tail_s + HOP_S / 2:
            continue
        yield replace(_since(piece, skip_until_s), index=index, loudness=joined(passed))
        passed, index = [], index + 1


def _since(piece: Cutting, start_s: float) -> Cutting:
    """The piece without what was heard before `start_s`; a little of that stays to hear the seam by."""
    lead_s = start_s - piece.heard_from_s
    if start_s == piece.start_s or lead_s < -HOP_S / 2:
        return piece
    extra = max(0, round((lead_s - 2 * BEYOND_S) * SAMPLE_RATE_HZ))
    lead_s = max(0.0, lead_s - extra / SAMPLE_RATE_HZ)
    return replace(piece, start_s=start_s, samples=piece.samples[extra:], lead_s=lead_s)


def _planned(blocks: Iterable[NDArray[np.float32]]) -> Iterator[Cutting]:
    """The pieces of the whole recording; each begins where the one before ends."""
    limit, beyond = round(HARD_LIMIT_S * SAMPLE_RATE_HZ), round(BEYOND_S * SAMPLE_RATE_HZ)
    held = np.zeros(0, np.float32)
    waiting: list[NDArray[np.float32]] = []  # blocks behind what is held
    start = lead = 0  # samples: where the piece begins, and how much of what is held lies before that
    size = 0
    for block in blocks:
        waiting.append(block)
        size += block.size
        if size <= limit:
            continue
        held = np.concatenate([held, *waiting])
        waiting.clear()
        while held.size > limit:
            n, in_speech = quietest_cut(held[lead:limit])
            tail = beyond if in_speech else 0
            yield _cutting(start, held[: lead + n + tail], lead, tail)
            held, start, lead = held[lead + n - tail :], start + n, tail
        size = held.size
    held = np.concatenate([held, *waiting])
    if held.size > lead:
        yield _cutting(start, held, lead, 0)


def quietest_cut(samples: NDArray[np.float32]) -> tuple[int, bool]:
    """Where to end the piece that begins `samples` (24 or 25 s of them), a multiple of 10 ms; and whether
    that is inside speech.

    The quietest 0.3 s between 15 and 22 s; where nobody pauses there, a pause up to the end; where nobody
    pauses at all, the first again.
    """
    raw = levels_db([samples])
    levels = smoothed(raw)
    first, last = (round(s / HOP_S) for s in (SHORTEST_S, LONGEST_S))
    best = _quietest(levels, first, last)
    if _is_pause(raw, levels, best):
        return best * HOP, False
    later = _quietest(levels, last, levels.size - SMOOTH_HOPS // 2)
    if _is_pause(raw, levels, later):
        return later * HOP, False
    return best * HOP, True


def _is_pause(raw: NDArray[np.float32], levels: NDArray[np.float32], place: int) -> bool:
    """Whether nobody speaks there: much quieter than the speech around, or quieter and as even as noise."""
    below_db = float(np.percentile(levels, 80)) - float(levels[place])
    around = raw[max(0, place - SMOOTH_HOPS // 2) : place + SMOOTH_HOPS // 2 + 1]
    return below_db >= PAUSE_DB or (below_db >= NOISY_PAUSE_DB and float(around.std()) <= EVEN_DB)


def _quietest(levels: NDArray[np.float32], first: int, last: int) -> int:
    """The middle of the first quietest stretch: in digital silence many hops are equal."""
    window = levels[first:last]
    lowest = np.flatnonzero(window <= window.min() + 0.5)
    run = np.split(lowest, np.flatnonzero(np.diff(lowest) > 1) + 1)
    longest = max(run, key=len)
    return int(first + longest[longest.size // 2])


def _cutting(start: int, samples: NDArray[np.float32], lead: int, tail: int) -> Cutting:
    """`start`: of what the piece owns. The index is given later."""
    own = samples[lead : samples.size - tail]
    return Cutting(
        -1,
        start / SAMPLE_RATE_HZ,
        (start + own.size) / SAMPLE_RATE_HZ,
        samples.copy(),
        lead / SAMPLE_RATE_HZ,
        tail / SAMPLE_RATE_HZ,
        loudness(own),
    )
