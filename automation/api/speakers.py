"""The turns of a recording as programs want them: JSON and RTTM."""

from __future__ import annotations

from typing import Any

from automation.errors import NotFound
from automation.models import Submission
from automation.transcript import view

STAGES = ("diarize", "speakers")  # who may have told the voices apart


def as_json(submission: Submission) -> dict[str, Any]:
    served: dict[str, Any] = next(
        (submission.provenance[name] for name in STAGES if name in submission.provenance), {}
    )
    turns, names = submission.turns or [], view(submission).names
    labels = dict.fromkeys(label for _, _, label in turns)
    return {
        "task_id": submission.task_id,
        "complete": bool(served),
        "backend": served.get("backend", ""),
        "model": served.get("model", ""),
        "weaker": bool(served.get("weaker")),
        "missing": served.get("missing"),
        "participants": submission.participants,
        "speakers": [
            {
                "speaker": label,
                "name": names.get(label, label),
                "seconds": round(sum(end_s - start_s for start_s, end_s, who in turns if who == label), 2),
            }
            for label in labels
        ],
        "turns": [{"start": start_s, "end": end_s, "speaker": label} for start_s, end_s, label in turns],
    }


def as_rttm(submission: Submission) -> str:
    """Raises: NotFound while nobody knows.

    Fields: SPEAKER file channel start duration <NA> <NA> name <NA> <NA>. Source: NIST RT-09 plan, appendix A.
    """
    if submission.turns is None:
        raise NotFound("Nobody knows yet who speaks when: ask for the status and try again later.")
    return "".join(
        f"SPEAKER {submission.task_id} 1 {start_s:.3f} {end_s - start_s:.3f} <NA> <NA> {label} <NA> <NA>\n"
        for start_s, end_s, label in submission.turns
    )
