"""A quote put right: its own place changes, nothing else, and the guard accepts what stands then."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import pytest

from automation.article import check_quotes, pointer
from automation.composing import escape
from automation.grounding.blocks import shown_blocks
from automation.grounding.places import changed, written
from automation.grounding.silence import PLACEHOLDER
from automation.mending import mended, mends
from automation.transcript import Line, Transcript
from bench.guard_quotes import cases, load

SAID = {
    "ru": [
        "Что с мостом?",
        "Мы, знаете, построим новый мост через реку будущей осенью.",
        "Инженер Савельев дважды считал «нагрузку опор» в тот же день.",
        "Смета выросла до сорока миллионов рублей.",
        "Потом пришли дожди, и работа стояла до самого октября.",
        "Он нужен городу больше всего на свете.",
    ],
    "uk": [
        "Що з мостом?",
        "Ми, знаєте, збудуємо новий міст через річку наступної осені.",
        "Інженер Савчук рахував «навантаження опор» двічі на день.",
        "Кошторис зріс до сорока мільйонів гривень.",
        "Потім прийшли дощі, і робота стояла до самого жовтня.",
        "Він потрібен місту понад усе на світі.",
    ],
    "en": [
        "What about the bridge?",
        "We will, you know, build a new bridge over the river next autumn.",
        "Engineer Savage computed the load of the piers twice a day.",
        "The estimate grew to forty million dollars.",
        "Then the rains came, and the work stood still until October.",
        "The town needs it more than anything in the world.",
    ],
}
TALKS = {
    language: Transcript(
        tuple(
            Line(n, n * 10.0, n * 10.0 + 8, label := "A" if n > 1 else "B", label, text)
            for n, text in enumerate(rows, start=1)
        ),
        {"A": "A", "B": "B"},
    )
    for language, rows in SAID.items()
}


def put(language: str, act: str, body: str, number: int = 0) -> str:
    transcript = TALKS[language]
    quote = check_quotes(body, transcript)[number]
    text = mended(body, quote, transcript, act)
    assert text is not None, quote
    after = check_quotes(text, transcript)[number]
    assert after.grade in ("exact", "cleaned"), after
    assert not {"ends_early", "begins_late"} & {flag.kind for flag in after.flags}
    return text


@pytest.mark.parametrize(
    ("language", "body", "then"),
    [
        ("ru", "«{Новый мост через реку}», — сказал он.", "«{… новый мост через реку…}», — сказал он."),
        ("ru", "Он сказал: «{Мы построим новый мост}».", "Он сказал: «{Мы построим новый мост…}»."),
        ("ru", "— {Мы построим новый мост,} — сказал он.", "— {Мы построим новый мост…} — сказал он."),
        ("ru", "> {Мы построим новый мост.} [0:20](#s2)", "> {Мы построим новый мост…} [0:20](#s2)"),
        ("ru", "> «{Мы построим новый мост.}» [0:20](#s2)", "> «{Мы построим новый мост…}» [0:20](#s2)"),
        ("ru", "> **Мы построим** *новый мост{.}* [0:20](#s2)",
         "> **Мы построим** *новый мост{…}* [0:20](#s2)"),
        ("ru", "«{Савельев дважды считал «нагрузку опор»}».",
         "«{… Савельев дважды считал «нагрузку опор»…}»."),
        ("ru", "Он: «{Дважды считал „нагрузку опор“.}»", "Он: «{… дважды считал „нагрузку опор“…}»"),
        ("uk", "Він сказав: «{Ми збудуємо новий міст}».", "Він сказав: «{Ми збудуємо новий міст…}»."),
        ("uk", "— {Новий міст через річку,} — каже він.", "— {… новий міст через річку…} — каже він."),
        ("uk", "> {Савчук рахував навантаження.}", "> {… Савчук рахував навантаження…}"),
        ("en", "“{We will build a new bridge,}” he said.", "“{We will build a new bridge…}” he said."),
        ("en", "He said: “{New bridge over the river}”.", "He said: “{… new bridge over the river…}”."),
        ("en", "> {Savage computed the load of the piers.}", "> {… Savage computed the load of the piers…}"),
        ("en", "> We will build\n> a [new](http://x.org) bridge{.}",
         "> We will build\n> a [new](http://x.org) bridge{…}"),
    ],
)  # fmt: skip
def test_the_ellipsis_the_flags_ask_for(language: str, body: str, then: str) -> None:
    clean = str.maketrans("", "", "{}")
    around = "# Мост\n\nПервый \\* абзац &amp; *всё*.\r\n\r\n{}\n\n- пункт\n- другой\n"
    before, after = (around.format(text.translate(clean)) for text in (body, then))
    assert put(language, "ellipsis", before) == after


@pytest.mark.parametrize(
    ("language", "body", "then"),
    [
        ("ru", "«Смета выросла до пятидесяти миллионов рублей», — сказал он.",
         "«Смета выросла до сорока миллионов рублей», — сказал он."),
        ("ru", "— Смета выросла до **пятидесяти** миллионов рублей, — сказал он.",
         "— Смета выросла до **сорока** миллионов рублей, — сказал он."),
        ("ru", "> Смета [сильно выросла](http://x.org/a) до 40 миллионов рублей. [0:40](#s4)",
         "> Смета [выросла](http://x.org/a) до сорока миллионов рублей. [0:40](#s4)"),
        ("ru", "> Смета **сильно** выросла до сорока миллионов рублей. [0:40](#s4)",
         "> Смета выросла до сорока миллионов рублей. [0:40](#s4)"),
        ("ru", "Он: «Инженер Савельев трижды считал нагрузку опор в тот же день».",
         "Он: «Инженер Савельев дважды считал „нагрузку опор“ в тот же день»."),
        ("ru", "> Смета выросла до ста миллионов рублей. … Он нужен городу больше всего на свете.",
         "> Смета выросла до сорока миллионов рублей. … Он нужен городу больше всего на свете."),
        ("ru", "> Потом пришли дожди … Смета выросла до сорока миллионов рублей.",
         "> Смета выросла до сорока миллионов рублей. … Потом пришли дожди."),
        ("ru", "Он сказал, что «смета выросла до ста миллионов рублей».",
         "Он сказал, что «смета выросла до сорока миллионов рублей»."),
        ("uk", "> Кошторис сильно зріс до сорока\n> мільйонів гривень. [0:40](#s4)",
         "> Кошторис зріс до сорока\n> мільйонів гривень. [0:40](#s4)"),
        ("uk", "— Кошторис зріс до 40 мільйонів гривень! — каже він.",
         "— Кошторис зріс до сорока мільйонів гривень! — каже він."),
        ("en", "“The estimate never grew to forty million dollars,” he said.",
         "“The estimate grew to forty million dollars,” he said."),
        ("en", "> The town **really** needs it more than anything. [1:00](#s6)",
         "> The town needs it more than anything… [1:00](#s6)"),
    ],
)  # fmt: skip
def test_the_words_as_they_were_said(language: str, body: str, then: str) -> None:
    assert put(language, "said", f"Начало.\n\n{body}\n\nКонец.\n") == f"Начало.\n\n{then}\n\nКонец.\n"


@pytest.mark.parametrize("number", [0, 1])
def test_of_the_same_words_twice_only_the_one_that_was_chosen_changes(number: int) -> None:
    twice = "Он сказал: «Мы построим новый мост». И ещё раз: «Мы построим новый мост».\n"
    parts = twice.split("мост»")
    parts[number] += "мост…»"
    parts[1 - number] += "мост»"
    assert put("ru", "ellipsis", twice, number) == "".join(parts)


def test_words_off_the_record_are_neither_put_back_nor_bridged() -> None:
    lines = list(TALKS["ru"].lines)
    lines[1] = replace(lines[1], text=f"Мы построим {PLACEHOLDER} мост через реку.", spans=(1,))
    lines[4] = replace(lines[4], text="", spans=(1,))
    transcript = replace(TALKS["ru"], lines=tuple(lines))
    for body in (
        "> Мы построим красивый мост через реку.\n",
        "> Смета выросла до ста миллионов рублей. … Он нужен городу больше всего на свете.\n",
    ):
        quotes = check_quotes(body, transcript)
        assert quotes[0].grade == "edited"
        assert [mend.act for mend in mends(body, quotes, transcript)[0]] == []
        assert mended(body, quotes[0], transcript, "said") is None


@pytest.mark.parametrize(
    "body",
    [
        "> Мост построили прошлым летом без единого гвоздя. [0:20](#s2)",  # nobody said so
        "> Он нужен городу больше всего на свете. [1:00](#s6)",  # nothing to do
        "Б сказал: «Он нужен городу больше всего на свете».",
    ],
)
def test_what_can_not_be_put_right_by_itself_is_left(body: str) -> None:
    transcript = replace(TALKS["ru"], names={"A": "А", "B": "Б"})
    quotes = check_quotes(body, transcript)
    assert mends(body, quotes, transcript) == [()]


@pytest.mark.parametrize(
    "body",
    [
        "Слово `код` и **жирный _курсив_** с \\*звёздочкой\\*, &laquo;сущность&raquo; и [ссылка](http://x.org/слово).",
        "> первая строка\n> вторая [0:01](#s1) и ![вид](a.png) третья  \n> четвёртая\\\n> пятая",
        "- пункт\n  продолжается\n\n1. другой *пункт*",
        "Абзац\r\nв две строки\r\n\r\n> цитата\r\nленивая строка",
    ],
)
def test_every_character_that_is_shown_knows_its_place(body: str) -> None:
    for block in shown_blocks(body):
        spans = written(body, block)
        assert spans is not None
        for char, (start, end) in zip(block.text, spans, strict=True):
            source = body[start:end]
            assert char in source or source.isspace() or source.startswith(("&", "\\", "\n", "\r", " ")), (
                source
            )
        letters = [n for n, char in enumerate(block.text) if char.isalpha()]
        at = letters[-1]
        text = changed(body, block, [(at, at + 1, "Ъ")])
        assert text == body[: spans[at][0]] + "Ъ" + body[spans[at][1] :]


FORMS = ("> {quote}{pointer}\n", "Он сказал: «{quote}».\n", "— {quote}\n", "> *{quote}*{pointer}\n")


def test_mended_quotes_of_the_made_interviews_are_accepted_and_the_rest_stays() -> None:
    """Every 40th case; the frame around the quote is asked for byte by byte."""
    done = 0
    for place, (interview, case) in enumerate(islice(cases(load("dev"), 11), 0, None, 40)):
        lines = tuple(
            Line(one.idx, one.start_s, one.end_s, one.speaker, one.name, one.text) for one in interview.lines
        )
        transcript = Transcript(lines, {one.speaker: one.name for one in lines})
        told = f" [0:00]({pointer(case.pointers)})" if case.pointers else ""
        form = FORMS[place % len(FORMS)].format(quote="\0", pointer=told)
        head, tail = f"Начало *текста*.\n\n{form}\nКонец.\n".split("\0")
        body = f"{head}{escape(case.text)}{tail}"
        for number, (quote, offers) in enumerate(
            zip(found := check_quotes(body, transcript), mends(body, found, transcript), strict=True)
        ):
            for mend in offers:
                text = mended(body, quote, transcript, mend.act)
                assert text is not None, (body, mend)
                after = check_quotes(text, transcript)[number]
                assert text.startswith(head), text
                assert text.endswith(tail), text
                assert after.text == mend.then.rstrip(" ,"), text
                assert not {"ends_early", "begins_late"} & {flag.kind for flag in after.flags}
                assert mend.act == "ellipsis" or after.grade in ("exact", "cleaned"), after
                done += 1
    assert done > 60
