"""A running stage's line to the ledger: the `Tools` it works with, and the thread that watches over it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from automation.db import Database
from automation.gates import KeptGate
from automation.models import AttemptRow, Cover, PastRun, PieceRow
from automation.pipeline import ledger
from automation.pipeline.ledger import Claim
from automation.pipeline.notebook import KeptNotebook
from automation.pipeline.pace import Stopwatch, learned, machine
from automation.pipeline.stage import Codec, Result
from automation.storage import FolderStorage
from automation.toolbox import Toolbox
from providers.chain import Attempt, Backend, Chain, Outcome
from providers.errors import Cancelled
from providers.notes import Note
from providers.stopping import Stop, listening
from providers.types import Piece

log = logging.getLogger(__name__)
B = TypeVar("B", bound=Backend)
R = TypeVar("R")

PROGRESS_EVERY_S = 0.5
# A stage that a person stops ends within two seconds: it is noticed after at most LOOK_EVERY_S, and what has
# not ended GRACE_S later is left to itself; it can't record anything any more.
LOOK_EVERY_S = 0.5
GRACE_S = 1.0


@dataclass(frozen=True)
class Works:
    """What `advance` needs of the house."""

    db: Database
    storage: FolderStorage
    tools: Toolbox
    lease_s: float = 30.0
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass
class Line:
    """The `Tools` of one run of a stage."""

    works: Works
    held: Claim
    ending: threading.Event  # the process is asked to end
    units: float = 1.0  # of work: seconds of audio, or 1
    _stop: Stop = field(default_factory=Stop)
    _shown: tuple[float, str] = (0.0, "")
    _watch: Stopwatch | None = None
    _served: tuple[str, str] = ("", "")
    _eta_at: datetime | None = None
    _shown_at: datetime | None = None

    @property
    def chains(self) -> Toolbox:
        return self.works.tools

    @property
    def storage(self) -> FolderStorage:
        return self.works.storage

    # --- watching over the stage ---

    def follow(self, work: Callable[[], Result]) -> Result:
        """Runs the work in a thread of its own, prolongs the lease, and sees whether it is still wanted.

        Raises: Cancelled when the process ends or the lease is gone (a person stopped the stage), and what
        the work raises.
        """
        running = _Running(work, self._stop)
        beat_at = time.monotonic() + self.works.lease_s / 3
        while not running.over.wait(LOOK_EVERY_S):
            self._look()
            if self._stop.is_asked:
                running.over.wait(GRACE_S)
                break
            if time.monotonic() >= beat_at:
                beat_at = time.monotonic() + self.works.lease_s / 3
                self._beat()
        if not running.over.is_set():
            fields = {"submission": self.held.submission_id, "stage": self.held.stage}
            log.warning("a stopped stage goes on in vain", extra={"action": "stage_left", **fields})
            raise Cancelled("The work was stopped.")
        return running.result()

    def _look(self) -> None:
        try:
            wanted = not self.ending.is_set() and ledger.holds(self.works.db, self.held)
        except SQLAlchemyError:  # the database is away for a moment: the lease is still ours
            log.warning("the ledger could not be read", extra={"action": "ledger_failed"}, exc_info=True)
            return
        if not wanted:
            self._stop.ask()

    def _beat(self) -> None:
        now, lease_s = self.works.now(), self.works.lease_s
        try:
            mine = ledger.beat(self.works.db, self.held, now, lease_s, *self._shown, self._eta_at)
        except SQLAlchemyError:
            log.warning("the lease could not be prolonged", extra={"action": "ledger_failed"}, exc_info=True)
            return
        if not mine:
            self._stop.ask()

    # --- what the stage calls ---

    def ask(
        self,
        chain: Chain[B],
        call: Callable[[B], R],
        *,
        neutral: Callable[[B], R] | None = None,
        request: str = "",
        codec: Codec | None = None,
    ) -> Outcome[R]:
        kept = self._kept_answer(request) if codec else None
        if kept is not None and codec is not None and kept.answer is not None:
            return Outcome(codec.decode(kept.answer), kept.backend, kept.model, ())

        def keep(attempt: Attempt, value: R | None) -> None:
            answer = codec.encode(value) if codec and attempt.outcome == "served" else None
            self._keep_attempt(attempt, request, answer)

        def timed(asked: Callable[[B], R]) -> Callable[[B], R]:
            def answer(backend: B) -> R:
                self._begin(backend)
                return asked(backend)

            return answer

        gate = KeptGate(self.works.db, self.works.tools.rules, self.works.now, self._sleep)
        again = timed(neutral) if neutral else None
        return chain.run(timed(call), neutral=again, record=keep, gate=gate)

    def notebook(self, request: str) -> KeptNotebook:
        works = self.works
        return KeptNotebook(works.db, self.held.submission_id, request, works.now, self.progress)

    def drawn_before(self, sha256: str) -> bool:
        with self.works.db.read() as session:
            wanted = select(Cover.id).where(
                Cover.sha256 == sha256, Cover.submission_id != self.held.submission_id
            )
            return session.scalar(wanted.limit(1)) is not None

    def keep_piece(self, piece: Piece) -> PieceRow:
        words = [[w.text, w.start_s, w.end_s, w.confidence] for w in piece.words]
        row = PieceRow(
            submission_id=self.held.submission_id,
            idx=piece.index,
            start_s=piece.start_s,
            end_s=piece.end_s,
            words=words,
        )
        with self.works.db.write() as session:
            if ledger.still_mine(session, self.held) is None:
                raise Cancelled("The lease was lost while a piece was recognised.")
            session.add(row)
        return row

    def progress(self, fraction: float, note: str = "") -> None:
        self._check()
        self._shown = (min(max(float(fraction), 0.0), 1.0), note)
        if self._watch is not None:
            is_fetching = isinstance(note, Note) and note.is_fetching
            moved = self._watch.share != self._shown[0] or self._watch.is_fetching != is_fetching
            self._watch.note(self._shown[0], time.monotonic(), is_fetching=is_fetching)
            if moved:  # an end that is put off with every look would never come
                self._estimate(self._watch)
        now = self.works.now()
        if self._shown_at is None or (now - self._shown_at).total_seconds() >= PROGRESS_EVERY_S:
            self._shown_at = now
            self._beat()

    def past_run(self) -> PastRun | None:
        """How long the work took, now that it is done; None when a kept answer was found."""
        if self._watch is None:
            return None
        self._watch.note(1.0, time.monotonic())
        if self._watch.done <= 0:
            return None
        backend, model = self._served
        return PastRun(
            stage=self.held.stage,
            machine=machine(),
            backend=backend,
            model=model[:120],
            units=round(self._watch.done, 3),
            seconds=round(self._watch.worked_s, 3),
            at=self.works.now(),
        )

    def _begin(self, backend: Backend) -> None:
        """A backend is asked: its past runs say how long it will take."""
        self._served = (backend.name, backend.model)
        with self.works.db.read() as session:
            past = learned(session, self.held.stage, *self._served)
        self._watch = Stopwatch(self.units, past, self._shown[0], time.monotonic())
        self._estimate(self._watch)
        self._beat()

    def _estimate(self, watch: Stopwatch) -> None:
        left_s = watch.left_s()
        self._eta_at = None if left_s is None else self.works.now() + timedelta(seconds=left_s)

    def _check(self) -> None:
        """Raises: Cancelled."""
        if self.ending.is_set():
            self._stop.ask()
        self._stop.check()

    def _sleep(self, seconds: float) -> None:
        """Waits for a backend that asked to wait; ends at once when the work is no longer wanted."""
        until = time.monotonic() + seconds
        while (left_s := until - time.monotonic()) > 0:
            self._stop.wait(min(left_s, PROGRESS_EVERY_S))
            self._check()

    def _kept_answer(self, request: str) -> AttemptRow | None:
        with self.works.db.read() as session:
            return session.scalars(
                select(AttemptRow)
                .where(
                    AttemptRow.submission_id == self.held.submission_id,
                    AttemptRow.stage == self.held.stage,
                    AttemptRow.request_key == request,
                    AttemptRow.answer.is_not(None),
                )
                .order_by(AttemptRow.id.desc())
            ).first()

    def _keep_attempt(self, attempt: Attempt, request: str, answer: bytes | None) -> None:
        row = ledger.attempt_row(attempt, self.held.submission_id, self.held.stage, request, answer)
        with self.works.db.write() as session:
            session.add(row)


class _Running:
    """A stage at work in its own thread. `over` is set when it has ended, whichever way."""

    def __init__(self, work: Callable[[], Result], stop: Stop) -> None:
        self.over = threading.Event()
        self._work, self._stop = work, stop
        self._result: Result | None = None
        self._error: BaseException | None = None
        name = f"{threading.current_thread().name}-stage"
        threading.Thread(target=copy_context().run, args=(self._run,), name=name, daemon=True).start()

    def _run(self) -> None:
        try:
            with listening(self._stop):
                self._result = self._work()
        except BaseException as error:  # noqa: BLE001 (raised again by `result`, in the thread that follows)
            self._error = error
        finally:
            self.over.set()

    def result(self) -> Result:
        """What the work gave. Raises: what the work raised."""
        if self._error is not None:
            raise self._error
        if self._result is None:
            raise RuntimeError("the stage ended without a result")
        return self._result
