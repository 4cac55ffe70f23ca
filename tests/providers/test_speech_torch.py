"""GigaAM through torch: the demonstration weights in every shape, against the same weights through ONNX."""

from __future__ import annotations

import hashlib
import http.server
import json
import os
import pickle
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import gigaam
import pytest

from providers.errors import Unavailable
from providers.models.download import sha256_of
from providers.speech.gigaam_onnx import GigaamOnnx
from providers.speech.gigaam_torch import GigaamTorch, batch_size
from providers.types import Piece, Word
from tests.providers.tiny_gigaam import SHAPES, Shape, export, front_end_v3, write

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # torch, torchaudio, hydra and the exporter warn about each other
]

INTERVIEW = Path(__file__).parents[2] / "demo" / "interview.mp3"
PLAIN = Shape("v2", "ctc")
FRAME_S = 0.04


@pytest.fixture
def newer_package() -> Iterator[None]:
    """gigaam 0.1.0 given what 0.2.0 has: the front end of v3."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gigaam.preprocess.FeatureExtractor", front_end_v3())
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of v2 with a CTC head."""
    return write(PLAIN, tmp_path_factory.mktemp("v2"))


def words(pieces: list[Piece]) -> list[Word]:
    return [word for piece in pieces for word in piece.words]


def torch_backend(folder: Path, **settings: Any) -> GigaamTorch:
    return GigaamTorch(PLAIN.model, checkpoint=folder, device="cpu", **settings)


def unavailable(backend: GigaamTorch) -> Unavailable:
    with pytest.raises(Unavailable) as caught:
        backend.prepare()
    return caught.value


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.stem)
def test_torch_and_onnx_hear_the_same(shape: Shape, newer_package: None, tmp_path: Path) -> None:
    files = export(shape, write(shape, tmp_path))
    one = list(GigaamTorch(shape.model, checkpoint=files, device="cpu").recognise(INTERVIEW))
    other = list(GigaamOnnx(shape.model, folder=files, device="cpu").recognise(INTERVIEW))
    assert [(p.index, p.start_s, p.end_s) for p in one] == [(p.index, p.start_s, p.end_s) for p in other]
    assert len(words(one)) > 150
    assert [w.text for w in words(one)] == [w.text for w in words(other)]
    for ours, theirs in zip(words(one), words(other), strict=True):
        assert abs(ours.start_s - theirs.start_s) <= FRAME_S
        assert abs(ours.end_s - theirs.end_s) <= FRAME_S
        assert ours.confidence == pytest.approx(theirs.confidence, abs=0.01)


def test_batches_say_what_single_pieces_say(folder: Path) -> None:
    alone = list(torch_backend(folder, batch=1).recognise(INTERVIEW))
    together = list(torch_backend(folder, batch=3).recognise(INTERVIEW))
    assert [p.index for p in together] == list(range(len(alone)))
    assert [w.text for w in words(together)] == [w.text for w in words(alone)]
    for a, b in zip(words(alone), words(together), strict=True):
        assert abs(a.start_s - b.start_s) <= FRAME_S


def test_it_continues_after_a_saved_piece(folder: Path) -> None:
    backend = torch_backend(folder)
    pieces = list(backend.recognise(INTERVIEW))
    assert all(a.end_s == b.start_s for a, b in pairwise(pieces))
    again = backend.recognise(INTERVIEW, skip_until_s=pieces[1].end_s, first_index=2)
    assert next(again) == pieces[2]


def test_a_stretch_is_heard_again(folder: Path) -> None:
    backend = torch_backend(folder)
    before = [w.text for w in words(list(backend.recognise(INTERVIEW))) if w.start_s >= 5 and w.end_s <= 12]
    again = [w.text for words in backend.recognise_spans(INTERVIEW, [(5.0, 12.0)]) for w in words]
    assert len(set(before) & set(again)) >= 0.8 * len(set(before))


def test_a_checkpoint_may_be_a_file(folder: Path) -> None:
    backend = torch_backend(folder / "v2_ctc.ckpt")
    assert backend.model == "v2_ctc"
    assert next(backend.recognise(INTERVIEW)).words[0].text == "Здравствуйте,"


def test_a_checkpoint_in_the_store(folder: Path, tmp_path: Path) -> None:
    here = shutil.copytree(folder, tmp_path / "v2_ctc")
    files = {path.name: sha256_of(path) for path in here.iterdir()}
    manifest = {"source": "tests", "kind": "folder", "revision": "", "sha256": files}
    manifest["sizes"] = {path.name: path.stat().st_size for path in here.iterdir()}
    (here / "polosa.json").write_text(json.dumps(manifest))
    GigaamTorch.from_env({"GIGAAM_MODEL": PLAIN.model, "MODELS_DIR": str(tmp_path)}).prepare()


@pytest.mark.parametrize(("device", "batch", "halves"), [("cpu", 1, False), ("cuda", 16, True)])
def test_half_precision_and_batches_belong_to_cuda(
    folder: Path, device: str, batch: int, halves: bool
) -> None:
    """What is decided for a card, on the processor: the network is halved before it is moved."""
    import torch

    network = torch.nn.Module()
    network.encoder = torch.nn.Linear(2, 2)
    network.head = torch.nn.Linear(2, 2)
    moved: list[str] = []
    network.to = lambda where: moved.append(where) or network
    placed = torch_backend(folder)._placed(network, device)
    assert moved == [device]
    assert (placed.encoder.weight.dtype == torch.float16) is halves
    assert placed.head.weight.dtype == torch.float32  # CTC and RNN-T are decided in full precision
    assert batch_size(device) == batch


