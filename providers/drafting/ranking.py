"""TextRank: which sentences the others speak about most.

Sentences are nodes, shared words are edges, PageRank gives the weight; rustworkx computes it without
scipy. Source: https://aclanthology.org/W04-3252/
Source: https://www.rustworkx.org/apiref/rustworkx.pagerank.html
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

import rustworkx

from providers.drafting.words import Vocabulary

COMMON_SHARE = 0.1  # a word in more of the sentences than this connects nothing
MAX_ITERATIONS = 200  # damping 0.85 reaches the tolerance of 1e-6 in about ninety
COMMON_FLOOR = 20  # … but in a short text every word may


def rank(texts: Sequence[str], vocabulary: Vocabulary | None = None) -> list[float]:
    """The weight of each text among the others, 0..1, 1 for the most central."""
    if not texts:
        return []
    words = vocabulary or Vocabulary(texts)
    graph: rustworkx.PyDiGraph[int, float] = rustworkx.PyDiGraph()
    graph.add_nodes_from(range(len(texts)))
    for (one, other), weight in _similarity([words.lemmas(text) for text in texts]).items():
        graph.add_edge(one, other, weight)
        graph.add_edge(other, one, weight)
    weights = rustworkx.pagerank(graph, weight_fn=float, max_iter=MAX_ITERATIONS)
    top = max(weights.values())
    return [round(weights[place] / top, 6) for place in range(len(texts))]


def _similarity(lemmas: Sequence[Sequence[str]]) -> dict[tuple[int, int], float]:
    """Cosine of TF-IDF for each pair of sentences that share a word; pairs are (earlier, later)."""
    counts = [Counter(words) for words in lemmas]
    where: dict[str, list[int]] = defaultdict(list)
    for place, count in enumerate(counts):
        for word in count:
            where[word].append(place)
    idf = {word: math.log(1 + len(lemmas) / len(places)) for word, places in where.items()}
    norms = [math.sqrt(sum((n * idf[word]) ** 2 for word, n in count.items())) for count in counts]
    pairs: dict[tuple[int, int], float] = defaultdict(float)
    for word, places in where.items():
        if not 1 < len(places) <= max(COMMON_FLOOR, COMMON_SHARE * len(lemmas)):
            continue
        parts = [(place, counts[place][word] * idf[word] / norms[place]) for place in places]
        for index, (one, part) in enumerate(parts):
            for other, other_part in parts[index + 1 :]:
                pairs[one, other] += part * other_part
    return pairs
