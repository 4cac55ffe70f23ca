"""What was changed between two versions of an article, word by word; and an old version taken again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Literal

from sqlalchemy.orm import Session

from automation.errors import NotFound
from automation.models import Draft, Submission, User
from automation.pipeline.review import save_draft

WORD = re.compile(r"\s+|[^\s]+")
PARAGRAPH = re.compile(r"(?<=\n)\n+")
#: Longer stretches are shown as gone and come whole: nobody reads a riddle of single words.
MOST_WORDS = 4000


Kind = Literal["same", "gone", "come"]
KINDS: tuple[Kind, ...] = ("same", "gone", "come")


@dataclass(frozen=True, slots=True)
class Change:
    kind: Kind
    text: str


def changes(before: str, after: str) -> list[Change]:
    """The later text with what is gone from the earlier one: first by paragraphs, inside them by words.

    The "same" and "gone" ones make the earlier text, the "same" and "come" ones the later.
    """
    return _joined(_compared(_cut(PARAGRAPH, before), _cut(PARAGRAPH, after), inside=True))


def _cut(at: re.Pattern[str], text: str) -> list[str]:
    """The text in pieces, each with what ends it."""
    ends = [match.end() for match in at.finditer(text)]
    return [text[a:b] for a, b in zip([0, *ends], [*ends, len(text)], strict=True) if a < b]


def _compared(before: Sequence[str], after: Sequence[str], *, inside: bool) -> Iterator[Change]:
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        gone, come = "".join(before[a:b]), "".join(after[c:d])
        if tag == "equal":
            yield Change("same", come)
            continue
        words = WORD.findall(gone), WORD.findall(come)
        if inside and tag == "replace" and max(map(len, words)) <= MOST_WORDS:
            yield from _compared(*words, inside=False)
            continue
        yield Change("gone", gone)
        yield Change("come", come)


def _joined(found: Iterator[Change]) -> list[Change]:
    """Neighbours of a kind in one; a space between two changed words is changed with them."""
    kept: list[tuple[str, str, str]] = []  # same, gone, come in turn: one of the three, or the last two
    for change in found:
        same, gone, come = kept.pop() if kept else ("", "", "")
        if change.kind == "same":
            if gone or come:
                kept.append(("", gone, come))
                same = ""
            kept.append((same + change.text, "", ""))
            continue
        if same and (same.strip() or not kept):
            kept.append((same, "", ""))
        elif same:  # only space since the last change
            _, gone, come = kept.pop()
            gone, come = gone + same, come + same
        kept.append(
            ("", gone + change.text, come) if change.kind == "gone" else ("", gone, come + change.text)
        )
    told = (pair for row in kept for pair in zip(KINDS, row, strict=True))
    return [Change(kind, text) for kind, text in told if text]


def take_again(
    session: Session, submission: Submission, by: User, now: datetime, *, rev: int, base_rev: int
) -> Draft:
    """An old version as the newest of its format; the one that stood stays in the list.

    Raises: NotFound; Conflict when a newer version than `base_rev` stands; WrongState outside review.
    """
    old = next((draft for draft in submission.drafts if draft.rev == rev), None)
    if old is None:
        raise NotFound("There is no such version.")
    return save_draft(
        session,
        submission,
        by,
        now,
        base_rev=base_rev,
        title=old.title,
        dek=old.dek,
        body=old.body,
        tags=list(old.tags),
        description=old.description,
        format=old.format,
        slug=old.slug,
        social=dict(old.social),
    )
