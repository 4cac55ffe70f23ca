"""Recording → words with times, piece by piece, and a record of what was not heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from automation.models import PieceRow, Submission
from automation.pipeline.stage import Result, Tools, served_by
from automation.transcript import TimedWord, words_of
from providers.audio import stream, waveform_peaks
from providers.coverage import Coverage, coverage_of
from providers.errors import InputRejected
from providers.notes import Note
from providers.speech import SecondHearing, Speech
from providers.types import Word

WAVEFORM_PEAKS = 400  # for the player and for the art of a drawn cover


def run(submission: Submission, tools: Tools) -> Result:
    """Recognises what has not been recognised yet; each piece is kept as soon as it is there."""
    chain = tools.chains.demo_speech if submission.is_demo else tools.chains.speech
    media = tools.storage.path(submission.media_key)
    kept = list(submission.pieces)

    def heard() -> float:
        return min(kept[-1].end_s / max(submission.duration_s, 0.1), 1.0) if kept else 0.0

    def recognise(backend: Speech) -> dict[str, Any]:
        backend.prepare(lambda _, note: tools.progress(heard(), Note.of(note)))
        tools.progress(heard())
        resume_s = kept[-1].end_s if kept else 0.0
        for piece in backend.recognise(media, skip_until_s=resume_s, first_index=len(kept)):
            kept.append(tools.keep_piece(piece))
            tools.progress(heard())
        tools.progress(heard(), Note("Listening again where nothing was understood"))
        return hear_gaps_again(backend, media, kept)

    tools.progress(heard())
    outcome = tools.ask(chain, recognise)
    if not any(piece.words for piece in kept):
        raise InputRejected("No speech was found in the recording. Check that the right file was sent.")
    peaks = [round(peak, 3) for peak in waveform_peaks(media, WAVEFORM_PEAKS)]
    return Result(provenance={**served_by(outcome), **outcome.value, "waveform": peaks})


def hear_gaps_again(backend: Speech, media: Path, pieces: Sequence[PieceRow]) -> dict[str, Any]:
    """Listens once more, in shifted windows, where the recording sounds and no word was heard.

    `coverage`: seconds that sound, seconds recognised, the gaps that stay; `second_hearing`: words found.
    """
    words = words_of(pieces)
    coverage = coverage_of(stream(media), words)
    found: list[Word] = []
    if isinstance(backend, SecondHearing):
        for gap in coverage.gaps:
            found.extend(backend.recognise_span(media, gap.start_s, gap.end_s))
    if found:
        coverage = coverage_of(stream(media), sorted([*words, *found], key=lambda word: word.start_s))
    return {"coverage": _record(coverage), "second_hearing": [_timed(word) for word in found]}


def _record(coverage: Coverage) -> dict[str, Any]:
    return {**asdict(coverage), "share": round(coverage.share, 4)}


def _timed(word: Word) -> TimedWord:
    return [word.text, word.start_s, word.end_s, word.confidence]
