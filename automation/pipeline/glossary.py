"""The desk's glossary laid over a transcript, as rows of the journal: visible, and undone one by one.

The machine's sentences stay as they are, and a sentence a person has corrected is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from automation.appraisal import appraise_again
from automation.errors import NotFound, NotHere
from automation.glossary.matching import Glossary, Match, spoken_language
from automation.glossary.terms import entries
from automation.models import Desk, Edit, SegmentRow, Submission, User
from automation.pipeline.acts import EDITABLE, OPEN, need, note

OP = "glossary"


def proposed(desk: Desk | None, segments: Sequence[SegmentRow]) -> list[tuple[int, Match]]:
    """(sentence, match) for everything the glossary would write.

    Raises: NotHere where the packages it matches with are not installed.
    """
    if desk is None or not desk.terms:
        return []
    language = spoken_language(segment.text for segment in segments)
    try:
        glossary = Glossary(entries(desk.terms), language)
        return [(row.idx, match) for row in segments for match in glossary.matches(row.words)]
    except ModuleNotFoundError as error:
        raise NotHere(
            "The glossary can't be applied on this server: the package %(package)s is not installed. It is "
            "applied where the worker runs.",
            package=error.name,
        ) from error


def edits_of(found: Iterable[tuple[int, Match]], submission_id: int, now: datetime) -> list[Edit]:
    """The journal's rows for what was found."""
    return [
        Edit(
            submission_id=submission_id,
            op=OP,
            segment_idx=idx,
            payload={
                "first": match.first,
                "count": match.count,
                "heard": match.heard,
                "text": match.text,
                "term": match.entry.id,
                "canonical": match.entry.canonical,
            },
            undone=False,
            by_id=None,
            at=now,
        )
        for idx, match in found
    ]


def apply(session: Session, submission: Submission, by: User, now: datetime) -> tuple[int, int]:
    """Lays the glossary as it is now. What a person undid stays undone.

    Returns how many words or names were put in and how many taken back, whose term is no longer there.
    """
    need(submission, *EDITABLE)
    kept = [edit for edit in submission.edits if edit.op == OP]
    refused = [edit for edit in kept if edit.undone and not edit.payload.get("outdated")]
    standing = {_place(edit): edit for edit in kept if not edit.undone}
    wanted = [
        edit
        for edit in edits_of(proposed(submission.desk, submission.segments), submission.id, now)
        if not any(_overlap(edit, other) and _term(edit) == _term(other) for other in refused)
    ]
    stays = {_place(edit) for edit in wanted}
    outdated = [edit for place, edit in standing.items() if place not in stays]
    for edit in outdated:
        edit.undone, edit.payload = True, {**edit.payload, "outdated": True}
    fresh = [edit for edit in wanted if _place(edit) not in standing]
    submission.edits.extend(fresh)
    appraise_again(submission)
    note(session, "glossary_applied", submission, by, now, count=len(fresh))
    return len(fresh), len(outdated)


def undo(session: Session, submission: Submission, by: User, now: datetime, *, number: int) -> None:
    """What was heard stands again in this place."""
    need(submission, *EDITABLE)
    edit = next((e for e in submission.edits if e.id == number and e.op == OP), None)
    if edit is None:
        raise NotFound("The glossary has changed nothing there.")
    edit.undone = True
    appraise_again(submission)
    note(session, "glossary_undone", submission, by, now, count=1)


def undo_term(session: Session, submission: Submission, by: User, now: datetime, *, term: int) -> None:
    """What was heard stands again wherever this term was written."""
    need(submission, *EDITABLE)
    edits = [e for e in submission.edits if e.op == OP and not e.undone and e.payload["term"] == term]
    if not edits:
        raise NotFound("The glossary has changed nothing there.")
    for edit in edits:
        edit.undone = True
    appraise_again(submission)
    note(session, "glossary_undone", submission, by, now, count=len(edits))


def assign(session: Session, submission: Submission, by: User, now: datetime, desk: Desk) -> None:
    """Gives a submission to another desk; its glossary is applied when somebody asks for it."""
    need(submission, *OPEN)
    submission.desk = desk
    note(session, "desk_assigned", submission, by, now, desk=desk.name)


def _place(edit: Edit) -> tuple[object, ...]:
    told = edit.payload
    return edit.segment_idx, told["first"], told["count"], told["text"], told["term"]


def _term(edit: Edit) -> object:
    return edit.payload["term"]


def _overlap(one: Edit, other: Edit) -> bool:
    if one.segment_idx != other.segment_idx:
        return False
    a, b = one.payload, other.payload
    return bool(a["first"] < b["first"] + b["count"] and b["first"] < a["first"] + a["count"])
