"""Claim a stage, run it, record it: the only place that sets a submission's status.

Claiming commits; the stage works on a loaded submission with no transaction open; recording commits once,
or the failure is noted beside the status. Any process may call `advance`: the embedded worker, the cron
endpoint, a test.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self, TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session, selectinload

from automation.db import Database
from automation.errors import PolosaError, StorageFull
from automation.gates import KeptGate, plain
from automation.models import AttemptRow, PieceRow, RunState, Status, Submission
from automation.pipeline import ledger, stage_named, stage_that_takes
from automation.pipeline.ledger import Claim
from automation.pipeline.stage import Codec, Result
from automation.storage import FolderStorage
from automation.toolbox import Toolbox
from providers.chain import Attempt, Backend, Chain, Outcome
from providers.errors import Cancelled, ChainExhausted, InputRejected, ProviderError, Unavailable
from providers.types import Piece

log = logging.getLogger(__name__)
B = TypeVar("B", bound=Backend)
R = TypeVar("R")

TRIES = 5  # failed tries in a row after which a person looks
WAIT_S = (60, 300, 1500, 3600)  # pauses while something is missing (a model, a key): 1, 5, 25, 60 min
PROGRESS_EVERY_S = 0.5


@dataclass(frozen=True)
class Works:
    """What `advance` needs of the house."""

    db: Database
    storage: FolderStorage
    tools: Toolbox
    lease_s: float = 30.0
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


def advance(
    works: Works,
    *,
    weights: Collection[str] = ("heavy", "light"),
    among: Collection[int] | None = None,
    stop: threading.Event | None = None,
) -> Claim | None:
    """Claims one stage and works it off. None: nothing was to do."""
    held = ledger.claim(works.db, works.now(), works.lease_s, weights=weights, among=among)
    if held is not None:
        work_off(works, held, stop or threading.Event())
    return held


def work_off(works: Works, held: Claim, stop: threading.Event) -> None:
    """Runs a claimed stage and records what came of it."""
    submission = load(works.db, held.submission_id)
    stage = stage_named(held.stage)
    line = _Line(works, held, stop)
    _log(logging.INFO, "stage started", held, "stage_started")
    try:
        with line:
            result = stage.run(submission, line)
    except Cancelled:
        _log(logging.WARNING, "stage given up", held, "stage_given_up")
        _give_back(works, held)
    except (ProviderError, PolosaError) as error:
        _record_failure(works, held, error)
    except Exception as error:  # (the one broad except: a bug in a stage must not stop the line)
        log.exception("stage broke", extra=_fields(held, "stage_broke"))
        _record_failure(works, held, error)
    else:
        record(works, held, result)


def record(works: Works, held: Claim, result: Result) -> bool:
    """Writes a stage's result, the new status and the next stage's run in one transaction.

    False: the lease was lost meanwhile, and nothing was written.
    """
    stage, now = stage_named(held.stage), works.now()
    with works.db.write() as session:
        run = ledger.still_mine(session, held)
        if run is None:
            _log(logging.WARNING, "a result came after its lease was lost", held, "fenced")
            return False
        submission = session.get_one(Submission, held.submission_id)
        session.add_all(result.rows)
        for name, value in result.changes.items():
            setattr(submission, name, value)
        if result.provenance:
            submission.provenance = {**submission.provenance, held.stage: dict(result.provenance)}
        run.state, run.finished_at, run.error, run.attempt = RunState.DONE, now, None, 0
        run.owner = run.lease_until = None
        run.progress, run.progress_note = 1.0, ""
        session.execute(
            update(AttemptRow)
            .where(AttemptRow.submission_id == submission.id, AttemptRow.stage == held.stage)
            .values(answer=None)
        )
        ledger.note_event(session, "stage_done", now, submission_id=submission.id, stage=held.stage)
        move(session, submission, stage.gives, now)
    _log(logging.INFO, "stage done", held, "stage_done")
    return True


def move(session: Session, submission: Submission, status: Status, now: datetime) -> None:
    """Sets the status and puts the next stage into the ledger.

    An approved article waits for its time: `publish_at`, or a slot of the schedule when that is empty.
    """
    submission.status, submission.updated_at = status, now
    following = stage_that_takes(status)
    if following is None or (status == Status.APPROVED and submission.publish_at is None):
        return
    run_at = max(now, submission.publish_at) if status == Status.APPROVED and submission.publish_at else now
    ledger.enqueue(session, submission, following, run_at)


def load(db: Database, submission_id: int) -> Submission:
    """A submission with everything a stage reads, detached from any session."""
    children = (
        Submission.pieces,
        Submission.segments,
        Submission.edits,
        Submission.drafts,
        Submission.covers,
    )
    with db.read() as session:
        return session.scalars(
            select(Submission)
            .where(Submission.id == submission_id)
            .options(*(selectinload(child) for child in children))
        ).one()


@dataclass
class _Line:
    """A running stage's line to the ledger: the `Tools` of one run, with a heart that beats beside it."""

    works: Works
    held: Claim
    stop: threading.Event  # the process is asked to end
    _lost: threading.Event = field(default_factory=threading.Event)
    _over: threading.Event = field(default_factory=threading.Event)
    _shown: tuple[float, str] = (0.0, "")
    _shown_at: datetime | None = None
    _heart: threading.Thread | None = None

    @property
    def chains(self) -> Toolbox:
        return self.works.tools

    @property
    def storage(self) -> FolderStorage:
        return self.works.storage

    def __enter__(self) -> Self:
        self._heart = threading.Thread(target=self._beat_until_over, name="heart", daemon=True)
        self._heart.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._heart is not None:
            self._heart.join()

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

        gate = KeptGate(self.works.db, self.works.tools.rules, self.works.now, self._sleep)
        return chain.run(call, neutral=neutral, record=keep, gate=gate)

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
        if self.stop.is_set() or self._lost.is_set():
            raise Cancelled("The work was stopped.")
        self._shown = (min(max(float(fraction), 0.0), 1.0), note)
        now = self.works.now()
        if self._shown_at is None or (now - self._shown_at).total_seconds() >= PROGRESS_EVERY_S:
            self._shown_at = now
            self._beat()

    def _sleep(self, seconds: float) -> None:
        """Waits for a backend that asked to wait; ends at once when the process does or the lease is lost."""
        until = time.monotonic() + seconds
        while (left_s := until - time.monotonic()) > 0:
            if self.stop.wait(min(left_s, PROGRESS_EVERY_S)) or self._lost.is_set():
                raise Cancelled("The work was stopped.")

    def _beat_until_over(self) -> None:
        while not self._over.wait(self.works.lease_s / 3):
            self._beat()

    def _beat(self) -> None:
        fraction, note = self._shown
        if not ledger.beat(self.works.db, self.held, self.works.now(), self.works.lease_s, fraction, note):
            self._lost.set()

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
        row = AttemptRow(
            submission_id=self.held.submission_id,
            stage=self.held.stage,
            backend=attempt.backend,
            model=attempt.model[:120],
            outcome=attempt.outcome,
            error_class=attempt.error_class,
            template=attempt.template,
            params=plain(attempt.params),
            ms=attempt.ms,
            cost_micro_usd=attempt.cost_micro_usd,
            at=datetime.fromtimestamp(attempt.started_at, UTC),
            request_key=request,
            answer=answer,
        )
        with self.works.db.write() as session:
            session.add(row)


