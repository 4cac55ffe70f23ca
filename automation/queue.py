"""The embedded worker: threads that ask the ledger for work.

On SQLite one process holds the lock of the data folder, so at its start every claimed run is known to be an
orphan and is freed at once. On PostgreSQL several workers may run; a dead one's runs are free when their
lease ends.
"""

from __future__ import annotations

import fcntl
import logging
import threading
from datetime import UTC, datetime
from typing import IO

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import SQLAlchemyError

from automation import scheduler
from automation.errors import WrongState
from automation.model_files import Downloader
from automation.newsroom import Newsroom
from automation.pipeline import ledger
from automation.pipeline.advance import advance

log = logging.getLogger(__name__)

TICK_EVERY_S = 15
AFTER_ERROR_S = 5.0


class Worker:
    """`start()` begins, `stop()` ends within moments: running stages give their claim back."""

    def __init__(self, room: Newsroom) -> None:
        self.room = room
        self.stopping = threading.Event()
        self._lock: IO[str] | None = None
        self._threads: list[threading.Thread] = []
        self._clock = BackgroundScheduler(timezone="UTC")

    def start(self) -> None:
        """Raises: WrongState when another worker holds the data folder."""
        if self.room.db.is_sqlite:
            self._hold_folder()
            freed = ledger.free_orphans(self.room.db)
            if freed:
                log.warning("orphaned work freed", extra={"action": "orphans_freed", "runs": freed})
        self.room.storage.sweep()
        for weight, count in (
            ("heavy", self.room.settings.heavy_threads),
            ("light", self.room.settings.light_threads),
        ):
            for number in range(count):
                thread = threading.Thread(
                    target=self._work, args=(weight,), name=f"{weight}-{number}", daemon=True
                )
                self._threads.append(thread)
        downloader = Downloader(self.room.settings, self.stopping)
        self._threads.append(threading.Thread(target=downloader.run, name="models", daemon=True))
        for thread in self._threads:
            thread.start()
        self._clock.add_job(
            self._tick,
            "interval",
            seconds=TICK_EVERY_S,
            next_run_time=datetime.now(UTC),
            coalesce=True,
            max_instances=1,
        )
        self._clock.start()
        log.info("worker started", extra={"action": "worker_started", "threads": len(self._threads)})

    def stop(self, timeout_s: float = 10.0) -> None:
        self.stopping.set()
        if self._clock.running:
            self._clock.shutdown(wait=False)
        for thread in self._threads:
            thread.join(timeout_s)
        if self._lock is not None:
            self._lock.close()
        log.info("worker stopped", extra={"action": "worker_stopped"})

    def _work(self, weight: str) -> None:
        while not self.stopping.is_set():
            try:
                held = advance(self.room.works, weights=(weight,), stop=self.stopping)
            except SQLAlchemyError:  # the database is away: this thread must outlive that
                log.exception("the ledger could not be read", extra={"action": "ledger_failed"})
                self.stopping.wait(AFTER_ERROR_S)
                continue
            if held is None:
                self.stopping.wait(self.room.settings.poll_s)

    def _tick(self) -> None:
        scheduler.tick(self.room, datetime.now(UTC))

    def _hold_folder(self) -> None:
        path = self.room.settings.data_dir / "worker.lock"
        self._lock = path.open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._lock.close()
            raise WrongState(
                "Another worker already works in %(folder)s. Stop it first, or give this one its own "
                "POLOSA_DATA.",
                folder=str(self.room.settings.data_dir),
            ) from error
