"""A flagged quote put right: with the ellipsis it lacks, or with the recording's own words.

Both change the quote and nothing else of the draft, and are offered only if the guard accepts what would
stand then. Words come from the transcript that is given, which has nothing that is off the record.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Literal

from automation.article import QuoteCheck, check_quotes
from automation.composing import escape
from automation.grounding.blocks import Shown, shown_blocks
from automation.grounding.guard import judge
from automation.grounding.kinds import Verdict
from automation.grounding.matching import pieces_of
from automation.grounding.places import Change, changed
from automation.grounding.recording import Recording, recording_of
from automation.grounding.spoken import spoken
from automation.grounding.typed import FEWEST_WORDS, WORD
from automation.transcript import Transcript
from providers.drafting.words import PEOPLE, readings

Act = Literal["ellipsis", "said"]
ACTS: tuple[Act, ...] = ("ellipsis", "said")
MENDABLE = frozenset(("edited", "cleaned"))
ACCEPTED = frozenset(("exact", "cleaned"))
CUT = frozenset(("ends_early", "begins_late"))
PLACES = PEOPLE | {"Geox", "Orgn"}  # pymorphy's marks for what is written with a capital
DOTS = "…"
TAIL = re.compile(r"[\s.,!;:—–-]*$")  # what an ellipsis takes the place of
WRAPPED = re.compile(r"[«“„\"]([^«»“”„\"]*)[»”“\"]\W*")  # a block quote of three words in quotation marks
TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
PAIRS = (("«", "»"), ("„", "“"))


@dataclass(frozen=True, slots=True)
class Mend:
    """`parts` are the quote's text in pieces: "kept", "out" for what goes, "in" for what comes."""

    act: Act
    parts: tuple[tuple[str, str], ...]
    changes: tuple[Change, ...]  # in the text of the block; escaped

    @property
    def then(self) -> str:
        return "".join(text for kind, text in self.parts if kind != "out")


def mends(body: str, checks: Sequence[QuoteCheck], transcript: Transcript) -> list[tuple[Mend, ...]]:
    """What may be done with each quote of a draft; `checks` are `check_quotes` of the same draft."""
    blocks, recording = shown_blocks(body), recording_of(transcript.lines)
    return [
        tuple(mend for act in ACTS if (mend := _mend(act, blocks[one.block], one, recording)) is not None)
        for one in checks
    ]


def mended(body: str, quote: QuoteCheck, transcript: Transcript, act: Act) -> str | None:
    """The draft with this one quote put right; None where that can't be done by itself."""
    block = shown_blocks(body)[quote.block]
    mend = _mend(act, block, quote, recording_of(transcript.lines))
    if mend is None:
        return None
    whole = ((quote.start, quote.end, escape(mend.then)),)
    for changes, marks in ((mend.changes, True), (mend.changes, False), (whole, False)):
        text = changed(body, block, changes, marks=marks)
        if text is not None and _stands(body, text, quote, transcript, mend.then):
            return text
    return None


def _stands(body: str, text: str, quote: QuoteCheck, transcript: Transcript, then: str) -> bool:
    """Whether the guard still sees the same quotes, and this one as it was meant and no worse than before."""
    before, after = check_quotes(body, transcript), check_quotes(text, transcript)
    if len(before) != len(after):
        return False
    number = next(n for n, one in enumerate(before) if (one.block, one.start) == (quote.block, quote.start))
    others = [n for n in range(len(before)) if n != number]
    alike = all((before[n].text, before[n].grade) == (after[n].text, after[n].grade) for n in others)
    grades = ACCEPTED | {before[number].grade}
    return alike and after[number].text.rstrip(" ,") == then.rstrip(" ,") and after[number].grade in grades


def _mend(act: Act, block: Shown, quote: QuoteCheck, recording: Recording) -> Mend | None:
    if quote.grade not in MENDABLE or not quote.pieces:
        return None
    old = block.text[quote.start : quote.end]
    before = block.text[quote.start - 1 : quote.start]
    new = _with_dots(old, quote, recording) if act == "ellipsis" else _as_said(old, before, quote, recording)
    if new is None or new == old:
        return None
    typed = block.kind != "quote" or quote.end - quote.start < len(block.text)
    if typed and (
        len(WORD.findall(new)) < FEWEST_WORDS or any(new.count(a) != new.count(b) for a, b in PAIRS)
    ):
        return None  # it would be no quote any more, or end at another mark
    parts, changes = _difference(old, new, quote.start)
    return Mend(act, parts, changes)


