"""The buttons beside a flagged quote, at the HTML and JSON doors."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from automation.models import Draft, Status, Submission
from tests.fakes import NOW

BODY = """О мосте. **Он** стар.

> Ремонт стоил сорок миллионов. [0:01](#s3)

Инженер: «Мост откроют в апреле», — и всё.

> Ремонт стоил сорок миллионов. [0:01](#s3)
"""
JSON = {"Accept": "application/json"}


@pytest.fixture
def flagged(people, browser, reviewed) -> str:
    """A submission with a quote that ends early, twice, and one with a word nobody said."""
    form = {"base_rev": "1", "title": "Мост", "dek": "Под заголовком", "body": BODY, "tags": "мост, город",
            "description": "О мосте", "slug": "most"}  # fmt: skip
    assert browser("author").post(f"/submissions/{reviewed}/draft", form).status_code == 200
    return reviewed


def forms(text: str) -> list[dict[str, str]]:
    """The fields of each form that mends a quote, in the order of the page."""
    found = re.findall(r"<form[^>]* data-mend .*?</form>", text, re.DOTALL)
    return [dict(re.findall(r'name="((?!csrf)\w+)" value="([^"]*)"', form)) for form in found]


def versions(house) -> list[Draft]:
    with house.db.read() as session:
        return list(session.scalars(select(Draft).order_by(Draft.rev)))


def test_the_ellipsis_is_a_version_of_its_own_with_nothing_else_changed(
    house, people, browser, flagged
) -> None:
    author, page = browser("author"), f"/submissions/{flagged}"
    wishes = forms(author.get(page).text)
    assert [(wish["act"], wish["number"]) for wish in wishes] == [
        ("ellipsis", "0"),
        ("said", "1"),
        ("ellipsis", "2"),
    ]
    data = author.post(f"{page}/quotes/mend", wishes[2], headers=JSON).get_json()
    head, _, tail = BODY.rpartition("миллионов.")
    assert data["body"] == f"{head}миллионов…{tail}"
    assert data["quotes"].count('data-testid="mend-ellipsis"') == 1
    assert "to be heard before approval: 2" in data["count"]
    before, after = versions(house)[-2:]
    assert (before.body, after.body, after.rev, data["rev"]) == (
        BODY,
        data["body"],
        before.rev + 1,
        after.rev,
    )
    same = ("title", "dek", "tags", "description", "slug", "social", "format", "titles")
    assert [getattr(before, name) for name in same] == [getattr(after, name) for name in same]
    assert (after.kind, after.by_id) == ("human", people["author"])


def test_the_words_as_they_were_said_are_shown_before_they_are_put(browser, flagged) -> None:
    author, page = browser("author"), f"/submissions/{flagged}"
    text = author.get(f"{page}/checks").text
    change = re.search(r'data-testid="mend-change">(.*?)</p>', text)
    assert change
    assert change[1] == "Мост откроют в <del>апреле</del><ins>марте</ins>"
    assert "The version before stays in the list of versions." in text
    data = author.post(f"{page}/quotes/mend", forms(text)[1], headers=JSON).get_json()
    assert data["body"] == BODY.replace("апреле", "марте")
    assert re.findall(r'data-grade="(\w+)"', data["quotes"]) == ["edited", "exact", "edited"]


def test_a_conflict_is_answered_as_the_editors_save_is(house, browser, flagged) -> None:
    author, page = browser("author"), f"/submissions/{flagged}"
    wish = forms(author.get(page).text)[0]
    form = {
        "base_rev": wish["base_rev"],
        "title": "Мост",
        "dek": "",
        "body": "Новый текст.",
        "tags": "",
        "description": "",
    }
    assert browser("editor").post(f"{page}/draft", form).status_code == 200
    late = author.post(f"{page}/quotes/mend", wish, headers=JSON)
    assert late.status_code == 409
    assert (late.get_json()["theirs"]["body"], late.get_json()["theirs"]["by"]) == ("Новый текст.", "Editor")
    assert versions(house)[-1].body == "Новый текст."


@pytest.mark.parametrize(("change", "status"), [
    ({"key": "0" * 32}, 409), ({"number": "1"}, 409), ({"number": "9"}, 409), ({"number": "-1"}, 409),
    ({"number": "x"}, 422), ({"base_rev": ""}, 422), ({"act": "better"}, 422), ({"act": "said"}, 409),
    ({"format": "brief"}, 404),
])  # fmt: skip
def test_a_wish_that_can_not_be_is_refused_and_nothing_is_kept(
    house, browser, flagged, change, status
) -> None:
    author, page = browser("author"), f"/submissions/{flagged}"
    wish = forms(author.get(page).text)[0]
    known = len(versions(house))
    assert author.post(f"{page}/quotes/mend", {**wish, **change}, headers=JSON).status_code == status
    assert len(versions(house)) == known


def test_a_correction_of_the_transcript_meanwhile_is_a_conflict(house, browser, flagged) -> None:
    author, page = browser("author"), f"/submissions/{flagged}"
    wish = forms(author.get(page).text)[1]
    assert author.post(f"{page}/lines/2", {"text": "Мост откроют в мае."}).status_code == 200
    assert author.post(f"{page}/quotes/mend", wish, headers=JSON).status_code == 409
    again = forms(author.get(page).text)[1]
    data = author.post(f"{page}/quotes/mend", again, headers=JSON).get_json()
    assert "«Мост откроют в мае»" in data["body"]


@pytest.mark.parametrize("status", [Status.APPROVED, Status.PUBLISHED])
def test_nobody_is_offered_it_who_may_not_save_the_article(house, browser, flagged, status) -> None:
    page = f"/submissions/{flagged}"
    wish = forms(browser("author").get(page).text)[0]
    viewer, editor = browser("viewer"), browser("editor")
    assert forms(viewer.get(page).text) == []
    assert viewer.post(f"{page}/quotes/mend", wish, headers=JSON).status_code == 403
    with house.db.write() as session:
        submission = session.scalars(select(Submission).where(Submission.task_id == flagged)).one()
        submission.status, submission.approved_at = status, NOW
        submission.slug = "most"
    assert forms(editor.get(page).text) == []
    assert editor.post(f"{page}/quotes/mend", wish, headers=JSON).status_code == 409
