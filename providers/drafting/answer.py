"""Read a language model's answer: keep the pointers that hold, drop the rest, say what was dropped."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pydantic

from providers.drafting.wording import first_words, one_line, shorten, unquote_unsaid
from providers.types import Article, Block, BlockKind, Sentence

log = logging.getLogger(__name__)

DESCRIPTION_LIMIT = 160  # what search engines show
TAG_LIMIT = 8
IMAGE_PROMPT_WORDS = 60

_THOUGHTS = re.compile(r"<think>.*?</think>", re.DOTALL)  # what reasoning models served locally leave in
_NOT_ID = re.compile(r"[^\w-]")


class AnswerUnusable(Exception):
    """The answer can't become an article; the text is the reason, told to the model once."""


class AnsweredBlock(pydantic.BaseModel):
    kind: BlockKind
    text: str = ""
    sources: list[str] = []


class Answered(pydantic.BaseModel):
    title: str
    dek: str = ""
    blocks: list[AnsweredBlock]
    tags: list[str] = []
    description: str = ""
    image_prompt: str = ""
    image_alt: str = ""


def read_answer(
    raw: str, sentences: Sequence[Sentence], language: str, usage: dict[str, Any] | None = None
) -> Article:
    """The article that `raw` holds. Raises: AnswerUnusable."""
    answered = _parse(raw)
    said = [s.text for s in sentences]
    blocks = tuple(_blocks(answered.blocks, sentences))
    if not any(block.kind != "heading" for block in blocks):
        raise AnswerUnusable("no block points to a sentence of the transcript")
    title = one_line(unquote_unsaid(answered.title, said))
    if not title:
        raise AnswerUnusable("the title is empty")
    return Article(
        title=title,
        dek=one_line(unquote_unsaid(answered.dek, said)),
        blocks=blocks,
        tags=_tags(answered.tags),
        description=shorten(unquote_unsaid(answered.description, said), DESCRIPTION_LIMIT),
        image_prompt=first_words(answered.image_prompt, IMAGE_PROMPT_WORDS),
        image_alt=one_line(answered.image_alt),
        language=language,
        usage=usage or {},
    )


def _parse(raw: str) -> Answered:
    """The JSON object, with or without a fence or words around it."""
    text = _THOUGHTS.sub("", raw)
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        raise AnswerUnusable("there is no JSON object in it")
    try:
        return Answered.model_validate_json(text[start : end + 1])
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "the JSON"
        reason = f"{where}: {first['msg']}"
        raise AnswerUnusable(reason) from error


def _blocks(answered: Sequence[AnsweredBlock], sentences: Sequence[Sentence]) -> Iterator[Block]:
    places = {s.id.upper(): place for place, s in enumerate(sentences)}
    for block in answered:
        if block.kind == "heading":
            if text := one_line(unquote_unsaid(block.text, [s.text for s in sentences])):
                yield Block("heading", text)
            continue
        cited = _places(block.sources, places)
        if block.kind == "quote":
            yield from _quotes(cited, sentences)
        elif cited and block.text.strip():
            yield _paragraph(block.text, [sentences[place] for place in cited])
        else:
            _dropped("a paragraph stands on no sentence", block.sources)


def _places(ids: Sequence[str], places: Mapping[str, int]) -> list[int]:
    """Where the cited sentences stand, each once, in the order of citation."""
    keys = [_NOT_ID.sub("", name).upper() for name in ids]
    if unknown := [key for key in keys if key not in places]:
        _dropped("the answer cites sentences that do not exist", unknown)
    return list(dict.fromkeys(places[key] for key in keys if key in places))


def _quotes(cited: Sequence[int], sentences: Sequence[Sentence]) -> Iterator[Block]:
    """A quote per run of neighbours of one speaker: nobody is quoted across another's words."""
    if not cited:
        _dropped("a quote stands on no sentence", ())
    run: list[int] = []
    for place in sorted(cited):
        joins = run and place == run[-1] + 1 and sentences[place].speaker == sentences[run[-1]].speaker
        if run and not joins:
            yield _quote(run, sentences)
            run = []
        run.append(place)
    if run:
        yield _quote(run, sentences)


def _quote(run: Sequence[int], sentences: Sequence[Sentence]) -> Block:
    return Block("quote", "", tuple(sentences[place].id for place in run))


def _paragraph(text: str, cited: Sequence[Sentence]) -> Block:
    honest = unquote_unsaid(text, [s.text for s in cited])
    return Block("paragraph", one_line(honest), tuple(s.id for s in cited))


def _tags(tags: Sequence[str]) -> tuple[str, ...]:
    cleaned = (one_line(tag).lstrip("# ") for tag in tags)
    return tuple(dict.fromkeys(tag for tag in cleaned if tag))[:TAG_LIMIT]


def _dropped(reason: str, ids: Sequence[str]) -> None:
    log.warning(
        "a part of the model's answer was dropped",
        extra={"action": "draft_block_dropped", "reason": reason, "sources": list(ids)[:20]},
    )