def _judged(text: str, quote: QuoteCheck, recording: Recording) -> Verdict:
    speaker, pointers = quote.claim
    return judge(text.rstrip(" ,"), speaker, pointers, recording)


# --- the ellipsis ---


def _with_dots(old: str, quote: QuoteCheck, recording: Recording) -> str | None:
    """The quote with an ellipsis where its flags ask for one."""
    wanted = {flag.kind for flag in quote.flags} & CUT
    if not wanted:
        return None
    new = _dotted(old, wanted, quote.pieces[0][0], recording)
    kinds = {flag.kind for flag in _judged(new, quote, recording).flags}
    return new if not kinds & CUT and kinds <= {flag.kind for flag in quote.flags} else None


def _dotted(text: str, wanted: Collection[str], first: int, recording: Recording) -> str:
    wrapped = WRAPPED.fullmatch(text)
    start, end = wrapped.span(1) if wrapped else (0, len(text))
    inside = text[start:end]
    if "ends_early" in wanted:
        inside = TAIL.sub("", inside) + DOTS
    if "begins_late" in wanted:
        small = _may_be_small(first, recording)
        at = next((n for n, char in enumerate(inside) if char.isalnum()), 0)
        inside = inside[:at] + inside[at : at + 1].lower() + inside[at + 1 :] if small else inside
        inside = f"{DOTS} {inside.lstrip()}"
    return text[:start] + inside + text[end:]


def _may_be_small(at: int, recording: Recording) -> bool:
    """Whether a word has a small letter in the middle of a sentence: as the recording writes it.

    Where that writes no capitals at all, a name is one by the dictionary.
    """
    unit = recording.units[at]
    if unit.is_capital:
        return False
    if recording.is_punctuated:
        return True
    if recording.language == "en":
        return len(unit.key) > 1 and not unit.key.startswith("i'")
    return not any(PLACES & reading.marks for reading in readings(unit.key, recording.language))


# --- the words as they were said ---


def _as_said(old: str, before: str, quote: QuoteCheck, recording: Recording) -> str | None:
    """The quote in the recording's words, dotted where those begin or end within a sentence."""
    told = spoken(old, quote.pieces, recording, before)
    if told is None:
        return None
    new, first = told
    found = _judged(new, quote, recording)
    if found.grade not in ACCEPTED:
        wanted = {flag.kind for flag in found.flags} & CUT
        new = _dotted(new, wanted, first, recording) if wanted else new
        found = _judged(new, quote, recording)
    return new if _raw(new) != _raw(old) and found.grade in ACCEPTED else None


def _raw(text: str) -> list[list[str]]:
    """The words of a quote between its ellipses; a letter more or less capital is nothing new."""
    return [[unit.raw.lower() for unit in piece] for piece in pieces_of(text)]


# --- what changes ---


def _difference(old: str, new: str, start: int) -> tuple[tuple[tuple[str, str], ...], tuple[Change, ...]]:
    """The quote in parts, and the changes with their places in a text where it begins at `start`."""
    parts: list[tuple[str, str]] = []
    changes: list[Change] = []
    at = start
    steps = [list(step) for step in _steps(TOKEN.findall(old), TOKEN.findall(new))]
    for one, following in pairwise(steps):  # a word goes with the space behind it
        if not one[2] and one[1][:1].isspace() and following[0][:1] == one[1][:1]:
            one[0], one[1] = one[0] + one[1][0], one[1][1:] + one[1][0]
            following[0] = following[0][1:]
    for kept, out, put in steps:
        parts += [part for part in (("kept", kept), ("out", out), ("in", put)) if part[1]]
        at += len(kept)
        if out or put:
            changes.append((at, at + len(out), escape(put)))
        at += len(out)
    return tuple(parts), tuple(changes)


def _steps(a: Sequence[str], b: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """What stays, what goes, what comes; two changes with nothing but a space between them are one."""
    kept = out = put = ""
    for kind, a1, a2, b1, b2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        old, new = "".join(a[a1:a2]), "".join(b[b1:b2])
        if kind != "equal":
            out, put = out + old, put + new
        elif old.isspace() and (out or put):
            out, put = out + old, put + old
        else:
            if out or put:
                yield kept, out, put
            kept, out, put = (old, "", "") if out or put else (kept + old, "", "")
    yield kept, out, put
