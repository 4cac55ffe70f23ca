"""Recording → words with times, piece by piece."""

from __future__ import annotations

from automation.models import Submission
from automation.pipeline.stage import Result, Tools, served_by
from providers.errors import InputRejected
from providers.speech import Speech


def run(submission: Submission, tools: Tools) -> Result:
    """Recognises what has not been recognised yet; each piece is kept as soon as it is there."""
    chain = tools.chains.demo_speech if submission.is_demo else tools.chains.speech
    media = tools.storage.path(submission.media_key)
    kept = list(submission.pieces)

    def recognise(backend: Speech) -> None:
        backend.prepare(lambda fraction, note: tools.progress(0.0, f"{note} {fraction:.0%}"))
        resume_s = kept[-1].end_s if kept else 0.0
        for piece in backend.recognise(media, skip_until_s=resume_s, first_index=len(kept)):
            kept.append(tools.keep_piece(piece))
            tools.progress(min(piece.end_s / max(submission.duration_s, 0.1), 1.0))

    outcome = tools.ask(chain, recognise)
    if not any(piece.words for piece in kept):
        raise InputRejected("No speech was found in the recording. Check that the right file was sent.")
    return Result(provenance=served_by(outcome))
