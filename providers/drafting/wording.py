"""Texts that fit a limit without a cut word, and quotation marks that have to be earned."""

from __future__ import annotations

import re
from collections.abc import Iterable

WORD = re.compile(r"[^\W_]+(?:[-'’ʼ][^\W_]+)*")
SENTENCE_END = re.compile(r"[.!?…](?=\s|$)")

#: Pairs a reader takes for somebody's words; the straight mark closes itself.
QUOTED = re.compile(r'«([^«»]*)»|[“„]([^“”„]*)[”“]|"([^"]*)"')
STRAY_MARKS = re.compile(r'[«»“”„"]')
DIALOGUE_DASH = re.compile(r"(?m)^\s*[—–-]\s+")


def one_line(text: str) -> str:
    return " ".join(text.split())


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters: whole sentences if at least one fits, else whole words and an ellipsis."""
    text = one_line(text)
    if len(text) <= limit:
        return text
    ends = [m.end() for m in SENTENCE_END.finditer(text) if m.end() <= limit]
    if ends:
        return text[: ends[-1]]
    return text[:limit].rsplit(" ", 1)[0].rstrip(" ,;:–—-") + "…"


def first_words(text: str, count: int) -> str:
    return " ".join(text.split()[:count])


def unquote_unsaid(text: str, said: Iterable[str]) -> str:
    """`text` whose quotation marks stand only around words found, in that order, in one item of `said`.

    Speech marked by a dash at the start of a line counts as quoted too.
    """
    spoken = [_skeleton(sentence) for sentence in said]
    kept: list[str] = []

    def judge(match: re.Match[str]) -> str:
        inside = next(group for group in match.groups() if group is not None)
        if not _is_said(inside, spoken):
            return STRAY_MARKS.sub("", inside)
        kept.append(match.group())
        return f"\x00{len(kept) - 1}\x00"

    text = QUOTED.sub(judge, text.replace("\x00", ""))
    if (dash := DIALOGUE_DASH.match(text)) and not _is_said(text[dash.end() :], spoken):
        text = DIALOGUE_DASH.sub("", text)
    text = STRAY_MARKS.sub("", text)
    return re.sub("\x00(\\d+)\x00", lambda m: kept[int(m[1])], text)


def _is_said(words: str, spoken: list[str]) -> bool:
    skeleton = _skeleton(words)
    return bool(skeleton.strip()) and any(skeleton in sentence for sentence in spoken)


def _skeleton(text: str) -> str:
    """The words alone, in small letters, ё as е, with a space on either side of each."""
    return f" {' '.join(WORD.findall(text.lower().replace('ё', 'е')))} "
