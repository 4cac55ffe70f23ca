"""Sber's GigaAM through OpenVINO: full int8 where it agrees with full precision, the fastest on a processor.

Every piece goes through alone: with int8 a batch of four is slower than four pieces (docs/bench.md), and
nothing is padded. Several go through at once, each on cores of its own, and the next ones are decoded
meanwhile.
"""

from __future__ import annotations

import importlib.util
import logging
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from providers.cutting import Cutting
from providers.errors import BackendFailed, Unavailable
from providers.hub import Hub
from providers.models import sources
from providers.models.config import label_of
from providers.models.store import Store
from providers.speech.gigaam_settings import (
    DEFAULT_MODEL,
    FOLDER,
    MODEL,
    THREADS,
    Setting,
    given_folder,
    model_folder,
    whole_number,
)
from providers.speech.hearing import pieces, timed
from providers.speech.openvino_graph import (
    DEFAULT_MAX_CER,
    GRAPHS,
    INSTALL,
    Agreement,
    FrontEnd,
    Graph,
    int8_folder,
    max_cer,
    streams_for,
    weights_sha256,
)
from providers.speech.parallel import in_order
from providers.speech.seams import Heard
from providers.speech.silence import without_silence
from providers.speech.spans import recognise_spans
from providers.speech.words import Token
from providers.types import Piece, Word

log = logging.getLogger(__name__)

SETTINGS: tuple[Setting, ...] = (
    MODEL,
    FOLDER,
    THREADS,
    (
        "GIGAAM_INT8_DIR",
        "",
        "Folder made by polosa models quantize; empty: the model's own folder inside MODELS_DIR.",
    ),
    (
        "QUANTIZE_MAX_CER",
        "0.01",
        "Share of characters in which int8 may differ from full precision and still serve: 0.01 is 1 %.",
    ),
    *sources.SETTINGS,
)


