"""Who speaks when with two small open models on onnxruntime: no token, no torch.

pyannote's segmentation-3.0 says who of three voices is heard in each window of ten seconds, WeSpeaker's
ResNet34 knows a voice again in the next window. Its vectors come through onnx-asr; of the segmentation that
package offers only where there is speech at all, so the graph is run here.
Source: https://huggingface.co/onnx-community/pyannote-segmentation-3.0,
https://huggingface.co/Wespeaker/wespeaker-voxceleb-resnet34-LM, onnx_asr 0.12 `models/wespeaker.py`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from providers import audio, stopping
from providers.diarization.clustering import THRESHOLD, assigned, people_of
from providers.diarization.stitching import turns_of
from providers.diarization.windows import (
    FRAMES,
    SETS,
    STEP,
    STRIDE,
    Heard,
    Samples,
    Window,
    samples_of,
    voices_in,
    windows_of,
)
from providers.errors import BackendFailed, Unavailable
from providers.models.config import label_of
from providers.models.store import Store
from providers.notes import Note
from providers.onnx import missing_onnx_asr, onnx_errors
from providers.types import SAMPLE_RATE_HZ, Turn

SEGMENTATION, EMBEDDING = "speaker-segmentation-3.0", "wespeaker-resnet34-lm"  # in the catalogue
SETTINGS: tuple[tuple[str, str, str], ...] = (
    (
        "ONNX_SPEAKERS_DIR",
        "",
        "Folder with segmentation/ and embedding/, an .onnx file in each; empty: those of polosa models "
        f"download {SEGMENTATION} {EMBEDDING}.",
    ),
    (
        "ONNX_SPEAKERS_THRESHOLD",
        f"{THRESHOLD}",
        "How far apart two voices must lie to be two people, 0 to 2; lower finds more people.",
    ),
)
MODEL = "segmentation-3.0 + WeSpeaker ResNet34"
TELLING = Note("Telling the voices apart")
MOST_SPEAKERS = 20
SHORTEST = SAMPLE_RATE_HZ // 2  # samples; a shorter voice is said twice, the model wants more than a moment
TELLING_S = 1.0  # of a voice alone in a window, to count when people are told apart

Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class _Models:
    segmentation: Any  # onnxruntime.InferenceSession
    voices: Any  # onnx_asr's adapter


class OnnxSpeakers:
    """Loads its two models once; recordings take turns."""

    name = "onnx_speakers"

    def __init__(
        self, segmentation: Path, embedding: Path, *, threshold: float = THRESHOLD, model: str = MODEL
    ) -> None:
        """Two folders with an .onnx file in each."""
        self.model = model
        self._segmentation, self._embedding = segmentation, embedding
        self._threshold = threshold
        self._lock = threading.Lock()
        self._models: _Models | None = None

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Raises: Unavailable when a model is not on this machine."""
        threshold = _threshold(env)
        if folder := env.get("ONNX_SPEAKERS_DIR", "").strip():
            both = [Path(folder).expanduser() / part for part in ("segmentation", "embedding")]
            for part in both:
                _graph_in(part)
            return cls(*both, threshold=threshold, model=label_of(both[0].parent) or MODEL)
        store = Store.from_env(env)
        found = {name: store.find(name) for name in (SEGMENTATION, EMBEDDING)}
        missing = [name for name, place in found.items() if place is None]
        if missing:
            raise Unavailable(
                "The models for telling voices apart are not on this machine: %(missing)s. Run: polosa "
                "models download %(names)s (33 MB, no token), or name their folder in ONNX_SPEAKERS_DIR.",
                error_class="missing_model", missing=", ".join(missing), names=" ".join(missing),
            )  # fmt: skip
        return cls(*(place for place in found.values() if place), threshold=threshold)

    def turns(
        self,
        media: Path,
        *,
        min_speakers: int | None = None,
        max_speakers: int | None = None,
        progress: Progress = lambda fraction, note: None,
    ) -> list[Turn]:
        """Raises: Unavailable, BackendFailed, InputRejected; whatever `progress` raises ends the work."""
        with self._lock:
            models = self._models = self._models or self._load()
            heard, vectors, windows = self._listen(media, models, progress)
        if not heard:
            return []
        enough = TELLING_S * SAMPLE_RATE_HZ / STRIDE
        telling = [n for n, voice in enumerate(heard) if voice.alone.sum() >= enough]
        basis = vectors[telling] if telling else vectors
        most = max_speakers or max(MOST_SPEAKERS, min_speakers or 1)
        centres = people_of(basis, min_speakers or 1, most, self._threshold)
        labels = assigned(vectors, centres, [voice.window for voice in heard])
        progress(1.0, TELLING)
        return turns_of(heard, labels, windows, STEP // STRIDE)

    def _listen(self, media: Path, models: _Models, progress: Progress) -> tuple[list[Heard], Samples, int]:
        """Every voice of every window, with its vector; how many windows there were."""
        heard: list[Heard] = []
        vectors: list[Samples] = []
        windows, whole = 0, max(audio.probe(media).duration_s, 0.1) * SAMPLE_RATE_HZ
        with closing(audio.stream(media)) as blocks:
            for window in windows_of(blocks):
                stopping.check()
                for voice in voices_in(self._scores(models, window), window, windows):
                    heard.append(voice)
                    vectors.append(self._vector(models, samples_of(voice, window)))
                windows += 1
                progress(min(0.98, window.start / whole), TELLING)
        return heard, np.array(vectors, np.float32), windows

    def _scores(self, models: _Models, window: Window) -> Samples:
        session = models.segmentation
        given = {session.get_inputs()[0].name: window.samples[None, None]}
        scores: Samples = _asked(session.run, None, given)[0][0]
        if scores.shape != (FRAMES, len(SETS)):
            raise BackendFailed(
                "The segmentation model answers %(shape)s where %(wanted)s is needed: it is not "
                "segmentation-3.0. Correct ONNX_SPEAKERS_DIR.",
                shape=str(scores.shape), wanted=str((FRAMES, len(SETS))),
            )  # fmt: skip
        return scores

    def _vector(self, models: _Models, samples: Samples) -> Samples:
        """One voice at a time: in a batch of unequal lengths onnx-asr counts the padding as sound."""
        repeated = np.resize(samples, max(samples.size, SHORTEST))
        vector: Samples = _asked(models.voices.embedding, repeated, sample_rate=SAMPLE_RATE_HZ)
        return vector

    def _load(self) -> _Models:
        try:
            import onnxruntime
            from onnx_asr.loader import Manager
            from onnx_asr.utils import ModelLoadingError
        except ImportError as error:
            raise missing_onnx_asr() from error
        graph = _graph_in(self._segmentation)
        _graph_in(self._embedding)
        broken: tuple[type[Exception], ...] = (ModelLoadingError, OSError, *onnx_errors())
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        providers = ["CPUExecutionProvider"]
        try:
            session = onnxruntime.InferenceSession(str(graph), options, providers=providers)
            voices = Manager(options, providers).create_se(local_dir=self._embedding)
        except broken as error:
            raise Unavailable(
                "The models for telling voices apart can't be loaded from %(folder)s: %(reason)s. Download "
                "them again (polosa models remove, then download), or correct ONNX_SPEAKERS_DIR.",
                error_class="missing_model", folder=f"{self._segmentation}, {self._embedding}",
                reason=f"{type(error).__name__}: {error}"[:300],
            ) from error  # fmt: skip
        return _Models(session, voices)


def _asked(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What onnxruntime says went wrong, as a backend's failure."""
    try:
        return call(*args, **kwargs)
    except onnx_errors() as error:
        raise BackendFailed(
            "Telling the voices apart broke: %(reason)s.", reason=f"{type(error).__name__}: {error}"[:300]
        ) from error


def _graph_in(folder: Path) -> Path:
    """The one .onnx file in a folder. Raises: Unavailable."""
    graphs = sorted(folder.rglob("*.onnx"))
    if len(graphs) != 1:
        raise Unavailable(
            "%(folder)s holds %(count)d .onnx files; it must hold one. Correct ONNX_SPEAKERS_DIR, or empty "
            "it and run: polosa models download %(names)s",
            error_class="missing_model", folder=str(folder), count=len(graphs),
            names=f"{SEGMENTATION} {EMBEDDING}",
        )  # fmt: skip
    return graphs[0]


def _threshold(env: Mapping[str, str]) -> float:
    text = env.get("ONNX_SPEAKERS_THRESHOLD", "").strip() or f"{THRESHOLD}"
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value <= 2:
        raise Unavailable(
            "ONNX_SPEAKERS_THRESHOLD is %(value)s; it must be a number above 0 and up to 2.",
            error_class="missing_model", value=text,
        )  # fmt: skip
    return value
