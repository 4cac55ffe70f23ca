"""Article → a cover of 1200 × 630, with the name of who drew it; more candidates when an editor asks."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from slugify import slugify

from automation.gates import plain
from automation.models import Cover, Submission
from automation.pipeline.stage import Codec, Result, Tools, served_by
from providers.briefs import image_brief
from providers.chain import Chain, Outcome
from providers.covers import Covers, neutral
from providers.errors import ChainExhausted, InputRejected
from providers.types import CoverBrief, Image

ALT_MAX = 191  # what common publishing systems take
PICTURE = Codec(
    encode=lambda image: json.dumps(
        {**asdict(image), "data": base64.b64encode(image.data).decode()}
    ).encode(),
    decode=lambda data: _image(json.loads(data)),
)


def run(submission: Submission, tools: Tools) -> Result:
    """What an editor wished for, else a first cover.

    A cover of an earlier round that was paid for or chosen by a person stays.
    """
    wish = submission.cover_wish
    if is_open(wish):
        return _fulfil(submission, tools, wish)
    kept = _real_cover(submission)
    if kept is not None:
        return Result(provenance={"backend": kept.backend, "model": kept.model})
    brief = _brief(submission)
    outcome = _ask(tools, tools.chains.covers, brief, f"cover {submission.round}")
    cover = _candidate(submission, brief, outcome, alt=submission.drafts[-1].image_alt)
    return Result((cover, *_unchosen(submission)), provenance=served_by(outcome))


def _fulfil(submission: Submission, tools: Tools, wish: dict[str, Any]) -> Result:
    """One more candidate. A wish nobody could fulfil is over: the cover stays, and the page says why."""
    first = _brief(submission)
    # The slug is the seed of all who draw: another one gives another picture of the same prompt.
    brief = replace(first, prompt=wish["prompt"] or first.prompt, slug=f"{first.slug}-{wish['number']}")
    request = f"cover {submission.round}.{wish['number']}"
    try:
        outcome = _ask(tools, _narrowed(tools.chains.covers, wish["backend"]), brief, request)
    except (ChainExhausted, InputRejected) as error:
        failed = {"template": error.template, "params": plain(error.params)}
        return Result(changes={"cover_wish": {**wish, "failed": failed}})
    cover = _candidate(submission, brief, outcome, alt=_alt_for(submission, wish["prompt"]))
    done = {"cover_wish": {"number": wish["number"]}}
    if cover.is_placeholder and not wish["backend"] and _real_cover(submission) is not None:
        cover.chosen = False  # a fallback does not push out a picture
        return Result((cover,), done)
    return Result((cover, *_unchosen(submission)), done, served_by(outcome))


def is_open(wish: Mapping[str, Any]) -> bool:
    """Whether a candidate is still to be drawn."""
    return "prompt" in wish and "failed" not in wish


def _ask(tools: Tools, chain: Chain[Covers], brief: CoverBrief, request: str) -> Outcome[Image]:
    def illustrate(backend: Covers) -> Image:
        return backend.generate(brief)

    def illustrate_neutrally(backend: Covers) -> Image:
        return backend.generate(neutral(brief))

    return tools.ask(chain, illustrate, neutral=illustrate_neutrally, request=request, codec=PICTURE)


def _candidate(submission: Submission, brief: CoverBrief, outcome: Outcome[Image], *, alt: str) -> Cover:
    image = outcome.value
    served = outcome.attempts[-1] if outcome.attempts else None  # none: an answer that was kept
    return Cover(
        submission_id=submission.id,
        image=image.data,
        sha256=hashlib.sha256(image.data).hexdigest(),
        size_bytes=len(image.data),
        mime=image.mime,
        width_px=image.width_px,
        height_px=image.height_px,
        alt=alt[:ALT_MAX],
        backend=outcome.backend,
        model=outcome.model,
        prompt=image.prompt or brief.prompt,
        is_placeholder=image.is_placeholder,
        chosen=True,
        seed=image.seed,
        ms=served.ms if served else None,
        cost_micro_usd=served.cost_micro_usd if served else 0,
        at=datetime.now(UTC),
    )


def _unchosen(submission: Submission) -> list[Cover]:
    """The other candidates, to be recorded as such: one cover is chosen."""
    others = [cover for cover in submission.covers if cover.chosen]
    for cover in others:
        cover.chosen = False
    return others


def _real_cover(submission: Submission) -> Cover | None:
    return next((cover for cover in submission.covers if cover.chosen and not cover.is_placeholder), None)


def _alt_for(submission: Submission, prompt: str) -> str:
    """What is known to describe such a picture; a prompt of an editor's own is described by a person."""
    if not prompt:
        return submission.drafts[-1].image_alt
    return next((cover.alt for cover in reversed(submission.covers) if cover.prompt == prompt), "")


def _narrowed(chain: Chain[Covers], name: str) -> Chain[Covers]:
    """The chain with this backend alone; whole where it has none of that name."""
    if name not in chain.names:
        return chain
    return Chain([(name, lambda: chain.backend(name))], capability=chain.capability)


def _brief(submission: Submission) -> CoverBrief:
    draft = submission.drafts[-1]
    tags = [str(tag) for tag in draft.tags]
    section = tags[0] if tags else ""
    heard = submission.provenance.get("transcribe", {})
    return CoverBrief(
        title=draft.title,
        prompt=image_brief(draft.title, tags, section, written=draft.image_prompt),
        slug=slugify(draft.title, max_length=80) or submission.task_id,
        language=submission.language,
        section=section,
        waveform=tuple(heard.get("waveform", ())),
    )


def _image(data: dict[str, Any]) -> Image:
    return Image(**{**data, "data": base64.b64decode(data["data"])})
