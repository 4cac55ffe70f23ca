"""What an editor asks of the writer while a submission is in review: one more format, a paragraph anew.

A wish stands on the submission (`draft_wish`), and the draft stage is run once more for it; the submission
stays where it is. One wish at a time. A format comes as a version of its own line; a paragraph comes as a
proposal, which a person accepts or discards.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from automation.article import indices_of_block, paragraphs
from automation.errors import Conflict, InvalidSubmission, NotFound, WrongState
from automation.markdown_file import Loaded
from automation.models import Draft, Status, Submission, User
from automation.pipeline import ledger, stage_named
from automation.pipeline.acts import need, note
from automation.pipeline.draft import is_open
from automation.pipeline.review import forget_draft_wish, save_draft
from automation.transcript import view
from providers.drafting import FORMAT_NAMES

HOW = ("again", "shorter", "from")
MOST_SENTENCES = 200  # that a paragraph may be written from


def add_format(session: Session, submission: Submission, by: User, now: datetime, *, format: str) -> None:
    """Asks for a first version in one more format."""
    if format not in FORMAT_NAMES:
        raise InvalidSubmission("There is no format called %(name)s.", name=format[:40])
    if submission.drafts_in(format):
        raise WrongState("There is a text in this format already.")
    _wish(session, submission, now, {"act": "format", "format": format})
    note(session, "format_asked", submission, by, now, format=format)


def choose_format(session: Session, submission: Submission, by: User, now: datetime, *, format: str) -> None:
    """Makes a format the one that is published."""
    need(submission, Status.REVIEW)
    if not submission.drafts_in(format):
        raise NotFound("There is no text in this format yet.")
    submission.format = format
    draft = submission.draft
    if draft is not None:
        submission.title = draft.title
    note(session, "format_chosen", submission, by, now, format=format)


def ask_redraft(
    session: Session,
    submission: Submission,
    by: User,
    now: datetime,
    *,
    format: str,
    place: int,
    how: str,
    sentences: str = "",
    wish: str = "",
) -> None:
    """Asks for another wording of the paragraph at `place` (from 0); `sentences`: "17-19, 25"."""
    draft = _latest(submission, format)
    found = paragraphs(draft.body)
    if how not in HOW or not 0 <= place < len(found):
        raise InvalidSubmission("Choose a paragraph.")
    target = found[place]
    indices = numbers(sentences) if how == "from" else list(indices_of_block(target))
    known = {line.idx for line in view(submission).lines}
    indices = [idx for idx in indices if idx in known]
    if not indices:
        raise InvalidSubmission(
            "This paragraph points to no sentence. Choose sentences in the transcript and redraft from them."
        )
    asked = {"act": how, "format": format, "target": target, "indices": indices, "wish": wish.strip()[:500]}
    _wish(session, submission, now, asked)
    note(session, "redraft_asked", submission, by, now, format=format)


def accept_redraft(session: Session, submission: Submission, by: User, now: datetime) -> Draft:
    """Puts the proposal in the place of its paragraph, as a version of this person's.

    Raises: Conflict when the paragraph is no longer there.
    """
    wish = submission.draft_wish
    if "proposal" not in wish:
        raise NotFound("There is no proposal.")
    draft = _latest(submission, wish["format"])
    parts = paragraphs(draft.body)
    if wish["target"] not in parts:
        raise Conflict("The paragraph was changed meanwhile. Discard the proposal, or ask for another.")
    parts[parts.index(wish["target"])] = wish["proposal"]
    body = "\n\n".join(parts) + "\n"
    saved = save_draft(
        session, submission, by, now, base_rev=draft.rev, title=draft.title, dek=draft.dek, body=body,
        tags=list(draft.tags), description=draft.description, format=draft.format,
    )  # fmt: skip
    submission.draft_wish = {"number": wish["number"]}
    note(session, "redraft_accepted", submission, by, now, rev=saved.rev)
    return saved


def drop_wish(session: Session, submission: Submission, by: User, now: datetime) -> None:
    """Discards the proposal, or gives up what is being written."""
    need(submission, Status.REVIEW)
    forget_draft_wish(session, submission)
    note(session, "redraft_dropped", submission, by, now)


def import_file(
    session: Session, submission: Submission, by: User, now: datetime, *, file: Loaded, over_newer: bool
) -> Draft:
    """A file as the next version of its format; what it leaves out stays as it was.

    Raises: InvalidSubmission for a file of another recording; Conflict when a newer version stands here.
    """
    if file.task and file.task != submission.task_id:
        raise InvalidSubmission("This file belongs to another recording (%(task)s).", task=file.task[:40])
    latest = _latest(submission, file.format or submission.format)
    if file.version is not None and file.version < latest.rev and not over_newer:
        raise Conflict(
            "The file was made of version %(old)d; version %(rev)d stands here. Import it over the newer "
            "one, or export that first.",
            old=file.version, rev=latest.rev,
        )  # fmt: skip

    def kept(name: str) -> Any:
        value = getattr(file, name)
        return getattr(latest, name) if value is None else value

    saved = save_draft(
        session, submission, by, now, base_rev=latest.rev, title=kept("title"), dek=kept("dek"),
        body=file.body, tags=list(kept("tags")), description=kept("description"), slug=kept("slug"),
        format=latest.format,
    )  # fmt: skip
    note(session, "imported", submission, by, now, rev=saved.rev)
    return saved


def numbers(text: str) -> list[int]:
    """ "17-19, 25" → [17, 18, 19, 25]; what is no number is passed over."""
    found: list[int] = []
    for part in text.replace("S", "").replace("–", "-").split(","):
        first, _, last = part.strip().partition("-")
        if first.strip().isdigit():
            start = int(first)
            end = int(last) if last.strip().isdigit() else start
            found += range(start, min(end, start + MOST_SENTENCES) + 1)
    return list(dict.fromkeys(found))[:MOST_SENTENCES]


def _wish(session: Session, submission: Submission, now: datetime, wish: dict[str, Any]) -> None:
    need(submission, Status.REVIEW)
    if is_open(submission.draft_wish):
        raise WrongState("The writer is at work on another wish. Wait for it, or give that up.")
    submission.draft_wish = {"number": submission.draft_wish.get("number", 0) + 1, **wish}
    ledger.enqueue(session, submission, stage_named("draft"), now)


def _latest(submission: Submission, format: str) -> Draft:
    found = submission.drafts_in(format)
    if not found:
        raise NotFound("There is no text in this format yet.")
    return found[-1]
