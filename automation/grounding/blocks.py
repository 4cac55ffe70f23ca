"""A draft's Markdown as blocks whose characters keep their places: what is not text becomes spaces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

BLOCK = re.compile(r"(?:[^\n]*\S[^\n]*(?:\n|$))+")
POINTER = re.compile(r"\[[^\]\n]*\]\(#s([\d+-]+)\)")
LINK = re.compile(r"(!?\[)([^\]\n]*)(\]\([^)\s]*\))")
MARKUP = re.compile(r"(?m)^[ \t]*(?:>[ \t]?|#{1,6}[ \t]|[*+-][ \t]|\d+[.)][ \t])+|[*_`\\]")


@dataclass(frozen=True, slots=True)
class Block:
    """`text` is as long as its Markdown, so `start` + a place in it is a place in the draft."""

    kind: Literal["paragraph", "heading", "quote"]
    text: str
    start: int
    pointers: tuple[int, ...]


def blocks_of(draft: str) -> Iterator[Block]:
    """The blocks of a draft in order."""
    for match in BLOCK.finditer(draft):
        markdown = match.group()
        head = markdown.lstrip()[:1]
        pointers = tuple(idx for found in POINTER.finditer(markdown) for idx in _indices(found[1]))
        text = POINTER.sub(_spaces, markdown)
        text = LINK.sub(lambda m: " " * len(m[1]) + m[2] + " " * len(m[3]), text)
        kind: Literal["paragraph", "heading", "quote"] = (
            "quote" if head == ">" else "heading" if head == "#" else "paragraph"
        )
        yield Block(kind, MARKUP.sub(_spaces, text), match.start(), pointers)


def _indices(runs: str) -> list[int]:
    found: list[int] = []
    for run in runs.split("+"):
        first, _, last = run.partition("-")
        if first.isdigit():
            found.extend(range(int(first), min(int(last or first), int(first) + 200) + 1))
    return found


def _spaces(match: re.Match[str]) -> str:
    return " " * len(match.group())
