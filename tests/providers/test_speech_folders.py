"""Where the engines find their model: GIGAAM_MODEL_DIR, then the store, then a download."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from providers.errors import Unavailable
from providers.models.download import sha256_of
from providers.models.store import Store
from providers.speech.gigaam_onnx import GigaamOnnx
from providers.speech.gigaam_settings import given_folder, model_folder

MODEL = Path(__file__).parents[2] / "demo" / "model"
NAME = "gigaam-v3-e2e-ctc"


def stored(folder: Path, name: str) -> Path:
    """A model in the store, as a download leaves it."""
    target = shutil.copytree(MODEL, folder / name)
    files = [path for path in sorted(target.iterdir()) if path.is_file()]
    manifest = {
        "source": "tests",
        "kind": "folder",
        "revision": "",
        "sha256": {path.name: sha256_of(path) for path in files},
        "sizes": {path.name: path.stat().st_size for path in files},
    }
    (target / "polosa.json").write_text(json.dumps(manifest), encoding="utf-8")
    return target


def environment(folder: Path) -> dict[str, str]:
    return {
        "GIGAAM_MODEL": NAME,
        "GIGAAM_DEVICE": "cpu",
        "MODELS_DIR": str(folder),
        "HF_HUB_CACHE": str(folder / "cache"),
        "HF_ENDPOINT": "http://127.0.0.1:9",
    }


def test_the_order(tmp_path: Path) -> None:
    store = Store.from_env({"MODELS_DIR": str(tmp_path)})
    assert model_folder(None, store, (NAME,), "*.onnx") is None
    here = stored(tmp_path, NAME)
    assert model_folder(None, store, ("another", NAME), "*.onnx") == here
    assert model_folder(MODEL, store, (NAME,), "*.onnx") == MODEL
    assert model_folder(None, store, (NAME,), "*.ckpt") is None
    assert model_folder(None, None, (NAME,), "*.onnx") is None


def test_the_setting() -> None:
    assert given_folder({"GIGAAM_MODEL_DIR": " "}) is None
    assert given_folder({"GIGAAM_MODEL_DIR": "~/gigaam"}) == Path.home() / "gigaam"


def test_onnx_takes_the_model_from_the_store(tmp_path: Path) -> None:
    stored(tmp_path, NAME)
    GigaamOnnx.from_env(environment(tmp_path)).prepare()


def test_another_precision_is_another_model(tmp_path: Path) -> None:
    stored(tmp_path, NAME)
    with pytest.raises(Unavailable) as caught:
        GigaamOnnx.from_env({**environment(tmp_path), "GIGAAM_QUANTIZATION": "int8"}).prepare()
    assert caught.value.error_class == "network"


@pytest.mark.slow
def test_openvino_takes_it_too(tmp_path: Path) -> None:
    from providers.speech.gigaam_openvino import GigaamOpenvino

    stored(tmp_path, NAME)
    GigaamOpenvino.from_env(environment(tmp_path)).prepare()
