"""GigaAM as graphs OpenVINO runs: the files of a model, the front end, the compiled encoder.

Source: https://docs.openvino.ai (CPU device: INFERENCE_PRECISION_HINT, INFERENCE_NUM_THREADS), onnx_asr 0.12.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
from numpy.typing import NDArray

from providers import stopping
from providers.errors import Unavailable
from providers.models.config import config_of
from providers.speech.gigaam_greedy import MOST_PER_STEP, Ctc, Transducer, Vocabulary
from providers.speech.words import Token
from providers.types import SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True)
class Parts:
    """The files of a model, as onnx-asr names them; `graph` is the encoder, of CTC with its head."""

    graph: str
    vocabulary: str
    decoder: str = ""  # RNN-T: the prediction network
    joint: str = ""

    @property
    def beside(self) -> tuple[str, ...]:
        """What is used beside the graph as it is."""
        return tuple(filter(None, (self.vocabulary, self.decoder, self.joint)))

    @property
    def inputs(self) -> tuple[str, str]:
        """Names of the features and of their lengths."""
        return ("audio_signal", "length") if self.joint else ("features", "feature_lengths")


def _ctc(stem: str, vocabulary: str) -> Parts:
    return Parts(f"{stem}.onnx", f"{vocabulary}_vocab.txt")


def _rnnt(stem: str, vocabulary: str) -> Parts:
    encoder, decoder, joint = (f"{stem}_{part}.onnx" for part in ("encoder", "decoder", "joint"))
    return Parts(encoder, f"{vocabulary}_vocab.txt", decoder, joint)


GRAPHS = {
    "gigaam-v3-e2e-rnnt": _rnnt("v3_e2e_rnnt", "v3_e2e_rnnt"),
    "gigaam-v3-e2e-ctc": _ctc("v3_e2e_ctc", "v3_e2e_ctc"),
    "gigaam-v3-rnnt": _rnnt("v3_rnnt", "v3"),
    "gigaam-v3-ctc": _ctc("v3_ctc", "v3"),
    "gigaam-v2-rnnt": _rnnt("v2_rnnt", "v2"),
    "gigaam-v2-ctc": _ctc("v2_ctc", "v2"),
}
REPORT = "quantization.json"  # beside a quantised graph: how well it agrees with full precision
INT8 = "int8.xml"  # OpenVINO's graph; its weights are in int8.bin
MOST_STREAMS = 4  # each holds a piece and its activations
DEFAULT_MAX_CER = 0.01
SHORTEST_SAMPLES = round(0.3 * SAMPLE_RATE_HZ)  # shorter pieces are padded with silence
INSTALL = "The package %(package)s is not installed. Run: pip install %(package)s"


@dataclass(frozen=True, slots=True)
class Agreement:
    """What `polosa models quantize` found out about a quantised graph."""

    model: str
    cer: float  # characters that differ from full precision's, 0..1
    sentences: int  # pieces of held-out speech
    characters: int  # that full precision wrote
    weights_sha256: str
    details: Mapping[str, Any]  # versions, processor, speeds

    @classmethod
    def read(cls, folder: Path) -> Agreement | None:
        """The report of a folder; None where there is none that can be read."""
        try:
            known = json.loads((folder / REPORT).read_text(encoding="utf-8"))
            return cls(**{name: known[name] for name in cls.__slots__})
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, folder: Path) -> None:
        known = {name: getattr(self, name) for name in self.__slots__}
        text = json.dumps(known, indent=2, ensure_ascii=False) + "\n"
        (folder / REPORT).write_text(text, encoding="utf-8")


class FrontEnd:
    """Samples → log-mels, by onnx-asr's own front end of the model's version."""

    def __init__(self, folder: Path) -> None:
        try:
            from onnx_asr.preprocessors.numpy_preprocessor import GigaamPreprocessorNumpy
        except ImportError as error:
            raise Unavailable(INSTALL, error_class="missing_package", package="onnx-asr") from error
        self._mels = GigaamPreprocessorNumpy(f"gigaam_{config_of(folder).get('version', 'v2')}")

    def __call__(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32 (64, frames), 100 frames a second."""
        padded = np.pad(samples, (0, max(0, SHORTEST_SAMPLES - samples.size)))
        mels, lengths = self._mels(padded[None], np.array([padded.size], np.int64))
        return np.ascontiguousarray(mels[0, :, : int(lengths[0])], np.float32)


