"""One file → this disk: in parts, continued after a broken connection and after a restart, verified.

Beside `NAME.part` lies `NAME.part.json` with what the part belongs to; a part of other bytes is thrown away.
Source: RFC 9110 §13.1.5 (If-Range), §14.2 (Range), §15.5.17 (416).
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from providers.errors import Unavailable
from providers.models.catalogue import Model
from providers.models.listing import RemoteFile, refused, retry_after_s, unreachable
from providers.models.sources import Source

log = logging.getLogger(__name__)
CHUNK_BYTES = 1 << 20
TRIES = 5  # in a row without a new byte
LONGEST_WAIT_S = 30.0
PASSING = {408, 425, 429, 500, 502, 503, 504}


class _Broken(Exception):
    """This try ended early. `failure` is what to say if it was the last one."""

    def __init__(self, failure: Unavailable, wait_s: float | None = None) -> None:
        super().__init__(str(failure))
        self.failure, self.wait_s = failure, wait_s


@dataclass
class Download:
    """How files of one model come from one source."""

    source: Source
    model: Model
    http: httpx2.Client
    report: Callable[[int], None] = lambda done: None  # bytes of this file that are on the disk
    pause: Callable[[float], Any] = field(default=time.sleep)

    def fetch(self, file: RemoteFile, target: Path) -> str:
        """Brings the file to `target`; its SHA-256.

        Raises: Unavailable. What `report` raises flies, and the part stays for the next time.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + ".part")
        for is_last in (False, True):
            self._complete(file, part)
            digest = _verified(file, part)
            if digest:
                os.replace(part, target)
                _note(part).unlink(missing_ok=True)
                return digest
            log.warning("a model file arrived damaged", extra={"action": "model_damaged", "file": file.path})
            discard(part)
            if is_last:
                raise self._damaged(file)
        raise AssertionError("unreachable")

    def _complete(self, file: RemoteFile, part: Path) -> None:
        """Tries until all bytes are there; gives up after TRIES in a row that brought nothing."""
        in_vain = 0
        while True:
            before = _size(part)
            try:
                return self._once(file, part)
            except _Broken as broken:
                in_vain = 0 if _size(part) > before else in_vain + 1
                if in_vain >= TRIES:
                    raise broken.failure from broken
                wait_s = broken.wait_s if broken.wait_s is not None else 0.5 * 2**in_vain
                self.pause(min(wait_s, LONGEST_WAIT_S))

    def _once(self, file: RemoteFile, part: Path) -> None:
        done = _resumable(file, part)
        if file.size is not None and done == file.size:
            return
        if "://" not in file.url:
            self._write(file, part, done, _blocks_of(Path(file.url), done))
            return
        try:
            self._ask(file, part, done)
        except httpx2.HTTPError as error:
            raise _Broken(unreachable(error, self.source, self.model)) from error

    def _ask(self, file: RemoteFile, part: Path, done: int) -> None:
        headers = {**file.headers, "Accept-Encoding": "identity", **_range(part, done)}
        with self.http.stream("GET", file.url, headers=headers) as answer:
            if answer.status_code == 416 and answer.headers.get("Content-Range") == f"bytes */{done}":
                return  # a file whose size nobody had told is whole
            if answer.status_code in PASSING:
                failure = refused(answer, self.source, self.model)
                raise _Broken(failure, retry_after_s(answer))
            if answer.status_code == 416 or (done and _is_elsewhere(answer, done)):
                discard(part)
                raise _Broken(self._damaged(file), 0.0)
            if answer.status_code >= 400:
                answer.read()
                raise refused(answer, self.source, self.model)
            if answer.status_code != 206:  # the whole file from its beginning
                done = 0
            _remember(file, part, answer.headers.get("ETag", ""))
            self._write(file, part, done, answer.iter_raw())  # a chunk size would hold bytes back
        if file.size is not None and _size(part) < file.size:
            raise _Broken(self._cut_short(file))

    def _write(self, file: RemoteFile, part: Path, done: int, blocks: Iterator[bytes]) -> None:
        """Stops at the announced size: the checksum then finds that it is another file."""
        with part.open("r+b" if part.exists() else "wb") as out:
            out.truncate(done)
            out.seek(done)
            self.report(done)
            for block in blocks:
                out.write(block)
                done += len(block)
                self.report(done)
                if file.size is not None and done > file.size:
                    out.truncate(file.size)
                    return

    def _damaged(self, file: RemoteFile) -> Unavailable:
        return Unavailable(
            "%(file)s of the model %(model)s arrived damaged from %(source)s twice and was deleted: its "
            "checksum is not the announced one. Try again later, or put another model_source first.",
            error_class="format", file=file.path, model=self.model.name, source=str(self.source),
        )  # fmt: skip

    def _cut_short(self, file: RemoteFile) -> Unavailable:
        return Unavailable(
            "%(source)s ended the connection before %(file)s of the model %(model)s was complete, again and "
            "again. What arrived is kept: start the download once more to continue it.",
            error_class="network", source=str(self.source), file=file.path, model=self.model.name,
        )  # fmt: skip


def sha256_of(path: Path, report: Callable[[int], None] = lambda done: None) -> str:
    """`report` is told the bytes read so far."""
    digest, done = hashlib.sha256(), 0
    for block in _blocks_of(path, 0):
        digest.update(block)
        done += len(block)
        report(done)
    return digest.hexdigest()


def git_sha1_of(path: Path) -> str:
    """The name git gives a file's bytes. Source: git-hash-object(1)."""
    digest = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    for block in _blocks_of(path, 0):
        digest.update(block)
    return digest.hexdigest()


def discard(part: Path) -> None:
    part.unlink(missing_ok=True)
    _note(part).unlink(missing_ok=True)


def _verified(file: RemoteFile, path: Path) -> str:
    """The SHA-256 of the whole file; empty when it is not the announced one."""
    digest = sha256_of(path)
    if file.sha256:
        return digest if digest == file.sha256 else ""
    if file.git_sha1:
        return digest if git_sha1_of(path) == file.git_sha1 else ""
    return digest


def _resumable(file: RemoteFile, part: Path) -> int:
    """Bytes of the part that belong to this file; another file's part is thrown away."""
    done = _size(part)
    if done and _known(part).get("of") == _identity(file) and (file.size is None or done <= file.size):
        return done
    discard(part)
    return 0


def _identity(file: RemoteFile) -> str:
    """The same bytes from any source; without a checksum, the address."""
    return file.sha256 or file.git_sha1 or file.url


def _range(part: Path, done: int) -> dict[str, str]:
    """If-Range takes only strong tags; without one the checksum at the end must do."""
    if not done:
        return {}
    tag = str(_known(part).get("etag", ""))
    return {"Range": f"bytes={done}-", **({"If-Range": tag} if tag.startswith('"') else {})}


def _is_elsewhere(answer: httpx2.Response, done: int) -> bool:
    """Whether the server sent another range than the one that was asked for."""
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("Content-Range", ""))
    return answer.status_code == 206 and (found is None or int(found[1]) != done)


def _remember(file: RemoteFile, part: Path, etag: str) -> None:
    _note(part).write_text(json.dumps({"of": _identity(file), "etag": etag}), encoding="utf-8")


def _known(part: Path) -> dict[str, Any]:
    try:
        known = json.loads(_note(part).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _note(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _blocks_of(path: Path, start: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while block := file.read(CHUNK_BYTES):
            yield block
