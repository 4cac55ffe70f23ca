"""Formats, proposals, files and the record of the writing, through the pages."""

from __future__ import annotations

import io

import pytest

from automation.models import Submission, WriterCall
from automation.pipeline.advance import advance
from tests.fakes import NOW


@pytest.fixture
def editor(people, browser):
    return browser("editor")


def work(house) -> None:
    while advance(house.works):
        pass


def test_a_brief_as_well(house, reviewed, editor) -> None:
    page = f"/submissions/{reviewed}"
    editor.get(page)
    assert editor.post(f"{page}/formats", {"format": "brief"}).status_code == 302
    assert 'data-testid="writing-now"' in editor.get(page).text
    work(house)

    html = editor.get(f"{page}?format=brief").text
    assert 'data-testid="format-brief" aria-current="page"' in html
    assert f"/submissions/{reviewed}/article?format=brief" in html
    assert 'name="format" value="brief"' in html
    assert editor.get(f"{page}/compare").text.count('class="story"') == 2

    editor.post(f"{page}/formats/choose", {"format": "brief"})
    with house.db.read() as session:
        assert session.query(Submission).one().format == "brief"


def test_a_proposal_on_the_page(house, reviewed, editor) -> None:
    page = f"/submissions/{reviewed}"
    assert '<option value="1">' in editor.get(page).text
    editor.post(f"{page}/redraft", {"format": "feature", "place": "1", "how": "again"})
    work(house)
    html = editor.get(page).text
    assert 'data-testid="proposal"' in html
    assert editor.post(f"{page}/redraft/accept").status_code == 302
    html = editor.get(page).text
    assert 'data-testid="proposal"' not in html
    assert "Version 2" in html


def test_a_file_there_and_back(house, reviewed, editor) -> None:
    page = f"/submissions/{reviewed}"
    sent = editor.get(f"{page}/article.md")
    assert sent.mimetype == "text/markdown"
    assert "attachment" in sent.headers["Content-Disposition"]
    assert "(#s2-3)" in sent.text
    editor.get(page)
    file = (io.BytesIO(sent.data), "feature.md")
    answer = editor.post(f"{page}/import", {"file": file}, content_type="multipart/form-data")
    assert answer.status_code == 302
    file = (io.BytesIO(b"\xff\xfe\x00"), "feature.md")
    answer = editor.post(f"{page}/import", {"file": file}, content_type="multipart/form-data")
    assert answer.status_code == 422


def test_how_it_was_written(house, reviewed, editor) -> None:
    with house.db.write() as session:
        submission = session.query(Submission).one()
        call = WriterCall(
            submission_id=submission.id, request=submission.drafts[0].request, step="section 2 again",
            backend="gigachat", model="GigaChat-2", messages=[{"role": "user", "content": "<b>hello</b>"}],
            answer="{}", failure="", prompt_tokens=7, completion_tokens=8, ms=1500, cost_micro_usd=20,
            prompt_version=2, at=NOW,
        )  # fmt: skip
        session.add(call)
    page = f"/submissions/{reviewed}"
    assert "Section 2, asked again" in editor.get(page).text
    told = editor.get(f"{page}/writing").text
    assert "&lt;b&gt;hello&lt;/b&gt;" in told
    assert editor.get(f"{page}/writing/export").json["calls"][0]["version"] == 1
