from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from providers.cutting import BEYOND_S, HARD_LIMIT_S, LONGEST_S, SHORTEST_S, Cutting, cut, quietest_cut
from providers.levels import joined, loudness_of
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


def own(piece: Cutting) -> np.ndarray:
    """The samples that no other piece owns."""
    lead, tail = round(piece.lead_s * RATE), round(piece.tail_s * RATE)
    return piece.samples[lead : piece.samples.size - tail]


def test_the_cut_falls_into_the_pause() -> None:
    place, in_speech = quietest_cut(with_pauses(25, [(17.0, 0.5)]))
    assert 17.0 < place / RATE < 17.5
    assert not in_speech


def test_a_long_pause_is_cut_in_its_middle() -> None:
    assert quietest_cut(with_pauses(25, [(16.0, 4.0)]))[0] / RATE == pytest.approx(18.0, abs=0.3)


def test_a_pause_beats_the_closure_of_a_consonant() -> None:
    assert 20.0 < quietest_cut(with_pauses(25, [(16.0, 0.06), (20.0, 0.5)]))[0] / RATE < 20.5


def test_without_a_pause_before_22_s_a_later_one_serves() -> None:
    place, in_speech = quietest_cut(with_pauses(25, [(23.0, 0.5)]))
    assert 23.0 < place / RATE < 23.5
    assert not in_speech


def test_endless_noise_is_cut_all_the_same() -> None:
    found = pieces(noise(200))
    lengths = [c.end_s - c.start_s for c in found]
    assert max(lengths[:-1]) <= LONGEST_S
    assert min(lengths[:-1]) >= SHORTEST_S
    assert max(c.samples.size for c in found) <= HARD_LIMIT_S * RATE


def test_pieces_overlap_where_nobody_pauses_and_nowhere_else() -> None:
    spoken = noise(60, 0.1)
    samples = np.concatenate([with_pauses(60, [(t, 0.5) for t in range(4, 60, 6)]), spoken])
    found = pieces(samples)
    for a, b in pairwise(found):
        in_speech = a.end_s > 60
        assert (a.tail_s, b.lead_s) == ((BEYOND_S, BEYOND_S) if in_speech else (0.0, 0.0))
        assert a.end_s == b.start_s
    assert found[-1].tail_s == found[0].lead_s == 0.0
    for c in found:
        heard = samples[round(c.heard_from_s * RATE) : round(c.heard_until_s * RATE)]
        np.testing.assert_array_equal(c.samples, heard)


def test_a_pause_in_a_loud_room_is_a_pause() -> None:
    samples = with_pauses(120, [(t + 0.3, 0.6) for t in range(0, 120, 6)]) + noise(120, 0.03, seed=9)
    assert {c.tail_s for c in pieces(samples)} == {0.0}


@pytest.mark.parametrize("size", [160, 16_000, 100_000, 10_000_000])
def test_the_pieces_tile_the_recording_whatever_the_blocks(size: int) -> None:
    samples = with_pauses(120, [(t + 0.3, 0.4) for t in range(0, 120, 6)])
    found = pieces(samples, size)
    np.testing.assert_array_equal(np.concatenate([own(c) for c in found]), samples)
    assert found[0].start_s == 0
    assert found[-1].end_s == samples.size / RATE
    assert [c.start_s for c in found[1:]] == [c.end_s for c in found[:-1]]
    assert [c.index for c in found] == list(range(len(found)))
    assert all(SHORTEST_S <= c.end_s - c.start_s <= LONGEST_S for c in found[:-1])


def test_continuing_after_any_piece_cuts_the_same() -> None:
    samples = np.concatenate([with_pauses(90, [(t + 0.7, 0.35) for t in range(0, 90, 5)]), noise(90)])
    full = pieces(samples)
    assert len(full) > 8
    for done in full:
        again = list(cut(blocks(samples, 7000), skip_until_s=done.end_s, first_index=done.index + 1))
        assert [place(c) for c in again] == [place(c) for c in full[done.index + 1 :]]


@pytest.mark.parametrize("aside_s", [-1.0, -0.42, 0.0, 0.001, 0.42, 1.0])
def test_continuing_from_a_seam_hears_the_same_sound(aside_s: float) -> None:
    """A seam lies anywhere in the overlap; the next piece then begins there and hears what it would have."""
    samples = noise(90)
    full = pieces(samples)
    for done in full[:-1]:
        seam_s = round(done.end_s + aside_s, 3)
        again = next(cut(blocks(samples), skip_until_s=seam_s, first_index=done.index + 1))
        following = full[done.index + 1]
        assert (again.index, again.start_s, again.end_s) == (following.index, seam_s, following.end_s)
        np.testing.assert_array_equal(again.samples, following.samples)
        assert again.heard_from_s == pytest.approx(following.heard_from_s, abs=1e-6)


@pytest.mark.parametrize("skip_until_s", [0.3, 7.77, 21.0, 50.0, 89.9])
def test_pieces_of_another_plan_lose_nothing(skip_until_s: float) -> None:
    """Saved by an older version, which cut elsewhere."""
    samples = with_pauses(90, [(t + 0.7, 0.35) for t in range(0, 45, 5)])
    again = list(cut(blocks(samples), skip_until_s=skip_until_s, first_index=4))
    assert again[0].start_s == pytest.approx(skip_until_s, abs=0.02)
    assert [c.index for c in again] == list(range(4, 4 + len(again)))
    assert again[-1].end_s == 90.0
    assert all(a.end_s == b.start_s for a, b in pairwise(again))
    assert max(c.samples.size for c in again) <= HARD_LIMIT_S * RATE


@pytest.mark.parametrize("skip_until_s", [0.0, 42.0])
def test_the_pieces_bring_the_loudness_of_the_whole_recording(skip_until_s: float) -> None:
    samples = np.concatenate([noise(70), with_pauses(51.2345, [(t + 0.7, 0.35) for t in range(0, 50, 5)])])
    parts = [c.loudness for c in cut(blocks(samples), skip_until_s=skip_until_s)]
    together, alone = joined(parts), loudness_of(blocks(samples, 7000))
    np.testing.assert_array_equal(together.rms_db, alone.rms_db)
    np.testing.assert_array_equal(together.peak, alone.peak)


def place(piece: Cutting) -> tuple[int, float, float, float, float]:
    return piece.index, piece.start_s, piece.end_s, piece.lead_s, piece.tail_s


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
