"""What every act of a person begins and ends with: the status it needs, and its line in the audit log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from automation.errors import WrongState
from automation.models import RunState, StageRun, Status, Submission, User
from automation.pipeline import ledger

HEARD = (Status.RECEIVED, Status.TRANSCRIBED)  # pieces may be there, sentences with speakers are not
EDITABLE = (Status.ATTRIBUTED, Status.DRAFTED, Status.REVIEW)  # the sentences are there, nobody has signed
OPEN = (*HEARD, *EDITABLE)  # a form may have been opened earlier


def need(submission: Submission, *allowed: Status) -> None:
    """Raises: WrongState where the submission is elsewhere."""
    if submission.status not in allowed:
        raise WrongState(
            "This can't be done now: the submission is “%(status)s”. Reload the page to see where it is.",
            status=submission.status,
        )


def note(
    session: Session, kind: str, submission: Submission, by: User | None, now: datetime, **detail: object
) -> None:
    """The act is done: it stands in the audit log, under who did it (None: the command line)."""
    submission.updated_at = now
    by_id = by.id if by else None
    ledger.note_event(session, kind, now, submission_id=submission.id, by_id=by_id, **detail)


def drop_unfinished(session: Session, submission: Submission, stage: str) -> None:
    """What a stage still has to do is not wanted any more: who works on it finds the lease gone."""
    run = session.get(StageRun, (submission.id, stage))
    if run is not None and run.state != RunState.DONE:
        session.delete(run)
