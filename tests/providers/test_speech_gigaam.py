from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from demo.corpus import HELD_OUT
from demo.scoring import edits
from providers.errors import Unavailable
from providers.hub import Hub
from providers.speech.gigaam_onnx import FILES, GigaamOnnx, hub_files
from tests.providers.audio_files import write_sound
from tests.providers.hub_server import FakeHub, serving
from tests.providers.voices import FEMALE, MALE, RATE_HZ, say

MODEL = Path(__file__).parents[2] / "demo" / "model"


def silent(fraction: float, note: str) -> None:
    """Progress nobody looks at."""


def unavailable(backend: GigaamOnnx) -> Unavailable:
    with pytest.raises(Unavailable) as caught:
        backend.prepare(silent)
    return caught.value


def test_settings() -> None:
    env = {
        "GIGAAM_MODEL": "gigaam-v3-ctc",
        "GIGAAM_QUANTIZATION": "int8",
        "GIGAAM_THREADS": "4",
        "GIGAAM_DEVICE": "cpu",
    }
    assert GigaamOnnx.from_env(env).model == "gigaam-v3-ctc int8"
    assert GigaamOnnx.from_env({}).model == "gigaam-v3-e2e-rnnt"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GIGAAM_MODEL", "whisper"),
        ("GIGAAM_DEVICE", "tpu"),
        ("GIGAAM_QUANTIZATION", "int4"),
        ("GIGAAM_THREADS", "many"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(Unavailable, match=f"{name} is {value}; it"):
        GigaamOnnx.from_env({name: value})


def test_a_folder_may_carry_a_label(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"label": "demo 2 M"}))
    assert GigaamOnnx(folder=tmp_path).model == "demo 2 M"


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_a_strange_config_is_no_label(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    assert GigaamOnnx(folder=tmp_path).model == "gigaam-v3-e2e-rnnt"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    error = unavailable(GigaamOnnx(folder=tmp_path / "nowhere"))
    assert "GIGAAM_MODEL_DIR names" in str(error)


def test_a_folder_with_another_model() -> None:
    error = unavailable(GigaamOnnx("gigaam-v3-e2e-rnnt", folder=MODEL))
    assert error.error_class == "missing_model"
    assert "v3_e2e_rnnt" in str(error)


def test_a_damaged_graph(tmp_path: Path) -> None:
    folder = shutil.copytree(MODEL, tmp_path / "model")
    (folder / "v3_e2e_ctc.onnx").write_bytes(b"not a graph")
    assert "can't be loaded" in str(unavailable(GigaamOnnx("gigaam-v3-e2e-ctc", folder=folder)))


def test_cuda_that_is_not_there() -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this machine has it")
    backend = GigaamOnnx("gigaam-v3-e2e-ctc", folder=MODEL, device="cuda")
    assert "onnxruntime-gpu" in str(unavailable(backend))


@pytest.mark.parametrize("model", FILES)
@pytest.mark.parametrize("quantization", ["", "int8"])
def test_the_files_are_those_onnx_asr_looks_for(model: str, quantization: str) -> None:
    """Against the library's own lists, so that an update of it can't drift away unnoticed."""
    from onnx_asr.loader import create_asr_resolver
    from onnx_asr.resolver import model_repos

    repo, patterns = hub_files(model, quantization)
    assert repo == model_repos[model]
    wanted = create_asr_resolver(model).model_type._get_model_files(quantization or None).values()
    ours = [pattern.replace("?data", "") for pattern in patterns]
    for theirs in wanted:
        assert any(
            re.fullmatch(theirs.replace(".", r"\.").replace("?int8", r"\?int8").replace("v?", "v[23]"), one)
            for one in ours
        )


def test_weights_come_from_the_hub(tmp_path: Path) -> None:
    files = {path.name: path.read_bytes() for path in MODEL.iterdir()}
    files["v3_e2e_ctc.int8.onnx"] = b"another"
    told: list[float] = []
    with serving(FakeHub("istupakov/gigaam-v3-onnx", files)) as server:
        backend = GigaamOnnx("gigaam-v3-e2e-ctc", hub=Hub(server.url, tmp_path))
        backend.prepare(lambda fraction, note: told.append(fraction))
        assert not any("int8" in line for line in server.asked if "resolve" in line)
        server.asked.clear()
        GigaamOnnx("gigaam-v3-e2e-ctc", hub=Hub(server.url, tmp_path)).prepare(silent)
        assert server.asked == []
    assert told[-1] == 1.0


def test_no_network_names_the_remedies(tmp_path: Path) -> None:
    error = unavailable(GigaamOnnx(hub=Hub("http://127.0.0.1:9", tmp_path)))
    assert error.error_class == "network"
    assert "istupakov/gigaam-v3-onnx by hand into a folder and name it in GIGAAM_MODEL_DIR" in str(error)


def heard(backend: GigaamOnnx, path: Path) -> str:
    return " ".join(word.text for piece in backend.recognise(path) for word in piece.words)


def plain(text: str) -> list[str]:
    return re.sub(r"[^а-я ]", " ", text.lower().replace("ё", "е")).split()


@pytest.mark.slow
def test_ten_minutes_are_read_as_well_as_sentences(tmp_path: Path) -> None:
    """Held-out sentences one by one, then the same sound in one recording: cutting costs almost nothing."""
    backend = GigaamOnnx("gigaam-v3-e2e-ctc", folder=MODEL, device="cpu")
    sounds, truth, wrong = [], [], 0
    for number, text in enumerate(HELD_OUT * 2):
        sound = say(text, (MALE, FEMALE)[(number + number // len(HELD_OUT)) % 2])
        sounds.append(sound)
        truth += plain(text)
        path = write_sound(tmp_path / "one.wav", np.pad(sound, 4400), RATE_HZ, "pcm_s16le")
        wrong += edits(plain(text), plain(heard(backend, path)))
    alone = wrong / len(truth)
    recording = np.concatenate([np.pad(sound, (4400, 0)) for sound in sounds])
    assert recording.size / RATE_HZ > 600
    path = write_sound(tmp_path / "all.flac", recording, RATE_HZ, "flac")
    together = edits(truth, plain(heard(backend, path))) / len(truth)
    assert alone <= 0.10
    assert together <= alone + 0.01, f"{together:.2%} in one recording, {alone:.2%} one by one"
