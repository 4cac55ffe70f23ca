"""onnx_speakers on the demonstration pair: real graphs with the inputs and outputs of the real models."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from providers.diarization.clustering import assigned, people_of
from providers.diarization.onnx_speakers import EMBEDDING, SEGMENTATION, OnnxSpeakers
from providers.diarization.stitching import turns_of
from providers.diarization.windows import (
    FRAMES,
    SAMPLES,
    SETS,
    STEP,
    STRIDE,
    Heard,
    Window,
    voices_in,
    windows_of,
)
from providers.errors import BackendFailed, Unavailable
from providers.models.catalogue import CATALOGUE
from providers.models.download import sha256_of
from providers.models.manifest import Manifest
from tests.providers.audio_files import tone, write_sound
from tests.providers.voices import FEMALE, MALE, conversation, error_rate

PAIR = Path(__file__).parents[2] / "demo" / "speakers"


@pytest.fixture(scope="module")
def backend() -> OnnxSpeakers:
    return OnnxSpeakers.from_env({"ONNX_SPEAKERS_DIR": str(PAIR)})


@pytest.mark.parametrize("seed", range(2))
def test_two_voices_it_has_never_heard(backend: OnnxSpeakers, tmp_path: Path, seed: int) -> None:
    truth = conversation(tmp_path / "two.wav", [(MALE, FEMALE)[i % 2] for i in range(10)], seed)
    answer = backend.turns(tmp_path / "two.wav")
    assert len({turn.speaker for turn in answer}) == 2
    assert error_rate(truth, answer) <= 0.15
    assert answer[0].speaker == "SPEAKER_00"


def test_one_voice_is_one_speaker(backend: OnnxSpeakers, tmp_path: Path) -> None:
    conversation(tmp_path / "one.wav", [MALE] * 5)
    assert {turn.speaker for turn in backend.turns(tmp_path / "one.wav")} == {"SPEAKER_00"}


def test_the_wished_number_of_speakers_is_kept(backend: OnnxSpeakers, tmp_path: Path) -> None:
    conversation(tmp_path / "two.wav", [MALE, FEMALE] * 4)
    for count in (1, 3):
        turns = backend.turns(tmp_path / "two.wav", min_speakers=count, max_speakers=count)
        assert len({turn.speaker for turn in turns}) == count


@pytest.mark.parametrize("duration_s", [1.0, 3.0, 20.0])
def test_silence_has_no_turns(backend: OnnxSpeakers, tmp_path: Path, duration_s: float) -> None:
    write_sound(tmp_path / "s.wav", tone(duration_s, 16_000) * 0, 16_000, "pcm_s16le")
    assert backend.turns(tmp_path / "s.wav") == []


def test_the_demonstration_pair_says_what_it_is(backend: OnnxSpeakers) -> None:
    assert "demonstration" in backend.model


# Where the models come from.


def test_without_models_it_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        OnnxSpeakers.from_env({"MODELS_DIR": str(tmp_path)})
    assert f"polosa models download {SEGMENTATION} {EMBEDDING}" in str(caught.value)
    assert caught.value.error_class == "missing_model"
    assert {SEGMENTATION, EMBEDDING} <= set(CATALOGUE)


def test_the_model_store_is_enough(tmp_path: Path) -> None:
    for name, part, file in (
        (SEGMENTATION, "segmentation", "onnx/model.onnx"),
        (EMBEDDING, "embedding", "voxceleb_resnet34_LM.onnx"),
    ):
        target = tmp_path / name / file
        target.parent.mkdir(parents=True)
        shutil.copy(PAIR / part / "model.onnx", target)
        Manifest("here", "folder", "", {file: sha256_of(target)}).write(tmp_path / name)
        assert CATALOGUE[name].files == (file,)
    write_sound(tmp_path / "s.wav", tone(1.0, 16_000), 16_000, "pcm_s16le")
    found = OnnxSpeakers.from_env({"MODELS_DIR": str(tmp_path)})
    assert "WeSpeaker" in found.model
    found.turns(tmp_path / "s.wav")


def test_a_folder_with_holes_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"holds 0 \.onnx files.*ONNX_SPEAKERS_DIR"):
        OnnxSpeakers.from_env({"ONNX_SPEAKERS_DIR": str(tmp_path)})


def test_a_damaged_model_is_named(tmp_path: Path) -> None:
    shutil.copytree(PAIR, tmp_path / "pair")
    (tmp_path / "pair" / "segmentation" / "model.onnx").write_bytes(b"no graph")
    write_sound(tmp_path / "s.wav", tone(1.0, 16_000), 16_000, "pcm_s16le")
    with pytest.raises(Unavailable, match="can't be loaded") as caught:
        OnnxSpeakers.from_env({"ONNX_SPEAKERS_DIR": str(tmp_path / "pair")}).turns(tmp_path / "s.wav")
    assert caught.value.error_class == "missing_model"


def test_another_kind_of_model_is_refused(tmp_path: Path) -> None:
    for part in ("segmentation", "embedding"):
        (tmp_path / part).mkdir()
        shutil.copy(PAIR / "embedding" / "model.onnx", tmp_path / part)
    write_sound(tmp_path / "s.wav", tone(1.0, 16_000), 16_000, "pcm_s16le")
    with pytest.raises(BackendFailed):
        OnnxSpeakers.from_env({"ONNX_SPEAKERS_DIR": str(tmp_path)}).turns(tmp_path / "s.wav")


def test_memory_that_runs_out_is_the_backends_failure(tmp_path: Path) -> None:
    class Full:
        def get_inputs(self) -> list[SimpleNamespace]:
            return [SimpleNamespace(name="input_values")]

        def run(self, *_: object) -> None:
            raise MemoryError("bad allocation")

    write_sound(tmp_path / "s.wav", tone(1.0, 16_000), 16_000, "pcm_s16le")
    made = OnnxSpeakers.from_env({"ONNX_SPEAKERS_DIR": str(PAIR)})
    made._models = replace(made._load(), segmentation=Full())
    with pytest.raises(BackendFailed, match="bad allocation"):
        made.turns(tmp_path / "s.wav")


@pytest.mark.parametrize("value", ["near", "0", "-1", "3"])
def test_a_threshold_that_is_none(value: str) -> None:
    with pytest.raises(Unavailable, match="ONNX_SPEAKERS_THRESHOLD"):
        OnnxSpeakers.from_env({"ONNX_SPEAKERS_DIR": str(PAIR), "ONNX_SPEAKERS_THRESHOLD": value})


# The steps between the two models.


def blocks_of(samples: int, size: int) -> Iterator[np.ndarray]:
    sound = np.arange(samples, dtype=np.float32)
    yield from (sound[at : at + size] for at in range(0, samples, size))


@pytest.mark.parametrize("samples", [0, 1, SAMPLES, SAMPLES + 1, SAMPLES + STEP, 4 * SAMPLES + 7])
def test_windows_reach_the_end_and_do_not_depend_on_the_blocks(samples: int) -> None:
    one, other = (list(windows_of(blocks_of(samples, size))) for size in (16_000, 7919))
    assert [w.start for w in one] == [w.start for w in other] == [n * STEP for n in range(len(one))]
    assert all(np.array_equal(a.samples, b.samples) for a, b in zip(one, other, strict=True))
    assert (one[-1].start + SAMPLES if one else 0) >= samples
    if len(one) > 1:
        assert one[-2].start + SAMPLES < samples, "the last window brings something new"


def test_a_class_is_a_set_of_voices() -> None:
    scores = np.full((FRAMES, len(SETS)), -9.0, np.float32)
    scores[:100, SETS.index((0,))] = 0
    scores[100:200, SETS.index((0, 2))] = 0
    scores[200:, 0] = 0
    first, third = voices_in(scores, Window(0, np.full(SAMPLES, 0.1, np.float32)), 0)
    assert (first.active.sum(), first.alone.sum()) == (200, 100)
    assert (third.active.sum(), third.alone.sum()) == (100, 0)


def people(*counts: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = np.eye(16, dtype=np.float32)
    return np.concatenate(
        [
            centres[n] + 0.05 * rng.standard_normal((count, 16)).astype(np.float32)
            for n, count in enumerate(counts)
        ]
    )


def test_people_are_found_and_a_cough_is_none() -> None:
    assert len(people_of(people(20, 20, 20), 1, 20)) == 3
    assert len(people_of(people(20, 20, 1), 1, 20)) == 2


@pytest.mark.parametrize(("least", "most", "found"), [(1, 2, 2), (5, 8, 5), (1, 1, 1)])
def test_bounds_of_the_number_of_people(least: int, most: int, found: int) -> None:
    assert len(people_of(people(20, 20, 20), least, most)) == found


def test_two_voices_of_a_window_are_two_people() -> None:
    centres = np.eye(2, 16, dtype=np.float32)
    vectors = np.array([centres[0], centres[0] + 0.1 * centres[1], centres[0]], np.float32)
    assert assigned(vectors, centres, [0, 0, 1]).tolist() == [0, 1, 0]
    assert assigned(vectors, centres[:1], [0, 0, 1]).tolist() == [0, 0, 0], "one person takes all"


def test_turns_do_not_overlap_where_people_do() -> None:
    step = STEP // STRIDE
    talks = np.zeros((2, FRAMES + step), bool)
    talks[0, :300], talks[1, 200:] = True, True
    heard = [
        Heard(number, number * step, talks[who, at : at + FRAMES], talks[who, at : at + FRAMES])
        for number, at in enumerate((0, step))
        for who in (0, 1)
    ]
    turns = turns_of(heard, np.array([1, 0, 1, 0]), 2, step)
    assert {turn.speaker for turn in turns} == {"SPEAKER_00", "SPEAKER_01"}
    assert all(a.end_s <= b.start_s for a, b in pairwise(turns))


def test_digital_silence_has_no_voice_whatever_the_model_says() -> None:
    scores = np.zeros((FRAMES, len(SETS)), np.float32)
    scores[:, 1] = 9
    half = np.full(SAMPLES, 0.1, np.float32)
    half[SAMPLES // 2 :] = 0
    (heard,) = voices_in(scores, Window(0, half), 0)
    assert heard.active.sum() == pytest.approx(FRAMES / 2, abs=2)