class Graph:
    """A compiled model; several threads may ask it at once, `streams` of them are served at the same time.

    A stream is a piece on cores of its own. Threads that share a piece wait for each other at every layer,
    and for whatever else runs on their cores.
    """

    def __init__(
        self, folder: Path, parts: Parts, *, int8: bool = False, threads: int = 0, streams: int = 1
    ) -> None:
        """`threads`: of all streams together, 0: all cores. Raises: Unavailable; OSError, ValueError,
        LookupError, RuntimeError, StopIteration of damaged files.
        """
        self._names = parts.inputs
        self._read = _reader(folder, parts)
        wanted: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
        if streams > 1:
            wanted |= {"PERFORMANCE_HINT": "THROUGHPUT", "NUM_STREAMS": streams}
        if threads or streams > 1:
            wanted["INFERENCE_NUM_THREADS"] = threads or cores()
        file = folder / (INT8 if int8 else parts.graph)
        compiled = openvino().Core().compile_model(str(file), "CPU", wanted)
        self.streams = streams
        self._idle: SimpleQueue[Any] = SimpleQueue()
        for _ in range(streams):
            self._idle.put(compiled.create_infer_request())
        self._step = int(config_of(folder).get("subsampling_factor", 4))

    def tokens(self, mels: NDArray[np.float32]) -> list[Token]:
        """What is heard in one piece. Raises: RuntimeError of OpenVINO."""
        steps = (mels.shape[1] - 1) // self._step + 1
        given = dict(zip(self._names, (mels[None], np.array([mels.shape[1]], np.int64)), strict=True))
        request = self._idle.get()
        try:
            with stopping.interrupted_by(request.cancel):
                request.infer(given)
            found = request.get_output_tensor(0).data[0].copy()
        finally:
            self._idle.put(request)
        return self._read(found, steps)


def _reader(folder: Path, parts: Parts) -> Callable[[NDArray[np.float32], int], list[Token]]:
    """From the graph's first output to tokens."""
    vocabulary = Vocabulary.read(folder / parts.vocabulary)
    if not parts.joint:
        ctc = Ctc(vocabulary)
        return lambda logprobs, steps: ctc(logprobs[:steps])  # (steps, classes)
    most = int(config_of(folder).get("max_tokens_per_step", MOST_PER_STEP))
    transducer = Transducer(folder / parts.decoder, folder / parts.joint, vocabulary, most)
    return lambda encoded, steps: transducer(np.ascontiguousarray(encoded.T[:steps]))  # (width, steps)


def cores() -> int:
    """Those this process may use: a container often has fewer than the machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def streams_for(threads: int) -> int:
    return max(1, min(MOST_STREAMS, threads or cores()))


def openvino() -> Any:
    """Raises: Unavailable."""
    try:
        return import_module("openvino")
    except ImportError as error:
        raise Unavailable(INSTALL, error_class="missing_package", package="openvino") from error


def int8_folder(env: Mapping[str, str], models: Path, model: str) -> Path:
    """Where `polosa models quantize` puts a model, and where it is looked for."""
    named = env.get("GIGAAM_INT8_DIR")
    return Path(named).expanduser() if named else models / f"{model}-openvino-int8"


def max_cer(env: Mapping[str, str]) -> float:
    """Raises: Unavailable."""
    text = env.get("QUANTIZE_MAX_CER", "").strip() or str(DEFAULT_MAX_CER)
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise Unavailable(
            "QUANTIZE_MAX_CER is %(value)s; it must be a number from 0 to 1, 0.01 for 1 %%.",
            error_class="missing_model", value=text,
        )  # fmt: skip
    return value


def weights_sha256(folder: Path) -> str:
    """Of the quantised graph and its weights together, and of the graphs beside it."""
    digest = hashlib.sha256()
    beside = sorted(path.name for path in folder.glob("*.onnx"))
    for name in (INT8, INT8.replace(".xml", ".bin"), *beside):
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()
