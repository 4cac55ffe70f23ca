"""Read a language model's answer: keep the pointers that hold, drop the rest, say what was dropped."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pydantic

from providers.drafting import DEFAULT_FORMAT
from providers.drafting.formats import format_named
from providers.drafting.formats.base import Format
from providers.drafting.social import social_texts
from providers.drafting.wording import WORD, first_words, one_line, shorten, unquote_unsaid
from providers.drafting.words import CYRILLIC, LATIN, RUSSIAN, UKRAINIAN
from providers.types import Article, Block, BlockKind, Sentence

log = logging.getLogger(__name__)

NAME_STEM = 4  # letters that tell a word in any of its cases
M = TypeVar("M", bound=pydantic.BaseModel)

DESCRIPTION_LIMIT = 160  # what search engines show
TAG_LIMIT = 8
OTHER_TITLES = 2
IMAGE_PROMPT_WORDS = 60
TELLING_WORDS = 5  # fewer do not tell a language
TELLING_LETTERS = 3  # that only one of two languages has
NAMED_IDS = 5  # unknown ids told to the model

_THOUGHTS = re.compile(r"<think>.*?</think>", re.DOTALL)  # what reasoning models served locally leave in
_NOT_ID = re.compile(r"[^\w-]")


class AnswerUnusable(Exception):
    """The answer can't become a text; the message is the reason, told to the model once."""


class AnsweredBlock(pydantic.BaseModel):
    kind: BlockKind
    text: str = ""
    sources: list[str] = []
    owner: str = ""
    due: str = ""


class AnsweredHead(pydantic.BaseModel):
    title: str
    titles: list[str] = []
    dek: str = ""
    tags: list[str] = []
    description: str = ""
    telegram: str = ""
    x: str = ""
    image_prompt: str = ""
    image_alt: str = ""


class AnsweredBlocks(pydantic.BaseModel):
    blocks: list[AnsweredBlock]


class Answered(AnsweredHead, AnsweredBlocks):
    pass


class AnsweredPoint(pydantic.BaseModel):
    text: str
    sources: list[str] = []
    weight: int = 2


class AnsweredPoints(pydantic.BaseModel):
    points: list[AnsweredPoint]


class AnsweredSection(pydantic.BaseModel):
    heading: str = ""
    points: list[str] = []


class AnsweredOutline(AnsweredHead):
    sections: list[AnsweredSection]


@dataclass
class Sources:
    """The sentences an answer may point to; collects what was wrong with the answer."""

    sentences: Sequence[Sentence]
    language: str  # of the article
    spoken: str = ""  # of the recording; empty: the same
    unknown: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._places = {s.id.upper(): place for place, s in enumerate(self.sentences)}
        self.said = [s.text for s in self.sentences]

    def places(self, ids: Iterable[str]) -> list[int]:
        """Where the cited sentences stand, each once, in the order of citation."""
        keys = [_NOT_ID.sub("", name).upper() for name in ids]
        if unknown := [key for key in keys if key not in self._places]:
            self.unknown += unknown
            _dropped("the answer cites sentences that do not exist", unknown)
        return list(dict.fromkeys(self._places[key] for key in keys if key in self._places))

    def wrong(self) -> list[str]:
        """What the model should put right."""
        if not self.unknown:
            return []
        return [f"it cites sentences that were not given ({', '.join(self.unknown[:NAMED_IDS])})"]


def read_answer(
    raw: str,
    sentences: Sequence[Sentence],
    language: str,
    usage: dict[str, Any] | None = None,
    *,
    chosen: Format | None = None,
    spoken: str = "",
) -> tuple[Article, list[str]]:
    """The article that `raw` holds, and what is wrong with it. Raises: AnswerUnusable."""
    chosen = chosen or format_named(DEFAULT_FORMAT)
    answered = parse(raw, Answered)
    sources = Sources(sentences, language, spoken)
    blocks = read_blocks(answered.blocks, sources, chosen)
    article = with_head(answered, chosen.arrange(blocks, language), sources, usage)
    return article, sources.wrong()


def with_head(
    head: AnsweredHead, blocks: Sequence[Block], sources: Sources, usage: dict[str, Any] | None = None
) -> Article:
    """Raises: AnswerUnusable."""
    said, language = sources.said, sources.language
    title = one_line(unquote_unsaid(head.title, said))
    if not title:
        raise AnswerUnusable("the title is empty")
    refuse_language([head.title, head.dek], language)
    dek = one_line(unquote_unsaid(head.dek, said))
    others = [one_line(unquote_unsaid(other, said)) for other in head.titles]
    telegram, x = (one_line(unquote_unsaid(text, said)) for text in (head.telegram, head.x))
    return Article(
        title=title,
        dek=dek,
        blocks=tuple(blocks),
        tags=_tags(head.tags),
        description=shorten(unquote_unsaid(head.description, said), DESCRIPTION_LIMIT),
        image_prompt=first_words(head.image_prompt, IMAGE_PROMPT_WORDS),
        image_alt=one_line(head.image_alt),
        language=language,
        usage=usage if usage is not None else {},
        titles=tuple(dict.fromkeys(other for other in others if other and other != title))[:OTHER_TITLES],
        social=social_texts(title, dek, telegram, x),
    )


