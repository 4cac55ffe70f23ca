"""Sentences → an article whose quotes are copied from the transcript."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from automation.article import compose
from automation.models import Draft, Submission
from automation.pipeline.stage import Codec, Result, Tools, served_by
from automation.transcript import view
from providers.drafting import Drafting
from providers.types import Article, Block, WritingBrief

ARTICLE = Codec(
    encode=lambda article: json.dumps(asdict(article), ensure_ascii=False).encode(),
    decode=lambda data: _article(json.loads(data)),
)


def run(submission: Submission, tools: Tools) -> Result:
    transcript = view(submission)
    brief = WritingBrief(transcript.sentences(), submission.language, _hint(submission), submission.note)

    request = f"article {submission.round}"
    notes = tools.notebook(request)

    def write(backend: Drafting) -> Article:
        return backend.write(brief, notes)

    outcome = tools.ask(tools.chains.drafting, write, request=request, codec=ARTICLE)
    article = outcome.value
    draft = Draft(
        submission_id=submission.id,
        rev=max((d.rev for d in submission.drafts), default=0) + 1,
        kind="machine",
        title=article.title[:300],
        dek=article.dek,
        body=compose(article, transcript),
        tags=list(article.tags),
        description=article.description[:300],
        image_prompt=article.image_prompt,
        image_alt=article.image_alt[:300],
        request=request,
        at=datetime.now(UTC),
    )
    return Result((draft,), {"title": draft.title}, {**served_by(outcome), **article.usage})


def _hint(submission: Submission) -> str:
    """The working title, where a person gave one: a file name says nothing."""
    return "" if submission.title == submission.filename else submission.title


def _article(data: dict[str, Any]) -> Article:
    blocks = tuple(Block(**{**b, "sources": tuple(b["sources"])}) for b in data["blocks"])
    lists = {name: tuple(data.get(name, ())) for name in ("tags", "titles")}
    return Article(**{**data, "blocks": blocks, **lists})
