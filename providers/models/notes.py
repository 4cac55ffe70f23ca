"""What a process that works on a model tells the others: a lock and small JSON files in MODELS_DIR/.jobs.

NAME.lock        held while somebody downloads, checks or removes the model; it ends with its process
NAME.now.json    how far that is (Doing); believed only while the lock is held
NAME.order.json  what a person asked the worker for (providers.models.orders)
worker.lock      held by the worker that carries orders out
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

JOBS = ".jobs"
WINDOW_S = 10.0  # over which the speed is measured
TELL_EVERY_S = 0.5
LOOK_EVERY_S = 0.5  # how often one who waits for the lock tries again


@dataclass(frozen=True, slots=True)
class Doing:
    """How far a download or a check is."""

    act: str  # download, verify
    done: int  # bytes
    total: int  # bytes; 0: unknown
    bytes_per_s: float = 0.0  # over the last seconds; 0: not known yet
    file: str = ""
    source: str = ""

    @property
    def fraction(self) -> float:
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds to go at this speed; None: unknown."""
        known = self.bytes_per_s > 0 and self.total
        return max(0, self.total - self.done) / self.bytes_per_s if known else None


@dataclass(frozen=True, slots=True)
class Notes:
    folder: Path  # of the models

    @contextmanager
    def alone(self, name: str, wait: Callable[[], Any] | None = None) -> Iterator[None]:
        """Holds the model's lock. `wait` is called while another holds it, and may raise to give up."""
        with self._open(f"{name}.lock") as file:
            while not _taken(file, fcntl.LOCK_EX):
                if wait is not None:
                    wait()
                time.sleep(LOOK_EVERY_S)
            try:
                yield
            finally:
                self._path(f"{name}.now.json").unlink(missing_ok=True)

    def is_busy(self, name: str) -> bool:
        """Whether some living process works on the model."""
        return self._is_held(f"{name}.lock")

    def tell(self, name: str, doing: Doing) -> None:
        self.write(f"{name}.now.json", asdict(doing))

    def doing(self, name: str) -> Doing | None:
        """How far the process is that works on the model; None: nobody does, or it has said nothing yet."""
        told = self.read(f"{name}.now.json") if self.is_busy(name) else None
        try:
            return Doing(**told) if told else None
        except TypeError:  # written by another version
            return None

    def on_duty(self) -> IO[str] | None:
        """The open lock of the one worker that carries orders out; None while another is on duty."""
        file = self._open("worker.lock")
        if _taken(file, fcntl.LOCK_EX):
            return file
        file.close()
        return None

    def is_served(self) -> bool:
        """Whether a living worker carries out orders for this folder."""
        return self._is_held("worker.lock")

    def read(self, name: str) -> dict[str, Any] | None:
        try:
            known = json.loads(self._path(name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return known if isinstance(known, dict) else None

    def write(self, name: str, value: Mapping[str, Any]) -> None:
        """Whole or not at all, for whoever reads meanwhile."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
        fresh.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
        os.replace(fresh, path)

    def names(self, ending: str) -> list[str]:
        """The models that have such a note."""
        found = (self.folder / JOBS).glob(f"*{ending}")
        return sorted(path.name.removesuffix(ending) for path in found)

    def forget(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self.folder / JOBS / name

    def _open(self, name: str) -> IO[str]:
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("a")

    def _is_held(self, name: str) -> bool:
        """Asks with a shared lock, given back at once: whoever wants the lock then tries once more."""
        try:
            with self._path(name).open() as file:
                return not _taken(file, fcntl.LOCK_SH)
        except OSError:  # nobody has ever held it, or this process may not look
            return False


@dataclass
class Speed:
    """Bytes a second over the last WINDOW_S."""

    _seen: deque[tuple[float, int]] = field(default_factory=deque)

    def at(self, now: float, done: int) -> float:
        """`now`: seconds of any clock that does not go back."""
        if self._seen and done < self._seen[-1][1]:  # a damaged file begins anew
            self._seen.clear()
        self._seen.append((now, done))
        while now - self._seen[0][0] > WINDOW_S and len(self._seen) > 2:
            self._seen.popleft()
        took_s = now - self._seen[0][0]
        return (done - self._seen[0][1]) / took_s if took_s > 0 else 0.0


def _taken(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
