"""Sentences → an article in every format that was wished for; later another format, or a paragraph anew."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from automation.appraisal import appraise, notes_of
from automation.composing import compose, compose_blocks
from automation.gates import plain
from automation.models import Draft, Submission
from automation.pipeline.stage import Codec, Result, Tools, served_by
from automation.reuse import cleaned, secrets_of
from automation.transcript import Transcript, view
from providers.chain import Outcome
from providers.drafting import DEFAULT_FORMAT, Drafting
from providers.errors import ChainExhausted, InputRejected
from providers.types import Article, Block, RedraftBrief, WritingBrief

NEIGHBOURS = 2  # sentences around those a paragraph points to, for a redraft
ARTICLE = Codec(
    encode=lambda article: json.dumps(asdict(article), ensure_ascii=False).encode(),
    decode=lambda data: _article(json.loads(data)),
)
BLOCKS = Codec(
    encode=lambda blocks: json.dumps([asdict(block) for block in blocks], ensure_ascii=False).encode(),
    decode=lambda data: tuple(_block(block) for block in json.loads(data)),
)


def run(submission: Submission, tools: Tools) -> Result:
    """What an editor wished for, else a version in every format; sent back, in the published one alone."""
    wish = submission.draft_wish
    if is_open(wish):
        return (
            _format(submission, tools, wish) if wish["act"] == "format" else _redraft(submission, tools, wish)
        )
    wanted = (
        [submission.format]
        if submission.round
        else (submission.formats or [submission.format or DEFAULT_FORMAT])
    )
    transcript = view(submission)
    drafts: list[Draft] = []
    provenance: dict[str, Any] = {}
    for name in wanted:
        request = f"{name} {submission.round}"
        outcome = _write(submission, tools, transcript, name, request)
        drafts.append(_draft(submission, outcome.value, transcript, name, request, len(drafts)))
        if name == submission.format:
            provenance = {**served_by(outcome), **outcome.value.usage}
    title = next((d.title for d in drafts if d.format == submission.format), drafts[0].title)
    return Result(tuple(drafts), {"title": title}, provenance)


def is_open(wish: Mapping[str, Any]) -> bool:
    """Whether the writer is still to do, or at, what an editor wished for."""
    return "act" in wish and "failed" not in wish and "proposal" not in wish


def drafted(submission: Submission) -> Draft:
    """The version that counts, of a submission that has one."""
    return submission.draft or submission.drafts[-1]


def _format(submission: Submission, tools: Tools, wish: dict[str, Any]) -> Result:
    """One more format. A wish nobody could fulfil is over, and the page says why."""
    request = f"{wish['format']} {submission.round}.{wish['number']}"
    transcript = view(submission)
    try:
        outcome = _write(submission, tools, transcript, wish["format"], request)
    except (ChainExhausted, InputRejected) as error:
        return _failed(wish, error)
    draft = _draft(submission, outcome.value, transcript, wish["format"], request, 0)
    return Result((draft,), {"draft_wish": {"number": wish["number"]}})


def _redraft(submission: Submission, tools: Tools, wish: dict[str, Any]) -> Result:
    """A proposal for one paragraph."""
    request = f"redraft {submission.round}.{wish['number']}"
    notes = tools.notebook(request)
    transcript = view(submission)
    secrets = secrets_of(submission)
    brief = RedraftBrief(
        tuple(s for s in transcript.sentences() if int(s.id[1:]) in _around(wish)),
        cleaned(wish["target"], secrets),
        wish["act"],
        submission.language,
        cleaned(wish.get("wish", ""), secrets),
        house_style(submission),
    )

    def redraft(backend: Drafting) -> tuple[Block, ...]:
        return backend.redraft(brief, notes)

    try:
        outcome = tools.ask(tools.chains.drafting, redraft, request=request, codec=BLOCKS)
    except (ChainExhausted, InputRejected) as error:
        return _failed(wish, error)
    text = compose_blocks(outcome.value, transcript, submission.language)
    return Result(
        changes={"draft_wish": {**wish, "proposal": text, "request": request, **served_by(outcome)}}
    )


def _around(wish: Mapping[str, Any]) -> set[int]:
    """The sentences named; for another wording of a paragraph its neighbours as well."""
    reach = NEIGHBOURS if wish["act"] == "again" else 0
    return {idx + step for idx in wish["indices"] for step in range(-reach, reach + 1)}


def _failed(wish: dict[str, Any], error: ChainExhausted | InputRejected) -> Result:
    told = {"template": error.template, "params": plain(error.params)}
    return Result(changes={"draft_wish": {**wish, "failed": told}})


def _write(
    submission: Submission, tools: Tools, transcript: Transcript, name: str, request: str
) -> Outcome[Article]:
    secrets = secrets_of(submission)
    brief = WritingBrief(
        transcript.sentences(),
        submission.language,
        cleaned(_hint(submission), secrets),
        cleaned("\n".join(filter(None, (submission.hint, submission.note))), secrets),
        name,
        house_style(submission),
        tuple(submission.participants),
    )
    notes = tools.notebook(request)

    def write(backend: Drafting) -> Article:
        return backend.write(brief, notes)

    return tools.ask(tools.chains.drafting, write, request=request, codec=ARTICLE)


def _draft(
    submission: Submission, article: Article, transcript: Transcript, name: str, request: str, after: int
) -> Draft:
    draft = Draft(
        submission_id=submission.id,
        rev=max((d.rev for d in submission.drafts), default=0) + 1 + after,
        kind="machine",
        format=name,
        title=article.title[:300],
        titles=list(article.titles),
        dek=article.dek,
        body=compose(article, transcript),
        tags=list(article.tags),
        description=article.description[:300],
        social=dict(article.social),
        image_prompt=article.image_prompt,
        image_alt=article.image_alt[:300],
        request=request,
        at=datetime.now(UTC),
    )
    appraise(draft, transcript, notes_of(submission))
    return draft


def house_style(submission: Submission) -> str:
    return submission.desk.house_style if submission.desk is not None else ""


def _hint(submission: Submission) -> str:
    """The working title, where a person gave one: neither a file name nor a machine's title is a wish."""
    others = {draft.title for draft in submission.drafts if draft.kind == "machine"}
    return "" if submission.title in {submission.filename, *others} else submission.title


def _article(data: dict[str, Any]) -> Article:
    blocks = tuple(_block(block) for block in data["blocks"])
    lists: dict[str, Sequence[str]] = {name: tuple(data.get(name, ())) for name in ("tags", "titles")}
    return Article(**{**data, "blocks": blocks, **lists})


def _block(data: dict[str, Any]) -> Block:
    return Block(**{**data, "sources": tuple(data["sources"])})
