"""Words of pieces that overlap: none twice, none lost, and a seam from which the work can go on."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest

from providers.cutting import BEYOND_S, Cutting
from providers.speech.seams import Heard, joined
from providers.types import Piece, Word

CUT_S = 20.0
Said = tuple[str, float, float]


def piece(index: int, start_s: float, end_s: float, lead_s: float = 0.0, tail_s: float = 0.0) -> Cutting:
    return Cutting(index, start_s, end_s, np.zeros(1, np.float32), lead_s, tail_s)


def heard(cutting: Cutting, *said: Said) -> Heard:
    return cutting, tuple(Word(text, start_s, end_s, 0.9) for text, start_s, end_s in said)


def two(left: list[Said], right: list[Said]) -> tuple[Piece, Piece]:
    """Two pieces that both heard 19 to 21 s."""
    first, second = joined(
        [
            heard(piece(0, 0.0, CUT_S, tail_s=BEYOND_S), *left),
            heard(piece(1, CUT_S, 40.0, lead_s=BEYOND_S), *right),
        ]
    )
    assert first.end_s == second.start_s
    assert CUT_S - BEYOND_S <= first.end_s <= CUT_S + BEYOND_S
    for each in (first, second):
        assert all(each.start_s <= w.start_s <= w.end_s <= each.end_s for w in each.words)
        assert all(a.end_s <= b.start_s for a, b in pairwise(each.words))
    return first, second


def texts(*pieces: Piece) -> str:
    return " ".join(word.text for each in pieces for word in each.words)


def test_a_cut_in_a_pause_changes_nothing_and_waits_for_nothing() -> None:
    given = iter(
        [heard(piece(0, 0.0, 20.0), ("да", 19.9, 20.0)), heard(piece(1, 20.0, 40.0), ("да", 20.0, 20.2))]
    )
    found = joined(given)
    assert next(found) == Piece(0, 0.0, 20.0, (Word("да", 19.9, 20.0, 0.9),))
    assert texts(*found) == "да"


def test_words_heard_by_both_stand_once() -> None:
    left = [
        ("мы", 18.5, 18.7),
        ("строим", 19.1, 19.6),
        ("мост", 19.8, 20.3),
        ("через", 20.4, 20.7),
        ("ре", 20.8, 21.0),
    ]
    right = [("им", 19.0, 19.5), ("мост,", 19.85, 20.3), ("через", 20.45, 20.7), ("реку", 20.8, 21.2)]
    assert texts(*two(left, right)) == "мы строим мост через реку"


def test_they_need_not_agree_on_every_word() -> None:
    left = [("строим", 19.1, 19.6), ("мост", 19.8, 20.1), ("череп", 20.4, 20.9)]
    right = [("стоим", 19.0, 19.5), ("мост", 19.7, 20.1), ("через", 20.4, 20.9), ("реку", 21.1, 21.5)]
    assert texts(*two(left, right)) == "строим мост через реку"


def test_where_they_agree_on_nothing_time_decides() -> None:
    left = [("кот", 19.2, 19.5), ("дом", 20.2, 20.5)]
    right = [("год", 19.25, 19.55), ("том", 20.25, 20.5)]
    assert texts(*two(left, right)) == "кот том"


def test_a_word_said_twice_stays_twice() -> None:
    left = [("очень", 19.2, 19.5), ("очень", 19.9, 20.2), ("рад", 20.5, 20.8)]
    right = [("очень", 19.25, 19.5), ("очень", 19.95, 20.2), ("рад", 20.5, 20.8)]
    assert texts(*two(left, right)) == "очень очень рад"


@pytest.mark.parametrize("deaf", ["left", "right"])
def test_what_only_one_heard_is_not_lost(deaf: str) -> None:
    said = [("строим", 19.2, 19.5), ("мост", 20.2, 20.5)]
    first, second = two(*([], said) if deaf == "left" else (said, []))
    assert texts(first, second) == "строим мост"


def test_nobody_heard_anything() -> None:
    first, second = two([("а", 3.0, 3.1)], [("я", 33.0, 33.1)])
    assert (first.end_s, texts(first), texts(second)) == (CUT_S, "а", "я")


def test_no_seam_at_the_end_of_what_was_heard() -> None:
    """Whoever hears may stop early; what it gave is not lost."""
    (only,) = joined([heard(piece(0, 0.0, CUT_S, tail_s=BEYOND_S), ("да", 5.0, 5.2))])
    assert (only.end_s, texts(only)) == (CUT_S, "да")


@pytest.mark.parametrize("seed", range(40))
def test_any_jitter_of_times_neither_doubles_nor_loses_and_resumes(seed: int) -> None:
    """Words of 0.15–0.7 s, heard by both 0–80 ms apart; half words at the edges; four cuts in a row."""
    chance, clock, spoken = random.Random(seed), 0.0, []
    while clock < 99.0:
        length_s = chance.uniform(0.15, 0.7)
        spoken.append((f"w{len(spoken)}", clock, clock + length_s * 0.9))
        clock += length_s

    def hear(cutting: Cutting) -> Heard:
        said = []
        for text, start_s, end_s in spoken:
            aside_s = chance.uniform(-0.04, 0.04)
            a, b = max(start_s + aside_s, cutting.heard_from_s), min(end_s + aside_s, cutting.heard_until_s)
            if b - a > 0.08:
                whole = b - a > 0.8 * (end_s - start_s)
                said.append((text if whole else "half" + text, round(a, 3), round(b, 3)))
        return heard(cutting, *said)

    cuttings = [
        piece(n, n * 20.0, n * 20.0 + 20, BEYOND_S if n else 0.0, BEYOND_S if n < 4 else 0.0)
        for n in range(5)
    ]
    ears = [hear(cutting) for cutting in cuttings]
    found = list(joined(ears))
    assert texts(*found).split() == [text for text, _, _ in spoken]
    for n, done in enumerate(found[:-1], 1):
        cutting, words = ears[n]
        lead_s = done.end_s - cutting.heard_from_s
        resumed = Cutting(n, done.end_s, cutting.end_s, cutting.samples, lead_s, cutting.tail_s)
        assert list(joined([(resumed, words), *ears[n + 1 :]])) == found[n:]
