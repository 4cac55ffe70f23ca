"""The ledger: who may work on which stage, and what came of it.

A claim is one conditional UPDATE with a lease and a fencing token (`owner`). Whoever lost the lease finds
its token gone and can't record: a stage's result is recorded once, whatever dies in between.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Update, and_, or_, select, update
from sqlalchemy.orm import Session

from automation.db import Database
from automation.gates import plain
from automation.models import AttemptRow, Event, RunState, StageRun, Submission
from automation.pipeline.stage import Stage
from providers.chain import Attempt
from providers.notes import Note

PUBLISH = "publish"  # an approved article waits for its time: it is taken back, not stopped


@dataclass(frozen=True, slots=True)
class Claim:
    submission_id: int
    stage: str
    owner: str
    attempt: int


def free(now: datetime) -> ColumnElement[bool]:
    """Runs that may be claimed: due, or left behind by a worker whose lease ran out."""
    return or_(
        and_(StageRun.state == RunState.TODO, StageRun.run_at <= now),
        and_(StageRun.state == RunState.DOING, StageRun.lease_until < now),
    )


def claim(
    db: Database,
    now: datetime,
    lease_s: float,
    *,
    weights: Collection[str] = ("heavy", "light"),
    among: Collection[int] | None = None,
) -> Claim | None:
    """Takes the run that has waited longest, or None. `among` narrows it to these submissions."""
    with db.write() as session:
        wanted = select(StageRun).where(free(now), StageRun.weight.in_(weights))
        if among is not None:
            wanted = wanted.where(StageRun.submission_id.in_(among))
        wanted = wanted.order_by(StageRun.run_at, StageRun.submission_id).limit(1)
        run = session.scalar(wanted.with_for_update(skip_locked=True))
        if run is None:
            return None
        run.state, run.owner = RunState.DOING, secrets.token_hex(16)
        run.lease_until = now + timedelta(seconds=lease_s)
        run.started_at = now
        run.progress, run.progress_note, run.progress_params, run.eta_at = 0.0, "", {}, None
        return Claim(run.submission_id, run.stage, run.owner, run.attempt)


def beat(
    db: Database,
    held: Claim,
    now: datetime,
    lease_s: float,
    progress: float,
    note: str,
    eta_at: datetime | None = None,
) -> bool:
    """Prolongs the lease and shows the progress. False: the lease was lost, stop and record nothing."""
    shown = note if isinstance(note, Note) else Note(note)
    with db.write() as session:
        changed = session.execute(
            update(StageRun)
            .where(*mine(held))
            .values(
                lease_until=now + timedelta(seconds=lease_s),
                progress=progress,
                progress_note=shown.template[:200],
                progress_params=shown.params,
                eta_at=eta_at,
            )
        )
        return bool(changed.rowcount)


def holds(db: Database, held: Claim) -> bool:
    """Whether the claim still stands: nobody stopped the stage, put it away or took it over."""
    with db.read() as session:
        return session.scalar(select(StageRun.stage).where(*mine(held))) is not None


def mine(held: Claim) -> tuple[ColumnElement[bool], ...]:
    return (
        StageRun.submission_id == held.submission_id,
        StageRun.stage == held.stage,
        StageRun.owner == held.owner,
        StageRun.state == RunState.DOING,
    )


def still_mine(session: Session, held: Claim) -> StageRun | None:
    """The run, locked, if this claim still holds it."""
    return session.scalar(select(StageRun).where(*mine(held)).with_for_update())


def enqueue(session: Session, submission: Submission, stage: Stage, now: datetime) -> StageRun:
    """Puts a stage of a submission to be done from `now` on; a run that is there starts afresh."""
    run = session.get(StageRun, (submission.id, stage.name))
    if run is None:
        run = StageRun(submission_id=submission.id, stage=stage.name, weight=stage.weight, run_at=now)
        session.add(run)
    run.state, run.run_at, run.attempt = RunState.TODO, now, 0
    run.owner = run.lease_until = run.error = run.finished_at = None
    run.progress, run.progress_note, run.progress_params, run.eta_at = 0.0, "", {}, None
    return run


def free_orphans(db: Database) -> int:
    """Frees every claimed run. Only for the one process that knows no other worker lives."""
    with db.write() as session:
        freed = session.execute(
            update(StageRun)
            .where(StageRun.state == RunState.DOING)
            .values(state=RunState.TODO, owner=None, lease_until=None)
        )
        return int(freed.rowcount)


def pause(session: Session, submission_id: int) -> int:
    """Stops what runs or waits to run of a submission, publication aside; who works on it loses the lease.

    Gives the number of runs stopped. What has been kept of them stays.
    """
    wanted = (StageRun.submission_id == submission_id, StageRun.state.in_((RunState.TODO, RunState.DOING)))
    stop = update(StageRun).where(*wanted, StageRun.stage != PUBLISH)
    stop = stop.values(state=RunState.PAUSED, owner=None, lease_until=None, progress_note="", eta_at=None)
    # Once more where there was nothing: a stage that was recorded this moment has put the next one in.
    return _changed(session, stop) or _changed(session, stop)


def resume(session: Session, submission_id: int, now: datetime) -> int:
    """Has what was stopped go on; gives the number of runs."""
    stopped = (StageRun.submission_id == submission_id, StageRun.state == RunState.PAUSED)
    again = update(StageRun).where(*stopped)
    return _changed(session, again.values(state=RunState.TODO, run_at=now, attempt=0, error=None))


def _changed(session: Session, statement: Update) -> int:
    """Runs an UPDATE; gives the number of rows it changed."""
    return int(cast("CursorResult[Any]", session.execute(statement)).rowcount)


def attempt_row(
    attempt: Attempt, submission_id: int | None, stage: str, request: str, answer: bytes | None = None
) -> AttemptRow:
    """A backend's turn as it is kept, under the request it was asked with."""
    return AttemptRow(
        submission_id=submission_id,
        stage=stage,
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


def note_event(
    session: Session,
    kind: str,
    now: datetime,
    *,
    submission_id: int | None = None,
    by_id: int | None = None,
    **detail: Any,
) -> None:
    session.add(Event(at=now, kind=kind, submission_id=submission_id, by_id=by_id, detail=detail))
