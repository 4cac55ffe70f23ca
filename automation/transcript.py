"""The transcript as people see it: the machine's sentences with the journal of edits laid over them.

The rows of the machine are never changed; every export, prompt and page reads `view`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import Any

from automation.models import PieceRow, Submission
from providers.sentences import segments_of
from providers.types import Sentence, Word

TimedWord = list[Any]  # [text, start_s, end_s, confidence or None], as the rows keep it


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence. `name` is what is shown for the speaker: a given name, or the label."""

    idx: int
    start_s: float
    end_s: float
    speaker: str
    name: str
    text: str
    words: tuple[TimedWord, ...] = ()
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Transcript:
    lines: tuple[Line, ...]
    names: dict[str, str] = field(default_factory=dict)  # label → shown name

    def line(self, idx: int) -> Line | None:
        """The line with that number, or None."""
        position = idx - 1  # numbered from 1 without gaps
        if 0 <= position < len(self.lines) and self.lines[position].idx == idx:
            return self.lines[position]
        return next((line for line in self.lines if line.idx == idx), None)

    def sentences(self) -> tuple[Sentence, ...]:
        """What a writer is given."""
        return tuple(
            Sentence(f"S{line.idx}", line.start_s, line.end_s, line.name, line.text)
            for line in self.lines
            if line.text
        )


def view(submission: Submission) -> Transcript:
    """The edited transcript of a submission whose segments and edits are loaded."""
    edits = [edit for edit in submission.edits if not edit.undone]
    texts = {e.segment_idx: e.payload["text"] for e in edits if e.op == "replace"}
    speakers = {e.segment_idx: e.payload["speaker"] for e in edits if e.op == "reassign"}
    given = {e.payload["speaker"]: e.payload["name"] for e in edits if e.op == "rename"}
    lines = []
    for row in submission.segments:
        speaker = speakers.get(row.idx, row.speaker)
        line = Line(
            row.idx,
            row.start_s,
            row.end_s,
            speaker,
            given.get(speaker, speaker),
            row.text,
            tuple(row.words),
            edited=row.idx in texts or row.idx in speakers,
        )
        if row.idx in texts:
            line = replace(
                line,
                text=texts[row.idx],
                words=tuple(retime(row.words, texts[row.idx].split(), row.start_s, row.end_s)),
            )
        lines.append(line)
    labels = dict.fromkeys([line.speaker for line in lines if line.speaker])
    return Transcript(tuple(lines), {label: given.get(label, label) for label in labels})


def preview(submission: Submission) -> Transcript:
    """What has been recognised so far, without speakers, while later pieces are still being heard."""
    lines: list[Line] = []
    for segment in segments_of(words_of(submission.pieces)):
        words = tuple([w.text, w.start_s, w.end_s, w.confidence] for w in segment.words)
        lines.append(Line(len(lines) + 1, segment.start_s, segment.end_s, "", "", segment.text, words))
    return Transcript(tuple(lines))


def words_of(pieces: Iterable[PieceRow], second_hearing: Iterable[TimedWord] = ()) -> list[Word]:
    """The words of all pieces, and those a second hearing found, in the order they were said."""
    words = [Word(*word) for piece in pieces for word in piece.words]
    late = [Word(*word) for word in second_hearing]
    return sorted([*words, *late], key=lambda word: word.start_s) if late else words


def retime(old: Sequence[TimedWord], texts: Sequence[str], start_s: float, end_s: float) -> list[TimedWord]:
    """Words of a corrected sentence: the ones that stayed keep their time, the others share the gap."""
    before = [str(word[0]) for word in old]
    timed: list[TimedWord] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, list(texts), autojunk=False).get_opcodes():
        if tag == "equal":
            timed.extend(list(word) for word in old[i:j])
            continue
        from_s = old[i][1] if i < len(old) else (timed[-1][2] if timed else start_s)
        to_s = old[j - 1][2] if j > i else from_s
        timed.extend(_spread(texts[k:m], from_s, min(max(to_s, from_s), end_s)))
    return timed


def _spread(texts: Sequence[str], start_s: float, end_s: float) -> list[TimedWord]:
    """Words over a stretch of time, each as long as its letters."""
    letters, at, total = 0, start_s, sum(len(text) for text in texts) or 1
    words: list[TimedWord] = []
    for text in texts:
        letters += len(text)
        until = start_s + (end_s - start_s) * letters / total
        words.append([text, round(at, 3), round(until, 3), None])
        at = until
    return words
