from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from providers.diarization.baseline import Baseline, speech_regions
from providers.diarization.voices import frames_of
from providers.types import Turn
from tests.providers.audio_files import tone, write_sound
from tests.providers.voices import FEMALE, MALE, conversation, error_rate

DEMO = Path(__file__).parents[2] / "demo"


def speakers(turns: list[Turn]) -> set[str]:
    return {turn.speaker for turn in turns}


def test_the_sample_interview() -> None:
    told = json.loads((DEMO / "interview.reference.json").read_text(encoding="utf-8"))
    truth = [Turn(turn["start_s"], turn["end_s"], turn["speaker"]) for turn in told]
    answer = Baseline().turns(DEMO / "interview.mp3")
    assert speakers(answer) == {"SPEAKER_00", "SPEAKER_01"}
    assert error_rate(truth, answer) < 0.15


@pytest.mark.parametrize("seed", range(3))
def test_two_voices(tmp_path: Path, seed: int) -> None:
    voices = [(MALE, FEMALE)[i % 2 if i < 8 else (i // 2) % 2] for i in range(16)]
    truth = conversation(tmp_path / "two.wav", voices, seed)
    answer = Baseline().turns(tmp_path / "two.wav")
    assert len(speakers(answer)) == 2
    assert error_rate(truth, answer) < 0.15


@pytest.mark.parametrize("voice", [MALE, FEMALE])
@pytest.mark.parametrize("n", [1, 3, 16])
def test_one_voice_is_one_speaker(tmp_path: Path, voice: str, n: int) -> None:
    conversation(tmp_path / "one.wav", [voice] * n)
    assert speakers(Baseline().turns(tmp_path / "one.wav")) == {"SPEAKER_00"}


def test_a_minimum_is_honoured(tmp_path: Path) -> None:
    conversation(tmp_path / "one.wav", [MALE] * 8)
    assert len(speakers(Baseline().turns(tmp_path / "one.wav", min_speakers=2))) == 2


def test_the_first_to_speak_is_number_zero(tmp_path: Path) -> None:
    conversation(tmp_path / "two.wav", [FEMALE, MALE, FEMALE, MALE])
    assert Baseline().turns(tmp_path / "two.wav")[0].speaker == "SPEAKER_00"


@pytest.mark.parametrize("duration_s", [0.02, 1.0, 20.0])
def test_silence_has_no_turns(tmp_path: Path, duration_s: float) -> None:
    write_sound(tmp_path / "s.wav", tone(duration_s, 16_000) * 0, 16_000, "pcm_s16le")
    assert Baseline().turns(tmp_path / "s.wav") == []


def test_regions_bridge_short_silences_and_drop_clicks() -> None:
    level = np.full(1000, -80.0, np.float32)
    level[100:300] = level[320:500] = -20  # 0.2 s between: one region
    level[700:705] = -20  # a click
    assert speech_regions(level) == [(100, 500)]


def test_pitch_is_found() -> None:
    saw = (np.arange(16_000) * 120 / 16_000 % 1 - 0.5).astype(np.float32)
    pitch = np.exp(np.nanmedian(frames_of([saw]).pitch))
    assert pitch == pytest.approx(120, rel=0.02)


def test_frames_do_not_depend_on_the_blocks() -> None:
    sound = np.random.default_rng(0).standard_normal(48_000).astype(np.float32)
    once, often = frames_of([sound]), frames_of(np.array_split(sound, 37))
    np.testing.assert_allclose(once.cepstra, often.cepstra, atol=0.02)
    assert once.level_db.size == often.level_db.size
