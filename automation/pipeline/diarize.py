"""Words → sentences with speakers, and the desk's glossary over them. Without speakers the line says so."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from automation.errors import NotHere
from automation.models import SegmentRow, Submission
from automation.pipeline import glossary
from automation.pipeline.stage import Codec, Result, Tools, served_by
from automation.transcript import words_of
from providers.chain import Chain, Outcome
from providers.diarization import Diarization
from providers.errors import ChainExhausted, Unavailable
from providers.sentences import segments_of
from providers.types import Segment, Turn

TURNS = Codec(
    encode=lambda turns: json.dumps([[t.start_s, t.end_s, t.speaker] for t in turns]).encode(),
    decode=lambda data: [Turn(*turn) for turn in json.loads(data)],
)


def run(submission: Submission, tools: Tools) -> Result:
    kept: list[list[Any]] | None = None
    try:
        turns, provenance = told_apart(submission, tools)
        kept = [[t.start_s, t.end_s, t.speaker] for t in turns]
    except ChainExhausted as failure:
        turns, provenance = [], {"backend": "", "model": "", "missing": str(failure)}
    second_hearing = submission.provenance.get("transcribe", {}).get("second_hearing", ())
    segments = segments_of(words_of(submission.pieces, second_hearing), turns)
    rows = tuple(_row(submission, n, s) for n, s in enumerate(segments, 1))
    try:
        found = glossary.proposed(submission.desk, rows)
    except NotHere as missing:  # the page offers to apply it later
        found, provenance = [], {**provenance, "glossary_missing": str(missing)}
    edits = glossary.edits_of(found, submission.id, datetime.now(UTC))
    return Result((*rows, *edits), {"turns": kept}, provenance)


def told_apart(submission: Submission, tools: Tools) -> tuple[list[Turn], dict[str, Any]]:
    """The turns and who found them; `weaker` where that was no model. Raises: ChainExhausted."""
    media = tools.storage.path(submission.media_key)

    def tell_apart(backend: Diarization) -> list[Turn]:
        return backend.turns(
            media,
            min_speakers=submission.min_speakers,
            max_speakers=most_speakers(submission),
            progress=tools.progress,
        )

    chain = tools.chains.diarization
    outcome = tools.ask(chain, tell_apart, request="turns", codec=TURNS)
    return outcome.value, {**served_by(outcome), **({"weaker": True} if _is_weaker(chain, outcome) else {})}


def _is_weaker(chain: Chain[Diarization], outcome: Outcome[Any]) -> bool:
    """Also of an answer kept before a crash, whose backend may have left the chain since."""
    try:
        return bool(getattr(chain.backend(outcome.backend), "is_weaker", False))
    except (KeyError, Unavailable):
        return False


def most_speakers(submission: Submission) -> int | None:
    """As many as take part, where a person named them and said nothing of their number."""
    named = len(submission.participants)
    if submission.min_speakers is None and submission.max_speakers is None and named > 1:
        return named
    return submission.max_speakers


def _row(submission: Submission, idx: int, segment: Segment) -> SegmentRow:
    return SegmentRow(
        submission_id=submission.id,
        idx=idx,
        start_s=segment.start_s,
        end_s=segment.end_s,
        speaker=segment.speaker or "",
        text=segment.text,
        words=[[w.text, w.start_s, w.end_s, w.confidence] for w in segment.words],
    )
