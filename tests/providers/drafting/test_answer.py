"""What is kept of a model's answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from providers.drafting.answer import AnswerUnusable, read_answer
from providers.drafting.wording import first_words, shorten, unquote_unsaid
from providers.types import Article, Sentence
from tests.providers.drafting.fake_chat import GOOD

SENTENCES = (
    Sentence("S1", 0, 1, "Анна", "Кто оплатил ремонт?"),
    Sentence("S2", 1, 2, "Пётр", "Ремонт оплатил город."),
    Sentence("S3", 2, 3, "Пётр", "Мы просили ещё два года назад."),
    Sentence("S4", 3, 4, "Анна", "И что?"),
    Sentence("S5", 4, 5, "Пётр", "Ничего."),
)


def read(*blocks: dict[str, Any], **changes: Any) -> Article:
    answer = GOOD | changes | ({"blocks": list(blocks)} if blocks else {})
    return read_answer(json.dumps(answer, ensure_ascii=False), SENTENCES, "ru")[0]


def quote(*sources: str) -> dict[str, Any]:
    return {"kind": "quote", "text": "", "sources": list(sources)}


def paragraph(text: str, *sources: str) -> dict[str, Any]:
    return {"kind": "paragraph", "text": text, "sources": list(sources)}


def test_unknown_ids_are_dropped_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    written = read(quote("S2", "S77"), quote("S99"), paragraph("Ничего.", "S98"))

    assert [block.sources for block in written.blocks] == [("S2",)]
    reasons = [record.reason for record in caplog.records]
    assert "the answer cites sentences that do not exist" in reasons
    assert "a quote stands on no sentence" in reasons
    assert "a paragraph stands on no sentence" in reasons


def test_ids_are_read_with_brackets_and_in_small_letters() -> None:
    assert read(quote("[s2]")).blocks[0].sources == ("S2",)


def test_text_in_a_quote_is_thrown_away() -> None:
    (block,) = read({"kind": "quote", "text": "Я всё придумал", "sources": ["S2"]}).blocks

    assert block.text == ""


def test_a_quote_never_spans_another_speaker_or_a_gap() -> None:
    written = read(quote("S5", "S2", "S3", "S2"))

    assert [block.sources for block in written.blocks] == [("S2", "S3"), ("S5",)]


@pytest.mark.parametrize(
    "raw", ["", "[]", "{", "null", '{"title": "x"}', '{"title": "x", "blocks": [{"kind": "poem"}]}']
)
def test_what_is_no_article_is_unusable(raw: str) -> None:
    with pytest.raises(AnswerUnusable):
        read_answer(raw, SENTENCES, "ru")


def test_nothing_but_headings_is_unusable() -> None:
    with pytest.raises(AnswerUnusable, match="no block"):
        read({"kind": "heading", "text": "А", "sources": []}, quote("S99"))


@pytest.mark.parametrize("frame", ["```json\n%s\n```", "Here you are:\n%s\nEnjoy!", "<think>{hm}</think>%s"])
def test_words_around_the_json_are_ignored(frame: str) -> None:
    assert read_answer(frame % json.dumps(GOOD), SENTENCES, "ru")[0].title == GOOD["title"]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Он сказал: «ремонт оплатил город».", "Он сказал: «ремонт оплатил город»."),
        ("Он сказал: «Ремонт оплатила область».", "Он сказал: Ремонт оплатила область."),
        ("По его словам, “мы просили” давно.", "По его словам, мы просили давно."),  # S3 is not cited
        ('Это "город".', 'Это "город".'),
        ('Это "гор".', "Это гор."),  # a part of a word is not a word
        ("— Мы всё знали, сказал он.", "Мы всё знали, сказал он."),
        ("Он начал: «ремонт", "Он начал: ремонт"),
        ("Он сказал: «мэр ответил: „город“ и всё».", "Он сказал: мэр ответил: город и всё."),
    ],
)
def test_typed_quotes_lose_their_marks_unless_said_in_the_cited_sentences(written: str, kept: str) -> None:
    assert read(paragraph(written, "S2")).blocks[0].text == kept


def test_title_dek_description_and_headings_may_quote_only_what_was_said() -> None:
    made_up = "«Мы воровали»: признание"
    heading = {"kind": "heading", "text": made_up, "sources": []}

    written = read(heading, quote("S2"), title=made_up, dek=made_up, description=made_up)

    assert {written.title, written.dek, written.description, written.blocks[0].text} == {
        "Мы воровали: признание"
    }


def test_limits() -> None:
    written = read(description="слово " * 60, image_prompt="word " * 99, tags=[f"#тег{n}" for n in range(20)])

    assert len(written.description) <= 160
    assert written.description.endswith("слово…")
    assert len(written.image_prompt.split()) == 60
    assert len(written.tags) == 8


def test_shorten_prefers_whole_sentences() -> None:
    assert shorten("Раз два. Три четыре. Пять шесть.", 22) == "Раз два. Три четыре."
    assert shorten("раз-два три, четыре", 13) == "раз-два три…"
    assert first_words("a b c", 2) == "a b"


def test_ё_and_е_are_one_letter_in_a_quote() -> None:
    assert unquote_unsaid("«еще два года»", ["Мы просили ещё два года назад."]) == "«еще два года»"
