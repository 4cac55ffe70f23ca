"""A wall-clock limit for calls that have none of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class DeadlinePassed(Exception):
    """The call did not return in time; its thread is left to end by itself."""


class _Call(Generic[T]):
    def __init__(self, function: Callable[[], T]) -> None:
        self._function = function
        self._results: list[T] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._results.append(self._function())
        except BaseException as error:  # noqa: BLE001  carried to the caller's thread, raised there
            self._error = error

    def result(self) -> T:
        if self._error is not None:
            raise self._error
        return self._results[0]


def within(timeout_s: float, function: Callable[[], T]) -> T:
    """function(), or DeadlinePassed after timeout_s seconds.

    An HTTP client's own time-out starts anew with every byte received, and some providers poll without an
    end; a newsroom waits for a cover by the clock. The thread is a daemon: it can't hold up an exit.
    Source: https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/inference/_providers/wavespeed.py
    """
    call = _Call(function)
    thread = threading.Thread(target=call.run, name="cover-call", daemon=True)
    thread.start()
    thread.join(timeout_s)
    if thread.is_alive():
        raise DeadlinePassed
    return call.result()
