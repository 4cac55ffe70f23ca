"""Word and character error counts on normalised text."""

from __future__ import annotations

import re
from collections.abc import Sequence


def normalise(text: str) -> str:
    """Lower case, «ё» as «е», no punctuation, single spaces."""
    return " ".join(re.findall(r"[а-я]+", text.lower().replace("ё", "е")))


def edits(truth: Sequence[str], heard: Sequence[str]) -> int:
    """Levenshtein distance between two sequences."""
    row = list(range(len(heard) + 1))
    for i, left in enumerate(truth, 1):
        before, row[0] = row[0], i
        for j, right in enumerate(heard, 1):
            best = min(row[j] + 1, row[j - 1] + 1, before + (left != right))
            before, row[j] = row[j], best
    return row[-1]


def word_errors(truth: str, heard: str) -> tuple[int, int]:
    """(wrong words, words of the truth)."""
    words = normalise(truth).split()
    return edits(words, normalise(heard).split()), len(words)


def character_errors(truth: str, heard: str) -> tuple[int, int]:
    """(wrong characters, characters of the truth), spaces counted."""
    return edits(normalise(truth), normalise(heard)), len(normalise(truth))


def punctuated_errors(truth: str, heard: str) -> tuple[int, int]:
    """(wrong words, words) when case and punctuation count as well."""
    return edits(truth.split(), heard.split()), len(truth.split())
