"""The article as an editor reads it: quotes end in a place for their chip, what nobody said is underlined.

Works in the coordinates of `automation.grounding.blocks.shown_blocks`: the nth inline token of markdown-it,
and characters of its plain text. A chip is a mark (`CHIP`), which the page fills in after the HTML is clean.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import nh3
from markdown_it.token import Token
from markupsafe import Markup

from automation.article import (
    ALLOWED_ATTRIBUTES,
    ALLOWED_TAGS,
    POINTER,
    QuoteCheck,
    clock,
    indices_of,
    lines_at,
    pointer,
)
from automation.grounding.blocks import markdown
from automation.grounding.silence import first_part
from automation.grounding.tracing import Traced
from automation.lighting import PLACE, in_spans
from automation.transcript import Transcript

MARKS = re.compile("[\ue000\ue001]")  # of no alphabet: nothing a person writes
CHIP = re.compile("\ue000(\\d+)\ue001")
TAGS = ALLOWED_TAGS | {"u", "span"}
ATTRIBUTES = {
    **ALLOWED_ATTRIBUTES,
    "u": {"class", "title"},
    "p": {"data-sources"},
    "span": {"class", "data-sentence", "data-sources"},
}


def read_view(
    body: str,
    transcript: Transcript,
    quotes: Sequence[QuoteCheck],
    facts: Iterable[Mapping[str, Any]],
    chip: Callable[[int], Markup],
    missing: str,
    traced: Sequence[Sequence[Traced]] = (),
) -> Markup:
    """Safe HTML. `chip(n)` stands behind the nth quote, `missing` are the words for an unsupported fact,
    `traced` are the sentences of each block with what they stand on.
    """
    tokens = markdown().parse(MARKS.sub("\ufffd", body))
    ends, gaps = _ends(quotes), _gaps(facts)
    number = inside = 0
    for before, token in zip([None, *tokens], tokens, strict=False):
        inside += {"blockquote_open": 1, "blockquote_close": -1}.get(token.type, 0)
        if token.type != "inline":
            continue
        children = token.children or []
        found = _sources(children)
        found += [idx for n in ends.get(number, {}).values() for one in n for idx in quotes[one].sources]
        if before is not None and before.type == "paragraph_open" and found:
            before.attrSet("data-sources", " ".join(str(idx) for idx in dict.fromkeys(found)))
        chips = ends.get(number, {})
        sentences = traced[number] if number < len(traced) else ()
        edges = [edge for sentence in sentences for edge in (sentence.start, sentence.end)]
        read = _read(children, transcript, chips, gaps.get(number, ()), edges, missing, chips_only=inside > 0)
        token.children = list(in_spans(list(read), sentences, number))
        number += 1
    html = markdown().renderer.render(tokens, markdown().options, {})
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow",
    )
    return Markup(CHIP.sub(lambda match: chip(int(match[1])), clean))  # noqa: S704  (nh3 has just cleaned it)


def _ends(quotes: Sequence[QuoteCheck]) -> dict[int, dict[int, list[int]]]:
    """Block → end of a quote in its text → numbers of the quotes that end there."""
    ends: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for n, quote in enumerate(quotes):
        ends[quote.block][quote.end].append(n)
    return ends


def _gaps(facts: Iterable[Mapping[str, Any]]) -> dict[int, list[tuple[int, int]]]:
    """Block → spans of its text that are not in the recording."""
    gaps: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for fact in facts:
        if fact["status"] == "missing" and fact["where"] == "body":
            gaps[fact["block"]].append((fact["start"], fact["end"]))
    return gaps


def _sources(children: Iterable[Token]) -> list[int]:
    hrefs = (str(child.attrGet("href") or "") for child in children if child.type == "link_open")
    return [idx for href in hrefs for idx in indices_of(href)]


def _read(
    children: Sequence[Token],
    transcript: Transcript,
    chips: Mapping[int, Sequence[int]],
    gaps: Sequence[tuple[int, int]],
    edges: Sequence[int],
    missing: str,
    *,
    chips_only: bool,
) -> Iterator[Token]:
    """The inline tokens with chips and underlines; a pointer is a play link; a block quote's is its chip.

    What is text says where it stands, and none of it runs over one of the `edges`.
    """
    at, skipping, left = _indent(children), False, dict(chips)
    for child in children:
        href = str(child.attrGet("href") or "") if child.type == "link_open" else ""
        if POINTER.match(href):
            skipping = True
            if not (chips and chips_only):
                yield from _link(href, transcript)
        elif skipping:
            skipping = child.type != "link_close"
        elif child.type == "image":
            yield child
        elif child.type in ("softbreak", "hardbreak"):
            child.meta[PLACE] = at
            yield child
            at += 1
        elif not child.content:
            yield child
        else:
            yield from _cut(child, at, left, gaps, edges, missing)
            at += len(child.content)
    for numbers in left.values():  # a quote that ends where nothing is shown any more
        yield from _marks(numbers)


def _indent(children: Sequence[Token]) -> int:
    """Spaces before the first word are no part of the block's text."""
    first = next((child for child in children if child.content), None)
    return len(first.content.lstrip()) - len(first.content) if first is not None else 0


def _cut(
    token: Token,
    at: int,
    left: dict[int, Sequence[int]],
    gaps: Sequence[tuple[int, int]],
    edges: Sequence[int],
    missing: str,
) -> Iterator[Token]:
    """One token of text in pieces, some underlined; a chip stands behind the closing quotation mark."""
    text, end = token.content, at + len(token.content)
    cuts = {at, end, *(edge for edge in (*edges, *(e for gap in gaps for e in gap)) if at < edge < end)}
    stops: dict[int, tuple[int, ...]] = {}
    for stop in [stop for stop in left if at < stop <= end]:
        behind = stop + (stop < end and text[stop - at] in "»”“\"'")
        stops[behind] = (*stops.get(behind, ()), *left.pop(stop))
    places = sorted(cuts | set(stops))
    for start, stop in pairwise(places):
        part = text[start - at : stop - at]
        piece = Token(
            token.type, token.tag, token.nesting, markup=token.markup, content=part, meta={PLACE: start}
        )
        is_gap = any(a <= start and stop <= b for a, b in gaps)
        if is_gap:
            yield Token("u_open", "u", 1, attrs={"class": "unsaid", "title": missing})
        yield piece
        if is_gap:
            yield Token("u_close", "u", -1)
        yield from _marks(stops.get(stop, ()))


def _marks(numbers: Iterable[int]) -> Iterator[Token]:
    """The marks of chips; they are no part of a sentence."""
    for n in numbers:
        yield Token("text", "", 0, content=f" \ue000{n}\ue001")


def _link(href: str, transcript: Transcript) -> Iterator[Token]:
    lines = lines_at(transcript, indices_of(href))
    if not lines:
        return
    start_s, end_s = first_part(lines[0].start_s, lines[-1].end_s, transcript.off_record)
    attributes: dict[str, str | int | float] = {
        "href": pointer([line.idx for line in lines]),
        "class": "pointer",
        "data-start": f"{start_s:.2f}",
        "data-end": f"{end_s:.2f}",
    }
    yield Token("link_open", "a", 1, attrs=attributes)
    yield Token("text", "", 0, content=f"▶ {clock(start_s)} {lines[0].name}".rstrip())
    yield Token("link_close", "a", -1)
