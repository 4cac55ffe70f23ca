"""How many tokens a text is likely to be: a guess on the safe side, for any model's tokenizer.

Cyrillic costs about one token for 2.5 letters (older tokenizers) to 4 (newer ones), English one for 4.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
LATIN = re.compile(r"[A-Za-z]")
LETTER = re.compile(r"[^\W\d_]")
OTHER = re.compile(r"[^\w\s]|[\d_]")
LATIN_PER_TOKEN = 3.5
CYRILLIC_PER_TOKEN = 2.5
OTHERS_PER_TOKEN = 1.6  # digits and punctuation


def tokens(text: str) -> int:
    latin = len(LATIN.findall(text))
    letters = len(LETTER.findall(text)) - latin
    others = len(OTHER.findall(text))
    return math.ceil(latin / LATIN_PER_TOKEN + letters / CYRILLIC_PER_TOKEN + others / OTHERS_PER_TOKEN)


def tokens_in(texts: Iterable[str]) -> int:
    return sum(tokens(text) + 1 for text in texts)  # and a line break


def parts(items: Sequence[T], room: int, cost: Callable[[T], int]) -> Iterator[list[T]]:
    """The items in their order, as many in each part as the room takes; at least one."""
    part: list[T] = []
    used = 0
    for item in items:
        price = cost(item)
        if part and used + price > room:
            yield part
            part, used = [], 0
        part.append(item)
        used += price
    if part:
        yield part
