"""Who asks, who answers, and where one topic ends and the next begins."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from providers.drafting.phrases import ASKING, MANNERS, without_filler, word_set
from providers.drafting.wording import WORD
from providers.drafting.words import Vocabulary
from providers.types import Sentence

HOST_QUESTIONS = 0.25  # from this share of questions among somebody's sentences they may be the host
MANNERS_SHARE = 0.3  # from this share of polite words a sentence is a greeting
MIN_QUESTION = 3  # words
MIN_PROMPT = 5  # words of a remark that opens a topic …
MIN_ANSWERED = 2  # … where the last one was answered
MIN_SECTION = 4  # sentences; a shorter stretch is no topic of its own
MAX_SECTIONS = 7  # headings a reader still takes in
SENTENCES_PER_SECTION = 8


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of the talk: what the host asked (may be nothing) and what followed, as places."""

    questions: tuple[int, ...]
    answers: tuple[int, ...]


def is_question(text: str, language: str) -> bool:
    """By its mark; where that may be lost, by its first word.

    GigaAM hears four question marks of five; «Почему так долго.» is a question all the same, «Когда
    откроют мост, станет легче.» is none.
    Source: https://github.com/salute-developers/GigaAM/blob/main/evaluation.md
    """
    text = text.strip()
    if text.endswith(("!", "…", "?")) or (text.endswith(".") and "," in text):
        return text.endswith("?")
    first = WORD.search(without_filler(text, language).lower())
    return bool(first and first.group() in word_set(ASKING, language))


def as_question(text: str, language: str) -> str:
    """A question with its mark put back, for a heading; anything else as it is."""
    return text.rstrip(". ") + "?" if text.endswith(".") and is_question(text, language) else text


def opens_topic(text: str, language: str) -> bool:
    """A question; of unpunctuated words of a host, any that are enough for one: «а музей за это заплатил»."""
    if text.rstrip().endswith((".", "!", "…", "?")):
        return is_question(text, language)
    return len(WORD.findall(without_filler(text, language))) >= MIN_QUESTION and not is_polite(text, language)


def is_polite(text: str, language: str) -> bool:
    """Greetings, thanks and goodbyes."""
    words = WORD.findall(text.lower())
    return sum(word in word_set(MANNERS, language) for word in words) >= MANNERS_SHARE * len(words)


def host_of(sentences: Sequence[Sentence], language: str) -> str | None:
    """The speaker who asks most and speaks less than half of the words; None where nobody does."""
    asked, said, words = Counter[str](), Counter[str](), Counter[str]()
    for sentence in sentences:
        said[sentence.speaker] += 1
        words[sentence.speaker] += len(sentence.text.split())
        asked[sentence.speaker] += is_question(sentence.text, language)
    hosts = [
        speaker
        for speaker in said
        if len(said) > 1
        and asked[speaker] >= HOST_QUESTIONS * said[speaker]
        and words[speaker] * 2 < words.total()
    ]
    return max(hosts, key=lambda s: (asked[s], asked[s] / said[s], s), default=None)


def sections(sentences: Sequence[Sentence], host: str | None, vocabulary: Vocabulary) -> list[Section]:
    """The talk in its order: cut at the host's questions, or else where the words change."""
    if host is not None:
        return _by_questions(sentences, host, vocabulary.language)
    return _by_words(sentences, vocabulary)


def _by_questions(sentences: Sequence[Sentence], host: str, language: str) -> list[Section]:
    """A section per turn of the host that asks something; other turns of the host cut nothing."""
    found: list[tuple[list[int], list[int]]] = [([], [])]
    for place, sentence in enumerate(sentences):
        questions, answers = found[-1]
        if len(answers) >= MIN_ANSWERED and _prompts(sentences, place, host, language):
            found.append(([], []))
        elif sentence.speaker != host:
            answers.append(place)
        elif opens_topic(sentence.text, language):
            if answers:
                found.append(([place], []))
            else:
                questions.append(place)
    return [Section(tuple(q), tuple(a)) for q, a in found if a]


def _prompts(sentences: Sequence[Sentence], place: int, host: str, language: str) -> bool:
    """A remark of the host that is a turn of its own and asks without asking: «Завод говорит, что …»"""
    alone = [place + step for step in (-1, 1) if 0 <= place + step < len(sentences)]
    text = sentences[place].text
    return (
        sentences[place].speaker == host
        and len(alone) == 2
        and all(sentences[beside].speaker != host for beside in alone)
        and not opens_topic(text, language)
        and len(WORD.findall(text)) >= MIN_PROMPT
        and not is_polite(text, language)
    )


def _by_words(sentences: Sequence[Sentence], vocabulary: Vocabulary) -> list[Section]:
    """TextTiling: cut where the words before and after have least in common.

    Source: https://aclanthology.org/J97-1003/
    """
    count = min(MAX_SECTIONS, max(1, len(sentences) // SENTENCES_PER_SECTION))
    bags = [Counter(vocabulary.lemmas(s.text)) for s in sentences]
    window = max(MIN_SECTION, len(sentences) // (count * 3))
    gaps = sorted(
        range(MIN_SECTION, len(sentences) - MIN_SECTION + 1),
        key=lambda gap: (_likeness(bags, gap, window), gap),
    )
    apart = max(MIN_SECTION, len(sentences) // (count * 2))
    cuts: list[int] = []
    for gap in gaps:
        if len(cuts) < count - 1 and all(abs(gap - cut) >= apart for cut in cuts):
            cuts.append(gap)
    edges = [0, *sorted(cuts), len(sentences)]
    return [Section((), tuple(range(a, b))) for a, b in pairwise(edges)]


def _likeness(bags: Sequence[Counter[str]], gap: int, window: int) -> float:
    """Cosine of the words on either side of `gap`, 0..1."""
    before, after = defaultdict[str, int](int), defaultdict[str, int](int)
    for side, part in ((before, bags[max(0, gap - window) : gap]), (after, bags[gap : gap + window])):
        for bag in part:
            for word, n in bag.items():
                side[word] += n
    size = math.sqrt(sum(n * n for n in before.values()) * sum(n * n for n in after.values()))
    return (
        round(sum(n * after[word] for word, n in before.items() if word in after) / size, 6) if size else 0.0
    )
