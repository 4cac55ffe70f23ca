"""What a format says: the rules a model is told, its blocks, and how the offline writer makes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from providers.drafting.talk import Talk
from providers.types import Block, BlockKind


def as_they_are(blocks: Sequence[Block], language: str) -> tuple[Block, ...]:
    return tuple(blocks)


@dataclass(frozen=True, slots=True)
class Format:
    name: str
    rules: str  # of the prompt, after those for every format
    kinds: tuple[BlockKind, ...]  # the blocks a model may use, in the order of the example it is shown
    extract: Callable[[Talk, int | None], Iterable[Block]]  # offline; the place the title was taken from
    most_sections: int = 7  # of a long recording
    by_parts: bool = False  # every part of a long recording is worked off itself, without an outline
    arrange: Callable[[Sequence[Block], str], tuple[Block, ...]] = as_they_are  # for print, in a language
