"""Bytes as they arrive or are read → what is told to the caller and to other processes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from providers.hub import Progress
from providers.models.notes import TELL_EVERY_S, Doing, Notes, Speed
from providers.notes import checking, downloading

TELL_EVERY_BYTES = 1_000_000


class Counted:
    """Bytes of several files together. `progress` may raise, and what it raises ends the work."""

    def __init__(self, notes: Notes, name: str, doing: Doing, progress: Progress) -> None:
        self._notes, self._name, self._doing, self._progress = notes, name, doing, progress
        self._before = 0  # bytes of the files that are done
        self._told_bytes, self._told_at = -TELL_EVERY_BYTES, 0.0
        self._noted_at = float("-inf")
        self._speed = Speed()
        self.file = ""

    def report(self, done: int) -> None:
        """`done`: bytes of the present file."""
        now, total = time.monotonic(), self._before + done
        is_last = total == self._doing.total
        if self._noted_at + TELL_EVERY_S <= now or is_last:
            self._note(total, self._speed.at(now, total))
            self._noted_at = now
        moved = abs(total - self._told_bytes) >= TELL_EVERY_BYTES
        if moved or is_last or now - self._told_at >= TELL_EVERY_S:
            self._told_bytes, self._told_at = total, now
            self._tell(total)

    def next(self, size: int) -> None:
        """The present file, of so many bytes, is done."""
        self._before += size
        self.report(0)

    def pause(self, sleep: Callable[[float], Any]) -> Callable[[float], None]:
        """A pause that can be ended: `progress` is asked all the while."""

        def wait(wait_s: float) -> None:
            while wait_s > 0:
                self._tell(max(self._told_bytes, 0))
                sleep(min(wait_s, TELL_EVERY_S))
                wait_s -= TELL_EVERY_S

        return wait

    def _note(self, done: int, bytes_per_s: float) -> None:
        known = self._doing
        self._notes.tell(
            self._name,
            Doing(known.act, done, known.total, round(bytes_per_s, 1), self.file, known.source),
        )

    def _tell(self, done: int) -> None:
        total = self._doing.total
        fraction = min(1.0, done / total) if total else 0.0
        told = checking if self._doing.act == "verify" else downloading
        self._progress(fraction, told(self._name, done, total))
