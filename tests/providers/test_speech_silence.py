from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from providers import audio
from providers.speech.gigaam_onnx import GigaamOnnx
from providers.speech.silence import LEAST_S, MARGIN_S, sounding, without_silence
from providers.speech.words import Token, words_of
from providers.types import SAMPLE_RATE_HZ
from tests.providers.audio_files import write_sound

DEMO = Path(__file__).parents[2] / "demo"
SECOND = SAMPLE_RATE_HZ


def tone(seconds: float, level: float = 0.1) -> np.ndarray:
    return (level * np.sin(np.arange(round(seconds * SECOND)) * 0.3)).astype(np.float32)


def nothing(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * SECOND), np.float32)


def seconds(samples: np.ndarray) -> list[tuple[float, float]]:
    return [(start / SECOND, end / SECOND) for start, end in sounding(samples)]


def test_a_long_silence_is_left_out_and_a_margin_stays() -> None:
    found = seconds(np.concatenate([tone(1), nothing(4), tone(2), nothing(3)]))
    assert found == [
        (0, pytest.approx(1 + MARGIN_S)),
        (pytest.approx(5 - MARGIN_S), pytest.approx(7 + MARGIN_S)),
    ]


@pytest.mark.parametrize("gap_s", [0.5, 1.0, LEAST_S])
def test_a_pause_of_a_speaker_stays(gap_s: float) -> None:
    sound = np.concatenate([nothing(gap_s), tone(1), nothing(gap_s), tone(1), nothing(gap_s)])
    assert sounding(sound) == [(0, sound.size)]


@pytest.mark.parametrize("level", [0.0006, 0.001, 0.01])
def test_whatever_sounds_is_heard(level: float) -> None:
    """−67 dB and louder: less than any room."""
    sound = np.concatenate([tone(1), tone(6, level), tone(1)])
    assert sounding(sound) == [(0, sound.size)]


def test_a_click_in_a_long_silence_is_heard() -> None:
    sound = nothing(10)
    sound[5 * SECOND] = 0.5
    ((start, end),) = seconds(sound)
    assert start <= 5 <= end
    assert end - start < 0.5


def test_no_sound_at_all() -> None:
    assert sounding(nothing(20)) == []
    assert sounding(nothing(0)) == []
    assert without_silence(lambda samples: [Token("а", 0.0)], nothing(20)) == []


def test_times_are_those_of_the_piece_and_no_word_spans_a_silence() -> None:
    sound = np.concatenate([tone(1), nothing(4), tone(1)])
    tokens = without_silence(lambda samples: [Token("а", 0.4), Token("б", 0.5)], sound)
    words = words_of(tokens)
    assert [word.text for word in words] == ["аб", "аб"]
    assert [word.start_s for word in words] == [0.4, pytest.approx(5.2)]


def test_an_interview_with_muted_stretches_reads_as_without_them(tmp_path: Path) -> None:
    """Silence at the recording's own pauses: the same words, later; and the model hears no more sound."""
    whole = np.concatenate(list(audio.stream(DEMO / "interview.mp3")))[: 60 * SECOND]
    backend = GigaamOnnx("gigaam-v3-e2e-ctc", folder=DEMO / "model", device="cpu")
    heard_s: list[float] = []
    backend.prepare()
    decode = backend._decode
    backend._decode = lambda samples: (heard_s.append(samples.size / SECOND), decode(samples))[1]
    plain = list(backend.recognise(write_sound(tmp_path / "a.wav", whole, SECOND, "pcm_s16le")))
    heard_plain_s, heard_s[:] = sum(heard_s), []
    ends = [0, *(round(piece.end_s * SECOND) for piece in plain)]
    parts = [part for a, b in pairwise(ends) for part in (whole[a:b], nothing(6))]
    path = write_sound(tmp_path / "b.wav", np.concatenate(parts), SECOND, "pcm_s16le")
    muted = list(backend.recognise(path))
    before = [word.text for piece in plain for word in piece.words]
    after = [word.text for piece in muted for word in piece.words]
    assert len(before) > 100
    different = sum(a != b for a, b in zip(before, after, strict=False)) + abs(len(before) - len(after))
    assert different <= 0.03 * len(before)
    assert sum(heard_s) < heard_plain_s + 1.5 * len(plain)
