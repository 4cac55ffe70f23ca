"""Rows that many pages begin with: a submission by its number, and what was done to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from automation.errors import NotFound
from automation.models import Event, Submission

EVENTS_SHOWN = 60


def find(session: Session, task_id: str, *more: Any) -> Submission:
    """The submission of that number, with the given children loaded. Raises: NotFound."""
    wanted = select(Submission).where(Submission.task_id == task_id)
    submission = session.scalars(wanted.options(*(selectinload(child) for child in more))).first()
    if submission is None:
        raise NotFound("There is no such submission.")
    return submission


def events_of(session: Session, submission: Submission) -> Sequence[Event]:
    return session.scalars(
        select(Event)
        .where(Event.submission_id == submission.id)
        .options(selectinload(Event.by))
        .order_by(Event.id.desc())
        .limit(EVENTS_SHOWN)
    ).all()
