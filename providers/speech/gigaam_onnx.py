"""Sber's GigaAM through the package onnx-asr: no torch, runs on a processor.

Source: https://github.com/istupakov/onnx-asr, https://github.com/salute-developers/GigaAM.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from providers.cutting import Cutting
from providers.errors import BackendFailed, Unavailable
from providers.hub import Hub
from providers.models.config import label_of
from providers.models.store import Store
from providers.onnx import make_stoppable, missing_onnx_asr, onnx_errors
from providers.speech.gigaam_settings import (
    DEFAULT_MODEL,
    DEVICE,
    DEVICES,
    FOLDER,
    MODEL,
    THREADS,
    Setting,
    given_folder,
    has_card,
    model_folder,
    one_of,
    whole_number,
)
from providers.speech.hearing import pieces, timed
from providers.speech.seams import Heard
from providers.speech.silence import without_silence
from providers.speech.spans import recognise_spans
from providers.speech.words import Token
from providers.types import SAMPLE_RATE_HZ, Piece, Word

SETTINGS: tuple[Setting, ...] = (
    MODEL,
    FOLDER,
    DEVICE,
    ("GIGAAM_QUANTIZATION", "", "int8 takes a quarter of the memory; empty: full precision."),
    THREADS,
)

# Model → Hub repository, graph names, parts, vocabulary. Source: onnx_asr 0.12 models/gigaam.py, resolver.py.
TRANSDUCER = ("encoder", "decoder", "joint")
FILES = {
    "gigaam-v3-e2e-rnnt": ("istupakov/gigaam-v3-onnx", "v3_e2e_rnnt_{}", TRANSDUCER, "v3_e2e_rnnt"),
    "gigaam-v3-e2e-ctc": ("istupakov/gigaam-v3-onnx", "v3_e2e_{}", ("ctc",), "v3_e2e_ctc"),
    "gigaam-v3-rnnt": ("istupakov/gigaam-v3-onnx", "v3_rnnt_{}", TRANSDUCER, "v3"),
    "gigaam-v3-ctc": ("istupakov/gigaam-v3-onnx", "v3_{}", ("ctc",), "v3"),
    "gigaam-v2-rnnt": ("istupakov/gigaam-v2-onnx", "v2_rnnt_{}", TRANSDUCER, "v2"),
    "gigaam-v2-ctc": ("istupakov/gigaam-v2-onnx", "v2_{}", ("ctc",), "v2"),
}  # fmt: skip
SHORTEST_SAMPLES = round(0.3 * SAMPLE_RATE_HZ)  # shorter pieces are padded with silence


class GigaamOnnx:
    """One recogniser per process: calls take turns."""

    name = "gigaam_onnx"

    def __init__(
        self,
        model: str = DEFAULT_MODEL,
        *,
        folder: Path | None = None,
        device: str = "auto",
        quantization: str = "",
        threads: int = 0,
        hub: Hub | None = None,
        store: Store | None = None,
    ) -> None:
        self._name = model
        self._folder = folder
        self._device = device
        self._quantization = quantization
        self._threads = threads
        self._hub, self._store = hub or Hub(), store
        self._lock = threading.Lock()
        self._recogniser: Any = None

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        return cls(
            one_of(env, "GIGAAM_MODEL", DEFAULT_MODEL, tuple(FILES)),
            folder=given_folder(env),
            device=one_of(env, "GIGAAM_DEVICE", "auto", DEVICES),
            quantization=one_of(env, "GIGAAM_QUANTIZATION", "", ("", "int8")),
            threads=whole_number(env, "GIGAAM_THREADS", "all cores"),
            hub=Hub.from_env(env),
            store=Store.from_env(env),
        )

    @property
    def model(self) -> str:
        """The model's name; a folder whose config.json has a "label" is called by it."""
        label = label_of(self._folder) if self._folder else ""
        return label or self._name + (f" {self._quantization}" if self._quantization else "")

    @property
    def folders(self) -> list[Path]:
        """Where the model lies; empty while it is to be downloaded."""
        found = self._folder or self._stored() or self._cached()
        return [found] if found else []

    @property
    def uses_card(self) -> bool:
        """Whether it would work on a graphics card."""
        if self._device == "cpu" or not has_card():
            return False
        import onnxruntime

        return "CUDAExecutionProvider" in onnxruntime.get_available_providers()

    def prepare(self, progress: Callable[[float, str], None] = lambda fraction, note: None) -> None:
        """Fetches and loads the weights, once. Raises: Unavailable."""
        with self._lock:
            if self._recogniser is None:
                folder = self._find_folder(progress)
                progress(1.0, self.model)
                self._recogniser = self._load(folder)

    def recognise(self, media: Path, *, skip_until_s: float = 0.0, first_index: int = 0) -> Iterator[Piece]:
        """Raises: Unavailable, BackendFailed, InputRejected."""
        self.prepare()
        return pieces(media, skip_until_s, first_index, self._hear)

    def recognise_spans(
        self, media: Path, spans: Sequence[tuple[float, float]]
    ) -> Iterator[tuple[Word, ...]]:
        """The words of each span, heard again in windows that begin elsewhere.

        Raises: Unavailable, BackendFailed, InputRejected.
        """
        self.prepare()
        return recognise_spans(self._decode, media, spans)

    def _hear(self, cuttings: Iterator[Cutting]) -> Generator[Heard]:
        for cutting in cuttings:
            yield cutting, timed(without_silence(self._decode, cutting.samples), cutting)

    def _decode(self, samples: NDArray[np.float32]) -> list[Token]:
        missing = SHORTEST_SAMPLES - samples.size
        padded = np.pad(samples, (0, missing)) if missing > 0 else samples
        try:
            with self._lock:
                result = self._recogniser.recognize(padded, sample_rate=SAMPLE_RATE_HZ)
        except onnx_errors() as error:
            raise BackendFailed(
                "%(model)s broke while recognising: %(reason)s.",
                model=self.model, reason=f"{type(error).__name__}: {error}"[:300],
            ) from error  # fmt: skip
        texts, starts = result.tokens or [], result.timestamps or []
        return [
            Token(*parts) for parts in zip(texts, starts, result.logprobs or [None] * len(texts), strict=True)
        ]

    def _find_folder(self, progress: Callable[[float, str], None]) -> Path:
        if self._folder is not None:
            if not self._folder.is_dir():
                raise Unavailable(
                    "GIGAAM_MODEL_DIR names %(folder)s, which is not a folder. Correct it, or empty it to "
                    "download the model.",
                    error_class="missing_model", folder=str(self._folder),
                )  # fmt: skip
            return self._folder
        found = self._stored() or self._cached()
        if found is not None:
            return found
        repo, patterns = hub_files(self._name, self._quantization)
        return self._hub.fetch(repo, patterns, by_hand="GIGAAM_MODEL_DIR", progress=progress)

    def _stored(self) -> Path | None:
        name = self._name + (f"-{self._quantization}" if self._quantization else "")
        return model_folder(None, self._store, (name,), "*.onnx")

    def _cached(self) -> Path | None:
        return self._hub.cached(*hub_files(self._name, self._quantization))

    def _load(self, folder: Path) -> Any:
        try:
            import onnx_asr
            import onnxruntime
            from onnx_asr.utils import ModelLoadingError
        except ImportError as error:
            raise missing_onnx_asr() from error
        broken: tuple[type[Exception], ...] = (ModelLoadingError, OSError, *onnx_errors())
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.log_severity_level = 3
        try:
            recogniser = onnx_asr.load_model(
                self._name,
                folder,
                quantization=self._quantization or None,
                sess_options=options,
                providers=self._providers(onnxruntime.get_available_providers()),
            )
            make_stoppable(recogniser.asr)
            return recogniser.with_timestamps()
        except broken as error:
            raise Unavailable(
                "The files of %(model)s in %(folder)s can't be loaded: %(reason)s. Download them again, or "
                "correct GIGAAM_MODEL, GIGAAM_MODEL_DIR and GIGAAM_QUANTIZATION.",
                error_class="missing_model", model=self._name, folder=str(folder), reason=str(error)[:300],
            ) from error  # fmt: skip

    def _providers(self, available: list[str]) -> list[str]:
        """onnxruntime's execution providers for the wanted device."""
        cuda = "CUDAExecutionProvider"
        if self._device == "cuda" and cuda not in available:
            raise Unavailable(
                "GIGAAM_DEVICE is cuda and this onnxruntime has no CUDA. Install onnxruntime-gpu in place of "
                "onnxruntime, or set GIGAAM_DEVICE=cpu.",
                error_class="missing_package",
            )
        use_cuda = self._device != "cpu" and cuda in available
        return [cuda, "CPUExecutionProvider"] if use_cuda else ["CPUExecutionProvider"]


def hub_files(model: str, quantization: str) -> tuple[str, list[str]]:
    """The Hub repository of a model and the patterns of the files it needs."""
    repo, pattern, parts, vocabulary = FILES[model]
    suffix = f"?{quantization}" if quantization else ""
    graphs = [f"{pattern.format(part)}{suffix}.onnx" for part in parts]
    return repo, [*graphs, *(f"{graph}?data" for graph in graphs), f"{vocabulary}_vocab.txt", "config.json"]
