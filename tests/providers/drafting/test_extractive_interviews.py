"""The offline writer on every made interview: worth reading, and every quote as it was said."""

from __future__ import annotations

import pytest

from automation.article import check_quotes
from automation.composing import compose
from bench.extractive import compare, covered, faults_of, share, text_of, write
from bench.facts import transcript_of
from bench.guard_quotes import Interview, load

INTERVIEWS = [interview for interview in load("all") if len(interview.lines) > 30]


@pytest.mark.parametrize("interview", INTERVIEWS, ids=lambda interview: interview.name)
def test_an_editor_can_read_it(interview: Interview) -> None:
    row = write(interview)

    assert faults_of(row) == [] or not interview.topics
    assert 10 <= len(row.article.title) <= 70
    assert {"heading", "paragraph", "quote"} == {block.kind for block in row.article.blocks}


@pytest.mark.parametrize("interview", INTERVIEWS, ids=lambda interview: interview.name)
def test_every_quote_stands_in_the_recording_word_for_word(interview: Interview) -> None:
    said = transcript_of(interview)
    checks = check_quotes(compose(write(interview).article, said), said)

    assert len([check for check in checks if check.sources]) >= 3
    assert {check.grade for check in checks} == {"exact"}


def test_it_speaks_of_what_was_asked() -> None:
    written = [write(interview) for interview in INTERVIEWS if interview.topics]
    shares = [
        share(covered(text_of(row.article, row.interview, headings=True), row.interview)) for row in written
    ]

    assert len(written) >= 30
    assert sum(shares) / len(shares) >= 0.6


def test_the_comparison_prints_its_table(capsys: pytest.CaptureFixture[str]) -> None:
    compare([write(INTERVIEWS[0])], whole=False)

    assert INTERVIEWS[0].name in capsys.readouterr().out
