"""A writer's blocks as Markdown; a quote's words come from the transcript, never from the writer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from automation.article import clock, lines_at, pointer, translation_mark
from automation.transcript import Line, Transcript
from providers.types import Article, Block

LISTED = ("participant", "topic", "decision", "action")


def compose(article: Article, transcript: Transcript) -> str:
    """The Markdown of a writer's article."""
    return compose_blocks(article.blocks, transcript, article.language) + "\n"


def compose_blocks(blocks: Iterable[Block], transcript: Transcript, language: str) -> str:
    """Blocks that point nowhere are dropped: a quote without a source can't be checked."""
    text, listed = "", False
    for block in blocks:
        part = _block(block, transcript, language)
        if part:
            between = "\n" if listed and block.kind in LISTED else "\n\n"
            text += (between if text else "") + part
            listed = block.kind in LISTED
    return text


def _block(block: Block, transcript: Transcript, language: str) -> str:
    lines = lines_at(transcript, [int(source[1:]) for source in block.sources])
    if block.kind == "heading":
        return f"## {_one_line(block.text)}"
    if block.kind == "quote":
        return _quote(block, lines, language) if lines else ""
    if block.kind == "paragraph":
        return (escape(_one_line(block.text)) + _link(lines)) if block.text else ""
    if not lines:
        return ""
    if block.kind == "question":
        return f"**{escape(_one_line(block.text) or _words(lines))}**{_link(lines)}"
    return f"- {_item(block)}{_link(lines)}"


def _quote(block: Block, lines: Sequence[Line], language: str) -> str:
    """The original words; a translation stands under them and says that it is one."""
    quoted = f"> {escape(_words(lines))}{_link(lines)}"
    if not block.translation:
        return quoted
    told = escape(_one_line(block.translation))
    return f"{quoted}\n>\n> *{translation_mark(language)}:* {told}{_link(lines)}"


def _item(block: Block) -> str:
    """A line of the minutes; an owner or a date that stands in its words is not said twice."""
    text = escape(_one_line(block.text))
    said = block.text.casefold()
    if block.due and block.due.casefold() not in said:
        text = f"{text.rstrip('.')} — {escape(_one_line(block.due))}"
    if block.owner and not said.startswith(block.owner.casefold()):
        text = f"**{escape(_one_line(block.owner))}:** {text}"
    return text


def _words(lines: Sequence[Line]) -> str:
    """The words of a quote; sentences that do not follow each other are joined by an honest ellipsis."""
    text = ""
    for before, line in zip([None, *lines], lines, strict=False):
        text += line.text if before is None else (" " if line.idx == before.idx + 1 else " … ") + line.text
    return _one_line(text)


def _link(lines: Sequence[Line]) -> str:
    return f" [{clock(lines[0].start_s)}]({pointer([line.idx for line in lines])})" if lines else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def escape(text: str) -> str:
    """Text as Markdown that shows exactly this text."""
    text = re.sub(r"([\\`*_\[\]<>])", r"\\\1", text)
    text = re.sub(r"^([#+-])(?=\s)", r"\\\1", text)
    return re.sub(r"^(\d+)([.)])(?=\s)", r"\1\\\2", text)
