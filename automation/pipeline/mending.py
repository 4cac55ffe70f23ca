"""A quote put right by a click: one more version of the article, through the door of every other."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from automation.article import check_quotes
from automation.errors import Conflict, InvalidSubmission, NotFound, WrongState
from automation.mending import ACTS, mended
from automation.models import Draft, Status, Submission, User
from automation.pipeline.acts import need
from automation.pipeline.review import save_draft
from automation.pipeline.verifying import quote_key
from automation.transcript import view


def mend_quote(
    session: Session,
    submission: Submission,
    by: User,
    now: datetime,
    *,
    base_rev: int,
    number: int,
    key: str,
    act: str,
    format: str = "",
) -> Draft:
    """Puts the quote right that stands at `number` (from 0) of version `base_rev`; `key` is `quote_key`'s.

    Raises: Conflict when a newer version stands, or the quote reads otherwise now; WrongState where it
    can't be put right by itself.
    """
    need(submission, Status.REVIEW)
    found = submission.drafts_in(format or submission.format)
    if not found:
        raise NotFound("There is no text in this format yet.")
    draft = found[-1]
    body = draft.body if draft.rev != base_rev else _body(submission, draft, number, key, act)
    return save_draft(
        session, submission, by, now, base_rev=base_rev, title=draft.title, dek=draft.dek, body=body,
        tags=list(draft.tags), description=draft.description, format=draft.format,
    )  # fmt: skip


def _body(submission: Submission, draft: Draft, number: int, key: str, act: str) -> str:
    transcript = view(submission)
    checks = check_quotes(draft.body, transcript)
    if not 0 <= number < len(checks) or quote_key(checks[number], transcript) != key:
        raise Conflict("This quote has changed meanwhile. Reload the page and look at it as it is now.")
    wanted = next((one for one in ACTS if one == act), None)
    if wanted is None:
        raise InvalidSubmission("Choose what to do with the quote.")
    body = mended(draft.body, checks[number], transcript, wanted)
    if body is None:
        raise WrongState("This quote can't be put right by itself. Change it in the text.")
    return body
