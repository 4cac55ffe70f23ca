"""The process around pyannote.audio, with stand-ins for the process and for the package."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
import threading
from importlib.util import find_spec
from pathlib import Path

import pytest

from providers.diarization.pyannote import DEFAULT_MODEL, FILES, WAITING, Pyannote
from providers.errors import BackendFailed, Cancelled, InputRejected, Unavailable
from providers.hub import Hub
from providers.models.store import Store
from providers.types import Turn
from tests.providers.audio_files import write_tone
from tests.providers.hub_server import FakeHub, serving

HAS_PYANNOTE = find_spec("pyannote") is not None and find_spec("pyannote.audio") is not None

FAKE_TORCH = """
class cuda:
    is_available = staticmethod(lambda: False)
device = from_numpy = lambda value: value
"""
FAKE_PYANNOTE = """
print("libraries print to stdout")
from types import SimpleNamespace as Space
class Pipeline:
    from_pretrained = classmethod(lambda cls, folder: cls())
    to = lambda self, device: self
    def __call__(self, file, hook, **wanted):
        import os
        assert os.environ["PYANNOTE_METRICS_ENABLED"] == "0"
        assert file["waveform"].shape == (1, 32000) and file["sample_rate"] == 16000
        for done in (1, 2, 3):
            hook("embeddings", None, total=2, completed=done)
        hook("embeddings", None)
        if wanted.get("max_speakers") == 4:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        if wanted.get("max_speakers") == 5:
            os.write(2, b"Aborted\\n")
            os._exit(9)
        said = [(Space(start=0.5, end=1.0), "SPEAKER_00"), (Space(start=1.0, end=1.5), "SPEAKER_01")]
        return Space(exclusive_speaker_diarization=said)
