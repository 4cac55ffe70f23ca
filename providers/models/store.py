"""The folder of models on this machine: a model is there whole and verified, or not at all.

MODELS_DIR/NAME/             the files, and polosa.json with their SHA-256 and where they came from
MODELS_DIR/NAME.downloading/ what has arrived so far; the next download goes on from it
MODELS_DIR/.jobs/            who works on what, and how far that is (providers.models.notes)
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from providers.errors import Unavailable
from providers.hub import SPARE_BYTES, Progress
from providers.models.catalogue import Model
from providers.models.counting import Counted
from providers.models.download import Download, sha256_of
from providers.models.listing import RemoteFile, client, list_files
from providers.models.manifest import MANIFEST, Manifest
from providers.models.notes import Doing, Notes
from providers.models.sources import Source, Sources
from providers.notes import downloading

log = logging.getLogger(__name__)
Sleep = Callable[[float], Any]


def quiet(fraction: float, note: str) -> None:
    """Progress nobody looks at."""


@dataclass(frozen=True, slots=True)
class Store:
    """What `polosa models`, the Models page and the backends work on."""

    folder: Path
    sources: Sources = field(repr=False)
    pause: Sleep = time.sleep
    free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Store:
        """Raises: Unavailable for a MODEL_SOURCES that can't be read."""
        data = Path(env.get("POLOSA_DATA") or "data")
        return cls(Path(env.get("MODELS_DIR") or data / "models").expanduser(), Sources.from_env(env))

    @property
    def notes(self) -> Notes:
        return Notes(self.folder)

    def find(self, name: str) -> Path | None:
        """The folder of a model that is here complete and verified, or None.

        Complete: every file of its polosa.json is there with its size. Verified: each was compared with its
        SHA-256 when it arrived, and no later `verify` found a change. Opens no connection, reads no weights,
        raises nothing: backends may call it at every start.
        """
        folder = self.folder / name
        manifest = Manifest.read(folder)
        return folder if manifest is not None and not manifest.lacks(folder) else None

    def manifest(self, name: str) -> Manifest | None:
        """What is known of a model that has been downloaded, damaged ones included."""
        return Manifest.read(self.folder / name)

    def size(self, name: str) -> int:
        """Bytes on the disk, half a download included."""
        folders = (self.folder / name, _staging(self.folder / name))
        return sum(_bytes_of(folder) for folder in folders)

    def half(self, name: str) -> int:
        """Bytes of a download that is not complete."""
        return _bytes_of(_staging(self.folder / name))

    def obtain(self, name: str, progress: Progress) -> Path:
        """The model's folder, downloaded from the first source that has it. Raises: Unavailable.

        What `progress` raises ends the download, and what has arrived stays for the next time.
        """
        found = self.find(name)
        if found is not None:
            return found
        model = self.sources.model(name)
        sources = self.sources.of(model)
        if not sources:
            raise _nowhere(model, self.sources.offline)
        try:
            with self.notes.alone(name, lambda: self._tell_the_others(name, progress)):
                return self.find(name) or self._first_that_serves(model, sources, progress)
        except OSError as error:
            raise self._disk_failed(error) from error

    def verify(self, name: str, progress: Progress = quiet) -> list[str]:
        """Names of the files that are absent or changed since the download. Raises: Unavailable.

        A model with such files is no longer found; the next download fetches them alone.
        """
        folder = self.folder / self.sources.model(name).name
        if Manifest.read(folder) is None:
            raise _not_here(name)
        try:
            with self.notes.alone(name, lambda: self._tell_the_others(name, progress)):
                manifest = Manifest.read(folder)
                if manifest is None:  # removed meanwhile
                    raise _not_here(name)
                damaged = self._compare(name, folder, manifest, progress)
                manifest.checked(damaged, time.time()).write(folder)
        except OSError as error:
            raise self._disk_failed(error) from error
        return damaged

    def remove(self, name: str) -> int:
        """Deletes the model and what half a download left; how many bytes that were.

        Raises: Unavailable, also while it is being downloaded or checked.
        """
        freed = self.size(self.sources.model(name).name)
        if not freed:
            raise _not_here(name)

        def refuse() -> None:
            raise Unavailable(
                "The model %(model)s is being downloaded or checked. Stop that first, or wait for its end.",
                error_class="loading", model=name,
            )  # fmt: skip

        try:
            with self.notes.alone(name, refuse):
                for folder in (self.folder / name, _staging(self.folder / name)):
                    if folder.exists():
                        shutil.rmtree(folder)
        except OSError as error:
            raise self._disk_failed(error) from error
        return freed

    def room_left(self) -> int:
        """Bytes free on the disk of the folder."""
        return self.free_bytes(_existing(self.folder))

    def check_room(self, model: Model, need_bytes: int) -> None:
        """Raises: Unavailable when so many more bytes would not fit."""
        need, free = need_bytes + SPARE_BYTES, self.room_left()
        if free < need:
            raise Unavailable(
                "The model %(model)s needs %(need)s GB more and %(folder)s has %(free)s GB free. Free some "
                "space or point MODELS_DIR at another disk.",
                error_class="missing_model", model=model.name, folder=str(self.folder),
                need=f"{need / 1e9:.1f}", free=f"{free / 1e9:.1f}",
            )  # fmt: skip

    def _first_that_serves(self, model: Model, sources: Sequence[Source], progress: Progress) -> Path:
        failures: list[tuple[Source, Unavailable]] = []
        _reuse(self.folder / model.name)
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
            total = sum(file.size or 0 for file in files)
            self.check_room(model, max(0, total - _bytes_of(staging)))
            staging.mkdir(parents=True, exist_ok=True)
            counted = Counted(
                self.notes, model.name, Doing("download", 0, total, source=str(source)), progress
            )
            download = Download(source, model, http, counted.report, counted.pause(self.pause))
            log.info("downloading a model", extra={"action": "model_download", "model": model.name})
            digests = {}
            for file in files:
                counted.file = file.path
                digests[file.path] = _arrived(staging, file) or download.fetch(file, staging / file.path)
                counted.next(file.size or 0)
        return _install(staging, target, source, digests)

    def _compare(self, name: str, folder: Path, manifest: Manifest, progress: Progress) -> list[str]:
        sizes = {path: _size(folder / path) for path in manifest.sha256}
        doing = Doing("verify", 0, sum(sizes.values()), source=str(folder))
        counted = Counted(self.notes, name, doing, progress)
        damaged = []
        for path, digest in manifest.sha256.items():
            counted.file = path
            whole = (folder / path).is_file() and sha256_of(folder / path, counted.report) == digest
            damaged += [] if whole else [path]
            counted.next(sizes[path])
        return damaged

    def _tell_the_others(self, name: str, progress: Progress) -> None:
        """While another process works on the model, its progress is ours."""
        doing = self.notes.doing(name) or Doing("download", 0, 0)
        progress(doing.fraction, downloading(name, doing.done, doing.total))

    def _disk_failed(self, error: OSError) -> Unavailable:
        return Unavailable(
            "The folder of models %(folder)s can't be used: %(reason)s. Free some space, correct its rights, "
            "or point MODELS_DIR at another disk.",
            error_class="missing_model", folder=str(self.folder), reason=str(error.strerror or error),
        )  # fmt: skip


def _arrived(staging: Path, file: RemoteFile) -> str:
    """The checksum of a file an earlier start has brought whole; empty when it is to be fetched."""
    path = staging / file.path
    if not file.sha256 or not path.is_file():
        return ""
    return file.sha256 if sha256_of(path) == file.sha256 else ""


def _reuse(target: Path) -> None:
    """The whole files of a damaged model go back among what has arrived; only the others are fetched."""
    manifest, staging = Manifest.read(target), _staging(target)
    if manifest is None or staging.exists():
        return
    lacking = manifest.lacks(target)
    os.replace(target, staging)
    for path in (MANIFEST, *lacking):
        (staging / path).unlink(missing_ok=True)


def _install(staging: Path, target: Path, source: Source, digests: Mapping[str, str]) -> Path:
    """The last step, a rename: a model is never seen half."""
    _forget_others(staging, digests)
    sizes = {path: _size(staging / path) for path in digests}
    Manifest(str(source), source.kind, source.revision, digests, sizes, time.time()).write(staging)
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


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _bytes_of(folder: Path) -> int:
    return sum(_size(path) for path in folder.rglob("*"))


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return next((path for path in (folder, *folder.absolute().parents) if path.exists()), Path("/"))


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
