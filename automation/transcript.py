"""The transcript as people see it: the machine's sentences with the journal of edits laid over them.

The rows of the machine are never changed; every export, prompt and page reads `view`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from automation.early import SLACK_S, lay_over
from automation.glossary.overlay import Mark, overlay
from automation.models import Edit, PieceRow, Submission
from automation.retiming import TimedWord, retime
from providers.sentences import segments_of
from providers.types import Sentence, Word

__all__ = ["Line", "TimedWord", "Transcript", "preview", "retime", "view", "words_of"]


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
    edited: bool = False  # by a person
    marks: tuple[Mark, ...] = ()  # words the glossary wrote

    @property
    def marked(self) -> dict[int, Mark]:
        """The mark on each word that has one, by the word's place."""
        return {place: mark for mark in self.marks for place in range(mark.first, mark.first + mark.count)}


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

    def at(self, start_s: float) -> Line | None:
        """The line that is said at that moment, or was begun last before it."""
        begun = [line for line in self.lines if line.start_s <= start_s + SLACK_S]
        return begun[-1] if begun else None

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
    early = lay_over([row.words for row in submission.segments], edits)
    glossary: dict[int | None, list[Edit]] = defaultdict(list)
    for edit in edits:
        if edit.op == "glossary":
            glossary[edit.segment_idx].append(edit)
    lines = []
    for place, row in enumerate(submission.segments):
        speaker = speakers.get(row.idx, row.speaker)
        line = Line(
            row.idx,
            row.start_s,
            row.end_s,
            speaker,
            given.get(speaker, speaker),
            row.text,
            tuple(row.words),
            edited=row.idx in texts or row.idx in speakers or place in early,
        )
        if row.idx in texts:
            line = replace(
                line,
                text=texts[row.idx],
                words=tuple(retime(row.words, texts[row.idx].split(), row.start_s, row.end_s)),
            )
        elif place in early:
            words = tuple(early[place])
            line = replace(line, text=" ".join(word[0] for word in words), words=words)
        elif row.idx in glossary:  # a person's words need no glossary
            written, marks = overlay([str(word[0]) for word in row.words], glossary[row.idx])
            timed = tuple(retime(row.words, written, row.start_s, row.end_s))
            line = replace(line, text=" ".join(written), words=timed, marks=marks)
        lines.append(line)
    labels = dict.fromkeys([line.speaker for line in lines if line.speaker])
    return Transcript(tuple(lines), {label: given.get(label, label) for label in labels})


def preview(submission: Submission) -> Transcript:
    """What has been recognised so far, without speakers, while later pieces are still being heard."""
    segments = segments_of(words_of(submission.pieces))
    heard = [[[w.text, w.start_s, w.end_s, w.confidence] for w in segment.words] for segment in segments]
    early = lay_over(heard, [edit for edit in submission.edits if not edit.undone])
    lines = []
    for place, segment in enumerate(segments):
        words = tuple(early.get(place, heard[place]))
        text = " ".join(word[0] for word in words)
        lines.append(
            Line(place + 1, segment.start_s, segment.end_s, "", "", text, words, edited=place in early)
        )
    return Transcript(tuple(lines))


def words_of(pieces: Iterable[PieceRow], second_hearing: Iterable[TimedWord] = ()) -> list[Word]:
    """The words of all pieces, and those a second hearing found, in the order they were said."""
    words = [Word(*word) for piece in pieces for word in piece.words]
    late = [Word(*word) for word in second_hearing]
    return sorted([*words, *late], key=lambda word: word.start_s) if late else words
