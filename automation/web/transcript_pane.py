"""The transcript as this reader may see it: turns, what is off the record, what the glossary changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy.orm import object_session

from automation.desks import desks
from automation.glossary.learning import offers
from automation.glossary.overlay import Mark
from automation.models import Desk, Draft, Edit, Submission, TermSuggestion
from automation.offrecord import OP as OFF_RECORD
from automation.pipeline.acts import EDITABLE, HEARD, OPEN
from automation.reuse import Secrets, cleaned, cleaned_draft, secrets_of
from automation.transcript import Line, Transcript, preview, view
from automation.web.shown import may

LOW_CONFIDENCE = 0.6  # a word below it is dotted: listen to it


@dataclass(frozen=True)
class Turn:
    """Sentences one after another by the same speaker."""

    speaker: str
    name: str
    lines: list[Line]
    colour: int = 0  # 0…4: each voice keeps its own


@dataclass(frozen=True)
class Glossed:
    """A place the glossary has changed."""

    line: Line
    mark: Mark


class TranscriptPane:
    """Needs a session that stays open while the page is made."""

    def __init__(self, submission: Submission) -> None:
        self.sub = submission

    @cached_property
    def transcript(self) -> Transcript:
        """As this reader may see it: authors and editors with what is off the record."""
        read = view if self.sub.segments else preview
        return read(self.sub, confidential=True) if may("author") else self.usable

    @cached_property
    def usable(self) -> Transcript:
        """Without what is off the record: what quotes are held against."""
        return view(self.sub) if self.sub.segments else preview(self.sub)

    @cached_property
    def turns(self) -> list[Turn]:
        turns: list[Turn] = []
        colours = {label: place % 5 for place, label in enumerate(sorted(self.transcript.names))}
        for line in self.transcript.lines:
            if not turns or turns[-1].speaker != line.speaker:
                turns.append(Turn(line.speaker, line.name, [], colours.get(line.speaker, 0)))
            turns[-1].lines.append(line)
        return turns

    @property
    def is_hearing(self) -> bool:
        """What is shown is a preview: there are pieces, and no sentences with speakers yet."""
        return not self.sub.segments and bool(self.sub.pieces) and self.sub.status in HEARD

    def span(self, line: Line) -> dict[str, str]:
        """How a line of a preview is named in an address: its number may change, its time does not."""
        return {"start": f"{line.start_s:.3f}", "end": f"{line.end_s:.3f}"} if self.is_hearing else {}

    @property
    def can_edit_lines(self) -> bool:
        return may("author") and (self.is_hearing or self.can_edit_speakers)

    @property
    def can_edit_speakers(self) -> bool:
        return bool(self.sub.segments) and self.sub.status in EDITABLE and may("author")

    @property
    def transcript_stamp(self) -> str:
        edits = self.sub.edits
        undone = sum(edit.undone for edit in edits)
        return (
            f"{len(self.sub.segments)}.{len(self.sub.pieces)}.{edits[-1].id if edits else 0}.{undone}"
            f".{int(self.can_edit_lines)}"
        )

    # --- off the record ---

    @cached_property
    def secrets(self) -> Secrets | None:
        return secrets_of(self.sub)

    @cached_property
    def off_marks(self) -> dict[int, Edit]:
        return {edit.id: edit for edit in self.sub.edits if edit.op == OFF_RECORD and not edit.undone}

    def kept_back(self, text: str) -> str:
        """A text as this reader may see it."""
        return text if may("author") else cleaned(text, self.secrets)

    def version(self, draft: Draft) -> Draft:
        """A version as this reader may see it."""
        return draft if may("author") else cleaned_draft(draft, self.secrets, ("by",))

    @property
    def can_silence(self) -> bool:
        return self.can_edit_lines

    @property
    def can_play(self) -> bool:
        """The recording has what is off the record in it."""
        return may("author") or not self.off_marks

    # --- the desk and its glossary ---

    @cached_property
    def glossed(self) -> list[Glossed]:
        return [Glossed(line, mark) for line in self.transcript.lines for mark in line.marks]

    @property
    def can_apply_glossary(self) -> bool:
        return self.can_edit_speakers and self.sub.desk is not None and bool(self.sub.desk.terms)

    @cached_property
    def offers(self) -> dict[int, list[TermSuggestion]]:
        session = object_session(self.sub)
        if session is None or not self.can_edit_lines:
            return {}
        return offers(session, self.sub, self.transcript)

    @cached_property
    def desks(self) -> Sequence[Desk]:
        session = object_session(self.sub)
        return desks(session) if session is not None else ()

    @property
    def can_assign(self) -> bool:
        return self.sub.status in OPEN and may("author")