def test_a_v3_checkpoint_needs_the_newer_package(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gigaam.preprocess.FeatureExtractor", front_end_v3())
        write(Shape("v3", "ctc"), tmp_path)
    error = unavailable(torch_backend(tmp_path))
    assert "knows v1_ctc, v1_rnnt, v2_ctc, v2_rnnt" in str(error).replace("ctc, rnnt, ", "")
    assert "gigaam @ git+https://github.com/salute-developers/GigaAM" in str(error)


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    error = unavailable(GigaamTorch("gigaam-v3-e2e-rnnt"))
    assert "does not know v3_e2e_rnnt; it knows" in str(error)


@pytest.mark.parametrize("name", ["nowhere", "."])
def test_a_folder_without_a_checkpoint(tmp_path: Path, name: str) -> None:
    assert "GIGAAM_MODEL_DIR is" in str(unavailable(torch_backend(tmp_path / name)))


def test_a_broken_file(tmp_path: Path) -> None:
    (tmp_path / "v2_ctc.ckpt").write_bytes(b"not a checkpoint")
    assert "can't be read" in str(unavailable(torch_backend(tmp_path)))


def test_word_pieces_need_their_tokenizer(newer_package: None, tmp_path: Path) -> None:
    shape = Shape("v3", "ctc", pieces=True)
    write(shape, tmp_path)
    (tmp_path / "v3_e2e_ctc_tokenizer.model").unlink()
    error = unavailable(GigaamTorch(shape.model, checkpoint=tmp_path, device="cpu"))
    assert "v3_e2e_ctc_tokenizer.model is missing" in str(error)


class Trap:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)

    def __init__(self, path: Path) -> None:
        self.path = path


def test_a_pickle_that_runs_something_is_refused(tmp_path: Path) -> None:
    import torch

    trap = tmp_path / "sprung"
    torch.save({"cfg": Trap(trap), "state_dict": {}}, tmp_path / "v2_ctc.ckpt", pickle_module=pickle)
    assert "refused" in str(unavailable(torch_backend(tmp_path)))
    assert not trap.exists()


def test_a_configuration_that_calls_something_else_is_refused(folder: Path, tmp_path: Path) -> None:
    import torch
    from omegaconf import OmegaConf

    trap = tmp_path / "sprung"
    config = OmegaConf.create(
        {"encoder": {}, "decoding": {}, "head": {"_target_": "os.mkdir", "path": str(trap)}}
    )
    torch.save({"cfg": config, "state_dict": {}}, tmp_path / "v2_ctc.ckpt")
    assert "asks to call os.mkdir" in str(unavailable(torch_backend(tmp_path)))
    assert not trap.exists()


def test_cuda_that_is_not_there(folder: Path) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has it")
    error = unavailable(GigaamTorch(checkpoint=folder, device="cuda"))
    assert "GIGAAM_DEVICE=cpu" in str(error)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_weights_are_downloaded_once(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    told: list[float] = []
    with serving(folder) as source:
        GigaamTorch("gigaam-v2-ctc", source=source).prepare(lambda fraction, note: told.append(fraction))
    GigaamTorch("gigaam-v2-ctc", source="http://127.0.0.1:9").prepare()
    assert told[-1] == 1.0
    assert [path.name for path in (tmp_path / ".cache/gigaam").iterdir()] == ["v2_ctc.ckpt"]


def test_a_damaged_download_is_thrown_away(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """0.2.0 publishes checksums."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(
        gigaam, "_MODEL_HASHES", {"v2_ctc": hashlib.md5(b"").hexdigest(), "v2_ssl": ""}, raising=False
    )
    with serving(folder) as source:
        error = unavailable(GigaamTorch("gigaam-v2-ctc", source=source))
    assert "arrived damaged" in str(error)
    assert list((tmp_path / ".cache/gigaam").iterdir()) == []


def test_no_network_names_the_remedies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    error = unavailable(GigaamTorch("gigaam-v2-ctc", source="http://127.0.0.1:9"))
    assert error.error_class == "network"
    assert "GIGAAM_MODEL_DIR" in str(error)


def test_settings(folder: Path) -> None:
    env = {"GIGAAM_MODEL": "v2_rnnt", "GIGAAM_DEVICE": "cpu", "GIGAAM_BATCH": "4"}
    assert GigaamTorch.from_env(env).model == "v2_rnnt"
    assert GigaamTorch.from_env({"GIGAAM_MODEL_DIR": str(folder / "v2_ctc.ckpt")}).model == "v2_ctc"


@pytest.mark.parametrize("name", ["GIGAAM_BATCH", "GIGAAM_THREADS", "GIGAAM_DEVICE"])
def test_a_wrong_setting_is_named(name: str) -> None:
    with pytest.raises(Unavailable, match=f"{name} is many; it"):
        GigaamTorch.from_env({name: "many"})
