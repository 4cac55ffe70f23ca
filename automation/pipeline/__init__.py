"""The product in six lines: a recording goes in at the top, an article comes out at the bottom."""

from __future__ import annotations

from automation.models import Status
from automation.pipeline import cover, diarize, draft, publish, speakers, transcribe
from automation.pipeline.stage import Stage

STAGES = (
    Stage("transcribe", Status.RECEIVED, Status.TRANSCRIBED, "heavy", transcribe.run),
    Stage("diarize", Status.TRANSCRIBED, Status.ATTRIBUTED, "heavy", diarize.run),
    Stage("draft", Status.ATTRIBUTED, Status.DRAFTED, "light", draft.run),
    Stage("cover", Status.DRAFTED, Status.REVIEW, "light", cover.run),
    # here a person reviews: automation.pipeline.review moves REVIEW → APPROVED
    Stage("publish", Status.APPROVED, Status.PUBLISHED, "light", publish.run),
)
# Of a recording sent for its turns alone (`POST /api/diarize`); nothing follows.
SIDE_STAGES = (Stage("speakers", Status.ASKED, Status.ANSWERED, "heavy", speakers.run),)


def stage_named(name: str) -> Stage:
    """Raises: KeyError."""
    return {stage.name: stage for stage in (*STAGES, *SIDE_STAGES)}[name]


def stage_that_takes(status: str) -> Stage | None:
    """The stage a submission of this status goes through next, or None where a person is next."""
    return next((stage for stage in (*STAGES, *SIDE_STAGES) if stage.takes == status), None)
