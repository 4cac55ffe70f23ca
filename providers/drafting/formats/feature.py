"""The feature article: a lead, sections under headings, quotes where somebody's own voice says it best."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from providers.drafting.choosing import choose
from providers.drafting.formats.base import Format
from providers.drafting.interview import MAX_SECTIONS, Section, is_polite
from providers.drafting.phrases import without_filler
from providers.drafting.talk import Talk
from providers.drafting.wording import WORD
from providers.types import Block

RULES = """\
A feature article. Order the blocks by importance to a reader; begin with a paragraph. Headings are short and
have no sources. Quote the sentences that are vivid, concrete and clear on their own; skip greetings and
small talk."""

HEADING_LIMIT = 90  # characters
MIN_HEADING_WORDS = 3
HEADING_NOUNS = 3
KEPT_SHARE = 0.6  # of a section's sentences …
MIN_KEPT, MAX_KEPT = 2, 5  # … within these bounds
OWN_VOICE = 1.3
NEIGHBOURS = 0.3
OMISSION = " […] "  # between sentences that are not neighbours in the recording


def extract(talk: Talk, titled: int | None) -> Iterator[Block]:
    """The question that became the title is not repeated as a heading."""
    chosen = worthwhile(talk)
    for number, (section, topic) in enumerate(zip(chosen, topics(talk, chosen), strict=True)):
        repeats = titled in section.questions
        if len(chosen) > 1 and not (repeats and number == 0):
            yield from heading(talk, () if repeats else section.questions, topic)
        yield from body(talk, section)


def worthwhile(talk: Talk) -> list[Section]:
    """The sections that say most, in the order of the talk; one that only greets is left out."""
    found = talk.sections() or [Section((), tuple(range(len(talk.sentences))))]
    telling = [s for s in found if not all(talk.is_empty(p) for p in s.answers)] or found
    value = {s: sum(sorted((talk.scores[p] for p in s.answers), reverse=True)[:2]) for s in telling}
    best = set(sorted(telling, key=lambda s: (-round(value[s], 6), s.answers))[:MAX_SECTIONS])
    return [s for s in telling if s in best]


def heading(talk: Talk, questions: Sequence[int], topic: Sequence[str]) -> Iterator[Block]:
    """The host's last question that a reader understands; else the section's own nouns."""
    for place in reversed(questions):
        if found := _question(talk, place):
            yield found
            return
    if text := ", ".join(topic):
        yield Block("heading", text[:1].upper() + text[1:])


def _question(talk: Talk, place: int) -> Block | None:
    """With the remark before it where both fit: «Жители боятся шума. Что вы им ответите?»"""
    text = without_filler(talk.sentences[place].text, talk.language).rstrip("?!. ") + "?"
    if len(WORD.findall(text)) < MIN_HEADING_WORDS or len(text) > HEADING_LIMIT or talk.looks_back(text):
        return None
    if (
        place
        and same_speaker(talk, place, place - 1)
        and not is_polite(talk.sentences[place - 1].text, talk.language)
    ):
        both = f"{talk.printable(place - 1)} {text}"
        if len(both) <= HEADING_LIMIT:
            return Block("heading", both, (talk.sentences[place - 1].id, talk.sentences[place].id))
    return Block("heading", text, (talk.sentences[place].id,))


def topics(talk: Talk, chosen: Sequence[Section]) -> list[list[str]]:
    """For each section the nouns it has more of than the others."""
    counts = [
        Counter(
            n
            for p in s.answers
            if not talk.is_empty(p)
            for n in talk.vocabulary.nouns(talk.sentences[p].text)
        )
        for s in chosen
    ]
    spread = Counter(word for count in counts for word in count)
    return [
        sorted(
            count, key=lambda w: (-count[w] * math.log(1 + len(chosen) / spread[w]), list(count).index(w))
        )[:HEADING_NOUNS]
        for count in counts
    ]


def body(talk: Talk, section: Section) -> Iterator[Block]:
    """A speaker's sentences become a paragraph; the best one stands out as a quote, in its place."""
    kept = kept_of(talk, section)
    quotable = [p for p in kept if talk.is_quotable(p) and not needs_before(talk, p)]
    quote = max(quotable, key=lambda p: (liveliness(talk, p), -p), default=None)
    run: list[int] = []
    for place in kept:
        if run and (place == quote or not same_speaker(talk, place, run[-1])):
            yield paragraph(talk, run)
            run = []
        if place == quote:
            yield Block("quote", "", (talk.sentences[place].id,))
        else:
            run.append(place)
    if run:
        yield paragraph(talk, run)


def liveliness(talk: Talk, place: int) -> float:
    """The score, more for somebody's own voice: facts go into paragraphs, "I" and "we" into quotes."""
    return talk.scores[place] * (1.0 if talk.is_impersonal(talk.sentences[place].text) else OWN_VOICE)


def kept_of(talk: Talk, section: Section) -> list[int]:
    """The best sentences of a section in their order; one that looks back brings its neighbour or goes."""
    telling = [p for p in section.answers if not talk.is_empty(p)] or list(section.answers)
    count = max(MIN_KEPT, min(MAX_KEPT, math.ceil(len(telling) * KEPT_SHARE)))
    kept = choose(talk, section.questions, telling, count, lambda p: _weight(talk, section, p))
    for place in sorted(kept):
        if needs_before(talk, place) and place - 1 not in kept:
            if place - 1 in telling and same_speaker(talk, place, place - 1):
                kept.add(place - 1)
            elif len(kept) > 1 and section.questions and place != section.answers[0]:
                kept.discard(place)
    return sorted(kept)


def _weight(talk: Talk, section: Section, place: int) -> float:
    """The score with a share of the neighbours': a stretch of the talk reads better than its crumbs."""
    beside = [talk.scores[p] for p in (place - 1, place + 1) if p in section.answers]
    return round(talk.scores[place] + NEIGHBOURS * sum(beside), 6)


def needs_before(talk: Talk, place: int) -> bool:
    return talk.looks_back(talk.sentences[place].text)


def same_speaker(talk: Talk, one: int, other: int) -> bool:
    return talk.sentences[one].speaker == talk.sentences[other].speaker


def paragraph(talk: Talk, run: Sequence[int]) -> Block:
    said = talk.printable(run[0])
    for before, place in pairwise(run):
        said += (" " if place == before + 1 else OMISSION) + talk.printable(place)
    return Block(
        "paragraph", f"{talk.printed_name(run[0])}: {said}", tuple(talk.sentences[p].id for p in run)
    )


FORMAT = Format("feature", RULES, ("paragraph", "heading", "quote"), extract)
