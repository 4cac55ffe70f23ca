"""A stop reaches an engine in the midst of a call that would take long."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from automation.toolbox import DEMO_ENV
from providers import stopping
from providers.errors import BackendFailed, Cancelled
from providers.speech.gigaam_onnx import GigaamOnnx
from providers.speech.gigaam_openvino import GigaamOpenvino
from providers.stopping import Stop, listening
from tests.providers.tiny_gigaam import Shape, write

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),
]

LONG_S = 240  # in one call, which no recording gets: pieces have at most 25 s


def onnx(_folder: Path):
    backend = GigaamOnnx.from_env(DEMO_ENV)
    backend.prepare()
    return backend._decode


def openvino(_folder: Path):
    backend = GigaamOpenvino("gigaam-v3-e2e-ctc", folder=Path(DEMO_ENV["GIGAAM_MODEL_DIR"]))
    backend.prepare()
    return backend._decode


def torch(folder: Path):
    pytest.importorskip("torch")
    from providers.speech.gigaam_torch import GigaamTorch

    write(Shape("v2", "ctc"), folder)
    backend = GigaamTorch(Shape("v2", "ctc").model, checkpoint=folder, device="cpu")
    backend.prepare()
    return lambda samples: backend._hear([samples])


@pytest.mark.parametrize("engine", [onnx, openvino, torch])
def test_a_call_under_way_is_broken_off_and_the_next_one_works(engine, tmp_path):
    decode = engine(tmp_path)
    rng = np.random.default_rng(1)
    sound = (rng.standard_normal(16_000 * LONG_S) * 0.1).astype(np.float32)
    decode(sound[:16_000])  # warm
    stop = Stop()
    threading.Timer(0.3, stop.ask).start()
    began = time.monotonic()
    with listening(stop), pytest.raises(Cancelled):
        decode(sound)
    print(engine.__name__, "stopped after", round(time.monotonic() - began, 2))
    decode(sound[:16_000])


def test_nobody_listens_nothing_happens():
    stopping.check()
    with stopping.interrupted_by(lambda: None):
        pass


def test_a_failure_stays_a_failure_while_nobody_asked():
    with listening(Stop()), pytest.raises(BackendFailed), stopping.interrupted_by(lambda: None):
        raise BackendFailed("It broke.")


def test_what_begins_after_the_stop_is_not_begun():
    stop = Stop()
    stop.ask()
    with listening(stop):
        with pytest.raises(Cancelled):
            stopping.check()
        with pytest.raises(Cancelled), stopping.interrupted_by(lambda: None):
            pytest.fail("it was begun")
