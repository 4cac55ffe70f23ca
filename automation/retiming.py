"""Words that people typed get times: those that stayed keep theirs, the others share what is between."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any

TimedWord = list[Any]  # [text, start_s, end_s, confidence or None], as the rows keep it


def retime(old: Sequence[TimedWord], texts: Sequence[str], start_s: float, end_s: float) -> list[TimedWord]:
    """Words of a corrected sentence: the ones that stayed keep their time, the others share the gap."""
    before = [str(word[0]) for word in old]
    timed: list[TimedWord] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, list(texts), autojunk=False).get_opcodes():
        if tag == "equal":
            timed.extend(list(word) for word in old[i:j])
            continue
        from_s = old[i][1] if i < len(old) else (timed[-1][2] if timed else start_s)
        to_s = old[j - 1][2] if j > i else from_s
        timed.extend(_spread(texts[k:m], from_s, min(max(to_s, from_s), end_s)))
    return timed


def _spread(texts: Sequence[str], start_s: float, end_s: float) -> list[TimedWord]:
    """Words over a stretch of time, each as long as its letters."""
    letters, at, total = 0, start_s, sum(len(text) for text in texts) or 1
    words: list[TimedWord] = []
    for text in texts:
        letters += len(text)
        until = start_s + (end_s - start_s) * letters / total
        words.append([text, round(at, 3), round(until, 3), None])
        at = until
    return words