"""


def script(path: Path, text: str) -> str:
    path.write_text("#!/bin/sh\n" + textwrap.dedent(text))
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def media(tmp_path: Path) -> Path:
    return write_tone(tmp_path / "tone.wav", 2.0)


@pytest.fixture
def faked(tmp_path: Path) -> Pyannote:
    """The real worker under a Python whose pyannote.audio and torch are ours."""
    packages = tmp_path / "packages"
    (packages / "pyannote" / "audio").mkdir(parents=True)
    (packages / "pyannote" / "audio" / "__init__.py").write_text(FAKE_PYANNOTE)
    (packages / "torch.py").write_text(FAKE_TORCH)
    python = script(tmp_path / "python", f'PYTHONPATH={packages} exec {sys.executable} "$@"\n')
    return Pyannote(str(packages), python=python)


def test_the_worker_answers(faked: Pyannote, media: Path) -> None:
    told: list[tuple[float, str]] = []
    turns = faked.turns(media, progress=lambda *line: told.append(line))
    assert turns == [Turn(0.5, 1.0, "SPEAKER_00"), Turn(1.0, 1.5, "SPEAKER_01")]
    assert [note for _, note in told] == ["Loading pyannote.audio"] + ["Telling the voices apart"] * 4
    assert max(fraction for fraction, _ in told) <= 1.0


def test_out_of_memory_is_told(faked: Pyannote, media: Path) -> None:
    with pytest.raises(BackendFailed, match="out of memory"):
        faked.turns(media, max_speakers=4)


def test_a_killed_worker_is_told(faked: Pyannote, media: Path) -> None:
    with pytest.raises(BackendFailed, match=r"without an answer \(code 9, last words: Aborted\)"):
        faked.turns(media, max_speakers=5)


def test_a_refused_file_is_told(faked: Pyannote, tmp_path: Path) -> None:
    empty = tmp_path / "empty.wav"
    empty.touch()
    with pytest.raises(InputRejected) as caught:
        faked.turns(empty)
    assert caught.value.template == "The file %(file)s is empty. Upload it again."
    assert caught.value.params == {"file": "empty.wav"}


def test_the_order_in_json(tmp_path: Path, media: Path) -> None:
    python = script(tmp_path / "p", f"head -n 1 > {tmp_path}/order; echo '{{\"turns\": []}}'\n")
    backend = Pyannote(str(tmp_path), python=python, device="cpu", memory_gb=4)
    assert backend.turns(media, min_speakers=2) == []
    assert json.loads((tmp_path / "order").read_text()) == {
        "media": str(media), "folder": str(tmp_path), "device": "cpu", "memory_gb": 4,
        "min_speakers": 2, "max_speakers": None,
    }  # fmt: skip


def test_one_at_a_time_and_the_other_may_be_stopped(tmp_path: Path, media: Path) -> None:
    """The second one waits until the first has ended, and asks its caller meanwhile whether to go on."""
    started, gate = tmp_path / "started", tmp_path / "gate"
    slow = script(
        tmp_path / "slow.sh",
        f"head -n 1 > {tmp_path}/order; touch {started}; while [ ! -e {gate} ]; do sleep 0.05; done\n"
        "echo '{\"turns\": []}'\n",
    )
    quick = script(tmp_path / "quick.sh", f"head -n 1 > {tmp_path}/order; echo '{{\"turns\": []}}'\n")
    first = threading.Thread(target=lambda: Pyannote(str(tmp_path), python=slow).turns(media))
    first.start()
    try:
        while not started.exists():
            first.join(0.05)

        def stop(fraction: float, note: str) -> None:
            raise Cancelled(note)

        with pytest.raises(Cancelled, match=WAITING):
            Pyannote(str(tmp_path), python=quick).turns(media, progress=stop)
    finally:
        gate.touch()
        first.join()
    assert Pyannote(str(tmp_path), python=quick).turns(media) == []


@pytest.mark.skipif(not HAS_PYANNOTE, reason="pyannote.audio is not installed")
@pytest.mark.parametrize(("value", "limited"), [("", True), ("auto", True), ("0", False), ("2.5", True)])
def test_its_memory_is_limited_unless_it_is_told_not_to(tmp_path: Path, value: str, limited: bool) -> None:
    env = {"PYANNOTE_MODEL": str(tmp_path), "PYANNOTE_MEMORY_GB": value, "PYANNOTE_DEVICE": "cpu"}
    assert (Pyannote.from_env(env)._memory_gb is not None) is limited


def test_the_worker_ends_with_its_parent(tmp_path: Path, media: Path) -> None:
    """Its stdin closes, and it does not go on for an hour for nobody."""
    import subprocess

    packages = tmp_path / "slow"
    (packages / "pyannote" / "audio").mkdir(parents=True)
    (packages / "pyannote" / "audio" / "__init__.py").write_text("import time; time.sleep(60)")
    (packages / "torch.py").write_text(FAKE_TORCH)
    order = {"media": str(media), "folder": ".", "device": "cpu", "memory_gb": None}
    order |= {"min_speakers": None, "max_speakers": None}
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "providers.diarization.pyannote_worker"],
        input=json.dumps(order) + "\n", text=True, capture_output=True, cwd=root, timeout=30,
        env={"PYTHONPATH": f"{packages}:{root}", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 1


@pytest.mark.skipif(HAS_PYANNOTE, reason="pyannote.audio is installed")
def test_without_the_package(tmp_path: Path, media: Path) -> None:
    with pytest.raises(Unavailable, match=r"pip install pyannote\.audio"):
        Pyannote.from_env({"HF_TOKEN": "hf_x"})
    with pytest.raises(Unavailable, match=r"pip install pyannote\.audio") as caught:
        Pyannote(str(tmp_path)).turns(media)
    assert caught.value.error_class == "missing_package"


@pytest.mark.skipif(not HAS_PYANNOTE, reason="pyannote.audio is not installed")
def test_without_a_token(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="HF_TOKEN is not set") as caught:
        Pyannote.from_env({"HF_HUB_CACHE": str(tmp_path)})
    assert caught.value.error_class == "missing_key"
    assert "https://huggingface.co/pyannote/speaker-diarization-community-1" in str(caught.value)


@pytest.mark.skipif(not HAS_PYANNOTE, reason="pyannote.audio is not installed")
def test_a_local_folder_needs_no_token(tmp_path: Path) -> None:
    env = {"PYANNOTE_MODEL": str(tmp_path), "PYANNOTE_MEMORY_GB": "8"}
    assert Pyannote.from_env(env).model == str(tmp_path)


@pytest.mark.skipif(not HAS_PYANNOTE, reason="pyannote.audio is not installed")
def test_a_memory_that_is_no_number(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="PYANNOTE_MEMORY_GB is lots"):
        Pyannote.from_env({"PYANNOTE_MODEL": str(tmp_path), "PYANNOTE_MEMORY_GB": "lots"})


@pytest.mark.parametrize(
    ("refusal", "message"),
    [
        ((401, {"X-Error-Message": "Invalid credentials in Authorization header"}), "refused the token"),
        ((403, {"X-Error-Code": "GatedRepo"}), "accept the terms"),
        ((401, {"X-Error-Code": "RepoNotFound"}), "There is no model"),
    ],
)
def test_what_the_hub_refuses(
    tmp_path: Path, media: Path, refusal: tuple[int, dict[str, str]], message: str
) -> None:
    with serving(FakeHub("pyannote/x", {}, refusal)) as server:
        backend = Pyannote("pyannote/x", hub=Hub(server.url, tmp_path, "hf_x"))
        with pytest.raises(Unavailable, match=message):
            backend.turns(media)


def test_no_network(tmp_path: Path, media: Path) -> None:
    backend = Pyannote("pyannote/x", hub=Hub("http://127.0.0.1:9", tmp_path, "hf_x"))
    with pytest.raises(Unavailable, match="PYANNOTE_MODEL") as caught:
        backend.turns(media)
    assert caught.value.error_class == "network"


def test_a_downloaded_model_goes_to_the_worker(tmp_path: Path, media: Path) -> None:
    files = {"config.yaml": b"x", "segmentation/pytorch_model.bin": b"y" * 9, "README.md": b"z"}
    python = script(tmp_path / "p", f"head -n 1 > {tmp_path}/order; echo '{{\"turns\": []}}'\n")
    with serving(FakeHub("pyannote/x", files)) as server:
        backend = Pyannote("pyannote/x", hub=Hub(server.url, tmp_path / "cache"), python=python)
        assert backend.turns(media) == []
    folder = Path(json.loads((tmp_path / "order").read_text())["folder"])
    assert (folder / "segmentation" / "pytorch_model.bin").read_bytes() == b"y" * 9


MODEL_FILES = {"config.yaml": b"x", "segmentation/a.bin": b"s", "embedding/a.bin": b"e", "plda/a.npz": b"p"}


@pytest.fixture
def shelf(tmp_path: Path) -> dict[str, str]:
    """Settings of a machine whose models come from a folder, with no token."""
    for name, data in MODEL_FILES.items():
        (tmp_path / "shelf" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "shelf" / name).write_bytes(data)
    sources = tmp_path / "models.json"
    sources.write_text(json.dumps({"model_source": [{"kind": "folder", "path": str(tmp_path / "shelf")}]}))
    cache = {"HF_HUB_CACHE": str(tmp_path / "cache"), "HF_ENDPOINT": "http://127.0.0.1:9"}
    return {**cache, "MODEL_SOURCES": str(sources), "MODELS_DIR": str(tmp_path / "models")}


def test_the_store_serves(tmp_path: Path, media: Path, shelf: dict[str, str]) -> None:
    python = script(tmp_path / "p", f"head -n 1 > {tmp_path}/order; echo '{{\"turns\": []}}'\n")
    told: list[float] = []
    for model in (DEFAULT_MODEL, "pyannote-community-1"):
        backend = Pyannote(model, hub=Hub.from_env(shelf), store=Store.from_env(shelf), python=python)
        assert backend.turns(media, progress=lambda fraction, _: told.append(fraction)) == []
        folder = Path(json.loads((tmp_path / "order").read_text())["folder"])
        assert folder == tmp_path / "models" / "pyannote-community-1"
        assert (folder / "plda/a.npz").read_bytes() == b"p"
        shutil.rmtree(tmp_path / "shelf", ignore_errors=True)  # the second time nothing is fetched
    assert max(told) <= 0.1


def test_what_the_cache_has_is_not_downloaded_again(tmp_path: Path, media: Path) -> None:
    python = script(tmp_path / "p", f"head -n 1 > {tmp_path}/order; echo '{{\"turns\": []}}'\n")
    env = {"MODELS_DIR": str(tmp_path / "models")}
    with serving(FakeHub(DEFAULT_MODEL, MODEL_FILES)) as server:
        hub = Hub(server.url, tmp_path / "cache")
        hub.fetch(DEFAULT_MODEL, FILES, by_hand="", progress=lambda *_: None)
    backend = Pyannote(DEFAULT_MODEL, hub=hub, store=Store.from_env(env), python=python)
    assert backend.turns(media) == []
    assert "cache" in json.loads((tmp_path / "order").read_text())["folder"]
    assert not (tmp_path / "models" / "pyannote-community-1").exists()


@pytest.mark.skipif(not HAS_PYANNOTE, reason="pyannote.audio is not installed")
def test_a_source_of_ones_own_needs_no_token(shelf: dict[str, str]) -> None:
    assert Pyannote.from_env(shelf).model == DEFAULT_MODEL
    Store.from_env(shelf).obtain("pyannote-community-1", lambda *_: None)
    assert Pyannote.from_env({**shelf, "MODEL_SOURCES": ""}).model == DEFAULT_MODEL


@pytest.mark.slow
@pytest.mark.skipif(not HAS_PYANNOTE, reason="pyannote.audio is not installed")
def test_a_folder_without_a_model(tmp_path: Path, media: Path) -> None:
    with pytest.raises(Unavailable, match="can't be loaded") as caught:
        Pyannote(str(tmp_path)).turns(media)
    assert caught.value.error_class == "missing_model"


@pytest.mark.slow
@pytest.mark.skipif(not HAS_PYANNOTE, reason="pyannote.audio is not installed")
def test_a_small_memory_limit(tmp_path: Path, media: Path) -> None:
    with pytest.raises(BackendFailed, match="memory"):
        Pyannote(str(tmp_path), memory_gb=0.05).turns(media)
