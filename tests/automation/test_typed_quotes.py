"""Quotes typed by hand: found, given to whom the text says spoke, and judged like any other."""

from __future__ import annotations

import pytest

from automation.article import check_quotes
from automation.grounding.typed import typed_quotes
from automation.transcript import Line, Transcript

NAMES = ["Анна Орлова", "Пётр Иванов", "Jane Doe", "John Smith", "Олена Гнатюк"]


def found(text: str) -> list[tuple[str, str | None]]:
    return [(quote.text, quote.speaker) for quote in typed_quotes(text, NAMES)]


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("«Мы построим новый мост», — сказал Иванов Орловой.", [("Мы построим новый мост", "Пётр Иванов")]),
        ("Иванов сказал: «Мы построим новый мост».", [("Мы построим новый мост", "Пётр Иванов")]),
        ("По словам Орловой, «мы построим новый мост».", [("мы построим новый мост", "Анна Орлова")]),
        ("Мэр Иванов устал. «Мы построим новый мост». Орлова молчала.", [("Мы построим новый мост", None)]),
        ("«Мы строим «Мост» у реки», — считает Пётр.", [("Мы строим «Мост» у реки", "Пётр Иванов")]),
        ("„Ми збудуємо новий міст“, — каже Гнатюк.", [("Ми збудуємо новий міст", "Олена Гнатюк")]),
        ("За словами Гнатюк, «ми збудуємо новий міст».", [("ми збудуємо новий міст", "Олена Гнатюк")]),
        ('"We will build a bridge," said Smith.', [("We will build a bridge,", "John Smith")]),
        ("Smith told Doe: “We will build a bridge.”", [("We will build a bridge.", "John Smith")]),
        ("“Will we build a bridge?” asked Doe.", [("Will we build a bridge?", "Jane Doe")]),
        ("According to Jane Doe, “we will build a bridge”.", [("we will build a bridge", "Jane Doe")]),
        ("«Вечерний Днипро» писал о мосте.", []),
    ],
)
def test_quotation_marks(text: str, quotes: list[tuple[str, str | None]]) -> None:
    assert found(text) == quotes


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("— Мы построим мост, — сказал Иванов. — Он нужен городу.",
         [("Мы построим мост", "Пётр Иванов"), ("Он нужен городу.", "Пётр Иванов")]),
        ("— Мы построим мост и школу у реки!", [("Мы построим мост и школу у реки!", None)]),
        ("— То, что мы видели, — это чудо века, — вздохнула Орлова.",
         [("То, что мы видели, — это чудо века", "Анна Орлова")]),
        ("– Ми збудуємо міст улітку, – мовила Гнатюк.", [("Ми збудуємо міст улітку", "Олена Гнатюк")]),
        ("— We will build a bridge, — said Doe.", [("We will build a bridge", "Jane Doe")]),
        ("— Что с мостом?", []),
    ],
)  # fmt: skip
def test_dialogue_with_a_dash(text: str, quotes: list[tuple[str, str | None]]) -> None:
    assert found(text) == quotes


def test_a_quote_knows_its_place() -> None:
    for text in ("Он сказал: «Мы построим новый мост».", "— Мы построим мост, — сказал он. — Он нам нужен."):
        for quote in typed_quotes(text):
            assert text[quote.start : quote.end].rstrip(" ,") == quote.text


def transcript() -> Transcript:
    said = [
        ("S0", "Что с мостом, Пётр Сергеевич?", 0.9),
        ("S1", "Ну, мы построим мост через реку.", 0.9),
        ("S1", "Он нужен всему городу.", 0.3),
    ]
    lines = tuple(
        Line(n, n * 5.0, n * 5.0 + 4, speaker, {"S0": "Анна Орлова", "S1": "Пётр Иванов"}[speaker], text,
             tuple([word, n * 5.0, n * 5.0 + 1, sure] for word in text.split()))
        for n, (speaker, text, sure) in enumerate(said, 1)
    )  # fmt: skip
    return Transcript(lines, {"S0": "Анна Орлова", "S1": "Пётр Иванов"})


BODY = """## Мост

> Он нужен всему городу. [0:15](#s3)

«Мы построим мост через реку», — сказал Иванов. «Мы построим мост через реку», — сказала Анна Орлова.

— Мы построим мост через реку, — пообещал Иванов. — Он нужен всему миру.

> «Мы построим мост через реку», — сказал Иванов. [0:10](#s2)

По словам Иванова, «луну тоже можно построить завтра утром».
"""


def test_every_typed_quote_of_an_article_is_judged_with_its_speaker() -> None:
    checks = check_quotes(BODY, transcript())
    assert [check.grade for check in checks] == [
        "exact", "exact", "wrong_speaker", "exact", "edited", "exact", "not_found"
    ]  # fmt: skip


def test_a_doubt_asks_to_be_heard_and_changes_no_grade() -> None:
    unsure, sure, anothers, _, changed, _, invented = check_quotes(BODY, transcript())
    assert (unsure.grade, unsure.must_hear) == ("exact", True)
    assert [str(flag) for flag in unsure.flags] == [
        "The recogniser was not sure of “Он, нужен, всему, городу”: listen before you sign."
    ]
    assert not sure.must_hear
    assert anothers.must_hear
    assert changed.must_hear
    assert not invented.must_hear  # there is no place to listen to


def test_a_quote_copied_out_of_a_corrected_transcript_is_exact() -> None:
    heard = transcript()
    corrected = Line(3, 15.0, 19.0, "S1", "Пётр Иванов", "Он нужен всему Красногорску.",
                     (["Он", 15.0, 15.5, 0.3], ["нужен", 15.5, 16, 0.9], ["всему", 16, 17, 0.9],
                      ["Красногорску.", 17, 19, None]), edited=True)  # fmt: skip
    edited = Transcript((*heard.lines[:2], corrected), heard.names)
    (check,) = check_quotes("> Он нужен всему Красногорску. [0:15](#s3)\n", edited)
    assert check.grade == "exact"
    (stale,) = check_quotes("> Он нужен всему городу. [0:15](#s3)\n", edited)
    assert stale.grade == "edited"
