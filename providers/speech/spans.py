"""A stretch of a recording heard again, in windows that begin elsewhere and louder.

The first pass may have lost words at the edge of a piece, or a whisper beside loud speech. Here the stretch
stands in the middle of its window, then alone; both at the level of ordinary speech.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from providers import audio
from providers.speech.hearing import made_ahead
from providers.speech.words import Token, words_of
from providers.types import SAMPLE_RATE_HZ, Word

Samples = NDArray[np.float32]  # float32 (n,), mono, 16 kHz
Decode = Callable[[Samples], list[Token]]

MARGINS_S = (1.5, 0.1)  # sound shown on each side of the stretch, one try after the other
LONGEST_S = 120.0  # of a span that is heard at once
WINDOW_S = 18.0  # longest window; GigaAM refuses more than 25 s
OVERLAP_S = 2.0  # of windows, where the stretch does not fit one: a word cut by one is whole in the other
LEVEL = 0.1  # RMS of full scale, −20 dB: ordinary speech
GAIN_LIMIT = 100.0  # +40 dB: what is quieter is noise of the microphone
SURE = 0.5  # confidence of a word worth showing: models write letters into music and applause


def recognise_spans(
    decode: Decode, media: Path, spans: Sequence[tuple[float, float]]
) -> Iterator[tuple[Word, ...]]:
    """For each span, in order, the words whose middle lies in it; of two tries the one that hears more.

    Raises: BackendFailed, InputRejected.
    """
    parts = [part for span in spans for part in _parts(*span)]
    with closing(made_ahead(_cut_out(media, parts))) as stretches:
        for start_s, end_s in spans:
            words: list[Word] = []
            for part in _parts(start_s, end_s):
                words.extend(_best(decode, *part, *next(stretches)))
            yield tuple(words)


def _parts(start_s: float, end_s: float) -> list[tuple[float, float]]:
    """A long span in equal parts, so that an hour of music need not be held at once."""
    count = max(1, math.ceil((end_s - start_s) / LONGEST_S))
    step_s = (end_s - start_s) / count
    return [(start_s + n * step_s, start_s + (n + 1) * step_s) for n in range(count)]


def _best(decode: Decode, start_s: float, end_s: float, samples: Samples, first_s: float) -> tuple[Word, ...]:
    """`samples` begin at `first_s` and reach over the span on both sides."""
    tries = []
    for margin_s in MARGINS_S:
        skip = max(0, round((start_s - margin_s - first_s) * SAMPLE_RATE_HZ))
        last = round((end_s + margin_s - first_s) * SAMPLE_RATE_HZ)
        words = _heard(decode, samples[skip:last], first_s + skip / SAMPLE_RATE_HZ)
        tries.append(tuple(w for w in words if start_s <= (w.start_s + w.end_s) / 2 < end_s and _is_sure(w)))
    return max(tries, key=lambda words: sum(len(word.text) for word in words))


def _heard(decode: Decode, samples: Samples, offset_s: float) -> list[Word]:
    """Words of overlapping windows; in an overlap each window speaks for its own half."""
    heard: list[Word] = []
    windows = list(_windows(samples.size))
    for number, (start, end) in enumerate(windows):
        at_s = offset_s + start / SAMPLE_RATE_HZ
        words = words_of(
            decode(louder(samples[start:end])), offset_s=at_s, end_s=offset_s + end / SAMPLE_RATE_HZ
        )
        from_s = at_s + OVERLAP_S / 2 if number else at_s
        heard = [word for word in heard if word.start_s < from_s]
        heard += [word for word in words if word.start_s >= from_s]
    return _in_order(heard)


def _in_order(words: list[Word]) -> list[Word]:
    """A word ends no later than the next one begins, also where two windows meet."""
    ends = [min(a.end_s, b.start_s) for a, b in pairwise(words)] + [w.end_s for w in words[-1:]]
    return [Word(w.text, w.start_s, end_s, w.confidence) for w, end_s in zip(words, ends, strict=True)]


def _windows(n: int) -> Iterator[tuple[int, int]]:
    """Equal windows of at most WINDOW_S that overlap by OVERLAP_S, in samples."""
    overlap, longest = round(OVERLAP_S * SAMPLE_RATE_HZ), round(WINDOW_S * SAMPLE_RATE_HZ)
    if n == 0:
        return
    count = max(1, -(-(n - overlap) // (longest - overlap)))
    step = -(-(n - overlap) // count) if count > 1 else n
    for number in range(count):
        start = number * step
        yield start, min(n, start + step + overlap)


def louder(samples: Samples) -> Samples:
    """Raised to the level of ordinary speech, never lowered and never clipped."""
    rms = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) if samples.size else 0.0
    peak = float(np.abs(samples).max(initial=0.0))
    if not 0.0 < rms < LEVEL:
        return samples
    return samples * np.float32(max(1.0, min(LEVEL / rms, 0.99 / peak, GAIN_LIMIT)))


def _cut_out(media: Path, spans: Sequence[tuple[float, float]]) -> Generator[tuple[Samples, float]]:
    """The sound of each span and around it, with the moment it begins at. Holds one span."""
    held: deque[Samples] = deque()
    at = end = 0  # samples: where what is held begins and ends
    with closing(audio.stream(media)) as blocks:
        for start_s, end_s in spans:
            first = max(0, round((start_s - max(MARGINS_S)) * SAMPLE_RATE_HZ))
            last = round((end_s + max(MARGINS_S)) * SAMPLE_RATE_HZ)
            while end < last and (block := next(blocks, None)) is not None:
                held.append(block)
                end += block.size
                while held and at + held[0].size <= first:
                    at += held.popleft().size
            while held and at + held[0].size <= first:
                at += held.popleft().size
            sound = np.concatenate([np.zeros(0, np.float32), *held])[max(0, first - at) : last - at]
            yield sound, max(first, at) / SAMPLE_RATE_HZ


def _is_sure(word: Word) -> bool:
    return word.confidence is None or word.confidence >= SURE
