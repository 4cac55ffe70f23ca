"""Which transcript sentences one sentence of an article stands on; deterministic, offline, ru, uk and en.

A paragraph points to several sentences of the recording. A sentence of it gets those of them that share its
figures, names and words, rare words before common ones: first the line that shares most, then every line
that shares what none before it did. Where none shares anything the sentence keeps all its paragraph points
to, and nothing else is ever lit, but for quotes: they stand on the lines where the guard found them.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from razdel import sentenize

from automation.grounding.blocks import Shown
from automation.grounding.facts import Said
from automation.grounding.recording import KEPT_RECORDINGS, Recording
from automation.grounding.spotting import found_in, lemmas_of
from automation.grounding.units import Unit
from providers.drafting.words import Vocabulary

FACT = 2.0  # a figure or a name weighs as much as two words
AKIN = 0.6  # «ремонт» and «ремонтировать», "open" and "opened": a word of the same root
ROOT = 5  # letters two words of one root share
LEAST = 0.5  # a line that shares less says nothing: half a word that is said once in the recording
SHARE = 0.2  # of what the best line shares must be new in one more line
EVEN = 1e-9
LETTER = re.compile(r"\w")
UNNAMED = re.compile(r"(?i)\b(?:голос\w{0,3}|speaker|voice|speaker_)\s?\d+\b")  # whom nobody has named yet

Shares = dict[int, float]  # position of a line → how much it says for one word or fact of a sentence


@dataclass(frozen=True, slots=True)
class Traced:
    """A sentence: characters of its block's text, and the transcript sentences it stands on."""

    start: int
    end: int
    sources: tuple[int, ...] = ()


class Sourced(Protocol):
    """A quote the guard has judged; `automation.article.QuoteCheck` is one."""

    @property
    def block(self) -> int: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def sources(self) -> tuple[int, ...]: ...


def trace(
    blocks: Iterable[Shown], quotes: Iterable[Sourced], recording: Recording
) -> list[tuple[Traced, ...]]:
    """The sentences of each block. Those of a block that points nowhere have no sources, quotes apart."""
    said = defaultdict(list)
    for quote in quotes:
        said[quote.block].append(quote)
    return [tuple(_sentences(block, said[block.index], recording)) for block in blocks]


def _sentences(block: Shown, quotes: Sequence[Sourced], recording: Recording) -> Iterator[Traced]:
    if not block.pointers and not any(quote.sources for quote in quotes):
        yield from (Traced(part.start, part.stop) for part in sentenize(block.text))
        return
    narrated = _without(block.text, [(quote.start, quote.end) for quote in quotes])
    for part in sentenize(block.text):
        own = [q for q in quotes if q.sources and q.start < part.stop and q.end > part.start]
        quoted = [idx for q in own for idx in _quoted(q, block.text, part.start, part.stop, recording)]
        pointed = _pointed(block, part.start, part.stop)
        beside = _of_these(narrated[part.start : part.stop], pointed, recording)
        sources = (*quoted, *beside) or pointed
        yield Traced(part.start, part.stop, tuple(sorted(set(sources))))


def _pointed(block: Shown, start: int, end: int) -> tuple[int, ...]:
    """What a stretch of a block may stand on: a pointer inside a paragraph belongs to the words before it."""
    groups = list(_groups(block))
    found = [
        idx
        for begin, stop, indices in groups if LETTER.search(block.text, max(begin, start), min(stop, end))
        for idx in indices
    ]  # fmt: skip
    behind = LETTER.search(block.text, max(groups[-1][1], start), end) if groups else None
    opens = groups and not LETTER.search(block.text, 0, groups[0][1])  # pointers before their words
    return tuple(dict.fromkeys(block.pointers if behind or opens or not found else found))


