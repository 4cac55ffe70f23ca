"""Whether a text repeats what was said off the record, and the text without it.

Five words in a row are a repetition (a whole sentence or span where that is shorter), and so is a figure or
a name that was said nowhere else. What stands in the usable part of the recording as well may be written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from automation.grounding.blocks import Shown, shown_blocks
from automation.grounding.facts import Withheld
from automation.grounding.kinds import Flag, msg
from automation.grounding.numbers import units_of
from automation.grounding.recording import Recording
from automation.grounding.silence import PLACEHOLDER
from automation.grounding.units import Unit
from automation.models import Base, Draft, Submission
from automation.offrecord import has_any
from automation.slugs import slug_of
from automation.transcript import Transcript, preview, view

RUN = 5  # words in a row
SHORT = 3  # a span of fewer words counts by a word that is long and said nowhere else
LONG_WORD = 5  # letters
KEPT = 4  # recordings
TEXTS = (str, list, dict)
T = TypeVar("T")
R = TypeVar("R", bound=Base)


@dataclass(frozen=True, slots=True)
class Reuse:
    """A place of an article that repeats what is off the record. `block`: of the body, else None."""

    where: str  # title, dek, body, tags, description, alt …
    block: int | None
    is_quote: bool
    words: str  # as the article has them

    @property
    def flag(self) -> Flag:
        return Flag("off_record", msg("This was said off the record: “%(words)s”."), {"words": self.words})


class Secrets:
    """What one recording must not tell. Built from the same transcript twice, with and without it."""

    def __init__(self, whole: Transcript, usable: Transcript) -> None:
        self.whole, self.usable = Recording(whole.lines), Recording(usable.lines)
        self._off = [set(line.off) for line in whole.lines]
        self._silent = [line.is_silent for line in whole.lines]
        self._pieces = [len(line.text.split()) for line in whole.lines]
        self._words_of = [len(line.words) for line in whole.lines]

    @cached_property
    def stretches(self) -> list[list[Unit]]:
        """The units off the record, in runs that nothing usable interrupts; then those of each line alone."""
        runs: list[list[Unit]] = []
        by_line: list[list[Unit]] = []
        before = -2
        for at in range(len(self.whole.units)):
            if self._is_off(at):
                if at != before + 1:
                    runs.append([])
                if at != before + 1 or self.whole.line_of[at] != self.whole.line_of[before]:
                    by_line.append([])
                runs[-1].append(self.whole.units[at])
                by_line[-1].append(self.whole.units[at])
                before = at
        return [*runs, *by_line]

    @cached_property
    def grams(self) -> dict[int, set[tuple[str, ...]]]:
        """By length: the keys in a row that nobody may repeat."""
        found: dict[int, set[tuple[str, ...]]] = {}
        quiet = {id(self.whole.units[at]) for at in self.whole.sense.quiet}
        for stretch in self.stretches:
            for units in (stretch, [unit for unit in stretch if id(unit) not in quiet]):
                keys = [unit.key for unit in units]
                size = min(RUN, len(keys))
                if size < SHORT:
                    continue
                for at in range(len(keys) - size + 1):
                    found.setdefault(size, set()).add(tuple(keys[at : at + size]))
        for size, grams in found.items():
            keys = self.usable.keys
            grams.difference_update(tuple(keys[at : at + size]) for at in range(len(keys) - size + 1))
        rare: set[tuple[str, ...]] = {
            (unit.key,)
            for stretch in self.stretches
            if len(stretch) < SHORT
            for unit in stretch
            if len(unit.key) >= LONG_WORD and unit.key not in self.usable.places
        }
        return {**found, 1: rare} if rare else found

    @cached_property
    def withheld(self) -> Withheld:
        return Withheld(self.whole, self.usable)

    def places(self, text: str) -> list[tuple[int, int]]:
        """Where a text repeats it: characters from and to, in order, none overlapping."""
        units = units_of(text)
        keys = [unit.key for unit in units]
        found = [
            (units[at].start, units[at + size - 1].end)
            for size, grams in self.grams.items()
            for at in range(len(keys) - size + 1)
            if tuple(keys[at : at + size]) in grams
        ]
        block = Shown(0, "paragraph", text, ())
        found += [(fact.start, fact.end) for fact in self.withheld.facts(block)]
        return _joined(found)

    def repeated(self, text: str) -> str:
        """The words a text repeats, or nothing."""
        return f" {PLACEHOLDER} ".join(text[start:end] for start, end in self.places(text))

    @cached_property
    def addresses(self) -> set[str]:
        """What nobody may repeat, as it would stand in an address: either language's Latin letters."""
        phrases = {
            " ".join(unit.raw for unit in units[at : at + size])
            for units in self.stretches
            for size, grams in self.grams.items()
            for at in range(len(units) - size + 1)
            if tuple(unit.key for unit in units[at : at + size]) in grams
        }
        return {f"-{slug_of(phrase, language)}-" for phrase in phrases for language in ("ru", "uk")} - {"--"}

    def in_address(self, slug: str) -> str:
        """The words of an article's address that repeat it, or nothing."""
        told = f"-{slug}-"
        return (
            next((words.strip("-") for words in sorted(self.addresses) if words in told), "") if slug else ""
        )

    def cleaned(self, text: str) -> str:
        """The text with a placeholder wherever it repeats what is off the record."""
        at, parts = 0, []
        for start, end in self.places(text):
            parts += [text[at:start], PLACEHOLDER]
            at = end
        return "".join([*parts, text[at:]])

    def _is_off(self, at: int) -> bool:
        position = self.whole.line_of[at]
        if self._silent[position]:
            return True
        off = self._off[position]
        if not off:
            return False
        if self._pieces[position] != self._words_of[position]:
            return True  # nobody can tell which of its words
        text, unit = self.whole.lines[position].text, self.whole.units[at]
        first, last = len(text[: unit.start + 1].split()) - 1, len(text[: unit.end].split()) - 1
        return any(n in off for n in range(first, last + 1))


