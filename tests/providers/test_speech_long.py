"""A long recording glued from sentences: cutting it loses, doubles and shifts next to nothing.

Its words and their times are known from the same sentences recognised one by one.
"""

from __future__ import annotations

import os
from difflib import SequenceMatcher
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from demo.corpus import HELD_OUT
from demo.scoring import word_errors
from providers import audio
from providers.coverage import coverage_of
from providers.levels import levels_db
from providers.speech.gigaam_onnx import GigaamOnnx
from providers.types import Word
from tests.providers.audio_files import write_sound
from tests.providers.voices import FEMALE, MALE, RATE_HZ, say

MODEL = Path(__file__).parents[2] / "demo" / "model"
MINUTES = float(os.environ.get("PYTEST_LONG_MINUTES", "8"))  # 60 for the figures in the documents
SPEEDS = (130, 145, 160)  # words a minute
PAUSE_S = 0.2


@pytest.mark.slow
def test_a_long_recording_reads_like_its_sentences(tmp_path: Path) -> None:
    backend = GigaamOnnx("gigaam-v3-e2e-ctc", folder=MODEL, device="cpu")

    @cache
    def alone(number: int) -> tuple[Word, ...]:
        path = write_sound(tmp_path / "one.wav", padded(number), RATE_HZ, "pcm_s16le")
        return tuple(word for piece in backend.recognise(path) for word in piece.words)

    truth, expected, parts, clock = [], [], [], 0
    while clock < MINUTES * 60 * RATE_HZ:
        number = len(parts) % (len(HELD_OUT) * 2 * len(SPEEDS))
        parts.append(padded(number))
        truth.append(HELD_OUT[number % len(HELD_OUT)])
        starts = [word.start_s + clock / RATE_HZ for word in alone(number)]
        expected += zip((word.text for word in alone(number)), starts, strict=True)
        clock += parts[-1].size
    path = write_sound(tmp_path / "all.flac", np.concatenate(parts), RATE_HZ, "flac")
    words = [word for piece in backend.recognise(path) for word in piece.words]

    assert all(a.end_s <= b.start_s for a, b in pairwise(words))
    shifts = start_errors_s(expected, words)
    wrong_alone, n = word_errors(" ".join(truth), " ".join(text for text, _ in expected))
    wrong_together, _ = word_errors(" ".join(truth), " ".join(word.text for word in words))
    record = coverage_of(levels_db(audio.stream(path)), [(word.start_s, word.end_s) for word in words])
    figures = (
        f"{clock / RATE_HZ:.0f} s, {n} words, WER alone {wrong_alone / n:.2%}, "
        f"together {wrong_together / n:.2%}, start error median {np.median(shifts):.3f} s, "
        f"99 % {np.quantile(shifts, 0.99):.3f} s, "
        f"covered {record.share:.2%}, gaps {len(record.gaps)}, doubled {doubled(expected, words)}"
    )
    print(figures)
    assert len(shifts) >= 0.97 * len(expected), figures
    assert wrong_together / n <= wrong_alone / n + 0.005, figures
    assert np.median(shifts) <= 0.04, figures
    assert np.quantile(shifts, 0.99) <= 0.2, figures
    assert record.share >= 0.99, figures
    assert doubled(expected, words) == 0, figures


@cache
def padded(number: int) -> np.ndarray:
    """Sentence `number`, in one of six deliveries, with a pause before and after."""
    delivery = number // len(HELD_OUT)
    sound = say(HELD_OUT[number % len(HELD_OUT)], (MALE, FEMALE)[delivery % 2], SPEEDS[delivery // 2])
    return np.pad(sound, round(PAUSE_S * RATE_HZ))


def start_errors_s(expected: list[tuple[str, float]], words: list[Word]) -> list[float]:
    """Of the words that are the same in both, in order."""
    errors: list[float] = []
    for first in range(0, len(expected), 400):  # long sequences take quadratic time
        here = expected[first : first + 400]
        near = [w for w in words if here[0][1] - 1 <= w.start_s <= here[-1][1] + 1]
        matcher = SequenceMatcher(None, [t for t, _ in here], [w.text for w in near], autojunk=False)
        for a, b, size in matcher.get_matching_blocks():
            errors += [abs(here[a + n][1] - near[b + n].start_s) for n in range(size)]
    return errors


def doubled(expected: list[tuple[str, float]], words: list[Word]) -> int:
    """Words said twice within 1.5 s in the whole and not in the sentences."""
    known = sum(a[0] == b[0] and b[1] - a[1] < 1.5 for a, b in pairwise(expected))
    found = sum(a.text == b.text and b.start_s - a.start_s < 1.5 for a, b in pairwise(words))
    return max(0, found - known)