def _groups(block: Shown) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """The pointers that stand together, with the stretch of text before them."""
    begin, waiting = 0, list(block.cites)
    while waiting:
        stop, indices = waiting.pop(0)
        while waiting and not LETTER.search(block.text, stop, waiting[0][0]):
            indices = (*indices, *waiting.pop(0)[1])
        yield begin, stop, indices
        begin = stop


def _quoted(quote: Sourced, text: str, start: int, end: int, recording: Recording) -> tuple[int, ...]:
    """The lines of a quote; of one that runs over several sentences, those of this one."""
    if start <= quote.start and quote.end <= end:
        return quote.sources
    part = text[max(start, quote.start) : min(end, quote.end)]
    return _of_these(part, quote.sources, recording) or quote.sources


def _of_these(text: str, indices: Iterable[int], recording: Recording) -> tuple[int, ...]:
    """Those of some lines that a text shares something with that the others don't have."""
    positions = [recording.position[idx] for idx in indices if idx in recording.position]
    if not positions or not LETTER.search(text):
        return ()
    shares = [share for share in _index(recording).shares(text) if any(at in share for at in positions)]
    return tuple(recording.lines[at].idx for at in _distinct(shares, positions))


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """A text with spaces in place of some of it."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _distinct(shares: Sequence[Shares], positions: Sequence[int]) -> list[int]:
    """The line that says most, then each that adds enough to those before it; equals come together."""
    chosen: list[int] = []
    told = [0.0] * len(shares)
    enough = LEAST
    while len(chosen) < len(positions):
        new = {
            at: sum(max(share.get(at, 0.0) - before, 0.0) for share, before in zip(shares, told, strict=True))
            for at in positions if at not in chosen
        }  # fmt: skip
        most = max(new.values())
        if most < enough:
            break
        enough = max(enough, SHARE * most)
        won = [at for at, share in new.items() if share >= most - EVEN]
        chosen += won
        told = [max(before, *(s.get(at, 0.0) for at in won)) for s, before in zip(shares, told, strict=True)]
    return chosen


@lru_cache(maxsize=KEPT_RECORDINGS)
def _index(recording: Recording) -> _Index:
    return _Index(recording)


class _Index:
    """The words of a recording: in which lines each is said, and how much it tells."""

    def __init__(self, recording: Recording) -> None:
        self.vocabulary = Vocabulary([line.text for line in recording.lines])
        self.said = Said(recording, "")
        self.whole = math.log(len(recording.lines) + 1)
        self.lines: dict[str, set[int]] = defaultdict(set)
        self.akin: dict[str, set[int]] = defaultdict(set)
        for position, line in enumerate(recording.lines):
            for lemma in self.vocabulary.lemmas(line.text):
                self.lines[lemma].add(position)
                self.akin[lemma[:ROOT]].add(position)

    def shares(self, text: str) -> Iterator[Shares]:
        """What each figure, name and content word of a text says for the lines of the recording.

        The speakers' own names say who speaks, not where: they don't count.
        """
        text = UNNAMED.sub("", text)
        facts = [fact for fact in found_in(text, self.said.known) if not self._calls(fact.units)]
        for fact in facts:
            yield self._weighed(self.said.places(fact), FACT)
        left = _without(text, [(unit.start, unit.end) for fact in facts for unit in fact.units])
        for lemma in dict.fromkeys(self.vocabulary.lemmas(left)):
            if lemma not in self.said.callers:
                akin = self._weighed(self.akin.get(lemma[:ROOT], ()), AKIN) if len(lemma) >= ROOT else {}
                yield akin | self._weighed(self.lines.get(lemma, ()), 1.0)

    def _calls(self, units: Iterable[Unit]) -> bool:
        return all(lemmas_of(unit) & self.said.callers.keys() for unit in units)

    def _weighed(self, places: Iterable[int], weight: float) -> Shares:
        """A word that is said everywhere tells nothing, one that is said once all it can."""
        found = set(places)
        rarity = 1 - math.log(len(found)) / self.whole if found else 0.0
        return dict.fromkeys(found, weight * rarity)
