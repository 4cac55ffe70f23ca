"""Which of the candidates hangs: decided when a drawing is recorded, by what people did meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from automation.models import Cover, Submission


def hanging(seen: Submission, cover: Cover) -> Callable[[Session, Submission], None]:
    """Puts a cover that was drawn for the submission as it was `seen` in its place.

    It is the chosen one, unless a person has chosen another while it was drawn; exactly one is.
    """
    known = {other.id for other in seen.covers if other.chosen}

    def settle(session: Session, submission: Submission) -> None:
        chosen = session.scalars(
            select(Cover).where(Cover.submission_id == submission.id, Cover.chosen).with_for_update()
        ).all()
        cover.chosen = {other.id for other in chosen} == known
        for other in chosen if cover.chosen else ():
            other.chosen = False
        session.add(cover)

    return settle
