"""A recogniser's tokens → words with times and confidences."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import zip_longest

from providers.types import Word

FRAME_S = 0.04  # GigaAM's encoder gives 25 frames a second
# A token's time is where it was emitted, and nothing says how long it sounded. Espeak and people at an
# interview's pace say 12–16 letters a second.
LETTER_S = 0.07


@dataclass(frozen=True, slots=True)
class Token:
    """A character or a SentencePiece; a leading space (or ▁) begins a word."""

    text: str
    start_s: float
    logprob: float | None = None


@dataclass(slots=True)
class _Draft:
    start_s: float
    tokens: list[Token] = field(default_factory=list)


def words_of(tokens: Iterable[Token], *, offset_s: float = 0.0, end_s: float = math.inf) -> tuple[Word, ...]:
    """Times are shifted by `offset_s`; nothing ends after `end_s` or after the next word's start."""
    drafts: list[_Draft] = []
    begins = True
    for token in tokens:
        text = token.text.replace("▁", " ")
        begins = begins or text.startswith(" ")
        visible = text.strip()
        if not visible or (visible.startswith("<") and visible.endswith(">")):  # <unk>
            continue
        if begins:
            drafts.append(_Draft(token.start_s))
        drafts[-1].tokens.append(Token(visible, token.start_s, token.logprob))
        begins = text.endswith(" ")
    return tuple(_word(draft, after, offset_s, end_s) for draft, after in zip_longest(drafts, drafts[1:]))


def _word(draft: _Draft, after: _Draft | None, offset_s: float, end_s: float) -> Word:
    # A full stop is emitted somewhere in the pause after the word.
    sounding = [token for token in draft.tokens if any(map(str.isalnum, token.text))]
    last = (sounding or draft.tokens)[-1]
    sounded_until_s = last.start_s + max(FRAME_S, LETTER_S * len(last.text))
    limit_s = min(end_s, offset_s + after.start_s if after else end_s)
    start_s = min(offset_s + draft.start_s, end_s)
    logprobs = [token.logprob for token in draft.tokens if token.logprob is not None]
    return Word(
        text="".join(token.text for token in draft.tokens),
        start_s=min(round(start_s, 3), end_s),
        end_s=min(round(max(start_s, min(offset_s + sounded_until_s, limit_s)), 3), end_s),
        confidence=round(min(1.0, math.exp(sum(logprobs) / len(logprobs))), 4) if logprobs else None,
    )
