"""The fastest GigaAM engine of this machine: measured on the model itself, not guessed.

All engines read the same model, so no choice changes who recognises; int8 takes part only where its words
were found to agree with full precision. The figures are kept beside the models (`engine_notes`). A missing
package or a failing engine is passed over, and `why` says so.
"""

from __future__ import annotations

import logging
import threading
import time
import wave
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import numpy as np

from providers.chain import load
from providers.errors import BackendFailed, ProviderError, Unavailable
from providers.models.store import Store
from providers.speech import BACKENDS, ENGINES
from providers.speech.engine_notes import FILE, EngineNotes, Measured, key_of
from providers.speech.gigaam_settings import DEFAULT_MODEL, Setting
from providers.types import SAMPLE_RATE_HZ, Piece, Word

log = logging.getLogger(__name__)

SETTINGS: tuple[Setting, ...] = ()
ON_CARD = ("gigaam_onnx", "gigaam_torch")
READ = ("GIGAAM_MODEL", "GIGAAM_MODEL_DIR", "GIGAAM_INT8_DIR", "GIGAAM_QUANTIZATION", "GIGAAM_DEVICE",
        "GIGAAM_THREADS", "GIGAAM_BATCH", "QUANTIZE_MAX_CER", "MODELS_DIR", "POLOSA_DATA")  # fmt: skip
ALSO_READ = READ
SAMPLE_S = 30.0  # of sound, for a figure
WARM_UP_S = 2.0
AGAIN_BELOW_S = 4.0  # a run shorter than this is repeated: other work may have disturbed it
NOT_YET = "not measured yet, that is done before the first recording"

Build = Callable[[], Any]
Progress = Callable[[float, str], None]


