from __future__ import annotations

import numpy as np
import pytest

from providers.cutting import Cutting
from providers.speech.onsets import on_sound
from providers.types import Word


def piece(*loud: tuple[float, float], floor: float = 0.0) -> Cutting:
    """Five seconds that begin at 100 s."""
    noise = np.random.default_rng(0).standard_normal(80_000).astype(np.float32)
    samples = floor * noise
    for start_s, end_s in loud:
        samples[round(start_s * 16_000) : round(end_s * 16_000)] = (
            0.1 * noise[: round((end_s - start_s) * 16_000)]
        )
    return Cutting(0, 100.0, 105.0, samples.astype(np.float32))


def moved(start_s: float, end_s: float, sound: Cutting) -> float:
    (word,) = on_sound((Word("мост", start_s, end_s, 0.9),), sound)
    assert (word.text, word.end_s, word.confidence) == ("мост", end_s, 0.9)
    return word.start_s


def test_a_word_named_in_the_pause_begins_with_its_sound() -> None:
    assert moved(100.8, 101.5, piece((1.0, 3.0))) == pytest.approx(101.0, abs=0.011)


def test_a_word_that_begins_in_sound_stays() -> None:
    assert moved(101.2, 101.5, piece((1.0, 3.0))) == 101.2


@pytest.mark.parametrize(
    "sound", [piece(), piece((4.0, 5.0)), piece((1.3, 3.0)), piece(floor=0.05), piece((1.0, 1.01))]
)
def test_a_word_with_no_onset_before_its_end_stays(sound: Cutting) -> None:
    assert moved(100.8, 101.2, sound) == 100.8


def test_words_beyond_the_sound_stay() -> None:
    assert moved(105.0, 105.0, piece((1.0, 2.0))) == 105.0
    assert on_sound((), piece()) == ()
