"""Approved article → a public page with an address of its own."""

from __future__ import annotations

from datetime import UTC, datetime

from slugify import slugify

from automation.models import Submission
from automation.pipeline.stage import Result, Tools


def run(submission: Submission, tools: Tools) -> Result:
    """An article that was public before keeps its address and its first date."""
    title = submission.drafts[-1].title
    slug = (
        submission.slug or f"{slugify(title, max_length=90, word_boundary=True) or 'article'}-{submission.id}"
    )
    return Result(
        changes={
            "slug": slug,
            "published_at": submission.published_at or datetime.now(UTC),
        }
    )
