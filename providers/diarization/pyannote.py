"""pyannote.audio: the best speaker diarization with open weights. Torch lives in its own process.

The default model is gated: a person accepts its terms once and makes a token.
Source: https://huggingface.co/pyannote/speaker-diarization-community-1
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile, gettempdir
from typing import IO, Any, Self

from providers import stopping
from providers.errors import BackendFailed, InputRejected, ProviderError, Unavailable
from providers.hub import Hub
from providers.models.catalogue import Model
from providers.models.store import Store
from providers.notes import Note
from providers.types import Turn

KEY = "diarization.pyannote"
DEFAULT_MODEL = "pyannote/speaker-diarization-community-1"
SETTINGS: tuple[tuple[str, str, str], ...] = (
    (
        "PYANNOTE_MODEL",
        DEFAULT_MODEL,
        "Model on the Hugging Face Hub, a name of polosa models, or a folder with its config.yaml.",
    ),
    ("PYANNOTE_DEVICE", "auto", "auto, cpu or cuda."),
    (
        "PYANNOTE_MEMORY_GB",
        "auto",
        "Memory the diarization may take before it is stopped; auto: three quarters of the machine's; "
        "0: no limit.",
    ),
)
FILES = ("config.yaml", "segmentation/*", "embedding/*", "plda/*")
KINDS: dict[str, type[ProviderError]] = {
    kind.__name__: kind for kind in (Unavailable, BackendFailed, InputRejected)
}

NOTES = {  # pyannote's steps → what is said of them
    "segmentation": Note("Finding where somebody speaks"),
    "speaker_counting": Note("Counting the voices"),
    "embeddings": Note("Telling the voices apart"),
    "discrete_diarization": Note("Putting the voices in order"),
}
LOOK_AGAIN_S = 0.5
WAITING = Note("Waiting until another recording is done")
MEMORY_SHARE = 0.75

Progress = Callable[[float, str], None]


class Pyannote:
    """Asks `pyannote_worker`, a process that ends with the answer."""

    name = "pyannote"

    def __init__(
        self,
        model: str = DEFAULT_MODEL,
        *,
        hub: Hub | None = None,
        store: Store | None = None,
        device: str = "auto",
        memory_gb: float | None = None,
        python: str = sys.executable,
    ) -> None:
        self.model = model
        self._hub, self._store = hub or Hub(), store
        self._device = device
        self._memory_gb = memory_gb
        self._python = python

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        if find_spec("pyannote") is None or find_spec("pyannote.audio") is None:
            raise missing_package()
        model, hub = env.get("PYANNOTE_MODEL") or DEFAULT_MODEL, Hub.from_env(env)
        store = Store.from_env(env)
        may_come = bool(hub.token) or _comes_without_token(store, model)
        if not may_come and not Path(model).expanduser().is_dir() and hub.cached(model, FILES) is None:
            raise Unavailable(
                "HF_TOKEN is not set, and %(model)s is given only to those who accepted its terms. Accept "
                "them at %(link)s, make a read token at https://huggingface.co/settings/tokens, "
                "and set HF_TOKEN to it.",
                error_class="missing_key", model=model, link=f"{hub.endpoint}/{model}",
            )  # fmt: skip
        device = env.get("PYANNOTE_DEVICE") or "auto"
        return cls(model, hub=hub, store=store, device=device, memory_gb=_memory_gb(env))

    def turns(
        self,
        media: Path,
        *,
        min_speakers: int | None = None,
        max_speakers: int | None = None,
        progress: Progress = lambda fraction, note: None,
    ) -> list[Turn]:
        """Raises: Unavailable, BackendFailed, InputRejected; whatever `progress` raises stops the process."""
        order = {
            "media": str(media.resolve()),
            "folder": str(self._folder(progress)),
            "device": self._device,
            "memory_gb": self._memory_gb,
            "min_speakers": min_speakers,
            "max_speakers": max_speakers,
        }
        with self._alone(progress), TemporaryFile() as complaints, self._start(complaints) as process:
            try:
                with stopping.interrupted_by(process.kill):
                    return self._converse(process, order, progress)
            except _NoAnswerError as error:
                raise _died(process.wait(), complaints) from error
            finally:
                process.kill()

    @contextmanager
    def _alone(self, progress: Progress) -> Iterator[None]:
        """One at a time on this machine: two would want the memory of both. Ends with its process."""
        with (Path(gettempdir()) / f"polosa-pyannote-{os.getuid()}.lock").open("w") as file:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    progress(0.1, WAITING)
                    time.sleep(LOOK_AGAIN_S)
            yield

    def _start(self, complaints: IO[bytes]) -> subprocess.Popen[str]:
        return subprocess.Popen(  # noqa: S603 (our own module, no shell)
            [self._python, "-m", "providers.diarization.pyannote_worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints,
            text=True, encoding="utf-8", env=self._environment(), cwd=Path(__file__).parents[2],
        )  # fmt: skip

    def _folder(self, progress: Progress) -> Path:
        """The model's folder; a download takes the first tenth of the progress."""
        local = Path(self.model).expanduser()
        if local.is_dir():
            return local.resolve()

        def tenth(fraction: float, note: str) -> None:
            progress(fraction / 10, note)

        kept = _kept(self._store, self.model) if self._store else None
        if self._store is None or kept is None:
            return self._hub.fetch(self.model, FILES, by_hand="PYANNOTE_MODEL", progress=tenth)
        cached = None if self._store.find(kept.name) else self._hub.cached(kept.repo, FILES)
        return cached or self._store.obtain(kept.name, tenth).resolve()

    def _converse(
        self, process: subprocess.Popen[str], order: dict[str, Any], progress: Progress
    ) -> list[Turn]:
        """One line of JSON goes in, lines of progress and one last line come out."""
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the pipes of Popen are missing")
        try:
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()  # and left open: its end tells the process that nobody waits any more
        except BrokenPipeError as error:
            raise _NoAnswerError from error
        for line in process.stdout:
            answer = json.loads(line)
            if "turns" in answer:
                return [Turn(*turn) for turn in answer["turns"]]
            if "error" in answer:
                raise error_from(answer["error"])
            told = NOTES.get(answer["note"]) or Note.of(answer["note"])
            progress(0.1 + 0.9 * answer["progress"], told)
        raise _NoAnswerError

    def _environment(self) -> dict[str, str]:
        """The child's: no telemetry about a newsroom's recordings, and the Hub as we know it.

        Source: pyannote.audio 4.0 `telemetry/`, on by default.
        """
        own = {
            "PYANNOTE_METRICS_ENABLED": "0",
            "HF_ENDPOINT": self._hub.endpoint,
            "HF_TOKEN": self._hub.token,
        }
        own["HF_HUB_CACHE"] = str(self._hub.cache_dir) if self._hub.cache_dir else None
        return {**os.environ, **{name: value for name, value in own.items() if value}}


