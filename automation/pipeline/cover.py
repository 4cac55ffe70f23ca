"""Article → a cover of 1200 × 630, with the name of who drew it; more candidates when an editor asks."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from slugify import slugify

from automation.gates import plain
from automation.grounding.silence import PLACEHOLDER
from automation.models import Cover, Submission
from automation.pipeline.draft import drafted
from automation.pipeline.hanging import hanging
from automation.pipeline.stage import Codec, Result, Tools, served_by
from automation.reuse import cleaned, cleaned_draft, secrets_of
from providers.briefs import image_brief
from providers.chain import Chain, Outcome
from providers.covers import Covers, InSteps, neutral
from providers.covers.renditions import look_of, sha256_of
from providers.errors import BackendFailed, ChainExhausted, InputRejected
from providers.types import CoverBrief, Drawing, Image

ALT_MAX = 191  # what common publishing systems take
PICTURE = Codec(
    encode=lambda image: json.dumps(_plain_image(image)).encode(),
    decode=lambda data: _image(json.loads(data)),
)
PICTURES = ("data", "square", "original")  # the fields of an Image that are bytes
CARD = {  # what a placeholder shows
    "ru": "Заставка с заголовком «%s» и рисунком звуковой волны",
    "uk": "Заставка із заголовком «%s» і малюнком звукової хвилі",
    "en": "A title card: “%s”, with the drawing of a sound wave",
}


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
    outcome = _ask(tools, _desks_chain(tools, submission), brief, f"cover {submission.round}")
    cover = _candidate(submission, brief, outcome, alt=drafted(submission).image_alt)
    return Result(settle=hanging(submission, cover), provenance=served_by(outcome))


def _fulfil(submission: Submission, tools: Tools, wish: dict[str, Any]) -> Result:
    """One more candidate. A wish nobody could fulfil is over: the cover stays, and the page says why."""
    first = _brief(submission, style=wish.get("style", ""), asked=wish.get("drawing", {}))
    # The slug is the seed of all who draw: another one gives another picture of the same prompt.
    prompt = cleaned(wish["prompt"], secrets_of(submission)) or first.prompt
    brief = replace(first, prompt=prompt, slug=f"{first.slug}-{wish['number']}")
    request = f"cover {submission.round}.{wish['number']}"
    chain = _narrowed(tools.chains.covers, [wish["backend"]]) if wish["backend"] else None
    try:
        outcome = _ask(tools, chain or _desks_chain(tools, submission), brief, request)
    except (ChainExhausted, InputRejected) as error:
        failed = {"template": error.template, "params": plain(error.params)}
        return Result(changes={"cover_wish": {**wish, "failed": failed}})
    cover = _candidate(submission, brief, outcome, alt=_alt_for(submission, wish["prompt"]))
    done = {"cover_wish": {"number": wish["number"]}}
    if cover.is_placeholder and not wish["backend"] and _real_cover(submission) is not None:
        cover.chosen = False  # a fallback does not push out a picture
        return Result((cover,), done)
    return Result((), done, served_by(outcome), hanging(submission, cover))


def is_open(wish: Mapping[str, Any]) -> bool:
    """Whether a candidate is still to be drawn."""
    return "prompt" in wish and "failed" not in wish


def _ask(tools: Tools, chain: Chain[Covers], brief: CoverBrief, request: str) -> Outcome[Image]:
    def illustrate(backend: Covers, wanted: CoverBrief = brief) -> Image:
        image = _drawn(tools, backend, wanted)
        if not image.is_placeholder and tools.drawn_before(sha256_of(image.data)):
            raise BackendFailed(
                "%(backend)s sent the very picture another article has. Try again, or choose another model.",
                error_class="format", backend=str(getattr(backend, "vendor", "")) or backend.name,
            )  # fmt: skip
        return image

    return tools.ask(
        chain,
        illustrate,
        neutral=partial(illustrate, wanted=neutral(brief)),
        request=request,
        codec=PICTURE,
    )


def _drawn(tools: Tools, backend: Covers, brief: CoverBrief) -> Image:
    """Shows how far the drawing is, and stops it, where the backend can tell."""
    if isinstance(backend, InSteps):
        return backend.generate_in_steps(brief, lambda done, total: tools.progress(done / max(total, 1)))
    return backend.generate(brief)


def _candidate(submission: Submission, brief: CoverBrief, outcome: Outcome[Image], *, alt: str) -> Cover:
    image = outcome.value
    served = outcome.attempts[-1] if outcome.attempts else None  # none: an answer that was kept
    return Cover(
        submission_id=submission.id,
        image=image.data,
        square=image.square or None,
        original=image.original or None,
        sha256=sha256_of(image.data),
        look=look_of(image.original) if image.original else "",
        size_bytes=len(image.data),
        mime=image.mime,
        width_px=image.width_px,
        height_px=image.height_px,
        alt=(_card(submission) if image.is_placeholder else alt)[:ALT_MAX],
        backend=outcome.backend,
        model=outcome.model,
        prompt=image.prompt or brief.prompt,
        is_placeholder=image.is_placeholder,
        chosen=True,
        seed=image.seed,
        parameters=dict(image.parameters),
        ms=served.ms if served else None,
        cost_micro_usd=served.cost_micro_usd if served else 0,
        at=datetime.now(UTC),
    )


def chosen_cover(submission: Submission) -> Cover | None:
    return next((cover for cover in reversed(submission.covers) if cover.chosen), None)


def _real_cover(submission: Submission) -> Cover | None:
    return next((cover for cover in submission.covers if cover.chosen and not cover.is_placeholder), None)


def _alt_for(submission: Submission, prompt: str) -> str:
    """What is known to describe such a picture; a prompt of an editor's own is described by a person."""
    if not prompt:
        return drafted(submission).image_alt
    return next((cover.alt for cover in reversed(submission.covers) if cover.prompt == prompt), "")


