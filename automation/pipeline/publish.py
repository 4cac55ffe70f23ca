"""Approved article → a public page with an address of its own."""

from __future__ import annotations

from datetime import UTC, datetime

from automation.models import Submission
from automation.pipeline.draft import drafted
from automation.pipeline.stage import Result, Tools
from automation.slugs import slug_of


def run(submission: Submission, tools: Tools) -> Result:
    """An article that was public before keeps its address and its first date."""
    draft = drafted(submission)
    words = draft.slug or slug_of(draft.title, submission.language) or "article"
    slug = submission.slug or f"{words}-{submission.id}"
    return Result(
        changes={
            "slug": slug,
            "published_at": submission.published_at or datetime.now(UTC),
        }
    )
