from __future__ import annotations

import pytest

from providers.sentences import ends_sentence, segments_of, smooth, speakers_of
from providers.types import Turn, Word


def spoken(text: str, *, start_s: float = 0.0, step_s: float = 0.5) -> list[Word]:
    """Words of 0.4 s, 0.1 s apart; a "|" stands for a pause of a second."""
    words: list[Word] = []
    clock_s = start_s
    for token in text.split():
        if token == "|":
            clock_s += 1.0
            continue
        words.append(Word(token, round(clock_s, 2), round(clock_s + step_s - 0.1, 2)))
        clock_s += step_s
    return words


def texts(words: list[Word], turns: list[Turn] | None = None) -> list[str]:
    return [segment.text for segment in segments_of(words, turns or [])]


def test_no_words_no_segments() -> None:
    assert segments_of([]) == []


def test_sentences_without_speakers() -> None:
    segments = segments_of(spoken("Мост закрыли. Когда его откроют? Осенью."))
    assert [s.text for s in segments] == ["Мост закрыли.", "Когда его откроют?", "Осенью."]
    assert [s.speaker for s in segments] == [None] * 3
    assert (segments[1].start_s, segments[1].end_s) == (1.0, 2.4)
    assert [w.text for w in segments[1].words] == ["Когда", "его", "откроют?"]


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("В 2024 г. мост закрыли на ремонт. Открыли его осенью.", 2),
        ("Проект стоил 900 млн. рублей и т. д. по списку.", 1),
        ("А. С. Пушкин родился в Москве.", 1),
        ("«Мы готовы!» — сказал он. Все пошли.", 2),
        ("Міст відкрили. Чому так довго? Бо зима.", 3),
    ],
)
def test_abbreviations_do_not_end_sentences(text: str, n: int) -> None:
    assert len(texts(spoken(text))) == n


def test_all_words_survive_in_order() -> None:
    words = spoken("Да. Нет — не знаю… «Так?» Вот и всё")
    assert [w for s in segments_of(words) for w in s.words] == words


def test_text_without_punctuation_falls_apart_at_pauses() -> None:
    assert texts(spoken("мост закрыли | его откроют осенью | так решил город")) == [
        "мост закрыли",
        "его откроют осенью",
        "так решил город",
    ]


def test_a_pause_inside_a_punctuated_sentence_does_not_split_it() -> None:
    assert texts(spoken("Мост | закрыли. Его откроют.")) == ["Мост закрыли.", "Его откроют."]


def test_an_endless_sentence_is_cut_at_its_longest_pause() -> None:
    words = spoken(" ".join(["Слово"] * 25 + ["|"] + ["слово"] * 30))
    assert [len(s.words) for s in segments_of(spoken("Да. " * 3) + words)][-2:] == [25, 30]


def test_no_segment_has_more_than_forty_words() -> None:
    sizes = [len(s.words) for s in segments_of(spoken("слово " * 500))]
    assert sum(sizes) == 500
    assert max(sizes) <= 40
    assert min(sizes) >= 5


def test_speakers_by_the_middle_of_the_word() -> None:
    words = spoken("раз два три четыре")  # middles at 0.2 0.7 1.2 1.7
    turns = [Turn(0.0, 0.95, "A"), Turn(0.95, 3.0, "B")]
    assert speakers_of(words, turns) == ["A", "A", "B", "B"]


def test_a_word_between_turns_goes_to_the_nearest() -> None:
    turns = [Turn(0.0, 1.0, "A"), Turn(9.0, 10.0, "B")]
    words = [Word("ближе", 2.0, 2.4), Word("дальше", 7.0, 7.4), Word("после", 20.0, 20.4)]
    assert speakers_of(words, turns) == ["A", "B", "B"]
    assert speakers_of([Word("до", -1.0, -0.5)], turns) == ["A"]


def test_turns_may_come_unsorted() -> None:
    turns = [Turn(5.0, 6.0, "B"), Turn(0.0, 1.0, "A")]
    assert speakers_of([Word("раз", 0.2, 0.4)], turns) == ["A"]


def test_segments_split_where_the_speaker_changes() -> None:
    words = spoken("Когда откроют мост? Осенью его откроют.")
    segments = segments_of(words, [Turn(0.0, 1.45, "A"), Turn(1.45, 5.0, "B")])
    assert [(s.speaker, s.text) for s in segments] == [
        ("A", "Когда откроют мост?"),
        ("B", "Осенью его откроют."),
    ]


def test_one_stray_word_is_given_back() -> None:
    words = spoken("мы строим новый мост здесь")
    assert smooth(words, ["A", "A", "B", "A", "A"]) == ["A"] * 5


def test_a_one_word_reply_keeps_its_speaker() -> None:
    words = spoken("Вы готовы? Да. Тогда начнём.")
    assert smooth(words, ["A", "A", "B", "A", "A"]) == ["A", "A", "B", "A", "A"]


def test_the_last_word_of_a_question_goes_back_to_the_question() -> None:
    words = spoken("Когда откроют мост? Осенью его откроют.")
    assert smooth(words, ["A", "A", "B", "B", "B", "B"]) == ["A", "A", "A", "B", "B", "B"]


def test_the_first_word_of_an_answer_goes_to_the_answer() -> None:
    words = spoken("Когда откроют мост? Осенью его откроют.")
    assert smooth(words, ["A", "A", "A", "A", "B", "B"]) == ["A", "A", "A", "B", "B", "B"]


@pytest.mark.parametrize("text", ["мост.", "мост?", "мост!»", "мост…"])
def test_ends_of_sentences(text: str) -> None:
    assert ends_sentence(Word(text, 0, 1))
    assert not ends_sentence(Word("мост,", 0, 1))