def _desks_chain(tools: Tools, submission: Submission) -> Chain[Covers]:
    """The whole chain, in the order of the submission's desk where it has one of its own."""
    chain = tools.chains.covers
    wanted = [str(name) for name in _look(submission).get("backends", ())]
    return _narrowed(chain, wanted) if wanted else chain


def _narrowed(chain: Chain[Covers], names: list[str]) -> Chain[Covers]:
    """The chain with these backends alone, in this order; whole where it has none of them."""
    known = [name for name in names if name in chain.names]
    if not known:
        return chain
    entries = [(name, partial(chain.backend, name)) for name in known]
    return Chain(entries, capability=chain.capability)


def _look(submission: Submission) -> Mapping[str, Any]:
    """What the submission's desk asks of its covers: {backends, style, and fields of Drawing}."""
    return submission.desk.covers if submission.desk else {}


def _brief(submission: Submission, *, style: str = "", asked: Mapping[str, Any] | None = None) -> CoverBrief:
    draft, look = cleaned_draft(drafted(submission), secrets_of(submission)), _look(submission)
    written = "" if PLACEHOLDER in draft.image_prompt else draft.image_prompt
    tags = [str(tag) for tag in draft.tags]
    section = tags[0] if tags else ""
    heard = submission.provenance.get("transcribe", {})
    style = style or str(look.get("style", ""))
    return CoverBrief(
        title=draft.title,
        prompt=image_brief(draft.title, tags, section, style=style, written=written),
        # the recording is part of the seed: two articles of one title have pictures of their own
        slug=slugify(f"{draft.title[:80]} {submission.task_id[:8]}"),
        language=submission.language,
        section=section,
        waveform=tuple(heard.get("waveform", ())),
        drawing=drawing_of({**look, **(asked or {})}),
    )


def drawing_of(values: Mapping[str, Any]) -> Drawing:
    """The values that a Drawing knows, as they are kept in a column: a size is a list there."""
    known = {
        field.name: values[field.name] for field in fields(Drawing) if values.get(field.name) is not None
    }
    if "size_px" in known:
        known["size_px"] = tuple(known["size_px"])
    return Drawing(**known)


def _card(submission: Submission) -> str:
    title = drafted(submission).title
    words = CARD.get(submission.language, CARD["en"])
    room = ALT_MAX - len(words % "")
    return words % (title if len(title) <= room else title[: room - 1].rstrip() + "…")


def _plain_image(image: Image) -> dict[str, Any]:
    kept = {**asdict(image), "parameters": dict(image.parameters)}
    return kept | {name: base64.b64encode(kept[name]).decode() for name in PICTURES}


def _image(data: dict[str, Any]) -> Image:
    return Image(**{**data, **{name: base64.b64decode(data.get(name, "")) for name in PICTURES}})
