"""Ending work that nobody wants any more, also in the midst of an engine's long call.

Who runs a backend listens for a `Stop`; backends call `check()` between steps and name, with
`interrupted_by`, how the call they are about to make can be broken off. Where nobody listens both do nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from providers.errors import Cancelled


class Stop:
    """Asked once, from any thread."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._lock = threading.Lock()
        self._interrupts: list[Callable[[], None]] = []

    @property
    def is_asked(self) -> bool:
        return self._asked.is_set()

    def ask(self) -> None:
        """Ends the work: at its next `check`, or now where the call under way can be interrupted."""
        with self._lock:
            self._asked.set()
            interrupts, self._interrupts = self._interrupts, []
        for interrupt in interrupts:
            interrupt()

    def wait(self, seconds: float) -> bool:
        return self._asked.wait(seconds)

    def check(self) -> None:
        """Raises: Cancelled."""
        if self.is_asked:
            raise Cancelled("The work was stopped.")

    @contextmanager
    def interrupted_by(self, interrupt: Callable[[], None]) -> Iterator[None]:
        with self._lock:
            self._interrupts.append(interrupt)
        try:
            self.check()
            yield
        except Exception as error:  # a call that is broken off may raise anything
            if self.is_asked:
                raise Cancelled("The work was stopped.") from error
            raise
        finally:
            with self._lock:
                if interrupt in self._interrupts:
                    self._interrupts.remove(interrupt)


_current: ContextVar[Stop | None] = ContextVar("stop", default=None)


@contextmanager
def listening(stop: Stop) -> Iterator[None]:
    """Inside, the backends of this thread end when `stop` is asked for."""
    token = _current.set(stop)
    try:
        yield
    finally:
        _current.reset(token)


def check() -> None:
    """Raises: Cancelled when the work of this thread is no longer wanted."""
    stop = _current.get()
    if stop is not None:
        stop.check()


@contextmanager
def interrupted_by(interrupt: Callable[[], None]) -> Iterator[None]:
    """`interrupt()` breaks off the call made inside, from another thread.

    Raises: Cancelled in place of what the call then raises.
    """
    stop = _current.get()
    if stop is None:
        yield
        return
    with stop.interrupted_by(interrupt):
        yield
