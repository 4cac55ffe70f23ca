"""A person stops what the machine does with a submission, and has it go on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from automation.errors import WrongState
from automation.models import Submission, User
from automation.pipeline import ledger
from automation.pipeline.acts import note


def stop(session: Session, submission: Submission, by: User | None, now: datetime) -> None:
    """Stops the stage that runs or waits. The ledger says so at once; the worker ends within two seconds.

    Pieces that were recognised and answers that were paid for stay. Commits nothing. Raises: WrongState.
    """
    if not ledger.pause(session, submission.id):
        raise WrongState("Nothing is being done here and nothing waits: there is nothing to stop.")
    note(session, "stopped", submission, by, now)


def resume(session: Session, submission: Submission, by: User | None, now: datetime) -> None:
    """Has what was stopped go on from where it was. Commits nothing. Raises: WrongState."""
    if not ledger.resume(session, submission.id, now):
        raise WrongState("Nothing was stopped here: there is nothing to go on with.")
    note(session, "resumed", submission, by, now)
