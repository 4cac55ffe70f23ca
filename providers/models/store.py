"""The folder of models on this machine: a model is there whole and verified, or not at all.

MODELS_DIR/NAME/             the files, and polosa.json with their SHA-256 and where they came from
MODELS_DIR/NAME.downloading/ what has arrived so far; the next download goes on from it
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from providers.errors import Unavailable
from providers.hub import SPARE_BYTES, Progress
from providers.models.catalogue import Model
from providers.models.download import Download, sha256_of
from providers.models.listing import RemoteFile, client, list_files
from providers.models.sources import Source, Sources

log = logging.getLogger(__name__)
MANIFEST = "polosa.json"
TELL_EVERY_BYTES = 1_000_000  # progress may be written to a database
Sleep = Callable[[float], Any]


@dataclass(frozen=True, slots=True)
class Store:
    """What `polosa models` works on."""

    folder: Path
    sources: Sources = field(repr=False)
    pause: Sleep = time.sleep
    free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Store:
        """Raises: Unavailable for a MODEL_SOURCES that can't be read."""
        data = Path(env.get("POLOSA_DATA") or "data")
        return cls(Path(env.get("MODELS_DIR") or data / "models").expanduser(), Sources.from_env(env))

    def find(self, name: str) -> Path | None:
        """The folder of a model that is here; opens no connection."""
        folder = self.folder / name
        return folder if (folder / MANIFEST).is_file() else None

    def size(self, name: str) -> int:
        """Bytes on the disk, half a download included."""
        folders = (self.folder / name, _staging(self.folder / name))
        return sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file())

    def obtain(self, name: str, progress: Progress) -> Path:
        """The model's folder, downloaded from the first source that has it. Raises: Unavailable."""
        found = self.find(name)
        if found is not None:
            return found
        model = self.sources.model(name)
        sources = self.sources.of(model)
        if not sources:
            raise _nowhere(model, self.sources.offline)
        with self._alone(name):
            return self.find(name) or self._first_that_serves(model, sources, progress)

    def verify(self, name: str) -> list[str]:
        """Names of the files that are absent or changed since the download. Raises: Unavailable."""
        folder = self.find(self.sources.model(name).name)
        if folder is None:
            raise _not_here(name)
        wanted = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["sha256"]
        return [
            path
            for path, digest in wanted.items()
            if not (folder / path).is_file() or sha256_of(folder / path) != digest
        ]

    def remove(self, name: str) -> int:
        """Deletes the model and what half a download left; how many bytes that were. Raises: Unavailable."""
        freed = self.size(self.sources.model(name).name)
        if not freed:
            raise _not_here(name)
        with self._alone(name):
            for folder in (self.folder / name, _staging(self.folder / name)):
                shutil.rmtree(folder, ignore_errors=True)
        return freed

    def _first_that_serves(self, model: Model, sources: Sequence[Source], progress: Progress) -> Path:
        failures: list[tuple[Source, Unavailable]] = []
        for source in sources:
            try:
                return self._from(source, model, progress)
            except Unavailable as error:
                log.warning(
                    "a source did not give a model",
                    extra={"action": "model_source_failed", "model": model.name, "source": str(source)},
                )
                failures.append((source, error))
        raise _all_failed(model, failures)

    def _from(self, source: Source, model: Model, progress: Progress) -> Path:
        target = self.folder / model.name
        staging = _staging(target)
        with client() as http:
            files = list_files(source, model, http)
            self._check_disk(files, model, staging)
            counted = _Counted(model.name, files, progress)
            download = Download(source, model, http, counted.report, self.pause)
            log.info("downloading a model", extra={"action": "model_download", "model": model.name})
            digests = {}
            for file in files:
                digests[file.path] = _arrived(staging, file) or download.fetch(file, staging / file.path)
                counted.next(file)
        return _install(staging, target, source, digests)

    def _check_disk(self, files: Sequence[RemoteFile], model: Model, staging: Path) -> None:
        staging.mkdir(parents=True, exist_ok=True)
        here = sum(path.stat().st_size for path in staging.rglob("*") if path.is_file())
        need = max(0, sum(file.size or 0 for file in files) - here) + SPARE_BYTES
        free = self.free_bytes(staging)
        if free < need:
            raise Unavailable(
                "The model %(model)s needs %(need)s GB more and %(folder)s has %(free)s GB free. Free some "
                "space or point MODELS_DIR at another disk.",
                error_class="missing_model", model=model.name, folder=str(self.folder),
                need=f"{need / 1e9:.1f}", free=f"{free / 1e9:.1f}",
            )  # fmt: skip

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        """One process at a time writes a model; the others wait. The lock ends with its process."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f".{name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


class _Counted:
    """Bytes of the files together, as a fraction."""

    def __init__(self, name: str, files: Sequence[RemoteFile], progress: Progress) -> None:
        self._name, self._progress = name, progress
        self._total = sum(file.size or 0 for file in files)
        self._before = 0
        self._told = -TELL_EVERY_BYTES

    def report(self, done: int) -> None:
        now = self._before + done
        if now != self._total and abs(now - self._told) < TELL_EVERY_BYTES:
            return
        self._told = now
        fraction = min(1.0, now / self._total) if self._total else 0.0
        self._progress(fraction, f"{self._name}: {now / 1e6:.0f} / {self._total / 1e6:.0f} MB")

    def next(self, file: RemoteFile) -> None:
        self._before += file.size or 0
        self.report(0)


def _arrived(staging: Path, file: RemoteFile) -> str:
    """The checksum of a file an earlier start has brought whole; empty when it is to be fetched."""
    path = staging / file.path
    if not file.sha256 or not path.is_file():
        return ""
    return file.sha256 if sha256_of(path) == file.sha256 else ""


def _install(staging: Path, target: Path, source: Source, digests: Mapping[str, str]) -> Path:
    """The last step, a rename: a model is never seen half."""
    _forget_others(staging, digests)
    manifest = {"source": str(source), "kind": source.kind, "revision": source.revision, "sha256": digests}
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (staging / MANIFEST).write_text(text, encoding="utf-8")
    shutil.rmtree(target, ignore_errors=True)
    os.replace(staging, target)
    return target


def _forget_others(staging: Path, digests: Mapping[str, str]) -> None:
    """What another source had under other names."""
    for path in staging.rglob("*"):
        if path.is_file() and path.relative_to(staging).as_posix() not in digests:
            path.unlink()


def _staging(target: Path) -> Path:
    return target.with_name(target.name + ".downloading")


def _nowhere(model: Model, offline: bool) -> Unavailable:
    if offline:
        return Unavailable(
            "The model %(model)s is not on this machine and HF_HUB_OFFLINE forbids to download it. Unset it, "
            "or name a folder with its files as a model_source in MODEL_SOURCES.",
            error_class="missing_model", model=model.name,
        )  # fmt: skip
    return Unavailable(
        "No model_source in MODEL_SOURCES is for the model %(model)s. Add one.",
        error_class="missing_model", model=model.name,
    )  # fmt: skip


def _not_here(name: str) -> Unavailable:
    return Unavailable(
        "The model %(model)s is not on this machine. Run: polosa models download %(model)s",
        error_class="missing_model", model=name,
    )  # fmt: skip


def _all_failed(model: Model, failures: Sequence[tuple[Source, Unavailable]]) -> Unavailable:
    """One source: its own message. Several: all of them, the first one's kind."""
    first = failures[0][1]
    if len(failures) == 1:
        return first
    reasons = " ".join(f"({n}) {source}: {error}" for n, (source, error) in enumerate(failures, 1))
    waits = [error.retry_after_s for _, error in failures if error.retry_after_s is not None]
    return Unavailable(
        "None of %(count)s sources gave the model %(model)s. %(reasons)s",
        error_class=first.error_class, retry_after_s=min(waits) if waits else None,
        count=len(failures), model=model.name, reasons=reasons,
    )  # fmt: skip