def secrets_of(submission: Submission) -> Secrets | None:
    """What a submission must not tell; None where nothing is off the record. Needs its transcript loaded."""
    if not has_any(submission.edits):
        return None
    read = view if submission.segments else preview
    return _secrets_between(read(submission, confidential=True), read(submission))


def _secrets_between(whole: Transcript, usable: Transcript) -> Secrets:
    """The last few are kept, for pages ask again and again."""
    global _kept
    for secrets in _kept:
        if secrets.whole.lines == whole.lines and secrets.usable.lines == usable.lines:
            return secrets
    secrets = Secrets(whole, usable)
    _kept = (secrets, *_kept)[:KEPT]
    return secrets


def reuses(secrets: Secrets | None, draft: Any, alt: str = "") -> list[Reuse]:
    """The places of a draft (and of its cover's description) that repeat what is off the record."""
    if secrets is None or draft is None:
        return []
    found = [
        Reuse(where, block.index if where == "body" else None, block.kind == "quote", words)
        for where, block in _texts(draft, alt)
        if (words := secrets.repeated(block.text))
    ]
    if words := secrets.in_address(draft.slug):
        found.append(Reuse("slug", None, False, words))
    return found


def _texts(draft: Any, alt: str) -> Iterator[tuple[str, Shown]]:
    for where in ("title", "dek"):
        yield where, Shown(-1, "heading", getattr(draft, where), ())
    for block in shown_blocks(draft.body):
        yield "body", block
    more = {"tags": draft.tags, "description": draft.description, "social": draft.social, "alt": alt}
    for where, value in more.items():
        for text in _strings(value):
            yield where, Shown(-1, "paragraph", text, ())


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, Iterable):
        for one in value:
            yield from _strings(one)


def cleaned(value: T, secrets: Secrets | None) -> T:
    """The same value (text, list, mapping, brief) with placeholders in its texts."""
    if secrets is None:
        return value
    return cast("T", _cleaned(value, secrets.cleaned))


def _cleaned(value: Any, clean: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return clean(value) if value else value
    if isinstance(value, Mapping):
        return {name: _cleaned(one, clean) for name, one in value.items()}
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return type(value)(_cleaned(one, clean) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {f.name: _cleaned(getattr(value, f.name), clean) for f in fields(value) if f.init}
        return replace(value, **changed)
    return value


def cleaned_draft(draft: Draft, secrets: Secrets | None, also: Sequence[str] = ()) -> Draft:
    """A version as those see it who may not know; the row itself stays as it is."""
    if secrets is None:
        return draft
    texts = [one.name for one in Draft.__table__.columns if isinstance(getattr(draft, one.name), TEXTS)]
    return cleaned_row(draft, secrets, *texts, also=also)


def cleaned_row(row: R, secrets: Secrets | None, *texts: str, also: Sequence[str] = ()) -> R:
    """A row as it may be shown: these columns cleaned, the others as they are; the row itself stays."""
    if secrets is None:
        return row
    told = {name: getattr(row, name) for name in (*row.__table__.columns.keys(), *also)}
    told.update({name: _cleaned(told[name], secrets.cleaned) for name in texts})
    return cast("R", SimpleNamespace(**told))


def _joined(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if joined and start <= joined[-1][1] + 2:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


_kept: tuple[Secrets, ...] = ()
