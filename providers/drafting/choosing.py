"""Choosing the sentences of a section: each by its weight and by what it tells that is not told yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from providers.drafting.talk import Talk

ASKED = 2  # a word of the question counts as much as so many sentences with it
NEW_WORDS = 1.0  # what a sentence adds, beside its weight


def choose(
    talk: Talk, questions: Sequence[int], places: Sequence[int], count: int, weight: Callable[[int], float]
) -> set[int]:
    """`count` of the places: greedily, the words of the question and of the section first.

    Weights alone choose sentences that say the same; a reader wants what was asked about, once.
    """
    words = {place: set(talk.vocabulary.lemmas(talk.sentences[place].text)) for place in places}
    worth = Counter(word for found in words.values() for word in found)
    for place in questions:
        worth.update(dict.fromkeys(talk.vocabulary.lemmas(talk.sentences[place].text), ASKED))
    heaviest = max((weight(place) for place in places), default=0.0) or 1.0
    richest = max((sum(worth[word] for word in found) for found in words.values()), default=0) or 1
    told: set[str] = set()
    left, chosen = list(places), set[int]()
    while left and len(chosen) < count:
        adds = {place: sum(worth[word] for word in words[place] - told) / richest for place in left}
        best = max(left, key=lambda p: (round(weight(p) / heaviest + NEW_WORDS * adds[p], 6), -p))
        left.remove(best)
        chosen.add(best)
        told |= words[best]
    return chosen
