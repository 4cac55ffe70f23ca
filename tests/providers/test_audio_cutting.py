from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from providers.cutting import HARD_LIMIT_S, LONGEST_S, SHORTEST_S, Cutting, cut, quietest_cut
from providers.types import SAMPLE_RATE_HZ

RATE = SAMPLE_RATE_HZ


def noise(duration_s: float, level: float = 0.1, seed: int = 0) -> np.ndarray:
    samples = np.random.default_rng(seed).standard_normal(round(duration_s * RATE))
    return (level * samples).astype(np.float32)


def with_pauses(duration_s: float, pauses: list[tuple[float, float]]) -> np.ndarray:
    """Noise with near silence at the given (start_s, duration_s)."""
    samples = noise(duration_s)
    for start_s, length_s in pauses:
        samples[round(start_s * RATE) : round((start_s + length_s) * RATE)] *= 0.001
    return samples


def blocks(samples: np.ndarray, size: int = RATE) -> Iterator[np.ndarray]:
    return (samples[i : i + size] for i in range(0, samples.size, size))


def pieces(samples: np.ndarray, size: int = RATE) -> list[Cutting]:
    return list(cut(blocks(samples, size)))


def test_the_cut_falls_into_the_pause() -> None:
    assert 17.0 < quietest_cut(with_pauses(25, [(17.0, 0.5)])) / RATE < 17.5


def test_a_long_pause_is_cut_in_its_middle() -> None:
    assert quietest_cut(with_pauses(25, [(16.0, 4.0)])) / RATE == pytest.approx(18.0, abs=0.3)


def test_a_pause_beats_the_closure_of_a_consonant() -> None:
    assert 20.0 < quietest_cut(with_pauses(25, [(16.0, 0.06), (20.0, 0.5)])) / RATE < 20.5


def test_without_a_pause_before_22_s_a_later_one_serves() -> None:
    assert 23.0 < quietest_cut(with_pauses(25, [(23.0, 0.5)])) / RATE < 23.5


def test_endless_noise_is_cut_all_the_same() -> None:
    lengths = [c.end_s - c.start_s for c in pieces(noise(200))]
    assert max(lengths) <= HARD_LIMIT_S
    assert min(lengths[:-1]) >= SHORTEST_S


@pytest.mark.parametrize("size", [160, 16_000, 100_000, 10_000_000])
def test_the_pieces_tile_the_recording_whatever_the_blocks(size: int) -> None:
    samples = with_pauses(120, [(t + 0.3, 0.4) for t in range(0, 120, 6)])
    found = pieces(samples, size)
    np.testing.assert_array_equal(np.concatenate([c.samples for c in found]), samples)
    assert found[0].start_s == 0
    assert found[-1].end_s == samples.size / RATE
    assert [c.start_s for c in found[1:]] == [c.end_s for c in found[:-1]]
    assert [c.index for c in found] == list(range(len(found)))
    assert all(SHORTEST_S <= c.end_s - c.start_s <= LONGEST_S for c in found[:-1])


def test_continuing_after_any_piece_cuts_the_same() -> None:
    samples = with_pauses(150, [(t + 0.7, 0.35) for t in range(0, 150, 5)])
    full = pieces(samples)
    assert len(full) > 5
    for done in full[:-1]:
        rest = samples[round(done.end_s * RATE) :]
        again = list(cut(blocks(rest, 7000), start_s=done.end_s, first_index=done.index + 1))
        expected = [(c.index, c.start_s, c.end_s) for c in full[done.index + 1 :]]
        assert [(c.index, c.start_s, c.end_s) for c in again] == expected


def test_a_short_recording_is_one_piece() -> None:
    (only,) = pieces(noise(0.2))
    assert (only.index, only.start_s, only.end_s) == (0, 0.0, 0.2)


def test_nothing_gives_nothing() -> None:
    assert pieces(np.zeros(0, np.float32)) == []


@pytest.mark.parametrize(("level", "silent"), [(0.0, True), (1e-5, True), (1e-3, False), (0.1, False)])
def test_silence(level: float, silent: bool) -> None:
    (only,) = pieces(noise(5, level))
    assert only.is_silent is silent


def test_one_whisper_makes_a_piece_sound() -> None:
    samples = np.zeros(20 * RATE, np.float32)
    samples[5 * RATE : 5 * RATE + 3200] = noise(0.2, 1e-3)
    assert not pieces(samples)[0].is_silent