def _kept(store: Store, model: str) -> Model | None:
    """The store's model of this name, or from this repository; None: the Hub alone knows it."""
    by_repo = (m for m in store.sources.models.values() if m.repo == model and KEY in m.backends)
    return store.sources.models.get(model) or next(by_repo, None)


def _comes_without_token(store: Store, model: str) -> bool:
    """Whether it is in the store, or a source of its own gives it."""
    kept = _kept(store, model)
    if kept is None:
        return False
    others = (source for source in store.sources.of(kept) if source.kind != "hub" or source.token)
    return store.find(kept.name) is not None or any(others)


class _NoAnswerError(Exception):
    """The process ended before its last line."""


def _died(code: int, complaints: IO[bytes]) -> BackendFailed:
    complaints.seek(0)
    lines = complaints.read()[-2000:].decode(errors="replace").strip().splitlines()
    return BackendFailed(
        "The diarization process ended without an answer (code %(code)s, last words: %(words)s). With code "
        "-9 the memory was not enough: give it more, or use the backend baseline.",
        code=code,
        words=lines[-1][:200] if lines else "—",
    )


def missing_package() -> Unavailable:
    return Unavailable(
        "The package pyannote.audio is not installed. Run: pip install pyannote.audio, with a torch that "
        "fits this machine (https://pytorch.org/get-started).",
        error_class="missing_package",
    )


def error_from(told: Mapping[str, Any]) -> ProviderError:
    """The error a worker told in JSON."""
    return KINDS[told["kind"]](told["template"], error_class=told["error_class"], **told["params"])


def _memory_gb(env: Mapping[str, str]) -> float | None:
    """None: no limit. On a graphics card the card's own memory is the limit, so auto sets none."""
    value = env.get("PYANNOTE_MEMORY_GB", "").strip() or "auto"
    if value == "auto":
        on_card = env.get("PYANNOTE_DEVICE") != "cpu" and Path("/dev/nvidiactl").exists()
        whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        return None if on_card else MEMORY_SHARE * whole / 1e9
    try:
        return float(value) or None
    except ValueError as error:
        raise Unavailable(
            "PYANNOTE_MEMORY_GB is %(value)s; it must be auto or a number of gigabytes.",
            error_class="missing_model", value=value,
        ) from error  # fmt: skip