def _record_failure(works: Works, held: Claim, error: Exception) -> None:
    """Notes why a stage failed and when it is tried again; the status stays where the work got to."""
    now = works.now()
    with works.db.write() as session:
        run = ledger.still_mine(session, held)
        if run is None:
            return
        waits = _waits(error)
        run.attempt += 1
        run.error = {**_told(error), "waiting": waits, "at": now.isoformat()}
        run.owner = run.lease_until = None
        if isinstance(error, InputRejected) or (not waits and run.attempt >= TRIES):
            run.state = RunState.HALTED
        else:
            run.state, run.run_at = (
                RunState.TODO,
                now + timedelta(seconds=_pause_s(error, run.attempt, waits)),
            )
        ledger.note_event(
            session,
            "stage_failed",
            now,
            submission_id=held.submission_id,
            stage=held.stage,
            reason=str(error),
            attempt=run.attempt,
            state=str(run.state),
        )
    level = logging.ERROR if run.state == RunState.HALTED else logging.WARNING
    log.log(level, "stage failed", extra={**_fields(held, "stage_failed"), "reason": str(error)})


def _waits(error: Exception) -> bool:
    """Whether something is missing that only a person or the network can bring: wait, don't give up."""
    if isinstance(error, ChainExhausted):
        return any(attempt.outcome == "skipped" for attempt in error.attempts) or not error.attempts
    return isinstance(error, Unavailable | StorageFull)


def _pause_s(error: Exception, attempt: int, waits: bool) -> float:
    asked = getattr(error, "retry_after_s", None) or 0.0
    own = WAIT_S[min(attempt, len(WAIT_S)) - 1] if waits else 2.0**attempt
    return float(max(asked, own))


def _told(error: Exception) -> dict[str, Any]:
    """The failure as the row keeps it: a template and its parameters, or what a bug said."""
    if isinstance(error, ProviderError | PolosaError):
        return {
            "template": error.template,
            "params": plain(error.params),
            "class": getattr(error, "error_class", "unknown"),
        }
    return {
        "template": "Something broke inside Polosa (%(kind)s: %(detail)s). The log of the worker says more.",
        "params": {"kind": type(error).__name__, "detail": str(error)[:300]},
        "class": "unknown",
    }


def _give_back(works: Works, held: Claim) -> None:
    """The process was asked to end: the run is free again at once."""
    with works.db.write() as session:
        run = ledger.still_mine(session, held)
        if run is not None:
            run.state, run.owner, run.lease_until = RunState.TODO, None, None


def _fields(held: Claim, action: str) -> dict[str, Any]:
    return {"action": action, "submission": held.submission_id, "stage": held.stage}


def _log(level: int, sentence: str, held: Claim, action: str) -> None:
    log.log(level, sentence, extra=_fields(held, action))
