"""Correcting what has been heard while the rest is still being recognised (see automation.early).

Every function changes rows of the session it is given and commits nothing; the door does.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from automation.article import clock
from automation.early import OP, SLACK_S, within
from automation.errors import Conflict, InvalidSubmission, NotFound
from automation.models import Edit, Submission, User
from automation.pipeline.acts import OPEN, need, note
from automation.transcript import words_of


def correct_early(
    session: Session,
    submission: Submission,
    by: User,
    now: datetime,
    *,
    start_s: float,
    end_s: float,
    text: str,
) -> None:
    """Puts other words in place of those heard in a stretch; the machine's stay underneath.

    Raises: Conflict when the sentence, finished meanwhile, was corrected by somebody else.
    """
    need(submission, *OPEN)
    text = " ".join(text.split())
    if not text:
        raise InvalidSubmission("The sentence is empty. Write what is said there.")
    heard = [[w.text, w.start_s, w.end_s, w.confidence] for w in words_of(submission.pieces)]
    was = " ".join(str(heard[place][0]) for place in within(heard, start_s, end_s))
    if not was:
        raise NotFound("Nothing has been heard there. Reload the page.")
    if _corrected_since(submission, start_s, end_s):
        raise Conflict(
            "Somebody corrected this sentence meanwhile. Copy your words, cancel, and look at theirs."
        )
    for edit in touching(submission, start_s, end_s):
        if edit.payload["start_s"] >= start_s - SLACK_S and edit.payload["end_s"] <= end_s + SLACK_S:
            edit.undone = True
    if text != was or any(touching(submission, start_s, end_s)):
        payload = {"start_s": start_s, "end_s": end_s, "was": was, "text": text[:5000]}
        submission.edits.append(
            Edit(op=OP, segment_idx=None, payload=payload, by_id=by.id, at=now, undone=False)
        )
    note(session, "corrected_early", submission, by, now, at=clock(start_s))


def undo_early(
    session: Session, submission: Submission, by: User, now: datetime, *, start_s: float, end_s: float
) -> None:
    """Takes back the corrections that reach into a stretch."""
    need(submission, *OPEN)
    for edit in touching(submission, start_s, end_s):
        edit.undone = True
    note(session, "early_undone", submission, by, now, at=clock(start_s))


def touching(submission: Submission, start_s: float, end_s: float) -> Iterator[Edit]:
    """The early corrections that stand and share time with a stretch."""
    for edit in submission.edits:
        stands = edit.op == OP and not edit.undone
        if stands and edit.payload["start_s"] < end_s - SLACK_S and edit.payload["end_s"] > start_s + SLACK_S:
            yield edit


def _corrected_since(submission: Submission, start_s: float, end_s: float) -> bool:
    replaced = {edit.segment_idx for edit in submission.edits if edit.op == "replace" and not edit.undone}
    return any(
        row.idx in replaced and row.start_s < end_s - SLACK_S and row.end_s > start_s + SLACK_S
        for row in submission.segments
    )
