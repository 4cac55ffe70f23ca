"""What the guard is given and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Grade = Literal[
    "exact",  # the words stand in the recording as they are
    "cleaned",  # only fillers, repetitions, spelling and honest ellipses differ
    "edited",  # it is a place of the recording, but the flags say what was done to it
    "wrong_speaker",  # somebody else said it
    "not_found",  # these words are nowhere in the recording: approval is refused
    "translated",  # another language than the recording: never shown as the original
]

FlagKind = Literal[
    "word_added", "word_removed", "word_changed", "number_changed", "name_changed",
    "negation_added", "negation_removed", "negation_cut", "hedge_added", "hedge_removed", "hedge_cut",
    "ends_early", "begins_late", "question_lost", "comma_moved", "reordered", "splice",
    "question_inside", "silent_gap",
    "wrong_speaker", "elsewhere", "language", "invented", "unsure",
    "off_record",
]  # fmt: skip
HEARD_GRADES: frozenset[Grade] = frozenset({"edited", "wrong_speaker", "translated"})
#: These ask for a listen and change no grade.
NOTES: frozenset[FlagKind] = frozenset({"unsure"})


class SpokenLine(Protocol):
    """A sentence of the transcript; `automation.transcript.Line` is one. Indices and times grow."""

    @property
    def idx(self) -> int: ...
    @property
    def start_s(self) -> float: ...
    @property
    def end_s(self) -> float: ...
    @property
    def speaker(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def words(self) -> Sequence[Sequence[Any]]: ...  # (text, start_s, end_s, confidence or None) each


@dataclass(frozen=True, slots=True)
class Flag:
    """One thing done to a quote: an English template (to be translated) and its parameters."""

    kind: FlagKind
    template: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template % self.params if self.params else self.template


@dataclass(frozen=True, slots=True)
class Verdict:
    """`start_s` and `end_s` are the first and last quoted word's; None where nothing was found.

    `pieces` are the units of the recording it was found in, one tuple for each piece it was put together of.
    """

    grade: Grade
    start_s: float | None
    end_s: float | None
    indices: tuple[int, ...]
    name: str
    flags: tuple[Flag, ...] = ()
    pieces: tuple[tuple[int, ...], ...] = ()

    @property
    def must_hear(self) -> bool:
        """Whether a person has to listen to the place before signing: a doubt that only ears can settle.

        What was not found has no place to listen to; it is refused instead.
        """
        return self.grade in HEARD_GRADES or any(flag.kind in NOTES for flag in self.flags)


def msg(template: str) -> str:
    """Marks a sentence for the catalogues of the interface; it stays as it is."""
    return template
