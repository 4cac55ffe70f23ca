"""Recordings and pictures: files in a folder, named by what is in them.

An upload is written to `incoming/` as it arrives and moved to its place when it has been found good, so a
broken upload leaves nothing behind.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import time
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from automation.errors import NotFound, StorageFull

STALE_AFTER_S = 24 * 3600  # an upload that has not grown for a day was given up
BLOCK_BYTES = 1 << 20


class Incoming:
    """A file that is arriving. Use as a context manager: what is not kept is removed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size_bytes = 0
        self._digest = hashlib.sha256()
        self._file = path.open("wb")

    def write(self, block: bytes) -> int:
        """Raises: StorageFull."""
        try:
            self._file.write(block)
        except OSError as error:
            raise as_storage_error(error) from error
        self._digest.update(block)
        self.size_bytes += len(block)
        return len(block)

    def read(self, size: int = -1) -> bytes:
        """An upload is looked at on the disk (`path`); the form parser only rewinds it."""
        raise OSError("An arriving file is read through its path.")

    def seek(self, offset: int, whence: int = 0) -> int:
        """The form parser rewinds what it has written; there is nothing to rewind."""
        return 0

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def close(self) -> None:
        """Puts everything on the disk. Raises: StorageFull."""
        if self._file.closed:
            return
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise as_storage_error(error) from error
        finally:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)


class FolderStorage:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.incoming_dir = root / "incoming"
        self.incoming_dir.mkdir(parents=True, exist_ok=True)

    def incoming(self) -> Incoming:
        return Incoming(self.incoming_dir / f"{secrets.token_hex(8)}.part")

    def keep(self, incoming: Incoming, key: str) -> None:
        """Moves a finished upload to its place; the same key means the same bytes."""
        incoming.close()
        target = self._place(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        incoming.path.replace(target)

    def put(self, key: str, data: bytes) -> None:
        """Writes a small file whole or not at all. Raises: StorageFull."""
        with self.incoming() as incoming:
            incoming.write(data)
            self.keep(incoming, key)

    def path(self, key: str) -> Path:
        """Raises: NotFound."""
        path = self._place(key)
        if not path.is_file():
            raise NotFound("The file %(key)s is no longer in the storage folder.", key=key)
        return path

    def open(self, key: str) -> BinaryIO:
        """Raises: NotFound."""
        return self.path(key).open("rb")

    def delete(self, key: str) -> None:
        self._place(key).unlink(missing_ok=True)

    def sweep(self, now: float | None = None) -> int:
        """Removes uploads that were given up; the number of files removed."""
        oldest = (now if now is not None else time.time()) - STALE_AFTER_S
        stale = [p for p in self.incoming_dir.glob("*.part") if p.stat().st_mtime < oldest]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)

    def _place(self, key: str) -> Path:
        path = (self.root / key).resolve()
        if not path.is_relative_to(self.root.resolve()):
            raise NotFound("The file %(key)s is no longer in the storage folder.", key=key)
        return path


def as_storage_error(error: OSError) -> Exception:
    """A full disk gets a message of its own; anything else stays what it is."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull(
            "The disk is full: the recording was not saved. Free some space and send it again."
        )
    return error
