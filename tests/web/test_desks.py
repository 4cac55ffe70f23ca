"""The desks' pages, and the glossary on the submission page."""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import select

from automation.models import Desk, Submission, Term, TermSuggestion


@pytest.fixture
def desk_id(house) -> int:
    with house.db.read() as session:
        return session.scalars(select(Desk)).one().id


def term_of(house, name: str) -> Term:
    with house.db.read() as session:
        return session.scalars(select(Term).where(Term.canonical == name)).one()


def test_an_editor_keeps_desks(house, people, browser, desk_id) -> None:
    editor = browser("editor")
    assert "Newsroom" in editor.get("/desks").text
    assert "Remove the desk" not in editor.get(f"/desks/{desk_id}").text
    made = editor.post("/desks", {"name": "Культура"})
    assert made.status_code == 302
    assert editor.post("/desks", {"name": "культура"}).status_code == 409
    page = editor.get(made.location).text
    assert "Remove the desk" in page
    answer = editor.post(made.location, {"name": "Культура и быт", "house_style": "Без восклицаний."})
    assert answer.status_code == 302
    assert "Без восклицаний." in editor.get(made.location).text
    assert editor.post(f"{made.location}/remove").status_code == 302
    assert editor.post(f"/desks/{desk_id}/remove").status_code == 409
    assert editor.get("/desks/999").status_code == 404


def test_a_desk_has_a_look_of_its_own(house, people, browser, desk_id) -> None:
    editor = browser("editor")
    url = f"/desks/{desk_id}/covers"
    form = {"backends": "fake", "style": "culture", "steps": "40", "size": "1024x576"}
    assert editor.post(url, form).status_code == 302
    page = editor.get(f"/desks/{desk_id}").text
    assert 'value="40"' in page
    assert 'value="1024x576"' in page
    for wrong in ({"steps": "9"}, {"backends": "nobody"}, {"style": "x"}, {"size": "wide"}):
        assert editor.post(url, {**form, **wrong}).status_code == 422, wrong
    with house.db.read() as session:
        kept = session.get_one(Desk, desk_id).covers
    assert kept == {"backends": ["fake"], "style": "culture", "steps": 40, "size_px": [1024, 576]}
    assert browser("author").post(url, form).status_code == 403


