"""GigaAM with a CTC head as a graph OpenVINO runs: the files of a model, the front end, greedy decoding.

Source: https://docs.openvino.ai (CPU device: INFERENCE_PRECISION_HINT, INFERENCE_NUM_THREADS), onnx_asr 0.12.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from providers import stopping
from providers.errors import Unavailable
from providers.speech.words import FRAME_S, Token
from providers.types import SAMPLE_RATE_HZ

# Model → ONNX graph, vocabulary, as onnx-asr names them.
GRAPHS = {
    "gigaam-v3-e2e-ctc": ("v3_e2e_ctc.onnx", "v3_e2e_ctc_vocab.txt"),
    "gigaam-v3-ctc": ("v3_ctc.onnx", "v3_vocab.txt"),
    "gigaam-v2-ctc": ("v2_ctc.onnx", "v2_vocab.txt"),
}
REPORT = "quantization.json"  # beside a quantised graph: how well it agrees with full precision
INT8 = "int8.xml"  # OpenVINO's graph; its weights are in int8.bin
BLANK = "<blk>"
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
        self._mels = GigaamPreprocessorNumpy(f"gigaam_{config(folder).get('version', 'v2')}")

    def __call__(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """float32 (64, frames), 100 frames a second."""
        padded = np.pad(samples, (0, max(0, SHORTEST_SAMPLES - samples.size)))
        mels, lengths = self._mels(padded[None], np.array([padded.size], np.int64))
        return np.ascontiguousarray(mels[0, :, : int(lengths[0])], np.float32)


class Graph:
    """A compiled graph and its vocabulary."""

    def __init__(self, folder: Path, graph: str, vocabulary: str, threads: int = 0) -> None:
        """Raises: Unavailable; OSError, ValueError, RuntimeError of damaged files."""
        rows = (line.rsplit(" ", 1) for line in _lines(folder / vocabulary))
        self._texts = {int(number): text for text, number in rows}
        self._blank = next(number for number, text in self._texts.items() if text == BLANK)
        wanted: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
        if threads:
            wanted["INFERENCE_NUM_THREADS"] = threads
        self._compiled = openvino().Core().compile_model(str(folder / graph), "CPU", wanted)
        self._request = self._compiled.create_infer_request()
        self._step = int(config(folder).get("subsampling_factor", 4))

    def tokens(self, mels: NDArray[np.float32]) -> list[Token]:
        """What is heard in one piece. Raises: RuntimeError of OpenVINO."""
        lengths = np.array([mels.shape[1]], np.int64)
        with stopping.interrupted_by(self._request.cancel):
            self._request.infer({"features": mels[None], "feature_lengths": lengths})
        logprobs = self._request.get_output_tensor(0).data[0]
        return self._greedy(logprobs[: (mels.shape[1] - 1) // self._step + 1])

    def _greedy(self, logprobs: NDArray[np.float32]) -> list[Token]:
        """The best class of each step; repeats are one token, as likely as all of its steps together."""
        best = logprobs.argmax(axis=-1)
        starts = np.flatnonzero((np.diff(best, prepend=self._blank) != 0) & (best != self._blank))
        if not starts.size:
            return []
        likely = np.where(best == self._blank, 0.0, logprobs.max(axis=-1))
        sums = np.add.reduceat(likely, starts)
        return [
            Token(self._texts[int(best[at])], float(at) * FRAME_S, float(total))
            for at, total in zip(starts, sums, strict=True)
        ]


def openvino() -> Any:
    """Raises: Unavailable."""
    try:
        return import_module("openvino")
    except ImportError as error:
        raise Unavailable(INSTALL, error_class="missing_package", package="openvino") from error


def config(folder: Path) -> dict[str, Any]:
    """The folder's config.json; {} where there is none that can be read."""
    try:
        known = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


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
    """Of the quantised graph and its weights together."""
    digest = hashlib.sha256()
    for name in (INT8, INT8.replace(".xml", ".bin")):
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").split("\n") if line]
