"""The OpenVINO engine beside onnx-asr on the demonstration model, and what quantising says and refuses."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from automation.models_cli import models
from bench.sentences import write
from providers.errors import BackendFailed, InputRejected, Unavailable
from providers.speech.gigaam_onnx import GigaamOnnx
from providers.speech.gigaam_openvino import GigaamOpenvino
from providers.speech.openvino_graph import INT8, REPORT, Agreement, max_cer
from providers.speech.quantize import edits, quantize, recordings
from providers.types import Piece
from tests.providers.audio_files import write_sound
from tests.providers.tiny_gigaam import SHAPES, Shape, export, front_end_v3
from tests.providers.tiny_gigaam import write as write_checkpoint

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "demo" / "model"
INTERVIEW = ROOT / "demo" / "interview.mp3"
NAME = "gigaam-v3-e2e-ctc"
FRAME_S = 0.04

slow = pytest.mark.slow


def words(pieces: list[Piece]) -> list[str]:
    return [word.text for piece in pieces for word in piece.words]


def agreement(**changed: object) -> Agreement:
    return replace(Agreement(NAME, 0.002, 50, 3000, "", {"rtfx_int8": 26.0, "rtfx_fp32": 9.6}), **changed)


def quantised(folder: Path, **changed: object) -> Path:
    """A folder that looks quantised, with a report about exactly its files."""
    folder.mkdir(exist_ok=True)
    (folder / INT8).write_bytes(b"<net/>")
    (folder / "int8.bin").write_bytes(b"weights")
    from providers.speech.openvino_graph import weights_sha256

    agreement(**{"weights_sha256": weights_sha256(folder), **changed}).write(folder)
    return folder


# What needs no OpenVINO.


def test_a_report_that_passes_serves(tmp_path: Path) -> None:
    backend = GigaamOpenvino(NAME, int8_folder=quantised(tmp_path / "int8"))
    assert backend.model == f"{NAME} int8"
    assert "0.20% of 3000 characters" in backend.why


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"cer": 0.011}, "1.10% of the characters, more than 1.00%"),
        ({"model": "gigaam-v3-ctc"}, "holds gigaam-v3-ctc"),
        ({"weights_sha256": "0" * 64}, "not those its report is about"),
    ],
)
def test_a_report_that_does_not_pass(tmp_path: Path, changed: dict[str, object], part: str) -> None:
    backend = GigaamOpenvino(NAME, int8_folder=quantised(tmp_path / "int8", **changed))
    assert backend.model == f"{NAME} fp32"
    assert part in backend.why


def test_the_threshold_is_a_setting(tmp_path: Path) -> None:
    folder = quantised(tmp_path / "int8", cer=0.011)
    assert GigaamOpenvino(NAME, int8_folder=folder, max_cer=0.02).int8 == folder
    assert max_cer({}) == 0.01
    assert max_cer({"QUANTIZE_MAX_CER": "0.005"}) == 0.005
    for text in ("1 %", "2", "-1", "nan"):
        with pytest.raises(Unavailable, match="QUANTIZE_MAX_CER is"):
            max_cer({"QUANTIZE_MAX_CER": text})


def test_int8_that_is_slower_here_does_not_serve(tmp_path: Path) -> None:
    details = {"rtfx_int8": 40.0, "rtfx_fp32": 100.0}
    backend = GigaamOpenvino(NAME, int8_folder=quantised(tmp_path / "int8", details=details))
    assert backend.model.endswith("fp32")
    assert "slower" in backend.why


def test_without_a_report(tmp_path: Path) -> None:
    assert "polosa models quantize" in GigaamOpenvino(NAME, int8_folder=tmp_path).why
    (tmp_path / REPORT).write_text("{}")
    assert GigaamOpenvino(NAME, int8_folder=tmp_path).int8 is None


def test_levenshtein() -> None:
    assert edits("кот", "кот") == 0
    assert edits("кот", "крот") == 1
    assert edits("", "кот") == 3
    assert edits("мост", "кот") == 2


def test_recordings(tmp_path: Path) -> None:
    for name in ("b.wav", "a/c.mp3", ".DS_Store"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [path.name for path in recordings(tmp_path)] == ["c.mp3", "b.wav"]
    assert recordings(tmp_path / "b.wav") == [tmp_path / "b.wav"]


# What needs it.


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("speech")
    write(folder, 100)
    (folder / "notes.txt").write_text("not a recording")
    return folder


@pytest.fixture(scope="module")
def small(speech: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration model, quantised."""
    target = tmp_path_factory.mktemp("models") / "int8"
    told: list[tuple[float, str]] = []
    found = quantize(NAME, MODEL, speech, target, progress=lambda *line: told.append(line))
    assert found == Agreement.read(target)
    assert found.sentences == 50
    assert found.cer <= 0.01
    assert told[-1] == (1.0, f"CER between int8 and fp32: {found.cer:.2%}")
    assert os.environ["NNCF_CI"] == "1"  # no telemetry
    return target


