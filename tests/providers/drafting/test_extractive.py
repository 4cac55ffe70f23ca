"""The offline writer on recordings that never were."""

from __future__ import annotations

from itertools import pairwise

import pytest

from providers.drafting.extractive import Extractive
from providers.drafting.interview import host_of, is_question, opens_topic
from providers.drafting.phrases import starts_with_filler, without_filler
from providers.types import Article, Sentence, WritingBrief
from tests.providers.drafting.talks import (
    LIBRARY_RU,
    SCHOOL_UK,
    brief,
    lecture,
    long_talk,
    unpunctuated,
)

TALKS = {
    "russian": brief(LIBRARY_RU),
    "ukrainian": brief(SCHOOL_UK, "uk"),
    "unpunctuated": brief(unpunctuated(LIBRARY_RU)),
    "one_speaker": brief(lecture("Игорь")),
    "nobody_known": brief(lecture("")),
    "english_article": brief(LIBRARY_RU, "en"),
}


def write(talk: WritingBrief) -> Article:
    return Extractive().write(talk)


def said(talk: WritingBrief) -> dict[str, Sentence]:
    return {s.id: s for s in talk.sentences}


@pytest.mark.parametrize("name", TALKS)
def test_article_has_what_an_editor_needs(name: str) -> None:
    written = write(TALKS[name])

    assert 10 <= len(written.title) <= 70
    assert 10 <= len(written.dek) <= 160
    assert 0 < len(written.description) <= 160
    assert len(written.tags) == 5
    assert {"heading", "paragraph", "quote"} == {block.kind for block in written.blocks}
    assert written.image_alt not in ("", written.title)
    assert not written.title.endswith((".", "…", ","))


@pytest.mark.parametrize("name", TALKS)
def test_same_talk_same_article(name: str) -> None:
    assert write(TALKS[name]) == write(TALKS[name])


@pytest.mark.parametrize("name", TALKS)
def test_every_sentence_stands_whole_and_in_the_order_of_the_talk(name: str) -> None:
    talk = TALKS[name]
    written = write(talk)
    order = [int(source[1:]) for block in written.blocks for source in block.sources]

    assert order == sorted(set(order))
    for block in written.blocks:
        if block.kind == "paragraph":
            for source in block.sources:
                text = without_filler(said(talk)[source].text, "uk" if name == "ukrainian" else "ru")
                assert text in block.text


@pytest.mark.parametrize("name", ["russian", "ukrainian", "unpunctuated"])
def test_quotes_come_from_guests_and_start_with_something(name: str) -> None:
    talk = TALKS[name]
    host = talk.sentences[0].speaker
    for block in write(talk).blocks:
        if block.kind == "quote":
            (sentence,) = (said(talk)[source] for source in block.sources)
            assert sentence.speaker != host
            assert len(sentence.text.split()) >= 4
            assert not starts_with_filler(sentence.text, talk.language)
            assert not sentence.text.endswith("?")


def test_questions_of_the_host_become_headings() -> None:
    headings = [block for block in write(TALKS["russian"]).blocks if block.kind == "heading"]

    assert "Кто платит за это?" in [block.text for block in headings]
    assert all(
        said(TALKS["russian"])[source].speaker == "Вера" for block in headings for source in block.sources
    )


def test_greetings_and_thanks_are_left_out() -> None:
    written = write(TALKS["russian"])
    text = " ".join(
        said(TALKS["russian"])[source].text for block in written.blocks for source in block.sources
    )

    assert "Здравствуйте" not in text
    assert "Спасибо" not in text


def test_labels_are_never_printed() -> None:
    written = write(TALKS["unpunctuated"])
    text = " ".join([written.title, written.dek, *(block.text for block in written.blocks)])

    assert "SPEAKER" not in text
    assert "Голос 2: " in text  # as the page calls an unnamed voice


def test_unpunctuated_paragraphs_get_capitals_and_full_stops() -> None:
    for block in write(TALKS["unpunctuated"]).blocks:
        if block.kind == "paragraph":
            words = block.text.split(": ", 1)[1]
            assert words[0].isupper()
            assert words.endswith(".")


