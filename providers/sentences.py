"""Words and turns → segments: what one person said, a sentence at a time. Pure functions."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import groupby, pairwise

from razdel import sentenize

from providers.types import Segment, Turn, Word

PAUSE_S = 0.6  # ends a segment where the recogniser writes no punctuation
LONGEST_WORDS = 40
SHORTEST_WORDS = 5  # a long sentence is not cut closer to its ends
WORDS_PER_STOP = 60  # a text with fewer full stops is taken for one without punctuation
STOPS = (".", "!", "?", "…")
CLOSING = "»\"'”)"

Said = tuple[str | None, list[Word]]  # a speaker and what was said without a break


def segments_of(words: Sequence[Word], turns: Sequence[Turn] = ()) -> list[Segment]:
    """Splits where the speaker changes, then at the ends of sentences; speakers are None without turns."""
    punctuated = sum(map(ends_sentence, words)) * WORDS_PER_STOP >= len(words) > 0
    speakers = smooth(words, speakers_of(words, turns))
    return [
        Segment(part[0].start_s, part[-1].end_s, " ".join(word.text for word in part), tuple(part), speaker)
        for speaker, said in _by_speaker(words, speakers)
        for sentence in (_sentences(said) if punctuated else _stretches(said))
        for part in _no_longer(sentence)
    ]


def speakers_of(words: Sequence[Word], turns: Sequence[Turn]) -> list[str | None]:
    """Who was speaking in the middle of each word; between turns, the nearest one."""
    ordered = sorted(turns, key=lambda turn: turn.start_s)
    starts = [turn.start_s for turn in ordered]
    return [_speaker_at((word.start_s + word.end_s) / 2, ordered, starts) for word in words]


def smooth(words: Sequence[Word], speakers: Sequence[str | None]) -> list[str | None]:
    """Gives stray words back: one word in the midst of another's sentence, one word beside a full stop."""
    result = list(speakers)
    for i in range(1, len(words) - 1):
        before, own, after = result[i - 1], result[i], result[i + 1]
        is_reply = ends_sentence(words[i - 1]) and ends_sentence(words[i])
        if before == after != own and not is_reply:
            result[i] = before
    for i in range(1, len(words)):
        if result[i] == result[i - 1]:
            continue
        ends_before, ends_here = ends_sentence(words[i - 1]), ends_sentence(words[i])
        if ends_here and not ends_before and result[i] in result[i + 1 : i + 2]:
            result[i] = result[i - 1]
        elif i >= 2 and ends_sentence(words[i - 2]) and not ends_before and result[i - 2] == result[i - 1]:
            result[i - 1] = result[i]
    return result


def ends_sentence(word: Word) -> bool:
    return word.text.rstrip(CLOSING).endswith(STOPS)


def _speaker_at(moment_s: float, turns: Sequence[Turn], starts: Sequence[float]) -> str | None:
    if not turns:
        return None
    here = bisect_right(starts, moment_s)
    near = turns[max(0, here - 3) : here + 1]  # turns don't overlap; a little slack costs nothing
    return min(near, key=lambda turn: max(turn.start_s - moment_s, moment_s - turn.end_s, 0.0)).speaker


def _by_speaker(words: Sequence[Word], speakers: Sequence[str | None]) -> list[Said]:
    pairs = zip(speakers, words, strict=True)
    return [(who, [word for _, word in run]) for who, run in groupby(pairs, key=lambda pair: pair[0])]


def _sentences(words: list[Word]) -> list[list[Word]]:
    """The words of each sentence, as razdel finds them in the text. Source: github.com/natasha/razdel."""
    begins = [0]
    for word in words:
        begins.append(begins[-1] + len(word.text) + 1)
    ends = [sentence.stop for sentence in sentenize(" ".join(word.text for word in words))]
    numbers = [bisect_right(ends, begin) for begin in begins[:-1]]
    pairs = zip(numbers, words, strict=True)
    return [[word for _, word in run] for _, run in groupby(pairs, key=lambda pair: pair[0])]


def _stretches(words: list[Word]) -> list[list[Word]]:
    """The words between pauses."""
    result = [words[:1]]
    for before, word in pairwise(words):
        if word.start_s - before.end_s >= PAUSE_S:
            result.append([])
        result[-1].append(word)
    return result


def _no_longer(words: list[Word]) -> list[list[Word]]:
    """At most 40 words each: cut at the longest pause, and again."""
    if len(words) <= LONGEST_WORDS:
        return [words]
    places = range(SHORTEST_WORDS, len(words) - SHORTEST_WORDS + 1)
    middle = len(words) / 2
    place = max(places, key=lambda i: (round(words[i].start_s - words[i - 1].end_s, 2), -abs(i - middle)))
    return [*_no_longer(words[:place]), *_no_longer(words[place:])]
