"""What a person does in a test, in one call."""

from __future__ import annotations

from typing import Any

from automation.models import Submission, User
from automation.newsroom import Newsroom
from automation.pipeline import review
from tests.fakes import NOW


def write_version(room: Newsroom, submission_id: int, by: User, body: str = "Текст.", **more: Any) -> None:
    """The next version of the article; `more`: of what `review.save_draft` takes."""
    with room.db.write() as session:
        submission = session.get_one(Submission, submission_id)
        told = {"title": "Мост", "dek": "", "tags": [], "description": "", **more}
        base_rev = submission.drafts[-1].rev
        review.save_draft(session, submission, by, NOW, base_rev=base_rev, body=body, **told)
