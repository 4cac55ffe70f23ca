"""The clock: what is due. APScheduler and the cron endpoint both call `tick`.

A slot is one tick of a schedule. Whoever changes `schedule.last` from what it saw fires the slot, so any
number of processes and machines fire it once; a backlog is one slot, its newest tick.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from automation.config import Settings
from automation.errors import InvalidSubmission
from automation.models import Event, RunState, Schedule, StageRun, Status, Submission
from automation.newsroom import Newsroom
from automation.pipeline import ledger, stage_named
from automation.pipeline.advance import Works, advance

log = logging.getLogger(__name__)

LOOK_BACK = timedelta(days=32)  # how far a missed tick is looked for: longer than the rarest monthly line
SLOWEST_LIGHT_STAGE_S = 60.0  # nothing is begun that could not be finished inside the budget


@dataclass
class Report:
    """What a tick did, and why it did not do the rest."""

    slots: list[dict[str, Any]] = field(default_factory=list)
    moved: list[dict[str, Any]] = field(default_factory=list)
    overdue: list[dict[str, Any]] = field(default_factory=list)
    skipped: list[dict[str, Any]] = field(default_factory=list)


def tick(
    room: Newsroom,
    now: datetime,
    *,
    budget_s: float = 0.0,
    clock: Callable[[], float] = time.monotonic,
) -> Report:
    """Fires the slots that are due, looks for what is overdue and, with a budget, works until it is spent.

    On a server the worker does the work and the budget is 0; on a serverless host the caller of the cron
    endpoint lends its time.
    """
    report = Report()
    until = clock() + budget_s
    fired = _fire_due(room, now, report)
    _find_overdue(room, now, report)
    if budget_s > 0:
        _work(room, now, report, until, clock, fired)
    return report


def add_first_schedule(session: Session, settings: Settings) -> None:
    """The schedule of the settings, on an empty table."""
    if session.scalar(select(Schedule.id)) is None:
        session.add(
            Schedule(
                name="daily",
                cron=check_cron(settings.slot_schedule),
                timezone=str(settings.timezone),
                enabled=True,
            )
        )


def check_cron(cron: str) -> str:
    """Raises: InvalidSubmission."""
    try:
        CronTrigger.from_crontab(cron, timezone="UTC")
    except ValueError as error:
        raise InvalidSubmission(
            "“%(cron)s” is not a cron line. "
            "Give five fields (minute hour day month weekday), such as 0 9 * * *.",
            cron=cron,
        ) from error
    return cron


def newest_tick(cron: str, timezone: str, now: datetime) -> datetime | None:
    """The last time at or before `now` at which the schedule was due."""
    trigger = CronTrigger.from_crontab(cron, timezone=timezone)
    for window in (timedelta(hours=2), timedelta(days=2), LOOK_BACK):
        newest: datetime | None = None
        at = trigger.get_next_fire_time(None, now - window)
        while at is not None and at <= now:
            newest = at
            at = trigger.get_next_fire_time(at, at + timedelta(seconds=1))
        if newest is not None:
            return newest
    return None


def next_tick(cron: str, timezone: str, now: datetime) -> datetime | None:
    """The next time the schedule is due after `now`."""
    at: datetime | None = CronTrigger.from_crontab(cron, timezone=timezone).get_next_fire_time(None, now)
    return at


def _fire_due(room: Newsroom, now: datetime, report: Report) -> list[Schedule]:
    with room.db.read() as session:
        schedules = list(session.scalars(select(Schedule).where(Schedule.enabled)))
    fired = []
    for schedule in schedules:
        due = newest_tick(schedule.cron, schedule.timezone, now)
        if due is None:
            continue
        if schedule.last is not None and schedule.last >= due:
            report.skipped.append(
                {"slot": schedule.name, "at": due.isoformat(), "why": "this slot was done already"}
            )
        elif _fire(room, schedule, due, now, report):
            fired.append(schedule)
        else:
            report.skipped.append(
                {"slot": schedule.name, "at": due.isoformat(), "why": "another call took this slot"}
            )
    return fired


def _fire(room: Newsroom, schedule: Schedule, due: datetime, now: datetime, report: Report) -> bool:
    """Opens the slot and lets approved articles that wait for one go out, in one transaction."""
    with room.db.write() as session:
        seen = Schedule.last.is_(None) if schedule.last is None else Schedule.last == schedule.last
        won = session.execute(update(Schedule).where(Schedule.id == schedule.id, seen).values(last=due))
        if won.rowcount != 1:
            return False
        released = _release(session, room.settings.articles_per_slot, now)
        report.slots.append({"slot": schedule.name, "at": due.isoformat(), "published": released})
        ledger.note_event(session, "slot", now, schedule=schedule.name, at=due.isoformat(), released=released)
    log.info(
        "slot fired", extra={"action": "slot_fired", "schedule": schedule.name, "released": len(released)}
    )
    return True


def _release(session: Session, at_most: int, now: datetime) -> list[str]:
    """Puts the articles that have waited longest for a slot into the ledger."""
    waiting = session.scalars(
        select(Submission)
        .outerjoin(StageRun, (StageRun.submission_id == Submission.id) & (StageRun.stage == "publish"))
        .where(
            Submission.status == Status.APPROVED,
            Submission.publish_at.is_(None),
            or_(StageRun.state.is_(None), StageRun.state == RunState.DONE),
        )
        .order_by(Submission.approved_at, Submission.id)
        .limit(at_most)
    ).all()
    for submission in waiting:
        submission.publish_at = now
        ledger.enqueue(session, submission, stage_named("publish"), now)
    return [submission.task_id for submission in waiting]


def _find_overdue(room: Newsroom, now: datetime, report: Report) -> None:
    """Work that should have been begun long ago: said aloud once, and shown among the problems."""
    late = now - timedelta(minutes=room.settings.overdue_after_min)
    with room.db.write() as session:
        rows = session.execute(
            select(Submission.id, Submission.task_id, StageRun.stage, StageRun.run_at)
            .join(StageRun, StageRun.submission_id == Submission.id)
            .where(StageRun.state == RunState.TODO, StageRun.run_at < late, StageRun.error.is_(None))
        ).all()
        for row in rows:
            report.overdue.append({"task_id": row.task_id, "stage": row.stage, "due": row.run_at.isoformat()})
            known = select(Event.id).where(
                Event.kind == "overdue", Event.submission_id == row.id, Event.at >= row.run_at
            )
            if session.scalar(known) is None:
                ledger.note_event(session, "overdue", now, submission_id=row.id, stage=row.stage)
                log.error(
                    "work is overdue", extra={"action": "overdue", "submission": row.id, "stage": row.stage}
                )


def _work(
    room: Newsroom,
    now: datetime,
    report: Report,
    until: float,
    clock: Callable[[], float],
    fired: list[Schedule],
) -> None:
    """Publishes what is due; in a fired slot also drafts and illustrates, for so many articles."""
    begun = clock()
    works = replace(room.works, now=lambda: now + timedelta(seconds=clock() - begun))
    _drain(works, report, until, clock, _due(room, now, ("publish",)))
    waiting = _due(room, now, ("draft", "cover"))
    if fired:
        chosen = waiting[: room.settings.articles_per_slot * len(fired)]
        _drain(works, report, until, clock, chosen)
        waiting = waiting[len(chosen) :]
    report.skipped.extend({"submission": i, "why": "waits for the next slot"} for i in waiting)
    heavy = _due(room, now, ("transcribe", "diarize"))
    report.skipped.extend(
        {"submission": i, "why": "speech is done by a worker, not by this call"} for i in heavy
    )


def _due(room: Newsroom, now: datetime, stages: tuple[str, ...]) -> list[int]:
    with room.db.read() as session:
        return list(
            session.scalars(
                select(StageRun.submission_id)
                .where(ledger.free(now), StageRun.stage.in_(stages))
                .order_by(StageRun.run_at, StageRun.submission_id)
            )
        )


def _drain(
    works: Works, report: Report, until: float, clock: Callable[[], float], submissions: list[int]
) -> None:
    """Moves these submissions as far as light stages take them, while the budget lasts."""
    reserve_s = min(SLOWEST_LIGHT_STAGE_S, (until - clock()) / 2)
    for submission in submissions:
        while True:
            if until - clock() < reserve_s:
                report.skipped.append({"submission": submission, "why": "the time budget is spent"})
                break
            held = advance(works, weights=("light",), among=(submission,))
            if held is None:
                break
            report.moved.append({"submission": submission, "stage": held.stage})