class Auto:
    """One per process. `engines`: name → what builds it; where none was measured the first is tried first."""

    name = "auto"

    def __init__(
        self,
        model: str,
        engines: Mapping[str, Build],
        notes: EngineNotes,
        key: Callable[[Sequence[Path]], str] = lambda folders: key_of({}, folders),
    ) -> None:
        """`key`: of the folders in which the model lies, what `EngineNotes` is asked for."""
        self._name, self._engines, self._notes, self._key = model, engines, notes, key
        self._built: dict[str, Any] = {}
        self._passed_over: dict[str, str] = {}  # engine → why
        self._lock = threading.Lock()
        self._engine: Any = None

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Raises: Unavailable when not one engine can be built here."""
        settings = {name: env.get(name, "").strip() for name in READ}
        made = cls(
            settings["GIGAAM_MODEL"] or DEFAULT_MODEL,
            {name: _builder(name, env) for name in _order(settings)},
            EngineNotes(Store.from_env(env).folder / FILE),
            lambda folders: key_of(settings, folders),
        )
        if not made._candidates():
            raise made._nobody()
        return made

    @property
    def model(self) -> str:
        """The model, its precision and the engine that serves; before the choice, the model."""
        known = self._known()
        if self._engine is not None:
            return f"{self._engine.model} ({self._engine.name})"
        return f"{known[0].model} ({known[0].engine})" if known else self._name

    @property
    def why(self) -> str:
        """The figures by which an engine was chosen, and why others were passed over."""
        told = [str(one) for one in self._known()] or [f"{NOT_YET} ({', '.join(self._candidates())})"]
        passed = [f"{name}: {reason}" for name, reason in self._passed_over.items()]
        return "; ".join([*told, *passed])

    def prepare(self, progress: Progress = lambda fraction, note: None) -> None:
        """Chooses, once; fetches and loads the weights. Raises: Unavailable when no engine can serve."""
        with self._lock:
            while self._engine is None:
                self._engine = self._choose(progress)

    def recognise(self, media: Path, *, skip_until_s: float = 0.0, first_index: int = 0) -> Iterator[Piece]:
        """Raises: Unavailable, BackendFailed, InputRejected."""
        self.prepare()
        engine = self._engine
        try:
            yield from engine.recognise(media, skip_until_s=skip_until_s, first_index=first_index)
        except BackendFailed as error:
            self._pass_over(engine, error)
            raise

    def recognise_spans(
        self, media: Path, spans: Sequence[tuple[float, float]]
    ) -> Iterator[tuple[Word, ...]]:
        """Raises: Unavailable, BackendFailed, InputRejected."""
        self.prepare()
        engine = self._engine
        try:
            yield from engine.recognise_spans(media, spans)
        except BackendFailed as error:
            self._pass_over(engine, error)
            raise

    def _choose(self, progress: Progress) -> Any:
        """The engine that serves, loaded; None: one failed, choose again. Raises: Unavailable."""
        candidates = self._candidates()
        if not candidates:
            raise self._nobody()
        known = [one for one in self._known() if one.rtfx]
        if not known and len(candidates) > 1:
            known = self._measure(candidates, progress)
        chosen = known[0].engine if known else next(iter(self._candidates()), "")
        if not chosen:
            raise self._nobody()
        return self._loaded(chosen, progress)

    def _measure(self, candidates: Mapping[str, Any], progress: Progress) -> list[Measured]:
        """Fastest first. One engine is in memory at a time."""
        some = self._some_here(candidates, progress)
        found = []
        with TemporaryDirectory() as folder:
            sound = write_sound(Path(folder) / "sound.wav", SAMPLE_S)
            short = write_sound(Path(folder) / "short.wav", WARM_UP_S)
            for name in some:
                if self._loaded(name, progress) is not None:
                    found += self._measured(name, sound, short)
                    self._built.pop(name, None)
        found.sort(key=lambda one: -one.rtfx)
        if found:
            self._notes.keep(self._name, self._key(self._folders()), found)
            log.info("speech engines measured", extra={"action": "engines_measured", "why": self.why})
        return found

    def _measured(self, name: str, sound: Path, short: Path) -> list[Measured]:
        engine = self._built[name]
        try:
            list(engine.recognise(short))
            seconds = [_seconds(engine, sound)]
            if seconds[0] < AGAIN_BELOW_S:
                seconds.append(_seconds(engine, sound))
        except ProviderError as error:
            self._pass_over(engine, error)
            return []
        return [Measured(name, engine.model, round(SAMPLE_S / min(seconds), 1), getattr(engine, "cer", None))]

    def _some_here(self, candidates: Mapping[str, Any], progress: Progress) -> list[str]:
        """Those whose model is here: nothing is downloaded for a comparison. If none is, the first one's is.

        A card is faster than any processor: where an engine can use one, only those are compared.
        """
        names = [name for name, engine in candidates.items() if getattr(engine, "uses_card", False)]
        names = names or [name for name in candidates if name != "gigaam_torch"] or list(candidates)
        if not any(candidates[name].folders for name in names):
            next((name for name in names if self._loaded(name, progress) is not None), None)
        return [name for name in names if name in self._candidates() and candidates[name].folders]

    def _loaded(self, name: str, progress: Progress) -> Any:
        """The engine, or None when it can't be loaded."""
        engine = self._candidates()[name]
        try:
            engine.prepare(progress)
        except Unavailable as error:
            if error.error_class == "network":  # no other engine would get the model either
                raise
            self._pass_over(engine, error)
            return None
        return engine

    def _candidates(self) -> dict[str, Any]:
        """Engines that can be built and have not failed."""
        for name, build in self._engines.items():
            if name not in self._built and name not in self._passed_over:
                try:
                    self._built[name] = build()
                except Unavailable as error:
                    self._passed_over[name] = str(error)
        return {name: self._built[name] for name in self._engines if name in self._built}

    def _pass_over(self, engine: Any, error: ProviderError) -> None:
        """Until this process ends."""
        self._passed_over[engine.name] = str(error)
        self._built.pop(engine.name, None)
        if self._engine is engine:
            self._engine = None
        log.warning(
            "a speech engine is passed over",
            extra={"action": "engine_passed_over", "backend": engine.name, "reason": str(error)},
        )

    def _known(self) -> list[Measured]:
        known = self._notes.find(self._name, self._key(self._folders()))
        return [one for one in known if one.engine not in self._passed_over]

    def _folders(self) -> list[Path]:
        return sorted({folder for engine in self._candidates().values() for folder in engine.folders})

    def _nobody(self) -> Unavailable:
        """And the next try begins anew: what was missing may have been put there."""
        reasons = " ".join(f"{name}: {reason}" for name, reason in self._passed_over.items())
        self._passed_over.clear()
        return Unavailable(
            "No speech engine can work here. %(reasons)s", error_class="missing_package", reasons=reasons
        )


def write_sound(path: Path, seconds: float) -> Path:
    """Noise in the rhythm of speech, always the same: what it says is nothing, what it costs is the same."""
    n = round(seconds * SAMPLE_RATE_HZ)
    rhythm = 0.5 + 0.5 * np.sin(np.arange(n) / SAMPLE_RATE_HZ * 2 * np.pi * 4)
    sound = np.random.default_rng(0).standard_normal(n) * rhythm * 0.05
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE_HZ)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def _seconds(engine: Any, sound: Path) -> float:
    begun = time.perf_counter()
    for _ in engine.recognise(sound):
        pass
    return time.perf_counter() - begun


def _order(settings: Mapping[str, str]) -> list[str]:
    """Where a small model or a card is asked for, those engines come first that give it."""
    if settings["GIGAAM_DEVICE"] == "cuda":
        return list(ON_CARD)
    return sorted(ENGINES, key=lambda name: bool(settings["GIGAAM_QUANTIZATION"]) and name != "gigaam_onnx")


def _builder(name: str, env: Mapping[str, str]) -> Build:
    return lambda: load(BACKENDS, name).from_env(env)
