"""Claim a stage, run it, record it: the only place that sets a submission's status.

Claiming commits; the stage works on a loaded submission with no transaction open; recording commits once,
or the failure is noted beside the status. Any process may call `advance`: the embedded worker, the cron
endpoint, a test.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session, selectinload

from automation.db import Database
from automation.errors import PolosaError, StorageFull
from automation.gates import plain
from automation.models import AttemptRow, Desk, PastRun, RunState, Status, Submission
from automation.pipeline import ledger, pace, stage_named, stage_that_takes
from automation.pipeline.ledger import Claim
from automation.pipeline.line import Line, Works
from automation.pipeline.stage import Result
from automation.reuse import cleaned, secrets_of
from providers.chain import Backend
from providers.errors import Cancelled, ChainExhausted, InputRejected, ProviderError, Unavailable

log = logging.getLogger(__name__)
B = TypeVar("B", bound=Backend)
R = TypeVar("R")

__all__ = ["Works", "advance", "load", "move", "record", "work_off"]

TRIES = 5  # failed tries in a row after which a person looks
WAIT_S = (60, 300, 1500, 3600)  # pauses while something is missing (a model, a key): 1, 5, 25, 60 min


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
    units = submission.duration_s if stage.weight == "heavy" else 1.0
    line = Line(works, held, stop, units)
    _log(logging.INFO, "stage started", held, "stage_started")
    try:
        result = line.follow(lambda: stage.run(submission, line))
    except Cancelled:
        _log(logging.WARNING, "stage given up", held, "stage_given_up")
        _give_back(works, held)
    except (ProviderError, PolosaError) as error:
        _record_failure(works, held, error)
    except Exception as error:  # (the one broad except: a bug in a stage must not stop the line)
        log.exception("stage broke", extra=_fields(held, "stage_broke"))
        _record_failure(works, held, error)
    else:
        record(works, held, result, line.past_run())


def record(works: Works, held: Claim, result: Result, ran: PastRun | None = None) -> bool:
    """Writes a stage's result, the new status, the next stage's run and how long it took in one transaction.

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
        if "title" in result.changes:  # written before somebody put its words off the record
            submission.title = cleaned(submission.title, secrets_of(submission))
        if result.settle is not None:
            result.settle(session, submission)
        if result.provenance:
            submission.provenance = {**submission.provenance, held.stage: dict(result.provenance)}
        run.state, run.finished_at, run.error, run.attempt = RunState.DONE, now, None, 0
        run.owner = run.lease_until = None
        run.progress, run.progress_note, run.progress_params, run.eta_at = 1.0, "", {}, None
        if ran is not None:
            pace.keep(session, ran)
        session.execute(
            update(AttemptRow)
            .where(AttemptRow.submission_id == submission.id, AttemptRow.stage == held.stage)
            .values(answer=None)
        )
        ledger.note_event(session, "stage_done", now, submission_id=submission.id, stage=held.stage)
        if _reached(submission, stage.gives):  # done once more, for a wish: it stays where it is
            submission.updated_at = now
        else:
            move(session, submission, stage.gives, now)
    _log(logging.INFO, "stage done", held, "stage_done")
    return True


def _reached(submission: Submission, status: Status) -> bool:
    order = list(Status)
    return order.index(Status(submission.status)) >= order.index(status)


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
            .options(
                *(selectinload(child) for child in children),
                selectinload(Submission.desk).selectinload(Desk.terms),
            )
        ).one()


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