def test_names_of_people_are_in_no_tag_and_in_no_image_prompt() -> None:
    turns = [
        ("Анна", ["Где Иван Петров?"]),
        ("Олег", ["Иван Петров строит мост, и Smith помогает Ивану Петрову."] * 3),
    ]
    written = write(brief(turns))

    assert not {"иван", "петров", "Иван", "Петров"} & set(written.tags)
    assert "bridge" in written.image_prompt
    assert "Smith" not in written.image_prompt


@pytest.mark.parametrize(
    ("hint", "wins"),
    [
        ("Ночь в библиотеке", True),
        ("О библиотеке", False),
        ("Сделай покороче", False),
        ("сократить вдвое", False),
        ("x" * 80, False),
    ],
)
def test_a_working_title_wins_and_a_wish_does_not(hint: str, wins: bool) -> None:
    assert (write(brief(LIBRARY_RU, hint=hint)).title == hint) is wins


@pytest.mark.parametrize("text", ["Мост откроют в сентябре.", "да", "Ну", "Почему?", "100"])
@pytest.mark.parametrize("language", ["ru", "uk", "en"])
def test_one_sentence_is_enough(text: str, language: str) -> None:
    written = write(WritingBrief((Sentence("S1", 0, 1, "", text),), language))

    assert written.title
    assert [block.sources for block in written.blocks] == [("S1",)]


def test_a_host_who_talks_alone() -> None:
    written = write(brief([("Вера", ["Когда откроют мост?", "Где мэр?", "Почему все молчат?"])]))

    assert written.blocks


def test_english_talk() -> None:
    turns = [
        ("Host", ["Good morning.", "Why did the library open at night?"]),
        ("Jane", ["A student wrote that the library closes at seven.",
                  "Twelve hundred readers came in one month.",
                  "We kept the library open until midnight after that."]),
        ("Host", ["Who pays for the library?"]),
        ("Jane", ["The city pays for light and guards.", "A reader who gave no name pays the librarians."]),
    ]  # fmt: skip
    written = write(brief(turns, "en"))

    assert written.tags[0] == "library"
    assert "Who pays for the library?" in [block.text for block in written.blocks]


def test_two_thousand_sentences_make_an_article_people_read() -> None:
    written = write(brief(long_talk(2000)))

    assert 10 < len(written.blocks) < 60


def test_host_is_the_one_who_asks_and_says_less() -> None:
    assert host_of(TALKS["russian"].sentences, "ru") == "Вера"
    assert host_of(TALKS["unpunctuated"].sentences, "ru") == "SPEAKER_00"
    assert host_of(TALKS["ukrainian"].sentences, "uk") == "Оксана"
    assert host_of(TALKS["one_speaker"].sentences, "ru") is None


def test_questions_without_a_mark_are_known_by_their_first_word() -> None:
    assert is_question("скажите зачем библиотеке ночная смена", "ru")
    assert not is_question("Когда мы пришли, было темно.", "ru")


@pytest.mark.parametrize(
    ("text", "language", "left"),
    [
        ("Ну вот, мост открыли.", "ru", "Мост открыли."),
        ("Значит, так… мы строим", "ru", "Мы строим"),
        ("Вотчина князя", "ru", "Вотчина князя"),
        ("Так-так", "ru", "Так-так"),
        ("Ну от, міст відкрили.", "uk", "Міст відкрили."),
        ("Well, you know, it works", "en", "It works"),
        ("Ну", "ru", ""),
    ],
)
def test_fillers_at_a_start(text: str, language: str, left: str) -> None:
    assert without_filler(text, language) == left


def test_the_question_in_the_title_is_not_repeated() -> None:
    written = write(TALKS["ukrainian"])

    assert written.title == "Чому школа вирішила вчити дітей у лісі?"
    assert written.title not in [block.text for block in written.blocks]


def test_a_jump_inside_a_paragraph_is_marked() -> None:
    for name, talk in TALKS.items():
        for block in write(talk).blocks:
            if block.kind == "paragraph":
                places = [int(source[1:]) for source in block.sources]
                jumps = sum(after > before + 1 for before, after in pairwise(places))
                assert block.text.count("[…]") == jumps, name


def test_words_of_a_host_without_punctuation_open_a_topic() -> None:
    assert opens_topic("а музей за это заплатил", "ru")
    assert not opens_topic("спасибо вам большое", "ru")
    assert not opens_topic("Музей за это заплатил.", "ru")