class GigaamOpenvino:
    """One recogniser per process; its streams are shared by all calls."""

    name = "gigaam_openvino"

    def __init__(
        self,
        model: str = DEFAULT_MODEL,
        *,
        folder: Path | None = None,
        int8_folder: Path | None = None,
        max_cer: float = DEFAULT_MAX_CER,
        threads: int = 0,
        store: Store | None = None,
        hub: Hub | None = None,
    ) -> None:
        self._name, self._folder, self._threads = model, folder, threads
        self._store, self._hub = store, hub or Hub()
        self.int8, self.why = _choose(int8_folder, model, max_cer)
        self._lock = threading.Lock()
        self._graph: Any = None
        self._mels: Any = None

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Raises: Unavailable."""
        if importlib.util.find_spec("openvino") is None:
            raise Unavailable(INSTALL, error_class="missing_package", package="openvino")
        model = env.get("GIGAAM_MODEL", "").strip() or DEFAULT_MODEL
        if model not in GRAPHS:
            raise Unavailable(
                "GIGAAM_MODEL is %(value)s, which gigaam_openvino does not read. Set it to one of "
                "%(known)s, or take gigaam_openvino out of SPEECH_BACKENDS.",
                error_class="missing_model", value=model, known=", ".join(GRAPHS),
            )  # fmt: skip
        store = Store.from_env(env)
        return cls(
            model,
            folder=given_folder(env),
            int8_folder=int8_folder(env, store.folder, model),
            max_cer=max_cer(env),
            threads=whole_number(env, "GIGAAM_THREADS", "all cores"),
            store=store,
            hub=Hub.from_env(env),
        )

    @property
    def model(self) -> str:
        """The model's name (or its folder's label) and the precision that serves."""
        folder = self.int8 or self._folder
        label = label_of(folder) if folder else ""
        return f"{label or self._name} {'int8' if self.int8 else 'fp32'}"

    @property
    def cer(self) -> float | None:
        """How far int8 differs from full precision, 0..1; None while full precision serves."""
        report = Agreement.read(self.int8) if self.int8 else None
        return report.cer if report else None

    @property
    def folders(self) -> list[Path]:
        """Where the model lies; empty while it is to be downloaded."""
        found = self.int8 or self._full_precision()
        return [found] if found else []

    def prepare(self, progress: Callable[[float, str], None] = lambda fraction, note: None) -> None:
        """Fetches and loads the weights, once. Raises: Unavailable."""
        with self._lock:
            if self._graph is None:
                folder = self.int8 or self._find_folder(progress)
                progress(1.0, self.model)
                self._load(folder)
                log.info(
                    "speech through OpenVINO",
                    extra={"action": "speech_loaded", "model": self.model, "why": self.why},
                )

    def recognise(self, media: Path, *, skip_until_s: float = 0.0, first_index: int = 0) -> Iterator[Piece]:
        """Raises: Unavailable, BackendFailed, InputRejected."""
        self.prepare()
        return pieces(media, skip_until_s, first_index, self._hear)

    def _hear(self, cuttings: Iterator[Cutting]) -> Generator[Heard]:
        with closing(in_order(cuttings, self._listen, self._graph.streams)) as heard:
            for cutting, tokens in heard:
                yield cutting, timed(tokens, cutting)

    def recognise_spans(
        self, media: Path, spans: Sequence[tuple[float, float]]
    ) -> Iterator[tuple[Word, ...]]:
        """The words of each span, heard again in windows that begin elsewhere.

        Raises: Unavailable, BackendFailed, InputRejected.
        """
        self.prepare()
        return recognise_spans(self._decode, media, spans)

    def _listen(self, cutting: Cutting) -> list[Token]:
        return without_silence(self._decode, cutting.samples)

    def _decode(self, samples: NDArray[np.float32]) -> list[Token]:
        try:
            tokens: list[Token] = self._graph.tokens(self._mels(samples))
            return tokens
        except (RuntimeError, MemoryError) as error:
            raise BackendFailed(
                "%(model)s broke while recognising: %(reason)s.",
                model=self.model, reason=f"{type(error).__name__}: {error}"[:300],
            ) from error  # fmt: skip

    def _find_folder(self, progress: Callable[[float, str], None]) -> Path:
        found = self._full_precision()
        if found is not None:
            return found
        if self._store is None:
            raise Unavailable(
                "No folder with the files of %(model)s is named. Set GIGAAM_MODEL_DIR.",
                error_class="missing_model", model=self._name,
            )  # fmt: skip
        return self._store.obtain(self._name, progress)

    def _full_precision(self) -> Path | None:
        stored = model_folder(self._folder, self._store, (self._name,), "*.onnx")
        return stored or self._in_the_hub_cache()

    def _in_the_hub_cache(self) -> Path | None:
        """What gigaam_onnx has downloaded is not downloaded again."""
        if self._store is None:
            return None
        model = self._store.sources.model(self._name)
        folder = self._hub.cached(model.repo, model.files)
        parts = GRAPHS[self._name]
        return folder if folder and all((folder / n).exists() for n in (parts.graph, *parts.beside)) else None

    def _load(self, folder: Path) -> None:
        try:
            self._mels = FrontEnd(folder)
            self._graph = Graph(
                folder,
                GRAPHS[self._name],
                int8=self.int8 is not None,
                threads=self._threads,
                streams=streams_for(self._threads),
            )
        except (OSError, RuntimeError, ValueError, LookupError, StopIteration, AssertionError) as error:
            raise Unavailable(
                "The files of %(model)s in %(folder)s can't be loaded: %(reason)s. Download them again, or "
                "correct GIGAAM_MODEL, GIGAAM_MODEL_DIR and GIGAAM_INT8_DIR.",
                error_class="missing_model", model=self._name, folder=str(folder), reason=str(error)[:300],
            ) from error  # fmt: skip


def _choose(folder: Path | None, model: str, most: float) -> tuple[Path | None, str]:
    """The quantised folder if it may serve, and why or why not."""
    report = Agreement.read(folder) if folder else None
    if folder is None or report is None:
        return None, f"not quantised: run polosa models quantize {model} FOLDER_WITH_SPEECH"
    if report.model != model:
        return None, f"{folder} holds {report.model}"
    if report.cer > most:
        return None, f"int8 differs from fp32 in {report.cer:.2%} of the characters, more than {most:.2%}"
    speeds = report.details
    if speeds.get("rtfx_int8", 0) < speeds.get("rtfx_fp32", 0):
        return (
            None,
            f"int8 was slower than fp32 ({speeds['rtfx_int8']}× and {speeds['rtfx_fp32']}× real time)",
        )
    try:
        is_same = weights_sha256(folder) == report.weights_sha256
    except OSError:
        is_same = False
    if not is_same:
        return None, f"the weights in {folder} are not those its report is about; quantise again"
    return folder, f"int8 differs from fp32 in {report.cer:.2%} of {report.characters} characters"
