"""Loudness of every 10 ms: measured in parts, smoothed in parts, drawn as peaks."""

from __future__ import annotations

import numpy as np
import pytest

from providers.levels import SMOOTH_HOPS, STRETCH_HOPS, joined, levels_db, loudness, loudness_of, smoothed
from providers.types import SAMPLE_RATE_HZ
from tests.providers.audio_files import tone


def test_peaks_follow_the_loudness() -> None:
    samples = np.concatenate([tone(2, 16_000), tone(2, 16_000) * 0, tone(2, 16_000) * 2])
    found = loudness(samples)
    assert found.peaks(6) == pytest.approx([0.3, 0.3, 0, 0, 0.6, 0.6], abs=0.03)
    assert len(found.peaks(1000)) == 1000
    assert loudness(samples[:0]).peaks(3) == [0.0, 0.0, 0.0]


def test_blocks_and_parts_of_any_size_give_the_same() -> None:
    sound = np.random.default_rng(1).standard_normal(53_339).astype(np.float32) * np.float32(0.1)
    whole = loudness(sound)
    for parts in (np.split(sound, [1, 7, 161, 9999, 10001, 40000]), [sound]):
        np.testing.assert_allclose(loudness_of(parts).rms_db, whole.rms_db)
        np.testing.assert_array_equal(loudness_of(parts).peak, whole.peak)
    halves = joined([loudness(sound[:16_000]), loudness(sound[16_000:])])
    np.testing.assert_allclose(halves.rms_db, whole.rms_db)
    assert levels_db([sound]).size == -(-sound.size // (SAMPLE_RATE_HZ // 100))


@pytest.mark.parametrize("n", [0, 1, 30, 31, 500, STRETCH_HOPS, STRETCH_HOPS + 7, 3 * STRETCH_HOPS + 1])
def test_smoothed_is_the_mean_of_what_there_is_around(n: int) -> None:
    levels = np.random.default_rng(n).uniform(-90, 0, n).astype(np.float32)
    half = SMOOTH_HOPS // 2
    expected = [levels[max(0, at - half) : at + half + 1].mean() for at in range(n)]
    np.testing.assert_allclose(smoothed(levels), np.array(expected, np.float32), atol=1e-3)
