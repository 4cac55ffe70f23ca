from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from providers.errors import Unavailable
from providers.hub import Hub
from tests.providers.hub_server import FakeHub, serving

REPO = "somebody/some-model"
FILES = {"model.onnx": b"weights " * 40_000, "vocab.txt": b"a 0\n", "other.bin": b"x" * 1000}
WANTED = ["model.onnx", "model.onnx?data", "vocab.txt"]


@pytest.fixture
def server() -> Iterator[FakeHub]:
    with serving(FakeHub(REPO, FILES)) as hub:
        yield hub


def fetch(hub: Hub, progress: list[tuple[float, str]] | None = None) -> Path:
    told = progress if progress is not None else []
    return hub.fetch(REPO, WANTED, by_hand="GIGAAM_MODEL_DIR", progress=lambda *line: told.append(line))


def failure(hub: Hub) -> Unavailable:
    with pytest.raises(Unavailable) as caught:
        fetch(hub)
    return caught.value


def test_a_model_is_downloaded_with_progress(server: FakeHub, tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    folder = fetch(Hub(server.url, tmp_path), told)
    assert {path.name for path in folder.iterdir()} == {"model.onnx", "vocab.txt"}
    assert (folder / "model.onnx").read_bytes() == FILES["model.onnx"]
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert REPO in told[-1][1]


def test_the_second_time_nobody_is_asked(server: FakeHub, tmp_path: Path) -> None:
    first = fetch(Hub(server.url, tmp_path))
    server.asked.clear()
    assert fetch(Hub(server.url, tmp_path)) == first
    assert fetch(Hub("http://127.0.0.1:9", tmp_path)) == first
    assert server.asked == []


def test_half_a_download_is_completed(server: FakeHub, tmp_path: Path) -> None:
    folder = fetch(Hub(server.url, tmp_path))
    (folder / "vocab.txt").resolve().unlink()
    (folder / "vocab.txt").unlink(missing_ok=True)
    assert (fetch(Hub(server.url, tmp_path)) / "vocab.txt").read_bytes() == FILES["vocab.txt"]


def test_the_token_is_sent(server: FakeHub, tmp_path: Path) -> None:
    server.token = "hf_right"
    assert fetch(Hub(server.url, tmp_path, "hf_right")).is_dir()


def test_a_wrong_token(server: FakeHub, tmp_path: Path) -> None:
    server.token = "hf_right"
    error = failure(Hub(server.url, tmp_path, "hf_wrong"))
    assert error.error_class == "auth"
    assert "refused the token" in str(error)
    assert "https://huggingface.co/settings/tokens" in str(error)
    assert "hf_wrong" not in str(error)


def test_terms_not_accepted(server: FakeHub, tmp_path: Path) -> None:
    server.refusal = (403, {"X-Error-Code": "GatedRepo"})
    error = failure(Hub(server.url, tmp_path, "hf_x"))
    assert error.error_class == "auth"
    assert f"Open {server.url}/{REPO}, sign in, accept the terms" in str(error)


def test_no_such_model(server: FakeHub, tmp_path: Path) -> None:
    server.refusal = (404, {"X-Error-Code": "RepoNotFound"})
    error = failure(Hub(server.url, tmp_path))
    assert error.error_class == "gone"
    assert f"There is no model {REPO}" in str(error)


def test_a_model_without_these_files(tmp_path: Path) -> None:
    with serving(FakeHub(REPO, {"README.md": b"hello"})) as server:
        assert failure(Hub(server.url, tmp_path)).error_class == "gone"


def test_forbidden(server: FakeHub, tmp_path: Path) -> None:
    server.refusal = (403, {})
    error = failure(Hub(server.url, tmp_path))
    assert error.error_class == "auth"
    assert "GIGAAM_MODEL_DIR" in str(error)


@pytest.mark.parametrize(("status", "error_class"), [(503, "overloaded"), (429, "rate_limit")])
def test_a_hub_in_trouble(server: FakeHub, tmp_path: Path, status: int, error_class: str) -> None:
    server.refusal = (status, {})
    error = failure(Hub(server.url, tmp_path))
    assert error.error_class == error_class
    assert str(status) in str(error)


def test_nobody_answers(tmp_path: Path) -> None:
    error = failure(Hub("http://127.0.0.1:9", tmp_path))
    assert error.error_class == "network"
    for remedy in ("HF_ENDPOINT", "GIGAAM_MODEL_DIR", "by hand", f"http://127.0.0.1:9/{REPO}"):
        assert remedy in str(error)


def test_a_damaged_file_is_found_and_deleted(server: FakeHub, tmp_path: Path) -> None:
    server.damaged = {"model.onnx"}
    assert "model.onnx of the model somebody/some-model arrived damaged" in str(
        failure(Hub(server.url, tmp_path))
    )
    server.damaged = set()
    folder = fetch(Hub(server.url, tmp_path))
    assert (folder / "model.onnx").read_bytes() == FILES["model.onnx"]


def test_a_disk_that_is_too_small(tmp_path: Path) -> None:
    class Enormous(bytes):
        def __len__(self) -> int:
            return shutil.disk_usage(tmp_path).total * 2

    with serving(FakeHub(REPO, {"model.onnx": Enormous()})) as server:
        error = failure(Hub(server.url, tmp_path))
    assert "GB free" in str(error)
    assert "HF_HUB_CACHE" in str(error)


@pytest.mark.parametrize("name", ["HF_TOKEN", "HUGGINGFACE_HUB_TOKEN", "HUGGINGFACE_API_KEY"])
def test_each_name_of_the_token(name: str) -> None:
    assert Hub.from_env({name: " hf_x "}).token == "hf_x"


def test_defaults_and_overrides() -> None:
    assert Hub.from_env({}) == Hub("https://huggingface.co", None, None)
    env = {"HF_ENDPOINT": "https://mirror.example/", "HF_HOME": "/data/hf"}
    assert Hub.from_env(env) == Hub("https://mirror.example", Path("/data/hf/hub"))
    assert Hub.from_env({"HF_HUB_CACHE": "/models"}).cache_dir == Path("/models")
