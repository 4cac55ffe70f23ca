"""Ticks, overrulings and the record at the HTML and JSON doors."""

from __future__ import annotations

import io
import json
import re

import pytest

from automation import accounts
from automation.models import Submission, User
from automation.pipeline.advance import advance
from tests.fakes import NOW

BODY = """Смету нашёл Денис Рогов: 40 миллионов рублей.

> Мост откроют в марте. [0:01](#s2)

> Мост откроют в апреле. [0:01](#s2)
"""


@pytest.fixture
def flagged(people, browser, reviewed) -> str:
    """A submission whose second quote has to be heard."""
    form = {"base_rev": "1", "title": "Мост", "dek": "", "body": BODY, "tags": "", "description": ""}
    assert browser("author").post(f"/submissions/{reviewed}/draft", form).status_code == 200
    return reviewed


def keys(text: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r'data-quote="([0-9a-f]{32})"', text)))


def test_quotes_are_chips_that_say_their_grade_in_words(browser, flagged) -> None:
    text = browser("viewer").get(f"/submissions/{flagged}/article").text
    chips = re.findall(r'data-testid="chip" data-grade="(\w+)"', text)
    assert chips == ["exact", "edited"]
    assert '<span class="grade-words">wording differs</span>' in text
    assert len(re.findall(r"data-testid=\"chip-play\"", text)) == 2
    assert 'title="not in the recording">Денис Рогов</u>' in text
    assert text.count("disabled") == 2  # a viewer ticks nothing


def test_facts_stand_on_the_page_with_their_place_or_as_not_in_the_recording(browser, flagged) -> None:
    text = browser("viewer").get(f"/submissions/{flagged}/checks").text
    missing = text.partition('data-testid="facts-missing"')[2].partition("</ul>")[0]
    assert "Денис Рогов" in missing
    said = text.partition('data-testid="facts-said"')[2].partition("</ul>")[0]
    assert "40 миллионов рублей" in said
    assert re.search(r'data-play="[\d.]+" data-until="[\d.]+" data-sources="3"', said)
    assert "interview used" in text.partition('data-testid="measures"')[2]


def test_a_tick_counts_and_lets_the_approval_through(browser, flagged) -> None:
    editor, page = browser("editor"), f"/submissions/{flagged}"
    text = editor.get(page).text
    assert "0 of 2 quotes heard" in text
    assert "to be heard before approval: 1" in text
    key = keys(text)[1]
    refused = editor.post(f"{page}/approve", headers={"Accept": "application/json"})
    assert refused.status_code == 409
    assert "апреле" in refused.get_json()["message"]
    assert editor.get(f"{page}/provenance.json").status_code == 404
    ticked = editor.post(f"{page}/heard", {"key": key, "played_s": "3.2"}).get_json()
    assert (ticked["heard"], ticked["waits"]) == (True, False)
    assert "1 of 2 quotes heard" in ticked["count"]
    assert "Heard by Editor" in ticked["note"]
    assert f'data-stamp="{ticked["checks"]}"' in editor.get(page).text
    assert editor.post(f"{page}/approve").status_code == 302
    record = editor.get(f"{page}/provenance.json")
    assert record.headers["Content-Disposition"].endswith('.provenance.json"')
    assert [quote["heard_by"] for quote in record.get_json()["quotes"]] == [None, "Editor"]


@pytest.mark.parametrize(("wish", "status"), [
    ({"key": "0" * 32}, 409), ({"played_s": "0.1"}, 422),
    ({"played_s": "much"}, 422), ({"played_s": "nan"}, 422),
])  # fmt: skip
def test_a_tick_that_can_not_be_is_refused(browser, flagged, wish, status) -> None:
    author, page = browser("author"), f"/submissions/{flagged}"
    key = keys(author.get(page).text)[0]
    assert author.post(f"{page}/heard", {"key": key, **wish}).status_code == status


def test_a_flag_is_overruled_with_a_reason(browser, flagged) -> None:
    editor, page = browser("editor"), f"/submissions/{flagged}"
    key = keys(editor.get(page).text)[1]
    pane = editor.post(f"{page}/overrule", {"key": key, "why": "Он прислал <поправку>."}).text
    assert "Overruled: Он прислал &lt;поправку&gt;." in pane
    assert "to be heard before approval" not in pane
    assert editor.post(f"{page}/approve").status_code == 302


def test_readers_get_the_short_record_and_no_names(app, house, browser, flagged) -> None:
    editor, page = browser("editor"), f"/submissions/{flagged}"
    key = keys(editor.get(page).text)[1]
    editor.post(f"{page}/heard", {"key": key})
    assert editor.post(f"{page}/publish").status_code == 302
    while advance(house.works):
        pass
    with house.db.read() as session:
        slug = session.query(Submission).one().slug
    anyone = browser()
    assert f"/articles/{slug}/provenance.json" in anyone.get(f"/articles/{slug}").text
    told = anyone.get(f"/articles/{slug}/provenance.json").get_json()
    assert [quote["grade"] for quote in told["quotes"]] == ["exact", "edited"]
    assert told["models"]["transcribe"] == {"backend": "fake", "model": "fake-asr"}
    assert "Editor" not in json.dumps(told)
    with house.db.write() as session:
        token = accounts.new_api_key(session, session.query(User).filter_by(role="viewer").one(), NOW)
    headers = {"Authorization": f"Bearer {token}"}
    record = app.test_client().get(f"/api/v1/tasks/{flagged}/provenance", headers=headers).get_json()
    assert record["article"]["sha256"] == told["sha256"]
    assert record["quotes"][1]["heard_by"] == "Editor"
    editor.post(f"{page}/unpublish")
    assert anyone.get(f"/articles/{slug}/provenance.json").status_code == 404
    assert app.test_client().get(f"/api/v1/tasks/{flagged}/provenance", headers=headers).status_code == 404


def test_pointers_ticks_and_chips_outlive_a_markdown_file(browser, flagged) -> None:
    editor, page = browser("editor"), f"/submissions/{flagged}"
    before = keys(editor.get(page).text)
    editor.post(f"{page}/heard", {"key": before[1]})
    text = editor.get(f"{page}/article.md").text
    assert text.count("(#s2)") == 2
    file = (io.BytesIO(text.replace("Смету", "Новую смету").encode()), "article.md")
    sent = editor.post(f"{page}/import", {"file": file}, content_type="multipart/form-data")
    assert sent.status_code == 302
    after = editor.get(page).text
    assert "Новую смету" in after
    assert keys(after) == before
    assert "1 of 2 quotes heard" in after
    assert re.search(r'<p data-sources="2">', after)
