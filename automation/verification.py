"""The record of an approval as JSON: the whole one for the newsroom, a short one for readers."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from automation.models import Cover, Draft, Status, Submission, Verification

if TYPE_CHECKING:
    from automation.pipeline.verifying import Standing

VERSION = 1
UNTOLD = ("waveform", "second_hearing")  # of a stage's provenance: what only the pages need
FOR_READERS = ("text", "speaker", "grade", "start_s", "end_s")


def signed_text(draft: Draft) -> str:
    """What is signed: title, line under the title and Markdown, with an empty line between them."""
    return (
        "\n\n".join(part for part in (f"# {draft.title}", draft.dek.strip(), draft.body.strip()) if part)
        + "\n"
    )


def sha256_of(draft: Draft) -> str:
    return hashlib.sha256(signed_text(draft).encode()).hexdigest()


def standing_record(submission: Submission) -> Verification | None:
    """The record of the approval that stands, or None."""
    if submission.status not in (Status.APPROVED, Status.PUBLISHED) or not submission.verifications:
        return None
    return submission.verifications[-1]


def record_told(submission: Submission, record: Verification) -> dict[str, Any]:
    """Everything, for the newsroom's own files. Needs drafts, verifications and their people."""
    draft = next(one for one in submission.drafts if one.rev == record.rev)
    return {
        "version": VERSION,
        "task_id": submission.task_id,
        "title": draft.title,
        "article": {
            "rev": record.rev,
            "written_by": draft.kind,
            "sha256": record.sha256,
            "text": signed_text(draft),
        },
        "approved": {"by": record.by.name if record.by else "", "at": record.at.isoformat()},
        "recording": {
            "filename": submission.filename,
            "sha256": submission.media_sha256,
            "duration_s": round(submission.duration_s, 2),
        },
        "quotes": record.quotes,
        "facts": record.facts,
        "measures": record.measures,
        "stages": record.stages,
        "cover": record.cover,
    }


def public_told(submission: Submission, record: Verification, address: str) -> dict[str, Any]:
    """What is fit for readers: the quotes with their places and grades, the models, no person's name."""
    return {
        "version": VERSION,
        "url": address,
        "sha256": record.sha256,
        "recording_s": round(submission.duration_s, 2),
        "quotes": [{name: quote[name] for name in FOR_READERS} for quote in record.quotes],
        "facts": len(record.facts),
        "facts_not_in_recording": sum(fact["status"] == "missing" for fact in record.facts),
        "models": {
            stage: {name: told.get(name, "") for name in ("backend", "model")}
            for stage, told in record.stages.items()
            if told.get("backend")
        },
        "cover": {name: record.cover.get(name) for name in ("backend", "model", "is_placeholder")},
    }


def quote_told(standing: Standing) -> dict[str, Any]:
    check, heard, ruling = standing.check, standing.heard, standing.overruled
    return {
        "text": check.text,
        "grade": check.grade,
        "speaker": check.name,
        "sources": list(check.sources),
        "start_s": check.start_s,
        "end_s": check.end_s,
        "heard_by": heard.by.name if heard and heard.by else None,
        "heard_at": heard.at.isoformat() if heard else None,
        "played_s": heard.played_s if heard else None,
        "flags": [{"kind": flag.kind, "text": str(flag)} for flag in check.flags],
        "overruled_why": ruling.why if ruling else None,
        "overruled_by": ruling.by.name if ruling and ruling.by else None,
    }


def cover_told(submission: Submission) -> dict[str, Any]:
    cover: Cover | None = next((one for one in reversed(submission.covers) if one.chosen), None)
    if cover is None:
        return {}
    return {
        "backend": cover.backend,
        "model": cover.model,
        "prompt": cover.prompt,
        "alt": cover.alt,
        "is_placeholder": cover.is_placeholder,
        "sha256": cover.sha256,
        "at": cover.at.isoformat(),
    }


def served(told: dict[str, Any]) -> dict[str, Any]:
    """Who served a stage, without what only the pages need."""
    return {name: value for name, value in told.items() if name not in UNTOLD}
