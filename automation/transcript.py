"""The transcript as people see it: the machine's sentences with the journal of edits laid over them.

The rows of the machine are never changed; every export, prompt and page reads `view`. What is off the record
is not in it, unless somebody asks with `confidential=True`: the pages of authors and editors, and the check
that an article does not repeat it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from automation.early import SLACK_S, lay_over
from automation.glossary.overlay import Mark, overlay
from automation.models import Edit, PieceRow, Submission
from automation.offrecord import Span, hidden, spans_of, without
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
    spans: tuple[int, ...] = ()  # the edits by which some of it is off the record
    off: tuple[int, ...] = ()  # the places of those words; empty where they were taken out

    @property
    def is_off_record(self) -> bool:
        """Some of it, or all."""
        return bool(self.spans)

    @property
    def is_silent(self) -> bool:
        """Nothing of it may be used."""
        return bool(self.spans) and (not self.text or len(self.off) == len(self.words))

    @property
    def marked(self) -> dict[int, Mark]:
        """The mark on each word that has one, by the word's place."""
        return {place: mark for mark in self.marks for place in range(mark.first, mark.first + mark.count)}


@dataclass(frozen=True, slots=True)
class Transcript:
    lines: tuple[Line, ...]
    names: dict[str, str] = field(default_factory=dict)  # label → shown name
    off_record: tuple[tuple[float, float], ...] = ()  # start_s, end_s of the spans

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


def view(submission: Submission, *, confidential: bool = False) -> Transcript:
    """The edited transcript of a submission whose segments and edits are loaded."""
    edits = [edit for edit in submission.edits if not edit.undone]
    place_of = {edit: place for place, edit in enumerate(submission.edits)}
    texts = {e.segment_idx: e for e in edits if e.op == "replace"}
    speakers = {e.segment_idx: e.payload["speaker"] for e in edits if e.op == "reassign"}
    given = {e.payload["speaker"]: e.payload["name"] for e in edits if e.op == "rename"}
    early = lay_over([row.words for row in submission.segments], edits)
    newest_early = max((place_of[e] for e in edits if e.op == "early"), default=-1)
    glossary: dict[int | None, list[Edit]] = defaultdict(list)
    for edit in edits:
        if edit.op == "glossary":
            glossary[edit.segment_idx].append(edit)
    spans = spans_of(submission.edits)
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
        typed_at = -1
        if row.idx in texts:
            text, typed_at = texts[row.idx].payload["text"], place_of[texts[row.idx]]
            words = tuple(retime(row.words, text.split(), row.start_s, row.end_s))
            line = replace(line, text=text, words=words)
        elif place in early:
            words, typed_at = tuple(early[place]), newest_early
            line = replace(line, text=" ".join(word[0] for word in words), words=words)
        elif row.idx in glossary:  # a person's words need no glossary
            written, marks = overlay([str(word[0]) for word in row.words], glossary[row.idx])
            timed = tuple(retime(row.words, written, row.start_s, row.end_s))
            typed_at = max(place_of[edit] for edit in glossary[row.idx])
            line = replace(line, text=" ".join(written), words=timed, marks=marks)
        lines.append(_kept_back(line, spans, row.words, typed_at, confidential))
    labels = dict.fromkeys([line.speaker for line in lines if line.speaker])
    names = {label: given.get(label, label) for label in labels}
    return Transcript(tuple(lines), names, tuple((span.start_s, span.end_s) for span in spans))


def preview(submission: Submission, *, confidential: bool = False) -> Transcript:
    """What has been recognised so far, without speakers, while later pieces are still being heard."""
    segments = segments_of(words_of(submission.pieces))
    heard = [[[w.text, w.start_s, w.end_s, w.confidence] for w in segment.words] for segment in segments]
    edits = [edit for edit in submission.edits if not edit.undone]
    early = lay_over(heard, edits)
    newest_early = max((n for n, e in enumerate(submission.edits) if e.op == "early"), default=-1)
    spans = spans_of(submission.edits)
    lines = []
    for place, segment in enumerate(segments):
        words = tuple(early.get(place, heard[place]))
        text = " ".join(word[0] for word in words)
        line = Line(place + 1, segment.start_s, segment.end_s, "", "", text, words, edited=place in early)
        typed_at = newest_early if place in early else -1
        lines.append(_kept_back(line, spans, heard[place], typed_at, confidential))
    return Transcript(tuple(lines), {}, tuple((span.start_s, span.end_s) for span in spans))


def _kept_back(
    line: Line, spans: Sequence[Span], heard: Sequence[TimedWord], typed_at: int, confidential: bool
) -> Line:
    """The line with what is off the record marked (`confidential`) or taken out."""
    if not spans:
        return line
    if not line.words:
        there = [span for span in spans if span.touches(line.start_s, line.end_s)]
        return replace(line, spans=_ids(there), text=line.text if confidential else "") if there else line
    mine = [span for span in spans if hidden(line.words, [span], heard, typed_at)]
    if not mine:
        return line
    off = hidden(line.words, mine, heard, typed_at)
    if confidential:
        return replace(line, spans=_ids(mine), off=tuple(off))
    left = without(line.words, off)
    return replace(line, spans=_ids(mine), words=left, text=" ".join(str(word[0]) for word in left), marks=())


def _ids(spans: Iterable[Span]) -> tuple[int, ...]:
    return tuple(span.edit_id for span in spans)


def words_of(pieces: Iterable[PieceRow], second_hearing: Iterable[TimedWord] = ()) -> list[Word]:
    """The words of all pieces, and those a second hearing found, in the order they were said."""
    words = [Word(*word) for piece in pieces for word in piece.words]
    late = [Word(*word) for word in second_hearing]
    return sorted([*words, *late], key=lambda word: word.start_s) if late else words
