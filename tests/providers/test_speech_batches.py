from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from providers.cutting import Cutting
from providers.speech.batches import batches_of, in_batches
from providers.speech.words import Token


def piece(index: int, length: int, level: float = 0.1) -> Cutting:
    return Cutting(index, index * 20.0, index * 20.0 + 20, np.full(length, level, np.float32))


def name_it(batch: list[Cutting]) -> list[list[Token]]:
    return [[Token(str(one.index), 0.0)] for one in batch]


def test_a_batch_holds_pieces_of_near_equal_length() -> None:
    pieces = [piece(0, 300), piece(1, 100), piece(2, 290), piece(3, 110)]
    assert [[p.index for p in batch] for batch in batches_of(pieces, 2)] == [[2, 0], [1, 3]]


@pytest.mark.parametrize("size", [1, 2, 3, 16])
def test_pieces_come_in_their_order_each_with_its_own_words(size: int) -> None:
    lengths = np.random.default_rng(size).integers(1000, 9000, 13)
    pieces = [piece(n, int(length)) for n, length in enumerate(lengths)]
    found = list(in_batches(pieces, size, name_it))
    assert [one.index for one, _ in found] == list(range(13))
    assert all(tokens == [Token(str(one.index), 0.0)] for one, tokens in found)


def test_silence_is_never_decoded() -> None:
    seen: list[int] = []

    def decode(batch: list[Cutting]) -> list[list[Token]]:
        seen.extend(one.index for one in batch)
        return name_it(batch)

    found = list(in_batches([piece(0, 2000, 0.0), piece(1, 2000), piece(2, 2000, 0.0)], 2, decode))
    assert seen == [1]
    assert [len(tokens) for _, tokens in found] == [0, 1, 0]


def test_one_at_a_time_looks_no_further_than_the_piece_it_decodes() -> None:
    taken: list[int] = []

    def cuttings() -> Iterator[Cutting]:
        for number in range(5):
            taken.append(number)
            yield piece(number, 2000)

    next(in_batches(cuttings(), 1, name_it))
    assert taken == [0]
