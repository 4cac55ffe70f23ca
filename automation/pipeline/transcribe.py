"""Recording → words with times, piece by piece, and a record of what was not heard."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from automation.models import PieceRow, Submission
from automation.pipeline.stage import Result, Tools, served_by
from automation.transcript import TimedWord
from providers.audio import stream
from providers.coverage import Said, coverage_of
from providers.errors import InputRejected
from providers.levels import Loudness, joined, loudness_of
from providers.notes import Note
from providers.speech import SecondHearing, Speech
from providers.types import Piece, Word

WAVEFORM_PEAKS = 400  # for the player and for the art of a drawn cover


@dataclass
class Heard:
    """What the stage holds of a recording while it works: of four hours, some twenty megabytes."""

    count: int = 0  # pieces
    until_s: float = 0.0
    # Where the words are; their texts stand in the database.
    said: list[Said] = field(default_factory=list)
    _loudness: list[Loudness] = field(default_factory=list)

    @classmethod
    def of(cls, kept: Sequence[PieceRow]) -> Heard:
        """What was saved before the stage was interrupted."""
        said = [(word[1], word[2]) for piece in kept for word in piece.words]
        return cls(len(kept), kept[-1].end_s if kept else 0.0, said)

    def add(self, piece: Piece, *, is_first: bool) -> None:
        """The first piece a recogniser gives brings the loudness of all that came before it."""
        self.count, self.until_s = self.count + 1, piece.end_s
        self.said.extend((word.start_s, word.end_s) for word in piece.words)
        if is_first:
            self._loudness.clear()
        if piece.loudness is not None:
            self._loudness.append(piece.loudness)

    def loudness(self, media: Path) -> Loudness:
        """Of the whole recording; measured here where the pieces did not bring it."""
        self._loudness = [joined(self._loudness) if self._loudness else loudness_of(stream(media))]
        return self._loudness[0]


def run(submission: Submission, tools: Tools) -> Result:
    """Recognises what has not been recognised yet; each piece is kept as soon as it is there."""
    chain = tools.chains.demo_speech if submission.is_demo else tools.chains.speech
    media = tools.storage.path(submission.media_key)
    heard = Heard.of(submission.pieces)

    def share() -> float:
        """What has been heard, this time and before an interruption."""
        return min(heard.until_s / max(submission.duration_s, 0.1), 1.0)

    def recognise(backend: Speech) -> dict[str, Any]:
        backend.prepare(lambda _, note: tools.progress(share(), Note.of(note)))
        tools.progress(share())
        begun_at = heard.count
        for piece in backend.recognise(media, skip_until_s=heard.until_s, first_index=heard.count):
            tools.keep_piece(piece)
            heard.add(piece, is_first=heard.count == begun_at)
            tools.progress(share())
        tools.progress(share(), Note("Listening again where nothing was understood"))
        return hear_gaps_again(backend, media, heard.said, heard.loudness(media))

    tools.progress(share())
    outcome = tools.ask(chain, recognise)
    if not heard.said:
        raise InputRejected("No speech was found in the recording. Check that the right file was sent.")
    peaks = heard.loudness(media).peaks(WAVEFORM_PEAKS)
    return Result(provenance={**served_by(outcome), **outcome.value, "waveform": peaks})


def hear_gaps_again(backend: Speech, media: Path, said: Sequence[Said], loudness: Loudness) -> dict[str, Any]:
    """Listens once more, in shifted windows, where the recording sounds and no word was heard.

    `coverage`: seconds that sound, seconds recognised, their share, the gaps that stay, and each gap that
    was heard again with the number of words found in it; `second_hearing`: those words.
    """
    coverage = coverage_of(loudness.rms_db, said)
    found: list[Word] = []
    again: list[dict[str, float]] = []
    if isinstance(backend, SecondHearing) and coverage.gaps:
        spans = [(gap.start_s, gap.end_s) for gap in coverage.gaps]
        for (start_s, end_s), words in zip(spans, backend.recognise_spans(media, spans), strict=True):
            new = _unheard(words, said)
            found.extend(new)
            again.append({"start_s": start_s, "end_s": end_s, "words": len(new)})
    if found:
        late = [(word.start_s, word.end_s) for word in found]
        coverage = coverage_of(loudness.rms_db, sorted([*said, *late]))
    record = {**asdict(coverage), "share": round(coverage.share, 4), "heard_again": again}
    return {"coverage": record, "second_hearing": [_timed(word) for word in found]}


def _unheard(words: Sequence[Word], said: Sequence[Said]) -> list[Word]:
    """Those at moments where no word has been heard yet: a gap may have a stray word inside."""
    starts = [start_s for start_s, _ in said]

    def is_new(word: Word) -> bool:
        before = bisect_left(starts, word.end_s)
        return not before or said[before - 1][1] <= word.start_s

    return [word for word in words if is_new(word)]


def _timed(word: Word) -> TimedWord:
    return [word.text, word.start_s, word.end_s, word.confidence]
