"""Putting words off the record, and taking that back (see automation.offrecord).

Every function changes rows of the session it is given and commits nothing; the door does.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from automation.appraisal import appraise_again
from automation.article import clock
from automation.errors import InvalidSubmission, NotFound, WrongState
from automation.glossary.learning import CORRECTIONS, unlearn
from automation.models import Edit, Status, Submission, User
from automation.offrecord import OP, spans_of
from automation.pipeline.acts import OPEN, need, note
from automation.reuse import Secrets, cleaned, secrets_of
from automation.transcript import Line


def take_off(
    session: Session, submission: Submission, by: User, now: datetime, *, start_s: float, end_s: float
) -> None:
    """Puts what is said in a stretch off the record.

    What waits to be sent to a machine (a reason, a cover's prompt) loses those words.
    """
    _need_open(submission)
    if not 0 <= start_s < end_s:
        raise InvalidSubmission("Choose the words that are off the record.")
    payload = {"start_s": round(start_s, 3), "end_s": round(end_s, 3)}
    submission.edits.append(Edit(op=OP, segment_idx=None, payload=payload, by_id=by.id, at=now, undone=False))
    session.flush()
    secrets = secrets_of(submission)
    for edit in submission.edits:
        if edit.payload.get("learned") and _within(submission, edit, start_s, end_s):
            unlearn(session, edit)
    submission.title = cleaned(submission.title, secrets)
    submission.note = cleaned(submission.note, secrets)
    submission.hint = cleaned(submission.hint, secrets)
    submission.cover_wish = cleaned(submission.cover_wish, secrets)
    submission.draft_wish = cleaned(submission.draft_wish, secrets)
    appraise_again(submission)
    note(session, "off_record", submission, by, now, at=clock(start_s))


def put_back(session: Session, submission: Submission, by: User, now: datetime, *, number: int) -> None:
    """Puts what one mark covers on the record again."""
    _need_open(submission)
    edit = next((e for e in submission.edits if e.id == number and e.op == OP and not e.undone), None)
    if edit is None:
        raise NotFound("This is on the record already. Reload the page.")
    edit.undone = True
    appraise_again(submission)
    note(session, "on_record", submission, by, now, at=clock(edit.payload["start_s"]))


def corrected_off_record(submission: Submission) -> bool:
    """Whether the latest correction is of a sentence that is off the record, in part or whole."""
    latest = next((e for e in reversed(submission.edits) if e.op in CORRECTIONS and not e.undone), None)
    spans = spans_of(submission.edits)
    return latest is not None and any(_within(submission, latest, s.start_s, s.end_s) for s in spans)


def _within(submission: Submission, edit: Edit, start_s: float, end_s: float) -> bool:
    """Whether a correction shares time with a stretch."""
    told = edit.payload
    if edit.op == "early":
        return bool(told["start_s"] < end_s and told["end_s"] > start_s)
    row = next((row for row in submission.segments if row.idx == edit.segment_idx), None)
    return row is not None and row.start_s < end_s and row.end_s > start_s


def stretch(first: Line, last: Line, first_word: int | None, last_word: int | None) -> tuple[float, float]:
    """From a word of one line to a word of another; None: from its beginning, to its end.

    Raises: InvalidSubmission when there are no such words, or the second comes before the first.
    """
    start_s, end_s = first.start_s, last.end_s
    if first.words:
        start_s = min(word[1] for word in first.words)
    if last.words:
        end_s = max(word[2] for word in last.words)
    for line, place in ((first, first_word), (last, last_word)):
        if place is not None and not 0 <= place < len(line.words):
            raise InvalidSubmission("The page is out of date. Reload it and try again.")
    start_s = float(first.words[first_word][1]) if first_word is not None else start_s
    end_s = float(last.words[last_word][2]) if last_word is not None else end_s
    if last_word is not None and last_word + 1 < len(last.words):  # a word may run into the next
        end_s = min(end_s, max(float(last.words[last_word + 1][1]), float(last.words[last_word][1])))
    if end_s <= start_s:
        raise InvalidSubmission("The last word stands before the first. Choose them anew.")
    return start_s, end_s


def refuse_repeating(secrets: Secrets | None, text: str) -> None:
    """Raises: InvalidSubmission when a text that goes to a machine repeats what is off the record."""
    words = secrets.repeated(text) if secrets else ""
    if words:
        raise InvalidSubmission(
            "This repeats words that are off the record: “%(words)s”. They may not be sent to a machine.",
            words=words[:120],
        )


def _need_open(submission: Submission) -> None:
    if submission.status in (Status.APPROVED, Status.PUBLISHED):
        raise WrongState("The article is approved or public. Take it back into review first.")
    need(submission, *OPEN)
