"""Article → a cover of 1200 × 630, with the name of who drew it."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from slugify import slugify

from automation.models import Cover, Draft, Submission
from automation.pipeline.stage import Codec, Result, Tools, served_by
from providers.covers import Covers, neutral
from providers.types import CoverBrief, Image

PICTURE = Codec(
    encode=lambda image: json.dumps(
        {**asdict(image), "data": base64.b64encode(image.data).decode()}
    ).encode(),
    decode=lambda data: _image(json.loads(data)),
)


def run(submission: Submission, tools: Tools) -> Result:
    """A cover of an earlier round that was paid for or chosen by a person stays."""
    kept = next((cover for cover in submission.covers if cover.chosen and not cover.is_placeholder), None)
    if kept is not None:
        return Result(provenance={"backend": kept.backend, "model": kept.model})
    draft = submission.drafts[-1]
    brief = _brief(submission, draft)

    def illustrate(backend: Covers) -> Image:
        return backend.generate(brief)

    def illustrate_neutrally(backend: Covers) -> Image:
        return backend.generate(neutral(brief))

    request = f"cover {submission.round}"
    outcome = tools.ask(
        tools.chains.covers, illustrate, neutral=illustrate_neutrally, request=request, codec=PICTURE
    )
    image = outcome.value
    cover = Cover(
        submission_id=submission.id,
        image=image.data,
        sha256=hashlib.sha256(image.data).hexdigest(),
        size_bytes=len(image.data),
        mime=image.mime,
        width_px=image.width_px,
        height_px=image.height_px,
        alt=draft.image_alt,
        backend=outcome.backend,
        model=outcome.model,
        prompt=image.prompt or brief.prompt,
        is_placeholder=image.is_placeholder,
        at=datetime.now(UTC),
    )
    return Result((cover,), provenance=served_by(outcome))


def _brief(submission: Submission, draft: Draft) -> CoverBrief:
    return CoverBrief(
        title=draft.title,
        prompt=draft.image_prompt
        or f"Editorial illustration for a newspaper article: {slugify(draft.title)}",
        slug=slugify(draft.title, max_length=80) or submission.task_id,
        language=submission.language,
        section=str(draft.tags[0]) if draft.tags else "",
    )


def _image(data: dict[str, Any]) -> Image:
    return Image(**{**data, "data": base64.b64decode(data["data"])})
