"""Sentences of the article on its page: each in a span that says what it stands on, and where it is typed.

The spans are ours: a person's Markdown makes none, for its HTML is shown as text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import accumulate

from markdown_it.token import Token

from automation.article import indices_of
from automation.grounding.blocks import POINTER, markdown, shown_blocks, without_links
from automation.grounding.tracing import Traced

WORD = re.compile(r"[^\W_]+")
PLACE = "place"  # in a token's meta: where its first character stands in the text of its block


def in_spans(tokens: Sequence[Token], sentences: Sequence[Traced], block: int) -> Iterator[Token]:
    """Inline tokens with a span around each sentence, in pieces where a mark runs over its edge.

    A block none of whose sentences stands on anything stays as it is.
    """
    if any(sentence.sources for sentence in sentences):
        return _wrapped(tokens, sentences, block)
    return iter(tokens)


def _wrapped(tokens: Sequence[Token], sentences: Sequence[Traced], block: int) -> Iterator[Token]:
    inside: int | None = None
    for node in _nodes(tokens):
        owners = {_owner(token, sentences) for token in node if not token.nesting}
        owner = owners.pop() if len(owners) == 1 else None
        if inside is not None and owner != inside:
            yield Token("span_close", "span", -1)
        if owner is not None and owner != inside:
            yield _span(sentences[owner], block, owner)
        inside = owner
        if owners:  # of several sentences
            yield node[0]
            yield from _wrapped(node[1:-1], sentences, block)
            yield node[-1]
        else:
            yield from node
    if inside is not None:
        yield Token("span_close", "span", -1)


def _nodes(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Each token by itself, or a mark from where it opens to where it closes."""
    depth, node = 0, list[Token]()
    for token in tokens:
        depth += token.nesting
        node.append(token)
        if depth <= 0:
            yield node
            depth, node = 0, []
    yield from ([token] for token in node)


def _owner(token: Token, sentences: Sequence[Traced]) -> int | None:
    """The sentence a token stands in; a space between two and a pointer stand in none."""
    place = token.meta.get(PLACE)
    found = (n for n, one in enumerate(sentences) if place is not None and one.start <= place < one.end)
    return next(found, None)


def _span(sentence: Traced, block: int, number: int) -> Token:
    attributes: dict[str, str | int | float] = {
        "class": "sentence",
        "data-sentence": f"{block}.{number}",
        "data-sources": shown(sentence.sources),
    }
    return Token("span_open", "span", 1, attrs=attributes)


def shown(sources: Sequence[int]) -> str:
    return " ".join(str(idx) for idx in sources)


def typed(body: str, traced: Sequence[Sequence[Traced]]) -> dict[str, object]:
    """Where the sentences stand in the Markdown, for the caret of a text field: JSON in UTF-16 units, as a
    browser counts.

    `length` is the text's; `blocks` are those with sources: [begin, end, [[place, "2 3"], …]], where from
    each place on these sentences of the transcript are lit.
    """
    body = body.replace("\r\n", "\n").replace("\r", "\n")  # as a text field holds it
    rows = list(accumulate((len(row) + 1 for row in body.split("\n")), initial=0))
    wide = list(accumulate((2 if char > "\uffff" else 1 for char in body), initial=0))
    spans = [token.map or [0, 0] for token in markdown().parse(body) if token.type == "inline"]
    blocks = []
    for block, (first, behind), sentences in zip(shown_blocks(body), spans, traced, strict=True):
        if any(sentence.sources for sentence in sentences):
            begin, end = rows[first], rows[behind] - 1
            places = _places(body[begin:end], block.text, sentences)
            blocks.append([wide[begin], wide[end], [[wide[begin + at], lit] for at, lit in places]])
    return {"length": wide[-1], "blocks": blocks}


def _places(source: str, text: str, sentences: Sequence[Traced]) -> Iterator[tuple[int, str]]:
    """From where on in a block's Markdown what is lit. The words of both texts tell which place is which."""
    written, told = list(WORD.finditer(without_links(source))), list(WORD.finditer(text))
    alike = SequenceMatcher(None, [word[0] for word in told], [word[0] for word in written], autojunk=False)
    starts = [sentence.start for sentence in sentences]
    lit = {match.start(): shown(indices_of(f"#s{match[1]}")) for match in POINTER.finditer(source)}
    for a, b, size in alike.get_matching_blocks():
        for word, place in zip(told[a : a + size], written[b : b + size], strict=True):
            sentence = sentences[bisect_right(starts, word.start()) - 1]
            lit[source.rfind(" ", 0, place.start()) + 1] = shown(sentence.sources)
    last = None
    for at in sorted(lit):
        if lit[at] != last:
            yield at, lit[at]
        last = lit[at]
