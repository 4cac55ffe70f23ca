"""`polosa models …` as a person types it; the models come from a folder named in MODEL_SOURCES."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from automation.models_cli import models

FILES = {"v3_ctc.onnx": b"w" * 2_000_000, "v3_vocab.txt": b"a 0\n", "config.json": b"{}"}


@pytest.fixture
def polosa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    for name, data in FILES.items():
        (shelf / name).write_bytes(data)
    sources = tmp_path / "models.json"
    sources.write_text(json.dumps({"model_source": [{"kind": "folder", "path": str(shelf)}]}))
    monkeypatch.chdir(tmp_path)

    def run(*line: str, **env: str) -> Result:
        wanted = {"MODEL_SOURCES": str(sources), "MODELS_DIR": str(tmp_path / "models"), **env}
        return CliRunner(env=wanted).invoke(models, line)

    return run


def test_a_models_life(polosa, tmp_path: Path) -> None:
    assert "to download, 850 MB" in polosa("list").output
    done = polosa("download", "gigaam-v3-ctc")
    assert done.exit_code == 0
    assert str(tmp_path / "models" / "gigaam-v3-ctc") in done.output
    listed = polosa("list").output
    assert "here, 2 MB" in listed
    assert f"sources: {tmp_path / 'shelf'}" in listed
    assert polosa("verify").output == "gigaam-v3-ctc: as downloaded\n"
    (tmp_path / "models/gigaam-v3-ctc/v3_ctc.onnx").write_bytes(b"x" * 2_000_000)
    damaged = polosa("verify", "gigaam-v3-ctc")
    assert damaged.exit_code == 1
    assert "damaged: v3_ctc.onnx; to fetch them again: polosa models download" in damaged.output
    assert "damaged, 2 MB" in polosa("list").output
    polosa("download", "gigaam-v3-ctc")
    assert polosa("verify").output == "gigaam-v3-ctc: as downloaded\n"
    assert polosa("remove", "gigaam-v3-ctc").output == "gigaam-v3-ctc: removed, 2 MB freed\n"
    assert not (tmp_path / "models/gigaam-v3-ctc").exists()


@pytest.mark.parametrize(
    ("line", "part"),
    [
        (("download", "whisper"), "There is no model whisper"),
        (("download", "gigaam-v2-ctc"), "does not have v2_ctc.onnx"),
        (("verify", "gigaam-v3-ctc"), "polosa models download gigaam-v3-ctc"),
        (("remove", "gigaam-v3-ctc"), "is not on this machine"),
    ],
)
def test_what_goes_wrong_is_one_sentence(polosa, line: tuple[str, ...], part: str) -> None:
    result = polosa(*line)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert part in result.output


def test_a_half_download_is_shown(polosa, tmp_path: Path) -> None:
    half = tmp_path / "models/gigaam-v3-ctc.downloading"
    half.mkdir(parents=True)
    (half / "v3_ctc.onnx.part").write_bytes(b"w" * 1_000_000)
    assert "half, 1 MB" in polosa("list").output


def test_the_card_is_checked_without_sending(polosa, tmp_path: Path) -> None:
    checked = polosa("publish", str(tmp_path / "shelf"), "desk/model", "--check")
    assert checked.exit_code == 1
    assert "license:" in checked.output
    refused = polosa("publish", str(tmp_path / "shelf"), "desk/model")
    assert "its card has holes" in refused.output