def without_speeds(folder: Path) -> Path:
    """The tiny model is faster in full precision; the real one is not."""
    report = json.loads((folder / REPORT).read_text())
    report["details"].update(rtfx_int8=2.0, rtfx_fp32=1.0)
    (folder / REPORT).write_text(json.dumps(report))
    return folder


@slow
def test_full_precision_says_what_onnx_asr_says() -> None:
    reference = list(GigaamOnnx(NAME, folder=MODEL, device="cpu").recognise(INTERVIEW))
    pieces = list(GigaamOpenvino(NAME, folder=MODEL).recognise(INTERVIEW))
    assert words(pieces) == words(reference)
    pairs = [
        pair for a, b in zip(pieces, reference, strict=True) for pair in zip(a.words, b.words, strict=True)
    ]
    assert max(abs(a.start_s - b.start_s) for a, b in pairs) <= 0.04
    assert max(abs((a.confidence or 0) - (b.confidence or 0)) for a, b in pairs) < 0.02


@slow
def test_int8_says_nearly_the_same(small: Path) -> None:
    full = " ".join(words(list(GigaamOpenvino(NAME, folder=MODEL).recognise(INTERVIEW))))
    backend = GigaamOpenvino(NAME, int8_folder=without_speeds(small))
    pieces = list(backend.recognise(INTERVIEW))
    assert backend.model.endswith("int8")
    assert edits(full, " ".join(words(pieces))) <= 0.02 * len(full)
    assert pieces[0].start_s == 0.0
    assert all(a.end_s == b.start_s for a, b in pairwise(pieces))


@slow
def test_a_recognition_goes_on_after_its_last_piece() -> None:
    backend = GigaamOpenvino(NAME, folder=MODEL)
    whole = list(backend.recognise(INTERVIEW))
    rest = list(backend.recognise(INTERVIEW, skip_until_s=whole[1].end_s, first_index=2))
    assert [piece.index for piece in rest] == [piece.index for piece in whole[2:]]
    assert words(rest) == words(whole[2:])


@slow
def test_it_can_be_left_in_the_middle() -> None:
    running = GigaamOpenvino(NAME, folder=MODEL).recognise(INTERVIEW)
    assert len(list(islice(running, 1))) == 1
    running.close()


@slow
def test_silence_and_a_very_short_sound(tmp_path: Path) -> None:
    backend = GigaamOpenvino(NAME, folder=MODEL)
    silent = write_sound(tmp_path / "silent.wav", np.zeros(16_000 * 30, np.float32), 16_000, "pcm_s16le")
    assert words(list(backend.recognise(silent))) == []
    short = write_sound(tmp_path / "short.wav", np.full(1600, 0.1, np.float32), 16_000, "pcm_s16le")
    assert len(list(backend.recognise(short))) == 1


@slow
def test_a_graph_that_breaks_is_a_failure_of_the_backend() -> None:
    class Broken:
        streams = 2

        def tokens(self, mels: object) -> None:
            raise RuntimeError("out of luck")

    backend = GigaamOpenvino(NAME, folder=MODEL)
    backend.prepare()
    backend._graph = Broken()
    with pytest.raises(BackendFailed, match="out of luck"):
        list(backend.recognise(INTERVIEW))


@slow
@pytest.mark.parametrize("file", ["v3_e2e_ctc.onnx", "v3_e2e_ctc_vocab.txt"])
def test_damaged_files(tmp_path: Path, file: str) -> None:
    folder = shutil.copytree(MODEL, tmp_path / "model")
    (folder / file).write_bytes(b"nonsense")
    with pytest.raises(Unavailable, match="can't be loaded"):
        GigaamOpenvino(NAME, folder=folder).prepare()


