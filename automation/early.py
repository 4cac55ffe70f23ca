"""Corrections made while the rest of the recording is still being recognised.

The sentences of that moment are provisional: the last one grows with the next piece, and when the speakers
are known they are cut anew. So such a correction names a stretch of time and the words it took the place
of, and is laid over the machine's words wherever these stand by then. Every word that was typed goes with
one of the machine's, so none is lost whatever the sentences become.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from automation.models import Edit
from automation.retiming import TimedWord, retime

OP = "early"  # Edit.payload: {start_s, end_s, was, text}
SLACK_S = 0.005  # times travel through a page with three digits


def lay_over(sentences: Sequence[Sequence[TimedWord]], edits: Iterable[Edit]) -> dict[int, list[TimedWord]]:
    """The words of the corrected sentences, by their place; a later edit wins over an earlier one."""
    early = [edit for edit in edits if edit.op == OP]
    if not early:
        return {}
    heard = [word for sentence in sentences for word in sentence]
    said = [[word] for word in heard]  # what stands in place of each of the machine's words
    for edit in early:
        put(heard, said, edit)
    corrected, first = {}, 0
    for place, sentence in enumerate(sentences):
        words = [word for group in said[first : first + len(sentence)] for word in group]
        if words != list(sentence):
            corrected[place] = words
        first += len(sentence)
    return corrected


def put(heard: Sequence[TimedWord], said: list[list[TimedWord]], edit: Edit) -> None:
    """Puts the typed words of one edit in place of those it was made for."""
    start_s, end_s, typed = edit.payload["start_s"], edit.payload["end_s"], edit.payload["text"].split()
    places = seen(heard, start_s, end_s, edit.payload["was"].split())
    if not places:  # the machine says something else there now: what was typed stays beside it
        before = [place for place, word in enumerate(heard) if word[1] <= start_s + SLACK_S]
        if heard:
            said[before[-1] if before else 0] += retime([], typed, start_s, end_s)
        return
    old = [heard[place] for place in places]
    for place in places:
        said[place] = []
    for word, owner in zip(retime(old, typed, start_s, end_s), owners(old, typed), strict=True):
        said[places[owner]].append(word)


def within(words: Sequence[TimedWord], start_s: float, end_s: float) -> list[int]:
    """The places of the words whose middle lies in a stretch."""
    return [
        place
        for place, word in enumerate(words)
        if start_s - SLACK_S <= (word[1] + word[2]) / 2 <= end_s + SLACK_S
    ]


def seen(heard: Sequence[TimedWord], start_s: float, end_s: float, was: Sequence[str]) -> list[int]:
    """The places of the words a person saw there; one that was found since, between them, is not theirs."""
    places = within(heard, start_s, end_s)
    texts = [str(heard[place][0]) for place in places]
    blocks = SequenceMatcher(None, list(was), texts, autojunk=False).get_opcodes()
    return [places[k] for tag, _, _, first, last in blocks if tag != "insert" for k in range(first, last)]


def owners(old: Sequence[TimedWord], typed: Sequence[str]) -> list[int]:
    """For each typed word the place of the old word it goes with."""
    before = [str(word[0]) for word in old]
    found: list[int] = []
    for _, i, j, k, m in SequenceMatcher(None, before, list(typed), autojunk=False).get_opcodes():
        for number in range(m - k):
            if j > i:  # as far into the old words as it is into the typed ones
                found.append(i + number * (j - i) // (m - k))
            else:  # put in between: with the word before
                found.append(max(i - 1, 0))
    return found
