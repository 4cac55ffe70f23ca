"""A draft's Markdown as blocks: as it is written, and as it is shown.

`blocks_of` keeps the places of characters (what is not text becomes spaces); `shown_blocks` gives what a
reader sees, one block per paragraph, heading, list item or line of a quote, in the order of the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

BLOCK = re.compile(r"(?:[^\n]*\S[^\n]*(?:\n|$))+")
POINTER = re.compile(r"\[[^\]\n]*\]\(#s([\d+-]+)\)")
POINTED = re.compile(r"^#s(\d+(?:-\d+)?(?:\+\d+(?:-\d+)?)*)$")
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
        text = without_links(markdown)
        kind: Literal["paragraph", "heading", "quote"] = (
            "quote" if head == ">" else "heading" if head == "#" else "paragraph"
        )
        yield Block(kind, MARKUP.sub(_spaces, text), match.start(), pointers)


def without_links(markdown: str) -> str:
    """The same Markdown, as long as it was, with spaces for its pointers and for where its links lead."""
    text = POINTER.sub(_spaces, markdown)
    return LINK.sub(lambda m: " " * len(m[1]) + m[2] + " " * len(m[3]), text)


@dataclass(frozen=True, slots=True)
class Shown:
    """`text` is the block's words without its pointers, a space for each line break, nothing around them.

    `cites` are the pointers one by one: the place in `text` where each stands, and what it points to.
    """

    index: int
    kind: Literal["paragraph", "heading", "quote"]
    text: str
    pointers: tuple[int, ...]
    cites: tuple[tuple[int, tuple[int, ...]], ...] = ()


def markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False})


def shown_blocks(draft: str) -> list[Shown]:
    """The blocks of a draft as its page shows them: the nth is the nth of markdown-it's inline tokens."""
    found: list[Shown] = []
    quotes = headings = 0
    for token in markdown().parse(draft):
        quotes += {"blockquote_open": 1, "blockquote_close": -1}.get(token.type, 0)
        headings += {"heading_open": 1, "heading_close": -1}.get(token.type, 0)
        if token.type == "inline":
            text, cites = _plain(token.children or [])
            kind: Literal["paragraph", "heading", "quote"] = (
                "quote" if quotes else "heading" if headings else "paragraph"
            )
            pointers = tuple(idx for _, indices in cites for idx in indices)
            found.append(Shown(len(found), kind, text, pointers, cites))
    return found


def _plain(children: Iterable[Token]) -> tuple[str, tuple[tuple[int, tuple[int, ...]], ...]]:
    """The text of a block without its pointers, and where those stand in it and point to."""
    text, skipping = "", False
    cites: list[tuple[int, tuple[int, ...]]] = []
    for child in children:
        target = POINTED.match(str(child.attrGet("href") or "")) if child.type == "link_open" else None
        if target:
            cites.append((len(text), tuple(_indices(target[1]))))
            skipping = True
        elif child.type == "link_close":
            skipping = False
        elif not skipping and child.type != "image":
            text += " " if child.type in ("softbreak", "hardbreak") else child.content
    before = len(text) - len(text.lstrip())
    text = text.strip()
    return text, tuple((min(max(place - before, 0), len(text)), indices) for place, indices in cites)


def _indices(runs: str) -> list[int]:
    found: list[int] = []
    for run in runs.split("+"):
        first, _, last = run.partition("-")
        if first.isdigit():
            found.extend(range(int(first), min(int(last or first), int(first) + 200) + 1))
    return found


def _spaces(match: re.Match[str]) -> str:
    return " " * len(match.group())