@slow
def test_from_settings(small: Path, tmp_path: Path) -> None:
    env = {"GIGAAM_MODEL": NAME, "MODELS_DIR": str(tmp_path)}
    assert GigaamOpenvino.from_env({**env, "GIGAAM_INT8_DIR": str(without_speeds(small))}).int8 == small
    with pytest.raises(Unavailable, match="GIGAAM_MODEL is whisper, which gigaam_openvino does not read"):
        GigaamOpenvino.from_env({"GIGAAM_MODEL": "whisper"})
    backend = GigaamOpenvino.from_env({**env, "GIGAAM_MODEL_DIR": str(MODEL)})
    backend.prepare()
    assert "demonstration model" in backend.model


@slow
@pytest.mark.filterwarnings("ignore")  # of torch's exporter
@pytest.mark.parametrize("shape", [s for s in SHAPES if s.head == "rnnt"], ids=lambda shape: shape.stem)
def test_a_transducer_says_what_onnx_asr_says(shape: Shape, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gigaam.preprocess.FeatureExtractor", front_end_v3())
        files = export(shape, write_checkpoint(shape, tmp_path))
    reference = list(GigaamOnnx(shape.model, folder=files, device="cpu").recognise(INTERVIEW))
    pieces = list(GigaamOpenvino(shape.model, folder=files).recognise(INTERVIEW))
    assert len(words(pieces)) > 150
    assert words(pieces) == words(reference)
    for a, b in zip(pieces, reference, strict=True):
        assert (a.index, a.start_s, a.end_s) == (b.index, b.start_s, b.end_s)
        for ours, theirs in zip(a.words, b.words, strict=True):
            assert abs(ours.start_s - theirs.start_s) <= FRAME_S
            assert abs(ours.end_s - theirs.end_s) <= FRAME_S
            assert ours.confidence == pytest.approx(theirs.confidence, abs=0.01)


@slow
@pytest.mark.filterwarnings("ignore")
def test_a_quantised_transducer(speech: Path, tmp_path: Path) -> None:
    shape = Shape("v3", "rnnt", pieces=True)
    (tmp_path / "model").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gigaam.preprocess.FeatureExtractor", front_end_v3())
        files = export(shape, write_checkpoint(shape, tmp_path / "model"))
    found = quantize(shape.model, files, speech, tmp_path / "int8", calibrate=30, held_out=20)
    assert found.cer <= 0.02
    full = " ".join(words(list(GigaamOpenvino(shape.model, folder=files).recognise(INTERVIEW))))
    backend = GigaamOpenvino(shape.model, int8_folder=without_speeds(tmp_path / "int8"), max_cer=0.02)
    assert backend.model == f"{shape.model} int8"
    assert edits(full, " ".join(words(list(backend.recognise(INTERVIEW))))) <= 0.03 * len(full)
    (tmp_path / "int8" / "v3_e2e_rnnt_joint.onnx").write_bytes(b"another")
    assert "quantise again" in GigaamOpenvino(shape.model, int8_folder=tmp_path / "int8", max_cer=1).why


@slow
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_streams_change_no_word(threads: int) -> None:
    backend = GigaamOpenvino(NAME, folder=MODEL, threads=threads)
    assert words(list(backend.recognise(INTERVIEW))) == words(
        list(GigaamOnnx(NAME, folder=MODEL, device="cpu").recognise(INTERVIEW))
    )


@slow
def test_too_little_speech(speech: Path, tmp_path: Path) -> None:
    one = next(iter(recordings(speech)))
    with pytest.raises(InputRejected, match="Only 1 pieces of speech"):
        quantize(NAME, MODEL, one, tmp_path / "int8")
    assert not (tmp_path / "int8").exists()


@slow
def test_the_command_refuses_what_disagrees(speech: Path, tmp_path: Path) -> None:
    target = tmp_path / "int8"
    line = [
        "quantize",
        NAME,
        str(speech),
        "--model-dir",
        str(MODEL),
        "--out",
        str(target),
        "--calibrate",
        "10",
    ]
    runner = CliRunner(env={"QUANTIZE_MAX_CER": "1", "MODELS_DIR": str(tmp_path)})
    passed = runner.invoke(models, [*line, "--held-out", "10"])
    assert passed.exit_code == 0, passed.output
    assert "It may serve" in passed.output
    report = json.loads((target / REPORT).read_text())
    (target / REPORT).write_text(json.dumps({**report, "cer": 0.2}))
    assert GigaamOpenvino(NAME, int8_folder=target).int8 is None