def read_blocks(answered: Sequence[AnsweredBlock], sources: Sources, chosen: Format) -> list[Block]:
    """The blocks that stand on something. Raises: AnswerUnusable where none does."""
    refuse_language([block.text for block in answered if block.kind != "quote"], sources.language)
    blocks = list(_blocks(answered, sources, chosen))
    if not chosen.by_parts and not any(block.kind != "heading" for block in blocks):
        raise AnswerUnusable("no block points to a sentence of the transcript")
    return blocks


def parse(raw: str, shape: type[M]) -> M:
    """The JSON object, with or without a fence or words around it. Raises: AnswerUnusable."""
    text = _THOUGHTS.sub("", raw)
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        raise AnswerUnusable("there is no JSON object in it")
    try:
        return shape.model_validate_json(text[start : end + 1])
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "the JSON"
        reason = f"{where}: {first['msg']}"
        raise AnswerUnusable(reason) from error


def refuse_language(texts: Iterable[str], language: str) -> None:
    """Raises: AnswerUnusable where most of the letters belong to another language."""
    text = " ".join(texts)
    if len(WORD.findall(text)) < TELLING_WORDS:
        return
    latin, cyrillic = len(LATIN.findall(text)), len(CYRILLIC.findall(text))
    russian, ukrainian = len(RUSSIAN.findall(text)), len(UKRAINIAN.findall(text))
    wrong = {
        "en": cyrillic > latin,
        "ru": latin > cyrillic or ukrainian > russian + TELLING_LETTERS,
        "uk": latin > cyrillic or russian > ukrainian + TELLING_LETTERS,
    }
    if wrong.get(language):
        raise AnswerUnusable(f"it is in the wrong language; everything must be in the language {language!r}")


def _blocks(answered: Sequence[AnsweredBlock], sources: Sources, chosen: Format) -> Iterator[Block]:
    for block in answered:
        if block.kind not in chosen.kinds:
            _dropped("a block of a kind this format does not have", block.sources)
        elif block.kind == "heading":
            if text := one_line(unquote_unsaid(block.text, sources.said)):
                yield Block("heading", text)
        elif block.kind == "quote":
            yield from _quotes(block, sources)
        else:
            yield from _told(block, sources)


def _told(block: AnsweredBlock, sources: Sources) -> Iterator[Block]:
    cited = [sources.sentences[place] for place in sources.places(block.sources)]
    text = one_line(unquote_unsaid(block.text, [s.text for s in cited]))
    if not cited or not (text or block.kind == "question"):
        _dropped("a paragraph stands on no sentence", block.sources)
        return
    ids = tuple(s.id for s in cited)
    if block.kind != "action":
        yield Block(block.kind, text, ids)
        return
    speakers = [s.speaker for s in sources.sentences]
    owner = _said(block.owner, [*(s.text for s in cited), *speakers])
    yield Block("action", text, ids, owner=owner, due=_said(block.due, [s.text for s in cited]))


def _said(words: str, where: Iterable[str]) -> str:
    """An owner or a date, if somebody said it, in whatever case; else nothing."""
    text = one_line(words)
    spoken = " ".join(WORD.findall(" ".join(where).casefold()))
    stems = [w[:NAME_STEM] for w in WORD.findall(text.casefold()) if len(w) > 2 or w.isdigit()]
    if stems and all(re.search(rf"\b{re.escape(stem)}", spoken) for stem in stems):
        return text
    if text:
        _dropped("an owner or a date that nobody said", [text])
    return ""


def _quotes(block: AnsweredBlock, sources: Sources) -> Iterator[Block]:
    """A quote per run of neighbours of one speaker: nobody is quoted across another's words."""
    cited, sentences = sources.places(block.sources), sources.sentences
    if not cited:
        _dropped("a quote stands on no sentence", ())
    runs: list[list[int]] = []
    for place in sorted(cited):
        last = runs[-1][-1] if runs else None
        if last is not None and place == last + 1 and sentences[place].speaker == sentences[last].speaker:
            runs[-1].append(place)
        else:
            runs.append([place])
    translation = ""
    if sources.spoken and sources.spoken != sources.language:
        translation = one_line(block.text).strip('«»“”„"') if len(runs) == 1 else ""
    for run in runs:
        yield Block("quote", "", tuple(sentences[place].id for place in run), translation=translation)


def _tags(tags: Sequence[str]) -> tuple[str, ...]:
    cleaned = (one_line(tag).lstrip("# ") for tag in tags)
    return tuple(dict.fromkeys(tag for tag in cleaned if tag))[:TAG_LIMIT]


def _dropped(reason: str, ids: Sequence[str]) -> None:
    log.warning(
        "a part of the model's answer was dropped",
        extra={"action": "draft_block_dropped", "reason": reason, "sources": list(ids)[:20]},
    )
