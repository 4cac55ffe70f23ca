"""The read view: chips behind quotes, underlines under what nobody said, nothing of the text lost."""

from __future__ import annotations

import re

from markupsafe import Markup

from automation.article import check_quotes
from automation.grounding.ledger import ledger_of
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
