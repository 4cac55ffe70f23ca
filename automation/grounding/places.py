"""Where the text of a shown block stands in its Markdown, character by character, and how to change it there.

Nothing is searched for: the same words may stand twice. A change is taken only if the page then shows what
was meant and everything else as before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import unescape
from itertools import pairwise

from markdown_it.token import Token

from automation.grounding.blocks import POINTER, Shown, markdown, shown_blocks

LINE = re.compile(r"\r\n?|\n")
IMAGE = re.compile(r"!\[[^\]\n]*\]\([^)\n]*\)")
LINK = re.compile(r"(?<!\\)(\[)[^\]\n]*(\]\([^)\n]*\))")
PIECE = re.compile(  # of Markdown that shows one character
    r"(?P<line>\\\n[ \t]*|[ \t]*\n[ \t]*)|\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|(?P<entity>&(?:#\w+|\w+);)|(?P<plain>.)"
)
MARKS = frozenset("*_`<> \t\n")  # what may show nothing
AROUND = frozenset("*_`")
Change = tuple[int, int, str]  # in the text of a block: from, to, and the Markdown that comes there


def changed(body: str, block: Shown, changes: Sequence[Change], *, marks: bool = True) -> str | None:
    """The draft with a block's text changed; the `marks` and links within what goes stay, or go with it.

    None where that can't be done without touching more than is meant.
    """
    spans = written(body, block)
    if spans is None:
        return None
    text = body
    for start, end, put in sorted(changes, reverse=True):
        at, behind, kept = _range(body, spans, start, end)
        if not marks:
            at, behind, kept = *_with_marks(body, at, behind), ""
        text = text[:at] + put + kept + text[behind:]
    return text if _is_only(body, text, block, changes) else None


def written(body: str, block: Shown) -> list[tuple[int, int]] | None:
    """Where each character of a block's text begins and ends in the draft; None where nobody can say."""
    inline = [token for token in markdown().parse(body) if token.type == "inline"][block.index]
    places = _content_places(body, inline)
    return _walk(inline.content, block.text, places) if places is not None else None


def _content_places(body: str, inline: Token) -> list[int] | None:
    """Where each character of a paragraph stands; markdown-it has taken `> ` and the like off its lines."""
    begins = [0, *(match.end() for match in LINE.finditer(body))]
    ends = [*(match.start() for match in LINE.finditer(body)), len(body)]
    first = (inline.map or [0, 0])[0]
    places: list[int] = []
    for n, row in enumerate(inline.content.split("\n")):
        begin, end = begins[first + n], ends[first + n]
        if places:
            places.append(ends[first + n - 1])
        line = body[begin:end]
        if not line.rstrip().endswith(row.strip()):
            return None
        told = begin + len(line.rstrip()) - len(row.strip())
        lead = len(row) - len(row.lstrip())
        places.extend(told - lead + k for k in range(len(row)))
    return [*places, (places[-1] if places else 0) + 1]


def _walk(content: str, shown: str, places: Sequence[int]) -> list[tuple[int, int]] | None:
    hidden = _hidden(content)
    spans: list[tuple[int, int]] = []
    at = 0
    for char in shown:
        while True:
            piece = PIECE.match(content, at)
            if piece is None:
                return None
            if at in hidden or (_told(piece) != char and content[at] in MARKS):
                at += 1
            elif _told(piece) == char:
                break
            else:
                return None
        end = piece.end()
        spans.append((places[at], places[end] if piece["line"] else places[end - 1] + 1))
        at = end
    return spans


def _told(piece: re.Match[str]) -> str:
    if piece["line"]:
        return " "
    return unescape(piece["entity"]) if piece["entity"] else piece["escaped"] or piece["plain"]


def _hidden(content: str) -> set[int]:
    """Pointers, pictures, and where links lead."""
    found: set[int] = set()
    for match in (*POINTER.finditer(content), *IMAGE.finditer(content)):
        found.update(range(*match.span()))
    for match in LINK.finditer(content):
        found.update(range(*match.span(1)), range(*match.span(2)))
    return found


def _range(body: str, spans: Sequence[tuple[int, int]], start: int, end: int) -> tuple[int, int, str]:
    """Where a stretch of the text begins and ends in the draft, and the marks within it."""
    if start == end:
        at = spans[start - 1][1] if start else spans[0][0]
        return at, at, ""
    kept = "".join(body[spans[n][1] : spans[n + 1][0]] for n in range(start, end - 1))
    return spans[start][0], spans[end - 1][1], kept


def _with_marks(body: str, at: int, behind: int) -> tuple[int, int]:
    while at and body[at - 1] in AROUND:
        at -= 1
    while body[behind : behind + 1] in AROUND and behind < len(body):
        behind += 1
    return at, behind


def _is_only(body: str, text: str, block: Shown, changes: Iterable[Change]) -> bool:
    """Whether the page shows the change and nothing else new."""
    before, after = shown_blocks(body), shown_blocks(text)
    if len(before) != len(after) or _empty_marks(text) > _empty_marks(body):
        return False
    wanted = block.text
    for start, end, put in sorted(changes, reverse=True):
        wanted = wanted[:start] + plain_of(put) + wanted[end:]
    here = after[block.index]
    others = (a == b for n, (a, b) in enumerate(zip(before, after, strict=True)) if n != block.index)
    return (here.kind, here.text, here.pointers) == (block.kind, wanted, block.pointers) and all(others)


def _empty_marks(body: str) -> int:
    """Links and marks around nothing."""
    found = 0
    for token in markdown().parse(body):
        children = [child for child in token.children or [] if child.nesting or child.content]
        found += sum(a.nesting == 1 and b.nesting == -1 for a, b in pairwise(children))
    return found


def plain_of(put: str) -> str:
    """What a piece of escaped Markdown shows."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", put)
