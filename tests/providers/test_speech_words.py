from __future__ import annotations

import math

import pytest

from providers.speech.words import Token, words_of


def tokens(*pairs: tuple[str, float]) -> list[Token]:
    return [Token(text, start_s, -0.1) for text, start_s in pairs]


def test_characters_with_spaces() -> None:
    words = words_of(tokens(("д", 0.0), ("а", 0.04), (" ", 0.2), ("н", 0.4), ("е", 0.44), ("т", 0.48)))
    assert [w.text for w in words] == ["да", "нет"]
    assert [w.start_s for w in words] == [0.0, 0.4]


@pytest.mark.parametrize("space", [" ", "▁"])
def test_sentence_pieces(space: str) -> None:
    parts = ((f"{space}Мо", 0.4), ("ст", 0.6), (f"{space}за", 1.0), ("крыли", 1.2), (".", 1.6))
    words = words_of(tokens(*parts))
    assert [w.text for w in words] == ["Мост", "закрыли."]
    assert [w.start_s for w in words] == [0.4, 1.0]


def test_a_space_alone_begins_the_next_word() -> None:
    words = words_of(tokens(("▁", 0.1), ("мост", 0.5), ("▁", 0.9), ("там", 1.0)))
    assert [(w.text, w.start_s) for w in words] == [("мост", 0.5), ("там", 1.0)]


def test_times_are_those_of_the_recording() -> None:
    (word,) = words_of(tokens((" мост", 1.0)), offset_s=100.0, end_s=120.0)
    assert word.start_s == 101.0
    assert word.end_s == pytest.approx(101.28)


def test_a_word_ends_before_the_next_begins() -> None:
    first, second = words_of(tokens((" здравствуйте", 0.0), (" вам", 0.3)))
    assert first.end_s == second.start_s == 0.3


def test_a_full_stop_in_the_pause_does_not_lengthen_the_word() -> None:
    (word,) = words_of(tokens(("д", 0.0), ("а", 0.04), (".", 1.5)))
    assert (word.text, word.end_s) == ("да.", 0.11)


def test_the_last_word_ends_with_the_piece() -> None:
    (word,) = words_of(tokens((" здравствуйте", 4.8)), end_s=5.0)
    assert word.end_s == 5.0


def test_a_token_in_the_padding_stays_inside_the_piece() -> None:
    (word,) = words_of(tokens((" да", 0.28)), end_s=0.1)
    assert (word.start_s, word.end_s) == (0.1, 0.1)


def test_confidence_is_the_geometric_mean() -> None:
    (word,) = words_of([Token(" мо", 0.0, math.log(0.9)), Token("ст", 0.1, math.log(0.4))])
    assert word.confidence == pytest.approx(0.6, abs=1e-4)


def test_no_log_probabilities_no_confidence() -> None:
    assert words_of([Token("да", 0.0)])[0].confidence is None


def test_unknown_tokens_are_dropped() -> None:
    assert [w.text for w in words_of(tokens((" да", 0.0), ("<unk>", 0.2), (" нет", 0.4)))] == ["да", "нет"]


def test_no_tokens_no_words() -> None:
    assert words_of([]) == ()
