"""Glossary edits over the words of one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Mark:
    """Words of the shown sentence that the glossary wrote; `heard` is what the machine had there."""

    edit_id: int
    term_id: int
    canonical: str
    first: int
    count: int
    heard: str
    text: str


def overlay(heard: Sequence[str], edits: Iterable[Any]) -> tuple[list[str], tuple[Mark, ...]]:
    """The sentence with the edits' words, and where they stand; none overlaps an earlier one."""
    texts: list[str] = []
    marks: list[Mark] = []
    at = 0
    for edit in sorted(edits, key=lambda edit: edit.payload["first"]):
        told = edit.payload
        first, count = told["first"], told["count"]
        if first < at or first + count > len(heard):
            continue
        texts.extend(heard[at:first])
        words = told["text"].split()
        marks.append(
            Mark(
                edit.id, told["term"], told["canonical"], len(texts), len(words), told["heard"], told["text"]
            )
        )
        texts.extend(words)
        at = first + count
    texts.extend(heard[at:])
    return texts, tuple(marks)
