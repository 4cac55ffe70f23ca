"""The news brief: what happened, who says it, one quote, and no more."""

from __future__ import annotations

from collections.abc import Iterator

from providers.drafting.formats.base import Format
from providers.drafting.formats.feature import liveliness, needs_before, paragraph, same_speaker
from providers.drafting.talk import Talk
from providers.types import Block

RULES = """\
A news brief of 60 to 120 words: one or two paragraphs and at most one quote, no headings. The first paragraph
says who, what, where and when, as far as the recording tells; the second why it matters."""

FACTS = 3  # sentences retold offline


def extract(talk: Talk, titled: int | None) -> Iterator[Block]:
    """The most telling sentences under their speakers' names, and the liveliest as a quote."""
    telling = [p for p in talk.guests if not talk.is_empty(p) and not needs_before(talk, p)] or talk.guests
    best = sorted(telling, key=lambda p: (-talk.scores[p], p))
    quotable = [p for p in best if talk.is_quotable(p)]
    quote = max(quotable[: FACTS + 1], key=lambda p: (liveliness(talk, p), -p), default=None)
    facts = sorted([p for p in best if p != quote][:FACTS])
    run: list[int] = []
    for place in facts:
        if run and not same_speaker(talk, place, run[-1]):
            yield paragraph(talk, run)
            run = []
        run.append(place)
    if run:
        yield paragraph(talk, run)
    if quote is not None:
        yield Block("quote", "", (talk.sentences[quote].id,))


FORMAT = Format("brief", RULES, ("paragraph", "quote"), extract, most_sections=1)