def test_terms_are_added_changed_removed_and_carried_as_csv(house, people, browser, desk_id) -> None:
    editor, base = browser("editor"), f"/desks/{desk_id}"
    fields = {"term": "Кривий Ріг", "variants": "Кривый Рог, Кривой Рог", "kind": "place", "note": "місто"}
    assert editor.post(f"{base}/terms", fields).status_code == 302
    assert editor.post(f"{base}/terms", fields).status_code == 409
    assert editor.post(f"{base}/terms", {"term": "!", "kind": "place"}).status_code == 422
    one = term_of(house, "Кривий Ріг")
    assert one.variants == ["Кривый Рог", "Кривой Рог"]
    changed = editor.post(f"{base}/terms/{one.id}", {**fields, "variants": "Кривый Рог"})
    assert changed.status_code == 302
    assert term_of(house, "Кривий Ріг").variants == ["Кривый Рог"]
    sheet = editor.get(f"{base}/glossary.csv")
    assert sheet.headers["Content-Disposition"] == 'attachment; filename="glossary-newsroom.csv"'
    assert editor.post(f"{base}/terms/{one.id}/remove").status_code == 302
    sent = {"file": (io.BytesIO(sheet.data), "g.csv"), "csrf_token": editor.token}
    page = editor.client.post(f"{base}/import", data=sent, content_type="multipart/form-data")
    assert "Added: 1, changed: 0." in page.text
    assert term_of(house, "Кривий Ріг").note == "місто"
    bad = {"file": (io.BytesIO(b"Rome,,planet,\n"), "g.csv"), "csrf_token": editor.token}
    answer = editor.client.post(f"{base}/import", data=bad, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "Line 1 of the file: The kind must be one of" in answer.text


def test_a_correction_is_offered_remembered_applied_and_undone(house, people, browser, reviewed) -> None:
    author = browser("author")
    base = f"/submissions/{reviewed}"
    answer = author.post(f"{base}/lines/1", {"text": "Когда откроют Гнездниковский?"})
    assert 'data-testid="offer"' in answer.text
    assert "<s>мост</s> → <b>Гнездниковский</b>" in answer.text
    assert 'data-testid="apply-glossary"' not in author.get(f"{base}/transcript").text
    with house.db.read() as session:
        number = session.scalars(select(TermSuggestion)).one().id
    text = author.post(f"{base}/suggestions/{number}", {"act": "accept"}).text
    assert 'data-testid="offer"' not in text
    assert 'data-testid="glossed"' not in text  # nothing is changed silently
    text = author.post(f"{base}/glossary").text
    assert "words changed: 1" in text
    assert re.search(r'class="w glossed"[^>]*title="Glossary: heard “Мост”">Гнездниковский<', text)
    mark = re.search(r"/glossary/(\d+)/undo", text)
    text = author.post(f"{base}/glossary/{mark[1]}/undo").text
    assert "glossed" not in text
    assert "glossed" not in author.post(f"{base}/glossary").text
    assert author.post(f"{base}/glossary/999999/undo").status_code == 404
    assert author.post(f"{base}/suggestions/999999").status_code == 404


def test_a_dismissed_correction_is_not_offered_again(house, people, browser, reviewed, desk_id) -> None:
    author, path = browser("author"), f"/submissions/{reviewed}/lines/1"
    author.post(path, {"text": "Когда откроют Гнездниковский?"})
    with house.db.read() as session:
        number = session.scalars(select(TermSuggestion)).one().id
    editor = browser("editor")
    assert "Гнездниковский" in editor.get(f"/desks/{desk_id}").text
    assert editor.post(f"/desks/{desk_id}/suggestions/{number}", {"act": "dismiss"}).status_code == 302
    assert "Гнездниковский" not in editor.get(f"/desks/{desk_id}").text
    assert 'data-testid="offer"' not in author.post(path, {"text": "Где Гнездниковский?"}).text


def test_a_submission_changes_desks_until_it_is_approved(house, people, browser, reviewed) -> None:
    editor = browser("editor")
    number = int(editor.post("/desks", {"name": "Культура"}).location.rsplit("/", 1)[1])
    assert 'data-testid="desk-pick"' in editor.get(f"/submissions/{reviewed}").text
    assert editor.post(f"/submissions/{reviewed}/desk", {"desk": number}).status_code == 302
    assert editor.post(f"/submissions/{reviewed}/desk", {"desk": 999}).status_code == 404
    assert editor.post(f"/submissions/{reviewed}/desk", {}).status_code == 422
    with house.db.read() as session:
        assert session.scalars(select(Submission)).one().desk_id == number
    assert 'data-testid="row"' in editor.get(f"/?desk={number}").text
    assert 'data-testid="row"' not in editor.get("/?desk=1").text
    assert editor.post(f"/submissions/{reviewed}/approve").status_code == 302
    assert 'data-testid="desk-pick"' not in editor.get(f"/submissions/{reviewed}").text
    assert editor.post(f"/submissions/{reviewed}/desk", {"desk": 1}).status_code == 409


def chosen(text: str, name: str) -> str:
    select_html = re.search(rf'id="upload-{name}".*?</select>', text, re.DOTALL)
    return re.search(r"<option([^>]*) selected>([^<]*)", select_html[0])[2]


def test_the_upload_form_proposes_what_was_chosen_last(people, browser, tmp_path) -> None:
    from tests.fakes import recording

    author, editor = browser("author"), browser("editor")
    assert chosen(author.get("/").text, "language") == "Русский"
    author.get("/lang/uk")
    assert chosen(author.get("/").text, "language") == "Українська"
    author.get("/lang/en")
    assert 'id="upload-desk"' not in author.get("/").text
    editor.post("/desks", {"name": "Культура"})
    sent = author.client.post(
        "/upload?filename=a.wav&language=en&desk=Культура",
        data=recording(tmp_path / "a.wav").read_bytes(),
        content_type="application/octet-stream",
        headers={"X-CSRFToken": author.token, "Accept": "application/json"},
    )
    assert sent.status_code == 201
    page = author.get("/").text
    assert (chosen(page, "language"), chosen(page, "desk")) == ("English", "Культура")
