"""Who speaks when, and nothing else: for a recording that was sent for its turns alone."""

from __future__ import annotations

from automation.models import Submission
from automation.pipeline.diarize import told_apart
from automation.pipeline.stage import Result, Tools


def run(submission: Submission, tools: Tools) -> Result:
    """Raises: ChainExhausted; here there is nothing to go on with without speakers."""
    turns, provenance = told_apart(submission, tools)
    return Result(changes={"turns": [[t.start_s, t.end_s, t.speaker] for t in turns]}, provenance=provenance)
