"""What a server answered about a piece → words with times.

Servers differ: some time every word, some only sentences, some nothing; and where words are timed they often
lack the punctuation that the text has. The words are always those of the text; times are found for them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from providers.cutting import Cutting
from providers.levels import HOP_S, levels_db, smoothed
from providers.types import SAMPLE_RATE_HZ, Word

QUIET_DB = 25.0  # this much below its loudest moment a piece pauses; used only where times are guessed


@dataclass(frozen=True, slots=True)
class Timed:
    """A stretch of text between two moments, seconds from the start of the piece."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    words: tuple[Timed, ...] = ()
    segments: tuple[Timed, ...] = ()

    @property
    def has_times(self) -> bool:
        return bool(self.words or not self.text.split())


def read(body: Any) -> Answer | None:
    """What the SDK made of the body: TranscriptionVerbose, Transcription or nonsense (None)."""
    text = getattr(body, "text", None)
    if not isinstance(text, str):
        return None
    return Answer(
        text, _timed(getattr(body, "words", None), "word"), _timed(getattr(body, "segments", None), "text")
    )


def words_of(answer: Answer, piece: Cutting) -> tuple[Word, ...]:
    """The text's words inside the piece, in order; without confidences, which nobody gives."""
    length_s = piece.samples.size / SAMPLE_RATE_HZ
    texts = answer.text.split()
    timed = _aligned(texts, answer.words) if answer.words else [None] * len(texts)
    if not answer.words and answer.segments:
        texts, timed = _by_segment(answer.segments, piece)
    return _placed(_filled(texts, timed, piece), piece.heard_from_s, length_s)


def _timed(rows: Any, name: str) -> tuple[Timed, ...]:
    """Rows without usable times count as none at all: half a timing misleads."""
    found = []
    for row in rows if isinstance(rows, list) else []:
        text, start_s, end_s = getattr(row, name, None), _moment_of(row, "start"), _moment_of(row, "end")
        if not isinstance(text, str) or start_s is None or end_s is None:
            return ()
        found.append(Timed(text.strip(), start_s, max(start_s, end_s)))
    return tuple(found)


def _moment_of(row: object, field: str) -> float | None:
    value = getattr(row, field, None)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _aligned(texts: Sequence[str], words: Sequence[Timed]) -> list[Timed | None]:
    """Each word of the text with the timed word it is, punctuation and case aside; None where none is."""
    ours, theirs = [_bare(text) for text in texts], [_bare(word.text) for word in words]
    found: list[Timed | None] = [None] * len(texts)
    for block in SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks():
        for step in range(block.size):
            found[block.a + step] = words[block.b + step]
    return found


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text)).lower() or text


def _by_segment(segments: Sequence[Timed], piece: Cutting) -> tuple[list[str], list[Timed | None]]:
    texts: list[str] = []
    timed: list[Timed | None] = []
    for segment in segments:
        own = segment.text.split()
        texts += own
        timed += _spread(own, segment.start_s, segment.end_s, piece)
    return texts, timed


def _filled(texts: Sequence[str], timed: Sequence[Timed | None], piece: Cutting) -> list[Timed]:
    """Words without times share what is between their neighbours, by their letters."""
    filled: list[Timed] = []
    at = 0
    for known, run in groupby(timed, key=lambda word: word is not None):
        block = list(run)
        after = timed[at + len(block)] if at + len(block) < len(timed) else None
        if known:
            filled += [Timed(t, w.start_s, w.end_s) for t, w in zip(texts[at:], block, strict=False) if w]
        else:
            start_s = filled[-1].end_s if filled else 0.0
            end_s = after.start_s if after else piece.samples.size / SAMPLE_RATE_HZ
            filled += _spread(texts[at : at + len(block)], start_s, end_s, piece)
        at += len(block)
    return filled


def _spread(texts: Sequence[str], start_s: float, end_s: float, piece: Cutting) -> list[Timed]:
    """By proportion: a letter takes as much sounding time as any other."""
    clock = _sounding_clock(piece.samples, start_s, end_s)
    ends = np.cumsum([len(text) + 1 for text in texts])
    total = float(ends[-1]) if len(texts) else 1.0
    moments = [0.0, *(float(end) / total for end in ends)]
    return [
        Timed(text, _moment(clock, moments[n], start_s), _moment(clock, moments[n + 1], start_s))
        for n, text in enumerate(texts)
    ]


def _sounding_clock(samples: NDArray[np.float32], start_s: float, end_s: float) -> NDArray[np.float64]:
    """Share 0..1 of the stretch's sound that has passed, every 10 ms."""
    levels = smoothed(levels_db([samples]))
    window = levels[round(start_s / HOP_S) : max(round(start_s / HOP_S) + 1, round(end_s / HOP_S))]
    loud = (window > window.max(initial=-200.0) - QUIET_DB).astype(np.float64)
    passed = np.cumsum(loud if loud.any() else np.ones(max(1, window.size)))
    share: NDArray[np.float64] = passed / passed[-1]
    return share


def _moment(clock: NDArray[np.float64], share: float, start_s: float) -> float:
    if share <= 0.0:
        return start_s + int(np.argmax(clock > 0.0)) * HOP_S
    return start_s + (int(np.searchsorted(clock, share - 1e-9)) + 1) * HOP_S


def _placed(words: Sequence[Timed], offset_s: float, length_s: float) -> tuple[Word, ...]:
    """Times of the recording, inside the piece, none before the word before it has ended."""
    placed: list[Word] = []
    earliest = 0.0
    for number, word in enumerate(words):
        start_s = min(max(word.start_s, earliest), length_s)
        following = words[number + 1].start_s if number + 1 < len(words) else length_s
        end_s = min(max(start_s, min(word.end_s, max(following, start_s))), length_s)
        placed.append(
            Word(word.text, _rounded(offset_s + start_s, offset_s + length_s),
                 _rounded(offset_s + end_s, offset_s + length_s))
        )  # fmt: skip
        earliest = end_s
    return tuple(placed)


def _rounded(moment_s: float, limit_s: float) -> float:
    return min(round(moment_s, 3), limit_s)
