"""The interview as questions and answers: the answers are the speaker's own words."""

from __future__ import annotations

from collections.abc import Iterator

from providers.drafting.formats.base import Format
from providers.drafting.formats.feature import same_speaker, topics, worthwhile
from providers.drafting.interview import Section
from providers.drafting.talk import Talk
from providers.types import Block

RULES = """\
An interview in questions and answers, in the order of the talk. Begin with one short paragraph that says who
speaks and why. Then, again and again: a block of kind "question" (the host's question, shortened if need be,
"sources" the sentences in which it was asked) and one or more blocks of kind "quote" (the answer in the
speaker's own words; leave out repetitions by leaving out sentences). Leave out greetings. A "paragraph" may
stand between them only to explain what was left out."""

MOST_ANSWER = 6  # sentences of an answer that are kept


def extract(talk: Talk, titled: int | None) -> Iterator[Block]:
    """The questions that were asked and what followed; a talk without a host has its topics instead."""
    chosen = worthwhile(talk)
    for section, topic in zip(chosen, topics(talk, chosen), strict=True):
        if section.questions:
            asked = _last_question(talk, section)
            yield Block("question", "", tuple(talk.sentences[p].id for p in asked))
        elif topic:
            text = ", ".join(topic)
            yield Block("heading", text[:1].upper() + text[1:])
        yield from _answer(talk, section)


def _last_question(talk: Talk, section: Section) -> list[int]:
    """With the remark before it: a question often begins a sentence earlier."""
    last = section.questions[-1]
    before = last - 1
    if before in section.questions or (
        before >= 0 and same_speaker(talk, before, last) and not talk.is_empty(before)
    ):
        return [before, last]
    return [last]


def _answer(talk: Talk, section: Section) -> Iterator[Block]:
    telling = [p for p in section.answers if not talk.is_empty(p)] or list(section.answers)
    kept = set(sorted(telling, key=lambda p: (-talk.scores[p], p))[:MOST_ANSWER])
    run: list[int] = []
    for place in sorted(kept):
        if run and (place != run[-1] + 1 or not same_speaker(talk, place, run[-1])):
            yield _quote(talk, run)
            run = []
        run.append(place)
    if run:
        yield _quote(talk, run)


def _quote(talk: Talk, run: list[int]) -> Block:
    return Block("quote", "", tuple(talk.sentences[place].id for place in run))


FORMAT = Format("qa", RULES, ("paragraph", "question", "quote", "heading"), extract, most_sections=12)
