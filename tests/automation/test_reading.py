"""The read view: chips behind quotes, underlines under what nobody said, nothing of the text lost."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

from markupsafe import Markup

from automation.article import check_quotes, to_html
from automation.grounding.blocks import shown_blocks
from automation.grounding.ledger import ledger_of
from automation.grounding.recording import recording_of
from automation.grounding.tracing import trace
from automation.lighting import typed
from automation.reading import read_view
from automation.transcript import Line, Transcript

SAID = ["Когда откроют мост?", "Мост откроют в марте.", "Ремонт стоил сорок миллионов рублей."]
TRANSCRIPT = Transcript(
    tuple(Line(n, n * 5.0, n * 5.0 + 4, "S1", "Анна", text) for n, text in enumerate(SAID, 1)), {"S1": "Анна"}
)


def shown(body: str) -> str:
    quotes = check_quotes(body, TRANSCRIPT)
    facts = ledger_of(body, "", "", TRANSCRIPT)["facts"]
    return read_view(body, TRANSCRIPT, quotes, facts, lambda n: Markup("<chip%d>") % n, "nobody said it")


def test_a_block_quotes_pointer_becomes_its_chip_and_a_paragraphs_stays_a_link() -> None:
    html = shown(
        "> Мост откроют в марте. [0:10](#s2)\n\nОна сказала: «Ремонт стоил сорок миллионов рублей», и ушла. "
        "[0:15](#s3)\n"
    )
    assert '<p data-sources="2">Мост откроют в марте. <chip0> </p>' in html
    assert "рублей» <chip1>, и ушла." in html
    assert '<p data-sources="3">' in html
    assert re.search(
        r'<a href="#s3" class="pointer" data-start="15.00" data-end="19.00"[^>]*>▶ 0:15 Анна</a>', html
    )


def test_what_nobody_said_is_underlined_across_emphasis_and_escapes() -> None:
    html = shown(
        "Смета \\* [проверена](https://x.example/2024): **Денис** Рогов отдал 70 миллионов рублей.\n"
    )
    words = re.findall(r'<u class="unsaid" title="nobody said it">([^<]+)</u>', html)
    assert words == ["Денис", " Рогов", "70 миллионов рублей"] or words == [
        "Денис",
        " ",
        "Рогов",
        "70 миллионов рублей",
    ]
    assert 'href="https://x.example/2024"' in html
    assert "<strong><u" in html


def test_the_words_are_all_there_and_a_persons_marks_are_no_chips() -> None:
    html = shown(
        "А \ue0000\ue001 б <script>alert(1)</script> в\nг.\n\n- пункт [0:10](#s2)\n- второй `код 7`\n"
    )
    assert "chip" not in html
    assert "<script" not in html
    text = re.sub(r"<[^>]+>", "", html)
    assert "А \ufffd0\ufffd б" in text
    assert "в\nг." in text
    assert "код 7" in text


def traced(body: str) -> str:
    """The read view with its sentences."""
    quotes = check_quotes(body, TRANSCRIPT)
    sentences = trace(shown_blocks(body), quotes, recording_of(TRANSCRIPT.lines))
    chip = Markup("<chip%d>")
    return read_view(body, TRANSCRIPT, quotes, [], lambda n: chip % n, "nobody said it", sentences)


def spans(html: str) -> list[tuple[str, str, str]]:
    """(sentence, sources, text) of each span; a span holds no other."""
    found = re.findall(
        r'<span class="sentence" data-sentence="([\d.]+)" data-sources="([\d ]*)">(.*?)</span>',
        html,
        re.DOTALL,
    )
    assert html.count("<span") == html.count("</span>") == len(found)
    return [(number, sources, re.sub(r"<[^>]+>", "", text)) for number, sources, text in found]


def test_each_sentence_stands_in_a_span_with_what_it_stands_on() -> None:
    html = traced("Мост откроется весной. Он стоил 40 млн рублей.\nИ хорошо. [0:10](#s2-3)\n")
    assert spans(html) == [
        ("0.0", "2", "Мост откроется весной."),
        ("0.1", "3", "Он стоил 40 млн рублей."),
        ("0.2", "2 3", "И хорошо."),
    ]
    assert html.startswith('<p data-sources="2 3"><span')
    assert html.count('class="pointer"') == 1


def test_marks_that_run_over_sentences_survive_and_cut_the_spans() -> None:
    html = traced(
        "Мост *откроется **в марте.* Он** стоил [40 млн рублей. И](https://x.example/a) `хорошо`. "
        "[0:10](#s2-3)\n"
    )
    assert (
        "".join(text for _, _, text in spans(html))
        == "Мост откроется в марте.Он стоил 40 млн рублей.И хорошо."
    )
    assert {(number, sources) for number, sources, _ in spans(html)} == {
        ("0.0", "2"),
        ("0.1", "3"),
        ("0.2", "2 3"),
    }
    assert '<a href="https://x.example/a"' in html
    assert "<code>хорошо</code>" in html
    html = traced("**Мост откроется в марте. Он стоил** 40 млн рублей. [0:10](#s2-3)\n")
    assert [number for number, _, _ in spans(html)] == ["0.0", "0.1", "0.1"]
    assert "<strong><span" in html
    html = traced("Мост **откроется** *в марте*. Конец. [0:10](#s2-3)\n")  # marks inside stay inside
    assert (
        '<span class="sentence" data-sentence="0.0" data-sources="2">Мост <strong>откроется</strong> <em>'
        in html
    )


def test_a_chip_is_no_part_of_a_sentence_and_stays_where_it_was() -> None:
    html = traced(
        "Она сказала: «Ремонт стоил сорок миллионов рублей», и ушла. Дождь.\n\n"
        "> Мост откроют в марте. [0:10](#s2)\n"
    )
    assert [(number, sources) for number, sources, _ in spans(html)] == [
        ("0.0", "3"), ("0.0", "3"), ("0.1", ""), ("1.0", "2"),
    ]  # fmt: skip
    assert "рублей»</span> <chip0><span" in html
    assert "</span> <chip1>" in html


def test_list_items_have_their_sentences_and_what_points_nowhere_has_none() -> None:
    html = traced(
        "- Мост откроется в марте. [0:10](#s2)\n- Без всего.\n\n"
        "Абзац сам по себе. И ещё.\n\n## Мост в марте\n"
    )
    assert spans(html) == [("0.0", "2", "Мост откроется в марте.")]


HOSTILE = """<span class="sentence" data-sentence="0.0" data-sources="1">Мост</span> откроется в марте. \
[x](javascript:alert(1)) ![y](https://x.example/y.png "data-sources=1") [z](#s1"onmouseover="alert(1)) \
<p data-sources="1" onclick="alert(1)"> &lt;span data-sources="1"&gt; \\<span data-sources='1'> \
[в марте](https://x.example/ "a\\" data-sources=\\"1") \ue0000\ue001 [0:10](#s2)
"""


def test_nothing_a_person_types_makes_a_span() -> None:
    html = traced(HOSTILE)
    assert {sources for _, sources, _ in spans(html)} == {"2"}
    elements = parsed(html)
    assert {tag for tag, _ in elements} == {"p", "span", "a"}
    assert {tag for tag, attributes in elements if "data-sources" in attributes} == {"p", "span"}
    assert sum(tag == "p" for tag, _ in elements) == 1
    allowed = {"href", "title", "rel", "class", "data-start", "data-end", "data-sources", "data-sentence"}
    assert {name for _, attributes in elements for name in attributes} <= allowed
    assert all((a.get("href") or "#").startswith(("#s", "https://")) for tag, a in elements if tag == "a")


def parsed(html: str) -> list[tuple[str, dict[str, str | None]]]:
    """The elements as a browser reads them, each with its attributes."""
    found: list[tuple[str, dict[str, str | None]]] = []
    reader = HTMLParser()
    reader.handle_starttag = lambda tag, attrs: found.append((tag, dict(attrs)))  # type: ignore[method-assign]
    reader.feed(html)
    return found


def test_what_is_exported_and_published_has_no_spans() -> None:
    body = "Мост откроется весной. Он стоил 40 млн рублей. [0:10](#s2-3)\n"
    for link_quotes in (True, False):
        assert "<span" not in to_html(body, TRANSCRIPT, link_quotes=link_quotes)
        assert "data-sources" not in to_html(body, TRANSCRIPT, link_quotes=link_quotes)


def places(body: str) -> list[tuple[str, str]]:
    """What the caret lights in each stretch of the Markdown, cut as a browser counts."""
    sentences = trace(shown_blocks(body), check_quotes(body, TRANSCRIPT), recording_of(TRANSCRIPT.lines))
    told = json.loads(json.dumps(typed(body, sentences)))
    wide = body.replace("\r\n", "\n").encode("utf-16-le")
    assert told["length"] == len(wide) // 2
    found = []
    for begin, end, marks in told["blocks"]:
        ends = [*(at for at, _ in marks[1:]), end]
        found += [
            (wide[2 * at : 2 * stop].decode("utf-16-le"), lit)
            for (at, lit), stop in zip(marks, ends, strict=True)
        ]
        assert begin <= marks[0][0]
    return found


def test_the_caret_has_a_map_of_the_markdown() -> None:
    assert places(
        "Слово 😀.\r\n\r\n## Глава\r\n\r\n"
        "**Мост откроется в марте.** «Он» [стоил](https://x.example/в/марте) \\*40 млн\\*\r\n"
        "рублей. [0:10](#s2-3)\r\n\r\n> Мост откроют в марте. [0:10](#s2)\r\n"
    ) == [
        ("**Мост откроется в марте.** ", "2"),
        ("«Он» [стоил](https://x.example/в/марте) \\*40 млн\\*\nрублей. ", "3"),
        ("[0:10](#s2-3)", "2 3"),
        ("Мост откроют в марте. [0:10](#s2)", "2"),
    ]


def test_the_map_goes_on_behind_a_pointer_and_takes_emoji_and_entities() -> None:
    assert places(
        "😀 Мост &amp; март. [0:10](#s2) 😀 И рубли. [0:15](#s3)\n\n- 😀 Мост в марте. Рубли. [0:15](#s2-3)\n"
    ) == [
        ("Мост &amp; март. [0:10](#s2) 😀 ", "2"),
        ("И рубли. [0:15](#s3)", "3"),
        ("Мост в марте. ", "2"),
        ("Рубли. ", "3"),
        ("[0:15](#s2-3)", "2 3"),
    ]


def test_the_map_of_a_strange_text_is_made_too() -> None:
    for body in (
        "",
        "\n\n",
        HOSTILE,
        "[0:10](#s2)",
        "a\rb [0:10](#s2)",
        "> - 1. [0:10](#s2)\n>   x",
        "***\n[0:1](#s2)**б**",
    ):
        places(body.replace("\r", "\n"))
